"""One key space for all tables: the same cell in several tables is one, and every sum that links cells is a row.

A cell is named by a measure and one code per dimension, `_T` where its table does not have the dimension. So a margin
of one table, the interior of another and last year's edition of both meet in the same cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cop.measurement.disclosure.hierarchy import GAP, Dimension, Relation

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which cells a table shows: every combination of these codes. One that is absent is a zero.

    Attributes:
        table: its name.
        codes: dimension -> the codes it shows, the total included where it is shown.
    """

    table: str
    codes: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, table: str, cells: pl.DataFrame, dimensions: Sequence[str]) -> Coverage:
        """The coverage of a table's cells."""
        return cls(table, {name: frozenset(cells[name].unique().to_list()) for name in dimensions})


@dataclass(frozen=True, slots=True)
class Sums:
    """All identities between cells: `whole = sum of parts`.

    Attributes:
        whole: (n_row,) cell numbers.
        parts: per row, cell numbers; those from `n_cell` on are hidden parts, which no table shows.
        dimension: (n_row,) place of the dimension along which the row adds up.
        rest: (n_row,) the number of the hidden rest that belongs to the row, -1 where it has none.
        hidden: a name for each hidden part, in the words of a key.
    """

    whole: Ints
    parts: list[Ints]
    dimension: Ints
    rest: Ints
    hidden: list[tuple[str, ...]]


def link(cells: pl.DataFrame, dimensions: Sequence[Dimension], covered: Sequence[Coverage]) -> Sums:
    """Every identity between cells, from all tables together.

    Args:
        cells: one row per cell: a text column per dimension; each combination once.
        dimensions: how their codes add up. A measure is a dimension that is not additive.
        covered: what each table shows.
    """
    names = [d.name for d in dimensions]
    levels = [sorted(set(cells[n].unique().to_list()).union(*(c.codes[n] for c in covered))) for n in names]
    codes = np.column_stack([_numbered(cells[n], known) for n, known in zip(names, levels, strict=True)])
    # which tables show a code: (n_table, n_code) per dimension
    shows = [np.array([[code in c.codes[n] for code in known] for c in covered], bool)
             for n, known in zip(names, levels, strict=True)]  # fmt: skip
    rows = _Rows(len(cells))
    for place, dimension in enumerate(dimensions):
        if dimension.additive and len(levels[place]) > 1:
            _along(place, dimension, levels, codes, shows, rows)
    return Sums(
        np.array(rows.whole, np.int64), rows.parts, np.array(rows.dimension, np.int64), np.array(rows.rest, np.int64),
        list(rows.hidden),
    )  # fmt: skip


def _numbered(column: pl.Series, known: Sequence[str]) -> Ints:
    return column.cast(pl.Enum(list(known))).to_physical().to_numpy().astype(np.int64)


class _Rows:
    def __init__(self, cells: int) -> None:
        self.whole: list[int] = []
        self.parts: list[Ints] = []
        self.dimension: list[int] = []
        self.rest: list[int] = []
        self.hidden: dict[tuple[str, ...], int] = {}
        self._cells = cells

    def part(self, name: tuple[str, ...]) -> int:
        """The number of a hidden part."""
        return self.hidden.setdefault(name, self._cells + len(self.hidden))


def _along(
    place: int,
    dimension: Dimension,
    levels: Sequence[Sequence[str]],
    codes: Ints,
    shows: Sequence[NDArray[np.bool_]],
    rows: _Rows,
) -> None:
    """Rows along one dimension: cells that differ in it alone stand side by side."""
    others = [n for n in range(len(levels)) if n != place]
    context = np.zeros(len(codes), np.int64)
    visible = np.ones((len(codes), shows[0].shape[0]), bool)
    for n in others:
        context = context * len(levels[n]) + codes[:, n]
        visible &= shows[n][:, codes[:, n]].T
    order = np.lexsort((codes[:, place], context))
    starts = np.flatnonzero(np.diff(context[order], prepend=-1))
    seen: dict[bytes, list[Relation]] = {}
    for start, stop in pairwise([*starts.tolist(), len(order)]):
        if stop - start < 2:
            continue
        group = order[start:stop]
        key = visible[group[0]].tobytes()
        if key not in seen:
            shown = np.flatnonzero(shows[place][visible[group[0]]].any(axis=0))
            seen[key] = dimension.relations([levels[place][code] for code in shown.tolist()])
        there = {levels[place][int(codes[cell, place])]: int(cell) for cell in group}
        names = [levels[n][int(codes[group[0], n])] for n in range(len(levels))]
        for relation in seen[key]:
            _add(relation, there, names, place, rows)


def _add(relation: Relation, there: Mapping[str, int], names: Sequence[str], place: int, rows: _Rows) -> None:
    if relation.whole not in there:
        return  # a zero, and so are its parts

    def hidden(code: str) -> int:
        return rows.part((*names[:place], code, *names[place + 1 :]))

    parts = [there[p] for p in relation.parts if p in there]
    parts += [hidden(p) for p in relation.parts if p.startswith(GAP)]
    rest = hidden(f"{GAP}{relation.whole}") if relation.rest else -1
    rows.whole.append(there[relation.whole])
    rows.parts.append(np.array(parts if rest < 0 else [*parts, rest], np.int64))
    rows.dimension.append(place)
    rows.rest.append(rest)
