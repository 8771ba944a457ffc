"""The audit sample: a lot drawn for every record of a desk, with a chance that is known for good."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from django.db import transaction

from cop.vault.coding.models import AuditDraw, Coding
from cop.vault.coding.rules import AUDIT_RATE, may_draw
from cop.vault.members.rules import Actor, allow
from cop.vault.registers.operations import record_event

_UNSEEN: Final = ("machine", "queued")
"""States in which nobody has yet decided with the coder's code before the eyes."""


@transaction.atomic
def draw_audit(*, actor: Actor, seed: bytes, reports: Sequence[int], rate: float = AUDIT_RATE) -> tuple[int, ...]:
    """Draw the lots of records that had none yet; the records that were drawn now.

    The lot depends on the record's number and a secret, so that nobody can foresee it, and doing it again after a crash
    draws the same. A record is drawn whatever the coder said of it, whether or not it waits for review.

    Args:
        actor: the worker.
        seed: the observatory's secret for this.
        reports: numbers of records; those of nobody's desk, and those whose lot was drawn, are passed over.
        rate: the chance of each record, 0 to 1.

    Effects: `draw_rate` of the records; an `AuditDraw` each of those drawn; one event `coding.drawn` where any was.
    """
    allow(may_draw(actor), actor, "draw the audit sample", expected="the worker")
    waiting = Coding.objects.select_for_update().filter(report__in=reports, draw_rate=None, organisation__isnull=False)
    found = list(waiting.order_by("report").values_list("report", "organisation", "state"))
    # who was reviewed before any lot was drawn is out of it: the coder's code was seen
    fair = [(report, organisation) for report, organisation, state in found if state in _UNSEEN]
    late = [report for report, _, state in found if state not in _UNSEEN]
    Coding.objects.filter(report__in=[report for report, _ in fair]).update(draw_rate=rate)
    Coding.objects.filter(report__in=late).update(draw_rate=0)
    drawn = [
        AuditDraw(report_id=report, organisation_id=organisation, probability=rate)
        for report, organisation in fair
        if lot(seed, report) < rate
    ]
    AuditDraw.objects.bulk_create(drawn)
    numbers = tuple(draw.report_id for draw in drawn)
    if numbers:
        record_event(
            kind="coding.drawn",
            subject="audit sample",
            details={"program": actor.program, "rate": rate, "reports": list(numbers)},
        )
    return numbers


def lot(seed: bytes, report: int) -> float:
    """A number from 0 to 1 (not 1) that belongs to a record."""
    digest = hmac.new(seed, b"audit %d" % report, sha256).digest()
    return int.from_bytes(digest[:7], "big") / (1 << 56)
