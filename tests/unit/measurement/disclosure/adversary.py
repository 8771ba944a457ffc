"""An attacker written for the tests alone: it shares no code with what it attacks.

Cells are keyed by their codes, every line of every table is one equation, statuses are read as the reference page says,
and bounds are integer programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import numpy as np
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp

Key = tuple[str, ...]
TOTAL = "_T"


def cube(
    values: np.ndarray, names: Sequence[str], *, table: str = "t", all_names: Sequence[str] | None = None
) -> pl.DataFrame:
    """A table of counts with all its margins, as cells: one column per name, `_T` for totals."""
    every = list(all_names or names)
    full = values
    for axis in range(values.ndim):
        full = np.concatenate([full, full.sum(axis=axis, keepdims=True)], axis=axis)
    rows = []
    for place in product(*(range(n) for n in full.shape)):
        codes = {n: f"{n}{i}" if i < size else TOTAL for n, i, size in zip(names, place, values.shape, strict=True)}
        rows.append({**{n: codes.get(n, TOTAL) for n in every}, "value": int(full[place])})
    frame = pl.DataFrame(rows)
    return frame.with_columns(
        pl.lit(table).alias("table"), pl.lit("reports").alias("measure"), pl.lit(True).alias("counted")
    )


def lines(cells: Iterable[pl.DataFrame], names: Sequence[str]) -> set[tuple[Key, frozenset[Key]]]:
    """Every `total = parts` of every table."""
    found: set[tuple[Key, frozenset[Key]]] = set()
    for table in cells:
        keys = table.select(names).rows()
        for place in range(len(names)):
            groups: dict[Key, list[Key]] = {}
            for key in keys:
                groups.setdefault((*key[:place], *key[place + 1 :]), []).append(key)
            for group in groups.values():
                whole = [k for k in group if k[place] == TOTAL]
                parts = [k for k in group if k[place] != TOTAL]
                if whole and parts:
                    found.add((whole[0], frozenset(parts)))
    return found


class Adversary:
    """Knows the published values and statuses of some tables, and equations between their cells.

    `unseen` cells stand in equations and in no table.
    """

    def __init__(
        self,
        published: Sequence[pl.DataFrame],
        names: Sequence[str],
        threshold: int,
        more: Iterable[tuple[Key, frozenset[Key]]] = (),
        unseen: Iterable[Key] = (),
    ) -> None:
        self.value: dict[Key, int] = {}
        self.status: dict[Key, str] = {}
        for table in published:
            for row in table.select(*names, "value", "obs_status", "conf_status").iter_rows():
                *codes, value, obs, conf = row
                key = tuple(codes)
                if obs == "Q":
                    assert value is None
                    self.status[key] = "C" if conf == "C" or self.status.get(key) == "C" else "D"
                else:
                    self.value[key] = value
        self.status = {k: s for k, s in self.status.items() if k not in self.value}
        self.unseen = {k for k in unseen if k not in self.value and k not in self.status}
        self.status |= dict.fromkeys(self.unseen, "D")
        self.equations = sorted({*lines(published, names), *more}, key=lambda e: (e[0], sorted(e[1])))
        self.unknown = sorted(self.status)
        self.place = {key: n for n, key in enumerate(self.unknown)}
        self._bounds(threshold)
        self._matrix()

    def _bounds(self, threshold: int) -> None:
        free = {w for w, parts in self.equations if sum(p in self.status for p in parts) >= 2}
        while True:
            size = len(free)
            for whole, parts in self.equations:
                there = [p for p in parts if self.value.get(p) != 0 and (p in self.value or p in self.status)]
                if len(there) == 1 and ({whole, there[0]} & free):
                    free |= {whole, there[0]}
            if len(free) == size:
                break
        least = {k: 1 if self.status[k] == "C" or k in free else threshold for k in self.unknown}
        self.low = np.array([0 if k in self.unseen else least[k] for k in self.unknown], float)
        self.high = np.array([threshold - 1 if self.status[k] == "C" else np.inf for k in self.unknown], float)

    def _matrix(self) -> None:
        rows, right = [], []
        for whole, parts in self.equations:
            row, constant = np.zeros(len(self.unknown)), 0
            for key, weight in ((whole, -1), *((p, 1) for p in parts)):
                if key in self.place:
                    row[self.place[key]] += weight
                else:
                    constant += weight * self.value.get(key, 0)
            if row.any():
                rows.append(row)
                right.append(-constant)
            else:
                assert constant == 0, (whole, parts)
        self.rows = np.array(rows).reshape(len(rows), len(self.unknown))
        self.right = np.array(right, float)

    def bounds(self, key: Key) -> tuple[float, float]:
        """What is known of a withheld cell."""
        found = []
        for side in (1.0, -1.0):
            cost = np.zeros(len(self.unknown))
            cost[self.place[key]] = side
            constraints = [LinearConstraint(self.rows, self.right, self.right)] if len(self.rows) else []
            done = milp(
                cost, constraints=constraints, bounds=Bounds(self.low, self.high), integrality=np.ones(len(cost))
            )
            assert done.status in {0, 3, 4}, done.message
            found.append(side * done.fun if done.x is not None else -side * np.inf)
        return found[0], found[1]


def given_away(adversary: Adversary, truth: Mapping[Key, int], threshold: int) -> list[tuple[Key, int, float, float]]:
    """Small counts that are known more exactly than the statuses alone would tell."""
    silent = Silent(adversary, truth, threshold)
    found = []
    for key in adversary.unknown:
        if not 1 <= truth[key] < threshold:
            continue
        low, high = adversary.bounds(key)
        if low > 1 or high < threshold - 1:
            least, most = silent.bounds(key)
            if low > max(1, least) or high < min(threshold - 1, most):
                found.append((key, truth[key], low, high))
    return found


class Silent(Adversary):
    """The same attacker if no value but zeros had been published: what the statuses tell whatever is withheld."""

    def __init__(self, other: Adversary, truth: Mapping[Key, int], threshold: int) -> None:
        self.value = {k: v for k, v in other.value.items() if v == 0}
        self.status = {**other.status, **{k: "D" for k, v in other.value.items() if v != 0}}
        self.equations = other.equations
        self.unknown = sorted(self.status)
        self.place = {key: n for n, key in enumerate(self.unknown)}
        free = {w for w, parts in self.equations if sum(p in other.status for p in parts) >= 2}
        kept = dict(zip(other.unknown, zip(other.low, other.high, strict=True), strict=True))
        self.low = np.array([kept[k][0] if k in kept else 1 if k in free else threshold for k in self.unknown], float)
        self.high = np.array([kept[k][1] if k in kept else np.inf for k in self.unknown], float)
        self._matrix()
        del truth
