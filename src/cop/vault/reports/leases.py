"""What worker and retention ask of reports beyond `work`: the backlog, records that go again, where a report stands.

Records are the queue: a record waits while `step` is below `DONE`, and nothing is ever marked as running, so a worker
that is killed leaves a lease that ends. None of this tells anything of what a report says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - a field is called date
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, Q
from django.utils import timezone

from cop.kernel.errors import NotFound
from cop.vault.reports.models import Report
from cop.vault.reports.schemas import DONE


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits: how many by last step done, since when the oldest waits, how many leases ended before their work."""

    waiting: dict[int, int]
    oldest: datetime | None
    leased: int
    expired: int

    @property
    def total(self) -> int:
        return sum(self.waiting.values())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report stands, without anything of what it says."""

    report: int
    organisation: int | None
    origin: str
    received: datetime | None
    date: Date
    area: str
    channel: str
    status: str
    expires: Date | None
    held: bool


def put_off(*, report: int, by: str, seconds: int) -> None:
    """Let a record whose step failed wait before it is tried again."""
    until = timezone.now() + timedelta(seconds=seconds)
    Report.objects.filter(id=report, leased_by=by).update(leased_until=until)


def again(*, after: int, reports: Sequence[int] | None = None) -> int:
    """Let these records (None: all) go through the steps after `after` once more; how many.

    A lease on them ends: who holds it cannot advance any more.
    """
    rows = Report.objects.filter(step__gt=after)
    if reports is not None:
        rows = rows.filter(id__in=reports)
    return rows.update(step=after, leased_by="", leased_until=None)


def backlog() -> Backlog:
    """The worker's health, from its index alone."""
    waiting = Report.objects.filter(step__lt=DONE)
    now = timezone.now()
    found = waiting.aggregate(
        oldest=Min("received"),
        leased=Count("id", filter=Q(leased_until__gte=now)),
        expired=Count("id", filter=Q(leased_until__lt=now)),
    )
    steps = dict(waiting.order_by("step").values_list("step").annotate(n=Count("id")))
    return Backlog(steps, found["oldest"], found["leased"], found["expired"])


# --- what cases keep on a report


def place(report: int, *, lock: bool = False) -> Place:
    """Where a report stands; `lock` keeps it so until the transaction ends.

    Raises:
        NotFound: there is none of that number.
    """
    rows = Report.objects.select_for_update(of=("self",)) if lock else Report.objects
    found = rows.filter(id=report).values_list(*_PLACE).first()
    if found is None:
        raise NotFound(f"there is no report {report}")
    return Place(*found)


def places(reports: Sequence[int], *, lock: bool = False) -> list[Place]:
    """Where these reports stand, by number; those that are gone are not among them."""
    rows = Report.objects.select_for_update(of=("self",)) if lock else Report.objects
    return [Place(*found) for found in rows.filter(id__in=reports).order_by("id").values_list(*_PLACE)]


_PLACE = ("id", "organisation_id", "origin", "received", "date", "area", "channel", "status", "expires", "held")


def reply_key(report: int) -> bytes | None:
    """The public key that the report's receipt opens; None where there is no receipt, or it was withdrawn."""
    found = Report.objects.filter(id=report).values_list("reply_key", flat=True).first()
    return bytes(found) if found is not None else None


def due(*, on: Date, after: int = 0, limit: int = 500) -> list[int]:
    """Reports to be erased by a day and not held, by number from above `after`."""
    rows = Report.objects.filter(held=False, expires__lte=on, id__gt=after).order_by("id")
    return list(rows.values_list("id", flat=True)[:limit])


def held(*, after: int = 0, limit: int = 500) -> list[int]:
    """Reports that a hold stands on, by number from above `after`."""
    rows = Report.objects.filter(held=True, id__gt=after).order_by("id")
    return list(rows.values_list("id", flat=True)[:limit])


def alike(report: int, *, limit: int) -> list[tuple[int, str]]:
    """Earlier reports of the same organisation with the same keyed hash of address or text, the latest first."""
    own = Report.objects.filter(id=report).values_list("organisation_id", "address_match", "text_match").first()
    if own is None:
        return []
    organisation, *hashes = own
    found: dict[int, str] = {}
    for name, value in zip(("address", "text"), hashes, strict=True):
        if value:
            same = Report.objects.filter(organisation_id=organisation, id__lt=report, **{f"{name}_match": value})
            for other in same.order_by("-id").values_list("id", flat=True)[:limit]:
                found[other] = "both" if other in found else name
    return sorted(found.items(), reverse=True)[:limit]


def counted(reports: Sequence[int]) -> list[dict[str, Any]]:
    """What the statistics need of each of these reports, and nothing that tells which it was."""
    rows = Report.objects.filter(id__in=reports).order_by("id")
    names = ("id", "date", "area", "platform", "age_band", "sex")
    return [dict(row) for row in rows.values(*names, source=F("register__source"))]
