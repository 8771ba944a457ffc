"""The work on reports that other apps do: the worker's leases, the course of a case, retention. They record the event.

Each of these changes one column or removes rows inside the transaction of whoever calls it, whose operation it is and
whose event says who did it and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from cop.kernel.errors import NotFound, Refused
from cop.vault.reports.models import Exchange, Report
from cop.vault.reports.returning import empty
from cop.vault.reports.schemas import DONE, STATUSES


@transaction.atomic
def claim(*, by: str, now: datetime, until: datetime, limit: int) -> list[tuple[int, int]]:
    """Lease reports that wait for a step: number and last step done of each, lowest step first.

    A lease that ran out is taken over, so a worker that was killed holds nothing up.
    """
    free = Report.objects.filter(Q(leased_until=None) | Q(leased_until__lte=now), step__lt=DONE)
    rows = list(
        free.order_by("step", "id")
        .select_for_update(skip_locked=True, of=("self",))
        .values_list("id", "step")[:limit]
    )  # fmt: skip
    Report.objects.filter(pk__in=[number for number, _ in rows]).update(leased_until=until, leased_by=by)
    return rows


@transaction.atomic
def advance(*, report: int, by: str, step: int, last: bool = False) -> bool:
    """A step is done: false when the lease is another's by now, and then nothing that was done may be kept.

    The lease stays for the next step; after the last it ends.
    """
    mine = Report.objects.filter(pk=report, leased_by=by, step__lt=step)
    if last:
        return mine.update(step=DONE, leased_until=None, leased_by="") == 1
    return mine.update(step=step) == 1


@transaction.atomic
def let_go(*, by: str) -> int:
    """Give back every lease of a worker that stops; how many there were."""
    return Report.objects.filter(leased_by=by, step__lt=DONE).update(leased_until=None, leased_by="")


@transaction.atomic
def set_status(*, report: int, status: str) -> None:
    """Where a report stands; a withdrawn one stays withdrawn.

    Raises:
        Refused: it is no status that an office gives. NotFound: there is no such report that stands.
    """
    if status not in STATUSES or status == "withdrawn":
        given = ", ".join(s for s in STATUSES if s != "withdrawn")
        raise Refused.value(status, "is no status that an office gives", field="status", expected=given)
    if not Report.objects.filter(pk=report).exclude(status="withdrawn").update(status=status):
        raise NotFound(f"there is no report {report} that stands")


@transaction.atomic
def keep_until(*, report: int, expires: date | None) -> None:
    """The day after which a report is removed; None is never."""
    Report.objects.filter(pk=report).update(expires=expires)


@transaction.atomic
def hold(*, report: int, held: bool) -> None:
    """Keep a report whatever its day, or no longer; a withdrawn one is emptied when its hold ends."""
    Report.objects.filter(pk=report).update(held=held)
    if not held and Report.objects.filter(pk=report, status="withdrawn", sealed__isnull=False).exists():
        empty(report)


@transaction.atomic
def remove(*, reports: Sequence[int]) -> int:
    """Remove reports and what was exchanged about them; what other apps hang on them is gone already. How many."""
    Exchange.objects.filter(report__in=reports).delete()
    return Report.objects.filter(pk__in=reports, held=False).delete()[0]
