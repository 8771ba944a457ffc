"""What other apps and the desk may ask of reports. Another organisation's reports are not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from cop.kernel.errors import NotFound, Refused
from cop.vault.members.rules import Actor, allow
from cop.vault.reports.models import Exchange, Report
from cop.vault.reports.returning import Returned, return_with
from cop.vault.reports.rules import may_read, may_see, speaks_for
from cop.vault.reports.schemas import STATUSES
from cop.vault.reports.submission import Submission, check_submission, known_areas, latest_today
from cop.vault.reports.variables import of_columns

__all__ = [
    "COUNTED_TO",
    "PAGE",
    "ExchangeFacts",
    "Facts",
    "Returned",
    "Standing",
    "Twins",
    "counts_by_status",
    "exchanges",
    "facts",
    "listed",
    "preview",
    "return_with",
    "sealed_of",
    "standing",
    "twins",
]

PAGE: Final = 50
COUNTED_TO: Final = 1000
"""Counts on the desk stop here: how many more there are needs every row looked at."""
_MOST_TWINS: Final = 20


@dataclass(frozen=True, slots=True)
class Facts:
    """A report without its text.

    Attributes:
        variables: by the catalogue's ids, as the reporter or the sender gave them.
        redacted: kind of identifier -> how many its text holds.
        kept: its envelope is there.
        file: name and row of the file it came in; None for one that came through a door.
    """

    id: int
    organisation: int | None
    origin: str
    received: datetime | None
    expires: date | None
    date: date
    status: str
    ref: str
    area: str
    count_unit: str
    variables: dict[str, Any]
    language: str
    redacted: dict[str, int]
    news: bool
    has_receipt: bool
    kept: bool
    step: int
    held: bool
    file: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a partner's program may know of a report that it sent."""

    id: int
    status: str
    received: datetime
    ref: str
    asked: bool


@dataclass(frozen=True, slots=True)
class ExchangeFacts:
    """A question, an answer or an added fact, sealed."""

    id: int
    kind: str
    at: datetime
    by: int | None
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Twins:
    """Other reports of the organisation with the same text or the same address; up to 20 each, oldest first."""

    text: tuple[int, ...]
    address: tuple[int, ...]


def facts(actor: Actor, report: int) -> Facts:
    """Everything readable of a report.

    Raises:
        NotFound: there is none, or not for the actor.
    """
    found = _without_text(Report.objects.filter(pk=report)).first()
    if found is None or not may_see(actor, found.organisation_id):
        raise NotFound(f"there is no report {report}")
    return _facts(found)


def sealed_of(actor: Actor, report: int) -> bytes:
    """The envelope of a report: `{"narrative": ..., "url": ...}` as JSON.

    Raises:
        NotFound: there is no such report for the actor, or its text is not kept.
        NotAllowed: the actor sees facts only.
    """
    found = _seen(actor, report)
    allow(may_read(actor, found.organisation_id), actor, "read a report", expected="an analyst, reviewer or custodian")
    if found.sealed is None:
        raise NotFound(f"the text of report {report} is not kept")
    return bytes(found.sealed)


def exchanges(actor: Actor, report: int) -> list[ExchangeFacts]:
    """What was exchanged with the reporter, oldest first; raises as `sealed_of`."""
    found = _seen(actor, report)
    allow(may_read(actor, found.organisation_id), actor, "read a report", expected="an analyst, reviewer or custodian")
    rows = Exchange.objects.filter(report=found).order_by("id")
    return [ExchangeFacts(e.pk, e.kind, e.at, e.by_id, bytes(e.sealed)) for e in rows]


def listed(
    actor: Actor,
    organisation: int,
    *,
    status: str = "",
    news: bool = False,
    before: int | None = None,
    limit: int = PAGE,
) -> list[Facts]:
    """Reports of an organisation, newest first, from the one before `before`.

    Args:
        actor: who asks.
        organisation: whose reports.
        status: only these; any when empty.
        news: only those to which the reporter added something that nobody has read.
        before: the number of the last one of the page before.
        limit: how many at most.

    Raises:
        NotFound: it is not the actor's organisation. Refused: there is no such status.
    """
    _within(actor, organisation)
    rows = Report.objects.filter(organisation=organisation)
    if status:
        rows = rows.filter(status=_status(status))
    if news:
        rows = rows.filter(news=True)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_facts(r) for r in _without_text(rows).order_by("-pk")[:limit]]


def counts_by_status(actor: Actor, organisation: int) -> dict[str, int]:
    """Reports of an organisation by status, each counted to `COUNTED_TO` and no further.

    Raises:
        NotFound: it is not the actor's organisation.
    """
    _within(actor, organisation)
    rows = Report.objects.filter(organisation=organisation).order_by()
    return {status: rows.filter(status=status).values("pk")[:COUNTED_TO].count() for status in STATUSES}


def twins(actor: Actor, report: int) -> Twins:
    """Reports that may tell of the same: by text, by address.

    Raises:
        NotFound: there is no such report for the actor.
    """
    found = _seen(actor, report)

    def same(**match: str) -> tuple[int, ...]:
        [value] = match.values()
        if not value or found.organisation_id is None:
            return ()
        rows = Report.objects.filter(organisation=found.organisation_id, **match).exclude(pk=report)
        return tuple(rows.order_by("pk").values_list("pk", flat=True)[:_MOST_TWINS])

    return Twins(same(text_match=found.text_match), same(address_match=found.address_match))


def standing(actor: Actor, report: int) -> Standing:
    """What became of a report that a partner's program sent.

    Raises:
        NotFound: there is none that came through the service from the actor's organisation.
    """
    found = _without_text(Report.objects.filter(pk=report, origin="api")).first()
    if found is None or found.received is None or not speaks_for(actor, found.organisation_id):
        raise NotFound(f"there is no report {report}")
    last = Exchange.objects.filter(report=found).exclude(kind="facts").order_by("-pk").values_list("kind", flat=True)
    return Standing(found.pk, found.status, found.received, found.ref, last.first() == "question")


def preview(submission: Submission) -> Submission:
    """What would be stored of a submission; nothing is.

    Raises:
        Refused: a field will not do.
    """
    return check_submission(submission, known_areas(), today=latest_today())


class ReportEnvelopes:
    """The envelopes of reports, as `cop.vault.members.keys` asks for them to seal them anew."""

    name = "reports"

    def after(self, organisation: int, row: int, limit: int) -> Sequence[tuple[int, bytes]]:
        rows = Report.objects.filter(organisation=organisation, pk__gt=row, sealed__isnull=False).order_by("pk")
        return _pairs(rows.values_list("pk", "sealed")[:limit])

    def replace(self, row: int, old: bytes, new: bytes) -> bool:
        return Report.objects.filter(pk=row, sealed=old).update(sealed=new) == 1


class ExchangeEnvelopes:
    """The envelopes of what was exchanged, likewise; the reporter's own copy of a question stays as it is."""

    name = "exchanges"

    def after(self, organisation: int, row: int, limit: int) -> Sequence[tuple[int, bytes]]:
        rows = Exchange.objects.filter(report__organisation=organisation, pk__gt=row).order_by("pk")
        return _pairs(rows.values_list("pk", "sealed")[:limit])

    def replace(self, row: int, old: bytes, new: bytes) -> bool:
        return Exchange.objects.filter(pk=row, sealed=old).update(sealed=new) == 1


def _pairs(rows: Iterator[Any] | QuerySet[Any, Any]) -> list[tuple[int, bytes]]:
    return [(number, bytes(sealed)) for number, sealed in rows]


def _without_text(rows: QuerySet[Report]) -> QuerySet[Report]:
    return rows.defer("sealed", "reply_key").select_related("register").annotate(kept=Q(sealed__isnull=False))


def _seen(actor: Actor, report: int) -> Report:
    found = Report.objects.filter(pk=report).first()
    if found is None or not may_see(actor, found.organisation_id):
        raise NotFound(f"there is no report {report}")
    return found


def _within(actor: Actor, organisation: int) -> None:
    if not may_see(actor, organisation):
        raise NotFound("there is no such organisation")


def _status(status: str) -> str:
    if status not in STATUSES:
        raise Refused.value(status, "is no status", field="status", expected=", ".join(STATUSES))
    return status


def _facts(report: Report) -> Facts:
    columns = ("platform", "age_band", "sex", "channel", "reporter", "area")
    of_file = report.origin == "file"
    return Facts(
        id=report.pk,
        organisation=report.organisation_id,
        origin=report.origin,
        received=report.received,
        date=report.date,
        status=report.status,
        ref=report.ref,
        area=report.area,
        count_unit=report.count_unit,
        variables=of_columns({c: getattr(report, c) for c in columns}) if of_file else report.variables,
        language=report.language,
        redacted=report.redacted,
        news=report.news,
        has_receipt=report.receipt is not None,
        kept=bool(getattr(report, "kept")),  # noqa: B009 - `_without_text` annotates it
        step=report.step,
        expires=report.expires,
        held=report.held,
        file=(report.register.name, report.row or 0) if report.register else None,
    )
