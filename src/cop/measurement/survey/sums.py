"""From a description to one scan: the grouped sums a survey needs, and what comes back, as arrays.

Per domain cell and sampling unit the scan gives n, the sums of w, w*y, w*x, w*y*y, w*x*y, w*x*x and, where rows
themselves are sampling units, the squares of w*y and w*x; with replicate weights, per domain cell, the sums of each
replicate's w*y and w*x. Missing answers stay in the design: they add nothing, and their strata and PSUs are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cop.measurement.engines.contract import SET, GroupedSums, Named, Source
from cop.measurement.expression import ONE, Call, Column, Expression, Literal, all_of, is_predicate, parse, times, when
from cop.measurement.survey.description import Measured, Survey

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ROWS, LIVE, FIT, SIZE, SQUARE = "rows", "live", "fit", "size", "square"
STRATUM, PSU, SSU = "stratum", "psu", "ssu"
_ZERO = Literal("0")
_DOUBLE = Literal("1e0")
_GREATEST = Literal("1.7976931348623157e308")


@dataclass(frozen=True, slots=True)
class Quantity:
    """The y and x of one figure, as the engine computes them for a row.

    Attributes:
        y: the numerator; null where there is no answer.
        x: the denominator; one for a share or a mean.
        condition: must be true for the answer to count; None where there is none.
        inside: the subpopulation, answered or not.
        ratio: the figure is y over x, not the total of y.
        share: y is 0 or 1.
        event: of a share, true where y is 1 and null where there is no answer; None where only y says so.
    """

    y: Expression
    x: Expression
    condition: Expression | None
    inside: Expression | None
    ratio: bool
    share: bool
    event: Expression | None = None


def quantity(measured: Measured) -> Quantity:
    """The y and x of an indicator; of a median or quantile, its variable."""
    inside = parse(measured.where) if measured.where is not None else None
    if measured.kind == "proportion":
        counted = parse(measured.denominator) if measured.denominator is not None else None
        event = parse(measured.numerator or "")
        y = _as_number(event, condition=True)
        return Quantity(y, ONE, all_of(inside, counted), inside, ratio=True, share=True, event=event)
    if measured.kind == "ratio":
        y, x = _as_number(parse(measured.numerator or "")), _as_number(parse(measured.denominator or ""))
        return Quantity(y, x, inside, inside, ratio=True, share=False)
    y = _as_number(parse(measured.variable or ""))
    return Quantity(y, ONE, inside, inside, ratio=measured.kind != "total", share=False)


def _as_number(value: Expression, *, condition: bool = False) -> Expression:
    if condition or is_predicate(value):
        return Call("case", (value, ONE, Call("not", (value,)), _ZERO, Literal("NULL", "null")))
    return value


@dataclass(frozen=True, slots=True)
class Plan:
    """The query, and where its parts are.

    Attributes:
        query: for the engine.
        scanned: the domains of each grouping set, the first of which covers every row as all do.
        elements: each row is its own unit of the last stage sampled.
        same: name of a sum -> name of the sum that it equals.
    """

    query: GroupedSums
    scanned: tuple[tuple[str, ...], ...]
    elements: bool
    same: dict[str, str] = field(repr=False)


def weight(survey: Survey) -> Expression:
    """The weight as a double."""
    return times(_DOUBLE, Column(survey.design.weights))


def fit_weight(survey: Survey) -> Expression:
    """True where a weight is 0 or more and finite; null where it is missing."""
    return Call("between", (Column(survey.design.weights), _ZERO, _GREATEST))


def fit_replicates(names: Sequence[str]) -> Expression:
    """True where all replicate weights are finite, as their sum is, then; null where one is missing."""
    total = Call("+", tuple(times(_DOUBLE, Column(name)) for name in names))
    return Call("between", (total, Literal("-" + _GREATEST.text), _GREATEST))


def plan(
    survey: Survey,
    source: Source,
    quantities: Sequence[Quantity],
    breakdowns: Sequence[tuple[str, ...]],
    pairs: Sequence[tuple[int, int]] = (),
) -> Plan:
    """The scan for these quantities in these breakdowns.

    Only breakdowns that are part of no other one are grouped by; the rest are added up from them.

    Args:
        survey: the description: its design, domains and calibration.
        source: the table.
        quantities: numbered by their place.
        breakdowns: each a tuple of domains.
        pairs: places of quantities whose covariance is asked for; matters where rows are sampling units.
    """
    design = survey.design
    names = [(STRATUM, design.strata), (PSU, design.psu), (SSU, design.ssu)]
    keys = [Named(key, Column(name)) for key, name in names if name is not None]
    keys += [Named(f"fpc{stage}", Column(name)) for stage, name in enumerate(design.fpc)]
    base = tuple(key.name for key in keys)
    scanned = widest([(*names, *(n for n in survey.calibrated_by if n not in names)) for names in (*breakdowns, ())])
    domains = [Named(f"d_{name}", survey.domains[name].value) for name in survey.domains]
    wanted = _wanted(survey, quantities, pairs)
    first: dict[Expression, str] = {}
    sums: list[Named] = []
    same: dict[str, str] = {}
    for total in wanted:
        name = first.setdefault(total.value, total.name)
        if name == total.name:
            sums.append(total)
        else:
            same[total.name] = name
    sets = tuple((*base, *(f"d_{name}" for name in names)) for names in scanned)
    return Plan(GroupedSums(source, (*keys, *domains), tuple(sums), sets=sets), scanned, design.elements, same)


def widest(breakdowns: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Those that are part of no other one; each covers every row, so the others can be added up from them."""
    distinct = {frozenset(names): names for names in breakdowns}
    return tuple(names for own, names in distinct.items() if not any(own < other for other in distinct))


def _wanted(survey: Survey, quantities: Sequence[Quantity], pairs: Sequence[tuple[int, int]]) -> list[Named]:
    design = survey.design
    w, live = weight(survey), Call(">", (Column(design.weights), _ZERO))
    found = [Named(ROWS, ONE), Named(LIVE, when(live, ONE)), Named(FIT, when(fit_weight(survey), ONE))]
    totals = design.weights_kind == "population" and not all(q.ratio for q in quantities)
    if survey.calibration or survey.association or totals:
        found.append(Named(SIZE, w))
    if totals or (design.elements and (survey.calibration or survey.association)):
        found.append(Named(SQUARE, times(w, w)))
    names = design.replicates.weights if design.replicates is not None else ()
    replicates = [times(_DOUBLE, Column(name)) for name in names]
    if names:
        found.append(Named(f"{FIT}_r", when(fit_replicates(names), ONE)))
        if survey.calibration or survey.association:
            found += [Named(f"{SIZE}_r{r}", replicate) for r, replicate in enumerate(replicates)]
    terms = [_Terms(q) for q in quantities]
    for place, term in enumerate(terms):
        found += [Named(f"{name}_{place}", value) for name, value in term.sums(w, live).items()]
        if design.elements:
            found += [Named(f"q{name}_{place}", value) for name, value in term.squares(w).items()]
            if survey.calibration:
                found += [Named(f"qy_{place}", term.y(w, w)), Named(f"qx_{place}", term.x(w, w))]
        for r, replicate in enumerate(replicates):
            found += [Named(f"y_{place}_r{r}", term.y(replicate)), Named(f"x_{place}_r{r}", term.x(replicate))]
    for i, j in pairs if design.elements else ():
        one, two = valid(quantities[i]), valid(quantities[j])
        for a, b in product(range(2), range(2)):
            found.append(Named(f"q{'yx'[a]}{'yx'[b]}_{i}_{j}", times(w, one[a], w, two[b])))
    return found


def valid(q: Quantity) -> tuple[Expression, Expression]:
    """The y and x of a valid answer, null for any other."""
    answered = all_of(q.condition, *(Call("is not null", (term,)) for term in (q.y, q.x) if term is not ONE))
    return when(answered, q.y), when(answered, q.x)


class _Terms:
    """What is summed of a quantity, each sum by the fewest operations.

    The sum of w times an x that is one is that of w where there is an answer, and the sum of w times a y that is 0 or 1
    that of w where it is 1.
    """

    def __init__(self, q: Quantity) -> None:
        present = [Call("is not null", (term,)) for term in (q.event or q.y, q.x) if term is not ONE]
        self._q = q
        self._answered = all_of(q.condition, *present)
        self._valid = valid(q)

    def y(self, *factors: Expression) -> Expression:
        """The factors times y."""
        if self._q.event is not None:
            return when(all_of(self._q.condition, self._q.event), times(*factors))
        return times(*factors, self._valid[0])

    def x(self, *factors: Expression) -> Expression:
        """The factors times x."""
        return when(self._answered, times(*factors)) if self._q.x is ONE else times(*factors, self._valid[1])

    def sums(self, w: Expression, live: Expression) -> dict[str, Expression]:
        """The sums for the figure and its design effect."""
        q, (y, x) = self._q, self._valid
        counted = when(self._answered, w)
        one = q.x is ONE
        return {
            "n": when(all_of(live, self._answered), ONE), "in": when(all_of(q.inside, live), ONE), "w": counted,
            "y": self.y(w), "x": counted if one else self.x(w), "wyy": self.y(w) if q.share else times(w, y, y),
            "wxy": self.y(w) if one else times(w, x, y), "wxx": counted if one else times(w, x, x),
        }  # fmt: skip

    def squares(self, w: Expression) -> dict[str, Expression]:
        """The squares of w y and w x, for rows that are sampling units."""
        q, (y, x) = self._q, self._valid
        xx = self.x(w, w) if q.x is ONE else times(w, x, w, x)
        return {"yy": self.y(w, w) if q.share else times(w, y, w, y),
                "xy": self.y(w, w) if q.x is ONE else times(w, x, w, y), "xx": xx}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a grouped table.

    Attributes:
        index: (n_row,) places in `values`; -1 where the key is null.
        values: the distinct values, in the order in which they first appear.
    """

    index: Ints
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Grouped:
    """The rows of one grouping set: keys, and sums by name, each (n_row,)."""

    keys: dict[str, Key]
    sums: dict[str, Floats]
    same: dict[str, str] = field(repr=False)

    def __len__(self) -> int:
        return len(self.sums[ROWS])

    def column(self, name: str) -> Floats:
        return self.sums[self.same.get(name, name)]

    def taken(self, rows: Ints) -> Grouped:
        """Some of the rows."""
        keys = {name: Key(key.index[rows], key.values) for name, key in self.keys.items()}
        return Grouped(keys, {name: values[rows] for name, values in self.sums.items()}, self.same)


def narrowest(plan: Plan, names: Sequence[str]) -> int:
    """The number of the grouping set with the fewest domains that holds these."""
    return min((len(sets), at) for at, sets in enumerate(plan.scanned) if set(names) <= set(sets))[1]


def split(plan: Plan, table: pa.Table) -> list[Grouped]:
    """The engine's answer, one part per grouping set, in its order."""
    which = np.asarray(table.column(SET).to_numpy(), dtype=np.int64)
    bounds = np.searchsorted(which, np.arange(len(plan.scanned) + 1))
    keys = {key.name: _encoded(table.column(key.name)) for key in plan.query.keys}
    sums: dict[str, Floats] = {total.name: table.column(total.name).to_numpy() for total in plan.query.sums}
    parts: list[Grouped] = []
    for number in range(len(plan.scanned)):
        rows = slice(int(bounds[number]), int(bounds[number + 1]))
        cut = {name: Key(key.index[rows], key.values) for name, key in keys.items()}
        parts.append(Grouped(cut, {name: values[rows] for name, values in sums.items()}, plan.same))
    return parts


def _encoded(column: pa.ChunkedArray) -> Key:
    if pa.types.is_null(column.type):
        return Key(np.full(len(column), -1, np.int64), ())
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return Key(index, tuple(encoded.dictionary.to_pylist()))


def summed(index: Ints, values: Floats, count: int) -> Floats:
    """(count,) the values added up by their index."""
    return np.bincount(index, values, count).astype(np.float64, copy=False)
