"""Rates of counts per population: denominators come from outside, and each cell must find its own.

A count of an area and a period is divided by the population of the same area and the same period, and of the same age
band and sex where the table has them. Nothing is interpolated, summed or taken from a neighbour: a cell without its
denominator has no rate, and says so. A month may be divided by the population of its year, where that is declared; the
rate is then of that month, not of a year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

import polars as pl

from cop.kernel.errors import Refused, Where, shown
from cop.kernel.periods import EXPECTED as EXPECTED_PERIOD
from cop.kernel.periods import is_period
from cop.measurement.records.counts import TOTAL

KEYS = ("area", "period", "age_band", "sex")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Denominators:
    """A population by area, period and perhaps age band and sex.

    `population` says who is counted, `source` where it is from. `step` is that of its periods: with "year" a month is
    divided by its year.
    """

    table: pl.DataFrame
    population: str
    source: str
    step: Literal["same", "year"] = "same"


def read(
    table: pl.DataFrame, *, population: str, source: str, step: Literal["same", "year"] = "same",
    name: str = "denominators",
) -> Denominators:  # fmt: skip
    """Denominators from a table with `value`, any of `area`, `period`, `age_band` and `sex`, and no others.

    Raises:
        Refused: an unknown or missing column, a cell twice, a period that is none, a value that is not above 0.
    """
    if not population.strip():
        raise Refused("the population is not named", where=Where(name), expected='such as "children aged 0 to 17"')
    unknown = [c for c in table.columns if c not in {*KEYS, "value"}]
    if unknown or "value" not in table.columns:
        raise Refused.value(
            unknown[0] if unknown else "value", "is not a column of denominators" if unknown else "is missing",
            file=name, expected=f"value and any of {', '.join(KEYS)}",
        )  # fmt: skip
    keys = [key for key in KEYS if key in table.columns]
    seen: set[tuple[str, ...]] = set()
    rows: list[tuple[str | float, ...]] = []
    for number, row in enumerate(table.iter_rows(named=True), start=1):
        cell = tuple(TOTAL if row[key] in {None, ""} else str(row[key]) for key in keys)
        if cell in seen:
            raise Refused.value(" ".join(cell), "is there twice", file=name, row=number, expected="each cell once")
        seen.add(cell)
        period = dict(zip(keys, cell, strict=True)).get("period", TOTAL)
        if period != TOTAL and not is_period(period):
            raise Refused.value(period, "is not a period", file=name, row=number, field="period",
                                expected=EXPECTED_PERIOD)  # fmt: skip
        try:
            value = float(str(row["value"]).strip())
        except ValueError:
            value = float("nan")
        if not isfinite(value) or value <= 0:
            raise Refused.value(row["value"], "is no population", file=name, row=number, field="value",
                                expected="a number above 0")  # fmt: skip
        rows.append((*cell, value))
    schema = {key: pl.String() for key in keys} | {"denominator": pl.Float64()}
    return Denominators(pl.DataFrame(rows, schema=schema, orient="row"), population, source, step)


def rate(
    counts: pl.DataFrame, by: Denominators, *, per: float = 100_000, figures: Sequence[str],
    missing: Literal["refuse", "leave empty"] = "refuse",
) -> pl.DataFrame:  # fmt: skip
    """Counts with `denominator`, and `rate_FIGURE` for each figure, per `per` of the population.

    Args:
        counts: with the four keys of denominators, `_T` for all.
        by: the denominators; a key that they do not have must be `_T` in every count (the population is of all).
        per: 100,000 for a rate per 100,000.
        figures: columns of counts, such as "corrected" and its limits. The population is taken as known.
        missing: what a cell without its denominator is.

    Raises:
        Refused: cells have no denominator (names them), or are broken down by what denominators do not know.
    """
    keys = [key for key in KEYS if key in by.table.columns]
    for key in KEYS:
        if key not in keys and (counts[key] != TOTAL).any():
            raise Refused.value(
                key, "breaks the counts down and not the population", field="denominators", expected=f"a column {key}"
            )
    at = counts.with_columns(pl.col("period").alias("_period"))
    if by.step == "year" and "period" in keys:
        at = at.with_columns(
            pl.when(pl.col("period") == TOTAL).then(pl.col("period")).otherwise(pl.col("period").str.slice(0, 4))
            .alias("period")
        )  # fmt: skip
    found = at.join(by.table, on=keys, how="left", maintain_order="left").drop("period").rename({"_period": "period"})
    bare = found.filter(pl.col("denominator").is_null()).select(keys).unique(maintain_order=True)
    if bare.height and missing == "refuse":
        named = ", ".join(" ".join(row) for row in bare.head(_SHOWN).iter_rows())
        more = f" and {bare.height - _SHOWN} more" if bare.height > _SHOWN else ""
        raise Refused(
            f"there is no population of {shown(named)}{more}", where=Where(field="denominators"),
            expected=f"a row for every {', '.join(keys)} of the table; nothing is taken from a neighbour",
        )  # fmt: skip
    return found.select(
        *counts.columns, "denominator",
        *((pl.col(name) / pl.col("denominator") * per).alias(f"rate_{name}") for name in figures),
    )  # fmt: skip
