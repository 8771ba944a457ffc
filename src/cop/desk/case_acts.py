"""What is done with a case at the desk: each a form that was sent, each an operation of the vault."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cop.desk.cases import case_page, kinds, number, office_of
from cop.desk.middleware import STATUS, DeskRequest
from cop.desk.unlocking import needs_key, private_key_of
from cop.kernel.errors import Conflict, CopError, NotAllowed, NotFound, Refused, Unavailable
from cop.vault.cases import bodies, expiry, operations, queries, rules
from cop.vault.cases.access import put_access_copy
from cop.vault.cases.handing import hand_over
from cop.vault.members.keys import OfficeOpener, open_office
from cop.vault.members.rules import allow

SEALED = "application/octet-stream"
_Deed = Callable[[], object]


@require_POST
def open_case(request: DeskRequest, report: int) -> HttpResponse:
    """Open the case of a report, and go there."""
    return redirect("case", case=operations.open_case(actor=request.actor, report=report))


@require_POST
def move(request: DeskRequest, case: int) -> HttpResponse:
    """Move a case along its course."""

    def deed() -> None:
        to, _mark, reason = _text(request, "way").partition(" ")
        outcome = _text(request, "outcome") if to == "closed" else ""
        seen = _number(request, "seen")
        operations.move(actor=request.actor, case=case, to=to, reason=reason, seen=seen, outcome=outcome)

    return _done(request, case, "move", deed, _("The case was moved."))


@require_POST
def refer(request: DeskRequest, case: int) -> HttpResponse:
    """Record a referral."""
    queries.case_facts(request.actor, case)

    def deed() -> None:
        body, _mark, kind = _text(request, "body").partition(" ")
        try:
            operations.refer(
                actor=request.actor, case=case, body=number(body) or 0, kind=kind, channel=_text(request, "channel"),
                reason=_text(request, "reason"), seen=_number(request, "seen"), reference=_text(request, "reference"),
                sent=_time(request, "sent"),
            )  # fmt: skip
        except NotFound as error:  # the case is there: it is the body that is not
            raise Refused(error.problem, expected="a body of the list") from error

    return _done(request, case, "refer", deed, _("The referral was recorded."))


@require_POST
def acknowledge(request: DeskRequest, referral: int) -> HttpResponse:
    """Record that the body acknowledged."""
    case = queries.referral_facts(request.actor, referral).case

    def deed() -> None:
        operations.acknowledge(
            actor=request.actor, referral=referral, at=_time(request, "at"), reference=_text(request, "reference")
        )

    return _done(request, case, f"acknowledge-{referral}", deed, _("The acknowledgement was recorded."))


@require_POST
def observe(request: DeskRequest, referral: int) -> HttpResponse:
    """Record what was seen of the content."""
    case = queries.referral_facts(request.actor, referral).case

    def deed() -> None:
        operations.observe(actor=request.actor, referral=referral, seen=_text(request, "seen"), at=_time(request, "at"))

    return _done(request, case, f"observe-{referral}", deed, _("What was seen was recorded."))


@require_POST
def settle(request: DeskRequest, referral: int) -> HttpResponse:
    """Record what came of a referral."""
    case = queries.referral_facts(request.actor, referral).case

    def deed() -> None:
        operations.settle(actor=request.actor, referral=referral, outcome=_text(request, "outcome"))

    return _done(request, case, f"settle-{referral}", deed, _("The outcome was recorded."))


@require_POST
def export(request: DeskRequest, case: int) -> HttpResponse:
    """One case as a sealed file for a body; with its text, the key must be open."""
    queries.case_facts(request.actor, case)  # what is not there is not there, before any key is asked for
    if request.POST.get("narrative"):
        return _export_with_text(request, case)
    return _exported(request, case, None)


@needs_key
def _export_with_text(request: DeskRequest, case: int) -> HttpResponse:
    return _exported(request, case, _opener(request, queries.case_facts(request.actor, case).organisation))


def _exported(request: DeskRequest, case: int, opener: OfficeOpener | None) -> HttpResponse:
    try:
        handed = hand_over(
            actor=request.actor, case=case, body=_number(request, "body"), parts=request.POST.getlist("parts"),
            observatory=settings.OBSERVATORY.observatory.id if settings.OBSERVATORY else "observatory",
            language=_text(request, "language") or request.LANGUAGE_CODE, opener=opener,
        )  # fmt: skip
    except (Refused, Unavailable) as error:
        return case_page(request, case, error=error, form="export")
    response = HttpResponse(handed.sealed, content_type=SEALED)
    response["Content-Disposition"] = f'attachment; filename="{handed.name}"'
    return response


@require_POST
def copy(request: DeskRequest, case: int) -> HttpResponse:
    """Put everything held on the report together for its reporter, sealed to the receipt; the key must be open."""
    found = queries.case_facts(request.actor, case)
    allowed = rules.may_work_cases(request.actor, found.organisation)
    allow(allowed, request.actor, "copy a report", expected=operations.WORK)
    return _copied(request, case)


@needs_key
def _copied(request: DeskRequest, case: int) -> HttpResponse:
    found = queries.case_facts(request.actor, case)

    def deed() -> None:
        put_access_copy(actor=request.actor, report=found.report, opener=_opener(request, found.organisation))

    return _done(request, case, "copy", deed, _("The copy waits for whoever holds the receipt."))


@require_POST
def hold(request: DeskRequest, case: int) -> HttpResponse:
    """Put a legal hold on the report of a case."""
    found = queries.case_facts(request.actor, case)
    allowed = rules.may_hold(request.actor, found.organisation)
    allow(allowed, request.actor, "hold a report", expected=expiry.KEEPERS)

    def deed() -> None:
        expiry.hold(
            actor=request.actor, report=found.report, ground=_text(request, "ground"), until=_day(request, "until"),
            reference=_text(request, "reference"),
        )  # fmt: skip

    return _done(request, case, "hold", deed, _("The report is on hold."))


@require_POST
def lift(request: DeskRequest, case: int, hold: int) -> HttpResponse:
    """Lift a hold."""

    def deed() -> None:
        expiry.lift(actor=request.actor, hold=hold, reason=_text(request, "reason"))

    return _done(request, case, f"lift-{hold}", deed, _("The hold was lifted."))


@require_http_methods(["GET", "HEAD", "POST"])
def body_list(request: DeskRequest) -> HttpResponse:
    """The bodies that an office refers to; a form for one more."""
    return _bodies(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def body(request: DeskRequest, body: int) -> HttpResponse:
    """One body, to be changed."""
    return _bodies(request, body)


def _bodies(request: DeskRequest, body: int | None) -> HttpResponse:
    error: CopError | None = None
    if body is None:
        offices, office = office_of(request)
        chosen = None
    else:
        chosen = queries.body_facts(request.actor, body)
        offices, office = [], chosen.organisation
    if request.method == "POST":
        try:
            _put_body(request, office, body)
        except (Refused, Conflict) as fault:
            error = fault
        else:
            messages.success(request, _("The body was recorded."))
            return redirect(f"{reverse('bodies')}?organisation={office}")
    facts = {
        "rows": queries.bodies(request.actor, office) if body is None else [],
        "chosen": chosen,
        "given": request.POST if error else None,
        "chosen_kinds": request.POST.getlist("kinds") if error else (chosen.kinds if chosen else ()),
        "kinds": kinds(request.LANGUAGE_CODE),
        "offices": offices,
        "office": office,
        "may_keep": rules.may_keep_bodies(request.actor, office),
        "error": error,
    }
    return render(request, "desk/cases_bodies.html", facts, status=STATUS[type(error)] if error else 200)


def _put_body(request: DeskRequest, office: int, body: int | None) -> None:
    bodies.put_body(
        actor=request.actor, organisation=office, name=_text(request, "name"), kinds=request.POST.getlist("kinds"),
        area=_text(request, "area").upper(), recipient=_text(request, "recipient"),
        evidence=_day(request, "evidence") if _text(request, "evidence") else None,
        body=body, active=body is None or bool(request.POST.get("active")),
    )  # fmt: skip


# --- parts


def _done(request: DeskRequest, case: int, form: str, deed: _Deed, said: str) -> HttpResponse:
    """Do it and show the case again; beside its form what was wrong with it."""
    try:
        deed()
    except (Refused, Conflict, Unavailable) as error:
        return case_page(request, case, error=error, form=form)
    messages.success(request, said)
    return redirect("case", case=case)


def _opener(request: DeskRequest, organisation: int) -> OfficeOpener:
    private = private_key_of(request)
    if private is None:
        raise NotAllowed("your key is locked", expected="it unlocked")
    return open_office(actor=request.actor, organisation=organisation, private=private)


def _text(request: DeskRequest, name: str) -> str:
    return request.POST.get(name, "").strip()


def _number(request: DeskRequest, name: str) -> int:
    return number(_text(request, name)) or 0


def _time(request: DeskRequest, name: str) -> datetime | None:
    """A time of a form in UTC; None where it was left empty: now.

    Raises:
        Refused: it is none.
    """
    text = _text(request, name)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused.value(text, "is no time", field=name, expected="YYYY-MM-DDTHH:MM, in UTC") from error


def _day(request: DeskRequest, name: str) -> date:
    text = _text(request, name)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused.value(text, "is no day", field=name, expected="YYYY-MM-DD") from error
