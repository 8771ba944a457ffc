"""A clause as hashed n-grams: words alone and in pairs, and runs of four characters.

All clauses of a document are hashed at once with arrays: no text is kept, no vocabulary is stored, and a document of
7,000 words takes milliseconds. The digits of a text are read as 0, so that "30 days" and "90 days" are one feature:
what a number decides is for the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

WORD_BITS = 17
CHARACTER_BITS = 17
WIDTH = (1 << WORD_BITS) + (1 << CHARACTER_BITS)
"""Columns: those of words and pairs of words first, those of runs of characters after them."""

_LENGTH = 4
_BASE = 0x100000001B3  # odd, so that it has an inverse modulo 2^64
_INVERSE = pow(_BASE, -1, 1 << 64)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_BREAK = "\n"

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of some texts, one entry an occurrence.

    Attributes:
        rows: (n,) int64: the text of each occurrence, not falling within words and within characters.
        columns: (n,) int64: its column, below `WIDTH`.
        words: how many of the first entries are words and pairs; the rest are runs of characters.
        texts: number of texts.
    """

    rows: Integers
    columns: Integers
    words: int
    texts: int


def plain(text: str) -> str:
    """The text as it is hashed: lower case, plain quotes, single spaces around it and between words."""
    lowered = text.lower().replace("\u2019", "'").replace("\u201c", '"').replace("\u201d", '"')
    return f" {' '.join(lowered.split())} "


def grams(texts: Sequence[str]) -> Grams:
    """The n-grams of each text. Texts are hashed by themselves: no run of characters crosses from one into the next."""
    joined = _BREAK.join(plain(text) for text in texts) + _BREAK
    codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32).astype(np.int64)
    kinds = _kinds()[np.minimum(codes, 0xFFFF)]
    codes = np.where(kinds == _DIGIT, ord("0"), codes)
    breaks = codes == ord(_BREAK)
    row_of = np.concatenate([[0], np.cumsum(breaks)[:-1]])
    word_rows, word_columns = _words(codes, kinds, row_of)
    run_rows, run_columns = _runs(codes, breaks, row_of)
    return Grams(
        np.concatenate([word_rows, run_rows]), np.concatenate([word_columns, run_columns]), len(word_rows), len(texts)
    )


_OTHER, _LETTER, _DIGIT = 0, 1, 2


@cache
def _kinds() -> NDArray[np.int8]:
    """What each character of the basic plane is: part of a word, a digit, or neither."""
    return np.fromiter(
        (_DIGIT if chr(c).isdecimal() else _LETTER if chr(c).isalpha() or c in (0x27, 0xFFFF) else _OTHER
         for c in range(0x10000)), np.int8, 0x10000,
    )  # fmt: skip


def _words(codes: Integers, kinds: NDArray[np.int8], row_of: Integers) -> tuple[Integers, Integers]:
    inside = kinds != _OTHER
    edges = np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    if not len(starts):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    powers, inverses = (values[: len(codes)] for values in _powers(max(1 << 16, 1 << len(codes).bit_length())))
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum((codes + 1).astype(np.uint64) * powers)])
    singles = (sums[ends] - sums[starts]) * inverses[starts]
    rows = row_of[starts]
    neighbours = np.flatnonzero(rows[1:] == rows[:-1])
    pairs = singles[neighbours] * np.uint64(0x100000001B5) + singles[neighbours + 1] * np.uint64(0x2545F4914F6CDD1D)
    hashed = np.concatenate([singles, pairs])
    return np.concatenate([rows, rows[neighbours]]), _buckets(hashed, WORD_BITS)


def _runs(codes: Integers, breaks: NDArray[np.bool_], row_of: Integers) -> tuple[Integers, Integers]:
    length = max(0, len(codes) - _LENGTH + 1)
    values = (codes + 1).astype(np.uint64)
    hashed = np.full(length, np.uint64(_LENGTH))
    broken = np.zeros(length, np.bool_)
    for i in range(_LENGTH):
        hashed = hashed * np.uint64(_BASE) + values[i : i + length]
        broken |= breaks[i : i + length]
    kept = np.flatnonzero(~broken)
    return row_of[kept], _buckets(hashed[kept], CHARACTER_BITS) + (1 << WORD_BITS)


def _buckets(hashed: NDArray[np.uint64], bits: int) -> Integers:
    mixed = (hashed ^ (hashed >> np.uint64(29))) * _MIX
    return (mixed >> np.uint64(64 - bits)).astype(np.int64)


@cache
def _powers(length: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Powers of the base and of its inverse modulo 2^64; lengths are powers of two, so that few are kept."""
    base = np.full(length, np.uint64(_BASE))
    inverse = np.full(length, np.uint64(_INVERSE))
    base[0] = inverse[0] = 1
    return np.cumprod(base, dtype=np.uint64), np.cumprod(inverse, dtype=np.uint64)
