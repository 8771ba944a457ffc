"""The only writer of cases: opened, moved along their course, referred, looked at again, closed.

A history holds codes, times and people, never words about what happened. Holds and expiry are in `expiry.py`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from cop.kernel.errors import Conflict, NotFound, Refused
from cop.vault.cases import rules
from cop.vault.cases.course import BEFORE_SCHEDULED, CHANNELS, SEEN, course
from cop.vault.cases.models import Body, Case, Change, Observation, Referral
from cop.vault.cases.schemas import plain
from cop.vault.coding.facts import coded
from cop.vault.members.rules import Actor, allow
from cop.vault.registers.operations import record_event
from cop.vault.reports import leases
from cop.vault.reports.operations import set_status
from cop.vault.reports.variables import catalogue

WORK = "an analyst or reviewer of the office"


@transaction.atomic
def open_case(*, actor: Actor, report: int) -> int:
    """The case of a report, opened now if there is none; its number.

    Effects: one `Case` that stands where the course begins, with its first `Change`, one event `case.opened`.

    Raises:
        NotFound: there is no such report in an organisation of the actor's. NotAllowed: the actor may not work cases.
        Conflict: the report was withdrawn.
    """
    place = leases.place(report, lock=True)
    if place.organisation is None or not rules.may_see_cases(actor, place.organisation):
        raise NotFound(f"there is no report {report}")
    allow(rules.may_work_cases(actor, place.organisation), actor, "open a case", expected=WORK)
    if (known := Case.objects.filter(report_id=report).values_list("pk", flat=True).first()) is not None:
        return known
    if place.status == "withdrawn":
        raise Conflict(f"report {report} was withdrawn", expected="a report that its reporter lets stand")
    now, first = timezone.now(), course().first
    case = Case.objects.create(
        report_id=report, organisation_id=place.organisation, status=first, version=1, opened=now, changed=now
    )
    Change.objects.create(case=case, number=1, after=first, by_id=actor.id, at=now)
    record_event(kind="case.opened", subject=str(case), details={"report": report, "by": actor.id})
    return case.pk


@transaction.atomic
def move(*, actor: Actor, case: int, to: str, reason: str, seen: int, outcome: str = "") -> int:
    """Move a case along its course; its new version.

    Args:
        actor: who moves it.
        case: its number.
        to: the status it gets.
        reason: one of those that the course has for this way.
        seen: the version that was shown.
        outcome: what came of it, a code of the variable `outcome`; asked for when the case is closed, and only then.

    Effects: one `Change`, the case's status and that of its report, the report's expiry reckoned anew by the worker,
        one event `case.moved`.

    Raises:
        Refused: the course has no such way, reason or outcome. Conflict: the case changed since it was shown.
        NotFound, NotAllowed: as of `open_case`.
    """
    found = _case(actor, case)
    if found.version != seen:
        raise Conflict(f"{found} changed since it was shown", expected=f"version {found.version}, not {seen}")
    course().check(found.status, to, reason)
    _check_outcome(outcome, closes=to == course().last)
    _moved(found, actor, to, reason, outcome)
    return found.version


@transaction.atomic
def refer(
    *,
    actor: Actor,
    case: int,
    body: int,
    kind: str,
    channel: str,
    reason: str,
    seen: int,
    reference: str = "",
    sent: datetime | None = None,
) -> int:
    """Record that a case was passed to a body; the referral's number.

    The case becomes `referred` where it is not; the body is to acknowledge within the hours that the urgency of the
    class gives it.

    Raises:
        Refused: the body is not of that kind, the channel is none, the time lies in the future, or the case's course
            has no way to `referred`. Conflict, NotFound, NotAllowed: as of `move`.
    """
    found = _case(actor, case)
    to = _body(actor, body)
    if to.organisation_id != found.organisation_id:
        raise NotFound(f"there is no body {body}")
    kinds = sorted(to.kinds.values_list("kind", flat=True))
    if kind not in kinds:
        raise Refused.value(kind, f"is no kind of {to.name}", field="kind", expected=", ".join(kinds))
    if channel not in CHANNELS:
        raise Refused.value(channel, "is no channel", field="channel", expected=", ".join(CHANNELS))
    if not to.active:
        raise Conflict(f"{to.name} is not referred to any more", expected="a body that is in use")
    now = timezone.now()
    sent = _past(sent, now, earliest=found.opened, field="sent")
    if found.status == "referred":
        if found.version != seen:
            raise Conflict(f"{found} changed since it was shown", expected=f"version {found.version}, not {seen}")
    else:
        move(actor=actor, case=case, to="referred", reason=reason, seen=seen)
    code = coded([found.report_id]).get(found.report_id)
    within = course().acknowledge_within[(code.urgency if code else None) or 3]
    referral = Referral.objects.create(
        case=found, organisation_id=found.organisation_id, body=to, kind=kind, channel=channel,
        reference=plain("reference", reference), sent=sent, due=sent + timedelta(hours=within), by_id=actor.id,
    )  # fmt: skip
    record_event(
        kind="case.referred", subject=str(found),
        details={"referral": referral.pk, "body": to.pk, "kind": kind, "channel": channel, "by": actor.id},
    )  # fmt: skip
    return referral.pk


@transaction.atomic
def acknowledge(*, actor: Actor, referral: int, at: datetime | None = None, reference: str = "") -> None:
    """Record that the body acknowledged a referral, and the number it gave.

    Raises:
        Conflict: it was acknowledged already. Refused: the time lies before the referral or in the future, or the
            reference is none. NotFound, NotAllowed: as of `open_case`.
    """
    found = _referral(actor, referral)
    if found.acknowledged is not None:
        raise Conflict(f"{found} was acknowledged already", expected="one that waits")
    found.acknowledged = _past(at, timezone.now(), earliest=found.sent, field="acknowledged")
    found.reference = plain("reference", reference) or found.reference
    found.save(update_fields=["acknowledged", "reference"])
    record_event(kind="referral.acknowledged", subject=str(found), details={"case": found.case_id, "by": actor.id})


@transaction.atomic
def observe(*, actor: Actor, referral: int, seen: str, at: datetime | None = None) -> None:
    """Record what was seen when somebody looked again at what a referral gave notice of: `up`, `gone` or `unknown`.

    Raises:
        Refused: it is none of these, or the time lies before the notice or in the future. Conflict: something was
            recorded of that same moment. NotFound, NotAllowed: as of `open_case`.
    """
    found = _referral(actor, referral)
    if seen not in SEEN:
        raise Refused.value(seen, "is nothing that can be seen", field="seen", expected=", ".join(SEEN))
    at = _past(at, timezone.now(), earliest=found.sent, field="at")
    try:
        with transaction.atomic():
            Observation.objects.create(referral=found, at=at, seen=seen, by_id=actor.id)
    except IntegrityError as error:
        raise Conflict(f"{found} has an observation of that moment", expected="one observation at a time") from error
    record_event(kind="referral.observed", subject=str(found), details={"seen": seen, "by": actor.id})


@transaction.atomic
def settle(*, actor: Actor, referral: int, outcome: str) -> None:
    """Record what came of a referral, a code of the variable `outcome`; what was recorded before gives way.

    Raises:
        Refused: it is no outcome. NotFound, NotAllowed: as of `open_case`.
    """
    found = _referral(actor, referral)
    _check_outcome(outcome, closes=True)
    found.outcome, found.settled = outcome, timezone.now()
    found.save(update_fields=["outcome", "settled"])
    record_event(kind="referral.settled", subject=str(found), details={"outcome": outcome, "by": actor.id})


# --- parts


def _case(actor: Actor, case: int) -> Case:
    """The case, kept as it is until the transaction ends."""
    found = Case.objects.select_for_update().filter(pk=case).first()
    if found is None or not rules.may_see_cases(actor, found.organisation_id):
        raise NotFound(f"there is no case {case}")
    allow(rules.may_work_cases(actor, found.organisation_id), actor, f"work on {found}", expected=WORK)
    return found


def _referral(actor: Actor, referral: int) -> Referral:
    found = Referral.objects.select_for_update().filter(pk=referral).first()
    if found is None or not rules.may_see_cases(actor, found.organisation_id):
        raise NotFound(f"there is no referral {referral}")
    allow(rules.may_work_cases(actor, found.organisation_id), actor, f"work on {found}", expected=WORK)
    return found


def _body(actor: Actor, body: int) -> Body:
    found = Body.objects.filter(pk=body).first()
    if found is None or not rules.may_see_cases(actor, found.organisation_id):
        raise NotFound(f"there is no body {body}")
    return found


def _moved(case: Case, actor: Actor, to: str, reason: str, outcome: str) -> None:
    now, before = timezone.now(), case.status
    case.status, case.outcome, case.version, case.changed = to, outcome, case.version + 1, now
    case.closed = now if to == course().last else None
    case.save(update_fields=["status", "outcome", "version", "changed", "closed"])
    Change.objects.create(
        case=case, number=case.version, before=before, after=to, reason=reason, by_id=actor.id, at=now
    )
    if leases.place(case.report_id, lock=True).status != "withdrawn":
        set_status(report=case.report_id, status=to)
    leases.again(after=BEFORE_SCHEDULED, reports=[case.report_id])
    details = {"before": before, "after": to, "reason": reason, "outcome": outcome, "by": actor.id}
    record_event(kind="case.moved", subject=str(case), details=details)


def _check_outcome(outcome: str, *, closes: bool) -> None:
    known = [item.id for item in catalogue().variable("outcome").items]
    if closes and outcome not in known:
        raise Refused.value(outcome, "is no outcome", field="outcome", expected=", ".join(known))
    if outcome and not closes:
        raise Refused("an outcome is of a case that is closed", expected="none here")


def _past(at: datetime | None, now: datetime, *, earliest: datetime, field: str) -> datetime:
    """The time, now where none is given.

    Raises:
        Refused: it lies before `earliest` or in the future.
    """
    if at is None:
        return now
    if not earliest <= at <= now:
        raise Refused.value(
            at.isoformat(timespec="minutes"), "cannot be", field=field,
            expected=f"from {earliest.isoformat(timespec='minutes')} to now",
        )  # fmt: skip
    return at
