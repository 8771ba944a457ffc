"""The audit sample: how far it is, how well people agree, and where they do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from cop.classification.coder.agreement import Alpha, Judgement, agreement, nominal_alpha
from cop.kernel.errors import NotFound
from cop.vault.coding.models import AuditDraw
from cop.vault.coding.queries.queue import COUNTED, PAGE
from cop.vault.coding.rules import may_settle, may_watch
from cop.vault.coding.schemas import DRAW_STATES
from cop.vault.members.rules import Actor

NEWEST = 2_000
"""Judged records that agreement is computed from: the newest of a desk."""
_DRAWS = 100

_JUDGED = ("agreed", "disputed", "adjudicated")


@dataclass(frozen=True, slots=True)
class Sample:
    """Records of the audit sample by state, each up to `COUNTED`."""

    states: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Pair:
    """What two people said of one record, in its language."""

    report: int
    language: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Line:
    """Agreement on one class, section or language: records judged, and alpha (None where it is not defined)."""

    key: str
    units: int
    alpha: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of a desk.

    Attributes:
        units: judged records.
        overall: alpha at each level with its interval.
        sections: each section told from all others.
        classes: each leaf told from all others.
        languages: leaves, in each language.
    """

    units: int
    overall: tuple[Alpha, ...]
    sections: tuple[Line, ...]
    classes: tuple[Line, ...]
    languages: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Dispute:
    """A record on which two people disagree; `mine`: the actor is one of them and cannot settle it."""

    report: int
    first: str
    second: str
    since: datetime
    mine: bool


def sample_of(*, actor: Actor, organisation: int) -> Sample:
    """How far a desk's audit sample is.

    Raises:
        NotFound: the actor may not watch that desk.
    """
    _watched(actor, organisation)
    draws = AuditDraw.objects.filter(organisation=organisation)
    return Sample({state: draws.filter(state=state)[:COUNTED].count() for state in DRAW_STATES})


def agreement_of(*, actor: Actor, organisation: int) -> Agreement:
    """How well the people of a desk agree when they code the same record blind.

    Raises:
        NotFound: the actor may not watch that desk.
    """
    _watched(actor, organisation)
    pairs = audited(organisation)
    judgements = [
        Judgement(str(p.report), coder, code)
        for p in pairs
        for coder, code in (("first", p.first), ("second", p.second))
    ]
    overall = [a for a in agreement(judgements, draws=_DRAWS) if a.section is None]
    codes = sorted({code for p in pairs for code in (p.first, p.second)})
    return Agreement(
        units=len(pairs),
        overall=tuple(overall),
        sections=tuple(_one_of(s, [(p.first[0], p.second[0]) for p in pairs]) for s in sorted({c[0] for c in codes})),
        classes=tuple(_one_of(code, [(p.first, p.second) for p in pairs]) for code in codes),
        languages=tuple(
            _line(language, [(p.first, p.second) for p in pairs if p.language == language])
            for language in sorted({p.language for p in pairs})
        ),
    )


def audited(organisation: int) -> tuple[Pair, ...]:
    """The newest records of a desk that two people coded."""
    rows: list[tuple[datetime, int, str, str, str]] = []
    for state in _JUDGED:  # one at a time: each is read from the end of its part of the index
        some = AuditDraw.objects.filter(organisation=organisation, state=state).order_by("-drawn", "-report")
        rows += some.values_list("drawn", "report", "report__coding__language", "first__code", "second__code")[:NEWEST]
    return tuple(Pair(*row[1:]) for row in sorted(rows, reverse=True)[:NEWEST])


def disputes(*, actor: Actor, organisation: int) -> tuple[Dispute, ...]:
    """Disagreements that wait for a reviewer, oldest first, a page of them.

    Raises:
        NotFound: the actor is no reviewer of that desk.
    """
    if not may_settle(actor, organisation):
        raise NotFound("there is no such desk", expected="one where you are a reviewer")
    rows = AuditDraw.objects.select_related("first", "second").filter(organisation=organisation, state="disputed")
    return tuple(
        Dispute(d.report_id, d.first.code, d.second.code, d.drawn, actor.id in (d.first.by_id, d.second.by_id))
        for d in rows.order_by("drawn", "report")[:PAGE]
        if d.first is not None and d.second is not None
    )


def _one_of(key: str, pairs: Iterable[tuple[str, str]]) -> Line:
    """Agreement on whether a record is of this class, among records that somebody put there."""
    both = [(a == key, b == key) for a, b in pairs]
    return Line(key, sum(a or b for a, b in both), _alpha([(str(a), str(b)) for a, b in both]))


def _line(key: str, pairs: Sequence[tuple[str, str]]) -> Line:
    return Line(key, len(pairs), _alpha(pairs))


def _alpha(pairs: Sequence[tuple[str, str]]) -> float | None:
    values = sorted({value for pair in pairs for value in pair})
    counts = np.zeros((len(pairs), max(1, len(values))))
    for row, pair in enumerate(pairs):
        for value in pair:
            counts[row, values.index(value)] += 1
    found = nominal_alpha(counts)
    return None if found is None else round(found, 3)


def _watched(actor: Actor, organisation: int) -> None:
    if not may_watch(actor, organisation):
        raise NotFound("there is no such desk", expected="one whose work you may follow")
