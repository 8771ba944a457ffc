"""Records in a person's hands: opened, kept from others for a while, put back; and the person's own limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cop.kernel.errors import Conflict, NotFound, TooMuch
from cop.vault.coding.models import AuditDraw, Coding, Day
from cop.vault.coding.rules import LIMITS, Limits, may_code
from cop.vault.members.rules import Actor, allow
from cop.vault.registers.operations import record_event

_LOOKED_AT = 50
"""Records of the audit sample that are looked at for one that nobody has in hand: more than people at one desk."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A record in a person's hands: its version then, and how the person's day stands."""

    report: int
    version: int
    opened_today: int
    break_due: bool


@transaction.atomic
def take_next(*, actor: Actor, organisation: int, audit: bool = False, limits: Limits = LIMITS) -> Opened | None:
    """Open the first record of the queue that nobody has in hand; None when nothing waits.

    With `audit`, the oldest of the audit sample that the person may code and did not code yet.

    Raises:
        NotAllowed: the actor does not code there. TooMuch: the day's cap is reached.
    """
    _check(actor, organisation)
    report = _drawn(actor, organisation) if audit else _queued(actor, organisation)
    return None if report is None else open_record(actor=actor, report=report, limits=limits)


@transaction.atomic
def open_record(*, actor: Actor, report: int, limits: Limits = LIMITS) -> Opened:
    """Take a record in hand: for some minutes nobody else can open it. Opening it again prolongs that, uncounted.

    Effects: the hold; one more on the person's day; an event `coding.opened` where it was not in hand already.

    Raises:
        NotFound: no such record on a desk of the actor's. NotAllowed: the actor only watches there.
        Conflict: somebody else has it in hand. TooMuch: the day's cap is reached.
    """
    coding = locked(actor, report)
    now = timezone.now()
    held = coding.holder_id is not None and coding.held_until is not None and coding.held_until > now
    if held and coding.holder_id != actor.id:
        raise Conflict("somebody else has this record open", expected="the next record of the queue")
    day = _day(actor, now)
    if not held:
        if day.opened >= limits.daily_cap:
            raise TooMuch(
                f"that is {day.opened} records today, and enough",
                expected="a fresh start tomorrow: the queue will wait",
            )
        coding.held_since = now
        day.opened += 1
        day.since_break += 1
        day.save(update_fields=["opened", "since_break"])
        record_event(kind="coding.opened", subject=f"report {report}", details={"by": actor.id})
    coding.holder_id = actor.id
    coding.held_until = now + timedelta(minutes=limits.hold_minutes)
    coding.save(update_fields=["holder", "held_since", "held_until"])
    return Opened(report, coding.version, day.opened, break_due(day.since_break, day.rested, now, limits))


@transaction.atomic
def put_back(*, actor: Actor, report: int) -> None:
    """Lay a record back undecided, for whoever comes next."""
    coding = locked(actor, report)
    if coding.holder_id == actor.id:
        let_go(coding)
        coding.save(update_fields=["holder", "held_since", "held_until"])


@transaction.atomic
def take_break(*, actor: Actor) -> None:
    """The person rested: what is counted towards the next break begins anew.

    Raises:
        NotAllowed: the actor codes nowhere.
    """
    allow(actor.anywhere("analyst", "reviewer"), actor, "take a break here", expected="an analyst or reviewer")
    now = timezone.now()
    day = _day(actor, now)
    day.since_break, day.rested = 0, now
    day.save(update_fields=["since_break", "rested"])


def break_due(since: int, rested: datetime, now: datetime, limits: Limits) -> bool:
    """Whether a break is to be proposed: after so many records, or so long with any."""
    long = now - rested >= timedelta(minutes=limits.break_after_minutes)
    return since >= limits.break_after_records or (since > 1 and long)


def let_go(coding: Coding) -> None:
    """Nobody has it in hand."""
    coding.holder_id = coding.held_since = coding.held_until = None


def locked(actor: Actor, report: int) -> Coding:
    """The record, kept from other transactions, where the actor codes.

    Raises:
        NotFound: there is none on a desk of the actor's. NotAllowed: the actor only watches there.
    """
    coding = Coding.objects.select_for_update().filter(report=report).first()
    if coding is None or coding.organisation_id not in actor.organisations():
        raise NotFound(f"there is no record {report}", expected="a record of your own desk")
    _check(actor, coding.organisation_id)
    return coding


def free(now: datetime, actor: Actor) -> Q:
    """Records that the actor could take in hand now."""
    return Q(holder=None) | Q(held_until__lte=now) | Q(holder=actor.id)


def _check(actor: Actor, organisation: int | None) -> None:
    allow(
        may_code(actor, organisation), actor, "code records here", expected="an analyst or reviewer of the organisation"
    )


def _queued(actor: Actor, organisation: int) -> int | None:
    waiting = Coding.objects.filter(free(timezone.now(), actor), organisation=organisation, state="queued")
    return _first(waiting.order_by("place", "received", "report"))


def _drawn(actor: Actor, organisation: int) -> int | None:
    """Pairs are finished before new ones are begun."""
    draws = AuditDraw.objects.filter(organisation=organisation).order_by("drawn", "report")
    for some in (draws.filter(state="second").exclude(first__by=actor.id), draws.filter(state="first")):
        oldest = list(some.values_list("report", flat=True)[:_LOOKED_AT])
        loose = Coding.objects.filter(free(timezone.now(), actor), report__in=oldest)
        at_hand = set(loose.values_list("report", flat=True))
        for report in oldest:
            if report in at_hand:
                return report
    return None


def _first(waiting: QuerySet[Coding]) -> int | None:
    if connection.features.has_select_for_update_skip_locked:
        waiting = waiting.select_for_update(skip_locked=True)
    return waiting.values_list("report", flat=True).first()


def _day(actor: Actor, now: datetime) -> Day:
    today = Day.objects.select_for_update().filter(person=actor.id, date=now.date())
    found = today.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Day.objects.create(person_id=actor.id, date=now.date(), rested=now)
    except IntegrityError:
        return today.get()  # another of the person's windows was first
