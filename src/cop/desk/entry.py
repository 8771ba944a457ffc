"""The room of reports: the list, one report with what was exchanged about it, and entry of what came by other ways."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cop.desk.middleware import STATUS, DeskRequest
from cop.desk.reporting_words import Choices, countries
from cop.desk.unlocking import private_key_of
from cop.kernel.errors import Conflict, CopError, NotAllowed, NotFound, Refused
from cop.kernel.languages import pick
from cop.vault.members.keys import open_office
from cop.vault.members.queries import names
from cop.vault.members.rules import DESK_ROLES
from cop.vault.reports import operations, queries
from cop.vault.reports.receipts import shown_receipt
from cop.vault.reports.rules import may_read, may_submit, may_write
from cop.vault.reports.schemas import NARRATIVE_LIMIT, STATUSES
from cop.vault.reports.submission import ADDRESS_LIMIT, NOTE_LIMIT, REF_LIMIT, Submission, without_marks
from cop.vault.reports.variables import UNKNOWN, catalogue

WORDS: Final[dict[str, str | Promise]] = {
    "received": _("received"),
    "assessed": _("assessed"),
    "actioned": _("actioned"),
    "referred": _("referred"),
    "closed": _("closed"),
    "withdrawn": _("withdrawn"),
    "form": _("public form"),
    "api": _("partner's program"),
    "desk": _("entered at the desk"),
    "file": _("file"),
    "question": _("Our question"),
    "answer": _("The reporter's answer"),
    "facts": _("The reporter added"),
}
_ASKED: Final = (
    "channel_of_report", "reporter", "at_risk", "age_band", "sex", "country_of_child", "relation", "platform_type",
    "genai",
)  # fmt: skip


class Entry(forms.Form):
    """A report that came by telephone, letter, mail or another hotline."""

    narrative = forms.CharField(
        label=_("What happened"), max_length=NARRATIVE_LIMIT, widget=forms.Textarea(attrs={"rows": 10, "dir": "auto"})
    )
    date = forms.DateField(
        label=_("Day on which it was received"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    event_date = forms.CharField(
        label=_("Day on which it happened"),
        max_length=10,
        required=False,
        help_text=_("YYYY-MM-DD, or only YYYY-MM or YYYY; _U for unknown; empty for not recorded."),
    )
    address = forms.CharField(
        label=_("Address of what was seen"),
        max_length=ADDRESS_LIMIT,
        required=False,
        help_text=_("It is sealed with the text."),
        widget=forms.TextInput(attrs={"dir": "ltr", "spellcheck": "false"}),
    )
    ref = forms.CharField(
        label=_("Your own number of the report"),
        max_length=REF_LIMIT,
        required=False,
        help_text=_("No name and no address: it stays readable."),
    )
    count_unit = forms.ChoiceField(label=_("One record stands for"))
    organisation = forms.ChoiceField(label=_("Organisation"))

    def __init__(self, *args: Any, language: str, offices: list[tuple[int, str]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["organisation"].choices = offices
        if len(offices) == 1:
            fields["organisation"].widget = forms.HiddenInput()
            fields["organisation"].initial = offices[0][0]
        fields["count_unit"].choices = _named("count_unit", language)[2:]
        for name in _ASKED:
            variable = catalogue().variable(name)
            told = pick(variable.name, language)
            fields[name] = forms.ChoiceField(
                label=told[:1].upper() + told[1:], choices=_named(name, language), required=False
            )


def _named(variable: str, language: str) -> Choices:
    found = catalogue().variable(variable)
    missing: Choices = [("", _("not recorded")), (UNKNOWN, _("unknown"))]
    if variable == "country_of_child":
        return [*missing, *countries(language)]
    return [*missing, *((item.id, pick(item.name, language)) for item in found.items)]


@require_safe
def reports(request: DeskRequest) -> HttpResponse:
    """Reports of the organisations in which the person works, newest first."""
    offices = _offices(request)
    office = _number(request.GET.get("organisation", "")) or next(iter(offices), 0)
    if office not in offices:
        raise NotFound("there is no such organisation")
    status, news = request.GET.get("status", ""), request.GET.get("news") == "1"
    before = _number(request.GET.get("before", ""))
    rows = queries.listed(request.actor, office, status=status, news=news, before=before, limit=queries.PAGE + 1)
    page = rows[: queries.PAGE]
    facts = {
        "rows": [(r, WORDS[r.origin], WORDS[r.status]) for r in page],
        "more": page[-1].id if len(rows) > queries.PAGE else None,
        "offices": [(n, name, n == office) for n, name in offices.items()],
        "office": office,
        "counts": _counts(request, office),
        "statuses": [(s, WORDS[s], s == status) for s in STATUSES],
        "status": status,
        "news": news,
        "may_enter": may_submit(request.actor, "desk", office),
    }
    return render(request, "desk/reports.html", facts)


def _counts(request: DeskRequest, office: int) -> list[tuple[str | Promise, int, bool]]:
    counted = queries.counts_by_status(request.actor, office)
    return [(WORDS[status], number, number == queries.COUNTED_TO) for status, number in counted.items()]


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Enter a report; the answer is its receipt, for the reporter, shown once."""
    offices = [(n, name) for n, name in _offices(request).items() if may_submit(request.actor, "desk", n)]
    if not offices:
        raise NotAllowed("only analysts and reviewers enter reports", expected="an analyst or reviewer")
    given = request.POST if request.method == "POST" else None
    form = Entry(given, language=request.LANGUAGE_CODE, offices=offices, initial={"date": timezone.now().date()})
    status = 200
    if given is not None:
        status = int(STATUS[Refused])
        if form.is_valid():
            try:
                done = operations.accept(actor=request.actor, submission=_submission(form.cleaned_data))
                facts = {"receipt": shown_receipt(done.receipt), "number": done.id}
                return render(request, "desk/report_entered.html", facts)
            except Refused as error:
                field = ((error.where.field if error.where else None) or "").removeprefix("variables.")
                words = f"{error.problem} (expected {error.expected})"
                form.add_error(field if field in form.fields else None, words)
    return render(request, "desk/report_new.html", {"form": form}, status=status)


def _submission(said: dict[str, Any]) -> Submission:
    variables = {name: said[name] for name in (*_ASKED, "event_date") if said[name]}
    return Submission(
        organisation=int(said["organisation"]),
        origin="desk",
        narrative=without_marks(said["narrative"]),
        date=said["date"],
        address=said["address"],
        ref=said["ref"],
        count_unit=said["count_unit"],
        variables=variables,
    )


@require_safe
def report(request: DeskRequest, number: int) -> HttpResponse:
    """One report's facts, and what was exchanged with the reporter where the person holds the key and has it open."""
    return _report(request, number)


@sensitive_post_parameters()
@require_POST
def ask(request: DeskRequest, number: int) -> HttpResponse:
    """Ask the reporter something."""
    text = request.POST.get("text", "")
    try:
        operations.ask(actor=request.actor, report=number, text=without_marks(text))
    except (Refused, Conflict) as error:
        return _report(request, number, fault=error, text=text)
    return redirect("report", number=number)


@require_POST
def read(request: DeskRequest, number: int) -> HttpResponse:
    """What the reporter added is read."""
    operations.mark_read(actor=request.actor, report=number)
    return redirect("report", number=number)


def _report(request: DeskRequest, number: int, *, fault: CopError | None = None, text: str = "") -> HttpResponse:
    found = queries.facts(request.actor, number)
    reads = may_read(request.actor, found.organisation)
    private = private_key_of(request) if reads else None
    facts: dict[str, Any] = {
        "found": found,
        "origin": WORDS[found.origin],
        "status_words": WORDS[found.status],
        "variables": _told(found.variables, request.LANGUAGE_CODE),
        "reads": reads,
        "open": private is not None,
        "exchanged": [],
        "may_ask": may_write(request.actor, found.organisation) and found.has_receipt and found.status != "withdrawn",
        "fault": fault,
        "text": text,
        "limit": NOTE_LIMIT,
    }
    if reads:
        sealed = queries.exchanges(request.actor, number)
        office = private and open_office(actor=request.actor, organisation=found.organisation or 0, private=private)
        facts["exchanged"] = [(WORDS[e.kind], e.at, office.open(e.sealed) if office else "") for e in sealed]
    return render(request, "desk/report.html", facts, status=int(STATUS[type(fault)]) if fault else 200)


def _told(variables: dict[str, Any], language: str) -> list[tuple[str, str]]:
    """Names and values of variables, in the catalogue's words."""
    told = []
    for name, value in variables.items():
        variable = catalogue().variable(name)
        words = {item.id: pick(item.name, language) for item in variable.items} | {UNKNOWN: str(_("unknown"))}
        values = value if isinstance(value, list) else [value]
        told.append((pick(variable.name, language), ", ".join(words.get(str(one), str(one)) for one in values)))
    return told


def _offices(request: DeskRequest) -> dict[int, str]:
    found = names(request.actor.organisations(*DESK_ROLES))
    return dict(sorted(found.items(), key=lambda o: o[1]))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
