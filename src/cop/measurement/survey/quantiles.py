"""Medians and quantiles with Woodruff's intervals.

The quantile is the least value at which the estimated distribution reaches p. Its interval is that of the share of the
population at or below it, taken back through the distribution; the standard error is the interval's length over twice
Student's quantile. Equal to R's `svyquantile(qrule = "math", interval.type = "mean")`.

Source: Woodruff, Confidence intervals for medians and other position measures, JASA 47 (1952).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from cop.kernel.errors import Where
from cop.measurement.engines.contract import Engine, GroupedSums, Named, Source
from cop.measurement.expression import NULL, ONE, Call, Expression, Literal, all_of, times, when
from cop.measurement.survey import intervals, presentation
from cop.measurement.survey.calibration import factors, margins
from cop.measurement.survey.cells import Cells, Codes, cells_of, codes
from cop.measurement.survey.cube import Cube
from cop.measurement.survey.description import Survey
from cop.measurement.survey.figures import known, nothing
from cop.measurement.survey.scan import groups, scanned
from cop.measurement.survey.sums import (
    ROWS,
    Floats,
    Key,
    Plan,
    Quantity,
    narrowest,
    quantity,
    split,
    summed,
    valid,
    weight,
    widest,
)

_VALUE = "value"
_ROUNDING = 1e-12
Distribution = tuple[Floats, Floats]
"""The distinct values in order, and the share of the population at or below each."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """The quantiles of one indicator in every cell of a breakdown.

    Attributes:
        cells: the breakdown.
        rows: for each cell its figures, as `figures.figures` gives them.
    """

    cells: Cells
    rows: tuple[dict[str, Any], ...]


def quantiles(
    cube: Cube,
    source: Source,
    engine: Engine,
    indicator: int,
    breakdowns: Sequence[tuple[str, ...]],
    *,
    unit: str,
    rules: presentation.Rules,
) -> list[Quantiles]:
    """A median or quantile in each of the breakdowns.

    Two more scans: one for the distributions, which holds the distinct values of the variable, and one for the shares
    at or below the quantiles.
    """
    survey = cube.survey
    measured, asked = survey.indicator[indicator], quantity(survey.indicator[indicator])
    share = cast("float", measured.share)
    spread = _distributions(survey, source, engine, asked, breakdowns)
    cuts = [_below(survey, asked, one, [_inverse(d, share) for d in one.values]) for one in spread]
    counted = scanned(survey, source, engine, cuts, tuple(dict.fromkeys(((), *breakdowns))))
    found: list[Quantiles] = []
    for place, (names, one) in enumerate(zip(breakdowns, spread, strict=True)):
        part = counted.required(names)
        rows = [
            _row(counted, place, part, cell, one, share=share, unit=unit, rules=rules)
            for cell in range(len(counted.parts[part].cells))
        ]
        found.append(Quantiles(counted.parts[part], tuple(rows)))
    return found


@dataclass(frozen=True, slots=True)
class _Spread:
    """The distributions in the cells of one breakdown, by the codes of each, and the values behind the codes."""

    codes: tuple[dict[str, str], ...]
    values: tuple[Distribution, ...]
    coded: dict[str, Codes]
    keys: dict[str, Key]


def _distributions(
    survey: Survey, source: Source, engine: Engine, asked: Quantity, breakdowns: Sequence[tuple[str, ...]]
) -> list[_Spread]:
    y, _ = valid(asked)
    keys = [Named(_VALUE, times(Literal("1e0"), y)), *(Named(f"d_{n}", d.value) for n, d in survey.domains.items())]
    by = survey.calibrated_by
    sets = widest([(*names, *(name for name in by if name not in names)) for names in (*breakdowns, ())])
    query = GroupedSums(source, tuple(keys), (Named(ROWS, ONE), Named("w", weight(survey))),
                        sets=tuple((_VALUE, *(f"d_{name}" for name in names)) for names in sets))  # fmt: skip
    whole = Plan(query, sets, elements=False, same={})
    grouped = split(whole, engine.sums(query))
    needed = dict.fromkeys(name for names in (*sets, by) for name in names)
    coded = {name: codes(survey, source, name, grouped[0].keys[f"d_{name}"]) for name in needed}
    group, found = groups(survey, source, engine, grouped, coded)
    factor = np.ones(1)
    if survey.calibration:
        size = summed(group[0], grouped[0].column("w"), len(found))
        factor = factors(margins(survey, found), size, Where(survey.path, field="calibration"))
    key = grouped[0].keys[_VALUE]
    distinct, rank = np.unique(np.array(key.values, np.float64), return_inverse=True)
    spread: list[_Spread] = []
    for names in breakdowns:
        at = narrowest(whole, names)
        keep = np.flatnonzero(grouped[at].keys[_VALUE].index >= 0)
        part = grouped[at].taken(keep)
        cells = cells_of(names, coded, part, rank[part.keys[_VALUE].index], group[at][keep])
        weights = cells.column("w") * factor[cells.group]
        values = tuple(_distribution(distinct[cells.leaf[c.rows]], weights[c.rows]) for c in cells.cells)
        spread.append(_Spread(tuple(dict(c.codes) for c in cells.cells), values, coded, part.keys))
    return spread


def _distribution(values: Floats, weights: Floats) -> Distribution:
    """Values in order, some perhaps more than once."""
    total = weights.sum()
    return values, np.cumsum(weights) / total if total > 0 else np.full(len(values), np.nan)


def _inverse(distribution: Distribution, share: float) -> float | None:
    values, below = distribution
    if not 0 <= share <= 1 or not len(values) or not np.isfinite(below[-1]):
        return None
    return float(values[min(int(np.searchsorted(below, share - _ROUNDING)), len(values) - 1)])


def _below(survey: Survey, asked: Quantity, spread: _Spread, cuts: Sequence[float | None]) -> Quantity:
    """The share at or below the cut of each cell."""
    y, _ = valid(asked)
    value = times(Literal("1e0"), y)
    branches: list[Expression] = []
    for codes_of, cut in zip(spread.codes, cuts, strict=True):
        if cut is None:
            continue
        inside = [_member(survey, spread, name, code) for name, code in codes_of.items()]
        below = Call("<=", (value, _literal(cut)))
        branches += [all_of(*inside, Call("is not null", (value,))) or ONE, when(below, ONE, Literal("0"))]
    share = Call("case", (*branches, NULL)) if branches else NULL
    return Quantity(share, ONE, asked.condition, asked.inside, ratio=True, share=True)


def _member(survey: Survey, spread: _Spread, name: str, code: str) -> Expression:
    """True for the rows with a code of a domain: its expression has one of the values behind the code."""
    coded, values = spread.coded[name], spread.keys[f"d_{name}"].values
    place = coded.order.index(code)
    wanted = [value for value, own in zip(values, coded.place_of.tolist(), strict=True) if own == place]
    return Call("in", (survey.domains[name].value, *(_literal(value) for value in wanted)))


def _literal(value: object) -> Literal:
    if isinstance(value, bool):
        return Literal("TRUE" if value else "FALSE", "boolean")
    if isinstance(value, int):
        return Literal(str(value))
    if isinstance(value, float):
        # with an exponent the engines read a double, not a decimal
        text = repr(value)
        return Literal(text if "e" in text else f"{text}e0")
    return Literal(str(value), "text")


def _row(
    counted: Cube,
    place: int,
    part: int,
    cell: int,
    spread: _Spread,
    *,
    share: float,
    unit: str,
    rules: presentation.Rules,
) -> dict[str, Any]:
    df, codes_of = counted.df([(place, part, cell)]), counted.parts[part].cells[cell].codes
    found = counted.figure(place, part, cell)
    if found is None or codes_of not in spread.codes:
        return nothing(int(counted.total(part, cell, f"n_{place}")), df, unit)
    distribution = spread.values[spread.codes.index(dict(codes_of))]
    variance, level = counted.variance(found), counted.survey.design.level
    low, high = intervals.wald(found.value, math.sqrt(variance), df, level) if variance >= 0 else intervals.NONE
    limits = [None if limit is None else _inverse(distribution, limit) for limit in (low, high)]
    se = None
    if limits[0] is not None and limits[1] is not None:
        se = (limits[1] - limits[0]) / (2 * intervals.quantile(level, df))
    value = _inverse(distribution, share)
    cv = se / abs(value) if se is not None and value else None
    flag, reason = presentation.other(rules, cv=cv, n=found.n, df=df)
    return known({
        "estimate": value, "se": se, "ci_low": limits[0], "ci_high": limits[1], "cv": cv, "n": found.n, "deff": None,
        "df": float(df), "unit": unit, "flag": flag, "flag_reason": reason,
    })  # fmt: skip
