"""How the work goes: one's own day, the team's weeks, what waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from cop.kernel.errors import NotFound
from cop.vault.coding.models import Coding, Day, Decision
from cop.vault.coding.operations.opening import break_due
from cop.vault.coding.ordering import place
from cop.vault.coding.queries.queue import COUNTED
from cop.vault.coding.rules import LIMITS, Limits, may_watch
from cop.vault.members.rules import Actor

DAYS = 14
"""How far back progress looks."""


@dataclass(frozen=True, slots=True)
class OwnProgress:
    """A person's day and the fortnight before: records opened today of the cap, decisions by day and kind."""

    opened: int
    cap: int
    break_due: bool
    days: Mapping[str, int]
    kinds: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Worker:
    """What one person did in the time: decisions, of them changes to what the coder said, and seconds per decision."""

    name: str
    decisions: int
    changed: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits on a desk, each number up to `COUNTED`, and since when the oldest does."""

    by_urgency: Mapping[str, int]
    by_state: Mapping[str, int]
    oldest: datetime | None


def own_progress(*, actor: Actor, limits: Limits = LIMITS) -> OwnProgress:
    """The actor's own progress."""
    now = timezone.now()
    day = Day.objects.filter(person=actor.id, date=now.date()).first()
    mine = Decision.objects.filter(by=actor.id, at__gte=now - timedelta(days=DAYS))
    days = mine.annotate(day=TruncDate("at")).values("day").annotate(n=Count("pk")).order_by("-day")
    kinds = mine.values("kind").annotate(n=Count("pk")).order_by("kind")
    return OwnProgress(
        opened=day.opened if day else 0,
        cap=limits.daily_cap,
        break_due=day is not None and break_due(day.since_break, day.rested, now, limits),
        days={str(row["day"]): row["n"] for row in days},
        kinds={row["kind"]: row["n"] for row in kinds},
    )


def team_of(*, actor: Actor, organisation: int) -> tuple[Worker, ...]:
    """What each person of a desk did in the last fortnight, in order of name.

    Raises:
        NotFound: the actor may not watch that desk.
    """
    _watched(actor, organisation)
    done = Decision.objects.filter(organisation=organisation, at__gte=timezone.now() - timedelta(days=DAYS))
    rows = done.values("by", "by__name", "kind").annotate(n=Count("pk"), seconds=Sum("seconds"))
    found: dict[int, Worker] = {}
    for row in rows.order_by("by__name", "by"):
        before = found.get(row["by"], Worker(row["by__name"], 0, 0, 0))
        changed = before.changed + (row["n"] if row["kind"] == "change" else 0)
        found[row["by"]] = Worker(
            before.name, before.decisions + row["n"], changed, before.seconds + (row["seconds"] or 0)
        )
    return tuple(Worker(w.name, w.decisions, w.changed, round(w.seconds / w.decisions)) for w in found.values())


def backlog_of(*, actor: Actor, organisation: int) -> Backlog:
    """What waits on a desk.

    Raises:
        NotFound: the actor may not watch that desk.
    """
    _watched(actor, organisation)
    records = Coding.objects.filter(organisation=organisation)
    by_urgency: dict[str, int] = {}
    for urgency in (1, 2, 3, None):
        top = place(urgency, 0)
        some = records.filter(state="queued", place__gt=top - 1_000_000, place__lte=top)
        by_urgency[str(urgency or "none")] = some[:COUNTED].count()
    by_state = {s: records.filter(state=s)[:COUNTED].count() for s in ("escalated", "adjudicating", "cannot_code")}
    oldest = records.filter(state="queued").order_by("received").values_list("received", flat=True).first()
    return Backlog(by_urgency, by_state, oldest)


def _watched(actor: Actor, organisation: int) -> None:
    if not may_watch(actor, organisation):
        raise NotFound("there is no such desk", expected="one whose work you may follow")


def desks_of(*, actor: Actor) -> tuple[int, ...]:
    """The organisations whose work the actor may follow, by number: one's own; for auditors all that have records."""
    if not actor.anywhere("auditor"):
        return tuple(sorted(actor.organisations("analyst", "reviewer")))
    found: list[int] = []
    while True:  # a step in the index per organisation, instead of a look at every record
        later = Coding.objects.filter(organisation__gt=found[-1] if found else 0).order_by("organisation")
        following = later.values_list("organisation", flat=True).first()
        if following is None:
            return tuple(found)
        found.append(following)
