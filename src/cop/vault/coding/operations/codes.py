"""Codes as the coder gives them, and their end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cop.classification.coder import Coded
from cop.vault.coding.models import AuditDraw, Coding, Decision
from cop.vault.coding.ordering import information, place


@transaction.atomic
def record_codes(
    *,
    reports: Sequence[int],
    codes: Sequence[Coded],
    organisation: int | None = None,
    received: datetime | None = None,
) -> None:
    """Store what the coder said of each report, in the same order; what it could not close waits on the desk.

    Args:
        reports: their numbers.
        codes: one each.
        organisation: on whose desk they wait; None is nobody's.
        received: when they came; now by default.

    The event is that of the intake they belong to: one per file, not one per report.
    """
    came = received or timezone.now()
    Coding.objects.bulk_create(
        (_coding(report, c, organisation, came) for report, c in zip(reports, codes, strict=True)), batch_size=1000
    )


def _coding(report: int, c: Coded, organisation: int | None, received: datetime) -> Coding:
    bits = information(c.probability, c.class_set, c.scores)
    return Coding(
        report_id=report,
        organisation_id=organisation,
        received=received,
        proposed=c.code,
        code=c.code,
        section=c.section,
        probability=c.probability,
        class_set=list(c.class_set),
        route=c.route,
        urgency=c.urgency,
        language=c.language,
        scheme=c.scheme,
        model=c.model,
        information=bits,
        place=place(c.urgency, bits),
        state="machine" if c.route == "auto" else "queued",
    )


@transaction.atomic
def forget_codes(*, kind: str, source: str, name: str) -> None:
    """Remove the codes of every report of a file, before its reports go."""
    found = {"report__register__kind": kind, "report__register__source": source, "report__register__name": name}
    AuditDraw.objects.filter(**found).delete()
    Decision.objects.filter(**found).delete()
    Coding.objects.filter(**found).delete()


@transaction.atomic
def forget_records(*, reports: Sequence[int]) -> None:
    """Remove all that is kept of these reports here, before they go: retention and withdrawal, whose event it is."""
    AuditDraw.objects.filter(report__in=reports).delete()
    Decision.objects.filter(report__in=reports).delete()
    Coding.objects.filter(report__in=reports).delete()
