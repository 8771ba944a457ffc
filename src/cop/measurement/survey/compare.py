"""Comparisons: between domains, since earlier waves, between codes of a domain (Rao and Scott), along waves.

Within a survey two figures share their sample: the difference takes their covariance. Two waves are independent
samples: variances and degrees of freedom add up.

Source: Rao and Scott, On chi-squared tests for multiway contingency tables with cell proportions estimated from survey
data, Annals of Statistics 12 (1984); the F form is that of R's `svychisq`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import polars as pl
from scipy import special

from cop.kernel.errors import Refused, Where
from cop.measurement.catalogue import Catalogue, load
from cop.measurement.survey import intervals
from cop.measurement.survey.cells import domain_text
from cop.measurement.survey.cube import Cube
from cop.measurement.survey.description import Association, Contrast, indicator_of
from cop.measurement.survey.figures import known
from cop.measurement.survey.linear import Figure, combined, difference, ratio
from cop.measurement.survey.sums import Floats
from cop.measurement.survey.trend import trend

SCHEMA = {
    "comparison": pl.String(), "kind": pl.String(), "indicator": pl.String(), "domain": pl.String(),
    "against": pl.String(), "estimate": pl.Float64(), "se": pl.Float64(), "ci_low": pl.Float64(),
    "ci_high": pl.Float64(), "statistic": pl.Float64(), "df": pl.Float64(), "df2": pl.Float64(),
    "p_value": pl.Float64(), "unit": pl.String(), "reason": pl.String(),
}  # fmt: skip
"""Columns of comparisons. `statistic` is t, or F where `df2` is set; `reason` says why an estimate is null."""


def compare(
    cube: Cube, *, earlier: Mapping[str, Cube] | None = None, catalogue: Catalogue | None = None
) -> pl.DataFrame:
    """Everything that a description asks to be compared.

    Args:
        cube: the survey's sums.
        earlier: the cubes of the waves that `change` and `trend` name, by the names of their files.
        catalogue: gives the units; the installed one by default.

    Returns:
        One row per comparison, as `SCHEMA` says. Differences of proportions are in percentage points; the trend's
        are on the log-odds scale.

    Raises:
        Refused: a domain has no such code, or a wave has not what is compared.
    """
    survey, units, waves = cube.survey, catalogue or load(), earlier or {}
    rows = [row for contrast in survey.contrast for row in _contrasted(cube, contrast, units)]
    for change in survey.change:
        rows += changes(cube, waves[change.since], units=units)
    rows += [_associated(cube, association) for association in survey.association]
    for asked in survey.trend:
        found = trend([*(waves[name] for name in asked.waves), cube], asked.indicator, adjust=asked.adjust,
                      degree=asked.degree)  # fmt: skip
        periods = ", ".join([*(waves[name].survey.period for name in asked.waves), survey.period])
        for power, (value, se) in enumerate(zip(found.coefficients, found.errors, strict=True), start=1):
            name = f"degree {power}: {periods}"
            rows.append(_row(name, "trend", asked.indicator, ("; ".join(asked.adjust), ""), value=value, se=se,
                             df=found.df, level=survey.design.level, unit="log odds"))  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _contrasted(cube: Cube, contrast: Contrast, units: Catalogue) -> Iterator[dict[str, Any]]:
    survey = cube.survey
    codes = contrast.indicators or tuple(m.code for m in survey.indicator if m.share is None)
    of, against = cube.place(contrast.of), cube.place(contrast.against)
    for code in codes:
        one, two = indicator_of(survey, code)[0], indicator_of(survey, contrast.other or code)[0]
        first = cube.figure(one, *of) if of is not None else None
        second = cube.figure(two, *against) if against is not None else None
        unit, scale = _unit(cube, code, units)
        other = f"{contrast.other} " if contrast.other else ""
        sides = domain_text(contrast.of, survey.domains), other + domain_text(contrast.against, survey.domains)
        if of is None or against is None or first is None or second is None:
            reason = "no valid answers in one of the domains"
            yield _row(contrast.name, contrast.kind, code, sides, unit=unit, reason=reason)
            continue
        df = cube.df([(one, *of), (two, *against)]) - contrast.df_less
        if contrast.kind == "ratio":
            yield _ratio_row(cube, contrast, code, first, second, df, sides)
            continue
        found = difference(first, second)
        se = math.sqrt(max(cube.variance(found), 0.0))
        yield _row(contrast.name, contrast.kind, code, sides, value=found.value * scale, se=se * scale, df=df,
                   level=survey.design.level, unit=unit)  # fmt: skip


def _ratio_row(
    cube: Cube, contrast: Contrast, code: str, first: Figure, second: Figure, df: int, sides: tuple[str, str]
) -> dict[str, Any]:
    """A ratio of two figures; its interval and test are those of its logarithm."""
    if first.value <= 0 or second.value <= 0:
        reason = "one of the figures is not above 0"
        return _row(contrast.name, contrast.kind, code, sides, unit="ratio", reason=reason)
    found = ratio(first, second)
    se = math.sqrt(max(cube.variance(found), 0.0))
    row = _row(contrast.name, contrast.kind, code, sides, value=math.log(found.value), se=se / found.value, df=df,
               level=cube.survey.design.level, unit="ratio")  # fmt: skip
    limits = {name: None if row[name] is None else math.exp(row[name]) for name in ("ci_low", "ci_high")}
    return row | {"estimate": found.value, "se": se} | limits


def changes(cube: Cube, before: Cube, *, units: Catalogue | None = None) -> list[dict[str, Any]]:
    """The change of every indicator in every domain that both waves have, in the order of the later one.

    Raises:
        Refused: the waves have no indicator, or no domain, in common.
    """
    known_units = units or load()
    earlier = {m.code: place for place, m in enumerate(before.survey.indicator) if m.share is None}
    rows: list[dict[str, Any]] = []
    for place, measured in enumerate(cube.survey.indicator):
        if measured.code not in earlier or measured.share is not None:
            continue
        if measured.kind != before.survey.indicator[earlier[measured.code]].kind:
            raise Refused.value(measured.kind, f"is not how {measured.code} was measured before", file=cube.survey.path,
                                expected=before.survey.indicator[earlier[measured.code]].kind)  # fmt: skip
        for names in cube.survey.breakdowns:
            there = before.part(names)
            if there is None:
                continue
            part = cube.required(names)
            for number, cell in enumerate(cube.parts[part].cells):
                at = before.parts[there].place(cell.codes)
                if at is not None:
                    now, then = (place, part, number), (earlier[measured.code], there, at)
                    rows.append(_changed(cube, before, now, then, known_units))
    if not rows:
        where = Where(cube.survey.path, field="change")
        raise Refused(f"has nothing in common with {before.survey.path.name}", where=where,
                      expected="an indicator and a domain that both waves have")  # fmt: skip
    return rows


def _changed(
    cube: Cube, before: Cube, now: tuple[int, int, int], then: tuple[int, int, int], units: Catalogue
) -> dict[str, Any]:
    survey, (place, part, cell) = cube.survey, now
    code = survey.indicator[place].code
    unit, scale = _unit(cube, code, units)
    name = f"{before.survey.period} -> {survey.period}"
    sides = domain_text(cube.parts[part].cells[cell].codes, survey.domains), before.survey.id
    first, second = cube.figure(*now), before.figure(*then)
    if first is None or second is None:
        return _row(name, "change", code, sides, unit=unit, reason="no valid answers in one of the waves")
    se = math.sqrt(max(cube.variance(first) + before.variance(second), 0.0))
    return _row(name, "change", code, sides, value=(first.value - second.value) * scale, se=se * scale,
                df=cube.df([now]) + before.df([then]), level=survey.design.level, unit=unit)  # fmt: skip


def _unit(cube: Cube, code: str, units: Catalogue) -> tuple[str, float]:
    measured = indicator_of(cube.survey, code)[1]
    unit = units[code].unit
    percent = measured.kind == "proportion" or unit == "percent"
    return ("percentage points" if percent else unit), (100.0 if percent else 1.0)


def _row(
    name: str,
    kind: str,
    indicator: str,
    sides: tuple[str, str],
    *,
    unit: str,
    value: float | None = None,
    se: float | None = None,
    df: float | None = None,
    level: float = 0.95,
    reason: str = "",
) -> dict[str, Any]:
    """A row with its t-test against 0."""
    row: dict[str, Any] = dict.fromkeys(SCHEMA)
    row |= {"comparison": name, "kind": kind, "indicator": indicator, "domain": sides[0], "against": sides[1],
            "unit": unit, "estimate": value, "se": se, "reason": reason}  # fmt: skip
    if value is None or se is None or df is None:
        return row
    row["df"] = float(df)
    row["ci_low"], row["ci_high"] = intervals.wald(value, se, df, level)
    if se > 0 and df > 0:
        row["statistic"] = value / se
        row["p_value"] = 2 * float(special.stdtr(df, -abs(value / se)))
    elif not reason:
        row["reason"] = "no variance can be estimated from this design" if df <= 0 else "nothing varies"
    return known(row)


# --- association


@dataclass(frozen=True, slots=True)
class Test:
    """Rao and Scott's test: F with its two degrees of freedom, and the p-value."""

    statistic: float
    df: float
    df2: float
    p: float


def rao_scott(shares: Floats, covariance: Floats, n: int, df: int) -> Test:
    """Pearson's chi-squared of a table of estimated shares, with the second-order correction of Rao and Scott.

    Args:
        shares: (R, C) float64, adding up to 1.
        covariance: (R*C, R*C) of the shares, row by row.
        n: rows of the sample that the table counts.
        df: degrees of freedom of the design.
    """
    rows, columns = shares.shape
    p = shares.ravel()
    row, column = np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)
    main = np.column_stack([np.ones(len(p)), *((row == r) * 1.0 for r in range(1, rows)),
                            *((column == c) * 1.0 for c in range(1, columns))])  # fmt: skip
    crossed = np.column_stack([((row == r) & (column == c)) * 1.0 for r in range(1, rows) for c in range(1, columns)])
    contrasts = crossed - main @ np.linalg.lstsq(main, crossed, rcond=None)[0]
    with np.errstate(divide="ignore"):
        inverse = np.where(p > 0, 1 / p, 0.0)
    scaled = contrasts * inverse[:, None]
    delta = np.linalg.solve(contrasts.T @ scaled / n, scaled.T @ covariance @ scaled)
    trace = float(np.trace(delta))
    freedom = trace**2 / float(np.trace(delta @ delta))
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    pearson = n * float(((shares - expected) ** 2 / expected).sum())
    statistic = pearson / trace
    return Test(statistic, freedom, freedom * df, float(special.fdtrc(freedom, freedom * df, statistic)))


def _associated(cube: Cube, association: Association) -> dict[str, Any]:
    survey = cube.survey
    labelled = f"{association.of} by {association.by}"
    named = association.of if association.of not in survey.domains else ""
    row = _row(labelled, "association", named, (association.of, association.by), unit="")
    table, n, df = _table(cube, association)
    if min(len(table), len(table[0]) if table else 0) < 2:
        return row | {"reason": "fewer than two codes on one side"}
    flat = [figure for line in table for figure in line]
    whole = combined(flat, [1.0] * len(flat), math.fsum(f.value for f in flat))
    if flat[0].replicates is not None:
        whole = replace(whole, replicates=sum(cast("Floats", f.replicates) for f in flat))
    shares = [ratio(figure, whole) for figure in flat]
    values = np.array([share.value for share in shares]).reshape(len(table), -1)
    if (values.sum(axis=0) <= 0).any() or (values.sum(axis=1) <= 0).any() or df <= 0:
        return row | {"reason": "a code without members, or no degrees of freedom"}
    test = rao_scott(values, cube.covariance(shares), n, df)
    found = {"statistic": test.statistic, "df": test.df, "df2": test.df2, "p_value": test.p}
    return known(row | found)


def _table(cube: Cube, association: Association) -> tuple[list[list[Figure]], int, int]:
    """The estimated totals of each pair of codes, the rows they rest on, and the degrees of freedom."""
    survey = cube.survey
    if association.of in survey.domains:
        part = cube.required((association.of, association.by))
        cells = cube.parts[part]
        order = [
            list(dict.fromkeys(c.codes[name] for c in _ordered(cube, name)))
            for name in (association.of, association.by)
        ]
        empty = Figure(0.0, (), np.zeros(len(cube.replicate_weights)) if cube.by_replicates else None, 0)
        table = [[cube.size(part, at) if (at := cells.place({association.of: one, association.by: two})) is not None
                  else empty for two in order[1]] for one in order[0]]  # fmt: skip
        return table, sum(figure.n for line in table for figure in line), cube.frame.df
    place = indicator_of(survey, association.of)[0]
    part = cube.required((association.by,))
    answered = [cell for cell in range(len(cube.parts[part].cells)) if cube.total(part, cell, f"n_{place}")]
    yes = [cube.weighted(f"y_{place}", part, cell) for cell in answered]
    valid = [cube.weighted(f"x_{place}", part, cell) for cell in answered]
    n = sum(int(cube.total(part, cell, f"n_{place}")) for cell in answered)
    return (
        [yes, [difference(x, y) for x, y in zip(valid, yes, strict=True)]],
        n,
        cube.df([(place, part, c) for c in answered]),
    )


def _ordered(cube: Cube, name: str) -> Sequence[Any]:
    return cube.parts[cube.required((name,))].cells
