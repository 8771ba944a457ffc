"""Writers of JSON Lines, CSV and Parquet: rows as they come, the file in its place only when it is whole."""

from __future__ import annotations

import csv
import json
import os
import sys
from abc import abstractmethod
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from cop.kernel.errors import CopError, NotFound
from cop.kernel.tables.readers import format_of


class RowWriter(Protocol):
    """Takes rows that all have the same columns."""

    @abstractmethod
    def write(self, rows: Sequence[Mapping[str, object]]) -> None: ...


class _Jsonl:
    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, rows: Sequence[Mapping[str, object]]) -> None:
        self._stream.write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())


class _Csv:
    """Lists and objects are written as JSON inside their field."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._headed = False

    def write(self, rows: Sequence[Mapping[str, object]]) -> None:
        if not rows:
            return
        out = csv.DictWriter(_Encoded(self._stream), fieldnames=list(rows[0]), lineterminator="\n")
        if not self._headed:
            out.writeheader()
            self._headed = True
        for row in rows:
            out.writerow(
                {k: json.dumps(v, ensure_ascii=False) if isinstance(v, (list, dict)) else v for k, v in row.items()}
            )


class _Encoded:
    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(text.encode())


class _Parquet:
    """The schema is that of the first batch but for the types declared; an object is written as JSON text."""

    def __init__(self, stream: IO[bytes], types: Mapping[str, pa.DataType]) -> None:
        self._stream = stream
        self._types = types
        self._writer: pq.ParquetWriter | None = None

    def write(self, rows: Sequence[Mapping[str, object]]) -> None:
        if not rows:
            return
        flat = [
            {k: json.dumps(v, ensure_ascii=False) if isinstance(v, dict) else v for k, v in r.items()} for r in rows
        ]
        if self._writer is None:
            found = pa.Table.from_pylist(flat).schema
            schema = pa.schema([f.with_type(self._types.get(f.name, f.type)) for f in found])
            self._writer = pq.ParquetWriter(self._stream, schema, compression="zstd")
        self._writer.write_table(pa.Table.from_pylist(flat, schema=self._writer.schema))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class _Counted:
    """Counts the rows that go to a writer."""

    def __init__(self, writer: RowWriter) -> None:
        self._writer = writer
        self.rows = 0

    def write(self, rows: Sequence[Mapping[str, object]]) -> None:
        self.rows += len(rows)
        self._writer.write(rows)


@contextmanager
def open_writer(
    path: Path | str | None, *, kind: str | None = None, types: Mapping[str, pa.DataType] | None = None
) -> Generator[RowWriter]:
    """A writer to `path`, or to standard output (JSON Lines unless `kind` says csv) when it is None or `-`.

    A file is written beside its place as `<name>.part` and renamed when the block ends, also when it ends because an
    input was refused: the rows before the refusal are whole and are kept (without any, what was there stays). After any
    other failure only the part stays. `types` are those of columns that Parquet cannot tell from the first rows.

    Raises:
        Refused: the ending of the path names no known format.
        NotFound: its folder does not exist.
    """
    if path is None or str(path) == "-":
        stream = sys.stdout.buffer
        yield _Csv(stream) if kind == "csv" else _Jsonl(stream)
        stream.flush()
        return
    path = Path(path)
    kind = kind or format_of(path)
    if not path.parent.is_dir():
        raise NotFound(f"there is no folder {path.parent}")
    part = path.with_name(path.name + ".part")
    with part.open("wb") as stream:
        writer = (
            _Parquet(stream, types or {}) if kind == "parquet" else _Csv(stream) if kind == "csv" else _Jsonl(stream)
        )
        counted = _Counted(writer)
        refused: CopError | None = None
        try:
            yield counted
        except CopError as error:
            refused = error
        if isinstance(writer, _Parquet):
            writer.close()
        stream.flush()
        os.fsync(stream.fileno())
    if refused is not None and not counted.rows:
        part.unlink()
        raise refused
    part.rename(path)
    if refused is not None:
        raise refused
