"""Scores of texts by models that did not see them, and the final weights: training without its files."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cop.classification.coder.concepts import names
from cop.classification.coder.corpus import Passage, Summary
from cop.classification.coder.features import Batch, Concepts, Tower, learn_ngrams
from cop.classification.coder.fitting import Array, balanced, class_kernel, fit, gram
from cop.classification.coder.ngrams import Matrix

FOLDS = 5
KIND_WEIGHTS = {
    "index": 0.3, "name": 0.3, "definition": 0.5, "inclusion": 0.5, "exclusion": 0.5, "example": 1.0, "post": 0.1,
}  # fmt: skip
"""Weight of a passage beside a text of the corpus."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What was chosen by cross-validation on the corpus and by transfer from it to the classification's own notes."""

    words: float = 1.0
    characters: float = 1.0
    concepts: float = 0.316
    section: float = 0.5
    parent: float = 0.5
    penalty: float = 0.1
    steps: int = 60


class Material:
    """All training texts as numbers: the corpus first, then passages.

    Attributes:
        towers: the towers learnt from the texts.
        matrix: (n, width) sparse, the towers side by side.
        labels: (n,) numbers of the codes.
        folds: (n_corpus,) the fold of each text of the corpus.
    """

    def __init__(
        self, corpus: Sequence[Summary], passages: Sequence[Passage], codes: Sequence[str], settings: Settings
    ) -> None:
        self.settings = settings
        self.codes = tuple(codes)
        self.size = len(corpus)
        number = {code: n for n, code in enumerate(codes)}
        self.labels = np.array([number[t.code] for t in (*corpus, *passages)])
        self.weights = np.array([1.0] * len(corpus) + [KIND_WEIGHTS[p.kind] for p in passages])
        self.folds = np.array([zlib.crc32(s.fold_key.encode()) % FOLDS for s in corpus])
        batch = Batch(tuple(t.text for t in (*corpus, *passages)), tuple(t.language for t in (*corpus, *passages)))
        self.towers: tuple[Tower, ...] = (
            learn_ngrams("words", batch, settings.words),
            learn_ngrams("characters", batch, settings.characters),
            _learn_concepts(batch, self.size, settings.concepts),
        )
        self.matrix: Matrix = sparse.hstack([t.matrix(batch) for t in self.towers], format="csr")
        self.kernel = gram(self.matrix)
        self.classes = class_kernel(codes, section=settings.section, parent=settings.parent)

    def fitted(self, chosen: NDArray[np.int64]) -> NDArray[np.float32]:
        """(n_chosen, n_codes) coefficients of the chosen training texts, classes smoothed."""
        weights = balanced(self.labels[chosen], self.weights[chosen], len(self.codes))
        dual = fit(
            self.kernel[np.ix_(chosen, chosen)], self.labels[chosen], weights, self.classes,
            penalty=self.settings.penalty, steps=self.settings.steps,
        )  # fmt: skip
        return dual @ self.classes.astype(np.float32)

    def cross_fitted(self) -> Array:
        """(n_corpus, n_codes) scores of each text of the corpus by a model that did not see its fold."""
        scores = np.zeros((self.size, len(self.codes)))
        everything = np.arange(len(self.labels))
        for fold in range(FOLDS):
            held = np.flatnonzero(self.folds == fold)
            if len(held):
                others = np.setdiff1d(everything, held)
                scores[held] = self.kernel[np.ix_(held, others)] @ self.fitted(others)
        return scores

    def final_weights(self) -> tuple[NDArray[np.float32], ...]:
        """Weights of a model fitted to everything, one (width, n_codes) array per tower."""
        joint = (self.matrix.T @ self.fitted(np.arange(len(self.labels)))).astype(np.float32)
        ends = np.cumsum([tower.width for tower in self.towers])[:-1]
        return tuple(np.split(joint, ends))


def _learn_concepts(batch: Batch, size: int, scale: float) -> Concepts:
    """Concepts weighted by how few texts of the corpus (the first `size`) speak of them."""
    plain = Concepts(np.ones(2 * len(names())), 1.0).matrix(batch)[:size]
    used = np.bincount(plain.indices, minlength=plain.shape[1])
    idf = np.log((1 + size) / (1 + used)) + 1.0
    return Concepts(idf.astype(np.float16).astype(np.float64), scale)
