"""Survey estimates: one scan, then NumPy. One row per indicator and domain cell.

Taylor linearisation with strata, PSUs nested in them, finite population corrections of one or two stages and domains
against the full design, equal to R's `survey` package (Lumley) to 1e-8; see the conformance tests for the figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from cop.kernel.errors import Refused, Where
from cop.kernel.progress import SILENT, Progress
from cop.measurement.catalogue import Catalogue, load
from cop.measurement.engines.contract import Engine, Source
from cop.measurement.engines.duckdb import DuckDBEngine
from cop.measurement.survey import check, intervals, presentation
from cop.measurement.survey.description import Design, Domain, Measured, Survey
from cop.measurement.survey.files import source as source_of
from cop.measurement.survey.frame import Frame, build
from cop.measurement.survey.sums import MOMENTS, PRODUCTS, SSU, Floats, Grouped, Ints, merged, plan, split
from cop.measurement.survey.variance import Linearised, jackknife, taylor

TOTAL = "_T"


@dataclass(frozen=True, slots=True)
class Cell:
    """One domain cell: its codes, and the sums of its units.

    Attributes:
        codes: domain -> published code, for the domains of its breakdown.
        unit: (n,) as `Frame.unit` numbers them, each once.
        sums: (n, n_sum).
    """

    codes: dict[str, str]
    unit: Ints
    sums: Floats


@dataclass(frozen=True, slots=True)
class Moments:
    """The sums of one indicator in one cell, by name: each (n_unit,)."""

    unit: Ints
    by_name: dict[str, Floats]

    def of(self, name: str) -> Floats:
        return self.by_name[name]

    def all(self, name: str) -> float:
        return float(self.by_name[name].sum())


def estimate(
    survey: Survey,
    *,
    engine: Engine | None = None,
    progress: Progress = SILENT,
    catalogue: Catalogue | None = None,
    rules: presentation.Rules | None = None,
) -> pl.DataFrame:
    """Estimate everything a description asks for.

    Args:
        survey: the description, as `description.read` returns it.
        engine: where the sums are computed; DuckDB by default.
        progress: told of domain cells.
        catalogue: gives the units; the installed one by default.
        rules: presentation rules; the installed ones by default.

    Returns:
        One row per indicator, in the description's order, and domain cell, with `indicator`, one column per domain
        (`_T` for all), `estimate` and `se` in `unit` (percent for proportions), `ci_low`, `ci_high`, `cv` (se divided
        by |estimate|), `n` (valid answers, unweighted), `deff`, `df`, `unit`, `flag` ("ok", "use with caution",
        "not published") and `flag_reason`. What cannot be estimated is null.

    Raises:
        Refused: the data does not fit the description; says file, row where it can be known, field and value.
    """
    found = source_of(survey)
    engine = engine or DuckDBEngine()
    check.columns(survey, found, engine)
    scan = plan(survey, found)
    parts = split(scan, engine.sums(scan.query))
    check.rows(survey, found, engine, parts[0])
    frame = build(survey, parts[0])
    asked = [
        cell
        for names, part in zip(scan.breakdowns, parts, strict=True)
        if names or () in survey.breakdowns
        for cell in _cells(survey, found, frame, names, part, elements=scan.elements)
    ]
    progress.total(len(asked) * len(survey.indicator))
    columns = parts[0].columns
    appended = len(survey.indicator) if survey.design.ssu is not None else 0
    known, presented = catalogue or load(), rules or presentation.load()
    rows: list[dict[str, Any]] = []
    for place, measured in enumerate(survey.indicator):
        if not parts[0].column(f"n_{place}").sum():
            raise Refused("has no valid answers", where=Where(survey.path, field=f"indicator[{place}]"),
                          expected=f"at least one row of {survey.file} that counts for {measured.code}")  # fmt: skip
        for cell in asked:
            moments = _moments(cell, columns, place, squares=scan.elements, appended=appended)
            codes = {name: cell.codes.get(name, TOTAL) for name in survey.domains}
            figures = _figures(survey, frame, measured, moments, unit=known[measured.code].unit, rules=presented)
            rows.append({"indicator": measured.code, **codes, **figures})
            progress.advance()
    return pl.DataFrame(rows, schema=_schema(survey), orient="row")


def _schema(survey: Survey) -> dict[str, pl.DataType]:
    real = dict.fromkeys(("estimate", "se", "ci_low", "ci_high", "cv"), pl.Float64())
    return {
        "indicator": pl.String(), **dict.fromkeys(survey.domains, pl.String()), **real, "n": pl.Int64(),
        "deff": pl.Float64(), "df": pl.Float64(), "unit": pl.String(), "flag": pl.String(), "flag_reason": pl.String(),
    }  # fmt: skip


def _cells(
    survey: Survey, source: Source, frame: Frame, names: tuple[str, ...], part: Grouped, *, elements: bool
) -> Iterator[Cell]:
    """The cells of a breakdown in the order of their labels, rows of one unit added up."""
    codes = [_codes(survey, source, name, survey.domains[name], part.keys[f"d_{name}"]) for name in names]
    keep = np.logical_and.reduce([index >= 0 for index, _ in codes]) if codes else np.ones(len(part), bool)
    keys = [index[keep] for index, _ in codes]
    unit, sums = frame.unit(part)[keep], part.sums[keep]
    if SSU in part.keys:
        numbers = {value: place for place, value in enumerate(dict.fromkeys(part.keys[SSU]))}
        ssu = np.array([numbers[value] for value in part.keys[SSU]], np.int64)[keep]
        (*keys, unit, _), sums = merged([*keys, unit, ssu], sums)
        sums = _with_products(sums, part.columns, len(survey.indicator))
    (*keys, unit), sums = merged([*keys, unit], sums)
    if not len(unit):
        return
    cell = np.stack(keys) if keys else np.zeros((1, len(unit)), np.int64)
    starts = [0, *(np.flatnonzero((cell[:, 1:] != cell[:, :-1]).any(axis=0)) + 1).tolist(), len(unit)]
    for start, stop in pairwise(starts):
        labels = {name: codes[i][1][int(keys[i][start])] for i, name in enumerate(names)}
        yield Cell(labels, unit[start:stop], sums[start:stop])


def _with_products(sums: Floats, columns: dict[str, int], indicators: int) -> Floats:
    """Sums of second-stage units with their products appended, three per indicator: yy, xy, xx."""
    y = sums[:, [columns[f"y_{place}"] for place in range(indicators)]]
    x = sums[:, [columns[f"x_{place}"] for place in range(indicators)]]
    return np.hstack([sums, y * y, x * y, x * x])


def _moments(cell: Cell, columns: dict[str, int], place: int, *, squares: bool, appended: int) -> Moments:
    named = {name: cell.sums[:, columns[f"{name}_{place}"]] for name in MOMENTS}
    for number, name in enumerate(PRODUCTS):
        if squares:
            named[name] = cell.sums[:, columns[f"{name}_{place}"]]
        elif appended:
            named[name] = cell.sums[:, cell.sums.shape[1] + (number - 3) * appended + place]
    return Moments(cell.unit, named)


def _codes(survey: Survey, source: Source, name: str, domain: Domain, values: list[Any]) -> tuple[Ints, list[str]]:
    """For each value the number of its code (-1: missing), and the codes in order."""
    texts = [_text(value) for value in values]
    if domain.labels:
        order = list(dict.fromkeys(domain.labels.values()))
        for text in texts:
            if text is not None and text not in domain.labels and domain.unlisted == "refuse":
                raise Refused.value(text, "has no label", file=source.name, field=domain.column or name,
                                    expected=f'one of {", ".join(domain.labels)}, or unlisted = "missing"')  # fmt: skip
        place = {value: order.index(code) for value, code in domain.labels.items()}
    else:
        pairs = {text: value for text, value in zip(texts, values, strict=True) if text is not None}
        order = sorted(pairs, key=lambda text: (isinstance(pairs[text], str), pairs[text]))
        place = {text: number for number, text in enumerate(order)}
    return np.array([-1 if text is None else place.get(text, -1) for text in texts], np.int64), order


def _text(value: object) -> str | None:
    """A value as a description writes it: 1 for 1.0, true for True; the empty text is no value."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _figures(
    survey: Survey, frame: Frame, measured: Measured, sums: Moments, *, unit: str, rules: presentation.Rules
) -> dict[str, Any]:
    design, n = survey.design, int(sums.all("n"))
    df = frame.df if design.df == "design" else _domain_df(frame, sums)
    y, x = sums.all("y"), sums.all("x")
    ratio = measured.kind != "total"
    if n == 0 or (ratio and x == 0):
        return {"n": n, "df": float(df), "unit": unit, "flag": "not published", "flag_reason": "no valid answers"}
    value, divisor = (y / x, x) if ratio else (y, 1.0)
    slope = value if ratio else 0.0
    variance = _variance(survey, frame, sums, slope, divisor, ratio=ratio)
    se = math.sqrt(variance) if math.isfinite(variance) else math.nan
    figures: dict[str, Any] = {"n": n, "df": float(df), "unit": unit}
    cv = se / abs(value) if value else math.nan
    figures["deff"] = _design_effect(sums, slope, divisor, variance, n, population=design.weights_kind == "population")
    if measured.kind == "proportion":
        rows = int(sums.all("in"))
        low, high = _interval(design, value, se, rows=rows, df=df)
        flag, reason = presentation.proportion(rules, estimate=value, se=se, n=n, rows=rows, df=df)
        figures |= {"estimate": value * 100, "se": se * 100}
        figures |= {"ci_low": None if low is None else low * 100, "ci_high": None if high is None else high * 100}
    else:
        scale = 100.0 if unit == "percent" else 1.0
        low, high = intervals.wald(value, se, df, design.level)
        flag, reason = presentation.other(rules, cv=cv if math.isfinite(cv) else None, n=n, df=df)
        figures |= {"estimate": value * scale, "se": se * scale}
        figures |= {"ci_low": None if low is None else low * scale, "ci_high": None if high is None else high * scale}
    figures |= {"cv": cv, "flag": flag, "flag_reason": reason}
    return {key: None if isinstance(v, float) and not math.isfinite(v) else v for key, v in figures.items()}


def _interval(design: Design, value: float, se: float, *, rows: int, df: float) -> intervals.Interval:
    kind, level = design.ci, design.level
    if not math.isfinite(se):
        return intervals.NONE
    if kind == "logit":
        return intervals.logit(value, se, df, level)
    if kind == "wald":
        return intervals.wald(value, se, df, level)
    return intervals.beta(value, intervals.effective_n(value, se, rows, df, level), level)


def _variance(survey: Survey, frame: Frame, sums: Moments, slope: float, divisor: float, *, ratio: bool) -> float:
    y, x = sums.of("y"), sums.of("x")
    if survey.design.variance != "taylor":
        return jackknife(frame, sums.unit, y, x if ratio else None)
    total = (y - slope * x) / divisor
    squares = None
    if "qyy" in sums.by_name:
        squares = (sums.of("qyy") - 2 * slope * sums.of("qxy") + slope**2 * sums.of("qxx")) / divisor**2
    try:
        return taylor(frame, Linearised(sums.unit, total, squares), survey.design.lonely_psu)
    except Refused as error:
        raise Refused(
            error.problem, where=Where(survey.path, field="design.lonely_psu"), expected=error.expected
        ) from error


def _domain_df(frame: Frame, sums: Moments) -> int:
    """First-stage units with rows in the domain, missing answers included, less their strata (R's `degf`)."""
    inside = sums.of("in")
    reached = sums.unit[inside > 0]
    strata = len(set(frame.stratum(reached).tolist()))
    return (len(reached) if frame.psus else int(inside.sum())) - strata


def _design_effect(
    sums: Moments, slope: float, divisor: float, variance: float, n: int, *, population: bool
) -> float | None:
    """Variance over that of a simple random sample of n, without replacement where weights add up to a population.

    As R's `svymean(deff = TRUE)`, or `deff = "replace"` for normalised weights.
    """
    weight = sums.all("w")
    if n < 2 or (population and weight <= n):
        return None
    mean = (sums.all("y") - slope * sums.all("x")) / weight
    moment = (sums.all("wyy") - 2 * slope * sums.all("wxy") + slope**2 * sums.all("wxx")) / weight - mean**2
    plain = moment * n / (n - 1) * weight**2 / n / divisor**2 * ((1 - n / weight) if population else 1.0)
    return variance / plain if plain > 0 else None


def domain_text(row: dict[str, Any], survey: Survey) -> str:
    """The domain of a result row as one text: `_T`, or `sex=Female;grade=9` in the description's order."""
    parts = [f"{name}={row[name]}" for name in survey.domains if row[name] != TOTAL]
    return ";".join(parts) or TOTAL
