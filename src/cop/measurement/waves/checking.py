"""Whether a survey's description estimates what the wave's mapping says, and whether the mapping is of any use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

import pyarrow as pa

from cop.kernel.errors import Refused, Where
from cop.measurement.catalogue import Indicator
from cop.measurement.engines.contract import Source
from cop.measurement.engines.duckdb import DuckDBEngine
from cop.measurement.expression import NULL, ONE, Call, Expression, Literal, columns, parse, when
from cop.measurement.measures.lowering import Terms, lower
from cop.measurement.survey.description import Measured, Survey
from cop.measurement.waves.mapping import Answer, Mapped, Wave

_COMBINATIONS = 4_096
"""The most combinations of answers that are gone through; beyond it only columns are compared."""


def check_description(survey: Survey, wave: Wave, catalogue: Mapping[str, Indicator]) -> int:
    """Hold a survey's description against a wave: each indicator must use the items' own columns, and count as they do.

    Proportions are compared answer by answer: what counts as yes, as no, and as no answer.

    Returns:
        how many of its indicators the wave has; the others cannot be checked.

    Raises:
        Refused: an indicator is estimated from other columns than the wave's, or counts an answer otherwise. Names the
            field.
    """
    checked = 0
    for place, one in enumerate(survey.indicator):
        asked = catalogue[one.code].form.asked() if one.code in catalogue else ()
        if not asked or not set(asked) <= set(wave.items):
            continue
        checked += 1
        where = Where(survey.path, field=f"indicator[{place}]")
        terms = (one.numerator, one.denominator, one.variable)
        used = {column for text in terms if text for column in columns(parse(text))}
        wanted = {wave.items[name].column.casefold() for name in asked}
        if {column.casefold() for column in used} != wanted:
            raise Refused(
                f"{one.code} is estimated from {', '.join(sorted(used))}", where=where,
                expected=f"{', '.join(sorted(wanted))} in {wave}",
            )  # fmt: skip
        if one.kind == "proportion":
            spelt = {column.casefold(): column for column in used}
            mapped = {name: wave.items[name] for name in asked}
            items = {name: item.expression(spelt[item.column.casefold()]) for name, item in mapped.items()}
            told = _difference(one, lower(catalogue[one.code].form, items), list(mapped.values()), spelt)
            if told is not None:
                raise Refused(
                    f"{one.code} counts {told} otherwise than {wave}", where=where, expected="as the wave does"
                )
    return checked


def wave_faults(waves: Iterable[Wave], catalogue: Iterable[Indicator]) -> list[str]:
    """Items of the waves that no indicator asks for: a misspelt one would never be used."""
    asked = {name for indicator in catalogue for name in indicator.form.asked()}
    return [f"{wave}: no indicator asks for item {name}" for wave in waves for name in wave.items if name not in asked]


def _difference(one: Measured, terms: Terms, mapped: list[Mapped], spelt: Mapping[str, str]) -> str | None:
    """The first combination of answers that counts differently, as a text; None where there is none."""
    answers: dict[str, list[Answer | None]] = {}
    for item in mapped:
        if item.low is not None or item.categories:
            return None
        answers.setdefault(spelt[item.column.casefold()], []).extend((*item.positive, *item.negative))
    values = [[*dict.fromkeys(given), None] for given in answers.values()]
    rows = list(product(*values))
    if len(rows) > _COMBINATIONS:
        return None
    table = pa.table({name: [row[place] for row in rows] for place, name in enumerate(answers)})
    given = _value(parse(one.numerator or ""), parse(one.denominator) if one.denominator else None)
    meant = _value(terms.numerator or NULL, terms.denominator)
    found = DuckDBEngine().first(Source(table=table), Call("<>", (given, meant)), ONE)
    if found is None:
        return None
    row = rows[found[0] - 1]
    return " and ".join(
        f"{name} = {'blank' if value is None else value}" for name, value in zip(answers, row, strict=True)
    )


def _value(numerator: Expression, denominator: Expression | None) -> Expression:
    """One for yes, zero for no, minus one for no answer."""
    none = Literal("-1")
    told = Call("case", (numerator, ONE, Call("not", (numerator,)), Literal("0"), none))
    return when(denominator, told, none)
