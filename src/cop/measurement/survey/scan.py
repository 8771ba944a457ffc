"""From microdata to a cube: the description checked against the table, one scan, and its sums put in place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cop.kernel.errors import Refused, Where
from cop.measurement.engines.contract import Engine, Source
from cop.measurement.survey import check
from cop.measurement.survey.calibration import margins
from cop.measurement.survey.cells import Cells, Codes, cells_of, codes
from cop.measurement.survey.cube import Cube
from cop.measurement.survey.description import Survey, indicator_of
from cop.measurement.survey.frame import build
from cop.measurement.survey.sums import (
    ROWS,
    SIZE,
    SQUARE,
    Grouped,
    Ints,
    Quantity,
    narrowest,
    plan,
    quantity,
    split,
)

_UNIT = 1e-3


def scan(survey: Survey, source: Source, engine: Engine) -> Cube:
    """The sums of a survey, by one scan of its table.

    Raises:
        Refused: the data does not fit the description; says file, row where it can be known, field and value.
    """
    check.columns(survey, source, engine)
    quantities = [quantity(measured) for measured in survey.indicator]
    cube = scanned(survey, source, engine, quantities, breakdowns_needed(survey), _pairs(survey))
    for place, measured in enumerate(survey.indicator):
        if not cube.parts[0].column(f"n_{place}").sum():
            raise Refused("has no valid answers", where=Where(survey.path, field=f"indicator[{place}]"),
                          expected=f"at least one row of {survey.file} that counts for {measured.code}")  # fmt: skip
    return cube


def scanned(
    survey: Survey,
    source: Source,
    engine: Engine,
    quantities: Sequence[Quantity],
    breakdowns: Sequence[tuple[str, ...]],
    pairs: Sequence[tuple[int, int]] = (),
) -> Cube:
    """The sums of these quantities in these breakdowns, everybody first."""
    query = plan(survey, source, quantities, breakdowns, pairs)
    grouped = split(query, engine.sums(query.query))
    check.rows(survey, source, engine, grouped[0])
    _refuse_normalised(survey, quantities, grouped[0])
    frame, leaves = build(survey, grouped[0])
    needed = dict.fromkeys(name for names in (*query.scanned, survey.calibrated_by) for name in names)
    coded = {name: codes(survey, source, name, grouped[0].keys[f"d_{name}"]) for name in needed}
    leaf = [leaves.of(part) for part in grouped]
    group, found = groups(survey, source, engine, grouped, coded)
    margin = margins(survey, found) if survey.calibration else None
    parts: list[Cells] = []
    for names in breakdowns:
        at = narrowest(query, names)
        parts.append(cells_of(names, coded, grouped[at], leaf[at], group[at]))
    names = tuple(total.name for total in query.query.sums)
    return Cube(survey, frame, tuple(parts), margin, tuple(q.ratio for q in quantities), names, query.same)


def breakdowns_needed(survey: Survey) -> tuple[tuple[str, ...], ...]:
    """Everybody, what is asked for, and what the comparisons need; each set of domains once."""
    found: list[tuple[str, ...]] = [(), *survey.breakdowns]
    for contrast in survey.contrast:
        found += [tuple(contrast.of), tuple(contrast.against)]
        found.append(tuple(dict.fromkeys((*contrast.of, *contrast.against))))
    for association in survey.association:
        found += [(association.by,)]
        if association.of in survey.domains:
            found += [(association.of,), (association.of, association.by)]
    found += [trend.adjust for trend in survey.trend]
    distinct: dict[frozenset[str], tuple[str, ...]] = {}
    for names in found:
        distinct.setdefault(frozenset(names), names)
    return tuple(distinct.values())


def _pairs(survey: Survey) -> list[tuple[int, int]]:
    pairs: set[tuple[int, int]] = set()
    for contrast in survey.contrast:
        if contrast.other is None:
            continue
        other = indicator_of(survey, contrast.other)[0]
        for code in contrast.indicators or (m.code for m in survey.indicator if m.share is None):
            place = indicator_of(survey, code)[0]
            pairs.add((min(place, other), max(place, other)))
    return sorted((i, j) for i, j in pairs if i != j)


def groups(
    survey: Survey, source: Source, engine: Engine, grouped: Sequence[Grouped], coded: dict[str, Codes]
) -> tuple[list[Ints], list[tuple[str, ...]]]:
    """The calibration group of the rows of each part, and the codes of each group."""
    names = survey.calibrated_by
    if not names:
        return [np.zeros(len(part), np.int64) for part in grouped], []
    whole: list[Ints] = []
    for part in grouped:
        number = np.zeros(len(part), np.int64)
        for name in names:
            place = coded[name].of(part.keys[f"d_{name}"])
            if (place < 0).any():
                raise check.without_code(survey, source, engine, name)
            number = number * len(coded[name].order) + place
        whole.append(number)
    distinct = np.unique(whole[0])
    found: list[tuple[str, ...]] = []
    for value in distinct.tolist():
        rest, texts = value, []
        for name in reversed(names):
            rest, place = divmod(rest, len(coded[name].order))
            texts.append(coded[name].order[place])
        found.append(tuple(reversed(texts)))
    return [np.searchsorted(distinct, number) for number in whole], found


def _refuse_normalised(survey: Survey, quantities: Sequence[Quantity], whole: Grouped) -> None:
    """Weights that add up to the number of rows, and differ, count no population."""
    design = survey.design
    if design.weights_kind != "population" or survey.calibration or all(q.ratio for q in quantities):
        return
    rows, size, square = (float(whole.column(name).sum()) for name in (ROWS, SIZE, SQUARE))
    if abs(size / rows - 1) < _UNIT and square > rows * (1 + _UNIT):
        raise Refused(
            f"the weights of {rows:,.0f} rows add up to {size:,.0f}: they are normalised, and give no totals",
            where=Where(survey.path, field="design.weights_kind"), expected="weights that add up to the population",
        )  # fmt: skip
