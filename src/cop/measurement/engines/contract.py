"""The one operation of an engine: grouped sums over one scan of a table.

Survey estimates need, per domain, stratum and PSU, the sums of w, w*y, w*x and their squares; counts of records need
the sum of one. Both are a `GroupedSums`. An engine computes it and nothing else: no statistics happen there, so that
DuckDB and Spark cannot disagree about anything but the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa

from cop.measurement.expression import Expression

Kind = Literal["number", "text", "boolean", "date", "other"]
"""What a column holds, as far as a description needs to know."""

SET = "_set"
"""The name of the result column that says which grouping set a row belongs to (0-based)."""


@dataclass(frozen=True, slots=True)
class Source:
    """A table: a CSV or Parquet file, or an Arrow table in memory.

    `missing` are the texts of a CSV cell that mean "no value"; `name` is what messages call the table.
    """

    path: Path | None = None
    table: pa.Table | None = field(default=None, repr=False, compare=False)
    missing: tuple[str, ...] = ("",)
    delimiter: str = ","
    origin: Path | None = None

    @property
    def name(self) -> Path | None:
        return self.origin or self.path


@dataclass(frozen=True, slots=True)
class Named:
    """An expression and the name of the column it becomes."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class GroupedSums:
    """Sums of `sums` by `keys`, once per grouping set, in one scan.

    `sets` name the keys of each set; empty means one set of all keys. A key that a set leaves out is null in its rows.
    A null value adds nothing; a sum over nothing is 0.
    """

    source: Source
    keys: tuple[Named, ...]
    sums: tuple[Named, ...]
    where: Expression | None = None
    sets: tuple[tuple[str, ...], ...] = ()


class Engine(Protocol):
    """Where data is computed."""

    def columns(self, source: Source) -> dict[str, Kind]:
        """The columns of a source, in its order.

        Raises:
            Refused: the file cannot be read as a table.
        """
        ...

    def sums(self, query: GroupedSums) -> pa.Table:
        """One row per group: `SET` (int64), the keys, the sums (float64), sorted by set and keys.

        On DuckDB the same input gives the same bits, run after run; Spark adds in the order in which its tasks end, so
        that sums may differ in the last bits.

        Raises:
            Refused: a column is unknown or its values do not fit the expression. TooMuch: not enough memory.
        """
        ...

    def first(self, source: Source, where: Expression, value: Expression) -> tuple[int, object] | None:
        """The first row (1-based, header not counted) where the condition holds, and a value from it."""
        ...
