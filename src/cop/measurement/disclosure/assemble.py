"""From the cells of a release, and of the releases before it, to the one system an attacker would set up.

A cell published before keeps its name, so that it is the same unknown in both. Where it was revised the old and the new
value are two cells, and what changed is a third: a revision by three reports is a count of three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from cop.kernel.errors import Refused, Where
from cop.measurement.disclosure.cells import MEASURE, Cells
from cop.measurement.disclosure.hierarchy import GAP, TOTAL, Dimension
from cop.measurement.disclosure.solver import Bounds, LinearConstraint, Matrix, milp, sp
from cop.measurement.disclosure.space import Coverage, Ints, link
from cop.measurement.disclosure.system import FAR, TINY, Bools, Floats, System, several_parts

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """Along which dimension it adds up, its rest (-1: none), and whether it is the current release's own."""

    dimension: int
    rest: int
    own: bool


@dataclass(frozen=True, slots=True)
class Ratio:
    """A published share of one cell in another: `low <= cell / base <= high`, and the base holds the cell."""

    cell: Key
    base: Key
    low: float
    high: float


@dataclass(frozen=True)
class Assembled:
    """The system, and where cells stand in it (-1 for zeros and missing ones).

    Attributes:
        places: per release, oldest first, the number of each cell; the last is the current one.
        told: (n_var,) sums of withheld parts, whose size the status does not tell.
        hidden: (n_var,) counts that no table shows, but for rests an attacker is taken to know.
        dropped: identities that do not hold because one of their cells was revised.
    """

    system: System
    places: tuple[Ints, ...]
    told: Bools
    hidden: Bools
    dropped: int

    @property
    def place(self) -> Ints:
        """The number of each cell of the current release."""
        return self.places[-1]


def assemble(
    dimensions: Sequence[Dimension],
    current: Cells,
    past: Sequence[Cells] = (),
    *,
    revisions: bool = True,
    ratios: Sequence[Ratio] = (),
) -> Assembled:
    """Set up the attacker's system.

    Args:
        dimensions: how codes add up.
        current: the release to protect, or to audit: there the values of withheld cells are NaN, and any that fit are
            taken for them.
        past: what was published before, oldest first.
        revisions: whether small changes between releases are to be protected.
        ratios: shares published with the number they are shares of.

    Raises:
        Refused: cells of the current release do not add up; names one.
    """
    draft = _Draft([Dimension(MEASURE, additive=False), *dimensions])
    places = [draft.enter(cells, last=number == len(past)) for number, cells in enumerate([*past, current])]
    for number, (cells, place) in enumerate(zip([*past, current], places, strict=True)):
        draft.add_up(cells.keys, place, cells.missing, cells.covered, own=number == len(past))
    if past:
        _across(draft, [*past, current], places)
        if revisions:
            _revisions(draft)
    for ratio in ratios:
        draft.share(ratio)
    return _finish(draft, [*past, current], places)


@dataclass
class _Draft:
    """Variables by key, and rows, as they are found.

    `known` variables were published before, or are rests an attacker is taken to know; `under` is the threshold that a
    status says a variable lies below.
    """

    axes: list[Dimension]
    keys: list[Key] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    under: list[float] = field(default_factory=list)
    hidden: list[bool] = field(default_factory=list)
    known: list[bool] = field(default_factory=list)
    live: dict[Key, int] = field(default_factory=dict)
    revised: list[tuple[int, Key]] = field(default_factory=list)
    rows: dict[tuple[int, ...], _Row] = field(default_factory=dict)
    weighted: list[tuple[tuple[int, ...], tuple[float, ...]]] = field(default_factory=list)
    slack: list[int] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(axis.name for axis in self.axes)

    def new(self, key: Key, value: float, *, hidden: bool = False) -> int:
        """A variable of that name."""
        self.keys.append(key)
        self.value.append(value)
        self.under.append(np.inf)
        self.hidden.append(hidden)
        self.known.append(False)
        return len(self.keys) - 1

    def enter(self, cells: Cells, *, last: bool) -> Ints:
        """Number a release's cells; -1 for zeros, which are no unknowns, and for missing ones."""
        place = np.full(len(cells), -1)
        small = cells.withheld & ~cells.secondary & cells.counted if cells.plain and not last else np.zeros(len(cells))
        for number, key in enumerate(_tuples(cells.keys.select(self.names))):
            value, withheld = float(cells.value[number]), bool(cells.withheld[number])
            if (value == 0 and not withheld) or cells.missing[number]:
                continue
            under = cells.threshold if small[number] else np.inf
            at = self.live.get(key)
            if at is not None and self._differs(at, value, under):
                self.revised.append((at, key))
                at = None
            if at is None:
                at = self.live[key] = self.new(key, value)
            self.value[at] = value if np.isnan(self.value[at]) else self.value[at]
            self.under[at] = min(self.under[at], under)
            self.known[at] = self.known[at] or (not last and not withheld)
            place[number] = at
        return place

    def _differs(self, at: int, value: float, under: float) -> bool:
        values = [v for v in (self.value[at], value) if not np.isnan(v)]
        return len(set(values)) > 1 or any(v >= min(under, self.under[at]) for v in values)

    def add_up(
        self, keys: pl.DataFrame, place: Ints, missing: Bools, covered: Sequence[Coverage], *, own: bool
    ) -> None:
        """Enter every identity among some cells; nothing adds up where a part is missing."""
        listed = np.flatnonzero((place >= 0) | missing)
        sums = link(keys[listed].select(self.names), self.axes, covered)
        numbers = np.concatenate([place[listed], [self.part(key) for key in sums.hidden]]).astype(np.int64)
        for row, parts in enumerate(sums.parts):
            found = numbers[[int(sums.whole[row]), *parts.tolist()]]
            if (found >= 0).all():
                rest = int(numbers[sums.rest[row]]) if sums.rest[row] >= 0 else -1
                entry = (int(found[0]), *sorted(found[1:].tolist()))
                self.rows.setdefault(entry, _Row(int(sums.dimension[row]), rest, own))

    def part(self, key: Key) -> int:
        """A part that no table shows."""
        if key not in self.live:
            self.live[key] = self.new(key, np.nan, hidden=True)
        return self.live[key]

    def share(self, ratio: Ratio) -> None:
        """A share is a count: it narrows the cell, its base, and what else the base holds."""
        cell, base = self.live.get(ratio.cell), self.live.get(ratio.base)
        if cell is None or base is None:
            return
        rest = self.part((ratio.cell[0], *ratio.cell[1:-1], f"{GAP}all but {ratio.cell[-1]}"))
        self.rows.setdefault((base, *sorted((cell, rest))), _Row(-1, rest, own=True))
        said = {(1.0, -ratio.low, -1.0): ratio.low > 0, (-1.0, ratio.high, -1.0): ratio.high < 1}
        for weights in (w for w, told in said.items() if told):
            slack = self.new((*ratio.cell[:-1], f"{GAP}rounding of {ratio.cell[-1]}"), np.nan, hidden=True)
            self.slack.append(slack)
            self.weighted.append(((cell, base, slack), weights))


def _tuples(frame: pl.DataFrame) -> list[Key]:
    return list(zip(*(frame[name].to_list() for name in frame.columns), strict=True))


def _across(draft: _Draft, releases: Sequence[Cells], places: Sequence[Ints]) -> None:
    """What adds up between releases: a longer period is the shorter one and what came after."""
    newest = list(zip(reversed(releases), reversed(places), strict=True))
    keys = pl.concat([cells.keys.select(draft.names) for cells, _ in newest]).with_row_index("at")
    at = keys.unique(list(draft.names), keep="first", maintain_order=True)["at"].to_numpy().astype(np.int64)
    place = np.concatenate([place for _, place in newest])
    missing = np.concatenate([cells.missing for cells, _ in newest])
    covered = [coverage for cells in releases for coverage in cells.covered]
    draft.add_up(keys.drop("at")[at], place[at], missing[at], covered, own=False)


def _revisions(draft: _Draft) -> None:
    """Old and new value of a revised cell, and what lies between."""
    for old, key in draft.revised:
        new = draft.live[key]
        change = draft.value[new] - draft.value[old]
        if np.isnan(change) or change == 0:
            continue
        lies = draft.new((key[0], *key[1:-1], f"{GAP}revision of {key[-1]}"), abs(change), hidden=True)
        whole, part = (new, old) if change > 0 else (old, new)
        draft.rows.setdefault((whole, *sorted((part, lies))), _Row(-1, lies, own=False))


def _finish(draft: _Draft, releases: Sequence[Cells], places: Sequence[Ints]) -> Assembled:
    rows, matrix, whole = [*draft.rows.values(), *[_Row(-1, -1, own=True)] * len(draft.weighted)], *_matrix(draft)
    value, hidden = np.array(draft.value), np.array(draft.hidden, bool)
    withheld = hidden.copy()
    low, high = np.zeros(len(value)), np.full(len(value), np.inf)
    counted, insider, cost = np.ones(len(value), bool), np.zeros(len(value), bool), np.ones(len(value))
    for cells, place in zip(releases, places, strict=True):
        on = place >= 0
        withheld[place[on]] = cells.withheld[on]  # what an earlier release withheld may be published now
        counted[place[on]], cost[place[on]] = cells.counted[on], cells.cost[on]
        insider[place[on]] |= cells.insider[on]
    withheld &= ~np.array(draft.known, bool)
    sums = np.array([row.dimension >= 0 for row in rows], bool)
    told = _told(matrix[sums], whole[sums], withheld & hidden, *_statuses(releases, places, withheld))
    counted[draft.slack] = False
    said = [_said(cells, place, told) for cells, place in zip(releases, places, strict=True)]
    for place, least, most in said:
        low[place], high[place] = np.maximum(low[place], least), np.minimum(high[place], most)
    changed = low > high  # two releases say otherwise of a withheld cell: it was revised, and the later one counts
    for place, least, most in said:
        again = changed[place]
        low[place[again]], high[place[again]] = least[again], most[again]
    value, held = _completed(draft, value, low, high, matrix, whole, rows)
    matrix, whole, rows = matrix[held], whole[held], [row for row, kept in zip(rows, held, strict=True) if kept]
    rests = {r.rest for r in rows if r.rest >= 0 and r.dimension >= 0 and draft.axes[r.dimension].rest == "known"}
    known_rests = np.array(sorted(rests), np.int64)
    secret = hidden & counted
    secret[known_rests] = False
    known = np.array(draft.known, bool)
    known[known_rests] |= bool(np.isfinite(releases[-1].value[releases[-1].withheld]).all())
    withheld &= ~known
    candidate = np.zeros(len(value), bool)
    here = places[-1][places[-1] >= 0]
    candidate[here] = ~withheld[here] & ~known[here]
    fixed = ~(withheld | candidate)
    low, high = np.where(fixed, value, np.minimum(low, value)), np.where(fixed, value, np.maximum(high, value))
    need_low, need_high = _needs(releases, places, value, hidden & withheld & counted)
    need_low[fixed] = need_high[fixed] = np.nan
    system = System(
        value=value, low=low, high=high, need_low=need_low, need_high=need_high, withheld=withheld, candidate=candidate,
        cost=cost, counted=counted, insider=insider & withheld, matrix=matrix,
        row_whole=whole, row_dimension=np.array([row.dimension for row in rows], np.int64), names=draft.names,
        keys=draft.keys,
    )  # fmt: skip
    return Assembled(system, tuple(places), told, secret, int((~held).sum()))


def _said(cells: Cells, place: Ints, told: Bools) -> tuple[Ints, Floats, Floats]:
    """What a release's statuses say of its cells: their numbers, and the bounds of each."""
    on = place >= 0
    sums = np.zeros(len(place), bool)
    sums[on] = told[place[on]]
    least, most = cells.bounds(sums)
    return place[on], least[on], most[on]


def _statuses(releases: Sequence[Cells], places: Sequence[Ints], withheld: Bools) -> tuple[Bools, Bools]:
    """Which withheld cells are small by their status (before protection: primary), and which may be of any size."""
    first, second = np.zeros(len(withheld), bool), np.zeros(len(withheld), bool)
    for cells, place in zip(releases, places, strict=True):
        on = (place >= 0) & cells.withheld
        first[place[on & ~cells.secondary]] = True
        second[place[on & cells.secondary]] = True
    return first & withheld, second & withheld


def _told(matrix: Matrix, whole: Ints, hidden: Bools, first: Bools, second: Bools) -> Bools:
    """Sums of small parts, whose own status does not tell that they are small; their parts may be such sums."""
    small = hidden | first
    while True:
        told = several_parts(matrix, whole, small, np.ones(len(hidden), bool))
        wider = small | (second & told)
        if np.array_equal(wider, small):
            return told
        small = wider


def _matrix(draft: _Draft) -> tuple[Matrix, Ints]:
    """All rows, sums before shares; (n_row,) the cell each is about."""
    rows = [*draft.rows, *(cells for cells, _ in draft.weighted)]
    sizes = np.cumsum([0, *map(len, rows)])
    indices = np.fromiter((n for row in rows for n in row), np.int64, int(sizes[-1]))
    data = np.ones(int(sizes[-1]))
    data[sizes[: len(draft.rows)]] = -1.0
    shares = [w for _, weights in draft.weighted for w in weights]
    data[len(data) - len(shares) :] = shares
    return sp.csr_matrix((data, indices, sizes), shape=(len(rows), len(draft.keys))), indices[sizes[:-1]]


def _needs(releases: Sequence[Cells], places: Sequence[Ints], value: Floats, parts: Bools) -> tuple[Floats, Floats]:
    """What each variable must be able to be: as the rules say of its cells; a small hidden part as a small count."""
    need_low, need_high = np.full(len(value), np.nan), np.full(len(value), np.nan)
    least, most = (0.0 if releases[-1].zeros else 1.0), releases[-1].threshold - 1.0
    small = parts & (value >= 1 - TINY) & (value <= most + TINY)
    need_low[small], need_high[small] = least, most
    for cells, place in zip(releases, places, strict=True):
        if cells.plain and cells is not releases[-1]:
            first = place[(place >= 0) & cells.withheld & ~cells.secondary & cells.counted]
            need_low[first], need_high[first] = 0.0 if cells.zeros else 1.0, cells.threshold - 1.0
        on = (place >= 0) & ~np.isnan(cells.need_low)
        need_low[place[on]] = np.fmin(need_low[place[on]], cells.need_low[on])
        need_high[place[on]] = np.fmax(need_high[place[on]], cells.need_high[on])
    return np.minimum(need_low, value), np.maximum(need_high, value)


def _completed(
    draft: _Draft, value: Floats, low: Floats, high: Floats, matrix: Matrix, whole: Ints, rows: list[_Row]
) -> tuple[Floats, Bools]:
    """Values for all that is not known, and which rows hold; a row of the current release has to.

    The values are those of a table that fits every row but the fewest; what was revised since makes some not fit.
    """
    unknown = np.isnan(value)
    own = np.array([row.own for row in rows], bool)
    left = -(matrix @ np.where(unknown, 0.0, value))
    many, free = len(rows), int(unknown.sum())
    if not many:
        return np.where(unknown, low, value), np.zeros(0, bool)
    part = matrix[:, unknown]
    price = np.where(own, 1e3, 1.0)
    cost = np.concatenate([np.zeros(free), price, price])
    eye = sp.identity(many, format="csr")
    bounds = Bounds(
        np.concatenate([low[unknown], np.zeros(2 * many)]),
        np.concatenate([np.minimum(high[unknown], FAR * 1e3), np.full(2 * many, np.inf)]),
    )
    found = milp(cost, constraints=LinearConstraint(sp.hstack([part, eye, -eye]), left, left), bounds=bounds)
    if found.x is None:
        raise AssertionError(f"slack fits every table: {found.message}")
    off = found.x[free : free + many] - found.x[free + many :]
    held = np.abs(off) <= TINY * np.maximum(1.0, np.abs(np.nan_to_num(value[whole])))
    if (own & ~held).any():
        row = int(np.flatnonzero(own & ~held)[0])
        said = [f"{n}={c}" for n, c in zip(draft.names, draft.keys[whole[row]], strict=True) if c != TOTAL]
        if rows[row].dimension < 0:
            raise Refused(
                f"the share published of {', '.join(said)} does not fit its count and the number it is a share of",
                expected="a share of the base, in per cent",
            )
        along = draft.names[rows[row].dimension]
        raise Refused(
            f"the cell {', '.join(said)} is {value[whole[row]]:g}, its parts along {along} add up to"
            f" {value[whole[row]] - off[row]:g}",
            where=Where(field=along),
            expected="parts that add up to their whole, or a rest that the description declares",
        )
    value = value.copy()
    rounded = np.round(found.x[:free])
    value[unknown] = np.where(np.abs(found.x[:free] - rounded) < TINY, rounded, found.x[:free])
    return value, held
