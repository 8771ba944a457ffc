"""The queue: what waits on a desk, most urgent first, read by place so that its length does not matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from cop.kernel.errors import NotFound
from cop.vault.coding.models import AuditDraw, Coding
from cop.vault.coding.ordering import place, urgency_of
from cop.vault.coding.rules import may_code
from cop.vault.coding.schemas import State
from cop.vault.members.rules import Actor

COUNTED = 1000
"""Waiting records are counted up to this; more is `more`."""
PAGE = 25


@dataclass(frozen=True, slots=True)
class Step:
    """Where a page of the queue begins: after this record."""

    place: int
    received: datetime
    report: int


@dataclass(frozen=True, slots=True)
class Row:
    """A waiting record. `code` is what the coder said; None where the record is to be coded blind."""

    report: int
    urgency: int | None
    received: datetime
    language: str
    information: float
    code: str | None
    probability: float | None
    held: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, and where the next one begins (None: there is no next)."""

    rows: tuple[Row, ...]
    after: Step | None


def queue_of(
    *, actor: Actor, organisation: int, state: State = "queued", after: Step | None = None, size: int = PAGE
) -> Queue:
    """A page of what waits on a desk in a state.

    Raises:
        NotFound: the desk is not one where the actor codes.
    """
    inside(actor, organisation)
    waiting = Coding.objects.filter(organisation=organisation, state=state)
    if after is not None:
        # the first condition alone is what the index can seek; the rest parts those of the same place
        waiting = waiting.filter(
            Q(place__gt=after.place)
            | Q(received__gt=after.received)
            | Q(received=after.received, report__gt=after.report),
            place__gte=after.place,
        )
    found = list(
        waiting.order_by("place", "received", "report").values(
            "report", "place", "received", "language", "information", "proposed", "probability", "holder", "held_until"
        )[: size + 1]
    )
    blind = set(
        AuditDraw.objects.filter(report__in=[f["report"] for f in found], state__in=["first", "second"]).values_list(
            "report", flat=True
        )
    )
    now = timezone.now()
    rows = tuple(_row(f, f["report"] in blind, actor, now) for f in found[:size])
    last = found[size - 1] if len(found) > size else None
    return Queue(rows, Step(last["place"], last["received"], last["report"]) if last else None)


def _row(f: Mapping[str, object], blind: bool, actor: Actor, now: datetime) -> Row:
    held = f["held_until"] is not None and f["held_until"] > now  # type: ignore[operator]
    return Row(
        report=f["report"],  # type: ignore[arg-type]
        urgency=None if blind else urgency_of(f["place"]),  # type: ignore[arg-type]
        received=f["received"],  # type: ignore[arg-type]
        language=f["language"],  # type: ignore[arg-type]
        information=f["information"],  # type: ignore[arg-type]
        code=None if blind else f["proposed"],  # type: ignore[arg-type]
        probability=None if blind else f["probability"],  # type: ignore[arg-type]
        held=bool(held) and f["holder"] != actor.id,
        mine=bool(held) and f["holder"] == actor.id,
    )


def waiting_of(*, actor: Actor, organisation: int) -> dict[str, int]:
    """How much waits, each up to `COUNTED`.

    By urgency (`1`, `2`, `3`, `none`); `audit` for the actor to code blind; `escalated` and `adjudicating` for
    reviewers.

    Raises:
        NotFound: the desk is not one where the actor codes.
    """
    inside(actor, organisation)
    records = Coding.objects.filter(organisation=organisation)
    counts: dict[str, int] = {}
    for urgency in (1, 2, 3, None):
        top = place(urgency, 0)
        some = records.filter(state="queued", place__gt=top - 1_000_000, place__lte=top)
        counts[str(urgency or "none")] = some[:COUNTED].count()
    draws = AuditDraw.objects.filter(organisation=organisation)
    first = draws.filter(state="first")[:COUNTED].count()
    second = draws.filter(state="second").exclude(first__by=actor.id)[:COUNTED].count()
    counts["audit"] = min(COUNTED, first + second)
    for state in ("escalated", "adjudicating"):
        counts[state] = records.filter(state=state)[:COUNTED].count()
    return counts


def inside(actor: Actor, organisation: int) -> None:
    """Refuse to say anything of a desk where the actor does not code.

    Raises:
        NotFound: so that nothing is told of whether there is such a desk.
    """
    if not may_code(actor, organisation):
        raise NotFound("there is no such desk", expected="one where you code")
