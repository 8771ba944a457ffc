"""What comes through the form, the service and the desk: checked, coded and sealed in memory, then stored at once.

Nothing is stored in between, and nothing slow happens while the database waits: sealing and coding come first, then
one short transaction holds report, code and event, together with those of others who wait at the same moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from django.db import IntegrityError, transaction
from django.utils import timezone

from cop.classification.coder import Coded
from cop.kernel.errors import Conflict, CopError, Refused, Where
from cop.kernel.hashing import canonical_json
from cop.kernel.sealing import Recipient, seal
from cop.vault.coding.operations import record_codes
from cop.vault.members.keys import recipients_of
from cop.vault.members.rules import Actor, allow
from cop.vault.registers.operations import record_event
from cop.vault.reports.coders import coder
from cop.vault.reports.identifiers import count_identifiers
from cop.vault.reports.keyed import address_match, digest, text_match
from cop.vault.reports.models import Report
from cop.vault.reports.receipts import new_receipt, open_receipt, receipt_of_key
from cop.vault.reports.rules import may_submit
from cop.vault.reports.submission import Submission, check_submission, known_areas, latest_today, narrative_envelope
from cop.vault.reports.together import Together
from cop.vault.reports.variables import columns

RECIPIENTS_KEPT = 5.0
"""Seconds for which a process remembers to whom an organisation's reports are sealed."""
MOST_ROWS = 500
"""Submissions that `accept_many` takes at once."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a submission: the receipt (16 digits), the report's number, whether it was there already."""

    receipt: str = field(repr=False)
    id: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Ready:
    """A checked submission with everything about it that can be known before it is stored."""

    given: Submission
    receipt: str
    idempotency: str | None
    fingerprint: str


def accept(*, actor: Actor, submission: Submission) -> Accepted:
    """Take a report in.

    The same key with the same content gives the same receipt again and changes nothing.

    Effects: one `Report` with its code, one event `report.accepted`.

    Raises:
        Refused: a field will not do; it is named, its value is not.
        NotAllowed: the actor may not report there.
        Conflict: the key was used for something else.
        Unavailable: the organisation has no key to seal to: nothing is ever stored unsealed.
    """
    [done] = accept_many(actor=actor, submissions=[submission])
    if isinstance(done, CopError):
        raise done
    return done


def accept_many(*, actor: Actor, submissions: Sequence[Submission]) -> list[Accepted | CopError]:
    """Take reports of one organisation in; for each in order what became of it, or why it was refused.

    Good ones are coded together and stored in one transaction; a refused one does not hold up the others.

    Effects: a `Report` with its code each, one event: `report.accepted` for one, `reports.accepted` for several.

    Raises:
        Refused: too many, or they are for more than one organisation or came through more than one door.
        NotAllowed, Unavailable: as `accept`, for all of them.
    """
    places = {(s.organisation, s.origin) for s in submissions}
    if len(places) != 1 or len(submissions) > MOST_ROWS:
        raise Refused("these cannot be taken in at once", expected=f"1 to {MOST_ROWS} for one organisation")
    [(organisation, origin)] = places
    allow(may_submit(actor, origin, organisation), actor, "report here", expected="who works there, or its program")
    recipients = _recipients(organisation)
    checked = [_checked(s) for s in submissions]
    ready = [r for r in checked if isinstance(r, _Ready)]
    done = _settled(actor, ready, recipients)
    return [done.pop(0) if isinstance(r, _Ready) else r for r in checked]


def _checked(given: Submission) -> _Ready | CopError:
    try:
        clean = check_submission(given, known_areas(), today=latest_today())
    except CopError as error:
        error.__traceback__ = error.__cause__ = error.__context__ = None  # they hold what was written
        return error
    if not clean.key:
        return _Ready(clean, new_receipt(), None, "")
    facts = [clean.narrative, clean.address, clean.ref, clean.date.isoformat(), clean.count_unit]
    return _Ready(
        clean,
        receipt_of_key(clean.organisation, clean.key),
        digest("idempotency", clean.organisation, clean.key).hex(),
        digest("submission", *facts, canonical_json(dict(clean.variables))).hex(),
    )


def _settled(actor: Actor, ready: list[_Ready], recipients: Sequence[Recipient]) -> list[Accepted | CopError]:
    """Store what is new; each one's answer, in order."""
    for last in (False, False, True):
        known = _known(ready)
        fresh: dict[str, _Ready] = {}  # of two with one key in the same batch the first is stored
        for one in ready:
            if one.idempotency not in known:
                fresh.setdefault(one.idempotency or one.receipt, one)
        try:
            stored = _store(actor, list(fresh.values()), recipients) if fresh else {}
        except IntegrityError:  # somebody else stored one of these keys meanwhile: then it is known the next time
            if last or not any(one.idempotency for one in fresh.values()):
                raise
        else:
            return [_answer(one, stored, known) for one in ready]
    raise AssertionError("the last attempt returns or raises")


def _known(ready: Sequence[_Ready]) -> dict[str | None, tuple[int, str]]:
    """Number and fingerprint of what was stored under these keys before."""
    keys = [one.idempotency for one in ready if one.idempotency]
    if not keys:
        return {}
    rows = Report.objects.filter(organisation_id=ready[0].given.organisation, idempotency__in=keys)
    return {key: (number, said) for key, number, said in rows.values_list("idempotency", "id", "fingerprint")}


def _answer(
    one: _Ready, stored: dict[str, tuple[int, _Ready]], known: dict[str | None, tuple[int, str]]
) -> Accepted | CopError:
    name = one.idempotency or one.receipt
    if name in stored:
        number, first = stored[name]
        fingerprint, repeated = first.fingerprint, first is not one
    else:
        (number, fingerprint), repeated = known[one.idempotency], True
    if fingerprint != one.fingerprint:
        return Conflict(
            "this key was used for another report", where=Where(field="Idempotency-Key"), expected="a new key"
        )
    return Accepted(one.receipt, number, repeated)


@dataclass(frozen=True, slots=True)
class _Job:
    """Sealed reports of one call, ready to be coded and stored with those of others who wait."""

    actor: Actor
    given: Sequence[Submission]
    reports: Sequence[Report]


def _store(actor: Actor, ready: list[_Ready], recipients: Sequence[Recipient]) -> dict[str, tuple[int, _Ready]]:
    job = _Job(actor, [one.given for one in ready], [_report(one, recipients) for one in ready])
    numbers = _stored(job)
    return {one.idempotency or one.receipt: (n, one) for one, n in zip(ready, numbers, strict=True)}


def _store_all(jobs: Sequence[_Job]) -> list[list[int] | BaseException]:
    """Code and store what several calls bring: in one transaction, or one each where one of them cannot be stored."""
    codes = iter(coder().code([given.narrative for job in jobs for given in job.given]))
    coded = [(job, [_at_risk(given, next(codes)) for given in job.given]) for job in jobs]
    try:
        return list(_commit(coded))
    except IntegrityError:
        return [_alone(job, codes) for job, codes in coded]


def _alone(job: _Job, codes: list[Coded]) -> list[int] | BaseException:
    try:
        [numbers] = _commit([(job, codes)])
    except IntegrityError as error:
        return error
    return numbers


@transaction.atomic
def _commit(coded: Sequence[tuple[_Job, list[Coded]]]) -> list[list[int]]:
    now = timezone.now()
    reports = [report for job, _ in coded for report in job.reports]
    for report in reports:
        report.pk, report.received = None, now
    Report.objects.bulk_create(reports)
    for office in sorted({report.organisation_id or 0 for report in reports}):
        mine = [
            (r.pk, c) for job, cs in coded for r, c in zip(job.reports, cs, strict=True) if r.organisation_id == office
        ]
        record_codes(reports=[n for n, _ in mine], codes=[c for _, c in mine], organisation=office, received=now)
    numbers = [[report.pk for report in job.reports] for job, _ in coded]
    for (job, _), theirs in zip(coded, numbers, strict=True):
        _enter(job.actor, job.given[0], theirs)
    return numbers


_stored = Together[_Job, list[int]](_store_all, most=64)


def _enter(actor: Actor, given: Submission, numbers: list[int]) -> None:
    by = actor.doer if actor.id or actor.program else {"program": "form"}
    details = {**by, "organisation": given.organisation, "origin": given.origin}
    if len(numbers) == 1:
        record_event(kind="report.accepted", subject=f"report/{numbers[0]}", details=details)
    else:
        record_event(
            kind="reports.accepted",
            subject=f"organisation/{given.organisation}",
            details={**details, "reports": numbers},
        )


def _at_risk(given: Submission, coded: Coded) -> Coded:
    """Coding rule 4: whoever is in danger now comes first and is read by a person, whatever the class."""
    return replace(coded, urgency=1, route="review") if given.variables.get("at_risk") == "YES" else coded


def _report(one: _Ready, recipients: Sequence[Recipient]) -> Report:
    given = one.given
    opened = open_receipt(one.receipt)
    return Report(
        organisation_id=given.organisation,
        origin=given.origin,
        ref=given.ref,
        date=given.date,
        count_unit=given.count_unit,
        variables=dict(given.variables),
        language=given.language,
        sealed=seal(narrative_envelope(given.narrative, given.address), recipients),
        redacted=count_identifiers(f"{given.narrative}\n{given.address}"),
        receipt=opened.hash,
        reply_key=opened.public,
        idempotency=one.idempotency,
        fingerprint=one.fingerprint,
        address_match=address_match(given.address),
        text_match=text_match(given.narrative),
        **columns(given.variables),
    )


_recipients_of: dict[int, tuple[float, tuple[Recipient, ...]]] = {}


def _recipients(organisation: int) -> tuple[Recipient, ...]:
    kept = _recipients_of.get(organisation)
    if kept is None or kept[0] < monotonic():
        kept = (monotonic() + RECIPIENTS_KEPT, recipients_of(organisation))
        _recipients_of[organisation] = kept
    return kept[1]
