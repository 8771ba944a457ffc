"""The auditor: bounds every suppressed cell from everything that is published, and says what gave a cell away.

It knows what an attacker knows: values, totals, shares with the number they are shares of, statuses, earlier releases.
It does not know the true values, and does not trust whoever protected the tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cop.kernel.errors import Refused, Where
from cop.kernel.progress import SILENT, Progress
from cop.measurement.disclosure.assemble import Assembled, Ratio, assemble
from cop.measurement.disclosure.cells import Cells
from cop.measurement.disclosure.hierarchy import TOTAL, Dimension
from cop.measurement.disclosure.solver import linprog
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
    rows_of,
    sweep,
    within,
)

_SHOWN = 6
_EXACT, _FEW = 25, 20
"""Findings of which both bounds are computed (of the rest the one proved is told); ends too few for a sweep."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A cell that is known more exactly than the rules allow.

    Attributes:
        cell: in words.
        low, high: what an attacker knows of it.
        asked_low, asked_high: the interval it should at least have.
        because: the published sums that gave it away.
    """

    cell: str
    low: float
    high: float
    asked_low: float
    asked_high: float
    because: tuple[str, ...]

    def __str__(self) -> str:
        known = f"is {self.low:g}" if self.low == self.high else f"lies between {self.low:g} and {self.high:g}"
        return f"{self.cell} {known}: {'; '.join(self.because)}"


@dataclass(frozen=True)
class Audit:
    """What an attacker makes of a release.

    Attributes:
        suppressed: cells that are withheld.
        checked: ends of intervals that were bounded.
        findings: the cells given away.
        statuses: cells of which the confidentiality statuses alone tell more than the rule, whatever is withheld.
    """

    suppressed: int
    checked: int
    findings: list[Finding]
    statuses: int

    @property
    def safe(self) -> bool:
        return not self.findings


def audit(
    dimensions: Sequence[Dimension],
    release: Cells,
    past: Sequence[Cells] = (),
    *,
    ratios: Sequence[Ratio] = (),
    percent: float = 20.0,
    progress: Progress = SILENT,
) -> Audit:
    """Attack a release.

    Args:
        dimensions: how codes add up; `open` says which wholes hold more than the parts shown.
        release: as published.
        past: what was published before, oldest first.
        ratios: shares published with their base.
        percent: how exactly a cell that is no small count may be known, in per cent of its middle.
        progress: told of each bounded end.

    Raises:
        Refused: the published values contradict one another.
    """
    assembled = assemble(dimensions, release, past, ratios=ratios)
    system = _asked(assembled, [*past, release])
    attack = _Attack(system, progress)
    findings, statuses = attack.small_counts()
    more, checked = attack.others(assembled, release, percent)
    place = assembled.place[release.withheld]
    return Audit(int((place >= 0).sum()), len(attack.asked) + checked, _torn(release) + findings + more, statuses)


def _torn(release: Cells) -> list[Finding]:
    """Cells that one table withholds and another shows."""
    found: list[Finding] = []
    for number in np.flatnonzero(release.torn).tolist():
        said = ", ".join(f"{n}={c}" for n, c in release.keys.row(number, named=True).items() if c != TOTAL)
        value, because = float(release.value[number]), "a table of the release shows its value"
        found.append(Finding(said, value, value, 1.0, release.threshold - 1.0, (because,)))
    return found


def refusal(release: str, found: Audit) -> Refused:
    """Why a release that gives cells away is refused: the first cells, what is known of them, and from which sums."""
    many = len(found.findings)
    return Refused(
        f"{many:,} suppressed cell{'s are' if many > 1 else ' is'} known more exactly than the rule allows;"
        f" {found.findings[0]}",
        where=Where(release),
        expected="an interval as wide as the rule asks for every suppressed cell",
    )


def _asked(assembled: Assembled, releases: Sequence[Cells]) -> System:
    """The system with what every suppressed small count must be able to be, as far as its status says it is one."""
    system = assembled.system
    low, high = np.full(len(system), np.nan), np.full(len(system), np.nan)
    for cells, place in zip(releases, assembled.places, strict=True):
        first = place[(place >= 0) & cells.withheld & ~cells.secondary & cells.counted & cells.plain]
        low[first], high[first] = (0.0 if cells.zeros else 1.0), cells.threshold - 1.0
    published = ~system.withheld
    low[published] = high[published] = np.nan
    return replace(system, need_low=low, need_high=high)


def swept(system: System, unknown: Bools, asked: Demands) -> Bools:
    """Which demands can be met, as far as tables show that meet many at once."""
    done, idle = np.zeros(len(asked), bool), 0
    for seed in range(100):
        if int((~done).sum()) < _FEW or idle == SWEEPS:
            break
        gain = met(system, asked, sweep(system, unknown, asked, ~done, seed)) & ~done
        done |= gain
        idle = idle + 1 if gain.sum() < GAIN else 0
    return done


class _Attack:
    """Witnesses and proofs on one system."""

    def __init__(self, system: System, progress: Progress) -> None:
        self.system = system
        self.unknown = system.withheld
        self.asked = demands(system)
        self.progress = progress
        self.met = np.zeros(len(self.asked), bool)
        self.exact = 0
        progress.total(len(self.asked))

    def small_counts(self) -> tuple[list[Finding], int]:
        """Suppressed small counts that cannot be all that the rule says."""
        self.met = swept(self.system, self.unknown, self.asked)
        self.progress.advance(int(self.met.sum()))
        findings: dict[int, Finding] = {}
        statuses: set[int] = set()
        for number in np.flatnonzero(~self.met).tolist():
            if self.met[number]:
                continue
            self.progress.advance()
            variable, goal = int(self.asked.variable[number]), float(self.asked.goal[number])
            found = refute(self.system, self.unknown, (variable, goal, -1))
            if isinstance(found, Witness):
                self.met |= met(self.system, self.asked, found)
            elif found is not None and self.told_anyway(variable, goal):
                statuses.add(variable)
            elif found is not None and variable not in findings:
                findings[variable] = self.finding(variable, found)
        return list(findings.values()), len(statuses)

    def told_anyway(self, variable: int, goal: float) -> bool:
        """Whether the statuses alone say as much, were no value of the release published."""
        everything = self.system.withheld | self.system.candidate
        silent = within(self.system, everything, (variable, goal, -1))
        return silent != goal and within(self.system, self.unknown, (variable, silent, -1)) == silent

    def finding(self, variable: int, proof: Refutation | None = None) -> Finding:
        """What is known of a cell, and from where."""
        system = self.system
        self.exact += 1
        if proof is not None and self.exact > _EXACT:
            up = proof.bound >= float(system.value[variable])
            low, high = system.low[variable], system.high[variable]
            low, high = (low, np.floor(proof.bound + TINY)) if up else (np.ceil(proof.bound - TINY), high)
            return self.said(variable, float(low), float(high), proof.rows)
        low, rows_low = self.bound(variable, -1.0)
        high, rows_high = self.bound(variable, 1.0)
        rows = proof.rows if proof is not None and len(proof.rows) else np.union1d(rows_low, rows_high)
        return self.said(variable, low, high, rows)

    def said(self, variable: int, low: float, high: float, rows: Ints) -> Finding:
        """A finding in words."""
        system = self.system
        said = [system.describe_row(int(row)) for row in rows[:_SHOWN]]
        if len(rows) > _SHOWN:
            said.append(f"and {len(rows) - _SHOWN} more sums")
        asked = float(system.need_low[variable]), float(system.need_high[variable])
        return Finding(system.describe(variable), low, high, *asked, tuple(said))

    def bound(self, variable: int, side: float, unknown: Bools | None = None) -> tuple[float, Ints]:
        """How far a cell may lie to one side, and the equations that say so; what is withheld is unknown by default."""
        system = self.system
        unknown = self.unknown if unknown is None else unknown
        rows = np.zeros(0, np.int64)
        reached = np.array([variable])
        while True:
            wider = np.unique(entries(system.columns.indptr, system.columns.indices, reached))
            if len(wider) == len(rows):
                break
            rows = wider
            reached = np.unique(entries(system.matrix.indptr, system.matrix.indices, rows))
            reached = reached[unknown[reached]]
        value = system.value[reached]
        cost = np.zeros(len(reached))
        cost[np.searchsorted(reached, variable)] = -side
        bounds = np.column_stack([system.low[reached] - value, system.high[reached] - value])
        found = linprog(
            cost, A_eq=rows_of(system.columns, reached), b_eq=np.zeros(len(rows)), bounds=bounds, method="highs"
        )
        if found.status == 3:  # unbounded
            return side * np.inf, np.zeros(0, np.int64)
        end = float(system.value[variable] + side * -found.fun)
        if system.counted[variable]:
            end = float(np.floor(end + TINY) if side > 0 else np.ceil(end - TINY))
        return end, rows[np.abs(found.eqlin.marginals) > TINY]

    # --- cells whose status does not say how large they are

    def others(self, assembled: Assembled, release: Cells, percent: float) -> tuple[list[Finding], int]:
        """Cells marked C for another reason, small sums marked D, and parts that no table shows."""
        system, place = assembled.system, assembled.place
        first, second = np.zeros(len(system), bool), np.zeros(len(system), bool)
        on = (place >= 0) & release.withheld
        first[place[on & ~release.secondary]] = not release.plain
        second[place[on & release.secondary & release.counted]] = True
        second &= assembled.told
        low, high = tightened(system, ~self.unknown, rounds=60)
        findings: list[Finding] = []
        checked, most = 0, release.threshold - 1
        others = ~first & (second | (assembled.hidden & self.unknown))
        others[self.large(others, most)] = False
        for variable in np.flatnonzero(first | others).tolist():
            if not first[variable] and (high[variable] > most or low[variable] < 1) and self._roomy(variable, most):
                continue
            checked += 1
            found = self.finding(variable)
            least, top = 1.0, float(most)
            narrow = found.low > least or found.high < top
            if first[variable]:
                narrow &= found.high - found.low < percent / 100 * (found.low + found.high) - TINY
            elif found.low < 1 or found.high > most:
                narrow = False  # not seen to be a small count
            elif narrow:  # were everything withheld, as much may be told by statuses and earlier releases
                everything = system.withheld | system.candidate
                least = max(least, self.bound(variable, -1.0, everything)[0])
                top = min(top, self.bound(variable, 1.0, everything)[0])
                narrow = found.low > least or found.high < top
            if narrow:
                findings.append(replace(found, asked_low=least, asked_high=top))
        return findings, checked

    def large(self, cells: Bools, most: int) -> Ints:
        """Those of some cells that are seen to be able to be no small count."""
        high = np.where(cells, most + 1.0, np.nan)
        system = replace(self.system, need_low=np.full(len(high), np.nan), need_high=high)
        asked = demands(system)
        return asked.variable[swept(system, self.unknown, asked)]

    def _roomy(self, variable: int, most: int) -> bool:
        """Whether the cell is seen to be of another size than a small count in the table at hand, or can be."""
        value = float(self.system.value[variable])
        if value > most or value < 1:
            return True
        return isinstance(refute(self.system, self.unknown, (variable, float(most + 1), -1)), Witness)
