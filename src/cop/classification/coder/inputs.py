"""What is to be coded: an id and a text for each record, checked the same whoever asks, in Arrow batches of one form.

A text that cannot be coded is refused, and what came before it is coded first. No refusal quotes a text.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from cop.classification.coder.fields import words_for
from cop.classification.coder.text import TEXT_LIMIT
from cop.kernel.errors import CopError, Refused, Where
from cop.kernel.tables import Row, format_of, open_batches, open_rows

INPUT_SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string())])
"""The one form in which records go to a coder."""

BATCH = 500
"""Records in a batch: enough for the coder's pace, little enough that a few dozen batches are no burden."""

Record = tuple[str | None, str]
"""An id, None where a frame has none, and a text."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """An open table of records: its name, its number of rows where the format tells, batches of `INPUT_SCHEMA`."""

    name: str
    rows: int | None
    batches: Iterator[pa.RecordBatch]


@contextmanager
def open_inputs(
    path: Path | str,
    *,
    id: str | None,
    text: str,
    kind: str | None = None,
    after: int = 0,
    every: int | None = None,
) -> Generator[Inputs]:
    """Open a table of records; `-` is standard input, whose `kind` (csv, jsonl) must be given.

    Args:
        path: CSV, JSON Lines or Parquet by its ending.
        id: the column that names a record; None is `id` where there is one, else the row's number.
        text: the column that holds the text.
        kind: the format, where the ending does not tell it.
        after: rows to pass over, because they were coded before.
        every: end a batch at each multiple of so many rows, counted from `after`.

    Raises:
        NotFound: there is no such file.
        Refused: it cannot be read as what it claims to be, or lacks a column.
    """
    if str(path) != "-" and (kind or format_of(path)) == "parquet":
        with open_batches(path) as table:
            _check_columns(table.columns, id, text, table.name)
            wanted = [c for c in (id or "id", text) if c in table.columns]
            records = from_arrow(table.read(wanted, size=BATCH), id=id, text=text, name=table.name, after=after)
            yield Inputs(table.name, table.rows, in_batches(records, every=every))
        return
    with open_rows(path, kind=kind) as rows:
        _check_columns(rows.columns, id, text, rows.name)
        records = from_rows(rows, id=id, text=text, name=rows.name, after=after)
        yield Inputs(rows.name, None, in_batches(records, every=every))


def from_rows(rows: Iterable[Row], *, id: str | None, text: str, name: str, after: int = 0) -> Iterator[Record]:
    """The records of rows, but for the first `after`.

    Raises:
        Refused: a row is malformed, lacks the text, or has one that cannot be coded.
    """
    for row in rows:
        if row.number <= after:
            continue
        if row.fault is not None:
            raise row.fault
        where = Where(name, row.number, text)
        if text not in row.values:
            raise Refused("the field is missing", where=where, expected=f"a text under {text}")
        yield _named(row.values.get(id or "id"), row.number), checked(row.values[text], where)


def from_arrow(
    batches: Iterable[pa.RecordBatch], *, id: str | None, text: str, name: str | None = None, after: int = 0
) -> Iterator[Record]:
    """The records of Arrow batches, but for the first `after`.

    Args:
        batches: any batches that have the columns; others are not looked at.
        id: the column that names a record; None is `id` where there is one, else the row's number.
        text: the column that holds the text: strings, or numbers to be read as such; null is the empty text.
        name: the file they come from. None for a frame whose rows have no number of their own: then an id may be
            null, and a refusal names the record by its id.
        after: rows to pass over.

    Raises:
        Refused: a column is missing, or a text cannot be coded.
    """
    number = 0
    for batch in batches:
        if number + batch.num_rows <= after:
            number += batch.num_rows
            continue
        _check_columns(batch.schema.names, id, text, name)
        texts = batch.column(text)
        names = batch.column(id or "id") if (id or "id") in batch.schema.names else pa.nulls(batch.num_rows)
        for place in range(batch.num_rows):
            number += 1
            if number <= after:
                continue
            given = _plain(names[place], Where(name, number if name else None, id or "id"))
            called = _named(given, number if name else None)
            try:
                where = Where(name, number if name else None, text)
                record = called, checked(_plain(texts[place], where), where)
            except Refused as error:
                raise error if name else error.noting(f"the record's id is {words_for(called)}") from None
            yield record


def in_batches(records: Iterable[Record], *, every: int | None = None) -> Iterator[pa.RecordBatch]:
    """Records in batches of `INPUT_SCHEMA`, of `BATCH` but for the last; what comes before a refusal is given first.

    Args:
        records: any number of them, read lazily.
        every: end a batch at each multiple of so many records.

    Raises:
        CopError: what reading the records raised.
    """
    source, done = iter(records), 0
    while True:
        names, texts = list[str | None](), list[str]()
        room = min(BATCH, every - done % every) if every else BATCH
        fault: CopError | None = None
        try:
            for name, text in source:
                names.append(name)
                texts.append(text)
                if len(texts) == room:
                    break
        except CopError as error:
            fault = error
        done += len(texts)
        if texts:
            yield pa.RecordBatch.from_arrays(
                [pa.array(names, pa.string()), pa.array(texts, pa.string())], schema=INPUT_SCHEMA
            )
        if fault is not None:
            raise fault
        if len(texts) < room:
            return


def checked(value: object, where: Where) -> str:
    """The text to code: a string, a number as it is written, nothing as the empty text.

    Raises:
        Refused: it is neither, too long, or holds a NUL character.
    """
    if value is not None and not isinstance(value, (str, int, float)):
        raise Refused(f"a {type(value).__name__} cannot be a text", where=where, expected="text")
    text = "" if value is None else str(value)
    if len(text) > TEXT_LIMIT:
        raise Refused(f"the text has {len(text):,} characters", where=where, expected=f"at most {TEXT_LIMIT:,}")
    if "\0" in text:
        raise Refused("the text holds a NUL character", where=where, expected="text")
    return text


def _plain(value: pa.Scalar[Any], where: Where) -> object:
    try:
        return value.as_py()
    except UnicodeDecodeError as error:
        raise Refused("the text is not UTF-8", where=where, expected="UTF-8") from error


def _named(value: object, number: int | None) -> str | None:
    """The record's id; the row's number where it has none."""
    name = number if value is None else value
    return None if name is None else str(name)


def _check_columns(columns: Sequence[str] | None, id: str | None, text: str, name: str | None) -> None:
    for column in (text, id):
        if columns is None or column is None:
            continue
        if column not in columns:
            expected = f"one of {', '.join(columns)}"
            raise Refused("the column is missing", where=Where(name, field=column), expected=expected)
        if columns.count(column) > 1:
            raise Refused(
                "the column is there twice", where=Where(name, field=column), expected="each column named once"
            )
