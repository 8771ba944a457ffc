"""The fast tier: a text as a bag of word pieces, coded in microseconds where that is certain.

By itself it answers only what its own rule lets software close, and there it gave the code of the whole model on texts
that training had not seen, but for a stated share; everything else goes to the whole model, in which it is one voice of
three. The card says what that cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cop.classification.coder.calibration import Array, Calibration, Flags
from cop.classification.coder.encoder import Floats, Integers, Vocabulary
from cop.classification.coder.features import readable, unit_rows
from cop.classification.coder.fitting import balanced, class_kernel, fit, gram
from cop.classification.coder.language import UNKNOWN
from cop.classification.coder.ngrams import Matrix

_PAIR_BITS = 17
_LEAST = 2
_PENALTY = 0.1
_STEPS = 60
_SMOOTHING = 0.5


@dataclass(frozen=True, eq=False)
class FastTier:
    """Weights of pieces and of pairs of pieces in a row.

    Attributes:
        columns: (n_features,) int32: the column of each feature (pieces first, then hashed pairs), -1 for none.
        idf: (width,) weights of columns.
        weights: (width, n_codes) float32.
        calibration: of its scores; its rule says where it may answer.
    """

    columns: NDArray[np.int32]
    idf: Floats
    weights: Floats
    calibration: Calibration

    def scores(self, texts: Sequence[str], vocabulary: Vocabulary) -> Array:
        """(n, n_codes) scores before calibration."""
        return np.asarray(_matrix(texts, vocabulary, self.columns, self.idf) @ self.weights, np.float64)

    def answers(self, texts: Sequence[str], vocabulary: Vocabulary, reserved: Flags) -> tuple[Array, Flags, Flags]:
        """Probabilities (n, n_codes), class sets, and which texts (n,) it answers: never with a reserved code."""
        scores = self.scores(texts, vocabulary)
        known = self.calibration.probabilities(scores, [UNKNOWN] * len(scores))
        members = self.calibration.sets(known)
        return known, members, self.calibration.rule.allows(known, members, reserved)


def fit_fast(
    texts: Sequence[str], labels: Integers, weights: Array, codes: Sequence[str], vocabulary: Vocabulary
) -> tuple[NDArray[np.int32], Floats, Floats]:
    """Columns, their weights by rarity, and class weights of a fast tier for these texts."""
    owner, feature = _features(texts, vocabulary)
    size = len(vocabulary) + (1 << _PAIR_BITS)
    pairs = np.unique(owner * size + feature)
    used = np.bincount(pairs % size, minlength=size)
    kept = np.flatnonzero(used >= _LEAST)
    columns = np.full(size, -1, np.int32)
    columns[kept] = np.arange(len(kept), dtype=np.int32)
    idf = (np.log((1 + len(texts)) / (1 + used[kept])) + 1.0).astype(np.float32)
    matrix = _matrix(texts, vocabulary, columns, idf)
    classes = class_kernel(codes, section=_SMOOTHING, parent=_SMOOTHING)
    dual = fit(
        gram(matrix), labels, balanced(labels, weights, len(codes)), classes, penalty=_PENALTY, steps=_STEPS
    )  # fmt: skip
    return columns, idf, (matrix.T @ (dual @ classes.astype(np.float32))).astype(np.float32)


def _features(texts: Sequence[str], vocabulary: Vocabulary) -> tuple[Integers, Integers]:
    """(text, feature) of every piece and of every two in a row, repeats included."""
    flat, sizes = vocabulary.pieces(readable(texts))
    owner = np.repeat(np.arange(len(texts)), sizes)
    within = owner[:-1] == owner[1:]
    mixed = (flat[:-1] * 0x9E3779B1 + flat[1:]) * 0x85EBCA6B
    pair = (mixed >> 20) & ((1 << _PAIR_BITS) - 1)
    return np.concatenate([owner, owner[:-1][within]]), np.concatenate([flat, len(vocabulary) + pair[within]])


def _matrix(texts: Sequence[str], vocabulary: Vocabulary, columns: NDArray[np.int32], idf: Floats) -> Matrix:
    owner, feature = _features(texts, vocabulary)
    column = columns[feature]
    kept = column >= 0
    counts = sparse.csr_array(
        (np.ones(int(kept.sum()), np.float32), (owner[kept], column[kept])), shape=(len(texts), len(idf))
    )
    counts.sum_duplicates()
    counts.data = (1.0 + np.log(counts.data)) * idf[counts.indices]
    return unit_rows(counts, 1.0)
