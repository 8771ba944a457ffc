"""Counts of coded report records: by code, area, period and whatever else a table declares, with all their totals.

The unit of count is the report. A code counts once at every level it belongs to: itself, its class, its section, the
total. What the levels are is a value handed in, because this room does not know the classification.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from typing import Literal as OneOf

import polars as pl
import pyarrow as pa

from cop.kernel.errors import Refused
from cop.kernel.periods import EXPECTED as EXPECTED_PERIOD
from cop.kernel.periods import is_period
from cop.measurement.engines.contract import SET, Engine, GroupedSums, Named, Source
from cop.measurement.engines.duckdb import DuckDBEngine, unknown_column
from cop.measurement.expression import ONE, Call, Column, Literal

Level = OneOf["leaf", "class", "section", "total"]
Dimension = OneOf["code", "area", "period", "age_band", "sex", "platform", "language"]
Step = OneOf["month", "year"]

TOTAL = "_T"
UNKNOWN = "_U"
"""SDMX's code for a value that is not known: a record that leaves a dimension empty counts here."""
DIMENSIONS: tuple[Dimension, ...] = ("code", "area", "period", "age_band", "sex", "platform", "language")
_DEPTH = {"section": 0, "class": 1}


@dataclass(frozen=True, slots=True)
class Scheme:
    """The codes records may carry and, for each, the codes above it from the section down.

    `{"B": (), "B03": ("B",), "B032": ("B", "B03")}`: a section, its class, its subclass.
    """

    parents: Mapping[str, Sequence[str]]

    def __post_init__(self) -> None:
        for code, line in self.parents.items():
            for place, upper in enumerate(line):
                if tuple(self.parents.get(upper, (code,))) != tuple(line[:place]):
                    raise ValueError(f"the codes above {code} do not run from the section down")

    def at(self, code: str, level: OneOf["class", "section", "total"]) -> str | None:
        """The code of that level a record with this code belongs to; None where it was not coded that far.

        Raises:
            KeyError: the scheme does not have the code.
        """
        if level == "total":
            return TOTAL
        line = [*self.parents[code], code]
        return line[_DEPTH[level]] if len(line) > _DEPTH[level] else None


@dataclass(frozen=True, slots=True)
class CountTable:
    """One table to be counted: its dimensions, the levels of `code` it shows, the step of its periods."""

    name: str
    dimensions: tuple[Dimension, ...]
    levels: tuple[Level, ...] = ("class", "section", "total")
    step: Step = "month"

    def __post_init__(self) -> None:
        if not self.levels or len(set(self.levels)) != len(self.levels):
            raise ValueError(f"table {self.name} needs each level once")
        if len(set(self.dimensions)) != len(self.dimensions):
            raise ValueError(f"table {self.name} has a dimension twice")


STANDARD = (
    CountTable("class-month", ("code", "period")),
    CountTable("class-year-area", ("code", "period", "area"), step="year"),
    CountTable("section-month-area", ("code", "period", "area"), levels=("section", "total")),
    CountTable("class-platform", ("code", "platform")),
    CountTable("class-age-sex", ("code", "age_band", "sex")),
    CountTable("class-language", ("code", "language")),
)
"""The tables an edition publishes."""

SCHEMA: dict[str, pl.DataType] = {
    "table": pl.String(), "measure": pl.String(), "code": pl.String(), "area": pl.String(), "period": pl.String(),
    "age_band": pl.String(), "sex": pl.String(), "platform": pl.String(), "language": pl.String(), "value": pl.Int64(),
}  # fmt: skip


def count(
    records: pl.LazyFrame | pl.DataFrame | pa.Table | Path,
    tables: Sequence[CountTable],
    scheme: Scheme,
    *,
    engine: Engine | None = None,
    name: str = "records",
) -> pl.DataFrame:
    """Count records into the declared tables, in one scan.

    Args:
        records: one row per report with `code`, `period` (or `date`, a date or YYYY-MM-DD) and the other dimensions the
            tables name: a frame, an Arrow table or a Parquet or CSV file. A lazy frame is collected.
        tables: what to count.
        scheme: the codes and what is above them.
        engine: where the sums are computed; DuckDB by default.
        name: what messages call the records.

    Returns:
        One row per cell: `table`, `measure` ("reports"), the seven dimensions (`_T` for all, and for those the table
        does not have), `value`. Every total along every dimension is there. Where a table has periods, each of its
        series runs from the first to the last period of the data without gaps, zeros included.

    Raises:
        Refused: a column is missing, a code is not in the scheme, a period is none. Names the row.
    """
    engine = engine or DuckDBEngine()
    source = source_of(records, name)
    needed: list[Dimension] = [d for d in DIMENSIONS if any(d in table.dimensions for table in tables)]
    known = engine.columns(source)
    columns: dict[Dimension, str] = {dimension: str(dimension) for dimension in needed}
    if "period" in needed and "period" not in known and "date" in known:
        columns["period"] = "date"
    for dimension, column in columns.items():
        if column not in known:
            raise unknown_column(dimension, known, Path(name))
    keys = tuple(Named(dimension, Column(column)) for dimension, column in columns.items())
    sets = tuple(dict.fromkeys(_ordered(table.dimensions, needed) for table in tables))
    sums = engine.sums(GroupedSums(source, keys, (Named("value", ONE),), sets=sets))
    grouped = pl.DataFrame(pl.from_arrow(sums)).with_columns(pl.col("value").cast(pl.Int64))
    check = Check(engine, source, columns, scheme, name)
    parts = {
        names: check.texts(grouped.filter(pl.col(SET) == number).select([*names, "value"]), names)
        for number, names in enumerate(sets)
    }
    counted = [_table(parts[_ordered(table.dimensions, needed)], table, scheme) for table in tables]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *counted])


def _ordered(dimensions: Sequence[Dimension], needed: Iterable[Dimension]) -> tuple[Dimension, ...]:
    return tuple(dimension for dimension in needed if dimension in dimensions)


def source_of(records: pl.LazyFrame | pl.DataFrame | pa.Table | Path, name: str) -> Source:
    """Records as an engine takes them."""
    if isinstance(records, Path):
        return Source(path=records)
    if isinstance(records, pl.LazyFrame):
        records = records.collect()
    table = records if isinstance(records, pa.Table) else records.to_arrow()
    return Source(table=table, origin=Path(name))


@dataclass(frozen=True, slots=True)
class Check:
    """What a dimension may hold; a fault is looked up in the records, so that its row can be said."""

    engine: Engine
    source: Source
    columns: Mapping[Dimension, str]
    scheme: Scheme
    name: str

    def texts(self, grouped: pl.DataFrame, dimensions: Sequence[Dimension]) -> pl.DataFrame:
        """The groups with a text in every dimension: dates as YYYY-MM-DD, what is not known as `_U`."""
        as_text = [
            (
                pl.col(d).dt.to_string("%Y-%m-%d") if grouped.schema[d].is_temporal() else pl.col(d).cast(pl.String)
            ).alias(d)
            for d in dimensions
        ]
        grouped = grouped.with_columns(as_text)
        for dimension in dimensions:
            values: list[str | None] = grouped[dimension].unique().sort().to_list()
            for value in values:
                self._value(dimension, value)
        known = [pl.col(d).fill_null(UNKNOWN) for d in dimensions if d not in {"code", "period"}]
        return grouped.with_columns(known)

    def _value(self, dimension: Dimension, value: str | None) -> None:
        if dimension == "code":
            if value is None or value not in self.scheme.parents:
                raise self._fault(dimension, value, "is not a code of the classification", "one of its codes")
        elif dimension == "period":
            if value is None or not is_period(value) or (len(value) > 4 and not value[5].isdigit()):
                raise self._fault(dimension, value, "is not a period", EXPECTED_PERIOD)
        elif value == TOTAL:
            raise self._fault(dimension, value, "stands for all", "the value of one report")

    def _fault(self, dimension: Dimension, value: str | None, problem: str, expected: str) -> Refused:
        column = Column(self.columns[dimension])
        wrong = Call("is null", (column,)) if value is None else Call("=", (column, Literal(value, "text")))
        found = self.engine.first(self.source, wrong, column)
        row = found[0] if found else None
        return Refused.value(
            value or "", problem, file=self.name, row=row, field=self.columns[dimension], expected=expected
        )


def _table(grouped: pl.DataFrame, table: CountTable, scheme: Scheme) -> pl.DataFrame:
    frame = grouped.select([*table.dimensions, "value"])
    if "period" in table.dimensions:
        width = 4 if table.step == "year" else 7
        short = frame.filter(pl.col("period").str.len_chars() < width)
        if short.height:
            raise Refused.value(
                short["period"][0],
                "is too coarse for the table",
                field=f"{table.name}.period",
                expected=f"a {table.step}",
            )
        frame = frame.with_columns(pl.col("period").str.slice(0, width))
    frame = frame.group_by(table.dimensions).agg(pl.col("value").sum()) if table.dimensions else frame.select(
        pl.col("value").sum()
    )  # fmt: skip
    others: list[Dimension] = [dimension for dimension in table.dimensions if dimension != "code"]
    levels: Sequence[Level | None] = table.levels if "code" in table.dimensions else (None,)
    parts: list[pl.DataFrame] = []
    for level in levels:
        part = frame if level is None else _raised(frame, scheme, level)
        parts += [_summed(part, table, others, kept) for kept in product((True, False), repeat=len(others))]
    cells = pl.concat(parts) if parts else frame
    # a code that is leaf and class at once is one cell: both count it with all that lies below
    cells = cells.unique(subset=list(table.dimensions), keep="first") if table.dimensions else cells
    if "period" in table.dimensions:
        cells = _without_gaps(cells, table, frame)
    dimensions = [pl.lit(TOTAL).alias(d) for d in DIMENSIONS if d not in table.dimensions]
    cells = cells.with_columns(pl.lit(table.name).alias("table"), pl.lit("reports").alias("measure"), *dimensions)
    return cells.select(list(SCHEMA)).sort(DIMENSIONS)


def _raised(frame: pl.DataFrame, scheme: Scheme, level: Level) -> pl.DataFrame:
    """Each count at the codes of a level. The leaves are the codes that were given, with what lies below them."""
    given: list[str] = frame["code"].unique().sort().to_list()
    if level == "leaf":
        pairs = [(code, upper) for code in given for upper in (*scheme.parents[code], code) if upper in given]
    else:
        pairs = [(code, upper) for code in given if (upper := scheme.at(code, level)) is not None]
    at = pl.DataFrame(pairs, schema={"code": pl.String, "upper": pl.String}, orient="row")
    return frame.join(at, on="code").drop("code").rename({"upper": "code"})


def _summed(frame: pl.DataFrame, table: CountTable, others: list[Dimension], kept: tuple[bool, ...]) -> pl.DataFrame:
    totals = [pl.lit(TOTAL).alias(name) for name, keep in zip(others, kept, strict=True) if not keep]
    frame = frame.with_columns(totals)
    if not table.dimensions:
        return frame
    return frame.group_by(table.dimensions).agg(pl.col("value").sum())


def _without_gaps(cells: pl.DataFrame, table: CountTable, frame: pl.DataFrame) -> pl.DataFrame:
    if frame.is_empty():
        return cells
    first, last = str(frame["period"].min()), str(frame["period"].max())
    steps = pl.DataFrame({"period": [*periods(first, last, table.step), TOTAL]})
    series = cells.select([d for d in table.dimensions if d != "period"]).unique()
    grid = series.join(steps, how="cross").select(table.dimensions)
    return grid.join(cells, on=list(table.dimensions), how="left").with_columns(pl.col("value").fill_null(0))


def periods(first: str, last: str, step: Step) -> list[str]:
    """All periods from the first to the last, both included."""
    if step == "year":
        return [f"{year:04d}" for year in range(int(first), int(last) + 1)]
    start, stop = date.fromisoformat(f"{first}-01"), date.fromisoformat(f"{last}-01")
    months = range(start.year * 12 + start.month - 1, stop.year * 12 + stop.month)
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in months]
