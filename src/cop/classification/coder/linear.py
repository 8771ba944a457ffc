"""The linear part of the coder: sparse towers learnt from texts, and weights fitted over all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cop.classification.coder.concepts import names
from cop.classification.coder.features import Batch, Concepts, Terms, Tower, learn_ngrams
from cop.classification.coder.fitting import balanced, class_kernel, fit, gram
from cop.classification.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Settings:
    """How much each tower counts, how much classes lend one another, and how hard weights are held down.

    Chosen by cross-validation on the first writer's texts and by transfer from them to the classification's own notes.
    """

    words: float = 1.0
    characters: float = 1.0
    concepts: float = 0.316
    terms: float = 0.316
    section: float = 0.5
    parent: float = 0.5
    penalty: float = 0.1
    steps: int = 60


Fitted = tuple[tuple[Tower, ...], tuple[NDArray[np.float32], ...]]
"""Towers, and for each its weights of shape (width, n_codes)."""


def fit_linear(
    batch: Batch,
    labels: NDArray[np.int64],
    weights: NDArray[np.float64],
    scheme: Scheme,
    codes: Sequence[str],
    settings: Settings,
) -> Fitted:
    """Sparse towers learnt from the texts, and their weights; every code counts the same, classes are smoothed.

    Args:
        batch: training texts with their languages.
        labels: (n,) numbers of their codes.
        weights: (n,) how much each counts before codes are brought to one total.
        scheme: the classification whose index terms are a tower.
        codes: the codes by number.
        settings: of the fit.
    """
    towers: tuple[Tower, ...] = (
        learn_ngrams("words", batch, settings.words),
        learn_ngrams("characters", batch, settings.characters),
        _learn_concepts(batch, settings.concepts),
        index_terms(scheme, settings.terms),
    )
    matrix = sparse.hstack([tower.matrix(batch) for tower in towers], format="csr")
    classes = class_kernel(codes, section=settings.section, parent=settings.parent)
    dual = fit(
        gram(matrix), labels, balanced(labels, weights, len(codes)), classes,
        penalty=settings.penalty, steps=settings.steps,
    )  # fmt: skip
    joint = (matrix.T @ (dual @ classes.astype(np.float32))).astype(np.float32)
    ends = np.cumsum([tower.width for tower in towers])[:-1]
    return towers, tuple(np.split(joint, ends))


def index_terms(scheme: Scheme, scale: float) -> Terms:
    """The classification's index as a tower."""
    classes = [node for node in scheme.nodes if node.index]
    terms: dict[str, list[tuple[str, int]]] = {}
    for number, node in enumerate(classes):
        for language, entries in node.index.items():
            terms.setdefault(language, []).extend((term, number) for term in entries)
    return Terms(tuple(node.code for node in classes), terms, scale)


def _learn_concepts(batch: Batch, scale: float) -> Concepts:
    """Concepts weighted by how few texts speak of them."""
    plain = Concepts(np.ones(2 * len(names())), 1.0).matrix(batch)
    used = np.bincount(plain.indices, minlength=plain.shape[1])
    idf = np.log((1 + len(batch.texts)) / (1 + used)) + 1.0
    return Concepts(idf.astype(np.float16).astype(np.float64), scale)
