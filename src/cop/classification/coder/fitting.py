"""Fitting the linear model: class-balanced multinomial logistic regression in its dual form.

There are a few thousand texts and some hundred thousand features, so the fit runs over texts: the kernel matrix is
computed once, and every fold of a cross-validation takes a part of it. Hierarchical smoothing is a kernel over classes:
what is learnt of one class is lent in part to those of the same class and section.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from cop.classification.coder.ngrams import Matrix

Array = NDArray[np.float64]


def class_kernel(codes: Sequence[str], *, section: float, parent: float) -> Array:
    """(n_codes, n_codes) kernel: 1 on the diagonal, `section` and `parent` more where these are shared."""
    sections = np.array([code[0] for code in codes])
    parents = np.array([code[:3] for code in codes])
    kernel = np.eye(len(codes)) + section * (sections[:, None] == sections) + parent * (parents[:, None] == parents)
    return kernel / kernel[0, 0]


def gram(matrix: Matrix) -> NDArray[np.float32]:
    """(n, n) float32 inner products of the rows of a sparse matrix."""
    return (matrix @ matrix.T).toarray().astype(np.float32)


def fit(
    kernel: NDArray[np.float32],
    labels: NDArray[np.int64],
    weights: Array,
    classes: Array,
    *,
    penalty: float,
    steps: int,
) -> NDArray[np.float32]:
    """Dual coefficients A of shape (n, n_codes): the scores of texts with kernel rows k are `k @ A @ classes`.

    Args:
        kernel: (n, n) inner products of the training texts.
        labels: (n,) numbers of their codes.
        weights: (n,) weights; those of a code sum to the same for every code.
        classes: (n_codes, n_codes) kernel over codes.
        penalty: of the squared norm.
        steps: iterations of L-BFGS.
    """
    from scipy.optimize import minimize  # half a second to read, and only training needs it

    rows, codes = len(labels), len(classes)
    wanted = np.zeros((rows, codes), np.float32)
    wanted[np.arange(rows), labels] = 1
    smooth = classes.astype(np.float32)
    weight = weights.astype(np.float32)[:, None]

    def loss(flat: Array) -> tuple[float, Array]:
        dual = flat.reshape(rows, codes).astype(np.float32)
        projected = kernel @ dual
        scores = projected @ smooth
        norm = np.asarray(logsumexp(scores, axis=1, keepdims=True))
        fitted = float((weight * (norm - (wanted * scores).sum(1, keepdims=True))).sum(dtype=np.float64))
        complexity = float((dual * scores).sum(dtype=np.float64))
        slope = weight * (np.exp(scores - norm) - wanted) + penalty * dual
        return fitted + penalty / 2 * complexity, (kernel @ (slope @ smooth)).ravel().astype(np.float64)

    start = np.zeros(rows * codes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": steps, "maxcor": 8})
    return found.x.reshape(rows, codes).astype(np.float32)


def balanced(labels: NDArray[np.int64], weights: Array, codes: int) -> Array:
    """The weights, scaled so that every code has the same total and the mean is unchanged."""
    totals = np.bincount(labels, weights=weights, minlength=codes)
    return weights * (weights.sum() / (totals > 0).sum() / np.where(totals > 0, totals, 1.0))[labels]
