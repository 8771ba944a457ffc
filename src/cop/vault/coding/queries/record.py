"""One record as a person may see it; who codes blind sees neither the coder's code nor anybody else's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from cop.kernel.errors import NotFound
from cop.vault.coding.models import AuditDraw, Coding, Decision
from cop.vault.coding.rules import may_code, may_settle
from cop.vault.members.rules import Actor


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as the record's history shows it."""

    version: int
    by: str
    mine: bool
    at: datetime
    kind: str
    code: str
    secondary: tuple[str, ...]
    parts: tuple[str, ...]
    variables: Mapping[str, tuple[str | None, str | None]]
    reason: str
    ruling: int | None
    duplicate_of: int | None
    rule: str
    blind: bool
    seconds: int


@dataclass(frozen=True, slots=True)
class Record:
    """A record on the desk.

    Attributes:
        blind: it is coded blind now: what the coder said, what others decided and what they recorded is left out.
        turn: whether the actor may decide on it now.
        class_set: what the coder holds possible, likeliest first; empty where blind.
        variables: what people recorded at the desk.
        mine: the actor has it in hand; `held` that somebody else has.
        seen: the actor coded it before, as the first of two.
    """

    report: int
    organisation: int
    version: int
    state: str
    blind: bool
    turn: bool
    seen: bool
    received: datetime
    language: str
    urgency: int | None
    code: str | None
    secondary: tuple[str, ...]
    parts: tuple[str, ...]
    proposed: str | None
    probability: float | None
    class_set: tuple[str, ...]
    route: str | None
    model: str
    scheme: str
    variables: Mapping[str, str]
    duplicate_of: int | None
    mine: bool
    held: bool
    decisions: tuple[Decided, ...]


def record_of(*, actor: Actor, report: int) -> Record:
    """A record of a desk where the actor codes.

    Raises:
        NotFound: there is none, or it is another organisation's.
    """
    coding = Coding.objects.filter(report=report).first()
    if coding is None or coding.organisation_id is None or not may_code(actor, coding.organisation_id):
        raise NotFound(f"there is no record {report}", expected="a record of your own desk")
    draw = AuditDraw.objects.select_related("first").filter(report=report).first()
    blind = draw is not None and draw.state in ("first", "second")
    seen = draw is not None and draw.state == "second" and draw.first is not None and draw.first.by_id == actor.id
    decisions = tuple(
        _decided(d, actor)
        for d in Decision.objects.select_related("by").filter(report=report).order_by("version")
        if not blind or d.by_id == actor.id
    )
    held = coding.held_until is not None and coding.held_until > timezone.now()
    reserved = coding.state in ("escalated", "adjudicating", "settled")
    return Record(
        report=report,
        organisation=coding.organisation_id,
        version=coding.version,
        state=coding.state,
        blind=blind,
        turn=not seen and (not reserved or may_settle(actor, coding.organisation_id)),
        seen=seen,
        received=coding.received,
        language=coding.language,
        urgency=None if blind else coding.urgency,
        code=None if blind else coding.code,
        secondary=() if blind else tuple(coding.secondary),
        parts=() if blind else tuple(coding.parts.values_list("code", flat=True)),
        proposed=None if blind else coding.proposed,
        probability=None if blind else coding.probability,
        class_set=() if blind else tuple(coding.class_set),
        route=None if blind else coding.route,
        model=coding.model,
        scheme=coding.scheme,
        variables={} if blind else coding.variables,
        duplicate_of=None if blind else coding.duplicate_of_id,
        mine=held and coding.holder_id == actor.id,
        held=held and coding.holder_id != actor.id,
        decisions=decisions,
    )


def codes_of(*, actor: Actor, reports: Collection[int]) -> dict[int, tuple[str, str]]:
    """Code and state of records of the actor's desks, by number; those that are coded blind now are left out."""
    desks = actor.organisations("analyst", "reviewer")
    blind = AuditDraw.objects.filter(report__in=reports, state__in=["first", "second"]).values_list("report", flat=True)
    rows = Coding.objects.filter(report__in=reports, organisation__in=desks).exclude(report__in=list(blind))
    return {report: (code, state) for report, code, state in rows.values_list("report", "code", "state")}


def _decided(d: Decision, actor: Actor) -> Decided:
    return Decided(
        version=d.version,
        by=d.by.name,
        mine=d.by_id == actor.id,
        at=d.at,
        kind=d.kind,
        code=d.code,
        secondary=tuple(d.secondary),
        parts=tuple(d.parts),
        variables={name: (before, after) for name, (before, after) in d.variables.items()},
        reason=d.reason,
        ruling=d.ruling,
        duplicate_of=d.duplicate_of,
        rule=d.rule,
        blind=d.blind,
        seconds=d.seconds,
    )
