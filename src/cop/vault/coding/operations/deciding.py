"""What a person decides on a record: one decision, one version, one event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db import transaction
from django.utils import timezone

from cop.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from cop.vault.coding.models import AuditDraw, Coding, Decision, Part
from cop.vault.coding.operations.opening import let_go, locked
from cop.vault.coding.rules import may_settle
from cop.vault.coding.rulings import register
from cop.vault.coding.schemas import CANNOT, NOT_RECORDED, Choice, Kind, State, check, scheme
from cop.vault.members.rules import Actor, allow
from cop.vault.registers.operations import record_event

JUDGED: frozenset[Kind] = frozenset({"accept", "change", "split", "duplicate", "refer", "cannot"})
"""Kinds of decisions that say which class a record has."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a record."""

    report: int
    version: int
    state: State
    kind: Kind


@transaction.atomic
def decide(*, actor: Actor, report: int, version: int, choice: Choice) -> Decided:
    """Decide on a record as it was shown.

    Effects: one `Decision`; the record's code, variables, state and version; the audit draw it belongs to; the record
    is in nobody's hands; one event `coding.decided`.

    Raises:
        Conflict: the record changed since that version; nothing is written.
        Refused: the choice is not one. NotFound: no such record here. NotAllowed: it is for a reviewer.
    """
    check(choice)
    coding = locked(actor, report)
    _current(coding, version)
    if coding.state in ("escalated", "adjudicating", "settled"):
        allow(may_settle(actor, coding.organisation_id), actor, "decide on this record", expected="a reviewer")
    if coding.state == "adjudicating":
        raise Conflict("two people disagree on this record", expected="its adjudication")
    draw = AuditDraw.objects.select_for_update().filter(report=report).first()
    blind = draw is not None and draw.state in ("first", "second")
    if draw is not None and draw.state == "second" and draw.first is not None and draw.first.by_id == actor.id:
        raise NotAllowed("you coded this record first", expected="a second person, who does not see what you said")
    kind = _kind(coding, choice)
    decision = _enter(actor, coding, choice, kind, blind=blind)
    if kind == "escalate":
        coding.state = "escalated"
    elif draw is not None and blind:
        _count_blind(coding, draw, decision)
    elif kind == "cannot":
        coding.state = "cannot_code"
    elif coding.state != "settled":
        coding.state = "reviewed"
    return _close(actor, coding, decision)


@transaction.atomic
def adjudicate(*, actor: Actor, report: int, version: int, choice: Choice) -> Decided:
    """Settle what two coders disagree on.

    Effects: as `decide`; the audit draw is adjudicated; one event `coding.decided`.

    Raises:
        NotAllowed: the actor is no reviewer there, or one of the two. Conflict: it changed, or nobody disagrees.
        Refused: the choice is not a class. NotFound: no such record here.
    """
    check(choice)
    if choice.act not in ("code", "cannot"):
        raise Refused.value(choice.act, "settles no disagreement", expected="code or cannot", field="act")
    coding = locked(actor, report)
    allow(may_settle(actor, coding.organisation_id), actor, "settle a disagreement", expected="a reviewer")
    _current(coding, version)
    draw = AuditDraw.objects.select_for_update().filter(report=report, state="disputed").first()
    if draw is None or draw.first is None or draw.second is None:
        raise Conflict("nobody disagrees on this record", expected="a record of the list of disagreements")
    if actor.id in (draw.first.by_id, draw.second.by_id):
        raise NotAllowed("you coded this record yourself", expected="a reviewer who was neither of the two")
    decision = _enter(actor, coding, choice, "adjudicate", blind=False)
    draw.settled, draw.state = decision, "adjudicated"
    draw.save(update_fields=["settled", "state"])
    coding.state = "settled"
    return _close(actor, coding, decision)


def _current(coding: Coding, version: int) -> None:
    if coding.version != version:
        raise Conflict(
            "the record changed since you opened it; nothing of yours was stored",
            expected=f"version {coding.version}, shown anew",
        )


def _kind(coding: Coding, choice: Choice) -> Kind:
    if choice.act == "code":
        return "accept" if choice.code == coding.proposed else "change"
    return choice.act


def _enter(actor: Actor, coding: Coding, choice: Choice, kind: Kind, *, blind: bool) -> Decision:
    """Write the decision, and what it says into the record (not the state)."""
    if choice.ruling is not None:
        register().ruling(f"R{choice.ruling:03}")
    code = _code_of(coding, choice)
    diff = _diff(coding.variables, choice.variables)
    now = timezone.now()
    decision = Decision.objects.create(
        report_id=coding.pk,
        organisation_id=cast("int", coding.organisation_id),  # `locked` found it on a desk
        by_id=actor.id,
        at=now,
        version=coding.version + 1,
        kind=kind,
        code=code,
        secondary=list(choice.secondary),
        parts=list(choice.parts) if choice.act == "split" else [],
        variables=diff,
        reason=choice.reason,
        ruling=choice.ruling,
        duplicate_of=choice.duplicate_of,
        rule=choice.rule,
        scheme=scheme().version,
        blind=blind,
        seconds=_seconds(actor, coding, now),
    )
    coding.variables = _after(coding.variables, diff)
    coding.duplicate_of_id = choice.duplicate_of
    if kind != "escalate":
        coding.code, coding.section, coding.secondary = code, code[0], list(choice.secondary)
        coding.scheme, coding.urgency = scheme().version, _urgency(coding.urgency, code)
        _part(coding, decision.parts)
    return decision


def _code_of(coding: Coding, choice: Choice) -> str:
    if choice.act == "split":
        return choice.parts[0]
    if choice.act == "cannot":
        return CANNOT
    if choice.act == "escalate":
        return coding.code
    if choice.duplicate_of is not None:
        return _original(coding, choice.duplicate_of).code
    return choice.code


def _original(coding: Coding, number: int) -> Coding:
    """The record that one repeats: of the same desk, another one, and no duplicate itself."""
    found = Coding.objects.filter(report=number, organisation=coding.organisation_id).first()
    if found is None:
        raise NotFound(f"there is no record {number}", expected="a record of your own desk")
    if found.pk == coding.pk or found.duplicate_of_id is not None:
        raise Refused.value(str(number), "is no first report of the event", expected="the one that others repeat")
    return found


def _diff(before: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, list[str | None]]:
    """Name -> [before, after] of what really changes; None is not recorded."""
    wanted = {name: None if value in (None, NOT_RECORDED) else value for name, value in changes.items()}
    return {name: [before.get(name), v] for name, v in sorted(wanted.items()) if before.get(name) != v}


def _after(before: Mapping[str, str], diff: Mapping[str, Sequence[str | None]]) -> dict[str, str]:
    merged = {**before, **{name: new for name, (_, new) in diff.items()}}
    return {name: value for name, value in merged.items() if value is not None}


def _seconds(actor: Actor, coding: Coding, now: datetime) -> int:
    """How long the person had it in hand; 0 where it was not in theirs."""
    if coding.holder_id != actor.id or coding.held_since is None:
        return 0
    return max(0, int((now - coding.held_since).total_seconds()))


def _urgency(before: int | None, code: str) -> int | None:
    """A class may raise the urgency and not lower it: a report may be urgent whatever its class (coding rule 4)."""
    known = scheme()
    own = known.urgency(code) if code in known.by_code else None
    return min((u for u in (before, own) if u is not None), default=None)


def _part(coding: Coding, codes: Sequence[str]) -> None:
    coding.parts.all().delete()
    Part.objects.bulk_create(Part(coding=coding, number=n, code=code) for n, code in enumerate(codes, 1))


def _count_blind(coding: Coding, draw: AuditDraw, decision: Decision) -> None:
    """A blind decision as the first or the second of the draw."""
    if draw.first is None:
        draw.first, draw.state = decision, "second"
        coding.state = "cannot_code" if decision.kind == "cannot" else "reviewed"
    else:
        same = draw.first.code == decision.code
        draw.second, draw.state = decision, "agreed" if same else "disputed"
        coding.state = "settled" if same else "adjudicating"
    draw.save(update_fields=["first", "second", "state"])


def _close(actor: Actor, coding: Coding, decision: Decision) -> Decided:
    coding.version = decision.version
    let_go(coding)
    coding.save()
    record_event(
        kind="coding.decided",
        subject=f"report {coding.pk}",
        details={
            "by": actor.id,
            "kind": decision.kind,
            "code": decision.code,
            "version": decision.version,
            "state": coding.state,
            "variables": sorted(decision.variables),
            "blind": decision.blind,
            **({"ruling": f"R{decision.ruling:03}"} if decision.ruling is not None else {}),
        },
    )
    return Decided(coding.pk, coding.version, coding.state, decision.kind)  # type: ignore[arg-type]
