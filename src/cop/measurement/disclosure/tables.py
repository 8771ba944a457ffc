"""The tables of a described release as they are read: rows of their files, and cells in one key space."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import polars as pl

from cop.kernel.errors import Refused, Where
from cop.kernel.tables import open_rows
from cop.measurement.disclosure.assemble import Ratio
from cop.measurement.disclosure.cells import MEASURE, Cells, distinct
from cop.measurement.disclosure.description import STATUSES, Release, Table
from cop.measurement.disclosure.hierarchy import TOTAL
from cop.measurement.disclosure.primary import mark, worth

ROW = "row"


@dataclass(frozen=True)
class Read:
    """A table as it was read.

    Attributes:
        table: its description.
        rows: as in the file.
        cells: one row per row of the file: `row`, `table`, `measure`, every dimension of the release, `value`,
            `counted`, the rules' columns, and the statuses of a published table.
        bases: the numbers that its shares are of, as cells of their own; empty without a share.
        published: whether the file has statuses.
    """

    table: Table
    rows: list[dict[str, Any]]
    cells: pl.DataFrame
    bases: pl.DataFrame
    published: bool


def read_table(release: Release, table: Table) -> Read:
    """Read one table.

    Raises:
        NotFound: there is no such file.
        Refused: a column is missing, a code is empty, a value is no number; names the row.
    """
    path = release.file(table.file)
    with open_rows(path) as opened:
        rows: list[dict[str, Any]] = []
        for row in opened:
            if row.fault is not None:
                raise row.fault
            rows.append(dict(row.values))
    published = bool(rows) and STATUSES[0] in rows[0]
    private = [*filter(None, (table.units, table.psu)), *table.largest]
    shared = [table.share.column, table.share.of] if table.share is not None else []
    for name in [*table.dimensions, table.value, *shared, *([] if published else private)]:
        if rows and name not in rows[0]:
            raise Refused(
                "there is no such column", where=Where(path, field=name), expected=f"one of {', '.join(rows[0])}"
            )
    cells = [_cell(release, table, values, path, number) for number, values in enumerate(rows, 1)]
    bases = [
        _base(table, cell, values, path) for cell, values in zip(cells, rows, strict=True) if table.share is not None
    ]
    schema = _schema(release, table, published=published)
    return Read(table, rows, pl.DataFrame(cells, schema), pl.DataFrame(bases, schema), published)


def _schema(release: Release, table: Table, *, published: bool) -> dict[str, Any]:
    rules = dict.fromkeys([*filter(None, (table.units, table.psu)), *table.largest], pl.Float64)
    return {
        ROW: pl.Int64, "table": pl.String, MEASURE: pl.String, **dict.fromkeys(release.dimensions, pl.String),
        "value": pl.Float64, "counted": pl.Boolean, **rules,
        **(dict.fromkeys(STATUSES, pl.String) if published else {}),
    }  # fmt: skip


def _cell(release: Release, table: Table, values: Mapping[str, Any], path: Path, row: int) -> dict[str, Any]:
    codes: dict[str, str] = {}
    for name, axis in release.dimensions.items():
        code = _text(values[name]) if name in table.dimensions else table.total
        if not code:
            raise Refused("the code is empty", where=Where(path, row, name), expected=f"a code, {table.total} for all")
        codes[name] = (axis.total or TOTAL) if code == table.total else code
    numbers = {
        name: _number(values.get(name), path, row, name)
        for name in filter(None, (table.value, table.units, table.psu, *table.largest))
    }
    value = numbers.pop(table.value)
    if table.kind == "count" and value is not None and not value.is_integer():
        raise Refused.value(
            values[table.value], "is no count", file=path, row=row, field=table.value, expected="a whole number"
        )
    return {
        ROW: row, "table": table.name, MEASURE: table.measured, **codes, "value": value,
        "counted": table.kind == "count", **numbers, **{n: values[n] or None for n in STATUSES if n in values},
    }  # fmt: skip


def _base(table: Table, cell: Mapping[str, Any], values: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The number a share is of: a count of its own measure, which adds up as well."""
    of = cast("Any", table.share).of
    value = _number(values[of], path, cell[ROW], of)
    status = ("A", "F") if value is not None else ("Q", "D")
    statuses = {name: code for name, code in zip(STATUSES, status, strict=True) if name in values}
    kept = {n: cell[n] for n in cell if n not in {table.units, table.psu}}
    return {**kept, "table": base_table(table), MEASURE: of, "value": value, **statuses}


def base_table(table: Table) -> str:
    """What the table of the numbers that shares are of is called."""
    return f"{table.name}: {table.share.of}" if table.share is not None else ""


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _number(value: object, path: Path, row: int, field: str) -> float | None:
    if value is None or value == "":
        return None
    try:
        number = float(cast("str | float", value))
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise Refused.value(value, "will not do", file=path, row=row, field=field, expected="a number of 0 or more")
    return number


def marked(release: Release, tables: Sequence[Read]) -> pl.DataFrame:
    """All cells of a release with what the rules say of them."""
    rules = release.applied
    parts: list[pl.DataFrame] = []
    for read in tables:
        table = read.table
        counted = table.kind == "count"
        parts.append(mark(read.cells, rules, counted=counted, units=table.units, psu=table.psu, largest=table.largest))
        if read.bases.height:
            parts.append(mark(read.bases, rules))
    frame = pl.concat(parts, how="diagonal")
    return frame.with_columns(worth(pl.col("value")).alias("cost")) if release.cost == "values" else frame


def published(release: Release, tables: Sequence[Read] | None = None) -> Cells:
    """The cells of a release as it was published.

    Raises:
        Refused: a table has no statuses.
    """
    tables = tables if tables is not None else [read_table(release, table) for table in release.tables]
    for read in tables:
        if not read.published:
            raise Refused(
                "has no statuses", where=Where(release.file(read.table.file), field=STATUSES[0]),
                expected="a protected table, with obs_status and conf_status",
            )  # fmt: skip
    rules = release.applied
    return distinct(
        pl.concat([part for read in tables for part in (read.cells, read.bases) if part.height], how="diagonal"),
        list(release.dimensions), release=release.id, threshold=rules.counts.threshold, plain=release.only_counts,
        zeros=rules.counts.zeros == "withhold",
    )  # fmt: skip


def shares(release: Release, tables: Sequence[Read]) -> Iterator[Ratio]:
    """What the shares of a release say of their counts, as exactly as they are rounded.

    Before protection a share says no more than that its base holds the count: it is published only where both are.
    """
    keys = [MEASURE, *release.dimensions]
    for read in tables:
        share = read.table.share
        if share is None:
            continue
        half = 0.5 * 10.0**-share.decimals / 100
        pairs = zip(read.cells.select(keys).rows(), read.bases.select(keys).rows(), read.rows, strict=True)
        for cell, base, values in pairs:
            said = _text(values[share.column]) if read.published else ""
            point = float(said) / 100 if said else 0.5
            wide = half if said else 0.5
            yield Ratio(cell, base, max(0.0, point - wide), min(1.0, point + wide))
