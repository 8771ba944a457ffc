"""Whether an estimate may be shown: a flag and its reason, by rules that are data.

Source: `catalogue/presentation/nchs-2017.yaml`, after the National Center for Health Statistics' data presentation
standards for proportions (Vital Health Stat 2(175), 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from cop.kernel.documents import read_document
from cop.kernel.resources import resource
from cop.measurement.survey import intervals

Flag = Literal["ok", "use with caution", "not published"]
OK: tuple[Flag, str] = ("ok", "")


@dataclass(frozen=True, slots=True)
class ProportionRules:
    """Thresholds for proportions; widths are of Korn-Graubard intervals, as shares (0 to 1)."""

    level: float
    minimum_n: int
    minimum_effective_n: float
    width_always_shown: float
    width_never_shown: float
    relative_width_max: float
    minimum_df: int


@dataclass(frozen=True, slots=True)
class OtherRules:
    """Thresholds for means, totals and ratios; `cv_max` is a share (0 to 1)."""

    source: str
    minimum_n: int
    cv_max: float
    minimum_df: int


@dataclass(frozen=True, slots=True)
class Rules:
    """One set of presentation rules and its source."""

    id: str
    source: str
    proportion: ProportionRules
    other: OtherRules


@cache
def load(name: str = "nchs-2017") -> Rules:
    """The rules of that name from `catalogue/presentation`."""
    folder = resource("catalogue/presentation")
    facts = read_document(folder / f"{name}.yaml", folder / "presentation.schema.json")
    return Rules(facts["id"], facts["source"], ProportionRules(**facts["proportion"]), OtherRules(**facts["other"]))


def proportion(  # noqa: PLR0911 - one line per rule, in the order of the standards
    rules: Rules, *, estimate: float, se: float, n: int, rows: int, df: float
) -> tuple[Flag, str]:
    """The flag of a proportion.

    The effective sample size of the interval is not let above n, as the standards say: a design effect below 1 does
    not make a small sample larger.

    Args:
        rules: the thresholds.
        estimate: the proportion, 0 to 1.
        se: its standard error.
        n: valid answers.
        rows: rows in the domain, missing answers included.
        df: degrees of freedom.
    """
    limits = rules.proportion
    if n < limits.minimum_n:
        return "not published", f"fewer than {limits.minimum_n} answers"
    if estimate in {0.0, 1.0}:
        return "use with caution", "no answer differs from the others: no interval can be estimated"
    size = intervals.effective_n(estimate, se, rows, df, limits.level)
    if size is None:
        return "not published", "no variance can be estimated from this design"
    size = min(size, float(n))
    if size < limits.minimum_effective_n:
        return "not published", f"effective sample size under {limits.minimum_effective_n:g}"
    low, high = intervals.beta(estimate, size, limits.level)
    width = (high or 0.0) - (low or 0.0)
    if width >= limits.width_never_shown:
        return "not published", f"interval {limits.width_never_shown * 100:g} points wide or wider"
    relative = width / min(estimate, 1 - estimate)
    if width > limits.width_always_shown and width / estimate > limits.relative_width_max:
        return "not published", f"interval wider than {limits.relative_width_max * 100:g} % of the estimate"
    if df < limits.minimum_df:
        return "use with caution", f"fewer than {limits.minimum_df} degrees of freedom"
    if width > limits.width_always_shown and relative > limits.relative_width_max:
        return "use with caution", f"interval wider than {limits.relative_width_max * 100:g} % of the complement"
    return OK


def other(rules: Rules, *, cv: float | None, n: int, df: float) -> tuple[Flag, str]:
    """The flag of a mean, total or ratio; `cv` is se / |estimate|, None where the estimate is 0."""
    limits = rules.other
    if n < limits.minimum_n:
        return "not published", f"fewer than {limits.minimum_n} answers"
    if df <= 0:
        return "not published", "no variance can be estimated from this design"
    if cv is None or cv >= limits.cv_max:
        return "not published", f"coefficient of variation of {limits.cv_max * 100:g} % or more"
    if df < limits.minimum_df:
        return "use with caution", f"fewer than {limits.minimum_df} degrees of freedom"
    return OK
