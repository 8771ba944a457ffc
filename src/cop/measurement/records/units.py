"""What one count is of: a report, an address, a child, a campaign. One row per unit, said and never assumed.

A hotline that gets the same address a hundred times has a hundred reports and one address; a bot that files one text a
thousand times has a thousand reports and one campaign. Both counts are right; one called by the other's name is not.

A unit is counted where and when it was first reported: the row that stands for it is the earliest, and among rows of
one day the first in the file. Sums over periods therefore count it once, and a month counts the units that are new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from cop.kernel.errors import Refused, Where

Without = Literal["refuse", "own", "leave out"]
"""What a row without a unit is: a fault, a unit of its own, or none."""

STANDS_FOR = "reports"
"""The column that says how many rows of the file a unit stands for."""
_ROW, _UNIT, _ROOT = "_row", "_unit", "_root"


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of count.

    `name` is what is counted and becomes the measure ("reports", "addresses"); `column` identifies the unit, None where
    every row that is no duplicate is one. `duplicate_of` is a column with the id of the report that a row repeats,
    empty where it repeats none; `id` then names the column of ids.
    """

    name: str = "reports"
    column: str | None = None
    duplicate_of: str | None = None
    id: str = "id"
    without: Without = "refuse"


@dataclass(frozen=True, slots=True)
class Units:
    """One row per unit, and what became of the others: `reports == units + duplicates + repeated + left_out`.

    `duplicates` are rows declared to repeat another report, `repeated` further rows of a unit, `left_out` rows without
    one. `disagreeing` counts units whose rows have more than one code: the row that stands for it decides.
    """

    frame: pl.DataFrame
    unit: Unit
    reports: int
    units: int
    duplicates: int
    repeated: int
    left_out: int
    disagreeing: int


def one_per_unit(records: pl.DataFrame, unit: Unit, *, name: str = "records") -> Units:
    """Keep the row that stands for each unit.

    Args:
        records: one row per report, with the unit's columns and, where there is one, `date` or `period`.
        unit: what is counted.
        name: what messages call the records.

    Returns:
        The rows that stand for a unit, in order, with the column `reports`.

    Raises:
        Refused: a column is missing, a row has no unit, a duplicate names no report or leads back to itself, or an id
            is there twice. Names the row.
    """
    for column in (unit.column, unit.duplicate_of, unit.id if unit.duplicate_of else None):
        if column is not None and column not in records.columns:
            raise Refused.value(
                column, "is not a column of the records", file=name, field="unit",
                expected=f"one of {', '.join(records.columns)}",
            )  # fmt: skip
    rows = records.with_row_index(_ROW)
    rows = rows.with_columns(pl.col(_ROW).alias(_ROOT) if unit.duplicate_of is None else _roots(rows, unit, name))
    left_out = 0
    if unit.column is None:
        rows = rows.with_columns(pl.col(_ROOT).cast(pl.String).alias(_UNIT))
    else:
        given = pl.col(unit.column).cast(pl.String).replace("", None)
        rows = rows.with_columns(given.alias(_UNIT))
        missing = rows.filter(pl.col(_UNIT).is_null() & (pl.col(_ROOT) == pl.col(_ROW)))
        if missing.height and unit.without == "refuse":
            raise Refused(
                "the row has no unit", where=Where(name, int(missing[_ROW][0]) + 1, unit.column),
                expected='an identifier, or without = "own" or "leave out"',
            )  # fmt: skip
        rows = _inherited(rows)
        if unit.without == "own":
            # a byte that no identifier holds keeps a row of its own apart from a unit of the same name
            own = pl.concat_str(pl.lit("\x00"), pl.col(_ROOT).cast(pl.String))
            rows = rows.with_columns(pl.coalesce(_UNIT, own).alias(_UNIT))
        left_out = rows[_UNIT].null_count()
        rows = rows.filter(pl.col(_UNIT).is_not_null())
    when = next((c for c in ("date", "period") if c in rows.columns), None)
    ordered = rows.sort([when, _ROW] if when else [_ROW], nulls_last=True)
    groups = ordered.group_by(_UNIT, maintain_order=True)
    codes = pl.col("code").n_unique() if "code" in rows.columns else pl.lit(1)
    kept = groups.agg(pl.col(_ROW).first(), pl.len().cast(pl.Int64).alias(STANDS_FOR), codes.alias("_codes"))
    duplicates = rows.filter(pl.col(_ROOT) != pl.col(_ROW)).height
    found = rows.drop(STANDS_FOR, strict=False).join(kept.select(_ROW, STANDS_FOR), on=_ROW).sort(_ROW)
    units = kept.height
    return Units(
        frame=found.drop(_ROW, _ROOT, _UNIT), unit=unit, reports=records.height, units=units, duplicates=duplicates,
        repeated=rows.height - units - duplicates, left_out=left_out,
        disagreeing=kept.filter(pl.col("_codes") > 1).height,
    )  # fmt: skip


def _inherited(rows: pl.DataFrame) -> pl.DataFrame:
    """A duplicate is of the unit of the report that it repeats, whatever it says itself."""
    units = rows.select(pl.col(_ROW).alias(_ROOT), pl.col(_UNIT).alias("_of_root"))
    return rows.join(units, on=_ROOT, how="left", maintain_order="left").with_columns(
        pl.col("_of_root").alias(_UNIT)
    ).drop("_of_root")  # fmt: skip


def _roots(rows: pl.DataFrame, unit: Unit, name: str) -> pl.Series:
    """For each row the number of the row that it repeats, through any number of steps; itself where it repeats none."""
    ids = rows[unit.id].cast(pl.String).to_list()
    place: dict[str, int] = {}
    for row, one in enumerate(ids):
        if one is None or one == "":
            raise Refused("the row has no id", where=Where(name, row + 1, unit.id), expected="an id in every row")
        if one in place:
            raise Refused.value(one, "is there twice", file=name, row=row + 1, field=unit.id, expected="one row an id")
        place[one] = row
    of = rows[unit.duplicate_of or ""].cast(pl.String).to_list()
    roots: list[int] = []
    for row in range(len(ids)):
        seen, at = {row}, row
        while of[at]:
            at = place.get(of[at], -1)
            if at < 0 or at in seen:
                problem = "is no report of the file" if at < 0 else "leads back to the row itself"
                raise Refused.value(
                    of[row], problem, file=name, row=row + 1, field=unit.duplicate_of,
                    expected="the id of the report that it repeats",
                )  # fmt: skip
            seen.add(at)
        roots.append(at)
    return pl.Series(_ROOT, roots, pl.UInt32)
