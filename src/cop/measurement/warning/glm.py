"""Quasi-Poisson regressions with a log link, many series over one design at once.

Iteratively reweighted least squares as in McCullagh and Nelder, Generalized Linear Models (1989), sections 2.5 and 9.2;
Anscombe residuals for the Poisson distribution, section 2.4. All series share the rows of the design, so that the
normal equations of all of them are one matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TOLERANCE = 1e-8
"""Relative change of the deviance at which a fit has converged."""
MOST_STEPS = 25


@dataclass(frozen=True, slots=True)
class Fit:
    """One regression a series.

    Attributes:
        coefficients: (s, p).
        mean: (s, n) fitted means.
        inverse: (s, p, p) inverse of the last step's information matrix; times the dispersion it is the covariance.
        leverage: (s, n) diagonal of that step's hat matrix.
        df: (s,) rows with a weight less coefficients.
        dispersion: (s,) Pearson's statistic over df, not held above 1; nan without a degree of freedom.
        working_dispersion: (s,) the same of working residuals (y - mu) / mu, weighted by the prior weights alone.
        converged: (s,) false where the fit did not converge or the design has not full rank for the series' rows;
            its other values then mean nothing.
    """

    coefficients: Floats
    mean: Floats
    inverse: Floats
    leverage: Floats
    df: Floats
    dispersion: Floats
    working_dispersion: Floats
    converged: Flags


def fit(design: Floats, counts: Floats, weights: Floats) -> Fit:
    """Fit every series.

    Args:
        design: (n, p) shared rows.
        counts: (s, n) counts; where the weight is 0 any number.
        weights: (s, n) prior weights; a row of weight 0 is left out.
    """
    n, p = design.shape
    products = np.einsum("ni,nj->nij", design, design).reshape(n, p * p)
    mean = counts + 0.1
    linear = np.log(mean)
    coefficients = np.zeros((len(counts), p))
    deviance = _deviance(counts, mean, weights)
    converged = np.zeros(len(counts), bool)
    last = weights * mean
    active = np.flatnonzero(_full_rank(design, weights))
    for _ in range(MOST_STEPS):
        if not len(active):
            break
        y, w, mu = counts[active], weights[active], mean[active]
        working = w * mu
        information = (working @ products).reshape(-1, p, p)
        score = (working * (linear[active] + (y - mu) / mu)) @ design
        last[active] = working
        solved, sound = _solve(information, score)
        active, y, w = active[sound], y[sound], w[sound]
        coefficients[active] = solved[sound]
        linear[active] = np.clip(coefficients[active] @ design.T, -300.0, 300.0)
        mean[active] = np.exp(linear[active])
        before, after = deviance[active], _deviance(y, mean[active], w)
        deviance[active] = after
        done = np.abs(after - before) / (np.abs(after) + 0.1) < TOLERANCE
        converged[active[done]] = True
        active = active[~done]
    inverse, sound = _inverse((last @ products).reshape(-1, p, p))
    leverage = last * (inverse.reshape(-1, p * p) @ products.T)
    df = (weights > 0).sum(axis=1) - float(p)
    with np.errstate(divide="ignore", invalid="ignore"):
        dispersion = np.where(df > 0, (weights * (counts - mean) ** 2 / mean).sum(axis=1) / df, np.nan)
        relative = np.where(df > 0, (weights * ((counts - mean) / mean) ** 2).sum(axis=1) / df, np.nan)
    return Fit(coefficients, mean, inverse, leverage, df, dispersion, relative, converged & sound & (df > 0))


def anscombe(counts: Floats, fitted: Fit, dispersion: Floats) -> Floats:
    """(s, n) standardised Anscombe residuals: 1.5 (y^(2/3) mu^(-1/6) - mu^(1/2)) / sqrt(dispersion (1 - h))."""
    raw = 1.5 * (counts ** (2 / 3) * fitted.mean ** (-1 / 6) - np.sqrt(fitted.mean))
    with np.errstate(divide="ignore", invalid="ignore"):
        return raw / np.sqrt(dispersion[:, None] * (1 - fitted.leverage))


def _deviance(counts: Floats, mean: Floats, weights: Floats) -> Floats:
    ratio = np.where(counts > 0, counts, mean) / mean
    return 2 * (weights * (counts * np.log(ratio) - (counts - mean))).sum(axis=1)


def _full_rank(design: Floats, weights: Floats) -> Flags:
    """Whether each series' weighted rows determine every coefficient; series with the same rows are asked once."""
    p = design.shape[1]
    if (weights > 0).all():
        return np.full(len(weights), bool(np.linalg.matrix_rank(design) == p))
    kept, which = np.unique(weights > 0, axis=0, return_inverse=True)
    ranks = np.array([np.linalg.matrix_rank(design[rows]) if rows.sum() >= p else 0 for rows in kept])
    return np.asarray(ranks == p)[which.reshape(-1)]


def _scaled(information: Floats) -> tuple[Floats, Floats, Flags]:
    """The matrices with a unit diagonal, the scale of each, and which have a diagonal at all."""
    diagonal = np.einsum("sii->si", information)
    sound = (np.isfinite(information).all(axis=(1, 2))) & (diagonal > 0).all(axis=1)
    scale = np.where(sound[:, None], 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0)), 1.0)
    unit = information * scale[:, :, None] * scale[:, None, :]
    unit[~sound] = np.eye(information.shape[1])
    return unit, scale, sound


def _solve(information: Floats, score: Floats) -> tuple[Floats, Flags]:
    unit, scale, sound = _scaled(information)
    try:
        solved = np.linalg.solve(unit, (score * scale)[:, :, None])[:, :, 0] * scale
    except np.linalg.LinAlgError:
        regular = np.linalg.cond(unit) < 1 / np.finfo(float).eps
        unit[~regular] = np.eye(unit.shape[1])
        solved = np.linalg.solve(unit, (score * scale)[:, :, None])[:, :, 0] * scale
        sound &= regular
    return solved, sound & np.isfinite(solved).all(axis=1)


def _inverse(information: Floats) -> tuple[Floats, Flags]:
    unit, scale, sound = _scaled(information)
    regular = np.linalg.cond(unit) < 1e14
    unit[~regular] = np.eye(unit.shape[1])
    return np.linalg.inv(unit) * scale[:, :, None] * scale[:, None, :], sound & regular
