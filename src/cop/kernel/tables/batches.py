"""Parquet in Arrow batches: only the columns that are asked for, memory flat."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cop.kernel.errors import Refused, Where
from cop.kernel.tables.readers import existing, parquet_file


@dataclass(frozen=True, slots=True)
class Batches:
    """An open Parquet file: its name, its columns, the number of its rows."""

    name: str
    columns: tuple[str, ...]
    rows: int
    _file: pq.ParquetFile

    def read(self, columns: Sequence[str], *, size: int) -> Iterator[pa.RecordBatch]:
        """The rows in order, in batches of at most `size`, with these columns (and perhaps parts of their names).

        Raises:
            Refused: a page of the file is damaged.
        """
        batches = self._file.iter_batches(batch_size=size, columns=list(columns))
        row = 1
        while True:
            try:
                batch = next(batches)
            except StopIteration:
                return
            except (pa.ArrowInvalid, OSError) as error:
                problem = "the file cannot be read from here on"
                raise Refused(problem, where=Where(self.name, row), expected="Parquet") from error
            row += batch.num_rows
            yield batch


@contextmanager
def open_batches(path: Path | str) -> Generator[Batches]:
    """Open a Parquet file for reading in batches.

    Raises:
        NotFound: there is no such file.
        Refused: it cannot be read as Parquet.
    """
    path = existing(path)
    with path.open("rb") as stream, closing(parquet_file(stream, path.name)) as file:
        yield Batches(path.name, tuple(file.schema_arrow.names), file.metadata.num_rows, file)
