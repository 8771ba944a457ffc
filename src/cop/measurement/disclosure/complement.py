"""Complementary suppression over all linked tables at once: the fewest further cells so that no primary cell is found.

First a covering program says what must be withheld in any case, then the bounds of single equations, then, for each
protected cell that still cannot move far enough, a proof why; the proofs become cuts of the program, until every cell
has a witness at both ends of its interval. Cells that turn out to be superfluous are published again. On small systems
the program is solved exactly and its answer is optimal.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from cop.kernel.progress import SILENT, Progress
from cop.measurement.disclosure.master import Master
from cop.measurement.disclosure.reach import complete, reached
from cop.measurement.disclosure.space import Ints
from cop.measurement.disclosure.system import TINY, Bools, System, tightened
from cop.measurement.disclosure.witness import (
    GAIN,
    SWEEPS,
    Demands,
    Refutation,
    Witness,
    demands,
    entries,
    met,
    refute,
    seek,
    sweep,
    within,
)

_SMALL, _EXACT, _PRUNED = 400, 60, 300
"""Candidates, and demands, up to which the pattern is improved at length; candidates up to which it is solved exactly;
unknowns up to which it is pruned."""
_FREE, _FEW, _MANY, _ATTEMPTS = 5, 8, 300, 40
_PATIENCE = 4


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is withheld, and how well that protects.

    Attributes:
        complements: (n_var,) cells withheld to protect others.
        bound: no safe pattern costs less.
        exact: whether `complements` is a cheapest pattern.
        relaxed: variables of which more can be told whatever is withheld, from the statuses alone or earlier releases.
        fractional: demands shown to be met by tables with fractions alone; whole ones were not found.
        asked, witnesses: what was asked, and for each demand a table that meets it.
    """

    complements: Bools
    bound: float
    exact: bool
    relaxed: Ints
    fractional: int
    asked: Demands = field(repr=False)
    witnesses: list[Witness] = field(repr=False)


def is_small(system: System) -> bool:
    """Whether there is time to look for the cheapest pattern."""
    return int(system.candidate.sum()) <= _SMALL and len(demands(system)) <= _SMALL


def within_reach(system: System) -> System:
    """The system with needs cut back to what could be had if everything were withheld."""
    low, high = tightened(system, ~(system.withheld | system.candidate), rounds=200)
    return replace(system, need_low=np.maximum(system.need_low, low), need_high=np.minimum(system.need_high, high))


def complement(system: System, *, exact: bool | None = None, progress: Progress = SILENT) -> Pattern:
    """Choose complements.

    Args:
        system: as `system.System` says; its value fits its equations.
        exact: solve the covering program to the end; by default on small systems.
        progress: told of each round.
    """
    asked_for = system
    system = within_reach(system)
    small = is_small(system)
    exact = small and int(system.candidate.sum()) <= _EXACT if exact is None else exact
    search = _Search(system, exact=exact)
    bound = search.run(progress)
    if not (exact and search.proved):
        search.drop_idle()
        search.improve(_ATTEMPTS if small else 0)
        if int(search.unknown.sum()) <= _PRUNED:
            search.prune()
    if small:
        search.make_whole()
    lost = (system.need_low > asked_for.need_low + TINY) | (system.need_high < asked_for.need_high - TINY)
    lost[search.asked.variable[search.lost | search.eased]] = True
    fewest = (exact and search.proved) or float(system.cost[search.pattern].sum()) <= bound + TINY
    return Pattern(
        search.pattern, bound, fewest, np.flatnonzero(lost), int((~search.whole & search.met).sum()),
        search.asked, [search.witnesses[n] for n in search.by if n >= 0],
    )  # fmt: skip


class _Search:
    """A pattern on its way: which demands are met, by which witness."""

    def __init__(self, system: System, *, exact: bool) -> None:
        self.system, self.exact, self.proved = system, exact, False
        self.asked = demands(system)
        self.met = np.zeros(len(self.asked), bool)
        self.whole = np.zeros(len(self.asked), bool)
        self.lost = np.zeros(len(self.asked), bool)
        self.eased = np.zeros(len(self.asked), bool)
        self.by = np.full(len(self.asked), -1)
        self.witnesses: list[Witness] = []
        self.pattern = np.zeros(len(system), bool)
        self.master = Master.of(system)

    @property
    def unknown(self) -> Bools:
        return self.system.withheld | self.pattern

    def demand(self, number: int) -> tuple[int, float, int]:
        asked = self.asked
        return int(asked.variable[number]), float(asked.goal[number]), int(asked.insider[number])

    def take(self, witness: Witness) -> int:
        """Note what a witness meets; how many demands that are new."""
        served = met(self.system, self.asked, witness)
        new = served & ~self.met
        better = served & ~self.whole if witness.whole else new
        if better.any():
            self.witnesses.append(witness)
            self.by[better] = len(self.witnesses) - 1
            self.met |= served
            if witness.whole:
                self.whole |= served
        return int(new.sum())

    def forget(self) -> None:
        """Forget every demand whose witness moves a cell that is published now."""
        unknown = self.unknown
        fits = np.array([bool(unknown[w.cells].all()) for w in self.witnesses], bool)
        stale = (self.by >= 0) & ~fits[self.by] if len(fits) else self.by >= 0
        self.met[stale] = self.whole[stale] = False
        self.by[stale] = -1

    # --- rounds

    def run(self, progress: Progress) -> float:
        """Rounds of pattern, witnesses and cuts until every demand is met; a lower bound of the cost."""
        self.pattern, bound = self.master.solve(exact=self.exact)
        small = is_small(self.system)
        if small and not self.exact:
            self.pattern = complete(self.master, self.pattern)
        free = _FREE if small else 0
        if not small:
            self.widen()
        for turn in range(200):
            progress.advance()
            self.forget()
            found = self.cuts()
            if not found:
                self.proved = True
                break
            if not small and found < _FEW:
                self.mend()
                break
            kept = None if self.exact or turn < free else self.pattern
            self.pattern, least = self.master.solve(kept, exact=self.exact)
            bound = max(bound, least) if self.exact else bound
        return bound

    def widen(self) -> None:
        """Where very many demands are unmet: withhold what many of them move together."""
        self.sweeps()
        system, idle = self.system, 0
        movable = system.withheld | system.candidate
        for seed in range(60):
            left = ~self.met & ~self.lost
            if int(left.sum()) < _MANY or idle == SWEEPS:
                return
            price = np.where(self.unknown, 0.0, system.cost / max(1.0, float(system.cost.mean())) / 3)
            found = sweep(system, movable, self.asked, left, seed, price)
            self.pattern[found.cells[~self.unknown[found.cells]]] = True
            idle = idle + 1 if self.take(found) < GAIN else 0

    def mend(self) -> None:
        """For each unmet demand its cheapest witness, whatever that takes; what it moves is withheld."""
        system = self.system
        movable = np.flatnonzero(system.withheld | system.candidate)
        for number in np.flatnonzero(~self.met & ~self.lost).tolist():
            if self.met[number]:
                continue
            price = np.where(self.unknown[movable], 0.0, system.cost[movable])
            found = seek(system, movable, price, self.demand(number), whole=False)
            if found is None and self.give_way(number):
                found = seek(system, movable, price, self.demand(number), whole=False)
            if found is None:
                self.lost[number] = True
                continue
            self.pattern[found.cells[~self.unknown[found.cells]]] = True
            self.take(found)
            self.sweeps()

    def cuts(self) -> int:
        """Look for a witness for each unmet demand, and cut off the pattern where there is none; how many cuts."""
        self.sweeps()
        return self.refuted(quick=True) or self.refuted(quick=False)

    def refuted(self, *, quick: bool) -> int:
        count = 0
        shadow = np.zeros(len(self.system), bool)
        matrix = self.system.matrix
        for number in np.flatnonzero(~self.met & ~self.lost).tolist():
            demand = self.demand(number)
            if self.met[number] or shadow[demand[0]]:
                continue
            found = refute(self.system, self.unknown, demand, quick=quick)
            if isinstance(found, Witness):
                self.take(found)
            elif found is not None and self.master.cut(found.cells, found.power, found.need):
                count += 1
                # what mends this cell may mend its neighbours
                shadow[entries(matrix.indptr, matrix.indices, found.rows)] = not self.exact
            elif found is not None:
                count += self.give_way(number)
        return count

    def give_way(self, number: int) -> bool:
        """Ask for no more than could be had if everything were withheld; False where that is nothing."""
        system = self.system
        variable = int(self.asked.variable[number])
        goal = within(system, system.withheld | system.candidate, self.demand(number))
        self.eased[number] = True
        self.lost[number] = abs(goal - float(system.value[variable])) <= TINY
        self.asked.goal[number] = goal
        return not self.lost[number]

    def sweeps(self) -> None:
        idle = 0
        for seed in range(100):
            left = ~self.met & ~self.lost
            if int(left.sum()) < 20 or idle == SWEEPS:
                return
            gain = self.take(sweep(self.system, self.unknown, self.asked, left, seed))
            idle = idle + 1 if gain < GAIN else 0

    # --- afterwards

    def improve(self, attempts: int) -> None:
        """Choose a part of the complements anew, here and there, with all that was learnt; keep what is cheaper."""
        chance = np.random.default_rng(0)
        for _ in range(attempts):
            chosen = np.flatnonzero(self.pattern)
            if not len(chosen):
                return
            kept = self.pattern.copy()
            kept[self.around(int(chance.choice(chosen)), max(8, len(chosen) // 3))] = False
            before = self.pattern, self.met.copy(), self.whole.copy(), self.by.copy()
            for _ in range(6):
                self.pattern, _ = self.master.solve(kept)
                if self.system.cost[self.pattern].sum() > self.system.cost[before[0]].sum() - TINY:
                    break
                self.forget()
                if not self.cuts():
                    break
            if not self.met[~self.lost].all() or (
                self.system.cost[self.pattern].sum() > self.system.cost[before[0]].sum() - TINY
            ):
                self.pattern, self.met, self.whole, self.by = before

    def around(self, cell: int, many: int) -> Ints:
        """Complements near one, by the equations that link them."""
        columns, matrix = self.system.columns, self.system.matrix
        found = np.array([cell])
        reached = found
        while True:
            reached = np.unique(
                entries(matrix.indptr, matrix.indices, entries(columns.indptr, columns.indices, reached))
            )
            wider = reached[self.pattern[reached]]
            if len(wider) >= many or len(wider) == len(found):
                return wider[:many] if len(wider) > many else wider
            found = wider

    def drop_idle(self) -> None:
        """Publish again what no witness moves."""
        used = np.zeros(len(self.system), bool)
        for number in np.unique(self.by[self.by >= 0]).tolist():
            used[self.witnesses[number].cells] = True
        self.pattern &= used

    def prune(self) -> None:
        """Publish again what is not needed, dearest first; on large systems a few failures end the search."""
        system = self.system
        failures = 0
        chosen = np.flatnonzero(self.pattern)
        for cell in chosen[np.argsort(-system.cost[chosen], kind="stable")].tolist():
            self.pattern[cell] = False
            if self.master.meets(self.pattern) and all(side.all() for side in reached(system, self.pattern)):
                if self.still_safe(cell):
                    continue
                failures += 1
            self.pattern[cell] = True
            if failures == _PATIENCE and not is_small(system):
                return

    def still_safe(self, cell: int) -> bool:
        """Whether every demand whose witness moves the cell can do without it; its neighbours are asked first."""
        uses = np.array([bool((w.cells == cell).any()) for w in self.witnesses], bool)
        touched = (self.by >= 0) & uses[self.by]
        before = self.met.copy(), self.whole.copy(), self.by.copy()
        self.met[touched] = self.whole[touched] = False
        self.by[touched] = -1
        columns, matrix = self.system.columns, self.system.matrix
        near = np.zeros(len(self.system), bool)
        near[entries(matrix.indptr, matrix.indices, entries(columns.indptr, columns.indices, np.array([cell])))] = True
        close = touched & near[self.asked.variable]
        for group in (close, touched):
            if group is touched:
                self.sweeps()
            for number in np.flatnonzero(group & ~self.met).tolist():
                found = None if self.met[number] else refute(self.system, self.unknown, self.demand(number))
                if isinstance(found, Refutation):
                    self.met, self.whole, self.by = before
                    self.master.cut(found.cells, found.power, found.need)
                    return False
                if found is not None:
                    self.take(found)
        return True

    def make_whole(self) -> None:
        """For demands met by fractions alone: whole numbers, with a further complement if need be."""
        system = self.system
        movable = np.flatnonzero(system.withheld | system.candidate)
        for number in np.flatnonzero(self.met & ~self.whole).tolist():
            if self.whole[number]:
                continue
            unknown = self.unknown
            price = np.where(system.withheld[movable], 0.0, np.where(unknown[movable], 1e-3, system.cost[movable]))
            found = seek(system, movable, price, self.demand(number))
            if found is not None and found.whole:
                self.pattern[found.cells[~unknown[found.cells]]] = True
                self.take(found)
