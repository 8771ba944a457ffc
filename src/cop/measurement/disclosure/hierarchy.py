"""What adds up to what along one dimension: lists, trees of codes, and intervals (ages, periods) that may overlap.

Given the codes that stand beside one another in the tables, `relations` says every identity `whole = sum of parts` they
obey. An attacker uses all of them, so they are found from the codes themselves and not from one table's layout.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from cop.kernel.errors import Refused
from cop.kernel.periods import is_period

Kind = Literal["list", "tree", "ages", "periods"]
Rest = Literal["none", "hidden", "known"]
TOTAL = "_T"
UNKNOWN = "_U"
GAP = "~"
"""Begins the name of a part that no table shows."""
_AGES = re.compile(r"(\d+)(?:-(\d+)|(\+))?")
_OPEN = 1_000


@dataclass(frozen=True, slots=True)
class Relation:
    """`whole` is the sum of `parts`, and of a rest that no table shows where `rest` is true.

    A part whose name begins with `~` stands in no table; the same name in two relations is the same part.
    """

    whole: str
    parts: tuple[str, ...]
    rest: bool = False


@dataclass(frozen=True)
class Dimension:
    """How the codes of a dimension add up. `_T` is all of them.

    Attributes:
        name: the column.
        kind: `list` (the codes partition the total), `tree` (each code lies under its parent), `ages` ("9-12", "16",
            "18+") or `periods` (SDMX periods, spans "2024-01/2025-06"); the last two may overlap.
        parents: of a tree: code -> the code above it; a code without one lies under the total.
        sums: further identities, for what lists and trees do not say: whole -> parts.
        rest: what the total holds beyond the codes shown. `none`: nothing, tables must add up. `hidden`: units that
            were coded no further, a part of their own that is shown nowhere. `known`: units without an answer, whose
            number an attacker is taken to know.
        open: the wholes that may have such a rest. An attacker is taken to know which they are, not how large it is.
        additive: false where a unit may count under several codes: then nothing adds up.
    """

    name: str
    kind: Kind = "list"
    parents: Mapping[str, str] = field(default_factory=dict)
    sums: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rest: Rest = "none"
    open: frozenset[str] = frozenset()
    additive: bool = True

    def relations(self, codes: Sequence[str]) -> list[Relation]:
        """Every identity among codes that stand side by side, in order of the whole.

        Raises:
            Refused: a code is no age band or period, where the dimension says it is.
        """
        if not self.additive or len(codes) < 2:
            return []
        found = self._intervals(codes) if self.kind in {"ages", "periods"} else self._nested(codes, self._above(codes))
        shown = set(codes)
        for whole, parts in self.sums.items():
            if whole in shown and any(part in shown for part in parts):
                found.append(Relation(whole, tuple(p if p in shown else f"{GAP}{p}" for p in parts)))
        return sorted(found, key=lambda relation: (relation.whole, relation.parts))

    def _above(self, codes: Sequence[str]) -> dict[str, str]:
        """For each code the nearest one above it that is shown."""
        shown = set(codes)
        above: dict[str, str] = {}
        summed = {whole for whole in self.sums if whole in shown}
        for code in codes:
            if code == TOTAL or code in summed:
                continue
            upper = self.parents.get(code, TOTAL)
            while upper not in shown and upper != TOTAL:
                upper = self.parents.get(upper, TOTAL)
            if upper in shown:
                above[code] = upper
        return above

    def _nested(self, codes: Sequence[str], above: Mapping[str, str]) -> list[Relation]:
        parts: dict[str, list[str]] = {}
        for code in codes:
            if code in above:
                parts.setdefault(above[code], []).append(code)
        return [Relation(whole, tuple(below), whole in self.open) for whole, below in parts.items()]

    def _intervals(self, codes: Sequence[str]) -> list[Relation]:
        spans: dict[str, tuple[int, int]] = {}
        first: dict[tuple[int, int], str] = {}
        found: list[Relation] = []
        for code in codes:
            if code in {TOTAL, UNKNOWN}:
                continue
            span = interval(code, self.kind, self.name)
            if span in first:
                found.append(Relation(code, (first[span],)))
                continue
            spans[code] = span
            first[span] = code
        if not spans:
            return [Relation(TOTAL, (UNKNOWN,))] if len(codes) == 2 else []
        whole = min(start for start, _ in spans.values()), max(stop for _, stop in spans.values())
        more = (UNKNOWN,) if UNKNOWN in codes else ()
        if TOTAL in codes and whole in first:
            found.append(Relation(TOTAL, (first[whole], *more)))
        elif TOTAL in codes:
            spans[TOTAL] = whole
        inner = _crossing(spans) if _overlap(list(spans.values())) else _inside(spans)
        return found + [Relation(r.whole, (*r.parts, *more), r.rest) if r.whole == TOTAL else r for r in inner]


def _inside(spans: Mapping[str, tuple[int, int]]) -> list[Relation]:
    """Intervals that lie in one another or apart: each is the sum of the largest inside it."""
    order = sorted(spans, key=lambda code: (spans[code][0], -spans[code][1], code != TOTAL, code))
    parts: dict[str, list[str]] = {}
    path: list[str] = []
    for code in order:
        while path and spans[path[-1]][1] <= spans[code][0]:
            path.pop()
        if path:
            parts.setdefault(path[-1], []).append(code)
        path.append(code)
    return [
        Relation(whole, tuple(below), not _tiled(spans[whole], [spans[code] for code in below]))
        for whole, below in parts.items()
    ]


def interval(code: str, kind: str, name: str) -> tuple[int, int]:
    """First unit and the one after the last: years of age, or months since year 0.

    Raises:
        Refused: the code is none.
    """
    if kind == "ages":
        found = _AGES.fullmatch(code)
        if found:
            first = int(found[1])
            last = _OPEN if found[3] else int(found[2] or first)
            if last >= first:
                return first, last + 1
        raise Refused.value(code, "is not an age band", field=name, expected="ages such as 9-12, 16 or 18+")
    first, _, last = code.partition("/")
    start, stop = _months(first, name)[0], _months(last or first, name)[1]
    if stop <= start:
        raise Refused.value(code, "ends before it begins", field=name, expected="FIRST/LAST in order")
    return start, stop


def _months(code: str, name: str) -> tuple[int, int]:
    if not is_period(code) or "W" in code or len(code) > 7:
        raise Refused.value(code, "cannot be added up", field=name, expected="years, half-years, quarters or months")
    year, part = int(code[:4]) * 12, code[5:]
    if not part:
        return year, year + 12
    if part[0] in "SQ":
        length = 6 if part[0] == "S" else 3
        return year + length * (int(part[1]) - 1), year + length * int(part[1])
    return year + int(part) - 1, year + int(part)


def _overlap(spans: Sequence[tuple[int, int]]) -> bool:
    return any(a[0] < b[0] < a[1] < b[1] for a in spans for b in spans)


def _tiled(whole: tuple[int, int], parts: Sequence[tuple[int, int]]) -> bool:
    ends = [whole[0], *(end for part in sorted(parts) for end in part), whole[1]]
    return all(ends[place] == ends[place + 1] for place in range(0, len(ends), 2))


def _crossing(spans: Mapping[str, tuple[int, int]]) -> list[Relation]:
    """Overlapping intervals: each is the fewest pieces that tile it, pieces no table shows among them."""
    points = sorted({point for span in spans.values() for point in span})
    pieces = {span: code for code, span in spans.items()}
    for piece in pairwise(points):
        pieces.setdefault(piece, f"{GAP}{piece[0]}-{piece[1]}")
    found: list[Relation] = []
    for code, (start, stop) in spans.items():
        inside = points[bisect_left(points, start) : bisect_left(points, stop) + 1]
        best: dict[int, tuple[tuple[int, int], tuple[str, ...]]] = {start: ((0, 0), ())}
        for end in inside[1:]:
            ways = [
                ((hidden + pieces[at, end].startswith(GAP), count + 1), (*parts, pieces[at, end]))
                for at, ((hidden, count), parts) in best.items()
                if (at, end) in pieces and (at, end) != (start, stop)
            ]
            if ways:
                best[end] = min(ways)
        if stop in best and len(inside) > 2:
            found.append(Relation(code, best[stop][1]))
    return found
