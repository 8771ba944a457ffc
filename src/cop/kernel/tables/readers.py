"""Readers of CSV, JSON Lines and Parquet: rows in order, each with its number, none dropped."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from cop.kernel.errors import NotFound, Refused, Where
from cop.kernel.tables.lines import LINE_LIMIT, lines

_PARQUET_BATCH = 4096
FORMATS = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a table: its 1-based number (the header is not counted), its values by column, its fault if any.

    A value is a string in CSV; in JSON Lines and Parquet whatever the file holds.
    """

    number: int
    values: Mapping[str, object]
    fault: Refused | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """An open table: its columns as far as the format declares them, and its rows, to be read once."""

    name: str
    columns: tuple[str, ...] | None
    rows: Iterator[Row]

    def __iter__(self) -> Iterator[Row]:
        return self.rows


def format_of(path: Path | str) -> str:
    """The format a file's name declares.

    Raises:
        Refused: the ending is none of `FORMATS`.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise Refused.value(str(path), "has an ending that is not known", expected=", ".join(FORMATS))
    return FORMATS[suffix]


@contextmanager
def open_rows(path: Path | str, *, kind: str | None = None) -> Generator[Rows]:
    """Open a table for reading; `-` is standard input, whose `kind` (csv, jsonl) must be given.

    Raises:
        NotFound: there is no such file.
        Refused: it cannot be read as what it claims to be, or is empty.
    """
    kind = kind or format_of(path)
    if str(path) == "-":
        yield _READERS[kind](sys.stdin.buffer, "standard input")
        return
    path = existing(path)
    with path.open("rb") as stream:
        yield _READERS[kind](stream, path.name)


def existing(path: Path | str) -> Path:
    """The path, which must be that of a file.

    Raises:
        NotFound: there is no such file.
    """
    if not Path(path).is_file():
        raise NotFound(f"there is no file {path}")
    return Path(path)


def _read_csv(stream: BinaryIO, name: str) -> Rows:
    csv.field_size_limit(LINE_LIMIT)
    text = lines(stream, name)
    try:
        first = next(text, "")
    except Refused as error:  # the header is no row
        raise Refused(error.problem, where=Where(name), expected=error.expected) from error
    if not first.strip():
        raise Refused("the file is empty", where=Where(name), expected="a header row and at least one record")
    delimiter = max(",;\t", key=first.count)
    try:
        columns = tuple(c.strip() for c in next(csv.reader([first], delimiter=delimiter, strict=True)))
    except csv.Error as error:
        raise Refused(f"the header cannot be read: {error}", where=Where(name), expected="CSV (RFC 4180)") from error
    double = next((c for c in columns if columns.count(c) > 1), None)
    if double is not None or "" in columns:
        problem = "the header names a column twice" if double else "the header has a column without a name"
        raise Refused(problem, where=Where(name, field=double), expected="each column named once")
    meter = _Meter(text, name)
    return Rows(name, columns, _csv_rows(csv.reader(meter, delimiter=delimiter, strict=True), columns, name, meter))


class _Meter:
    """Lines on their way to the CSV reader: a refused one is named by its record, and no record may be endless."""

    def __init__(self, text: Iterator[str], name: str) -> None:
        self._text, self._name = text, name
        self.record, self.length = 0, 0

    def begin(self, record: int) -> None:
        self.record, self.length = record, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = next(self._text)
        except Refused as error:
            raise Refused(error.problem, where=Where(self._name, self.record), expected=error.expected) from error
        self.length += len(line)
        if self.length > LINE_LIMIT:
            raise Refused(
                f"the record cannot be read: it is longer than {LINE_LIMIT:,} characters",
                where=Where(self._name, self.record),
                expected="CSV (RFC 4180)",
            )
        return line


def _csv_rows(reader: Iterable[list[str]], columns: tuple[str, ...], name: str, meter: _Meter) -> Iterator[Row]:
    records, number = iter(reader), 0
    while True:
        number += 1
        meter.begin(number)
        try:
            record = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused(
                f"the record cannot be read: {error}", where=Where(name, number), expected="CSV (RFC 4180)"
            ) from error
        if not record:
            number -= 1
            continue
        fault = None
        if len(record) != len(columns):
            fault = Refused(
                f"the record has {len(record)} fields",
                where=Where(name, number),
                expected=f"{len(columns)}, as in the header",
            )
        yield Row(number, dict(zip(columns, record, strict=False)), fault)


def _read_jsonl(stream: BinaryIO, name: str) -> Rows:
    return Rows(name, None, _jsonl_rows(lines(stream, name), name))


def _jsonl_rows(text: Iterable[str], name: str) -> Iterator[Row]:
    number = 0
    for line in text:
        if not line.strip():
            continue
        number += 1
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            problem = "is nested too deep" if isinstance(error, RecursionError) else "is not JSON"
            yield Row(
                number, {}, Refused(f"the line {problem}", where=Where(name, number), expected="one JSON object a line")
            )
            continue
        if not isinstance(value, dict):
            yield Row(
                number,
                {},
                Refused("the line is no object", where=Where(name, number), expected="one JSON object a line"),
            )
            continue
        if "\\u" in line and _broken(value):
            problem = "the line holds half of a surrogate pair"
            yield Row(number, {}, Refused(problem, where=Where(name, number), expected="Unicode text"))
            continue
        yield Row(number, cast("dict[str, object]", value))
    if number == 0:
        raise Refused("the file is empty", where=Where(name), expected="one JSON object a line")


def _broken(value: object) -> bool:
    """Whether JSON escapes made a text that no encoding can hold."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def parquet_file(stream: BinaryIO, name: str) -> pq.ParquetFile:
    """The open Parquet file.

    Raises:
        Refused: it is none.
    """
    try:
        return pq.ParquetFile(stream)
    except (pa.ArrowInvalid, OSError) as error:
        raise Refused("the file cannot be read as Parquet", where=Where(name), expected="Parquet") from error


def _read_parquet(stream: BinaryIO, name: str) -> Rows:
    table = parquet_file(stream, name)
    return Rows(name, tuple(table.schema_arrow.names), _parquet_rows(table))


def _parquet_rows(table: pq.ParquetFile) -> Iterator[Row]:
    number = 0
    with closing(table):
        for batch in table.iter_batches(batch_size=_PARQUET_BATCH):
            for values in cast("list[dict[str, object]]", batch.to_pylist()):
                number += 1
                yield Row(number, values)


_READERS: dict[str, Callable[[BinaryIO, str], Rows]] = {
    "csv": _read_csv,
    "jsonl": _read_jsonl,
    "parquet": _read_parquet,
}
