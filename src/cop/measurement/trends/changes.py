"""Whether an estimate changed between waves of a survey, by the waves' own designs.

Waves are independent samples unless a covariance is given; degrees of freedom of independent waves add up, as in R's
`svycontrast` over separate designs and in SUDAAN. Sources: Korn EL, Graubard BI, Analysis of Health Surveys (1999),
section 3.2 (Wald F tests); Holm S, Scand J Stat 6 (1979).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from cop.kernel.errors import Refused, Where, shown

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wave:
    """The estimate of one wave; `df` are the degrees of freedom of its design."""

    period: str
    estimate: float
    se: float
    df: float


@dataclass(frozen=True, slots=True)
class Change:
    """A later wave less an earlier one, in the unit of the estimates.

    `low` and `high` are t limits at the level asked for; `adjusted` is the p-value held up for the number of changes
    tested together (Holm), the p-value itself where only one was.
    """

    before: str
    after: str
    difference: float
    se: float
    statistic: float
    df: float
    pvalue: float
    low: float
    high: float
    adjusted: float

    def verdict(self, alpha: float = 0.05) -> str:
        """One of "rose", "fell" and "no change shown", which does not say that there was none."""
        if self.adjusted >= alpha:
            return "no change shown"
        return "rose" if self.difference > 0 else "fell"


@dataclass(frozen=True, slots=True)
class Joint:
    """A test that all waves are equal: Wald's statistic over its rank, F with `df` and `df2` degrees of freedom."""

    statistic: float
    df: int
    df2: float
    pvalue: float


def change(before: Wave, after: Wave, *, covariance: float = 0.0, level: float = 0.95) -> Change:
    """The change between two waves.

    Args:
        before: the earlier wave.
        after: the later one.
        covariance: of their estimates, for samples that share units; degrees of freedom are then the smaller ones.
        level: of the limits.

    Raises:
        Refused: a standard error is missing or 0, or the covariance is larger than they allow.
    """
    for wave in (before, after):
        _sound(wave)
    variance = before.se**2 + after.se**2 - 2 * covariance
    if not variance > 0:
        raise Refused.value(covariance, "is no covariance of these waves", field="covariance", expected="a smaller one")
    df = before.df + after.df if covariance == 0 else min(before.df, after.df)
    difference, se = after.estimate - before.estimate, float(np.sqrt(variance))
    reach = float(stats.t.ppf((1 + level) / 2, df)) * se
    p = 2 * float(stats.t.sf(abs(difference) / se, df))
    return Change(
        before.period, after.period, difference, se, difference / se, df, p, difference - reach, difference + reach, p
    )  # fmt: skip


def changes(waves: Sequence[Wave], *, every: bool = False, level: float = 0.95) -> list[Change]:
    """The changes between independent waves that follow one another, and from the first to the last.

    Args:
        waves: two or more, oldest first.
        every: all pairs instead.
        level: of the limits of each change; `adjusted` alone allows for their number.

    Raises:
        Refused: as `change`, or the waves are fewer than two or not in order.
    """
    _in_order(waves)
    if every:
        pairs = list(combinations(waves, 2))
    else:
        pairs = [*pairwise(waves), *([(waves[0], waves[-1])] if len(waves) > 2 else [])]
    found = [change(a, b, level=level) for a, b in pairs]
    held = holm([c.pvalue for c in found])
    return [replace(c, adjusted=p) for c, p in zip(found, held, strict=True)]


def holm(pvalues: Sequence[float]) -> list[float]:
    """P-values held up for their number, by Holm's step-down rule."""
    order = np.argsort(pvalues, kind="stable")
    steps = np.asarray(pvalues, np.float64)[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted.tolist()


def equal(waves: Sequence[Wave], *, covariance: Floats | None = None) -> Joint:
    """Test that all waves have the same value.

    Args:
        waves: two or more, oldest first.
        covariance: (k, k) of their estimates; independent waves where none is given.

    Raises:
        Refused: as `change`.
    """
    _in_order(waves)
    for wave in waves:
        _sound(wave)
    values = np.array([w.estimate for w in waves])
    matrix = np.diag([w.se**2 for w in waves]) if covariance is None else covariance
    contrast = np.eye(len(waves))[1:] - np.eye(len(waves))[:-1]
    apart, spread = contrast @ values, contrast @ matrix @ contrast.T
    rank = len(waves) - 1
    df = sum(w.df for w in waves) if covariance is None else min(w.df for w in waves)
    statistic = float(apart @ np.linalg.solve(spread, apart)) / rank
    return Joint(statistic, rank, df, float(stats.f.sf(statistic, rank, df)))


def _in_order(waves: Sequence[Wave]) -> None:
    if len(waves) < 2:
        raise Refused("there are fewer than two waves", where=Where(field="waves"), expected="two or more")
    for before, after in pairwise(waves):
        if not before.period < after.period:
            raise Refused(f"{shown(after.period)} does not come after {shown(before.period)}",
                          where=Where(field="waves"), expected="waves in order of period")  # fmt: skip


def _sound(wave: Wave) -> None:
    if not (np.isfinite(wave.estimate) and wave.se > 0 and wave.df > 0):
        raise Refused(f"the wave {shown(wave.period)} has no standard error or no degree of freedom",
                      where=Where(field="se"), expected="both above 0")  # fmt: skip
