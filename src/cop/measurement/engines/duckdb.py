"""Grouped sums on DuckDB: files are scanned where they lie, an Arrow table is registered, nothing is attached.

One thread by default: floating-point sums depend on their order, and the same inputs must give the same bytes. With
more, a large Parquet file is cut into parts by its row groups alone; each part is summed by one thread and the parts
are added in their order, so that two threads and eight give the same bytes. Memory holds the groups, not the rows.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cop.kernel.errors import Refused, TooMuch, Where
from cop.measurement.engines.contract import SET, GroupedSums, Kind, Named, Source
from cop.measurement.expression import NULL, ONE, Call, Expression, columns

_TABLE = "source_table"
_PART = 2_500_000
"""Rows of a part that one of several threads sums."""
_NUMBERS = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|U?INTEGER|DOUBLE|FLOAT|DECIMAL.*)")
_DATES = re.compile(r"(DATE|TIMESTAMP.*)")
_LINE = re.compile(r"(?:CSV Error on Line|Line):?\s*(\d+)")


class DuckDBEngine:
    """The default engine.

    `threads` above 1 divide large Parquet files only. `memory` is DuckDB's own limit for each, for instance "1GB"; None
    leaves it at its default.
    """

    def __init__(self, *, threads: int = 1, memory: str | None = None) -> None:
        self._threads = threads
        self._memory = memory

    def columns(self, source: Source) -> dict[str, Kind]:
        if source.path is not None and source.path.suffix.lower() == ".parquet" and source.path.is_file():
            with suppress(pa.ArrowInvalid, OSError):  # the scan says what is wrong with the file
                return {field.name: _kind_of(field.type) for field in pq.read_schema(source.path)}
        with self._scanning(source) as (connection, scan):
            found = connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()  # noqa: S608
        return {str(name): _kind(str(kind)) for name, kind, *_ in found}

    def sums(self, query: GroupedSums) -> pa.Table:
        parts = _parts(query.source) if self._threads > 1 else []
        if len(parts) < 2:
            return self._sums(query)
        with ThreadPoolExecutor(self._threads) as pool:
            found = list(pool.map(partial(self._sums, query), parts))
        return _added(found, query)

    def _sums(self, query: GroupedSums, row_groups: tuple[int, ...] = ()) -> pa.Table:
        sets = query.sets or (tuple(key.name for key in query.keys),)
        # GROUPING_ID takes only keys that some set groups by; a key of no set is null throughout
        place = {key.name: f"k{number}" for number, key in enumerate(query.keys)}
        used = [name for name in place if any(name in names for names in sets)]
        masks = [sum(1 << (len(used) - 1 - i) for i, n in enumerate(used) if n not in names) for names in sets]
        if len(set(masks)) != len(masks):
            raise ValueError("a grouping set is given twice")
        with self._scanning(query.source, row_groups, _named(query)) as (connection, scan):
            inner = _projection(connection, scan, _named(query), query.source)
            keys = [f"{key.value.sql()} AS {place[key.name]}" for key in query.keys]
            values = [f"{_addend(total.value)} AS v{number}" for number, total in enumerate(query.sums)]
            condition = f" WHERE {query.where.sql()}" if query.where is not None else ""
            totals = [f"{_total(total.value, f'v{number}')} AS v{number}" for number, total in enumerate(query.sums)]
            listed = [key if name in used else f"NULL AS {key}" for name, key in place.items()]
            which, grouping = "0", ""
            if used:
                groups = [f"({', '.join(place[name] for name in names)})" for names in sets]
                several = f"GROUPING SETS ({', '.join(groups)})"
                grouping = f"GROUP BY {several if len(sets) > 1 else ', '.join(place[name] for name in used)}"
                which = f"GROUPING_ID({', '.join(place[name] for name in used)})" if len(sets) > 1 else str(masks[0])
            text = (
                f"SELECT {', '.join([f'{which} AS mask', *listed, *totals])} "  # noqa: S608
                f"FROM (SELECT {', '.join([*keys, *values])} FROM {inner}{condition}) {grouping}"
            )
            found = connection.sql(text).to_arrow_table()
        order = sorted(range(len(masks)), key=lambda number: masks[number])
        at = np.searchsorted([masks[number] for number in order], found.column("mask").to_numpy())
        found = found.set_column(0, SET, pa.array(np.array(order, np.int64)[at])).rename_columns(
            [SET, *place, *(total.name for total in query.sums)]
        )
        return found.sort_by([(name, "ascending") for name in (SET, *place)])

    def first(self, source: Source, where: Expression, value: Expression) -> tuple[int, object] | None:
        with self._scanning(source) as (connection, scan):
            inner = _projection(connection, scan, [*columns(where), *columns(value)], source, numbered=True)
            text = f"SELECT _row, {value.sql()} FROM {inner} WHERE {where.sql()} ORDER BY _row LIMIT 1"  # noqa: S608
            row = connection.execute(text).fetchone()
        return None if row is None else (int(row[0]), row[1])

    @contextmanager
    def _scanning(
        self, source: Source, row_groups: tuple[int, ...] = (), names: tuple[str, ...] = ()
    ) -> Generator[tuple[duckdb.DuckDBPyConnection, str]]:
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": 1,
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
                if row_groups:
                    yield connection, _scan_part(connection, source, row_groups, names)
                else:
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


def _named(query: GroupedSums) -> tuple[str, ...]:
    """The columns that a query names."""
    wanted = [*query.keys, *query.sums, *([Named("", query.where)] if query.where is not None else [])]
    return tuple(dict.fromkeys(name for named in wanted for name in columns(named.value)))


def _parts(source: Source) -> list[tuple[int, ...]]:
    """The row groups of each part of a large Parquet file; none where the source is anything else."""
    if source.path is None or source.path.suffix.lower() != ".parquet" or not source.path.is_file():
        return []
    try:
        metadata = pq.read_metadata(source.path)
    except (pa.ArrowInvalid, OSError):
        return []  # the scan says what is wrong with it
    parts: list[list[int]] = [[]]
    rows = 0
    for number in range(metadata.num_row_groups):
        if rows >= _PART:
            parts.append([])
            rows = 0
        parts[-1].append(number)
        rows += metadata.row_group(number).num_rows
    return [tuple(part) for part in parts]


def _scan_part(
    connection: duckdb.DuckDBPyConnection, source: Source, row_groups: tuple[int, ...], names: tuple[str, ...]
) -> str:
    """Some row groups of a Parquet file, read batch by batch."""
    if source.path is None:
        raise ValueError("only a file has row groups")
    file = pq.ParquetFile(source.path)
    known = file.schema_arrow
    for name in names:
        if name not in known.names:
            raise unknown_column(name, known.names, source.name)
    picked = pa.schema([known.field(name) for name in known.names if name in set(names)] or [known.field(0)])

    def batches() -> Iterator[pa.RecordBatch]:
        yield from file.iter_batches(row_groups=list(row_groups), columns=picked.names, use_threads=False)

    connection.register(_TABLE, pa.RecordBatchReader.from_batches(picked, batches()))
    connection.execute("SET enable_external_access = false")
    return _TABLE


def _added(parts: list[pa.Table], query: GroupedSums) -> pa.Table:
    """The sums of the parts, added in their order."""
    keys = [SET, *(key.name for key in query.keys)]
    same = all(part.select(keys).equals(parts[0].select(keys)) for part in parts[1:])
    names = [total.name for total in query.sums]
    if same:
        columns = [parts[0].column(name) for name in keys]
        for name in names:
            total = parts[0].column(name).to_numpy()
            for part in parts[1:]:
                total = total + part.column(name).to_numpy()
            columns.append(pa.chunked_array([pa.array(total)]))
        return pa.table(columns, names=[*keys, *names])
    whole = pa.concat_tables(parts)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register(_TABLE, whole)
        listed = ", ".join(_quoted(name) for name in keys)
        totals = ", ".join(f"SUM({_quoted(name)}) AS {_quoted(name)}" for name in names)
        found = connection.sql(f"SELECT {listed}, {totals} FROM {_TABLE} GROUP BY {listed}").to_arrow_table()  # noqa: S608
    return found.sort_by([(name, "ascending") for name in keys])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _projection(
    connection: duckdb.DuckDBPyConnection, scan: str, wanted: Iterable[str], source: Source, *, numbered: bool = False
) -> str:
    """The scan with only the columns that are named, NaN taken for what it means: no value."""
    kinds = {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()}  # noqa: S608
    picked: list[str] = []
    for name in dict.fromkeys(wanted):
        if name not in kinds:
            raise unknown_column(name, kinds, source.name)
        quoted = _quoted(name)
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


def _addend(value: Expression) -> str:
    """What is added up of a row: where it is one or nothing, the engine counts."""
    return value.sql() if _counted(value) else f"CAST({value.sql()} AS DOUBLE)"


def _total(value: Expression, column: str) -> str:
    return f"CAST(COUNT({column}) AS DOUBLE)" if _counted(value) else f"COALESCE(SUM({column}), 0)"


def _counted(value: Expression) -> bool:
    match value:
        case Call("case", (_, then, otherwise)):
            return then == ONE and otherwise == NULL
        case _:
            return value == ONE


def _kind_of(kind: pa.DataType) -> Kind:
    if pa.types.is_dictionary(kind):
        return _kind_of(kind.value_type)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text"
    if pa.types.is_boolean(kind):
        return "boolean"
    return "date" if pa.types.is_date(kind) or pa.types.is_timestamp(kind) else "other"


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
