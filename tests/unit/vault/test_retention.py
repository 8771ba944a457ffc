"""Retention: which rule decides, what goes with a report, what stays, and what a hold keeps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases_stock import put_body, put_file_report, put_report
from cop.kernel.errors import Conflict, NotAllowed, Refused
from cop.vault.cases.retention import (
    Facts,
    Rule,
    check_rules,
    default_rules,
    expires,
    fits,
    rule_for,
)
from cop.vault.reports.schemas import ORIGINS, STATUSES
from vaults import Vault

TODAY = datetime.now(UTC).date()
RULES = (
    Rule(id="withdrawn", status=("withdrawn",), days=0, keep="nothing"),
    Rule(id="urgent", urgency=(1,), after="closed", days=100),
    Rule(id="rest", days=30),
)

facts = st.builds(
    Facts,
    origin=st.sampled_from(ORIGINS),
    code=st.sampled_from(["A01", "B032", "Z01", ""]),
    urgency=st.sampled_from([None, 1, 2, 3]),
    area=st.sampled_from(["", "FRA", "XAL"]),
    status=st.sampled_from(STATUSES),
    outcome=st.sampled_from(["", "CONTENT_GONE", "CLOSED_WITHOUT_RESULT"]),
    received=st.dates(date(2020, 1, 1), date(2026, 1, 1)),
    closed=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
)


# --- the rules as data


@given(facts)
def test_every_report_has_a_rule_that_fits_and_no_earlier_one_does(facts: Facts) -> None:
    rules = default_rules()
    found = rule_for(facts, rules)

    assert fits(found, facts)
    assert not any(fits(rule, facts) for rule in rules[: rules.index(found)])
    if found.days is not None:
        begin = facts.closed if found.after == "closed" else facts.received
        assert begin is not None
        assert expires(facts, found) == begin + timedelta(days=found.days)
    else:
        assert facts.origin == "file"


def test_what_is_withdrawn_goes_first_whatever_else_it_is() -> None:
    assert default_rules()[0] == Rule(id="withdrawn", status=("withdrawn",), days=0, keep="nothing")


def test_a_code_of_a_rule_stands_for_all_below_it() -> None:
    rule = Rule(id="b", code=("B03",))
    codes = ["B03", "B031", "B01", "B", "C03", ""]

    assert [fits(rule, Facts("form", c, 1, "", "received", "", TODAY, None)) for c in codes] == [
        True, True, False, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ((), "the last rule of retention has conditions"),
        ((Rule(id="a", days=1, origin=("form",)),), "the last rule of retention has conditions"),
        ((Rule(id="a", days=1, after="closed"),), "the last rule of retention has conditions"),
        ((Rule(id="a", days=1, area=("FRA",)), Rule(id="a", days=2)), '"a" is used twice'),
        ((Rule(id="a", days=1), Rule(id="b", days=2)), '"a" fits every report'),
    ],
)
def test_rules_that_would_leave_a_report_or_a_rule_out_are_refused(rules: tuple[Rule, ...], said: str) -> None:
    with pytest.raises(Refused, match=said):
        check_rules(rules)


# --- reports in the vault


def everything(vault: Vault, *, urgency: int = 2, days: int = 40, **columns: Any) -> int:
    """A report with all that can hang on one: codes, decision, case, history, referral, observation, match, copy."""
    from django.utils import timezone

    from cop.vault.cases import operations as do
    from cop.vault.cases.models import AccessCopy, Match
    from cop.vault.coding.models import Decision
    from cop.vault.reports.models import Exchange

    came = timezone.now() - timedelta(days=days)
    alpha, analyst = vault.organisations["alpha"], vault.actor("analyst@alpha")
    earlier = put_report(alpha, received=timezone.now())
    report = put_report(alpha, urgency=urgency, received=came, sealed=b"canary of the narrative", **columns)
    Exchange.objects.create(report_id=report, kind="facts", at=came, sealed=b"canary of an exchange")
    Decision.objects.create(
        report_id=report, organisation_id=alpha, by_id=analyst.id, version=2, kind="accept", code="B01", scheme="1.0",
        blind=False, seconds=9,
    )  # fmt: skip
    case = do.open_case(actor=analyst, report=report)
    do.move(actor=analyst, case=case, to="assessed", reason="unlawful", seen=1)
    body = put_body(vault, name=f"Body for {report}")
    given: dict[str, Any] = {"kind": "POLICE", "channel": "email", "reason": "crime", "reference": "canary-number"}
    referral = do.refer(actor=analyst, case=case, body=body, seen=2, **given)
    do.observe(actor=analyst, referral=referral, seen="up")
    Match.objects.create(report_id=report, earlier_id=earlier, by="text")
    AccessCopy.objects.create(report_id=report, at=came, by_id=analyst.id, sealed=b"canary of a copy")
    return report


def work(vault: Vault, rules: tuple[Rule, ...] = RULES) -> None:
    """What the worker would do, in this process."""
    from cop.vault.cases.steps import steps
    from cop.vault.cases.worker import Worker
    from cop.vault.members.rules import program

    worker = Worker(steps(rules, actor=program("work")))
    worker.run(once=True)
    assert (worker.failed, worker.lost) == (0, 0)


def erase(on: date = TODAY, rules: tuple[Rule, ...] = RULES) -> Any:
    from cop.vault.cases.expiry import run
    from cop.vault.members.rules import program

    return run(actor=program("retention"), rules=rules, on=on)


def rows_naming(report: int) -> dict[str, int]:
    """How many rows of every table of the vault still stand for the report."""
    from django.apps import apps

    found = {}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if getattr(field, "related_model", None) is not None and getattr(field, "attname", None):
                if field.related_model.__name__ == "Report":
                    found[f"{model.__name__}.{field.name}"] = model.objects.filter(**{field.name: report}).count()
                elif field.related_model.__name__ in ("Case", "Referral", "Coding"):
                    via = {"Case": "report", "Referral": "case__report", "Coding": "report"}[
                        field.related_model.__name__
                    ]
                    found[f"{model.__name__}.{field.name}"] = model.objects.filter(
                        **{f"{field.name}__{via}": report}
                    ).count()
    return found


def test_an_expired_report_goes_whole_and_leaves_a_count_and_an_event(vault: Vault) -> None:
    from cop.kernel.ledger import check
    from cop.vault.cases.expiry import plan
    from cop.vault.cases.models import Count
    from cop.vault.cases.queries import kept_records
    from cop.vault.coding.queries import RECORD_COLUMNS
    from cop.vault.registers.queries import events
    from cop.vault.reports.models import Report

    going, staying = everything(vault), everything(vault, days=3)
    work(vault)
    before = rows_naming(going)
    planned = plan(rules=RULES, on=TODAY)
    assert Report.objects.filter(id=going).exists()  # a plan changes nothing
    done = erase()
    [event] = [e for e in events() if e.kind == "reports.erased"]
    [kept] = kept_records(RECORD_COLUMNS)

    assert min(before.values()) >= 0
    assert sum(n > 0 for n in before.values()) >= 8
    assert (planned.by_rule, done.by_rule, done.held) == ({"rest": 1}, {"rest": 1}, 0)
    assert set(rows_naming(going).values()) == {0}
    assert rows_naming(staying) == before
    assert not Report.objects.filter(id=going).exists()
    assert event.details == {"reports": [going], "rules": {"rest": 1}, "program": "retention"}
    assert kept == {
        "code": ["B01"], "date": [date(2025, 3, 1)], "area": ["XAL"], "platform": ["social"], "age_band": ["13-15"],
        "sex": ["girl"], "language": ["en"], "route": ["review"], "source": [""],
    }  # fmt: skip
    assert {f.name for f in Count._meta.get_fields()} == {
        "id", "source", "month", "code", "area", "platform", "age_band", "sex", "language", "route", "number",
    }  # fmt: skip
    assert check(events())
    assert erase().total == 0


def test_no_canary_is_left_in_the_database_file_after_erasing_and_vacuum(sqlite_vault: Vault) -> None:
    from django.db import connection

    from cop.vault.cases.vacuum import vacuum

    for _ in range(20):
        everything(sqlite_vault)
    work(sqlite_vault)
    path = str(connection.settings_dict["NAME"])

    def canaries() -> int:
        found = 0
        for name in ("", "-wal", "-shm", "-journal"):
            try:
                with Path(path + name).open("rb") as handle:
                    found += handle.read().count(b"canary")
            except FileNotFoundError:
                pass
        return found

    assert canaries() >= 80
    assert erase().total == 20
    vacuum()
    assert canaries() == 0


def test_a_count_grows_by_what_goes_and_nothing_stays_of_what_was_withdrawn(vault: Vault) -> None:
    from cop.vault.cases.models import Count
    from cop.vault.reports.models import Report

    for _ in range(3):
        everything(vault)
    put_file_report()
    put_report(vault.organisations["alpha"], code="B98", received=datetime.now(UTC) - timedelta(days=40))
    Report.objects.filter(id=everything(vault)).update(status="withdrawn")
    work(vault)
    assert erase().by_rule == {"rest": 5, "withdrawn": 1}
    everything(vault)
    work(vault)
    erase()
    counts = Count.objects.order_by("code").values_list("code", "source", "month", "number")

    assert list(counts) == [
        ("B", "", date(2025, 3, 1), 1),
        ("B01", "", date(2025, 3, 1), 4),
        ("C02", "hotline", date(2024, 5, 1), 1),
    ]


def test_the_day_follows_the_case_when_it_is_closed_and_opened_again(sqlite_vault: Vault) -> None:
    from cop.vault.cases import operations as do
    from cop.vault.cases.queries import case_facts, case_of

    vault, analyst = sqlite_vault, sqlite_vault.actor("analyst@alpha")
    report = everything(vault, urgency=1, days=3)
    case = case_of(analyst, report)
    assert case is not None
    days = []
    for to, reason, seen, outcome in (("closed", "handled", 3, "PENDING"), ("assessed", "new_facts", 4, "")):
        work(vault)
        days.append(case_facts(analyst, case).place.expires)
        do.move(actor=analyst, case=case, to=to, reason=reason, seen=seen, outcome=outcome)
    work(vault)
    days.append(case_facts(analyst, case).place.expires)
    open_case = (datetime.now(UTC) - timedelta(days=3)).date() + timedelta(days=30)

    assert days == [open_case, TODAY + timedelta(days=100), open_case]


def test_rules_that_changed_since_the_day_was_set_decide_when_it_comes(sqlite_vault: Vault) -> None:
    from cop.vault.reports.models import Report

    report = everything(sqlite_vault)
    work(sqlite_vault)
    longer = (Rule(id="rest", days=50),)

    assert erase(rules=longer).total == 0
    assert Report.objects.get(id=report).expires > TODAY
    assert erase(rules=longer, on=TODAY + timedelta(days=11)).total == 1


def test_a_hold_keeps_a_report_until_it_is_lifted_or_its_last_day_has_passed(vault: Vault) -> None:
    from cop.vault.cases.expiry import hold, lift, plan
    from cop.vault.cases.queries import holds_of
    from cop.vault.reports.models import Report

    first, second, until = everything(vault), everything(vault), TODAY + timedelta(days=5)
    reviewer = vault.actor("reviewer@alpha")
    work(vault)
    given: dict[str, Any] = {"actor": reviewer, "ground": "court_order", "reference": "C 7/26", "until": until}
    holds = [hold(report=first, **given), hold(report=first, **given)]
    hold(report=second, **given)

    assert (plan(rules=RULES, on=TODAY).held, erase().total) == (2, 0)
    lift(actor=reviewer, hold=holds[0], reason="ended")
    assert erase().total == 0  # another stands
    lift(actor=reviewer, hold=holds[1], reason="ended")
    with pytest.raises(Conflict):
        lift(actor=reviewer, hold=holds[1], reason="ended")
    assert [(h.stands, h.by, h.lifted_by, h.lift) for h in holds_of(reviewer, first)] == [
        (False, "Reviewer of Alpha", "Reviewer of Alpha", "ended")
    ] * 2
    assert erase().total == 1
    assert Report.objects.filter(id__in=[first, second]).count() == 1
    assert erase(on=until).total == 0
    assert erase(on=until + timedelta(days=1)).total == 1


def test_a_hold_has_its_ground_its_number_and_a_day_to_come(sqlite_vault: Vault) -> None:
    from cop.vault.cases.expiry import hold

    report = put_report(sqlite_vault.organisations["alpha"])
    good: dict[str, Any] = {"ground": "claim", "reference": "1", "until": TODAY}
    for wrong in ({"ground": "whim"}, {"reference": " "}, {"reference": "a“b”"}, {"until": TODAY - timedelta(days=1)}):
        with pytest.raises(Refused):
            hold(actor=sqlite_vault.actor("reviewer@alpha"), report=report, **{**good, **wrong})


def test_nobody_but_the_program_erases(sqlite_vault: Vault) -> None:
    from cop.vault.cases.expiry import run

    for who in ("reviewer@alpha", "administrator@office", "key_custodian@alpha"):
        with pytest.raises(NotAllowed):
            run(actor=sqlite_vault.actor(who), rules=RULES, on=TODAY)


def test_the_rows_of_a_file_go_with_the_file_but_not_those_on_hold(sqlite_vault: Vault) -> None:
    from cop.vault.cases.expiry import hold, lift
    from cop.vault.cases.operations import open_case
    from cop.vault.reports.models import Report
    from cop.vault.reports.operations import forget

    vault = sqlite_vault
    report = put_file_report(organisation_id=vault.organisations["alpha"])
    name = Report.objects.get(id=report).register.name
    open_case(actor=vault.actor("analyst@alpha"), report=report)
    reviewer = vault.actor("reviewer@alpha")
    number = hold(actor=reviewer, report=report, ground="claim", reference="1", until=TODAY)
    with pytest.raises(Conflict, match="legal hold"):
        forget(kind="reports", source="hotline", name=name)
    assert Report.objects.filter(id=report).exists()
    lift(actor=reviewer, hold=number, reason="ended")
    forget(kind="reports", source="hotline", name=name)

    assert not Report.objects.filter(id=report).exists()
