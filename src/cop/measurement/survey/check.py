"""Whether the microdata fits its description: columns before the scan, values after it. One fault, said clearly."""

from __future__ import annotations

from pathlib import Path

from cop.kernel.errors import Refused, Where, shown
from cop.measurement.engines.contract import Engine, Kind, Source
from cop.measurement.engines.duckdb import unknown_column
from cop.measurement.expression import ONE, Call, Column, Expression, Literal, parse
from cop.measurement.expression import columns as columns_of
from cop.measurement.survey.description import Survey
from cop.measurement.survey.replicates import refuse_unused
from cop.measurement.survey.sums import FIT, ROWS, Grouped, fit_replicates, fit_weight


def columns(survey: Survey, source: Source, engine: Engine) -> None:
    """Every column that is named exists, and the numeric ones hold numbers.

    Raises:
        Refused: names the field of the description, the column and the nearest ones there are.
    """
    known = engine.columns(source)
    design = survey.design
    named: list[tuple[str, Expression]] = [("design.weights", Column(design.weights))]
    for field in ("strata", "psu", "ssu"):
        name: str | None = getattr(design, field)
        if name is not None:
            named.append((f"design.{field}", Column(name)))
    named += [(f"design.fpc[{stage}]", Column(name)) for stage, name in enumerate(design.fpc)]
    given = design.replicates.weights if design.replicates is not None else ()
    replicates = [("design.replicates.weights", name) for name in given]
    named += [(field, Column(name)) for field, name in replicates]
    named += [(f"domains.{name}", domain.value) for name, domain in survey.domains.items()]
    for place, measured in enumerate(survey.indicator):
        for term in ("numerator", "denominator", "variable", "where"):
            text: str | None = getattr(measured, term)
            if text is not None:
                named.append((f"indicator[{place}].{term}", parse(text)))
    for field, expression in named:
        for name in columns_of(expression):
            if name not in known:
                raise unknown_column(name, known, source.name, field)
    numbers = [("design.weights", design.weights), *((f"design.fpc[{i}]", n) for i, n in enumerate(design.fpc))]
    for stage, name in [*numbers, *replicates]:
        if known[name] != "number":
            raise _not_a_number(stage, name, source, engine)
    for place, measured in enumerate(survey.indicator):
        _bare_conditions(survey.path, place, measured.model_dump(), known)
    refuse_unused(survey, source, engine, known)


def _bare_conditions(path: Path, place: int, measured: dict[str, str | None], known: dict[str, Kind]) -> None:
    terms = ["where", *(["numerator", "denominator"] if measured["kind"] == "proportion" else [])]
    for term in terms:
        text = measured[term]
        value = parse(text) if text is not None else None
        if isinstance(value, Column) and known[value.name] != "boolean":
            raise Refused(
                f"{shown(value.name)} is not a column of true and false",
                where=Where(path, field=f"indicator[{place}].{term}"), expected=f"a condition such as {value.name} = 1",
            )  # fmt: skip


def _not_a_number(field: str, name: str, source: Source, engine: Engine) -> Refused:
    if engine.first(source, Literal("TRUE", "boolean"), ONE) is None:
        return _no_rows(source)
    found = engine.first(source, Call("is not null", (Column(name),)), Column(name))
    row, value = found if found is not None else (None, "")
    return Refused.value(
        str(value), "is in a column that does not hold numbers", file=source.name, row=row, field=name,
        expected=f"numbers, as {field} needs",
    )  # fmt: skip


def _no_rows(source: Source) -> Refused:
    return Refused("has no rows", where=Where(source.name), expected="a header and at least one row")


def rows(survey: Survey, source: Source, engine: Engine, whole: Grouped) -> None:
    """There are rows, each with a weight of 0 or more and a place in the design.

    Raises:
        Refused: names the first row that is wrong.
    """
    count = whole.column(ROWS).sum() if len(whole) else 0.0
    if not count:
        raise _no_rows(source)
    design = survey.design
    if whole.column(FIT).sum() != count:
        weights = Column(design.weights)
        found = engine.first(source, _unfit(fit_weight(survey)), weights)
        row, value = found if found is not None else (None, None)
        what = ("", "is missing") if value is None else (value, "is negative or not finite")
        raise Refused.value(
            what[0], what[1], file=source.name, row=row, field=design.weights, expected="a weight of 0 or more"
        )
    if design.replicates is not None and whole.column(f"{FIT}_r").sum() != count:
        names = design.replicates.weights
        found = engine.first(source, _unfit(fit_replicates(names)), ONE)
        raise Refused(
            "a replicate weight is missing or not finite",
            where=Where(source.name, found[0] if found else None, f"{names[0]} to {names[-1]}"),
            expected="a number in every replicate",
        )
    named = [("stratum", design.strata), ("psu", design.psu), ("ssu", design.ssu)]
    named += [(f"fpc{stage}", name) for stage, name in enumerate(design.fpc)]
    for key, name in named:
        if name is None or not (whole.keys[key].index < 0).any():
            continue
        found = engine.first(source, Call("is null", (Column(name),)), Column(name))
        raise Refused.value(
            "", "is missing", file=source.name, row=found[0] if found else None, field=name,
            expected="a value in every row: the design has no place for the row otherwise",
        )  # fmt: skip


def _unfit(condition: Expression) -> Expression:
    """True where a condition is false or unknown."""
    return Call("not", (Call("coalesce", (condition, Literal("FALSE", "boolean"))),))


def without_code(survey: Survey, source: Source, engine: Engine, name: str) -> Refused:
    """The refusal of a row that has no code of a domain that the weights are calibrated by."""
    found = engine.first(source, Call("is null", (survey.domains[name].value,)), ONE)
    return Refused.value(
        "", "is missing or has no code", file=source.name, row=found[0] if found else None, field=name,
        expected="a code in every row: the weights are calibrated by it",
    )  # fmt: skip
