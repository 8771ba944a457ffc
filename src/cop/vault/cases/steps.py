"""What the worker does with every record, step by step: drawn, matched, scheduled.

The steps stand here, beside the records they see to, because each is an operation of a vault app in one transaction;
the program around them (`cop.vault.cases.worker`) knows no step by name, and tests give it others.

A step's effect and its number are committed together: killed at any moment, a record has had the effect of exactly the
steps up to its number. A new step is added at the end, and every record that was done goes through it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from cop.kernel.errors import Conflict
from cop.vault.cases.expiry import schedule
from cop.vault.cases.models import Match
from cop.vault.cases.retention import Rule
from cop.vault.coding.operations import draw_audit
from cop.vault.coding.rules import AUDIT_RATE
from cop.vault.members.rules import Actor
from cop.vault.reports import leases
from cop.vault.reports.keyed import digest
from cop.vault.reports.operations import advance

ALIKE_LIMIT: Final = 20
"""Candidates for a duplicate that are kept of a record: an address that is reported a thousand times has one story."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its name, and what it does to the report of that number."""

    name: str
    effect: Callable[[int], object]


def match(report: int) -> None:
    """Keep which earlier reports of the organisation have the same address or text, by their keyed hashes."""
    Match.objects.filter(report_id=report).delete()
    found = leases.alike(report, limit=ALIKE_LIMIT)
    Match.objects.bulk_create(Match(report_id=report, earlier_id=earlier, by=by) for earlier, by in found)


def draw(report: int, *, actor: Actor, rate: float) -> None:
    """Draw the record's lot for the audit sample; the lot is the record's own, whoever draws it and how often."""
    draw_audit(actor=actor, seed=digest("audit"), reports=[report], rate=rate)


def steps(rules: Sequence[Rule], *, actor: Actor, audit_rate: float = AUDIT_RATE) -> tuple[Step, ...]:
    """The steps in their order, for an observatory with these rules of retention and this share to be audited."""
    return (
        Step("drawn", lambda report: draw(report, actor=actor, rate=audit_rate)),
        Step("matched", match),
        Step("scheduled", lambda report: schedule(report=report, rules=rules)),
    )


def take(record: tuple[int, int], course: Sequence[Step], *, by: str) -> None:
    """Take a record (number, last step done) through the steps it has not had, each in one transaction with its number.

    Raises:
        Conflict: the lease went to another worker.
    """
    report, done = record
    for number in range(min(done, len(course) - 1) + 1, len(course) + 1):
        with transaction.atomic():
            if not advance(report=report, by=by, step=number, last=number == len(course)):
                raise Conflict(f"report {report} is no longer this worker's", expected="its lease")
            course[number - 1].effect(report)
