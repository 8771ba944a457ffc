"""Hashed n-grams of words and characters, computed for a whole batch at once.

Python loops over characters would be the slowest part of the coder; here the batch is one array of code points, and
every n-gram's hash comes from array operations. Character n-grams (2-5, with the spaces at a word's ends) stay within
words; Chinese text, written without spaces, is one word per clause, so they run along the clause. Words count alone and
in pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

BITS = 20
"""Hash values have this many bits; which of them have a column is learnt in training."""

_CHARACTERS = (2, 3, 4, 5)
_SPACE = ord(" ")
_STEP = np.uint64(0x100000001B3)
_U = np.uint64
Matrix: TypeAlias = Any
"""A SciPy sparse array, for which there are no types."""

Counts = tuple[NDArray[np.int64], NDArray[np.int64]]


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64: every input bit reaches every output bit."""
    values = (values ^ (values >> _U(30))) * _U(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> _U(27))) * _U(0x94D049BB133111EB)
    return values ^ (values >> _U(31))


def _fold(values: NDArray[np.uint64]) -> NDArray[np.int64]:
    return (_mix(values) >> _U(64 - BITS)).astype(np.int64)


def _points(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Code points of all texts in a row, each text between spaces, and the text each belongs to."""
    padded = [f" {text} " for text in texts]
    points = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    owner = np.repeat(np.arange(len(padded)), [len(p) for p in padded])
    return points, owner


def characters(texts: Sequence[str]) -> Counts:
    """(text, hash) of every character n-gram within a word, repeats included."""
    points, owner = _points(texts)
    spaces = np.concatenate([[0], np.cumsum(points == _SPACE)])
    owners: list[NDArray[np.int64]] = []
    hashes: list[NDArray[np.int64]] = []
    running = points.copy()
    for n in range(2, max(_CHARACTERS) + 1):
        last = len(points) - n + 1
        if last <= 0:
            break
        running = running[:last] * _STEP + points[n - 1 :]
        inside = spaces[n - 1 : n - 1 + last] - spaces[1 : 1 + last]
        kept = (inside == 0) & (owner[:last] == owner[n - 1 :])
        if n == 2:  # a space and a letter say little
            kept &= (points[:last] != _SPACE) & (points[1:] != _SPACE)
        hashes.append(_fold(running[kept] + _U(n)))
        owners.append(owner[:last][kept])
    return _joined(owners, hashes)


def words(texts: Sequence[str]) -> Counts:
    """(text, hash) of every word and of every two words in a row, repeats included."""
    points, owner = _points(texts)
    letter = points != _SPACE
    starts = np.flatnonzero(letter & np.concatenate([[True], ~letter[:-1]]))
    if not len(starts):
        return _joined([], [])
    number = np.maximum(np.cumsum(letter & np.concatenate([[True], ~letter[:-1]])) - 1, 0)
    place = np.arange(len(points)) - starts[number]
    scrambled = np.where(letter, _mix(points * _STEP + place.astype(np.uint64)), _U(0))
    single = np.add.reduceat(scrambled, starts)
    belongs = owner[starts]
    pair = _mix(single[:-1]) * _STEP + single[1:] + _U(2)
    within = belongs[:-1] == belongs[1:]
    return _joined([belongs, belongs[:-1][within]], [_fold(single + _U(1)), _fold(pair[within])])


def _joined(owners: list[NDArray[np.int64]], hashes: list[NDArray[np.int64]]) -> Counts:
    if not owners:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate(owners), np.concatenate(hashes)


def table(counts: Counts, rows: int, columns: NDArray[np.int32], width: int) -> Matrix:
    """Counts per text as a sparse matrix of shape (rows, width).

    Args:
        counts: what `characters` or `words` gave.
        rows: number of texts.
        columns: (2**BITS,) int32: the column of each hash, -1 for a hash without one.
        width: number of columns.
    """
    owner, hashed = counts
    column = columns[hashed]
    kept = column >= 0
    matrix = sparse.csr_array(
        (np.ones(int(kept.sum())), (owner[kept], column[kept])), shape=(rows, width), dtype=np.float64
    )
    matrix.sum_duplicates()
    return matrix
