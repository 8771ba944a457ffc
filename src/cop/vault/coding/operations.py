"""The only writer of codes."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from cop.classification.coder import Coded
from cop.vault.coding.models import Coding


@transaction.atomic
def record_codes(*, reports: Sequence[int], codes: Sequence[Coded]) -> None:
    """Store what the coder said of each report, in the same order.

    The event is that of the intake they belong to: one per file, not one per report.
    """
    Coding.objects.bulk_create(
        (
            Coding(
                report_id=report,
                code=c.code,
                section=c.section,
                probability=c.probability,
                class_set=list(c.class_set),
                route=c.route,
                urgency=c.urgency,
                language=c.language,
                scheme=c.scheme,
                model=c.model,
            )
            for report, c in zip(reports, codes, strict=True)
        ),
        batch_size=1000,
    )


@transaction.atomic
def forget_codes(*, kind: str, source: str, name: str) -> None:
    """Remove the codes of every report of a file, before its reports go."""
    Coding.objects.filter(
        report__register__kind=kind, report__register__source=source, report__register__name=name
    ).delete()
