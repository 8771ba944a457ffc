"""Breaks in series of counts: where what is counted, by what, or from whom changed, so that a step says nothing.

A break is marked at the first period of the new state, as SDMX's observation status B does. Three things make one: the
version of the classification, the version of the coder, and the sources that hand in records (coverage). They are read
from the records themselves; others can be declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import polars as pl

from cop.kernel.errors import Refused, Where
from cop.measurement.records.counts import TOTAL, UNKNOWN

Kind = Literal["classification", "coder", "coverage", "declared"]
Telling = Literal["scheme", "model", "source"]
COLUMNS: Mapping[Telling, Kind] = {"scheme": "classification", "model": "coder", "source": "coverage"}
"""The columns of records that tell of a break, and of which kind."""
LEAST_SHARE = 0.02
"""Values on a smaller share of a period's records are stragglers, such as corrections of earlier records."""
JUMP = 1.75
"""The ratio of neighbouring periods from which a change looks more like one of coverage than of the thing counted."""


@dataclass(frozen=True, slots=True)
class Break:
    """A break in the series of an area (`_T`: of all), at the first period of the new state."""

    area: str
    period: str
    kind: Kind
    before: str
    after: str

    @property
    def reason(self) -> str:
        """In words: "coder: cop-1.0 to cop-1.1"."""
        return f"{self.kind}: {self.before} to {self.after}" if self.before else f"{self.kind}: {self.after}"


@dataclass(frozen=True, slots=True)
class Jump:
    """A step too large to be believed without an explanation; `ratio` is later over earlier."""

    before: str
    period: str
    ratio: float


def find(records: pl.DataFrame, *, least: float = LEAST_SHARE) -> tuple[Break, ...]:
    """The breaks that records tell of, for all areas together and for each area.

    Args:
        records: grouped or not, with `period` and any of `area`, `scheme`, `model` and `source`; where there is a
            column `value`, it says how many records a row stands for.
        least: share of a period's records under which a value does not count.

    Returns:
        in order of area, period and kind. A period without records breaks nothing: the next one with records is
        compared with the last one before the gap.
    """
    areas: list[str | None] = [None]
    if "area" in records.columns:
        areas += sorted(records["area"].drop_nulls().unique().to_list())
    number = pl.col("value") if "value" in records.columns else pl.lit(1)
    found: list[Break] = []
    for area in areas:
        part = records if area is None else records.filter(pl.col("area") == area)
        for column, kind in COLUMNS.items():
            if column not in part.columns:
                continue
            sums = part.group_by("period", pl.col(column).cast(pl.String).fill_null(UNKNOWN)).agg(
                number.sum().alias("n")
            )
            shares = sums.with_columns((pl.col("n") / pl.col("n").sum().over("period")).alias("share"))
            held = shares.filter((pl.col("share") >= least) & (pl.col("n") > 0)).sort("period", column)
            states = held.group_by("period", maintain_order=True).agg(pl.col(column).unique().sort())
            found += _changes(area or TOTAL, kind, states.rows())
    return tuple(sorted(found, key=lambda b: (b.area != TOTAL, b.area, b.period, b.kind)))


def _changes(area: str, kind: Kind, states: Sequence[tuple[str, list[str]]]) -> Iterable[Break]:
    for (_, before), (period, after) in pairwise(states):
        if before != after:
            yield Break(area, period, kind, _named(before), _named(after))


def _named(values: list[str]) -> str:
    return "+".join(values) if len(values) <= 4 else f"{len(values)} values"


def declared(table: pl.DataFrame) -> tuple[Break, ...]:
    """Breaks that a table declares, with `period`, `reason` and perhaps `area` (empty or `_T`: all).

    Raises:
        Refused: a column is missing, or a row has no period or reason.
    """
    for column in ("period", "reason"):
        if column not in table.columns:
            raise Refused.value(column, "is missing", field="breaks", expected="columns period, reason and area")
    found: list[Break] = []
    for number, row in enumerate(table.iter_rows(named=True), start=1):
        if not row["period"] or not row["reason"]:
            raise Refused("a declared break has no period or reason", where=Where(row=number), expected="both")
        found.append(Break(row.get("area") or TOTAL, str(row["period"]), "declared", "", str(row["reason"])))
    return tuple(found)


def marked(counts: pl.DataFrame, breaks: Sequence[Break]) -> pl.DataFrame:
    """Counts with `break`: the reasons at the first period of each new state, empty elsewhere.

    A break of all areas marks every series; one of an area marks that area's. A break in a month marks the month in a
    monthly table and the year in a yearly one.
    """
    reasons: dict[tuple[str, str], list[str]] = {}
    for one in breaks:
        for width in sorted({4, min(7, len(one.period)), len(one.period)}):
            reasons.setdefault((one.area, one.period[:width]), []).append(one.reason)

    def said(row: Mapping[str, str]) -> str:
        keys = dict.fromkeys(((TOTAL, row["period"]), (row["area"], row["period"])))
        return "; ".join(dict.fromkeys(r for key in keys for r in reasons.get(key, [])))

    texts = counts.select("area", "period").map_rows(lambda r: said({"area": r[0], "period": r[1]}), pl.String)
    return counts.with_columns(texts.to_series().alias("break"))


def jumps(series: Mapping[str, float], *, ratio: float = JUMP) -> tuple[Jump, ...]:
    """Neighbouring periods whose values differ by a factor of `ratio` or more, up or down.

    What a sentinel is for: clearing-house totals that grew fourfold in one year did so as providers began to search,
    not as the abuse did. A jump is a question to who keeps the series; it corrects nothing.
    """
    found: list[Jump] = []
    periods = sorted(series)
    for before, after in pairwise(periods):
        if series[before] > 0 and series[after] > 0:
            factor = series[after] / series[before]
            if factor >= ratio or factor <= 1 / ratio:
                found.append(Jump(before, after, factor))
    return tuple(found)
