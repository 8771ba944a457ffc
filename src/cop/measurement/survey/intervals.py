"""Confidence intervals of proportions and other estimates. All values here are shares, 0 to 1.

Sources: Korn and Graubard, Confidence intervals for proportions with small expected number of positive counts
estimated from survey data, Survey Methodology 24 (1998), as R's `svyciprop(method = "beta")` computes it; the logit
interval as R's `svyciprop(method = "logit")` and SUDAAN compute it.
"""

from __future__ import annotations

import math
from typing import cast

from scipy import special

Interval = tuple[float | None, float | None]
NONE: Interval = (None, None)


def quantile(level: float, df: float) -> float:
    """The two-sided quantile of Student's t: 2.0281 for 95 % and 36 degrees of freedom."""
    return cast("float", special.stdtrit(df, 0.5 + level / 2))


def wald(estimate: float, se: float, df: float, level: float) -> Interval:
    """Estimate plus and minus t times its standard error; may leave the range of a proportion."""
    if df <= 0:
        return NONE
    half = quantile(level, df) * se
    return estimate - half, estimate + half


def logit(estimate: float, se: float, df: float, level: float) -> Interval:
    """A Wald interval on the log-odds scale, taken back; none where the estimate is 0 or 1."""
    if df <= 0 or not 0 < estimate < 1:
        return NONE
    centre, half = math.log(estimate / (1 - estimate)), quantile(level, df) * se / (estimate * (1 - estimate))
    return cast("float", special.expit(centre - half)), cast("float", special.expit(centre + half))


def effective_n(estimate: float, se: float, rows: int, df: float, level: float) -> float | None:
    """Korn and Graubard's effective sample size, corrected for the degrees of freedom of the design.

    Args:
        estimate: the proportion, 0 to 1.
        se: its standard error.
        rows: rows in the domain, missing answers included (R's `nrow(design)`).
        df: degrees of freedom.
        level: of the interval.

    Returns:
        None where it is not defined: no degrees of freedom, no spread, or a single row.
    """
    if df <= 0 or rows < 2 or se <= 0 or not 0 < estimate < 1:
        return None
    return estimate * (1 - estimate) / se**2 * (quantile(level, rows - 1) / quantile(level, df)) ** 2


def beta(estimate: float, size: float | None, level: float) -> Interval:
    """The Clopper-Pearson interval at an effective sample size."""
    if size is None:
        return NONE
    tail = (1 - level) / 2
    positive, negative = size * estimate, size * (1 - estimate)
    low = special.betaincinv(positive, negative + 1, tail) if positive > 0 else 0.0
    high = special.betaincinv(positive + 1, negative, 1 - tail) if negative > 0 else 1.0
    return cast("float", low), cast("float", high)
