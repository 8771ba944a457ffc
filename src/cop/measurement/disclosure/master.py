"""Which cells must be withheld at least: a covering program whose constraints every safe pattern meets.

A protected cell can move only if every equation it stands in has other unknown cells that give way. Each equation whose
withheld cells cannot do so asks for complements (a cover); each complement needs company in its other equations (a
bridge); each failed search for a witness adds a cut by duality. Source: Fischetti and Salazar-Gonzalez, "Models and
algorithms for optimizing cell suppression in tabular data with linear constraints", JASA 95 (2000).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cop.measurement.disclosure.solver import Bounds, LinearConstraint, Matrix, milp, sp
from cop.measurement.disclosure.space import Ints
from cop.measurement.disclosure.system import TINY, Bools, Floats, System, room

_GAP, _NODES, _NODES_EXACT = 0.01, 500, 200_000


@dataclass
class Master:
    """Cuts `power . pattern >= 1` over the candidates of a system, and bridges between them."""

    system: System
    candidates: Ints
    place: Ints
    cuts: list[tuple[Ints, Floats]] = field(default_factory=list)
    bridges: Matrix = field(default_factory=lambda: sp.csr_matrix((0, 0)))

    @classmethod
    def of(cls, system: System) -> Master:
        """The covers and bridges of a system."""
        candidates = np.flatnonzero(system.candidate)
        place = np.full(len(system), -1)
        place[candidates] = np.arange(len(candidates))
        master = cls(system, candidates, place)
        _covers(master)
        master.bridges = _bridges(master)
        return master

    def cut(self, cells: Ints, power: Floats, need: float) -> bool:
        """Add `sum of power over withheld cells >= need`; False where no pattern can meet it."""
        weight = np.minimum(power, need) / need
        useful = weight > TINY
        if weight[useful].sum() < 1 - TINY:
            return False
        self.cuts.append((self.place[cells[useful]], weight[useful]))
        return True

    def constraints(self) -> tuple[Matrix, Floats]:
        """All of them over the candidates, `matrix . pattern >= right`; cuts first."""
        sizes = np.cumsum([0, *(len(cells) for cells, _ in self.cuts)])
        cells = np.concatenate([c for c, _ in self.cuts]) if self.cuts else np.zeros(0, np.int64)
        power = np.concatenate([p for _, p in self.cuts]) if self.cuts else np.zeros(0)
        cuts = sp.csr_matrix((power, cells, sizes), shape=(len(self.cuts), len(self.candidates)))
        right = np.concatenate([np.ones(len(self.cuts)), np.zeros(self.bridges.shape[0])])
        return sp.vstack([cuts, self.bridges]).tocsr(), right

    def solve(self, kept: Bools | None = None, *, exact: bool = False) -> tuple[Bools, float]:
        """A pattern that meets all constraints and holds all cells of `kept`, and a lower bound for the cost of any.

        Large programs are decided among the candidates that the linear relaxation uses, which costs some two in a
        hundred; `exact` decides among all.
        """
        pattern = np.zeros(len(self.system), bool)
        if not self.cuts:
            return pattern if kept is None else kept.copy(), 0.0
        matrix, right = self.constraints()
        cost = self.system.cost[self.candidates]
        low = np.zeros(len(cost)) if kept is None else kept[self.candidates].astype(float)
        relaxed = milp(cost, constraints=LinearConstraint(matrix, right, np.inf), bounds=Bounds(low, 1))
        if relaxed.x is None:  # all candidates together meet every cut
            raise AssertionError(f"the covering program has no solution: {relaxed.message}")
        used = np.ones(len(cost), bool) if exact else relaxed.x > TINY
        found = milp(
            cost[used],
            constraints=LinearConstraint(*_binding(matrix[:, used], right), np.inf),
            bounds=Bounds(low[used], 1),
            integrality=np.ones(int(used.sum())),
            options={"mip_rel_gap": 0.0 if exact else _GAP, "node_limit": _NODES_EXACT if exact else _NODES},
        )
        chosen = found.x > 0.5 if found.x is not None else np.ones(int(used.sum()), bool)
        pattern[self.candidates[np.flatnonzero(used)[chosen]]] = True
        return pattern, float(found.mip_dual_bound) if exact and found.x is not None else float(relaxed.fun)

    def meets(self, pattern: Bools) -> bool:
        """Whether a pattern meets every constraint."""
        matrix, right = self.constraints()
        return bool((matrix @ pattern[self.candidates].astype(float) >= right - TINY).all())


def _binding(matrix: Matrix, right: Floats) -> tuple[Matrix, Floats]:
    """The rows that not every pattern meets."""
    least = np.asarray(matrix.multiply(matrix < 0).sum(axis=1)).ravel()
    kept = least < right - TINY
    return matrix[kept], right[kept]


def _covers(master: Master) -> None:
    """For each equation and side the strongest cut: what its withheld cells lack to let one of them move."""
    system, matrix = master.system, master.system.matrix
    rise, fall = room(system)
    up = np.nan_to_num(system.need_high - system.value)
    down = np.nan_to_num(system.value - system.need_low)
    for row in np.flatnonzero(np.add.reduceat(system.withheld[matrix.indices], matrix.indptr[:-1])).tolist():
        cells = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
        weight = matrix.data[matrix.indptr[row] : matrix.indptr[row + 1]]
        hidden, free, size = system.withheld[cells], master.place[cells] >= 0, np.abs(weight)
        for side in (1.0, -1.0):
            # a cell moves the row to one side, the others must move it back
            back = np.where(weight * side < 0, rise[cells], fall[cells]) * size
            need = np.where(weight * side > 0, up[cells], down[cells]) * size
            lacking = float(np.max(np.where(hidden, need - (back[hidden].sum() - back), 0.0)))
            if lacking > TINY and free.any():
                master.cut(cells[free], back[free], lacking)


def _bridges(master: Master) -> Matrix:
    """A candidate is withheld only with another one, in equations where nothing else is unknown."""
    system, matrix = master.system, master.system.matrix
    sizes: list[int] = [0]
    columns: list[Ints] = []
    data: list[Floats] = []
    for row in np.flatnonzero(np.add.reduceat(system.withheld[matrix.indices], matrix.indptr[:-1]) == 0).tolist():
        there = master.place[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]]
        there = there[there >= 0]
        many = len(there)
        columns.append(np.tile(there, many))
        data.append((np.ones((many, many)) - 2 * np.eye(many)).ravel())
        sizes += [many] * many
    starts = np.cumsum(sizes)
    indices = np.concatenate(columns) if columns else np.zeros(0, np.int64)
    values = np.concatenate(data) if data else np.zeros(0)
    return sp.csr_matrix((values, indices, starts), shape=(len(sizes) - 1, len(master.candidates)))
