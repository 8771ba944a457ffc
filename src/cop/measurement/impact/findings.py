"""What an estimate of an effect consists of: the effect, checks, alternatives, and what could have been seen."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from scipy import stats

from cop.measurement.impact.rules import CheckName

Scale = Literal["difference", "ratio"]


@dataclass(frozen=True, slots=True)
class Effect:
    """An estimated effect.

    Attributes:
        scale: `difference` in the outcome's unit, or `ratio`: then all figures are logarithms of a ratio.
        estimate, low, high: with its interval, which may be infinite on a side.
        se: standard error; None where the interval comes from placebos.
        p: of no effect.
        level: of the interval.
        df: of its t distribution; infinite for the normal.
    """

    scale: Scale
    estimate: float
    low: float
    high: float
    se: float | None
    p: float
    level: float
    df: float = math.inf

    @property
    def excludes_zero(self) -> bool:
        return self.p <= 1 - self.level

    def shown(self) -> tuple[float, float, float]:
        """Estimate, low and high in the outcome's unit, or as percent of change."""
        if self.scale == "difference":
            return self.estimate, self.low, self.high
        return percent(self.estimate), percent(self.low), percent(self.high)


def percent(logarithm: float) -> float:
    """The change in percent that the logarithm of a ratio stands for."""
    return math.inf if logarithm == math.inf else 100 * math.expm1(logarithm)


def normal_effect(scale: Scale, estimate: float, se: float, *, level: float, df: float = math.inf) -> Effect:
    """An effect with a t interval; a normal one where `df` is infinite."""
    reach = stats.t.ppf((1 + level) / 2, df) * se
    p = float(2 * stats.t.sf(abs(estimate) / se, df)) if se > 0 else math.nan
    return Effect(scale, float(estimate), float(estimate - reach), float(estimate + reach), float(se), p, level, df)


def detectable(se: float, *, level: float, power: float, df: float = math.inf) -> float:
    """The minimum detectable effect (Bloom, 1995): the smallest true effect found with that power."""
    return float((stats.t.ppf((1 + level) / 2, df) + stats.t.ppf(power, df)) * se)


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `passed` is None where it could not be made; `figures` are what it saw, by name."""

    name: CheckName
    passed: bool | None
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alternative:
    """The same effect by other means. `kind` says by which, `what` names the part ("Utah", "2 harmonics").

    `low` and `high` are None where this way gives no interval. Figures are on the effect's scale.
    """

    kind: str
    what: str
    estimate: float
    low: float | None = None
    high: float | None = None

    @property
    def excludes_zero(self) -> bool | None:
        return None if self.low is None or self.high is None else self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Robustness:
    """Bounds when the comparison would not have moved in parallel (Rambachan and Roth, 2023), by relative magnitude M.

    Attributes:
        rows: (M, low, high) of the interval.
        breakdown: the smallest M whose interval reaches no effect; None where the drift before was 0.
    """

    rows: tuple[tuple[float, float, float], ...]
    breakdown: float | None


@dataclass(frozen=True, slots=True)
class Findings:
    """All of it.

    Attributes:
        detectable: minimum detectable effect on the effect's scale; None where there is none.
        tables: further results by name, rows of plain values (group-time effects, weights, placebos, ...).
        notes: facts that a reader needs, by name ("units": 40).
    """

    method: str
    effect: Effect
    checks: tuple[Check, ...]
    alternatives: tuple[Alternative, ...]
    detectable: float | None
    robustness: Robustness | None
    tables: dict[str, list[dict[str, Any]]]
    notes: dict[str, Any]
