"""What waits for reviewers: disagreements, and records that were passed on."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cop.desk.middleware import DeskRequest
from cop.desk.queue import desk_of
from cop.desk.record_classes import name_of
from cop.vault.coding import queries


@require_safe
def disagreements(request: DeskRequest) -> HttpResponse:
    """The lists of a reviewer."""
    actor, desk, language = request.actor, desk_of(request), request.LANGUAGE_CODE
    facts: dict[str, object] = {"desk": desk, "reviewer": actor.holds(desk, "reviewer")}
    if facts["reviewer"]:
        found = queries.disputes(actor=actor, organisation=desk)
        passed = queries.queue_of(actor=actor, organisation=desk, state="escalated")
        facts["disputes"] = [
            {"facts": d, "first": name_of(d.first, language), "second": name_of(d.second, language)} for d in found
        ]
        facts["escalated"] = [
            {"facts": row, "name": name_of(row.code, language) if row.code else ""} for row in passed.rows
        ]
    return render(request, "desk/adjudication.html", facts)
