"""What other apps and the desk may ask of cases: pages by key, so that no page scans what it does not show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from django.utils import timezone

from cop.kernel.errors import NotFound
from cop.vault.cases import rules
from cop.vault.cases.bodies import fingerprint
from cop.vault.cases.course import Look, Removal, removal
from cop.vault.cases.models import Body, Case, Count, Hold, Match, Referral
from cop.vault.coding.facts import Coded, coded
from cop.vault.members.rules import Actor
from cop.vault.reports import leases

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list."""

    id: int
    report: int
    status: str
    outcome: str
    opened: datetime
    changed: datetime
    code: str
    urgency: int | None


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """An entry of a history; `by` is a person's name, or that of a program."""

    number: int
    before: str
    after: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BodyFacts:
    """A body as the desk shows it."""

    id: int
    organisation: int
    name: str
    kinds: tuple[str, ...]
    area: str
    recipient: str
    fingerprint: str
    evidence: date | None
    active: bool


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """A referral with what was seen since; `overdue` when nobody acknowledged it in time."""

    id: int
    case: int
    body: str
    body_id: int
    kind: str
    channel: str
    reference: str
    sent: datetime
    due: datetime
    acknowledged: datetime | None
    outcome: str
    overdue: bool
    looks: tuple[Look, ...]
    removal: Removal


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """A legal hold; `stands` while it is neither lifted nor past its last day."""

    id: int
    ground: str
    reference: str
    by: str
    at: datetime
    until: date
    lifted: datetime | None
    lifted_by: str
    lift: str
    stands: bool


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One case whole, without its narrative."""

    id: int
    report: int
    organisation: int
    status: str
    outcome: str
    version: int
    opened: datetime
    changed: datetime
    closed: datetime | None
    place: leases.Place
    coded: Coded | None
    changes: tuple[ChangeFacts, ...]
    referrals: tuple[ReferralFacts, ...]
    holds: tuple[HoldFacts, ...]


def cases(
    actor: Actor, organisation: int, *, status: str = "", before: int | None = None, limit: int = PAGE
) -> list[CaseRow]:
    """Cases of an organisation, the newest first, from below the number `before`.

    Raises:
        NotFound: the actor sees no cases there.
    """
    _see(actor, organisation, "organisation", organisation)
    found = Case.objects.filter(organisation_id=organisation)
    if status:
        found = found.filter(status=status)
    if before is not None:
        found = found.filter(id__lt=before)
    rows = list(found.order_by("-id")[:limit])
    codes = coded([row.report_id for row in rows])
    return [_row(row, codes.get(row.report_id)) for row in rows]


def _row(case: Case, code: Coded | None) -> CaseRow:
    return CaseRow(
        case.pk, case.report_id, case.status, case.outcome, case.opened, case.changed,
        code.code if code else "", code.urgency if code else None,
    )  # fmt: skip


def case_of(actor: Actor, report: int) -> int | None:
    """The case of a report, None where it has none or the actor does not see it."""
    found = Case.objects.filter(report_id=report).first()
    return found.pk if found and rules.may_see_cases(actor, found.organisation_id) else None


def case_facts(actor: Actor, case: int) -> CaseFacts:
    """One case with its history, referrals and holds.

    Raises:
        NotFound: there is none of that number that the actor sees.
    """
    found = Case.objects.filter(pk=case).first()
    if found is None:
        raise NotFound(f"there is no case {case}")
    _see(actor, found.organisation_id, "case", case)
    changes = found.changes.select_related("by").order_by("number")
    return CaseFacts(
        id=found.pk,
        report=found.report_id,
        organisation=found.organisation_id,
        status=found.status,
        outcome=found.outcome,
        version=found.version,
        opened=found.opened,
        changed=found.changed,
        closed=found.closed,
        place=leases.place(found.report_id),
        coded=coded([found.report_id]).get(found.report_id),
        changes=tuple(
            ChangeFacts(c.number, c.before, c.after, c.reason, c.by.name if c.by else c.program, c.at) for c in changes
        ),
        referrals=tuple(_referral(r) for r in _whole(found.referrals.order_by("id"))),
        holds=_holds(found.report_id),
    )


def referral_facts(actor: Actor, referral: int) -> ReferralFacts:
    """One referral.

    Raises:
        NotFound: there is none of that number that the actor sees.
    """
    found = _whole(Referral.objects.filter(pk=referral)).first()
    if found is None:
        raise NotFound(f"there is no referral {referral}")
    _see(actor, found.organisation_id, "referral", referral)
    return _referral(found)


def overdue(
    actor: Actor, organisation: int, *, after: tuple[datetime, int] | None = None, limit: int = PAGE
) -> list[ReferralFacts]:
    """Referrals that nobody acknowledged in time, the longest overdue first, from above due time and number `after`.

    Raises:
        NotFound: the actor sees no cases there.
    """
    from django.db.models import Q

    _see(actor, organisation, "organisation", organisation)
    found = Referral.objects.filter(organisation_id=organisation, acknowledged=None, due__lt=timezone.now())
    if after is not None:
        found = found.filter(Q(due__gt=after[0]) | Q(due=after[0], id__gt=after[1]))
    return [_referral(r) for r in _whole(found.order_by("due", "id"))[:limit]]


def bodies(actor: Actor, organisation: int, *, active: bool | None = None) -> list[BodyFacts]:
    """The bodies of an organisation, by name.

    Raises:
        NotFound: the actor sees no cases there.
    """
    _see(actor, organisation, "organisation", organisation)
    found = Body.objects.filter(organisation_id=organisation).prefetch_related("kinds")
    if active is not None:
        found = found.filter(active=active)
    return [_body(b) for b in found.order_by("name", "id")]


def body_facts(actor: Actor, body: int) -> BodyFacts:
    """One body.

    Raises:
        NotFound: there is none of that number that the actor sees.
    """
    found = Body.objects.filter(pk=body).first()
    if found is None:
        raise NotFound(f"there is no body {body}")
    _see(actor, found.organisation_id, "body", body)
    return _body(found)


def holds_of(actor: Actor, report: int) -> tuple[HoldFacts, ...]:
    """The holds on a report, the earliest first.

    Raises:
        NotFound: there is no such report that the actor sees.
    """
    _see(actor, leases.place(report).organisation, "report", report)
    return _holds(report)


def candidates(actor: Actor, report: int) -> list[tuple[int, str]]:
    """Earlier reports that this one may repeat, the latest first, each with `address`, `text` or `both`.

    Raises:
        NotFound: there is no such report that the actor sees.
    """
    _see(actor, leases.place(report).organisation, "report", report)
    return list(Match.objects.filter(report_id=report).order_by("-earlier_id").values_list("earlier_id", "by"))


def kept_records(columns: Sequence[str]) -> Iterator[dict[str, list[Any]]]:
    """Coded facts of erased reports, one row each, as `coding.queries.coded_records` gives those of the others.

    The date is the first of the month, which is all that is left of it.
    """
    names = ["month" if name == "date" else name for name in columns]
    for *values, number in Count.objects.order_by("id").values_list(*names, "number").iterator():
        left = iter(range(number))
        while size := len(list(islice(left, 20_000))):
            yield {name: [value] * size for name, value in zip(columns, values, strict=True)}


# --- parts


def _see(actor: Actor, organisation: int | None, what: str, number: int) -> None:
    if not rules.may_see_cases(actor, organisation):
        raise NotFound(f"there is no {what} {number}")


def _whole(found: Any) -> Any:  # noqa: ANN401 - a query of referrals, whichever way it began
    return found.select_related("body").prefetch_related("observations")


def _referral(r: Referral) -> ReferralFacts:
    looks = tuple(sorted((Look(o.at, o.seen) for o in r.observations.all()), key=lambda look: look.at))
    return ReferralFacts(
        r.pk, r.case_id, r.body.name, r.body_id, r.kind, r.channel, r.reference, r.sent, r.due, r.acknowledged,
        r.outcome, r.acknowledged is None and r.due < timezone.now(), looks, removal(r.sent, looks),
    )  # fmt: skip


def _body(b: Body) -> BodyFacts:
    kinds = tuple(sorted(k.kind for k in b.kinds.all()))
    return BodyFacts(
        b.pk, b.organisation_id, b.name, kinds, b.area, b.recipient, fingerprint(b.recipient), b.evidence, b.active
    )


def _holds(report: int) -> tuple[HoldFacts, ...]:
    today = timezone.now().date()
    found = Hold.objects.filter(report_id=report).select_related("by", "lifted_by").order_by("id")
    return tuple(
        HoldFacts(
            h.pk, h.ground, h.reference, h.by.name, h.at, h.until, h.lifted, h.lifted_by.name if h.lifted_by else "",
            h.lift, h.lifted is None and h.until >= today,
        )
        for h in found
    )  # fmt: skip
