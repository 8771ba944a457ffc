"""Complements so that by the bounds of single equations every protected cell can move as far as it must.

A variable may rise by at most what the others of each of its equations can take back, and these by what theirs can. A
mixed integer program with one rise and one fall per variable chooses the fewest complements for which these limits
suffice: a necessary condition for safety that nearly always is a sufficient one.
"""

from __future__ import annotations

import numpy as np

from cop.measurement.disclosure.master import Master
from cop.measurement.disclosure.solver import Bounds, LinearConstraint, Matrix, milp, sp
from cop.measurement.disclosure.system import TINY, Bools, System, room, tightened


def reached(system: System, pattern: Bools, *, rounds: int = 40) -> tuple[Bools, Bools]:
    """Which needs, upward and downward, the bounds of single equations allow under a pattern."""
    low, high = tightened(system, ~(system.withheld | pattern), rounds=rounds)
    return ~(high < system.need_high - TINY), ~(low > system.need_low + TINY)


def complete(master: Master, pattern: Bools) -> Bools:
    """A pattern that meets every cut and has every need within reach; for small systems, as the program is large.

    Variables: rise and fall of each cell, both sides of each equation, the candidates.
    """
    system = master.system
    up = np.nan_to_num(system.need_high - system.value)
    down = np.nan_to_num(system.value - system.need_low)
    if not (up > TINY).any() and not (down > TINY).any():
        return pattern
    candidates = master.candidates
    entries = system.matrix.tocoo()
    many, rows, free = len(system), system.matrix.shape[0], len(candidates)
    size = np.abs(entries.data)
    most = max(float(up.max()), float(down.max())) * float(size.max())
    rise, fall = (np.minimum(r, most) for r in room(system))
    first = np.array([0, many, 2 * many, 2 * many + rows, 2 * many + 2 * rows])
    width, each, every = int(first[4]) + free, np.arange(entries.nnz), np.arange(rows)

    def block(at: list[np.ndarray], columns: list[np.ndarray], data: list[np.ndarray], height: int) -> Matrix:
        joined = np.concatenate(data), (np.concatenate(at), np.concatenate(columns))
        return sp.csr_matrix(joined, shape=(height, width))

    rises, falls = first[0] + entries.col, first[1] + entries.col
    gains, loses = np.where(entries.data > 0, rises, falls), np.where(entries.data > 0, falls, rises)
    # what a cell moves a row by, the other cells move back: rise + fall <= either side of the row
    limits = [
        block([each] * 3, [rises, falls, first[side] + entries.row], [size, size, -np.ones(len(each))], len(each))
        for side in (2, 3)
    ]
    sides = [
        block([every, entries.row], [first[side] + every, moves], [np.ones(rows), -size], rows)
        for side, moves in ((2, gains), (3, loses))
    ]
    place = np.arange(free)
    opened = [
        block([place, place], [start + candidates, first[4] + place], [np.ones(free), -limit[candidates]], free)
        for start, limit in ((first[0], rise), (first[1], fall))
    ]
    parts = [*limits, *opened, *sides]
    above, below = np.zeros(sum(p.shape[0] for p in parts)), np.full(sum(p.shape[0] for p in parts), -np.inf)
    below[-2 * rows :] = 0.0
    low, high = np.zeros(width), np.full(width, np.inf)
    low[:many], low[many : 2 * many] = np.minimum(up, rise), np.minimum(down, fall)
    high[:many], high[many : 2 * many] = rise, fall
    fixed = ~(system.withheld | system.candidate)
    high[:many][fixed], high[many : 2 * many][fixed] = 0.0, 0.0
    high[first[4] :] = 1.0
    cost = np.zeros(width)
    cost[first[4] :] = system.cost[candidates]
    cuts, right = master.constraints()
    parts.append(sp.hstack([sp.csr_matrix((cuts.shape[0], int(first[4]))), cuts]).tocsr())
    below, above = np.concatenate([below, right]), np.concatenate([above, np.full(len(right), np.inf)])
    matrix = sp.vstack(parts).tocsr()
    relaxed = milp(cost, constraints=LinearConstraint(matrix, below, above), bounds=Bounds(low, high))
    if relaxed.x is None:
        return pattern  # some need is out of reach whatever is withheld; the search for witnesses finds which
    used = relaxed.x > TINY
    used[: first[4]] = True
    unused = candidates[~used[first[4] :]]
    high[unused], high[many + unused] = 0.0, 0.0
    whole = np.zeros(width)
    whole[first[4] :] = 1
    found = milp(
        cost[used],
        constraints=LinearConstraint(matrix[:, used], below, above),
        bounds=Bounds(low[used], high[used]),
        integrality=whole[used],
        options={"mip_rel_gap": 0.01, "node_limit": 200},
    )
    result = np.zeros(many, bool)
    kept = np.flatnonzero(used[first[4] :])
    chosen = found.x[int(first[4]) :] > 0.5 if found.x is not None else np.ones(len(kept), bool)
    result[candidates[kept[chosen]]] = True
    return result
