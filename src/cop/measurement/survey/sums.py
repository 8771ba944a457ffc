"""From a description to one scan: the grouped sums a survey needs, and what comes back, as arrays.

Per domain cell and sampling unit the scan gives n, the sums of w, w*y, w*x, w*y*y, w*x*y, w*x*x and, where rows
themselves are sampling units, the squares of w*y and w*x. Missing answers stay in the design: they add nothing, and
their strata and PSUs are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cop.measurement.engines.contract import SET, GroupedSums, Named, Source
from cop.measurement.expression import ONE, Call, Column, Expression, Literal, all_of, is_predicate, parse, times, when
from cop.measurement.survey.description import Measured, Survey

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ROWS, LIVE, BAD = "rows", "live", "bad"
STRATUM, PSU, SSU = "stratum", "psu", "ssu"
MOMENTS = ("n", "in", "w", "y", "x", "wyy", "wxy", "wxx")
PRODUCTS = ("qyy", "qxy", "qxx")
_ZERO = Literal("0")
_DOUBLE = Literal("1e0")
_GREATEST = Literal("1.7976931348623157e308")


@dataclass(frozen=True, slots=True)
class Plan:
    """The query and where its parts are. `elements`: each row is its own unit of the last stage sampled."""

    query: GroupedSums
    breakdowns: tuple[tuple[str, ...], ...]
    elements: bool
    same: dict[str, str] = field(repr=False)


def weight(survey: Survey) -> Expression:
    """The weight as a double."""
    return times(_DOUBLE, Column(survey.design.weights))


def bad_weight(survey: Survey) -> Expression:
    """True where a weight is missing, negative or not finite."""
    column = Column(survey.design.weights)
    return Call("or", (Call("is null", (column,)), Call("<", (column, _ZERO)), Call(">", (column, _GREATEST))))


def terms(measured: Measured) -> tuple[Expression, Expression, Expression | None]:
    """The y and x of an indicator, and the condition for an answer to be valid (nulls of y and x apart).

    A proportion and a mean divide by the number of valid answers: their x is one.
    """
    conditions = [parse(text) for text in (measured.where,) if text is not None]
    if measured.kind == "proportion":
        if measured.denominator is not None:
            conditions.append(parse(measured.denominator))
        y = _as_number(parse(measured.numerator or ""), condition=True)
        return y, ONE, all_of(*conditions)
    if measured.kind == "ratio":
        return (
            _as_number(parse(measured.numerator or "")),
            _as_number(parse(measured.denominator or "")),
            all_of(*conditions),
        )
    return _as_number(parse(measured.variable or "")), ONE, all_of(*conditions)


def _as_number(value: Expression, *, condition: bool = False) -> Expression:
    if condition or is_predicate(value):
        return Call("case", (value, ONE, Call("not", (value,)), _ZERO, Literal("NULL", "null")))
    return value


def plan(survey: Survey, source: Source) -> Plan:
    """The scan for everything the description asks for."""
    design = survey.design
    keys = [Named(STRATUM, Column(design.strata))] if design.strata else []
    if design.psu:
        keys.append(Named(PSU, Column(design.psu)))
    if design.ssu:
        keys.append(Named(SSU, Column(design.ssu)))
    keys += [Named(f"fpc{stage}", Column(name)) for stage, name in enumerate(design.fpc)]
    base = tuple(key.name for key in keys)
    domains = [Named(f"d_{name}", domain.value) for name, domain in survey.domains.items()]
    # the whole design comes first, whether it is asked for or not: counts of strata and PSUs are its own
    breakdowns = ((), *(names for names in survey.breakdowns if names))
    w = weight(survey)
    live = Call(">", (Column(design.weights), _ZERO))
    elements = design.psu is None or (len(design.fpc) == 2 and design.ssu is None)
    sums = [
        Named(ROWS, ONE),
        Named(LIVE, when(live, ONE)),
        Named(BAD, when(bad_weight(survey), ONE)),
    ]
    for place, measured in enumerate(survey.indicator):
        sums += _sums(measured, place, w, live, elements=elements)
    sets = tuple((*base, *(f"d_{name}" for name in names)) for names in breakdowns)
    query = GroupedSums(source, (*keys, *domains), tuple(sums), sets=sets)
    same = {f"{a}_{i}": f"{b}_{i}" for i, m in enumerate(survey.indicator) for a, b in aliases(m).items()}
    return Plan(query, breakdowns, elements, same)


def aliases(measured: Measured) -> dict[str, str]:
    """Sums that equal others: x is one unless it is a ratio's, and the y of a proportion is 0 or 1."""
    if measured.kind == "ratio":
        return {}
    ones = {"x": "w", "wxx": "w", "wxy": "y"}
    return ones | ({"wyy": "y"} if measured.kind == "proportion" else {})


def _sums(measured: Measured, place: int, w: Expression, live: Expression, *, elements: bool) -> list[Named]:
    y, x, condition = terms(measured)
    inside = all_of(parse(measured.where) if measured.where is not None else None, live)
    present = [Call("is not null", (term,)) for term in (y, x) if term is not ONE]
    valid = all_of(condition, live, *present)
    same = aliases(measured)
    values = {
        "n": ONE, "w": w, "y": times(w, y), "x": times(w, x),
        "wyy": times(w, y, y), "wxy": times(w, x, y), "wxx": times(w, x, x),
    }  # fmt: skip
    values = {name: value for name, value in values.items() if name not in same}
    if elements:
        values |= {"qyy": times(w, y, w, y), "qxy": times(w, x, w, y), "qxx": times(w, x, w, x)}
    found = [Named(f"{name}_{place}", when(valid, value)) for name, value in values.items()]
    return [*found, Named(f"in_{place}", when(inside, ONE))]


@dataclass(frozen=True, slots=True)
class Grouped:
    """The rows of one grouping set: its keys as Python values, its sums as a matrix.

    Attributes:
        keys: by name, one value per row.
        sums: (n_row, n_sum) float64.
        columns: name of a sum -> its place in the matrix.
    """

    keys: dict[str, list[Any]]
    sums: Floats
    columns: dict[str, int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.sums)

    def column(self, name: str) -> Floats:
        return self.sums[:, self.columns[name]]


def split(plan: Plan, table: pa.Table) -> list[Grouped]:
    """The engine's answer, one part per breakdown of the plan, in its order."""
    names = [total.name for total in plan.query.sums]
    matrix = np.column_stack([cast("Floats", table.column(name).to_numpy()) for name in names]) if len(table) else (
        np.zeros((0, len(names)))
    )  # fmt: skip
    keys = {key.name: table.column(key.name).to_pylist() for key in plan.query.keys}
    which = np.asarray(table.column(SET).to_numpy())
    places = {name: place for place, name in enumerate(names)}
    places |= {alias: places[name] for alias, name in plan.same.items()}
    parts: list[Grouped] = []
    for number in range(len(plan.breakdowns)):
        chosen = np.flatnonzero(which == number)
        parts.append(Grouped({n: [v[i] for i in chosen.tolist()] for n, v in keys.items()}, matrix[chosen], places))
    return parts


def merged(index: Sequence[Ints], sums: Floats) -> tuple[list[Ints], Floats]:
    """Rows with the same index added up.

    Args:
        index: integer keys, each (n_row,).
        sums: (n_row, n_sum).

    Returns:
        The distinct keys in order, each (n_group,), and their sums (n_group, n_sum).
    """
    if not len(sums):
        return list(index), sums
    order = np.lexsort(tuple(reversed(index)))
    sorted_keys = [key[order] for key in index]
    new = np.ones(len(order), bool)
    new[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in sorted_keys])
    starts = np.flatnonzero(new)
    return [key[starts] for key in sorted_keys], np.add.reduceat(sums[order], starts, axis=0)
