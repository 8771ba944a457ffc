"""The page for who comes back with a receipt: what became of the report, an answer, a copy, a change of mind.

The receipt travels in the body of a post, never in an address, a cookie or a session, and comes anew with every post.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from cop.desk.middleware import STATUS, DeskRequest
from cop.desk.reporting_guard import count_try, new_note, number_of, public_page
from cop.desk.reporting_words import fault_of
from cop.kernel.errors import CopError, NotFound, Refused, TooMuch
from cop.vault.cases.access import access_copy_since, open_access_copy
from cop.vault.reports import operations
from cop.vault.reports.queries import return_with
from cop.vault.reports.receipts import open_receipt, read_receipt
from cop.vault.reports.submission import without_marks

_STATUS: Final = {
    "received": _("Your report has arrived. Somebody will read it."),
    "assessed": _("Somebody has read your report and is working on it."),
    "actioned": _("Something has been done about it."),
    "referred": _("It was passed on to people who can do more, such as the police or a helpline."),
    "closed": _("The work on your report is finished."),
    "withdrawn": _("You have taken your report back."),
}
_DONE: Final = {
    "answer": _("Thank you. Your answer has arrived."),
    "add": _("Thank you. What you added has arrived."),
    "withdraw": _("Your report is taken back."),
    "wish": _("Your wish has arrived. Please come back with your receipt in a few days."),
}
_COPY: Final = ("copy", "save")
"""The buttons that open the copy: on the page, or as a file."""
_WISH: Final = gettext_noop("Please give me a copy of everything you keep about my report.")
"""What the office reads when the reporter asks for the copy, in the words of the page."""
_TROUBLE: Final = {
    "again": _("This page was open for a long time. Please type your receipt once more."),
    "not found": _("We have no report with this receipt. Please look at the digits again."),
    "conflict": _("This cannot be done with your report any more."),
    "too much": _("This was tried very often from your network. Please wait ten minutes and try again."),
    "unavailable": _("This cannot be done now. Please try again in a few minutes."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def back(request: DeskRequest, *, language: str) -> HttpResponse:
    """Where a receipt is typed, and what it opens."""
    if request.method != "POST":
        return _asked(request)
    receipt = request.POST.get("receipt", "")
    if number_of(request.POST.get("note", "")) is None:
        return _asked(request, receipt, trouble="again", status=403)
    try:
        count_try(request)
        return _opened(request, receipt)
    except (Refused, NotFound, TooMuch) as error:
        words = fault_of(error)[1] if isinstance(error, Refused) else ""
        trouble = "" if words else error.title
        return _asked(request, receipt, fault=words, trouble=trouble, status=int(STATUS[type(error)]))


def _opened(request: DeskRequest, receipt: str) -> HttpResponse:
    """What the receipt opens, after what the button asked for is done."""
    asked, text = request.POST.get("do", ""), request.POST.get("text", "")
    return_with(receipt)  # a receipt that is wrong is told before a text that is
    done: str | Promise = ""
    fault: str | Promise = ""
    trouble: str | Promise = ""
    status = 200
    try:
        if asked == "answer":
            operations.answer(receipt=receipt, text=without_marks(text))
        elif asked == "add":
            operations.add_facts(receipt=receipt, text=without_marks(text))
        elif asked == "wish":
            operations.add_facts(receipt=receipt, text=gettext(_WISH))
        elif asked == "withdraw":
            operations.withdraw(receipt=receipt)
        done, text = _DONE.get(asked, ""), ""
    except Refused as error:
        fault, status = fault_of(error)[1], int(STATUS[Refused])
    except CopError as error:
        trouble, status = _TROUBLE[error.title], int(STATUS[type(error)])
    found = return_with(receipt)
    since = access_copy_since(report=found.id)
    copy = open_access_copy(report=found.id, opened=open_receipt(read_receipt(receipt))) if asked in _COPY else None
    if copy is not None and asked == "save":
        name = 'attachment; filename="report.json"'
        return HttpResponse(copy, content_type="application/json", headers={"Content-Disposition": name})
    facts = {"found": found, "words": _STATUS[found.status], "sure": asked == "ask", "receipt": receipt, "text": text}
    facts |= {"copy": copy, "copy_since": since, "wished": asked == "wish" and not (fault or trouble)}
    said = {"done": done, "fault_words": fault, "trouble": trouble, "note": new_note(), "page": "report_return"}
    return render(request, "report/standing.html", {**facts, **said}, status=status)


def _asked(
    request: DeskRequest, receipt: str = "", *, fault: str | Promise = "", trouble: str = "", status: int = 200
) -> HttpResponse:
    facts = {"receipt": receipt, "fault_words": fault, "trouble": _TROUBLE.get(trouble, "")}
    return render(
        request, "report/return.html", {**facts, "note": new_note(), "page": "report_return"}, status=status
    )  # fmt: skip
