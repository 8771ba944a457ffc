"""Which cells are too revealing in themselves: small counts, few units or sampling units, dominant contributors.

Source: ESSnet SDC, Handbook on Statistical Disclosure Control, version 1.2 (2010), chapter 4: the (n,k) and p % rules
and the protection levels that follow from them.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cop.kernel.errors import Refused, Where
from cop.measurement.disclosure.rules import Rules

THRESHOLD = 5
CONTRIBUTIONS = "largest"


def mark(
    cells: pl.DataFrame,
    rules: Rules,
    *,
    counted: bool = True,
    units: str | None = None,
    psu: str | None = None,
    largest: Sequence[str] = (),
) -> pl.DataFrame:
    """Mark primary cells and say what interval each must keep.

    Args:
        cells: with `value`; a null is missing, not small.
        rules: the thresholds.
        counted: whether the values are counts of units, to which the threshold of counts applies.
        units: the column with the number of units behind a figure.
        psu: the column with the number of primary sampling units.
        largest: the columns with the largest contributions, the largest first.

    Returns:
        The cells with `primary`, `reason`, `need_low`, `need_high` (an attacker may know no more than that the value
        lies between them; null for other cells) and `insider` (one unit stands behind a figure that is no count).

    Raises:
        Refused: a value is negative.
    """
    if (cells["value"] < 0).any():
        raise Refused("a value is negative", where=Where(field="value"), expected="0 or more in every cell")
    value = pl.col("value").cast(pl.Float64)
    found: list[tuple[pl.Expr, str, pl.Expr, pl.Expr]] = []
    if counted:
        least = 0 if rules.counts.zeros == "withhold" else 1
        most = rules.counts.threshold - 1
        found.append((value.is_between(least, most), "fewer than {n} counted".replace("{n}", str(most + 1)),
                      pl.lit(float(least)), pl.lit(float(max(most, least)))))  # fmt: skip
    share = rules.protection.percent / 100
    lower, upper = value * (1 - share), value * (1 + share)
    if counted:
        lower, upper = pl.min_horizontal(lower.floor(), value - 1), pl.max_horizontal(upper.ceil(), value + 1)
    lower = lower.clip(lower_bound=0.0)
    if units is not None:
        few = pl.col(units).is_between(1, rules.units.threshold - 1) & (value > 0)
        found.append((few, f"fewer than {rules.units.threshold} units", lower, upper))
    if psu is not None:
        few = pl.col(psu).is_between(1, rules.units.psu - 1) & (value > 0)
        found.append((few, f"fewer than {rules.units.psu} primary sampling units", lower, upper))
    found += _dominated(value, rules, largest)
    hit = [when.fill_null(value=False) for when, *_ in found]
    none: pl.Expr = pl.lit(None, pl.Float64)
    reason: pl.Expr = pl.lit(None, pl.String)
    for when, (_, said, _, _) in zip(reversed(hit), reversed(found), strict=True):
        reason = pl.when(when).then(pl.lit(said)).otherwise(reason)
    lows = [pl.when(when).then(low).otherwise(none) for when, (_, _, low, _) in zip(hit, found, strict=True)]
    highs = [pl.when(when).then(high).otherwise(none) for when, (_, _, _, high) in zip(hit, found, strict=True)]
    alone = (pl.col(units) == 1) & (value > 0) if units is not None and not counted else pl.lit(value=False)
    return cells.with_columns(
        pl.any_horizontal(hit).alias("primary") if hit else pl.lit(value=False).alias("primary"),
        reason.alias("reason"),
        pl.min_horizontal(lows).alias("need_low") if lows else none.alias("need_low"),
        pl.max_horizontal(highs).alias("need_high") if highs else none.alias("need_high"),
        alone.fill_null(value=False).alias("insider"),
    )


def worth(value: pl.Expr) -> pl.Expr:
    """What withholding a cell costs where large cells are to stay: the logarithm of its size, 1 at least."""
    return (value.fill_null(0.0).cast(pl.Float64) + 1).log(2).clip(lower_bound=1.0)


def _dominated(value: pl.Expr, rules: Rules, largest: Sequence[str]) -> list[tuple[pl.Expr, str, pl.Expr, pl.Expr]]:
    """The (n,k) and p % rules with the protection levels that make the rule hold at the interval's ends."""
    found: list[tuple[pl.Expr, str, pl.Expr, pl.Expr]] = []
    parts = [pl.col(name).fill_null(0.0) for name in largest]
    n, k, p = rules.dominance.n, rules.dominance.k, rules.dominance.p
    if n is not None and k is not None and parts:
        top = pl.sum_horizontal(parts[:n])
        level = top * (100 / k) - value
        found.append((
            (value > 0) & (top > value * (k / 100)), f"the {n} largest contributors have more than {k:g} %",
            (value - level).clip(lower_bound=0.0), value + level,
        ))  # fmt: skip
    if p is not None and len(parts) > 1:
        rest = value - parts[0] - parts[1]
        level = parts[0] * (p / 100) - rest
        found.append((
            (value > 0) & (rest < parts[0] * (p / 100)), f"the largest contributor can be estimated within {p:g} %",
            (value - level).clip(lower_bound=0.0), value + level,
        ))  # fmt: skip
    return found
