"""A table of counts with what the detector says of each row: the columns of `cop measure warn`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from cop.kernel.errors import Refused, Where
from cop.kernel.progress import SILENT, Progress
from cop.measurement.warning import farrington
from cop.measurement.warning.baseline import first_period
from cop.measurement.warning.counts import Counts, Series
from cop.measurement.warning.settings import PER_YEAR, Settings

COLUMNS = ("expected", "upperbound", "score", "pvalue", "alarm")
DEFAULT = {"week": "noufaily", "month": "monthly", "number": "noufaily"}
"""The settings for each kind of period."""


@dataclass(frozen=True, slots=True)
class Added:
    """The table's rows with `COLUMNS` added, how many were assessed, how many raised an alarm."""

    rows: list[dict[str, object]]
    assessed: int
    alarms: int
    short: int
    """Series too short for any period to be assessed."""


def warn(counts: Counts, settings: Settings, *, last: int | None = None, progress: Progress = SILENT) -> Added:
    """Assess a table.

    A row that has not its whole baseline before it, or whose regression has no solution, has no value in the five
    columns. Where there are too few cases for an alarm, `alarm` is false and there is no `expected` nor `upperbound`.

    Args:
        counts: as `counts.read` returns them.
        settings: of the Farrington algorithm.
        last: only so many periods at the end of each series; all by default.
        progress: told of each period of each length of series.

    Raises:
        Refused: the settings are for another kind of period, or a column of the result is there already.
    """
    frequency = PER_YEAR.get(counts.unit, settings.frequency)
    if frequency != settings.frequency:
        raise Refused(
            f"the settings {settings.id} are for {settings.frequency} periods a year, and these are {counts.unit}s",
            where=Where(field="--settings"), expected=f"settings with frequency {frequency}",
        )  # fmt: skip
    if taken := next((name for name in COLUMNS if name in counts.rows[0]), None):
        raise Refused("the column is there already", where=Where(field=taken), expected="a table without it")
    rows = [{**row, **dict.fromkeys(COLUMNS)} for row in counts.rows]
    by_length: dict[int, list[Series]] = defaultdict(list)
    for series in counts.series:
        by_length[len(series.counts)].append(series)
    assessed = alarms = short = 0
    for length, group in sorted(by_length.items()):
        first = first_period(settings)
        if length <= first:
            short += len(group)
            continue
        periods = range(max(first, length - last) if last else first, length)
        found = farrington.assess(np.stack([s.counts for s in group]), settings, periods=periods, progress=progress)
        for place, series in enumerate(group):
            for column, present in enumerate(periods):
                values = _values(found, place, column)
                rows[series.rows[present]].update(values)
                assessed += values["alarm"] is not None
                alarms += bool(values["alarm"])
    return Added(rows, assessed, alarms, short)


def _values(found: farrington.Assessed, place: int, column: int) -> dict[str, object]:
    if not found.known[place, column]:
        return {}
    enough = bool(found.enough[place, column])
    return {
        "expected": float(found.expected[place, column]) if enough else None,
        "upperbound": float(found.upperbound[place, column]) if enough else None,
        "score": float(found.score[place, column]),
        "pvalue": float(found.pvalue[place, column]),
        "alarm": bool(found.alarm[place, column]),
    }
