"""The release as an attacker sees it: unknown cells within bounds, and linear equations between them.

Variables are cells of the release, cells that were published before, and parts that no table shows. A row says
`sum of parts - whole = 0`. Everything that is published fixes a variable or narrows it; what is left is what the
attacker does not know. Source: ESSnet SDC, Handbook on Statistical Disclosure Control, version 1.2 (2010), chapter 4:
the attacker's problem of complementary suppression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cop.measurement.disclosure.solver import Matrix
from cop.measurement.disclosure.space import Ints

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
TINY = 1e-6
FAR = 1e6
"""No cell needs to move farther than this from its value."""


@dataclass(frozen=True)
class System:
    """Variables and equations. All arrays are (n_var,), cells first, hidden parts after them.

    Attributes:
        value: the true value; in an audit from outside any table that fits what is published.
        low, high: what is known of a variable that is not published, before any equation is used.
        need_low, need_high: the attacker's interval must reach from at most the one to at least the other; NaN where
            nothing is asked.
        withheld: may not be published: primary cells, hidden parts, what an earlier release withheld.
        candidate: may be withheld to protect others.
        cost: what it costs to withhold a candidate.
        counted: known to be a whole number.
        insider: one contributor stands behind the cell, who knows it exactly.
        matrix: (n_row, n_var), 1 for a part, -1 for the whole; other figures may have other weights.
        row_whole, row_dimension: (n_row,) the cell a row is about, and the dimension along which it adds up.
        names: the dimensions.
        keys: (n_var) codes by dimension, for messages.
    """

    value: Floats
    low: Floats
    high: Floats
    need_low: Floats
    need_high: Floats
    withheld: Bools
    candidate: Bools
    cost: Floats
    counted: Bools
    insider: Bools
    matrix: Matrix
    row_whole: Ints
    row_dimension: Ints
    names: tuple[str, ...]
    keys: Sequence[tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.value)

    @cached_property
    def whole(self) -> Bools:
        """Counts whose value at hand is a whole number: there moves of a witness can be whole as well."""
        return self.counted & (np.abs(self.value - np.round(self.value)) < TINY)

    @cached_property
    def columns(self) -> Matrix:
        """The same equations by variable."""
        return self.matrix.tocsc()

    def describe(self, variable: int) -> str:
        """A cell in words: `code=B03, period=2024`; without the dimensions that are summed over."""
        key = self.keys[variable]
        said = [f"{n}={c}" for n, c in zip(self.names, key, strict=True) if c != "_T"]
        return ", ".join(said) or "the total of all"

    def describe_row(self, row: int) -> str:
        """An equation in words: what adds up along which dimension to which cell."""
        whole, dimension = int(self.row_whole[row]), int(self.row_dimension[row])
        if dimension < 0:
            return f"the share or the earlier value published of {self.describe(whole)}"
        return f"{self.describe(whole)} is the sum over {self.names[dimension]}"


def several_parts(matrix: Matrix, row_whole: Ints, withheld: Bools, nonzero: Bools) -> Bools:
    """Cells whose size the confidentiality status does not tell: some equation makes them the sum of withheld parts.

    A small cell that is the sum of at least two withheld parts is marked as secondary (D), and so is a cell that
    equals it because all else in an equation is zero. Otherwise four parts marked C under a whole marked C would be
    known exactly.
    """
    told = np.zeros(matrix.shape[1], bool)
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    part = matrix.indices != row_whole[rows]
    hidden = np.bincount(rows[part], withheld[matrix.indices[part]], minlength=matrix.shape[0])
    told[row_whole[hidden >= 2]] = True
    count = np.bincount(rows[part], nonzero[matrix.indices[part]], minlength=matrix.shape[0])
    alone = part & nonzero[matrix.indices] & (count[rows] == 1)
    only, whole = matrix.indices[alone], row_whole[rows[alone]]
    while True:
        before = int(told.sum())
        same = told[only] | told[whole]
        told[only] |= same
        told[whole] |= same
        if int(told.sum()) == before:
            return told


def tightened(system: System, published: Bools, *, rounds: int = 12) -> tuple[Floats, Floats]:
    """Bounds by propagation: what each equation says of each of its variables, again and again.

    Cheap and not sharp: the attacker knows at least this much.
    """
    low, high = system.low.copy(), system.high.copy()
    low[published], high[published] = system.value[published], system.value[published]
    matrix = system.matrix
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    columns, weight = matrix.indices, matrix.data
    for _ in range(rounds):
        least = np.where(weight > 0, weight * low[columns], weight * high[columns])
        most = np.where(weight > 0, weight * high[columns], weight * low[columns])
        # the rest of the row, with infinite terms counted apart
        floor, ceiling = _others(rows, least, matrix.shape[0]), _others(rows, most, matrix.shape[0])
        upper = np.where(weight > 0, -floor / weight, -ceiling / weight)
        lower = np.where(weight > 0, -ceiling / weight, -floor / weight)
        new_low, new_high = low.copy(), high.copy()
        np.maximum.at(new_low, columns, lower)
        np.minimum.at(new_high, columns, upper)
        counted = system.counted
        new_low[counted] = np.ceil(new_low[counted] - TINY)
        new_high[counted] = np.floor(new_high[counted] + TINY)
        if np.array_equal(new_low, low) and np.array_equal(new_high, high):
            break
        low, high = new_low, new_high
    return low, high


def _others(rows: Ints, terms: Floats, count: int) -> Floats:
    """For each entry the sum of the other entries of its row; infinite where one of those is."""
    endless = ~np.isfinite(terms)
    finite = np.where(endless, 0.0, terms)
    total, many = np.bincount(rows, finite, count), np.bincount(rows, endless, count)
    others = total[rows] - finite
    without = many[rows] - endless
    sign = np.where(endless, np.sign(terms), 0.0)
    direction = np.bincount(rows, sign, count)[rows] - sign
    return np.where(without > 0, np.where(direction >= 0, np.inf, -np.inf), others)


def room(system: System) -> tuple[Floats, Floats]:
    """How far each variable may rise and fall while it is unknown, and never farther than `FAR`."""
    return np.minimum(system.high - system.value, FAR), np.minimum(system.value - system.low, FAR)
