"""A witness: another table that fits everything published, in which a protected cell has the value it might have.

A cell is protected when such tables exist at both ends of the interval the rule asks for. They are kept, so that safety
is shown by example and not by a solver's word; one witness usually serves many cells. A witness is sought in a block, a
small part of the table around the cell; all cells outside keep their value, which can only make the search harder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cop.measurement.disclosure.solver import Bounds, LinearConstraint, Matrix, linprog, milp, sp
from cop.measurement.disclosure.space import Ints
from cop.measurement.disclosure.system import FAR, TINY, Bools, Floats, System, room

_SIZES = (60, 250)
"""Unknowns after which a proof is tried; then none before all that hang together are in."""
_PUSHED = (1.0, 0.3, 0.1, 0.03)
"""Shares of the unmet demands that are pushed at once, in turns: many get in one another's way."""
GAIN, SWEEPS = 4, 5
"""Sweeps end after so many in a row that met fewer demands than that: then each demand is asked by itself."""
NODES = 40
"""How long whole numbers are sought for a block whose fractions fit."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What each protected cell must be able to be; all arrays (n_demand,).

    `insider` is a cell that is held at its value because its one contributor knows it, -1 where there is none.
    """

    variable: Ints
    goal: Floats
    insider: Ints

    def __len__(self) -> int:
        return len(self.variable)


@dataclass(frozen=True, slots=True)
class Witness:
    """Cells that differ from the true table, and by how much. `whole`: every count in it is an integer."""

    cells: Ints
    moves: Floats
    whole: bool


def demands(system: System) -> Demands:
    """Both ends of every interval asked for that the true value does not reach itself, insiders' views after them."""
    up = np.flatnonzero(system.need_high > system.value + TINY)
    down = np.flatnonzero(system.need_low < system.value - TINY)
    variable = np.concatenate([down, up])
    goal = np.concatenate([system.need_low[down], system.need_high[up]])
    insiders = np.flatnonzero(system.insider)
    variables, goals, known = [variable], [goal], [np.full(len(variable), -1)]
    for insider in insiders:
        others = variable != insider
        variables.append(variable[others])
        goals.append(goal[others])
        known.append(np.full(int(others.sum()), insider))
    return Demands(np.concatenate(variables), np.concatenate(goals), np.concatenate(known))


def met(system: System, asked: Demands, witness: Witness) -> Bools:
    """Which demands a witness meets."""
    seen = system.value.copy()
    seen[witness.cells] += witness.moves
    value, now = system.value[asked.variable], seen[asked.variable]
    there = np.where(asked.goal > value, now >= asked.goal - TINY, now <= asked.goal + TINY)
    still = (asked.insider < 0) | (np.abs(seen[asked.insider] - system.value[asked.insider]) <= TINY)
    return there & still


def rows_of(columns: Matrix, block: Ints) -> Matrix:
    """The equations that a block's variables stand in, by the block's columns; as slicing, without its overhead."""
    starts, ends = columns.indptr[block], columns.indptr[block + 1]
    sizes = ends - starts
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    entries = np.arange(bounds[-1]) + np.repeat(starts - bounds[:-1], sizes)
    rows, place = np.unique(columns.indices[entries], return_inverse=True)
    return sp.csc_matrix((columns.data[entries], place, bounds), shape=(len(rows), len(block)))


def seek(
    system: System, block: Ints, price: Floats, demand: tuple[int, float, int], *, whole: bool = True
) -> Witness | None:
    """The cheapest witness for one demand that moves no variable outside the block.

    Args:
        system: the equations.
        block: the variables that may move, the demand's own among them.
        price: (n_block,) cost of moving each by one unit; 0 for those that are withheld anyway.
        demand: variable, goal, insider.
        whole: whether to look for whole numbers where the cheapest moves are fractions.

    Returns:
        None where there is none in this block.
    """
    variable, goal, insider = demand
    value = system.value[block]
    low, high = system.low[block] - value, system.high[block] - value
    low, high = np.maximum(low, -FAR), np.minimum(high, FAR)
    own = int(np.flatnonzero(block == variable)[0])
    low[own] = high[own] = goal - system.value[variable]
    if insider >= 0:
        low[block == insider] = high[block == insider] = 0.0
    rows = rows_of(system.columns, block)
    dear = np.flatnonzero(price > 0)
    dear = dear[dear != own]
    # a priced variable is split in what it gains and what it loses
    cost = np.concatenate([price, price[dear]])
    lower = np.concatenate([low, np.zeros(len(dear))])
    upper = np.concatenate([high, np.maximum(0.0, -low[dear])])
    lower[dear] = 0.0
    upper[dear] = np.maximum(0.0, high[dear])
    matrix = sp.hstack([rows, -rows[:, dear]]).tocsc() if len(dear) else rows
    zero = np.zeros(matrix.shape[0])
    constraint, bounds = LinearConstraint(matrix, zero, zero), Bounds(lower, upper)
    found = milp(cost, constraints=constraint, bounds=bounds)
    if found.x is None:
        return None
    moves = _joined(found.x, len(block), dear)
    counted = system.whole[block]
    fits = _is_whole(moves, counted)
    if fits or not whole:
        return _witness(block, moves, counted, whole=fits)
    integral = np.concatenate([counted, counted[dear]]).astype(np.int64)
    exact = milp(cost, constraints=constraint, bounds=bounds, integrality=integral, options={"node_limit": NODES})
    if exact.x is not None:
        return _witness(block, _joined(exact.x, len(block), dear), counted, whole=True)
    return _witness(block, moves, counted, whole=False)


def _joined(found: Floats, size: int, dear: Ints) -> Floats:
    moves = found[:size].copy()
    moves[dear] -= found[size:]
    return moves


def _is_whole(moves: Floats, counted: Bools) -> bool:
    return bool((np.abs(moves - np.round(moves))[counted] < TINY).all())


def _witness(block: Ints, moves: Floats, counted: Bools, *, whole: bool) -> Witness:
    moves = np.where(counted, np.round(moves), moves) if whole else moves
    moved = np.abs(moves) > TINY
    return Witness(block[moved], moves[moved], whole)


def sweep(
    system: System, unknown: Bools, asked: Demands, left: Bools, seed: int, price: Floats | None = None
) -> Witness:
    """One table in which many unmet demands are met at once; some of its counts may be fractions.

    Args:
        system: the equations.
        unknown: (n_var,) what may move.
        asked: all demands.
        left: (n_demand,) those that are not met.
        seed: of the choice and weight of those that are pushed.
        price: (n_var,) of moving each by one unit, where a met demand is worth one; 0 for what is withheld anyway.
    """
    chance = np.random.default_rng(seed)
    block = np.flatnonzero(unknown)
    wanted = np.zeros(len(system))
    order = chance.permutation(np.flatnonzero(left & (asked.insider < 0)))
    order = order[: max(20, int(len(order) * _PUSHED[seed % len(_PUSHED)]))]
    wanted[asked.variable[order]] = np.sign(asked.goal[order] - system.value[asked.variable[order]])
    value, pull = system.value[block], wanted[block]
    low, high = np.maximum(system.low[block] - value, -FAR), np.minimum(system.high[block] - value, FAR)
    low = np.where(pull < 0, np.maximum(low, system.need_low[block] - value), low)
    high = np.where(pull > 0, np.minimum(high, system.need_high[block] - value), high)
    rows = rows_of(system.columns, block)
    reach = np.maximum(1.0, np.where(pull > 0, high, -low))
    reward = -pull * chance.uniform(0.5, 1.5, len(block)) / np.where(pull == 0, 1.0, reach)
    dear = np.flatnonzero(price[block] > 0) if price is not None else np.zeros(0, np.int64)
    cost, lower, upper, matrix = reward, low, high, rows
    if price is not None and len(dear):  # a priced variable is split in what it gains and what it loses
        dues = price[block][dear]
        cost = np.concatenate([reward, dues - reward[dear]])
        cost[dear] += dues
        lower, upper = np.concatenate([low, np.zeros(len(dear))]), np.concatenate([high, -low[dear]])
        lower[dear] = 0.0
        matrix = sp.hstack([rows, -rows[:, dear]]).tocsc()
    zero = np.zeros(rows.shape[0])
    found = milp(cost, constraints=LinearConstraint(matrix, zero, zero), bounds=Bounds(lower, upper))
    if found.x is None:  # the true table fits
        raise AssertionError(f"no table fits what is published: {found.message}")
    moves = _joined(found.x, len(block), dear)
    return _witness(block, moves, system.whole[block], whole=_is_whole(moves, system.whole[block]))


@dataclass(frozen=True, slots=True)
class Refutation:
    """Why a cell cannot reach its goal: `sum of power over withheld cells >= need` is what it would take.

    `bound` is how far the cell can go at most; `rows` are the equations that prove it.
    """

    cells: Ints
    power: Floats
    need: float
    bound: float
    rows: Ints


def refute(
    system: System, unknown: Bools, demand: tuple[int, float, int], *, quick: bool = False
) -> Refutation | Witness | None:
    """A proof that a demand cannot be met, from as few equations as will do, or a witness that it can.

    Equations are taken in from the cell outwards; dropping an equation only helps the cell, so a proof from few holds.
    A `quick` search ends with None where it takes many to decide.
    """
    variable, goal, insider = demand
    side = 1.0 if goal > system.value[variable] else -1.0
    need = abs(goal - system.value[variable])
    rise, fall = room(system)
    if insider >= 0:
        rise[insider] = fall[insider] = 0.0
    (rise if side > 0 else fall)[variable] = need
    matrix, columns = system.matrix, system.columns
    rows, reached = np.zeros(0, np.int64), np.array([variable])
    sizes = list(_SIZES)
    while True:
        wider = np.unique(entries(columns.indptr, columns.indices, reached))
        complete = len(wider) == len(rows)
        rows = wider
        reached = np.unique(entries(matrix.indptr, matrix.indices, rows))
        reached = reached[unknown[reached]]
        if not complete and (not sizes or len(reached) < sizes[0]):
            if quick and not sizes:
                return None
            continue
        sizes = [size for size in sizes if size > len(reached)]
        inside = rows_of(columns, reached) if complete else matrix[rows][:, reached].tocsc()
        cost = np.zeros(len(reached))
        cost[np.searchsorted(reached, variable)] = -side
        bounds = np.column_stack([-fall[reached], rise[reached]])
        found = linprog(cost, A_eq=inside, b_eq=np.zeros(inside.shape[0]), bounds=bounds, method="highs")
        if found.x is None:
            raise AssertionError(f"no table fits what is published: {found.message}")
        gone = -float(found.fun)
        if gone < need - TINY:
            dual = found.eqlin.marginals
            against = np.zeros(len(system))
            against[variable] = -side
            against -= matrix[rows].T @ dual
            power = np.where(against > TINY, against * fall, np.where(against < -TINY, -against * rise, 0.0))
            lacking = need - float(power[unknown].sum())
            free = np.flatnonzero((power > TINY) & ~unknown & system.candidate)
            if lacking > TINY:
                used = rows[np.abs(dual) > TINY]
                return Refutation(free, power[free], lacking, system.value[variable] + side * gone, used)
        if complete:
            whole = _is_whole(found.x, system.whole[reached])
            return _witness(reached, found.x, system.whole[reached], whole=whole)


def within(system: System, unknown: Bools, demand: tuple[int, float, int]) -> float:
    """How far towards its goal a cell can go; counts by whole numbers."""
    variable, goal, insider = demand
    value = float(system.value[variable])
    side = 1.0 if goal > value else -1.0
    while side * (goal - value) > TINY:
        found = refute(system, unknown, (variable, goal, insider))
        if not isinstance(found, Refutation):
            return goal
        goal = found.bound
        if system.counted[variable]:
            goal = side * float(np.floor(side * goal + TINY))
    return value


def entries(starts: Matrix, indices: Matrix, chosen: Matrix) -> Ints:
    """What stands in some rows (or columns) of a sparse matrix, repeats and all."""
    sizes = starts[chosen + 1] - starts[chosen]
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    return indices[np.arange(bounds[-1]) + np.repeat(starts[chosen] - bounds[:-1], sizes)]
