"""The shape of a proportion over waves: linear, quadratic and higher parts of its log-odds, by orthogonal polynomials.

Works from the waves' estimates and their covariance alone: generalised least squares on the log-odds, whose variance is
that of the proportion over (p (1 - p))^2. Without further variables this is the trend of a regression over all waves'
microdata up to the order of the approximation; with them the regression over the microdata itself is needed
(`cop.measurement.survey.trend`). Sources: CDC, Conducting Trend Analyses of YRBS Data (2020); Grizzle JE, Starmer CF,
Koch GG, Biometrics 25 (1969).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from cop.kernel.errors import Refused, Where
from cop.measurement.trends.changes import Floats, Wave


@dataclass(frozen=True, slots=True)
class Part:
    """The part of one degree: its coefficient on the log-odds scale for the orthonormal contrast of that degree."""

    degree: int
    coefficient: float
    se: float
    statistic: float
    pvalue: float


@dataclass(frozen=True, slots=True)
class Shape:
    """A fitted polynomial.

    Attributes:
        parts: of degrees 1 to d.
        fitted: the waves' proportions as the polynomial has them.
        df: degrees of freedom of the t tests.
        left: chi-square of what the polynomial leaves, 0 where it passes through every wave.
        left_df: its degrees of freedom.
        left_pvalue: the chance of as much; small: the shape needs another degree.
    """

    parts: tuple[Part, ...]
    fitted: tuple[float, ...]
    df: float
    left: float
    left_df: int
    left_pvalue: float


def contrasts(times: Sequence[float], degree: int) -> Floats:
    """(k, degree) orthonormal polynomial contrasts of unequally spaced times, as R's `contr.poly(k, scores = times)`.

    Raises:
        Refused: two times are the same, or there are not more times than degrees.
    """
    spread = np.asarray(times, np.float64)
    if len(set(spread.tolist())) != len(spread):
        raise Refused("two waves have the same time", where=Where(field="times"), expected="each its own")
    if not 1 <= degree < len(spread):
        raise Refused.value(
            degree, "is no degree for so many waves", field="degree", expected=f"1 to {len(spread) - 1}"
        )
    powers = np.vander(spread - spread.mean(), degree + 1, increasing=True)
    q, r = np.linalg.qr(powers)
    return (q * np.sign(np.diag(r)))[:, 1:]


def shape(
    waves: Sequence[Wave], times: Sequence[float], *, degree: int = 1, covariance: Floats | None = None,
    parameters: int = 0,
) -> Shape:  # fmt: skip
    """Fit a polynomial to the log-odds of proportions.

    Args:
        waves: proportions between 0 and 1 (not percent), with their standard errors.
        times: when each was held, in years or any other unit.
        degree: the highest.
        covariance: (k, k) of the proportions; independent waves where none is given.
        parameters: degrees of freedom to take off; none by default, as R's `svycontrast`.

    Raises:
        Refused: a proportion of 0 or 1, or as `contrasts`.
    """
    p = np.array([w.estimate for w in waves])
    if not ((p > 0) & (p < 1)).all():
        raise Refused(
            "a proportion is not between 0 and 1", where=Where(field="estimate"), expected="shares, not percent"
        )
    design = np.hstack([np.ones((len(waves), 1)), contrasts(times, degree)])
    matrix = np.diag([w.se**2 for w in waves]) if covariance is None else covariance
    slope = p * (1 - p)
    precision = np.linalg.inv(matrix / np.outer(slope, slope))
    logit = np.log(p / (1 - p))
    spread = np.linalg.inv(design.T @ precision @ design)
    found = spread @ design.T @ precision @ logit
    df = sum(w.df for w in waves) - parameters
    se = np.sqrt(np.diag(spread))
    parts = tuple(
        Part(d, float(b), float(s), float(b / s), 2 * float(stats.t.sf(abs(b / s), df)))
        for d, b, s in zip(range(1, degree + 1), found[1:], se[1:], strict=True)
    )
    apart = logit - design @ found
    left_df = len(waves) - degree - 1
    left = float(apart @ precision @ apart) if left_df else 0.0
    fitted = 1 / (1 + np.exp(-(design @ found)))
    return Shape(
        parts, tuple(fitted.tolist()), df, left, left_df, float(stats.chi2.sf(left, left_df)) if left_df else 1.0
    )
