"""The queue: what waits, and the way to the next record."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cop.desk.middleware import DeskRequest
from cop.desk.record_words import URGENCIES
from cop.kernel.errors import NotFound, Refused, TooMuch
from cop.kernel.languages import pick
from cop.vault.coding import operations, queries
from cop.vault.coding.queries import Row, Step
from cop.vault.coding.schemas import scheme
from cop.vault.members.queries import names


@require_safe
def queue(request: DeskRequest) -> HttpResponse:
    """What waits on one desk, most urgent first."""
    actor, desk = request.actor, desk_of(request)
    page = queries.queue_of(actor=actor, organisation=desk, after=_after(request))
    counts = queries.waiting_of(actor=actor, organisation=desk)
    facts = {
        "desk": desk,
        "desks": names(actor.organisations("analyst", "reviewer")),
        "rows": [_row(row, request.LANGUAGE_CODE) for row in page.rows],
        "older": _link(desk, page.after),
        "first": "after" not in request.GET,
        "waiting": [(URGENCIES[key], _counted(counts[key])) for key in URGENCIES],
        "any": any(counts[key] for key in URGENCIES),
        "audit": _counted(counts["audit"]),
        "escalated": _counted(counts["escalated"]),
        "disputed": _counted(counts["adjudicating"]),
        "reviewer": actor.holds(desk, "reviewer"),
        "day": queries.own_progress(actor=actor, limits=settings.CODING.limits),
    }
    return render(request, "desk/queue.html", facts)


@require_POST
def take(request: DeskRequest) -> HttpResponse:
    """Open the next record: of the queue, or of those to be coded blind."""
    return go_on(request, desk_of(request), audit=request.POST.get("audit") == "1")


@require_POST
def rest(request: DeskRequest) -> HttpResponse:
    """The break is over."""
    operations.take_break(actor=request.actor)
    messages.success(request, _("Welcome back."))
    return redirect("queue")


def go_on(request: DeskRequest, desk: int, *, audit: bool = False) -> HttpResponse:
    """To the next record; to the queue where nothing waits, a break is due, or the day is done."""
    try:
        opened = operations.take_next(
            actor=request.actor, organisation=desk, audit=audit, limits=settings.CODING.limits
        )
    except TooMuch:
        messages.info(request, _("That is enough for today. The queue will wait for you."))
        return HttpResponseRedirect(f"{reverse('queue')}?{urlencode({'desk': desk})}")
    if opened is None:
        messages.info(request, _("Nothing more waits here that nobody has open."))
        return HttpResponseRedirect(f"{reverse('queue')}?{urlencode({'desk': desk})}")
    if audit:
        return HttpResponseRedirect(f"{reverse('record', args=[opened.report])}?audit=1")
    return redirect("record", opened.report)


def desk_of(request: DeskRequest) -> int:
    """The desk that the address names, else the first one where the person codes.

    Raises:
        NotFound: the person codes nowhere, or not there.
    """
    mine = sorted(request.actor.organisations("analyst", "reviewer"))
    asked = request.POST.get("desk") or request.GET.get("desk") or (str(mine[0]) if mine else "")
    if not asked.isascii() or not asked.isdigit() or int(asked) not in mine:
        raise NotFound("there is no such desk", expected="one where you code")
    return int(asked)


def _counted(number: int) -> str:
    return f"{queries.COUNTED:,}+" if number >= queries.COUNTED else str(number)


def _row(row: Row, language: str) -> dict[str, object]:
    node = scheme().by_code.get(row.code or "")
    return {
        "facts": row,
        "name": pick(node.name, language) if node else "",
        "urgency": URGENCIES[str(row.urgency or "none")],
        "percent": None if row.probability is None else round(100 * row.probability),
    }


def _after(request: DeskRequest) -> Step | None:
    """The place that the address says: `place.microseconds.report`."""
    asked = request.GET.get("after")
    if asked is None:
        return None
    parts = asked.split(".")
    if len(parts) != 3 or not all(p.isascii() and p.isdigit() and len(p) < 19 for p in parts):
        raise Refused("this is no place in the queue", expected="the link of a page")
    place, micros, report = map(int, parts)
    try:
        received = datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
    except (ValueError, OverflowError, OSError) as error:
        raise Refused("this is no place in the queue", expected="the link of a page") from error
    return Step(place, received, report)


def _link(desk: int, step: Step | None) -> str:
    if step is None:
        return ""
    whole = int(step.received.replace(microsecond=0).timestamp()) * 1_000_000 + step.received.microsecond
    return f"?{urlencode({'desk': str(desk), 'after': f'{step.place}.{whole}.{step.report}'})}"
