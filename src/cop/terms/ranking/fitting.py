"""Fitting: linear scorers on hashed n-grams, and heads that turn scores and rules into chances.

Everything is cross-fitted over families of providers: a head and a confidence are fitted on scores of models that had
not seen the family. All of it is deterministic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from cop.kernel.progress import SILENT, Progress
from cop.terms.ranking.examples import CODES, FOLDS, Example
from cop.terms.ranking.features import WIDTH, grams
from cop.terms.ranking.ranker import FEATURES, Ranker

Array = NDArray[np.float32]

_PENALTY = 0.25
_LEAST_TEXTS = 2
_KEPT = 0.55
"""Share of the columns that keep their weights in the artefact: those whose weights are largest."""
_SOURCE_WEIGHT = {"quotes": 1.0, "claudette": 0.7, "documents": 0.7, "judged": 2.0, "ours": 1.5}


def marks(examples: Sequence[Example]) -> NDArray[np.int8]:
    """(n, n_codes) int8: 1 speaks of the criterion, 0 does not, -1 unknown."""
    return np.array([[e.marks.get(code, 0) for code in CODES] for e in examples], np.int8)


def matrix(texts: Sequence[str]) -> sparse.csr_matrix:
    """(n, WIDTH) float32: occurrences of each n-gram over the root of the number of n-grams of its kind."""
    found = grams(texts)
    counts = np.zeros((found.texts, 2), np.float32)
    values = np.empty(len(found.rows), np.float32)
    for i, part in enumerate((slice(None, found.words), slice(found.words, None))):
        counts[:, i] = np.bincount(found.rows[part], minlength=found.texts)
        values[part] = 1 / np.sqrt(counts[found.rows[part], i])
    rows = sparse.csr_matrix((values, (found.rows, found.columns)), shape=(found.texts, WIDTH))
    rows.sum_duplicates()
    return rows


def scorer(rows: sparse.csr_matrix, known: NDArray[np.int8], weight: Array, progress: Progress = SILENT) -> Ranker:
    """A ranker without heads from (n, WIDTH) rows, (n, n_codes) marks and (n,) weights of examples."""
    present = np.bincount(rows.indices, minlength=WIDTH)
    idf = (np.log((1 + len(known)) / (1 + present)) + 1).astype(np.float32)
    columns = np.flatnonzero(present >= _LEAST_TEXTS)
    weighed = (rows[:, columns] @ sparse.diags(idf[columns])).tocsr()
    full = np.zeros((WIDTH, len(CODES)), np.float32)
    intercepts = np.zeros(len(CODES), np.float32)
    for j in range(len(CODES)):
        use = np.flatnonzero(known[:, j] >= 0)
        target = known[use, j]
        if target.min(initial=0) == target.max(initial=0):  # no example of it: nothing to fit
            intercepts[j] = -1
            continue
        more = np.sqrt((target == 0).sum() / max(1, (target == 1).sum()))
        model = LinearSVC(C=_PENALTY, tol=0.02, max_iter=200, class_weight={0: 1.0, 1: float(more)}, random_state=0)
        model.fit(weighed[use], target, sample_weight=weight[use])
        full[columns, j] = np.ravel(model.coef_) * idf[columns]
        intercepts[j] = np.ravel(model.intercept_)[0]
        progress.advance()
    return _packed(full, intercepts)


def _packed(full: Array, intercepts: Array) -> Ranker:
    """Weights in a byte each; the columns that matter least are dropped."""
    size = np.abs(full).max(1)
    full[size < np.quantile(size[size > 0], 1 - _KEPT)] = 0
    scale = np.maximum(np.abs(full).max(0), 1e-6) / 127
    weights = np.rint(full / scale).astype(np.int8)
    heads = np.zeros((len(CODES), len(FEATURES) + 1), np.float32)
    return Ranker(CODES, weights, scale.astype(np.float32), intercepts, heads, {}, {})


def features(model: Ranker, examples: Sequence[Example]) -> Array:
    """(n, n_codes, len(FEATURES)) features of examples."""
    own = model.sums([e.text for e in examples])
    before = model.sums([e.before for e in examples])
    after = model.sums([e.after for e in examples])
    heading = model.scores(model.sums([e.heading for e in examples]))
    scores = model.scores(own)
    best = np.full_like(scores, -np.inf)
    for side, texts in ((before, [e.before for e in examples]), (after, [e.after for e in examples])):
        there = np.array([bool(t) for t in texts])
        joined = model.scores(
            replace(own, words=own.words + side.words, characters=own.characters + side.characters,
                    counts=own.counts + side.counts)
        )  # fmt: skip
        best[there] = np.maximum(best[there], joined[there])
    best = np.where(np.isinf(best), scores, best)
    heading[[not e.heading for e in examples]] = 0
    rules = np.array([[e.rules.get(code, 0.0) for code in CODES] for e in examples], np.float32)
    return np.stack([scores, best, np.clip(heading, -1, 2), rules], axis=2).astype(np.float32)


def cross_fitted(examples: Sequence[Example], progress: Progress = SILENT) -> Array:
    """(n, n_codes, len(FEATURES)) features, each from a model that did not see the example's family."""
    folds = np.array([e.fold for e in examples])
    rows = matrix([e.text for e in examples])
    known = marks(examples)
    weight = example_weights(examples)
    found = np.zeros((len(examples), len(CODES), len(FEATURES)), np.float32)
    for part in range(FOLDS):
        inside, outside = np.flatnonzero(folds != part), np.flatnonzero(folds == part)
        model = scorer(rows[inside], known[inside], weight[inside], progress)
        found[outside] = features(model, [examples[i] for i in outside.tolist()])
    return found


def example_weights(examples: Sequence[Example]) -> Array:
    """(n,) how much each example counts, by its source."""
    return np.array([_SOURCE_WEIGHT[e.source] for e in examples], np.float32)


def heads(found: Array, known: NDArray[np.int8], weight: Array, use: NDArray[np.bool_]) -> Array:
    """(n_codes, len(FEATURES) + 1) log-odds heads, from the cross-fitted features of the examples in `use`."""
    fitted = np.zeros((len(CODES), len(FEATURES) + 1), np.float32)
    for j in range(len(CODES)):
        mask = use & (known[:, j] >= 0)
        model = LogisticRegression(C=1.0, max_iter=500).fit(found[mask, j], known[mask, j], sample_weight=weight[mask])
        fitted[j, :-1], fitted[j, -1] = np.ravel(model.coef_), np.ravel(model.intercept_)[0]
    return fitted
