"""Rates: events of one source per so many of a population that another source counts, with intervals.

Sources: Garwood, Fiducial limits for the Poisson distribution, Biometrika 28 (1936), for counts; where the numerator or
the population is itself an estimate with a standard error, the delta method on the logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import polars as pl
from scipy import special, stats

from cop.kernel.errors import Refused, Where, shown
from cop.measurement.measures.forms import Rate

RESULT = ("events", "population", "rate", "se", "ci_low", "ci_high", "per", "interval")


def garwood(events: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a Poisson count: 10 events give 4.80 to 18.39."""
    tail = (1 - level) / 2
    low = float(special.gammaincinv(events, tail)) if events > 0 else 0.0
    return low, float(special.gammaincinv(events + 1, 1 - tail))


def rates(
    form: Rate,
    events: pl.DataFrame,
    populations: pl.DataFrame,
    *,
    by: Sequence[str],
    level: float = 0.95,
) -> pl.DataFrame:
    """The rate of each cell.

    Args:
        form: names the column of events and the column of the population, and how many it is per.
        events: `by` and the column of events; with `se` the events are an estimate (a corrected count).
        populations: `by` and the column of the population; with `se` it is an estimate too. Cells without events are
            not added: whether nothing was reported or nobody counted is for who made the table to say, with a zero.
        by: the columns that name a cell in both tables.
        level: of the intervals.

    Returns:
        One row per row of `events`, in its order: `by`, then `events`, `population`, `rate`, `se`, `ci_low`, `ci_high`
        in events per `per`, and how the `interval` was made ("exact" or "log"). A cell without events has no `se`
        where its interval is not exact, and then no interval.

    Raises:
        Refused: a column is missing, a cell is given twice, a population is missing or not above zero, a count is
            negative, or a whole number is expected and not given.
    """
    _columns(events, [*by, form.events], "events")
    _columns(populations, [*by, form.population], "populations")
    _once(events, by, "events")
    _once(populations, by, "populations")
    held = populations.select(
        *by,
        pl.col(form.population).cast(pl.Float64).alias("_population"),
        (pl.col("se") if "se" in populations.columns else pl.lit(0.0)).cast(pl.Float64).alias("_population_se"),
    )
    joined = events.with_row_index("_row").join(held, on=list(by), how="left", maintain_order="left")
    rows = [_cell(form, row, by, level, estimated="se" in events.columns) for row in joined.iter_rows(named=True)]
    schema = {name: events.schema[name] for name in by}
    figures = {name: pl.String if name == "interval" else pl.Float64 for name in RESULT}
    return pl.DataFrame(rows, schema={**schema, **figures, "per": pl.Int64})


def _cell(form: Rate, row: Mapping[str, Any], by: Sequence[str], level: float, *, estimated: bool) -> dict[str, Any]:
    count, people, people_se = row[form.events], row["_population"], row["_population_se"] or 0.0
    where = Where("events", row=int(row["_row"]) + 1, field=form.events)
    if count is None or not math.isfinite(count) or count < 0:
        raise Refused(f"{shown(count)} is not a number of events", where=where, expected="zero or more")
    if people is None:
        cell = ", ".join(str(row[name]) for name in by)
        raise Refused(f"no {form.population} for {shown(cell)}", where=where, expected="one row in populations")
    if not math.isfinite(people) or people <= 0:
        raise Refused(f"{shown(people)} is not a population", where=where, expected=f"{form.population} above zero")
    scale = form.per / people
    rate = count * scale
    error = float(row["se"] or 0.0) if estimated else math.sqrt(count)
    exact = not estimated and people_se == 0
    se: float | None
    low: float | None
    high: float | None
    if exact:
        if float(count) != int(count):
            raise Refused(f"{shown(count)} is not a whole number", where=where, expected="a count, or a column se")
        low, high = (limit * scale for limit in garwood(int(count), level))
        se = error * scale
    elif count > 0:
        relative = math.hypot(error / count, people_se / people)
        se = rate * relative
        reach = math.exp(cast("float", stats.norm.ppf(0.5 + level / 2)) * relative)
        low, high = rate / reach, rate * reach
    else:
        se = low = high = None
    return {
        **{name: row[name] for name in by},
        "events": float(count), "population": float(people), "rate": rate, "se": se, "ci_low": low, "ci_high": high,
        "per": form.per, "interval": "exact" if exact else "log" if low is not None else None,
    }  # fmt: skip


def _columns(table: pl.DataFrame, names: Sequence[str], which: str) -> None:
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise Refused(
            f"column {shown(missing[0])} is missing", where=Where(which), expected=", ".join(dict.fromkeys(names))
        )


def _once(table: pl.DataFrame, by: Sequence[str], which: str) -> None:
    double = table.select(by).is_duplicated()
    if double.any():
        row = double.arg_true()[0]
        cell = ", ".join(str(value) for value in table.select(by).row(row))
        raise Refused(f"{shown(cell)} is given twice", where=Where(which, row=row + 1), expected="each cell once")
