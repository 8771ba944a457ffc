"""The standing monitor: which published counts are higher than their series explain, each with what to look at.

Only the counts of an edition are read, after disclosure control, so nothing said here can say more than they do. A
count that was withheld for being small lies between 1 and the threshold less one: an alarm must hold at both ends, and
in the present period at the lower one. Where the present count is withheld its warning says "fewer than N", with no
size. Other withheld counts are unknown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict

import numpy as np
import polars as pl

from cop.editions.tables import DIMENSIONS, TOTAL, UNKNOWN
from cop.kernel.errors import Refused, Where
from cop.kernel.hashing import text_sha256
from cop.measurement.warning import ewma, farrington
from cop.measurement.warning.baseline import first_period
from cop.measurement.warning.counts import Unit, ordinal, period_of
from cop.measurement.warning.glm import Flags, Floats
from cop.measurement.warning.settings import PER_YEAR, EwmaSettings, Settings

KEYS = DIMENSIONS
MOST_WITHHELD = 0.5
"""Share of a series that may be withheld; beyond it the past says too little."""


@dataclass(frozen=True, slots=True)
class Warned:
    """One count that is too high, as it may leave the house.

    Attributes:
        id: of the series and period; the same at every run.
        table: of the edition.
        key: the series, column -> code; columns that are `_T` left out.
        title: the series in words.
        period: SDMX time period.
        observed: the count; None where it is withheld, and from a draft.
        at_least: the count, or from a draft the largest multiple of the threshold that it reaches; None if withheld.
        size: the count in words: "37", "35 to 39" (from a draft), "fewer than 5".
        expected: what the past leads to expect.
        upperbound: the threshold it passed.
        score: (count - expected) / (upperbound - expected), or the same of the moving average; None from a draft: the
            count could be worked out.
        pvalue: the chance of such a count or a higher one; None for a moving average and from a draft.
        method: the settings' name.
        edition: whose counts these are.
        look_at: what to look at, most telling first.
    """

    id: str
    table: str
    key: Mapping[str, str]
    title: str
    period: str
    observed: int | None
    at_least: int | None
    size: str
    expected: float
    upperbound: float
    score: float | None
    pvalue: float | None
    method: str
    edition: str
    look_at: tuple[str, ...]

    @property
    def times(self) -> float | None:
        """How many times the expected count, at least; None where it is withheld or next to nothing was expected."""
        return self.at_least / self.expected if self.at_least is not None and self.expected >= 0.05 else None

    @property
    def sentence(self) -> str:
        """The warning in one sentence."""
        least = "" if self.observed is not None else "at least "
        times = f", {least}{self.times:.1f} times that" if self.times else ""
        return (
            f"{self.title}, {self.period}: {self.size} reports where the past leads to expect {self.expected:.1f}"
            f" (threshold {self.upperbound:.1f}){times}"
        )


@dataclass(frozen=True, slots=True)
class Watched:
    """One look at an edition's counts.

    Attributes:
        warnings: in order of score, highest first.
        series: series watched.
        assessed: counts assessed, by settings.
        left_out: series that could not be watched, by reason.
        expected_false: alarms that chance alone would raise in so many counts, by the settings' simulation.
    """

    warnings: tuple[Warned, ...]
    series: int
    assessed: Mapping[str, int]
    left_out: Mapping[str, int]
    expected_false: float


@dataclass(frozen=True, slots=True)
class Published:
    """What the monitor needs of an edition.

    Attributes:
        id: of the edition.
        counts: its table of counts.
        threshold: the smallest count it shows.
        names: code -> name, of threats and areas.
        parents: code -> the code above it.
        draft: whether it is one: its counts may yet change by a report or two, which nobody is to read off what left
            before. They leave as ranges as wide as the threshold, other figures with two digits.
        changed: what changed since the last look that may move counts by itself, such as another coder.
    """

    id: str
    counts: pl.DataFrame
    threshold: int
    names: Mapping[str, str]
    parents: Mapping[str, str]
    draft: bool
    changed: tuple[str, ...] = ()


def as_published(
    edition: str,
    counts: pl.DataFrame,
    *,
    about: Mapping[str, Any],
    nodes: Sequence[Mapping[str, Any]],
    draft: bool,
    changed: tuple[str, ...] = (),
) -> Published:
    """What the monitor needs, from the documents of an edition.

    Args:
        edition: its id.
        counts: its table of counts.
        about: its `threshold` and `areas`.
        nodes: of its classification.
        draft: as in `Published`.
        changed: as in `Published`.
    """
    named = {str(n["code"]): str(n["name"].get("en") or next(iter(n["name"].values()), "")) for n in nodes}
    areas = {str(code): str(name) for code, name in about.get("areas", {}).items()}
    return Published(
        id=edition,
        counts=counts,
        threshold=int(about["threshold"]),
        names={**named, **areas, UNKNOWN: "area not recorded"},
        parents={str(n["code"]): str(n["parent"]) for n in nodes if n.get("parent")},
        draft=draft,
        changed=changed,
    )


@dataclass(frozen=True, slots=True)
class _Series:
    """A series with its withheld counts at either end; (t,), nan where nothing is known."""

    table: str
    key: tuple[str, ...]
    low: Floats
    high: Floats


class _Figures(TypedDict):
    """The figures of a `Warned`."""

    observed: int | None
    at_least: int | None
    size: str
    expected: float
    upperbound: float
    score: float | None
    pvalue: float | None


def watch(
    published: Published, *, tables: Sequence[str], settings: Settings, short: EwmaSettings | None, last: int
) -> Watched:
    """Look at the latest periods of every series.

    Args:
        published: the edition.
        tables: which of its count tables; a series that two of them hold is taken from the first.
        settings: of the Farrington algorithm, for series that are long enough.
        short: of the moving average, for those that are not; None leaves them out.
        last: how many periods at the end of the tables are looked at.

    Raises:
        Refused: the settings are for another kind of period than a table's.
    """
    left_out: Counter[str] = Counter()
    assessed: Counter[str] = Counter()
    raised: list[tuple[float, Warned]] = []
    taken: set[tuple[str, ...]] = set()
    watched = 0
    for table in tables:
        found = _series(published, table, taken, left_out)
        if found is None:
            continue
        unit, first, series = found
        if not series:
            continue
        if PER_YEAR[unit] != settings.frequency:
            raise Refused(f"{settings.id} is not for {unit}s, which {table} has", where=Where(field="settings"),
                          expected=f"settings with frequency {PER_YEAR[unit]}")  # fmt: skip
        length = len(series[0].low)
        detector = settings if length > first_period(settings) else short
        if detector is None or (isinstance(detector, EwmaSettings) and length <= detector.in_control_periods):
            left_out["too short"] += len(series)
            continue
        watched += len(series)
        begin = first_period(detector) if isinstance(detector, Settings) else detector.in_control_periods
        for present in range(max(length - last, begin), length):
            alarm, facts = _assessed(series, present, detector)
            assessed[detector.id] += int(np.isfinite(facts["score"]).sum())
            period = period_of(unit, first + present)
            for place in np.flatnonzero(alarm):
                one = {name: float(values[place]) for name, values in facts.items()}
                raised.append((one["score"], _warned(published, series[place], period, present, detector.id, one)))
    rates = {s.id: s.false_alarms.get("rate", 0.0) for s in (settings, short) if s is not None}
    warnings = [w for _, w in sorted(raised, key=lambda pair: (-pair[0], pair[1].id))]
    return Watched(
        tuple(_pointed(published, w, warnings) for w in warnings),
        watched, dict(assessed), dict(left_out), sum(rates[name] * number for name, number in assessed.items()),
    )  # fmt: skip


def _series(
    published: Published, table: str, taken: set[tuple[str, ...]], left_out: Counter[str]
) -> tuple[Unit, int, list[_Series]] | None:
    """The kind of the table's periods, its first one, and the series that can be watched; None without periods."""
    rows = published.counts.filter((pl.col("table") == table) & (pl.col("period") != TOTAL))
    places = {period: ordinal(period) for period in rows["period"].unique()}
    units: set[Unit] = {place[0] for place in places.values() if place is not None}
    if len(units) != 1 or None in places.values() or units == {"number"}:
        return None
    ordinals = {period: place[1] for period, place in places.items() if place is not None}
    first, length = min(ordinals.values()), max(ordinals.values()) - min(ordinals.values()) + 1
    ends: dict[tuple[str, ...], tuple[Floats, Floats]] = defaultdict(
        lambda: (np.full(length, np.nan), np.full(length, np.nan))
    )
    for *key, period, value, confidentiality in rows.select(*KEYS, "period", "value", "conf_status").iter_rows():
        low, high = ends[tuple(key)]
        place = ordinals[period] - first
        if value is not None:
            low[place] = high[place] = value
        elif confidentiality == "C":
            low[place], high[place] = 1, max(published.threshold - 1, 1)
    kept: list[_Series] = []
    for key, (low, high) in sorted(ends.items()):
        if key in taken:
            continue
        taken.add(key)
        if (low != high).mean() > MOST_WITHHELD:  # nan differs from itself: what is unknown counts
            left_out["mostly withheld"] += 1
        else:
            kept.append(_Series(table, key, low, high))
    return units.pop(), first, kept


def _assessed(
    series: Sequence[_Series], present: int, detector: Settings | EwmaSettings
) -> tuple[Flags, dict[str, Floats]]:
    """Which series raise an alarm at both ends, and the figures of the end with the higher threshold."""
    low = np.stack([s.low for s in series])[:, : present + 1]
    high = np.stack([s.high for s in series])[:, : present + 1]
    high[:, present] = low[:, present]
    ends = [_assess(low, present, detector), _assess(high, present, detector)]
    alarm = np.asarray(ends[0].alarm[:, -1] & ends[1].alarm[:, -1])
    higher = ends[1].upperbound[:, -1] >= ends[0].upperbound[:, -1]
    names = ("expected", "upperbound", "score", "pvalue")
    return alarm, {name: np.where(higher, *(getattr(end, name)[:, -1] for end in reversed(ends))) for name in names}


def _assess(counts: Floats, present: int, detector: Settings | EwmaSettings) -> farrington.Assessed:
    if isinstance(detector, EwmaSettings):
        return ewma.assess(counts, detector)
    return farrington.assess(counts, detector, periods=range(present, present + 1))


def _warned(
    published: Published, series: _Series, period: str, present: int, method: str, facts: Mapping[str, float]
) -> Warned:
    low, high = int(series.low[present]), int(series.high[present])
    key = {name: code for name, code in zip(KEYS, series.key, strict=True) if code != TOTAL}
    figures = _figures(facts, low if low == high else None, published)
    return Warned(
        id=f"W{text_sha256(' '.join([*series.key, period]))[:10]}", table=series.table, key=key,
        title=_title(published, key), period=period, method=method, edition=published.id, look_at=(), **figures,
    )  # fmt: skip


def _figures(facts: Mapping[str, float], count: int | None, published: Published) -> _Figures:
    """What may be said of a count; None: it is withheld."""
    base = published.threshold
    exact = not published.draft
    at_least = count if count is None or exact else base * max(count // base, 1)
    if count is None or at_least is None:
        size = f"fewer than {base}"
    else:
        size = f"{count:,}" if exact else f"{at_least:,} to {at_least + base - 1:,}"

    def shown(value: float) -> float:
        return round(value, 1) if exact else float(f"{value:.2g}")

    pvalue = facts["pvalue"]
    return {
        "observed": count if exact else None, "at_least": at_least, "size": size, "expected": shown(facts["expected"]),
        "upperbound": shown(facts["upperbound"]), "score": round(facts["score"], 2) if exact else None,
        "pvalue": float(f"{pvalue:.2g}") if exact and not np.isnan(pvalue) else None,
    }  # fmt: skip


def _title(published: Published, key: Mapping[str, str]) -> str:
    parts = [
        f"{code} {published.names[code]}" if column == "code" and code in published.names
        else published.names.get(code, code) if column == "area"
        else f"{column.replace('_', ' ')} {code}"
        for column, code in key.items()
    ]  # fmt: skip
    return ", ".join(parts if "code" in key else ["All reports", *parts])


def _pointed(published: Published, warned: Warned, others: Sequence[Warned]) -> Warned:
    """The warning with what to look at: other warnings inside it, where most of it comes from, what changed."""
    code, area = warned.key.get("code"), warned.key.get("area")
    same = [w for w in others if w.period == warned.period and w.id != warned.id]
    rest = {k: v for k, v in warned.key.items() if k != "code"}
    below = [w for w in same if {k: v for k, v in w.key.items() if k != "code"} == rest and _under(published, w, code)]
    look = [f"{w.title} rose in the same period" for w in below[:3]]
    if area is None:
        look += _areas(published, warned)
    look += [f"{what}: the rise may come of that" for what in published.changed]
    look += [
        "whether one campaign, sender or case made many of the reports",
        "whether reports of another period came in late, or a source began to report",
    ]
    return replace(warned, look_at=tuple(look))


def _under(published: Published, warned: Warned, code: str | None) -> bool:
    """Whether a warning's code is right below `code` (None: below the total)."""
    own = warned.key.get("code")
    return own is not None and own != code and published.parents.get(own) == code


def _areas(published: Published, warned: Warned) -> list[str]:
    """The areas with the most published reports of the same code and period, named without their counts."""
    code = warned.key.get("code", TOTAL)
    inside = published.counts.filter(
        (pl.col("code") == code) & (pl.col("period") == warned.period) & (pl.col("area") != TOTAL)
        & pl.all_horizontal(pl.col(name) == warned.key.get(name, TOTAL) for name in KEYS[2:])
        & pl.col("value").is_not_null() & (pl.col("value") > 0)
    ).sort("value", "area", descending=[True, False])  # fmt: skip
    names = [published.names.get(area, area) for area in inside["area"].unique(maintain_order=True).head(2)]
    return [f"where most of them come from: {' and '.join(names)}"] if names else []
