"""The domain cells of a breakdown, each a run of rows of sums by leaf and calibration group."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from cop.kernel.errors import Refused
from cop.measurement.engines.contract import Source
from cop.measurement.survey.description import Domain, Survey
from cop.measurement.survey.sums import Floats, Grouped, Ints, Key

TOTAL = "_T"
_KEPT = 48


@dataclass(frozen=True, slots=True)
class Cell:
    """One domain cell: domain -> published code, and its rows `start:stop` of the part."""

    codes: Mapping[str, str]
    start: int
    stop: int

    @property
    def rows(self) -> slice:
        return slice(self.start, self.stop)


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one breakdown.

    Attributes:
        names: its domains.
        cells: in the order of their codes.
        leaf: (n_row,) the leaf of each row, as `Frame` numbers them.
        group: (n_row,) its calibration group; 0 throughout without calibration.
        load: gives a sum by its name, (n_row,).
    """

    names: tuple[str, ...]
    cells: tuple[Cell, ...]
    leaf: Ints
    group: Ints
    load: Callable[[str], Floats] = field(repr=False)
    _recent: OrderedDict[str, Floats] = field(default_factory=OrderedDict[str, Floats], repr=False)

    def column(self, name: str) -> Floats:
        """A sum by its name, (n_row,); the last ones asked for are kept."""
        if name not in self._recent:
            self._recent[name] = self.load(name)
            if len(self._recent) > _KEPT:
                self._recent.popitem(last=False)
        return self._recent[name]

    def place(self, codes: Mapping[str, str]) -> int | None:
        """The number of the cell with these codes; None where it has no rows."""
        return next((number for number, cell in enumerate(self.cells) if cell.codes == codes), None)


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of a domain: their texts in order, and for each value of the key its place (-1: missing)."""

    order: tuple[str, ...]
    place_of: Ints

    def of(self, key: Key) -> Ints:
        """The place of each row's code, -1 where it is missing."""
        return np.append(self.place_of, -1)[key.index]


def codes(survey: Survey, source: Source, name: str, key: Key) -> Codes:
    """The codes of a domain, from its labels or its values.

    Raises:
        Refused: a value has no label, where the description does not count such values as missing.
    """
    domain: Domain = survey.domains[name]
    texts = [text_of(value) for value in key.values]
    if domain.labels:
        order = list(dict.fromkeys(domain.labels.values()))
        for text in texts:
            if text is not None and text not in domain.labels and domain.unlisted == "refuse":
                raise Refused.value(text, "has no label", file=source.name, field=domain.column or name,
                                    expected=f'one of {", ".join(domain.labels)}, or unlisted = "missing"')  # fmt: skip
        place = {value: order.index(code) for value, code in domain.labels.items()}
    else:
        pairs = {text: value for text, value in zip(texts, key.values, strict=True) if text is not None}
        order = sorted(pairs, key=lambda text: (isinstance(pairs[text], str), pairs[text]))
        place = {text: number for number, text in enumerate(order)}
    places = [-1 if text is None else place.get(text, -1) for text in texts]
    return Codes(tuple(order), np.array(places, np.int64))


def text_of(value: object) -> str | None:
    """A value as a description writes it: 1 for 1.0, true for True; the empty text is no value."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def cells_of(names: tuple[str, ...], coded: Mapping[str, Codes], grouped: Grouped, leaf: Ints, group: Ints) -> Cells:
    """The cells of a breakdown, rows of one leaf and group added up; rows with a missing code are left out.

    Args:
        names: the domains.
        coded: the codes of each.
        grouped: rows grouped by these domains at least.
        leaf: (n_row,) their leaves.
        group: (n_row,) their calibration groups.
    """
    places = [coded[name].of(grouped.keys[f"d_{name}"]) for name in names]
    keep = np.flatnonzero(np.logical_and.reduce([place >= 0 for place in places])) if names else np.arange(len(grouped))
    number = np.zeros(len(keep), np.int64)
    for name, place in zip(names, places, strict=True):
        number = number * max(len(coded[name].order), 1) + place[keep]
    leaves, groups = _span(leaf), _span(group)
    whole = (number * leaves + leaf[keep]) * groups + group[keep]
    order = np.argsort(whole, kind="stable")
    ordered = whole[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(ordered) else order
    rows = keep[order]
    cell = ordered[starts] // (leaves * groups)
    bounds = [*np.flatnonzero(np.append(True, cell[1:] != cell[:-1])).tolist(), len(cell)] if len(cell) else [0]
    found = [Cell(_codes_of(int(cell[start]), names, coded), start, stop) for start, stop in pairwise(bounds)]

    def load(name: str) -> Floats:
        values = grouped.column(name)[rows]
        return values if len(starts) == len(values) else np.add.reduceat(values, starts)

    return Cells(names, tuple(found), leaf[rows[starts]], group[rows[starts]], load)


def _span(values: Ints) -> int:
    return int(values.max()) + 1 if len(values) else 1


def _codes_of(number: int, names: tuple[str, ...], coded: Mapping[str, Codes]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in reversed(names):
        number, place = divmod(number, len(coded[name].order))
        found[name] = coded[name].order[place]
    return {name: found[name] for name in names}


def domain_text(row: Mapping[str, Any], names: Iterable[str]) -> str:
    """A domain as one text: `_T`, or `sex=Female;grade=9` in the order of the names."""
    return ";".join(f"{name}={row[name]}" for name in names if row.get(name, TOTAL) != TOTAL) or TOTAL
