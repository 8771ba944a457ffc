"""Survey estimates: one scan, then NumPy. One row per indicator and domain cell.

Taylor linearisation with strata, PSUs nested in them, finite population corrections of one or two stages and domains
against the full design; the jackknife; replicate weights; calibrated weights. Equal to R's `survey` package (Lumley) to
1e-8; see the conformance tests for the figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cop.kernel.errors import Refused
from cop.kernel.progress import SILENT, Progress
from cop.measurement.catalogue import Catalogue, load
from cop.measurement.engines.contract import Engine
from cop.measurement.engines.duckdb import DuckDBEngine
from cop.measurement.survey import presentation
from cop.measurement.survey.cells import TOTAL
from cop.measurement.survey.cells import domain_text as text_of
from cop.measurement.survey.cube import Cube
from cop.measurement.survey.description import Survey, indicator_of, read
from cop.measurement.survey.figures import figures
from cop.measurement.survey.files import source as source_of
from cop.measurement.survey.quantiles import quantiles
from cop.measurement.survey.scan import scan


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
    engine = engine or DuckDBEngine()
    return measure(count(survey, engine=engine), engine=engine, progress=progress, catalogue=catalogue, rules=rules)


def count(survey: Survey, *, engine: Engine | None = None) -> Cube:
    """The sufficient statistics of a survey, by one scan; `estimate` says the rest."""
    return scan(survey, source_of(survey), engine or DuckDBEngine())


def measure(
    cube: Cube,
    *,
    engine: Engine | None = None,
    progress: Progress = SILENT,
    catalogue: Catalogue | None = None,
    rules: presentation.Rules | None = None,
    indicators: Sequence[str] = (),
    breakdowns: Sequence[tuple[str, ...]] = (),
) -> pl.DataFrame:
    """The estimates of a cube, as `estimate` returns them.

    Medians and quantiles are no function of the cube's sums: they scan the microdata again, and a cube that was kept
    has none of them.

    Args:
        cube: the sums.
        engine: where the microdata is scanned again.
        progress: told of domain cells.
        catalogue: gives the units; the installed one by default.
        rules: presentation rules; the installed ones by default.
        indicators: codes; all where none is named.
        breakdowns: those of the description where none is named.

    Raises:
        Refused: no such indicator or breakdown, or a quantile asked of a cube that was kept.
    """
    survey = cube.survey
    units, presented = catalogue or load(), rules or presentation.load()
    wanted = tuple(breakdowns) or survey.breakdowns
    asked = [(part, cell) for names in wanted for part in [cube.required(names)]
             for cell in range(len(cube.parts[part].cells))]  # fmt: skip
    places = [indicator_of(survey, code)[0] for code in indicators] or [
        place for place, measured in enumerate(survey.indicator) if measured.share is None or not cube.kept
    ]
    progress.total(len(asked) * len(places))
    rows: list[dict[str, Any]] = []
    for place in places:
        measured = survey.indicator[place]
        unit = units[measured.code].unit
        if measured.share is not None:
            if cube.kept:
                raise Refused.value(measured.code, f"is a {measured.kind}, which no cube holds", file=survey.path,
                                    expected="the description, which scans the microdata")  # fmt: skip
            found = quantiles(cube, source_of(survey), engine or DuckDBEngine(), place, wanted, unit=unit,
                              rules=presented)  # fmt: skip
            for one in found:
                for cell, row in zip(one.cells.cells, one.rows, strict=True):
                    rows.append(_row(survey, measured.code, cell.codes, row))
                    progress.advance()
            continue
        for part, cell in asked:
            row = figures(cube, place, part, cell, unit=unit, rules=presented)
            rows.append(_row(survey, measured.code, cube.parts[part].cells[cell].codes, row))
            progress.advance()
    return pl.DataFrame(rows, schema=schema(survey), orient="row")


def waves(survey: Survey, *, engine: Engine | None = None, catalogue: Catalogue | None = None) -> dict[str, Cube]:
    """The cubes of the earlier waves that a description's changes and trends name, by the names of their files.

    Each is broken down as this one is, where it has the domains.

    Raises:
        Refused: an earlier description or its data is wrong.
    """
    names = dict.fromkeys(
        name for name in (*(c.since for c in survey.change), *(w for t in survey.trend for w in t.waves))
    )
    found: dict[str, Cube] = {}
    for name in names:
        earlier = read((survey.path.parent / name).resolve(), catalogue=catalogue)
        known = {frozenset(own) for own in earlier.breakdowns}
        asked = (*survey.breakdowns, *(trend.adjust for trend in survey.trend))
        more = {frozenset(own): own for own in asked if set(own) <= earlier.domains.keys()}
        added = tuple(own for key, own in more.items() if key not in known)
        found[name] = count(earlier.model_copy(update={"breakdowns": (*earlier.breakdowns, *added)}), engine=engine)
    return found


def _row(survey: Survey, code: str, codes: Mapping[str, str], figures: dict[str, Any]) -> dict[str, Any]:
    return {"indicator": code, **{name: codes.get(name, TOTAL) for name in survey.domains}, **figures}


def schema(survey: Survey) -> dict[str, pl.DataType]:
    """The columns of the estimates of a survey."""
    real = dict.fromkeys(("estimate", "se", "ci_low", "ci_high", "cv"), pl.Float64())
    return {
        "indicator": pl.String(), **dict.fromkeys(survey.domains, pl.String()), **real, "n": pl.Int64(),
        "deff": pl.Float64(), "df": pl.Float64(), "unit": pl.String(), "flag": pl.String(), "flag_reason": pl.String(),
    }  # fmt: skip


def domain_text(row: dict[str, Any], survey: Survey) -> str:
    """The domain of a result row as one text: `_T`, or `sex=Female;grade=9` in the description's order."""
    return text_of(row, survey.domains)
