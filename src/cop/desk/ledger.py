"""The ledger for auditors: who did what to which record, and whether anybody changed it afterwards."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cop.desk.middleware import DeskRequest
from cop.vault.members.queries import names_of_people
from cop.vault.members.rules import allow, may_read_ledger
from cop.vault.registers import queries

ON_A_PAGE = 50


class Wanted(forms.Form):
    """Which entries: each by an index, so that no page walks the ledger."""

    kind = forms.CharField(label=_("What was done"), max_length=40, required=False)
    subject = forms.CharField(label=_("To what"), max_length=500, required=False)
    since = forms.DateField(label=_("Since"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    before = forms.IntegerField(min_value=1, max_value=2**62, required=False, widget=forms.HiddenInput)


@require_safe
def ledger(request: DeskRequest) -> HttpResponse:
    """A page of the ledger, the newest first, and what the last verification found."""
    allow(may_read_ledger(request.actor), request.actor, "read the ledger", expected="an auditor")
    form = Wanted(request.GET or None)
    wanted: dict[str, Any] = form.cleaned_data if form.is_bound and form.is_valid() else {}
    since: date | None = wanted.get("since")
    rows = queries.page_of_events(
        kind=wanted.get("kind", ""),
        subject=wanted.get("subject", ""),
        since=since.isoformat() if since else "",
        before=wanted.get("before"),
        limit=ON_A_PAGE + 1,
    )
    shown = rows[:ON_A_PAGE]
    people = names_of_people(n for row in shown if isinstance(n := row.details.get("by"), int))
    facts = {
        "form": form,
        "rows": [(row, _by(row.details, people), _rest(row.details)) for row in shown],
        "older": _older(request, shown[-1].seq) if len(rows) > ON_A_PAGE else "",
        "newest": "before" not in request.GET,
        "head": queries.current_head(),
        "verification": queries.last_verification(),
    }
    return render(request, "desk/ledger.html", facts, status=422 if form.is_bound and not form.is_valid() else 200)


def _by(details: Any, people: dict[int, str]) -> str:  # noqa: ANN401 - JSON
    """Who did it: the person's name, or the program."""
    number = details.get("by")
    return people.get(number, str(number)) if number is not None else str(details.get("program", ""))


def _rest(details: Any) -> list[tuple[str, object]]:  # noqa: ANN401 - JSON
    return [(key, value) for key, value in sorted(details.items()) if key not in {"by", "program"}]


def _older(request: DeskRequest, seq: int) -> str:
    kept = {k: v for k, v in request.GET.items() if k in {"kind", "subject", "since"} and v}
    return urlencode({**kept, "before": seq})
