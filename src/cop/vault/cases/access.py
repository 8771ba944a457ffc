"""Everything held on one report, for whoever made it: sealed to the receipt, so that the receipt alone opens it."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cop.kernel.errors import NotFound, Unavailable
from cop.kernel.sealing import seal, unseal
from cop.vault.cases import rules
from cop.vault.cases.models import AccessCopy, Case
from cop.vault.cases.operations import WORK
from cop.vault.cases.queries import case_facts, holds_of
from cop.vault.coding.facts import coded
from cop.vault.members.keys import OfficeOpener
from cop.vault.members.rules import Actor, allow
from cop.vault.registers.operations import record_event
from cop.vault.reports import leases
from cop.vault.reports import queries as reports
from cop.vault.reports.receipts import Opened, reporter

_MINE = (
    "variables", "status", "received", "date", "area", "count_unit", "language", "ref", "expires", "held", "redacted",
)  # fmt: skip
"""What is kept of a report in the clear, and told."""


@transaction.atomic
def put_access_copy(*, actor: Actor, report: int, opener: OfficeOpener) -> None:
    """Put together what is held on a report and leave it for its reporter, in the place of an earlier copy.

    Told: the text and the address, what was exchanged, what was recorded, the code, the course of the case and to
    whom it was referred. Not told: who in the office did it, and the ground of a legal hold.

    Effects: one `AccessCopy`, one event `report.copied`.

    Raises:
        NotFound, NotAllowed: as of `open_case`. Unavailable: the report has no receipt to seal to.
    """
    place = leases.place(report, lock=True)
    if not rules.may_see_cases(actor, place.organisation):
        raise NotFound(f"there is no report {report}")
    allow(rules.may_work_cases(actor, place.organisation), actor, "copy a report", expected=WORK)
    key = leases.reply_key(report)
    if key is None:
        raise Unavailable(f"report {report} has no receipt to seal to", expected="one that its reporter can return to")
    text = json.dumps(_held(actor, report, opener), ensure_ascii=False, default=_plain, indent=1)
    values = {"at": timezone.now(), "by_id": actor.id, "sealed": seal(text, [reporter(key)])}
    AccessCopy.objects.update_or_create(report_id=report, defaults=values)
    record_event(kind="report.copied", subject=f"report {report}", details={"by": actor.id})


def access_copy_since(*, report: int) -> datetime | None:
    """When the copy that waits for the reporter was put together; None where none waits."""
    return AccessCopy.objects.filter(report_id=report).values_list("at", flat=True).first()


def open_access_copy(*, report: int, opened: Opened) -> str | None:
    """The copy as JSON, for whoever holds the receipt; None where none waits.

    Raises:
        NotAllowed: the receipt is another's.
    """
    found = AccessCopy.objects.filter(report_id=report).values_list("sealed", flat=True).first()
    return unseal(bytes(found), opened.private) if found is not None else None


@transaction.atomic
def forget_access_copy(*, report: int) -> None:
    """Remove the copy of a withdrawn report, whose event it is."""
    AccessCopy.objects.filter(report_id=report).delete()


def _held(actor: Actor, report: int, opener: OfficeOpener) -> dict[str, Any]:
    facts = reports.facts(actor, report)
    held: dict[str, Any] = {name: getattr(facts, name) for name in _MINE}
    if facts.kept:
        held |= json.loads(opener.open(reports.sealed_of(actor, report)))
    held["exchanged"] = [
        {"kind": e.kind, "at": e.at, "text": opener.open(e.sealed)} for e in reports.exchanges(actor, report)
    ]
    held["on_hold_until"] = max((h.until for h in holds_of(actor, report) if h.stands), default=None)
    number = Case.objects.filter(report_id=report).values_list("pk", flat=True).first()
    if number is not None:
        case = case_facts(actor, number)
        held["case"] = [{"at": c.at, "status": c.after, "reason": c.reason} for c in case.changes]
        held["referred_to"] = [{"body": r.body, "kind": r.kind, "sent": r.sent} for r in case.referrals]
    if code := coded([report]).get(report):
        held["code"] = {"code": code.code, "secondary": list(code.secondary), "classification": code.scheme}
    return held


def _plain(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in a copy")
