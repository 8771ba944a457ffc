"""Holds and expiry: what keeps a report beyond its time, and how it goes. Part of the app's only writer.

What goes: the report with its envelope and what was exchanged, its codes and decisions, its case with history and
referrals, its holds. What may stay: one more in a count of coded facts (`Count`), and an event that names the numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from cop.kernel.errors import Conflict, NotFound, Refused
from cop.vault.cases import rules as may
from cop.vault.cases.course import course
from cop.vault.cases.models import Case, Count, Hold, Match
from cop.vault.cases.retention import Facts, Rule, expires, rule_for
from cop.vault.cases.schemas import plain
from cop.vault.coding.facts import coded
from cop.vault.coding.operations import forget_records
from cop.vault.coding.schemas import scheme
from cop.vault.members.rules import Actor, allow
from cop.vault.registers.operations import record_event
from cop.vault.reports import leases
from cop.vault.reports.operations import hold as hold_report
from cop.vault.reports.operations import keep_until, remove
from cop.vault.reports.variables import assessed_columns

KEEPERS = "a reviewer or key custodian of the office"
BATCH = 200
"""Reports that are erased in one transaction, with one event."""


# --- holds


@transaction.atomic
def hold(*, actor: Actor, report: int, ground: str, reference: str, until: date) -> int:
    """Put a legal hold on a report: it is not erased before the day after `until`, whatever rule or withdrawal says.

    Effects: one `Hold`, one event `report.held`.

    Raises:
        Refused: no such ground, no reference, or a day that has passed. NotFound: no such report here.
        NotAllowed: the actor may not hold.
    """
    place = leases.place(report, lock=True)
    if not may.may_see_cases(actor, place.organisation):
        raise NotFound(f"there is no report {report}")
    allow(may.may_hold(actor, place.organisation), actor, "hold a report", expected=KEEPERS)
    _known("grounds", ground, "ground")
    if until < timezone.now().date():
        raise Refused.value(until.isoformat(), "has passed", field="until", expected="the last day of the hold")
    number = plain("reference", reference, required=True)
    made = Hold.objects.create(
        report_id=report, ground=ground, reference=number, by_id=actor.id, at=timezone.now(), until=until
    )
    hold_report(report=report, held=True)
    details = {"hold": made.pk, "ground": ground, "until": until.isoformat(), "by": actor.id}
    record_event(kind="report.held", subject=f"report {report}", details=details)
    return made.pk


@transaction.atomic
def lift(*, actor: Actor, hold: int, reason: str) -> None:
    """Lift a hold for a reason of the list; the report then goes when its rule says, at the next run if that is past.

    Effects: the `Hold` ended, one event `report.released`.

    Raises:
        Refused: no such reason. Conflict: it was lifted already. NotFound, NotAllowed: as of `hold`.
    """
    found = Hold.objects.select_for_update().filter(pk=hold).first()
    place = leases.place(found.report_id, lock=True) if found else None
    if found is None or place is None or not may.may_see_cases(actor, place.organisation):
        raise NotFound(f"there is no hold {hold}")
    allow(may.may_hold(actor, place.organisation), actor, "lift a hold", expected=KEEPERS)
    _known("lifts", reason, "reason")
    if found.lifted is not None:
        raise Conflict(f"{found} was lifted already", expected="one that stands")
    found.lifted, found.lifted_by_id, found.lift = timezone.now(), actor.id, reason
    found.save(update_fields=["lifted", "lifted_by", "lift"])
    hold_report(report=found.report_id, held=_stands(found.report_id, timezone.now().date()))
    details = {"hold": hold, "reason": reason, "by": actor.id}
    record_event(kind="report.released", subject=f"report {found.report_id}", details=details)


def _stands(report: int, on: date) -> bool:
    return Hold.objects.filter(report_id=report, lifted=None, until__gte=on).exists()


def _known(part: str, code: str, field: str) -> None:
    known = course().words[part]
    if code not in known:
        raise Refused.value(code, "is not in the list", field=field, expected=", ".join(known))


# --- expiry


@transaction.atomic
def schedule(*, report: int, rules: Sequence[Rule]) -> date | None:
    """Reckon the day on which a report is to be erased from what is known of it now; None: not by time."""
    _, day = _decided([leases.place(report)], rules)[report]
    keep_until(report=report, expires=day)
    return day


@dataclass(frozen=True, slots=True)
class Erased:
    """What a run did, or would do: reports erased by rule, and how many more were due but held."""

    by_rule: dict[str, int]
    held: int

    @property
    def total(self) -> int:
        return sum(self.by_rule.values())


def plan(*, rules: Sequence[Rule], on: date) -> Erased:
    """What a run on that day would erase; nothing is changed."""
    found: Counter[str] = Counter()
    last = 0
    while numbers := leases.due(on=on, after=last, limit=BATCH):
        last = numbers[-1]
        decided = _decided(leases.places(numbers), rules)
        found.update(rule.id for rule, day in decided.values() if day is not None and day <= on)
    return Erased(dict(sorted(found.items())), _held_and_due(rules, on))


def run(*, actor: Actor, rules: Sequence[Rule], on: date) -> Erased:
    """Erase what is due on that day, in transactions of up to 200 reports with one event `reports.erased` each.

    Every report is reckoned again under the lock: one whose facts or rules changed since gets its new day instead.

    Raises:
        NotAllowed: the actor is not the program that erases.
    """
    allow(may.is_worker(actor), actor, "erase reports", expected="the program `cop retention run`")
    _release_lapsed(on)
    found: Counter[str] = Counter()
    last = 0
    while numbers := leases.due(on=on, after=last, limit=BATCH):
        last = numbers[-1]
        found.update(_erase_due(actor, numbers, rules, on))
    return Erased(dict(sorted(found.items())), _held_and_due(rules, on))


@transaction.atomic
def _erase_due(actor: Actor, numbers: Sequence[int], rules: Sequence[Rule], on: date) -> Counter[str]:
    found: Counter[str] = Counter()
    going: dict[str, list[int]] = {"counts": [], "nothing": []}
    places = [place for place in leases.places(numbers, lock=True) if not place.held]
    for report, (rule, day) in _decided(places, rules).items():
        if day is None or day > on:
            keep_until(report=report, expires=day)
            continue
        going[rule.keep].append(report)
        found[rule.id] += 1
    _count(going["counts"])
    if reports := sorted(going["counts"] + going["nothing"]):
        _erase(reports)
        record_event(
            kind="reports.erased", subject="retention",
            details={"reports": reports, "rules": dict(sorted(found.items())), "program": actor.program},
        )  # fmt: skip
    return found


@transaction.atomic
def forget_cases(*, kind: str, source: str, name: str) -> None:
    """Remove what this app keeps on the reports of a file, before they go.

    Raises:
        Conflict: a legal hold stands on one of them.
    """
    file = {"report__register__kind": kind, "report__register__source": source, "report__register__name": name}
    standing = Hold.objects.filter(**file, lifted=None, until__gte=timezone.now().date())
    if (held := standing.order_by("report_id").values_list("report_id", flat=True).first()) is not None:
        raise Conflict(f"report {held} is under a legal hold", expected="the hold lifted first")
    for table in (Match, Case, Hold):
        table.objects.filter(**file).delete()


def _drop(reports: Sequence[int]) -> None:
    Match.objects.filter(Q(report_id__in=reports) | Q(earlier_id__in=reports)).delete()
    Case.objects.filter(report_id__in=reports).delete()
    Hold.objects.filter(report_id__in=reports).delete()


def _erase(reports: Sequence[int]) -> None:
    _drop(reports)
    forget_records(reports=reports)
    remove(reports=reports)


def _decided(places: Sequence[leases.Place], rules: Sequence[Rule]) -> dict[int, tuple[Rule, date | None]]:
    """The rule and the day of each report."""
    numbers = [place.report for place in places]
    codes = coded(numbers)
    cases = {c.report_id: c for c in Case.objects.filter(report_id__in=numbers)}
    decided: dict[int, tuple[Rule, date | None]] = {}
    for place in places:
        case, code = cases.get(place.report), codes.get(place.report)
        facts = Facts(
            origin=place.origin,
            code=code.code if code else "",
            urgency=code.urgency if code else None,
            area=place.area,
            status=place.status,
            outcome=case.outcome if case else "",
            received=place.received.date() if place.received else place.date,
            closed=case.closed.date() if case and case.closed else None,
        )
        rule = rule_for(facts, rules)
        decided[place.report] = (rule, expires(facts, rule))
    return decided


def _held_and_due(rules: Sequence[Rule], on: date) -> int:
    number, last = 0, 0
    while numbers := leases.held(after=last, limit=BATCH):
        last = numbers[-1]
        decided = _decided(leases.places(numbers), rules)
        number += sum(day is not None and day <= on for _, day in decided.values())
    return number


def _release_lapsed(on: date) -> None:
    """Holds whose last day has passed keep nothing any more."""
    last = 0
    while numbers := leases.held(after=last, limit=BATCH):
        last = numbers[-1]
        for report in numbers:
            with transaction.atomic():
                leases.place(report, lock=True)
                hold_report(report=report, held=_stands(report, on))


def _counted_as(code: str) -> str:
    """A residual code counts in its section and in no class of it, as among the reports that are there."""
    return code[:1] if code[1:] in scheme().residuals else code


_COUNTED = ("source", "month", "code", "area", "platform", "age_band", "sex", "language", "route")


def _count(reports: Sequence[int]) -> None:
    """One more in the count of each report's coded facts."""
    if not reports:
        return
    codes = coded(reports)
    found: Counter[tuple[object, ...]] = Counter()
    for row in leases.counted(reports):
        code = codes.get(row["id"])
        if code is None:
            continue  # what was never coded is in no count
        facts = {**row, "source": row["source"] or "", "month": row["date"].replace(day=1)}
        facts |= assessed_columns(code.variables)
        facts |= {"code": _counted_as(code.code), "language": code.language, "route": code.route}
        found[tuple(facts[name] for name in _COUNTED)] += 1
    for key in sorted(found, key=str):
        values = dict(zip(_COUNTED, key, strict=True))
        count, made = Count.objects.get_or_create(**values, defaults={"number": found[key]})
        if not made:
            Count.objects.filter(pk=count.pk).update(number=F("number") + found[key])
