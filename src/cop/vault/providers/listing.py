"""The list: which providers are on it by decided findings, what keeps the others off, and how that changed.

The rule is data (`catalogue/criteria/list.yaml`), and its version is published with the list. What is not decided, or
stale, neither lists a provider nor keeps it off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from cop.terms.criteria import FindingName, ListRule
from cop.vault.providers.course import Act, Cell, Course, Decision

Status = Literal["listed", "not_listed", "proposed"]
Event = Literal["decided", "adjudicated", "stale", "answer", "new_text", "contest", "declare", "list"]

_WORST: tuple[FindingName, ...] = ("not_met", "contradictory", "not_addressed", "partly", "met")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a provider stands on the list, and the criteria that keep it from being listed.

    `failing` are decided otherwise, `open` are not decided or stale; in order of code.
    """

    status: Status
    failing: tuple[str, ...]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that the public is told of: a finding decided, stale or replied to, or a move on the list.

    `number` is the place of the act in its course, 0 for a move on the list, whose `status` is then the new one.
    """

    cell: Cell
    on: date
    event: Event
    number: int
    act: Act | None
    decision: Decision | None
    status: Status | None = None


def place(courses: Sequence[Course], proposed: Mapping[str, Iterable[tuple[str, str]]], rule: ListRule) -> Place:
    """Apply the rule to a provider.

    Args:
        courses: of this provider's cells.
        proposed: by criterion the regions and ages for which the texts say something of their own.
        rule: the list's.
    """
    failing, open_ = [], []
    for code in rule.criteria:
        of_code = [c for c in courses if c.cell.criterion == code]
        standing = [c for c in of_code if c.standing]
        if any(c.standing and c.standing.finding not in rule.acceptable for c in standing):
            failing.append(code)
        elif any(c.stale for c in of_code) or not _covered(code, standing, proposed.get(code, ())):
            open_.append(code)
    status: Status = "not_listed" if failing else "proposed" if open_ else "listed"
    return Place(status, tuple(failing), tuple(open_))


def _covered(code: str, standing: Sequence[Course], parts: Iterable[tuple[str, str]]) -> bool:
    """Whether every part of the public has a decision, where texts differ; without parts, whether there is one."""
    wanted = set(parts) or {("", "")}
    if wanted != {("", "")}:
        wanted.discard(("", ""))
    return all(any(c.cell.covers(Cell(c.cell.provider, code, *part)) for c in standing) for part in wanted)


def worst(courses: Iterable[Course]) -> Course | None:
    """The standing decision that counts for a criterion as a whole: the one that says least."""
    standing = [c for c in courses if c.standing]
    return min(standing, key=lambda c: (_WORST.index(c.standing.finding), c.cell), default=None)  # type: ignore[union-attr]


def public(course: Course) -> list[Change]:
    """What the public is told of a course, in order: no review that has not led to a decision."""
    found: list[Change] = []
    before = replace(course, acts=())
    for number, act in enumerate(course.acts, 1):
        after = replace(course, acts=course.acts[:number])
        if act.kind == "decide" or act.kind == "adjudicate":  # noqa: PLR1714 - so the checker knows the rest
            if after.decision is not None and after.decision.number == number:
                event: Event = "adjudicated" if after.decision.adjudicated else "decided"
                found.append(Change(course.cell, act.on, event, number, act, after.decision))
        elif act.kind == "stale":
            found.append(Change(course.cell, act.on, "stale", number, act, before.decision))
        elif act.kind != "withdraw":
            found.append(Change(course.cell, act.on, act.kind, number, act, None))
        before = after
    return found


def changes(
    provider: str, courses: Sequence[Course], proposed: Mapping[str, Iterable[tuple[str, str]]], rule: ListRule
) -> list[Change]:
    """Everything the public is told of a provider, oldest first: changes of findings and moves on the list."""
    found = [change for course in courses for change in public(course)]
    status: Status = "proposed"
    for day in sorted({c.on for c in found}):
        now = place([c.until(day) for c in courses], proposed, rule).status
        if now != status:
            found.append(Change(Cell(provider, ""), day, "list", 0, None, None, now))
            status = now
    return sorted(found, key=lambda c: (c.on, c.event == "list", c.cell, c.number))
