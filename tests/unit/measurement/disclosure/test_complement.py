from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import scipy.sparse as sp
from adversary import TOTAL, Key, cube, lines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from cop.measurement.disclosure.hierarchy import Dimension
from cop.measurement.disclosure.primary import mark
from cop.measurement.disclosure.protection import protect
from cop.measurement.disclosure.rules import standard_rules

FAR = 60.0


def fewest(frame: pl.DataFrame, names: tuple[str, ...], threshold: int) -> int:
    """The fewest complements, by one integer program with a table of its own for each end of each interval."""
    value: dict[Key, int] = {tuple(k): v for *k, v in frame.select(*names, "value").iter_rows()}
    cells = [key for key, v in value.items() if v]
    place = {key: n for n, key in enumerate(cells)}
    true = np.array([value[key] for key in cells], float)
    primary = true < threshold
    equations = [(w, [p for p in parts if p in place]) for w, parts in lines([frame], names) if w in place]
    told = {w for w, parts in equations if sum(primary[place[p]] for p in parts) >= 2}
    for _ in cells:
        for whole, parts in equations:
            if len(parts) == 1 and {whole, parts[0]} & told:
                told |= {whole, parts[0]}
    free = np.array([key in told for key in cells])
    low = np.where(free | primary, 1.0, threshold)
    high = np.where(primary & ~free, threshold - 1.0, true + FAR)
    rows = np.zeros((len(equations), len(cells)))
    for n, (whole, parts) in enumerate(equations):
        rows[n, [place[p] for p in parts]] = 1
        rows[n, place[whole]] = -1
    goals = [
        (q, clipped)
        for q in np.flatnonzero(primary)
        for goal in (1.0, threshold - 1.0)
        if (clipped := _clipped(q, goal, low, high, rows)) != true[q]
    ]
    many, copies = len(cells), len(goals)
    width = many * (copies + 1)  # the pattern, then one table for each goal
    matrix, below, above = [], [], []
    for n, (q, goal) in enumerate(goals, 1):
        table = sp.csr_matrix(([1.0] * many, (range(many), range(n * many, (n + 1) * many))), shape=(many, width))
        hide_up = sp.csr_matrix((high - true, (range(many), range(many))), shape=(many, width))
        hide_down = sp.csr_matrix((true - low, (range(many), range(many))), shape=(many, width))
        matrix += [table - hide_up, table + hide_down, sp.csr_matrix(rows) @ table, table[[q]]]
        below += [np.full(many, -np.inf), true, np.zeros(len(rows)), [goal]]
        above += [true, np.full(many, np.inf), np.zeros(len(rows)), [goal]]
    if not goals:
        return 0
    cost = np.concatenate([(~primary).astype(float), np.zeros(many * copies)])
    first = np.concatenate([primary.astype(float), np.full(many * copies, -np.inf)])
    last = np.concatenate([np.ones(many), np.full(many * copies, np.inf)])
    found = milp(
        cost, constraints=LinearConstraint(sp.vstack(matrix), np.concatenate(below), np.concatenate(above)),
        bounds=Bounds(first, last), integrality=np.concatenate([np.ones(many), np.zeros(many * copies)]),
    )  # fmt: skip
    assert found.status == 0, found.message
    return round(found.fun)


def _clipped(cell: int, goal: float, low: np.ndarray, high: np.ndarray, rows: np.ndarray) -> float:
    """The goal, or how near it the cell can come if everything is withheld."""
    side = 1.0 if goal > 1 else -1.0
    cost = np.zeros(len(low))
    cost[cell] = -side
    found = milp(cost, constraints=LinearConstraint(rows, 0, 0), bounds=Bounds(low, high))
    return float(min(goal, -found.fun) if side > 0 else max(goal, found.fun))


def counts(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return chance.poisson(9 * chance.gamma(1, 1, shape))


def complements(frame: pl.DataFrame, names: tuple[str, ...], *, exact: bool | None) -> int:
    rules = standard_rules()
    return protect(mark(frame, rules), [Dimension(n) for n in names], rules, exact=exact).secondary


@given(st.integers(0, 2**32), st.sampled_from([(3, 3), (4, 3), (2, 2, 2)]))
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_small_tables_lose_as_few_cells_as_an_integer_program_finds(seed: int, shape: tuple[int, ...]) -> None:
    names = tuple("abc"[: len(shape)])
    frame = cube(counts(seed, shape), names)

    assert complements(frame, names, exact=True) == fewest(frame, names, 5)


@pytest.mark.parametrize("seed", range(5))
def test_the_search_for_large_tables_comes_within_a_fifth_of_the_fewest(seed: int) -> None:
    frame = cube(counts(100 + seed, (3, 3, 2)), tuple("abc"))

    assert complements(frame, tuple("abc"), exact=False) <= 1.2 * fewest(frame, tuple("abc"), 5)


def test_a_total_of_all_is_no_dearer_than_another_cell() -> None:
    """One small cell in a list: the cheapest complement is any other cell, or the total."""
    frame = cube(np.array([3, 40, 50]), "a")

    assert complements(frame, ("a",), exact=True) == fewest(frame, ("a",), 5) == 1
    assert TOTAL in frame["a"]
