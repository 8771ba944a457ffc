"""Grouped sums on DuckDB: files are scanned where they lie, an Arrow table is registered, nothing is attached.

One thread by default: floating-point sums depend on their order, and the same inputs must give the same bytes. Memory
holds the groups, not the rows.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from cop.kernel.errors import Refused, TooMuch, Where
from cop.measurement.engines.contract import SET, GroupedSums, Kind, Named, Source
from cop.measurement.expression import Expression, columns

_TABLE = "source_table"
_NUMBERS = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|U?INTEGER|DOUBLE|FLOAT|DECIMAL.*)")
_DATES = re.compile(r"(DATE|TIMESTAMP.*)")
_LINE = re.compile(r"(?:CSV Error on Line|Line):?\s*(\d+)")


class DuckDBEngine:
    """The default engine. `memory` is DuckDB's own limit, for instance "1GB"; None leaves it at its default."""

    def __init__(self, *, threads: int = 1, memory: str | None = None) -> None:
        self._threads = threads
        self._memory = memory

    def columns(self, source: Source) -> dict[str, Kind]:
        with self._scanning(source) as (connection, scan):
            found = connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()  # noqa: S608
        return {str(name): _kind(str(kind)) for name, kind, *_ in found}

    def sums(self, query: GroupedSums) -> pa.Table:
        sets = query.sets or (tuple(key.name for key in query.keys),)
        with self._scanning(query.source) as (connection, scan):
            wanted = [*query.keys, *query.sums, *([Named("", query.where)] if query.where is not None else [])]
            inner = _projection(connection, scan, wanted, query.source)
            order = {key.name: f"k{place}" for place, key in enumerate(query.keys)}
            keys = [f"{key.value.sql()} AS k{place}" for place, key in enumerate(query.keys)]
            values = [f"CAST({total.value.sql()} AS DOUBLE) AS v{place}" for place, total in enumerate(query.sums)]
            condition = f" WHERE {query.where.sql()}" if query.where is not None else ""
            # GROUPING_ID takes only keys that some set groups by; a key of no set is null throughout
            used = [name for name in order if any(name in names for names in sets)]
            masks = [sum(1 << (len(used) - 1 - i) for i, n in enumerate(used) if n not in names) for names in sets]
            if len(set(masks)) != len(masks):
                raise ValueError("a grouping set is given twice")
            groups = ", ".join(f"({', '.join(order[name] for name in names)})" for names in sets)
            which = f"GROUPING_ID({', '.join(order[name] for name in used)})" if used else "0"
            totals = ", ".join(f"COALESCE(SUM(v{place}), 0) AS v{place}" for place in range(len(query.sums)))
            listed = "".join(f"{k}, " if name in used else f"NULL AS {k}, " for name, k in order.items())
            grouping = f"GROUP BY GROUPING SETS ({groups})" if used else ""
            text = (
                f"SELECT {which} AS mask, {listed}{totals} "  # noqa: S608
                f"FROM (SELECT {', '.join([*keys, *values])} FROM {inner}{condition}) {grouping}"
            )
            found = connection.sql(text).to_arrow_table()
        place_of = {mask: place for place, mask in enumerate(masks)}
        index = pa.array([place_of[int(mask)] for mask in found.column("mask").to_pylist()], pa.int64())
        found = found.set_column(0, SET, index).rename_columns(
            [SET, *(key.name for key in query.keys), *(total.name for total in query.sums)]
        )
        return found.sort_by([(name, "ascending") for name in (SET, *order)])

    def first(self, source: Source, where: Expression, value: Expression) -> tuple[int, object] | None:
        with self._scanning(source) as (connection, scan):
            inner = _projection(connection, scan, [Named("", where), Named("", value)], source, numbered=True)
            text = f"SELECT _row, {value.sql()} FROM {inner} WHERE {where.sql()} ORDER BY _row LIMIT 1"  # noqa: S608
            row = connection.execute(text).fetchone()
        return None if row is None else (int(row[0]), row[1])

    @contextmanager
    def _scanning(self, source: Source) -> Generator[tuple[duckdb.DuckDBPyConnection, str]]:
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": self._threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if self._memory is not None:
            config["memory_limit"] = self._memory
        with duckdb.connect(config=config) as connection:
            connection.execute("SET preserve_insertion_order = true")
            # Parquet statistics leave NaN out, and DuckDB 2.0 folds isnan() to false by them: NaN would become a value
            connection.execute("SET disabled_optimizers = 'statistics_propagation'")
            try:
                yield connection, _scan(connection, source)
            except duckdb.OutOfMemoryException as error:
                raise TooMuch("the table has more groups than memory holds", where=Where(source.name)) from error
            except duckdb.Error as error:
                raise _refusal(error, source) from error


def _scan(connection: duckdb.DuckDBPyConnection, source: Source) -> str:
    if source.table is not None:
        connection.register(_TABLE, source.table)
        connection.execute("SET enable_external_access = false")
        return _TABLE
    path = source.path
    if path is None or not path.is_file():
        raise Refused("is not a file", where=Where(source.name), expected="a CSV or Parquet file")
    # this connection can read that one file and nothing else; a name with the marks of a pattern is taken literally,
    # which needs the pattern to be allowed beside the file it stands for
    pattern = re.sub(r"([\[*?])", r"[\1]", str(path))
    connection.execute(f"SET allowed_paths = [{_text(str(path))}, {_text(pattern)}]")
    connection.execute("SET enable_external_access = false")
    name = _text(pattern)
    if path.suffix.lower() == ".parquet":
        return f"read_parquet({name})"
    missing = ", ".join(_text(text) for text in source.missing) or "''"
    return (
        f"read_csv({name}, header = true, delim = {_text(source.delimiter)}, quote = '\"', escape = '\"', "
        f"nullstr = [{missing}], sample_size = -1, all_varchar = false, encoding = 'utf-8', strict_mode = true)"
    )


def _projection(
    connection: duckdb.DuckDBPyConnection, scan: str, wanted: Iterable[Named], source: Source, *, numbered: bool = False
) -> str:
    """The scan with only the columns that are named, NaN taken for what it means: no value."""
    kinds = {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()}  # noqa: S608
    needed = dict.fromkeys(name for named in wanted for name in columns(named.value))
    picked: list[str] = []
    for name in needed:
        if name not in kinds:
            raise unknown_column(name, kinds, source.name)
        quoted = '"' + name.replace('"', '""') + '"'
        floating = kinds[name] in {"DOUBLE", "FLOAT"}
        picked.append(f"CASE WHEN isnan({quoted}) THEN NULL ELSE {quoted} END AS {quoted}" if floating else quoted)
    if numbered:
        picked.append("row_number() OVER () AS _row")
    return f"(SELECT {', '.join(picked) or '1'} FROM {scan})"  # noqa: S608


def unknown_column(name: str, known: Iterable[str], file: Path | None, field: str | None = None) -> Refused:
    """The refusal of a column that the table does not have, with the nearest ones it has."""
    from difflib import get_close_matches

    names = list(known)
    near = get_close_matches(name.lower(), [n.lower() for n in names], n=3, cutoff=0.6)
    nearest = [n for n in names if n.lower() in near][:3]
    listed = nearest or names[:8]
    more = "" if nearest or len(names) <= 8 else ", ..."
    return Refused.value(
        name, "is not a column of the table", file=file, field=field, expected=f"one of {', '.join(listed)}{more}"
    )


def _kind(kind: str) -> Kind:
    if _NUMBERS.fullmatch(kind):
        return "number"
    if _DATES.fullmatch(kind):
        return "date"
    return {"VARCHAR": "text", "BOOLEAN": "boolean"}.get(kind, "other")  # type: ignore[return-value]


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _refusal(error: duckdb.Error, source: Source) -> Refused:
    message = str(error)
    line = _LINE.search(message)
    row = int(line[1]) - 1 if line and int(line[1]) > 1 else None
    said = message.splitlines()[0].removeprefix("Invalid Input Error: ").removeprefix("Conversion Error: ")
    if isinstance(error, duckdb.ConversionException):
        return Refused(
            f"a value does not fit: {said[:200]}", where=Where(source.name, row), expected="values of one type"
        )
    if isinstance(error, duckdb.BinderException):
        return Refused(f"an expression does not fit the columns: {said[:200]}", where=Where(source.name))
    return Refused(
        f"cannot be read as a table: {said[:200]}", where=Where(source.name, row), expected="UTF-8 CSV or Parquet"
    )
