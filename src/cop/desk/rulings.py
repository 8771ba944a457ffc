"""Rulings: found by words, class or number, and made by reviewers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from cop.desk.middleware import STATUS, DeskRequest
from cop.desk.record_text import told
from cop.desk.unlocking import needs_key
from cop.kernel.errors import Conflict, CopError, NotFound, Refused
from cop.kernel.languages import pick
from cop.vault.coding import operations, queries
from cop.vault.coding.queries import record_of
from cop.vault.coding.rules import may_read_rulings

SHOWN = 50


@require_safe
def rulings(request: DeskRequest) -> HttpResponse:
    """The register, searched."""
    return _page(request)


@require_POST
@needs_key
@sensitive_variables()
def new(request: DeskRequest) -> HttpResponse:
    """Make a ruling; where a record raised the doubt, its text must not stand in it."""
    posted = request.POST
    desk, report = posted.get("desk", ""), posted.get("report", "")
    narrative = ""
    if report:
        record = record_of(actor=request.actor, report=_number(report))
        text = told(request, record) if record.mine else None
        narrative = text.narrative if text else ""
    try:
        number = operations.record_ruling(
            actor=request.actor,
            organisation=_number(desk),
            question=posted.get("question", ""),
            answer=posted.get("answer", ""),
            codes=[c.upper() for c in posted.get("codes", "").replace(",", " ").split()],
            principal=posted.get("principal", "").strip().upper(),
            language=request.LANGUAGE_CODE,
            narrative=narrative,
        )
    except (Refused, Conflict) as error:
        return _page(request, error=error)
    messages.success(request, _("Ruling R%03d is made. It can be cited from now on.") % number)
    if report:
        return HttpResponseRedirect(reverse("record", args=[_number(report)]))
    return HttpResponseRedirect(f"{reverse('rulings')}?words=R{number:03}")


def _page(request: DeskRequest, *, error: CopError | None = None) -> HttpResponse:
    actor, language = request.actor, request.LANGUAGE_CODE
    if not may_read_rulings(actor):
        raise NotFound("there is no such page")
    words = request.GET.get("words", "")[:200]
    found = queries.find_rulings(words, language)[::-1]
    desks = sorted(actor.organisations("reviewer"))
    problem = "" if error is None else _(error.problem)
    facts = {
        "words": words,
        "total": len(found),
        "rulings": [
            {"number": r.number, "question": pick(r.question, language), "answer": pick(r.ruling, language),
             "codes": ", ".join(r.codes), "date": r.date.isoformat()}
            for r in found[:SHOWN]
        ],
        "reviewer": bool(desks),
        "desk": desks[0] if desks else None,
        "watcher": not actor.anywhere("analyst", "reviewer"),
        "posted": request.POST,
        "ruling_error": f"{problem[:1].upper()}{problem[1:]}." if error else "",
    }  # fmt: skip
    return render(request, "desk/rulings.html", facts, status=STATUS.get(type(error), 200) if error else 200)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound("there is no such desk or record")
    return int(text)
