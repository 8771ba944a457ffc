"""From a cube to what is shown: one row per indicator and domain cell."""

from __future__ import annotations

import math
from typing import Any

from cop.measurement.survey import intervals, presentation
from cop.measurement.survey.cube import Cube
from cop.measurement.survey.design import Design


def figures(
    cube: Cube, indicator: int, part: int, cell: int, *, unit: str, rules: presentation.Rules
) -> dict[str, Any]:
    """An indicator in one cell, with its precision and its flag.

    Args:
        cube: the sums.
        indicator: its place in the description; not a median or quantile.
        part: the breakdown.
        cell: the cell.
        unit: of the catalogue.
        rules: presentation rules.

    Returns:
        `estimate`, `se`, `ci_low`, `ci_high`, `cv`, `n`, `deff`, `df`, `unit`, `flag`, `flag_reason`; what cannot be
        estimated is absent or None.
    """
    design, df = cube.survey.design, cube.df([(indicator, part, cell)])
    measured = cube.survey.indicator[indicator]
    found = cube.figure(indicator, part, cell)
    if found is None:
        return nothing(int(cube.total(part, cell, f"n_{indicator}")), df, unit)
    variance = cube.variance(found)
    se = math.sqrt(variance) if math.isfinite(variance) else math.nan
    cv = se / abs(found.value) if found.value else math.nan
    deff = _design_effect(cube, indicator, part, cell, found.value, variance)
    if measured.kind == "proportion":
        rows = int(cube.total(part, cell, f"in_{indicator}"))
        low, high = _interval(design, found.value, se, rows=rows, df=df)
        flag, reason = presentation.proportion(rules, estimate=found.value, se=se, n=found.n, rows=rows, df=df)
    else:
        low, high = intervals.wald(found.value, se, df, design.level)
        flag, reason = presentation.other(rules, cv=cv if math.isfinite(cv) else None, n=found.n, df=df)
    scale = 100.0 if measured.kind == "proportion" or unit == "percent" else 1.0
    return known(
        {
            "estimate": found.value * scale, "se": se * scale,
            "ci_low": None if low is None else low * scale, "ci_high": None if high is None else high * scale,
            "cv": cv, "n": found.n, "deff": deff, "df": float(df), "unit": unit, "flag": flag, "flag_reason": reason,
        }
    )  # fmt: skip


def nothing(n: int, df: int, unit: str) -> dict[str, Any]:
    """The row of a cell in which nothing can be estimated."""
    return {"n": n, "df": float(df), "unit": unit, "flag": "not published", "flag_reason": "no valid answers"}


def known(row: dict[str, Any]) -> dict[str, Any]:
    """The row with None for what is not a finite number."""
    return {name: None if isinstance(v, float) and not math.isfinite(v) else v for name, v in row.items()}


def _interval(design: Design, value: float, se: float, *, rows: int, df: float) -> intervals.Interval:
    kind, level = design.ci, design.level
    if not math.isfinite(se):
        return intervals.NONE
    if kind == "logit":
        return intervals.logit(value, se, df, level)
    if kind == "wald":
        return intervals.wald(value, se, df, level)
    return intervals.beta(value, intervals.effective_n(value, se, rows, df, level), level)


def _design_effect(cube: Cube, indicator: int, part: int, cell: int, value: float, variance: float) -> float | None:
    """Variance over that of a simple random sample of n, without replacement where weights add up to a population.

    As R's `svymean(deff = TRUE)`, or `deff = "replace"` for normalised weights.
    """
    n, weight, y, x, wyy, wxy, wxx = (
        cube.total(part, cell, f"{name}_{indicator}") for name in ("n", "w", "y", "x", "wyy", "wxy", "wxx")
    )
    population = cube.survey.design.weights_kind == "population" or cube.margins is not None
    if n < 2 or weight <= 0 or (population and weight <= n):
        return None
    slope, divisor = (value, x) if cube.ratios[indicator] else (0.0, 1.0)
    mean = (y - slope * x) / weight
    moment = (wyy - 2 * slope * wxy + slope**2 * wxx) / weight - mean**2
    plain = moment * n / (n - 1) * weight**2 / n / divisor**2 * ((1 - n / weight) if population else 1.0)
    return variance / plain if plain > 0 else None
