"""How the work goes: one's own days, the team and what waits, the audit sample and how well people agree."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cop.desk.middleware import DeskRequest
from cop.desk.record_classes import name_of
from cop.desk.record_words import DRAWS, KINDS, STATES, URGENCIES
from cop.kernel.errors import NotFound
from cop.vault.coding import queries
from cop.vault.members.queries import names


@require_safe
def own(request: DeskRequest) -> HttpResponse:
    """My own progress."""
    if not request.actor.anywhere("analyst", "reviewer"):
        raise NotFound("there is no such page")
    day = queries.own_progress(actor=request.actor, limits=settings.CODING.limits)
    kinds = [(KINDS[kind], n) for kind, n in day.kinds.items()]
    return render(request, "desk/progress.html", {"day": day, "kinds": kinds})


@require_safe
def team(request: DeskRequest) -> HttpResponse:
    """What the team did and what waits."""
    facts, desk = _desks(request)
    if desk is not None:
        backlog = queries.backlog_of(actor=request.actor, organisation=desk)
        waiting = [(URGENCIES[key], _counted(n)) for key, n in backlog.by_urgency.items()]
        waiting += [(STATES[key], _counted(n)) for key, n in backlog.by_state.items()]
        people = queries.team_of(actor=request.actor, organisation=desk)
        facts |= {"backlog": backlog, "waiting": waiting, "team": people}
    return render(request, "desk/team.html", facts)


@require_safe
def audit(request: DeskRequest) -> HttpResponse:
    """The audit sample, and agreement by class and language."""
    facts, desk = _desks(request)
    if desk is not None:
        language = request.LANGUAGE_CODE
        sample = queries.sample_of(actor=request.actor, organisation=desk)
        found = queries.agreement_of(actor=request.actor, organisation=desk)
        levels = {"leaf": _("Subclass"), "class": _("Class"), "section": _("Section")}
        facts |= {
            "states": [(DRAWS[state], _counted(n)) for state, n in sample.states.items()],
            "agreement": found,
            "overall": [(levels[a.level], a) for a in found.overall],
            "parts": [
                (_("By section"), "sections", [(f"{x.key} {name_of(x.key, language)}", x) for x in found.sections]),
                (_("By class"), "classes", [(f"{x.key} {name_of(x.key, language)}", x) for x in found.classes]),
                (_("By language"), "languages", [(x.key, x) for x in found.languages]),
            ],
        }
    return render(request, "desk/audit.html", facts)


def _desks(request: DeskRequest) -> tuple[dict[str, object], int | None]:
    """The desks whose work the person may follow, and the one that is asked for (None: there is none yet)."""
    actor = request.actor
    found = queries.desks_of(actor=actor)
    if not found and not actor.anywhere("auditor"):
        raise NotFound("there is no such page")
    asked = request.GET.get("desk", "")
    desk = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else (found[0] if found else None)
    if asked and desk not in found:
        raise NotFound("there is no such desk", expected="one whose work you may follow")
    watcher = not actor.anywhere("analyst", "reviewer")
    return {"desk": desk, "desks": names(found), "watcher": watcher}, desk


def _counted(number: int) -> str:
    return f"{queries.COUNTED:,}+" if number >= queries.COUNTED else str(number)
