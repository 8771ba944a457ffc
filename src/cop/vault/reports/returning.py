"""The exchange between an office and a reporter who has nothing but a receipt; and the reporter's change of mind.

Whoever holds the receipt is the reporter: no name, no address, no account. What they may do is add, answer, read the
office's question, and take the report back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db import transaction
from django.utils import timezone

from cop.kernel.errors import Conflict, NotFound
from cop.kernel.sealing import seal, unseal
from cop.vault.coding.operations import forget_records
from cop.vault.members.keys import recipients_of
from cop.vault.members.rules import Actor, allow
from cop.vault.registers.operations import record_event
from cop.vault.reports.models import Exchange, Report
from cop.vault.reports.receipts import Opened, open_receipt, read_receipt, reporter
from cop.vault.reports.rules import may_read, may_see, may_write
from cop.vault.reports.submission import NOTE_LIMIT, check_text

MOST_ADDED = 50
"""What a reporter may add to one report."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What the holder of a receipt sees.

    Attributes:
        id: the report's number; not told to the reporter.
        status: of the report.
        received: the day.
        question: the last question of the office, while it has no answer; empty when there is none.
        added: when the reporter answered or added something.
        held: it must be kept by law for now, whatever the reporter decides.
        language: in which it was written.
    """

    id: int
    status: str
    received: datetime
    question: str
    added: tuple[datetime, ...]
    held: bool
    language: str


def return_with(receipt: str) -> Returned:
    """What became of the report of that receipt. Whoever calls this counts the tries: a receipt can be guessed at.

    Raises:
        Refused: these are no 16 digits, or one of them is wrong.
        NotFound: no report has that receipt.
    """
    opened = open_receipt(read_receipt(receipt))
    report = _found(opened)
    exchanges = list(Exchange.objects.filter(report=report).order_by("id"))
    last = next((e for e in reversed(exchanges) if e.kind != "facts"), None)
    question = ""
    if last is not None and last.kind == "question" and report.status != "withdrawn":
        question = unseal(bytes(last.for_reporter or b""), opened.private)
    added = tuple(e.at for e in exchanges if e.kind != "question")
    received = cast("datetime", report.received)  # what has a receipt came through a door
    return Returned(report.pk, report.status, received, question, added, report.held, report.language)


def answer(*, receipt: str, text: str) -> None:
    """Answer the office's question.

    Effects: one `Exchange`, the report has news, one event `report.answered`.

    Raises:
        Refused, NotFound: as `return_with`, or the text will not do.
        Conflict: there is no open question, or the report was withdrawn.
    """
    _add(receipt, "answer", text)


def add_facts(*, receipt: str, text: str) -> None:
    """Add something to a report.

    Effects: one `Exchange`, the report has news, one event `report.added_to`.

    Raises:
        Refused, NotFound: as `return_with`, or the text will not do.
        Conflict: the report was withdrawn, or very much was added already.
    """
    _add(receipt, "facts", text)


def _add(receipt: str, kind: str, text: str) -> None:
    text = check_text("text", text, NOTE_LIMIT)
    opened = open_receipt(read_receipt(receipt))
    sealed = seal(text, recipients_of(_office(_found(opened))))
    with transaction.atomic():
        report = _locked(opened)
        exchanges = Exchange.objects.filter(report=report).order_by("-id")
        if exchanges.exclude(kind="question").count() >= MOST_ADDED:
            raise Conflict("very much was added to this report already", expected="a new report")
        if kind == "answer":
            last = exchanges.exclude(kind="facts").values_list("kind", flat=True).first()
            if last != "question":
                raise Conflict("there is no open question", expected="to add facts instead")
        Exchange.objects.create(report=report, kind=kind, at=timezone.now(), sealed=sealed)
        Report.objects.filter(pk=report.pk).update(news=True)
        record_event(
            kind="report.answered" if kind == "answer" else "report.added_to",
            subject=f"report/{report.pk}",
            details={"program": "receipt"},
        )


@transaction.atomic
def withdraw(*, receipt: str) -> bool:
    """Take a report back: it leaves the counts, and what was written is removed; whether all of it is gone.

    A report that must be kept by law leaves the counts at once and its envelopes when the hold ends.

    Effects: status `withdrawn`; envelopes and exchanges gone, unless held; one event `report.withdrawn`.

    Raises:
        Refused, NotFound: as `return_with`. Conflict: it was withdrawn before.
    """
    report = _locked(open_receipt(read_receipt(receipt)))
    Report.objects.filter(pk=report.pk).update(
        status="withdrawn",
        news=False,
        expires=timezone.now().date(),  # the next run of retention takes the rest
    )
    if not report.held:
        empty(report.pk)
    record_event(
        kind="report.withdrawn",
        subject=f"report/{report.pk}",
        details={"program": "receipt", "organisation": report.organisation_id, "kept": report.held},
    )
    return not report.held


def empty(report: int) -> None:
    """Remove what was written of a withdrawn report, its code, its copy, and what it could be told by again."""
    from cop.vault.cases.access import forget_access_copy  # it reads reports itself

    forget_records(reports=[report])
    forget_access_copy(report=report)
    Report.objects.filter(pk=report).update(
        sealed=None, ref="", redacted={}, address_match="", text_match="", fingerprint="", reply_key=None
    )
    Exchange.objects.filter(report=report).delete()


@transaction.atomic
def ask(*, actor: Actor, report: int, text: str) -> int:
    """Ask the reporter something; the exchange's number.

    Effects: one `Exchange`, sealed to the office and to who holds the receipt; one event `report.asked`.

    Raises:
        NotFound: no such report in an organisation of the actor's.
        NotAllowed: the actor does not work with reports there.
        Conflict: the reporter cannot be asked: a file's report, or a withdrawn one.
        Refused: the text will not do.
    """
    found = Report.objects.select_for_update(of=("self",)).filter(pk=report).first()
    if found is None or not may_see(actor, found.organisation_id):
        raise NotFound(f"there is no report {report}")
    allow(may_write(actor, found.organisation_id), actor, "ask a reporter", expected="an analyst or reviewer")
    if found.reply_key is None or found.status == "withdrawn":
        raise Conflict("nobody can be asked about this report", expected="one that has a receipt and stands")
    text = check_text("text", text, NOTE_LIMIT)
    made = Exchange.objects.create(
        report=found,
        kind="question",
        at=timezone.now(),
        by_id=actor.id,
        sealed=seal(text, recipients_of(_office(found))),
        for_reporter=seal(text, [reporter(bytes(found.reply_key))]),
    )
    record_event(kind="report.asked", subject=f"report/{report}", details={"by": actor.id})
    return made.pk


@transaction.atomic
def mark_read(*, actor: Actor, report: int) -> None:
    """Somebody of the office has read what the reporter added. No event unless there was news.

    Effects: the report has no news; one event `report.news_read`.

    Raises:
        NotFound: no such report in an organisation of the actor's.
        NotAllowed: the actor may not read narratives there.
    """
    found = Report.objects.filter(pk=report).first()
    if found is None or not may_see(actor, found.organisation_id):
        raise NotFound(f"there is no report {report}")
    allow(may_read(actor, found.organisation_id), actor, "read a report", expected="an analyst, reviewer or custodian")
    if Report.objects.filter(pk=report, news=True).update(news=False):
        record_event(kind="report.news_read", subject=f"report/{report}", details={"by": actor.id})


def _office(report: Report) -> int:
    return cast("int", report.organisation_id)  # what has a receipt came through an office's door


def _found(opened: Opened) -> Report:
    report = Report.objects.filter(receipt=opened.hash).first()
    if report is None:
        raise NotFound("no report has this receipt", expected="the 16 digits as they were shown")
    return report


def _locked(opened: Opened) -> Report:
    """The report of a receipt, for a change; inside a transaction."""
    report = Report.objects.select_for_update(of=("self",)).filter(receipt=opened.hash).first()
    if report is None:
        raise NotFound("no report has this receipt", expected="the 16 digits as they were shown")
    if report.status == "withdrawn":
        raise Conflict("this report was taken back", expected="a new report")
    return report
