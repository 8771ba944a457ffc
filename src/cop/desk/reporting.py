"""The public form: what anybody may report, without an account, a name, a file or a script.

What is typed lives in the request alone: it is shown again to be mended or read through, and stored by the vault or not
at all. The answer to a sent form is its receipt, shown once and in no address.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cop.desk.middleware import STATUS, DeskRequest
from cop.desk.reporting_guard import count_report, new_note, number_of, public_page
from cop.desk.reporting_words import choices, fault_of
from cop.kernel.errors import Conflict, CopError, NotFound, Refused, Unavailable, Where
from cop.vault.members.queries import organisation
from cop.vault.members.rules import ANONYMOUS
from cop.vault.reports.operations import Accepted, accept
from cop.vault.reports.queries import preview
from cop.vault.reports.receipts import shown_receipt
from cop.vault.reports.schemas import NARRATIVE_LIMIT
from cop.vault.reports.submission import Submission, latest_today, without_marks
from cop.vault.reports.variables import UNKNOWN

FIELDS: Final = ("narrative", "when", "when_unknown", "where", "address", "age", "sex", "country", "who", "danger")


@require_safe
def door(request: DeskRequest) -> HttpResponse:
    """To the form in the language that the browser asks for."""
    return HttpResponseRedirect(f"/report/{request.LANGUAGE_CODE}/")


@require_safe
@public_page
def leave(request: DeskRequest, *, language: str) -> HttpResponse:
    """Away from here at once, to a page on which anybody may be."""
    return HttpResponseRedirect(f"https://{language}.wikipedia.org/")


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def form(request: DeskRequest, *, language: str) -> HttpResponse:
    """The form; what it holds read through before it is sent; its receipt."""
    if request.method != "POST":
        return _form(request, language, {}, "")
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    number = number_of(request.POST.get("note", ""))
    if number is None:
        return _form(request, language, typed, "again", status=403)
    try:
        return _answer(request, language, typed, number)
    except Refused as error:
        return _form(request, language, typed, "", error=error, status=422)
    except CopError as error:
        return _form(request, language, typed, error.title, status=int(STATUS[type(error)]))


def _answer(request: HttpRequest, language: str, typed: dict[str, str], number: str) -> HttpResponse:
    """What the button asked for: back to the form, the report to be read through, or its receipt."""
    if request.POST.get("do") == "change":
        return _form(request, language, typed, "")
    submission = _submission(typed, language, number)
    if request.POST.get("do") == "read":
        return _page(request, "report/preview.html", {"shown": _shown(preview(submission), language)}, typed)
    count_report(request)
    receipt = shown_receipt(_accept(submission).receipt)
    return render(request, "report/receipt.html", {"receipt": receipt, "page": "report_form"})


def _accept(submission: Submission) -> Accepted:
    try:
        return accept(actor=ANONYMOUS, submission=submission)
    except Conflict:  # the form was sent, then changed and sent again: that is another report
        number = number_of(new_note()) or ""
        again = {name: getattr(submission, name) for name in Submission.__slots__} | {"key": number}
        return accept(actor=ANONYMOUS, submission=Submission(**again))


def _submission(typed: dict[str, str], language: str, number: str) -> Submission:
    """What was typed as the vault takes it.

    Raises:
        Refused: a field will not do. Unavailable: nobody takes reports here.
    """
    address = typed["address"].strip()
    variables = {
        "event_date": UNKNOWN if typed["when_unknown"] else _day(typed["when"]),
        "platform_type": typed["where"],
        "age_band": typed["age"],
        "sex": typed["sex"],
        "country_of_child": typed["country"],
        "reporter": typed["who"],
        "at_risk": typed["danger"],
    }
    return Submission(
        organisation=reports_to(),
        origin="form",
        narrative=without_marks(typed["narrative"]),
        date=timezone.now().date(),
        address=f"https://{address}" if address and "://" not in address else address,
        variables={name: value for name, value in variables.items() if value},
        language=language,
        key=number,
    )


def reports_to() -> int:
    """The number of the organisation that reads what the public form takes.

    Raises:
        Unavailable: nobody takes reports here.
    """
    slug = settings.DESK.reports_to
    try:
        found = organisation(slug) if slug else None
    except NotFound:
        found = None
    if found is None or not found.active:
        raise Unavailable("no organisation takes reports here", expected="reports_to under [desk]")
    return int(found.pk)


def _day(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not date(1990, 1, 1) <= day <= latest_today():
        raise Refused("is not a day that has been", where=Where(field="when"), expected="YYYY-MM-DD")
    return day.isoformat()


def _form(
    request: HttpRequest,
    language: str,
    typed: dict[str, str],
    trouble: str,
    *,
    error: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form with what was typed, and what must be mended or why it could not be sent."""
    field, words = fault_of(error) if error else ("", "")
    open_ = bool(settings.DESK.reports_to)
    facts: dict[str, Any] = {"trouble": trouble, "fault": field, "fault_words": words}
    facts |= {"limit": NARRATIVE_LIMIT, "open": open_}
    facts |= {"questions": _questions(language, typed), "latest": latest_today()}
    return _page(request, "report/form.html", facts, typed, status=status)


def _page(
    request: HttpRequest, template: str, facts: dict[str, Any], typed: dict[str, str], *, status: int = 200
) -> HttpResponse:
    return render(
        request, template, {**facts, "typed": typed, "note": new_note(), "page": "report_form"}, status=status
    )


def _questions(language: str, typed: dict[str, str]) -> dict[str, list[tuple[str, Any, bool]]]:
    """Every question's answers, the one that was chosen marked."""
    return {
        name: [(value, words, value == typed.get(name, "")) for value, words in answers]
        for name, answers in choices(language).items()
    }


def _shown(given: Submission, language: str) -> dict[str, Any]:
    """What would be stored, in the words of the form."""
    said = {name: dict(answers) for name, answers in choices(language).items()}
    names = {"where": "platform_type", "age": "age_band", "sex": "sex", "country": "country_of_child"}
    names |= {"who": "reporter", "danger": "at_risk"}
    values = {name: given.variables.get(variable, "") for name, variable in names.items()}
    plain = {name: value[0] if isinstance(value, list) else value for name, value in values.items()}
    shown: dict[str, Any] = {name: said[name].get(str(value), "") for name, value in plain.items()}
    return {
        **shown,
        "narrative": given.narrative,
        "address": given.address,
        "when": given.variables.get("event_date", ""),
    }
