"""Counts of one or many series from a table: every series whole, in order of period, with the row each count came from.

A period is an ISO week (2025-W07), a month (2025-03) or a whole number; a table holds one kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from cop.kernel.errors import Refused, Where, shown
from cop.kernel.periods import is_period
from cop.kernel.tables import open_rows
from cop.measurement.warning.glm import Floats

Unit = Literal["week", "month", "number"]
EXPECTED_PERIOD = "a week such as 2025-W07, a month such as 2025-03, or a whole number"
_WEEK, _MONTH, _NUMBER = re.compile(r"\d{4}-W\d{2}"), re.compile(r"\d{4}-\d{2}"), re.compile(r"\d{1,9}")
_EPOCH = date(1970, 1, 5)  # a Monday


@dataclass(frozen=True, slots=True)
class Series:
    """One series without gaps.

    Attributes:
        key: its value of each key column.
        first: ordinal of its first period.
        counts: (t,) counts in order of period.
        rows: (t,) the table's rows they came from, 0-based.
    """

    key: tuple[str, ...]
    first: int
    counts: Floats
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """A table of counts: its rows as they were read, and its series in order of first row."""

    unit: Unit
    rows: list[dict[str, object]]
    series: list[Series]


def ordinal(period: str) -> tuple[Unit, int] | None:
    """The kind of a period and its place in time; None where it is no week, month or number."""
    if _NUMBER.fullmatch(period):
        return "number", int(period)
    if not is_period(period):
        return None
    year, rest = int(period[:4]), period[5:]
    if _WEEK.fullmatch(period):
        return "week", (date.fromisocalendar(year, int(rest[1:]), 1) - _EPOCH).days // 7
    if _MONTH.fullmatch(period):
        return "month", 12 * year + int(rest) - 1
    return None


def period_of(unit: Unit, place: int) -> str:
    """The period at a place in time; `ordinal` the other way."""
    if unit == "month":
        return f"{place // 12:04d}-{place % 12 + 1:02d}"
    if unit == "week":
        year, week, _ = (_EPOCH + timedelta(weeks=place)).isocalendar()
        return f"{year:04d}-W{week:02d}"
    return str(place)


def read(path: Path | str, *, keys: Sequence[str] = (), period: str = "period", count: str = "observed") -> Counts:
    """Read a table of counts.

    Args:
        path: CSV, JSON Lines or Parquet.
        keys: the columns that tell series apart; none: the table is one series.
        period: the column of periods.
        count: the column of counts, whole numbers of 0 or more.

    Raises:
        Refused: a column is missing, a value is none, a period is there twice or left out. Names row and field.
        NotFound: there is no such file.
    """
    rows: list[dict[str, object]] = []
    found: dict[tuple[str, ...], dict[int, tuple[float, int]]] = {}
    unit: Unit | None = None
    with open_rows(path) as table:
        for row in table:
            if row.fault is not None:
                raise row.fault
            for name in (period, count, *keys):
                if name not in row.values:
                    raise _no_column(name, list(row.values), table.name)
            text = str(row.values[period] if row.values[period] is not None else "").strip()
            place = ordinal(text)
            if place is None:
                raise Refused.value(
                    text, "is not a period", file=table.name, row=row.number, field=period, expected=EXPECTED_PERIOD
                )
            if unit is not None and place[0] != unit:
                raise Refused.value(
                    text, "is another kind of period than those above", file=table.name, row=row.number, field=period,
                    expected=f"a {unit}",
                )  # fmt: skip
            unit = place[0]
            key = tuple(str(row.values[name]) for name in keys)
            value = _count(row.values[count], Where(table.name, row.number, count))
            series = found.setdefault(key, {})
            if place[1] in series:
                said = f" of {_said(keys, key)}" if keys else ""
                raise Refused(
                    f"the period {shown(text)}{said} is there twice", where=Where(table.name, row.number, period),
                    expected="one row a period and series; name the columns that tell series apart with --by",
                )  # fmt: skip
            series[place[1]] = (value, row.number)
            rows.append(dict(row.values))
        name = table.name
    if unit is None:
        raise Refused("the table has no row", where=Where(name), expected="one row a period and series")
    return Counts(unit, rows, [_whole(key, series, unit, name, period, keys) for key, series in found.items()])


def _whole(
    key: tuple[str, ...], series: dict[int, tuple[float, int]], unit: Unit, name: str, field: str, keys: Sequence[str]
) -> Series:
    places = sorted(series)
    for before, after in pairwise(places):
        if after != before + 1:
            said = f" of {_said(keys, key)}" if keys else ""
            gap = f"{shown(period_of(unit, after))} comes after {shown(period_of(unit, before))}"
            raise Refused(
                f"{gap}{said}, and a period is left out",
                where=Where(name, series[after][1], field),
                expected=f"{period_of(unit, before + 1)}; a period without cases is a row with 0",
            )
    counts = np.array([series[place][0] for place in places])
    return Series(key, places[0], counts, tuple(series[place][1] - 1 for place in places))


def _count(value: object, where: Where) -> float:
    try:
        number = float(str(value).strip())
    except ValueError:
        number = -1.0
    if not (0 <= number < 1e15 and number == int(number)):
        raise Refused(
            f"{shown('' if value is None else value)} is not a count", where=where,
            expected="a whole number of 0 or more",
        )  # fmt: skip
    return number


def _said(keys: Sequence[str], key: tuple[str, ...]) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(keys, key, strict=True))


def _no_column(name: str, columns: Sequence[str], file: str) -> Refused:
    return Refused(
        f"there is no column {shown(name)}", where=Where(file, field=name), expected=f"one of {', '.join(columns)}"
    )
