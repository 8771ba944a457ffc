"""Cases: every way of the course and no other, histories that stay, referrals and the time to removal, other tenants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases_stock import put_body, put_report
from cop.classification.scheme import load_scheme
from cop.classification.variables import load_variables
from cop.kernel.errors import Conflict, CopError, NotAllowed, NotFound, Refused
from cop.kernel.sealing import Recipient
from cop.vault.cases.course import CHANNELS, KINDS, STATUSES, Look, Removal, course, removal
from vaults import Vault

NOTICE = datetime(2026, 3, 1, 12, tzinfo=UTC)


# --- the course as data


def test_the_course_names_what_the_vault_and_the_classification_name() -> None:
    found = course()

    assert tuple(found.words["statuses"]) == STATUSES
    assert tuple(found.words["channels"]) == CHANNELS
    assert tuple(item.id for item in load_variables().variable("referred_to").items) == KINDS
    assert sorted(found.acknowledge_within) == [1, 2, 3]
    assert {n.urgency for n in load_scheme().nodes} >= {1, 2, 3}
    for texts in found.words.values():
        assert all(len(set(text)) == 6 and all(text.values()) for text in texts.values())


def test_every_status_is_reached_and_every_open_one_can_be_closed() -> None:
    found = course()
    reached, waiting = {found.first}, [found.first]
    while waiting:
        for after in found.after(waiting.pop()):
            if after not in reached:
                reached.add(after)
                waiting.append(after)

    assert reached == set(STATUSES)
    assert [s for s in STATUSES if s != found.last and found.last not in found.after(s)] == []
    assert all(found.reasons(*way) for way in found.ways)


# --- time to removal


def at(hours: float, seen: str) -> Look:
    return Look(NOTICE + timedelta(hours=hours), seen)


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], Removal(0.0, None)),
        ([at(5, "up")], Removal(5.0, None)),
        ([at(3, "gone")], Removal(0.0, 3.0)),
        ([at(5, "up"), at(9.5, "gone"), at(20, "gone")], Removal(5.0, 9.5)),
        ([at(9.5, "gone"), at(5, "up")], Removal(5.0, 9.5)),  # entered late
        ([at(2, "gone"), at(30, "up")], Removal(30.0, None)),  # it came back
        ([at(2, "gone"), at(30, "up"), at(31, "gone")], Removal(30.0, 31.0)),
        ([at(2, "unknown"), at(-1, "gone")], Removal(0.0, None)),
    ],
)
def test_the_time_to_removal_of_worked_examples(looks: list[Look], expected: Removal) -> None:
    assert removal(NOTICE, looks) == expected


@given(st.lists(st.tuples(st.integers(-5, 500), st.sampled_from(["up", "gone", "unknown"])), max_size=12))
def test_the_time_to_removal_is_never_before_it_was_last_up(seen: list[tuple[int, str]]) -> None:
    found = removal(NOTICE, [at(hours, what) for hours, what in seen])
    since = [(hours, what) for hours, what in seen if hours >= 0]

    assert found.at_least == max((hours for hours, what in since if what == "up"), default=0)
    later = [hours for hours, what in since if what == "gone"]
    if found.at_most is None:
        assert not later or (any(w == "up" for _, w in since) and found.at_least >= max(later))
    else:
        assert found.at_most in later
        assert found.at_most >= found.at_least


# --- a case in the vault


def opened(vault: Vault, **facts: Any) -> int:
    from cop.vault.cases.operations import open_case

    report = put_report(vault.organisations["alpha"], **facts)
    return open_case(actor=vault.actor("analyst@alpha"), report=report)


def move(
    vault: Vault, case: int, to: str, reason: str, seen: int, outcome: str = "", who: str = "analyst@alpha"
) -> int:
    from cop.vault.cases.operations import move

    return move(actor=vault.actor(who), case=case, to=to, reason=reason, seen=seen, outcome=outcome)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wishes=st.lists(
        st.tuples(
            st.sampled_from([*STATUSES, "gone", ""]),
            st.sampled_from([*course().words["reasons"], "because"]),
            st.sampled_from(["", "CONTENT_GONE", "WELL"]),
        ),
        max_size=12,
    )
)
def test_no_wish_brings_a_case_where_the_course_has_no_way(
    sqlite_vault: Vault, wishes: list[tuple[str, str, str]]
) -> None:
    """Whatever is asked for, the history is a walk along the course's ways, and the case stands at its end."""
    from cop.vault.cases.queries import case_facts

    case, version, granted = opened(sqlite_vault), 1, 0
    for to, reason, outcome in wishes:
        before = case_facts(sqlite_vault.actor("analyst@alpha"), case)
        may = reason in course().reasons(before.status, to) and (outcome == ("CONTENT_GONE" if to == "closed" else ""))
        try:
            version = move(sqlite_vault, case, to, reason, version, outcome)
        except Refused:
            assert not may
        else:
            assert may
            granted += 1
    found = case_facts(sqlite_vault.actor("analyst@alpha"), case)

    assert [c.number for c in found.changes] == list(range(1, granted + 2))
    assert (found.changes[0].before, found.changes[0].after) == ("", "received")
    for one, two in pairwise(found.changes):
        assert two.before == one.after
        assert two.reason in course().reasons(two.before, two.after)
    assert (found.status, found.version) == (found.changes[-1].after, granted + 1)
    assert (found.closed is not None, bool(found.outcome)) == (found.status == "closed", found.status == "closed")
    assert found.place.status == found.status


def test_a_case_is_worked_from_its_report_to_its_end_and_every_deed_is_in_the_ledger(vault: Vault) -> None:
    from cop.kernel.ledger import check
    from cop.vault.cases import operations as do
    from cop.vault.cases.queries import case_facts, cases, overdue
    from cop.vault.registers.queries import events

    analyst, body = vault.actor("analyst@alpha"), put_body(vault)
    case = opened(vault, urgency=1)
    assert do.open_case(actor=analyst, report=case_facts(analyst, case).report) == case
    move(vault, case, "assessed", "unlawful", 1)
    given = {"actor": analyst, "case": case, "kind": "POLICE", "channel": "portal", "reason": "crime"}
    referral = do.refer(body=body, seen=2, reference="AB 12/26", **given)
    with pytest.raises(Conflict, match="changed since it was shown"):
        do.refer(body=body, seen=2, **given)
    second = do.refer(body=body, seen=3, **given)
    do.acknowledge(actor=analyst, referral=referral, reference="P-1")
    with pytest.raises(Conflict, match="acknowledged already"):
        do.acknowledge(actor=analyst, referral=referral)
    do.observe(actor=analyst, referral=referral, seen="up")
    do.observe(actor=analyst, referral=referral, seen="gone")
    do.settle(actor=analyst, referral=referral, outcome="INVESTIGATION")
    move(vault, case, "closed", "handled", 3, "CONTENT_GONE")
    found = case_facts(analyst, case)
    told = [e for e in events() if e.subject.startswith(("case ", "referral ", "body "))]

    assert [(c.before, c.after, c.reason, c.by) for c in found.changes] == [
        ("", "received", "", "Analyst of Alpha"),
        ("received", "assessed", "unlawful", "Analyst of Alpha"),
        ("assessed", "referred", "crime", "Analyst of Alpha"),
        ("referred", "closed", "handled", "Analyst of Alpha"),
    ]
    assert [(r.id, r.body, r.reference, r.outcome) for r in found.referrals] == [
        (referral, "Harbour police", "P-1", "INVESTIGATION"), (second, "Harbour police", "", ""),
    ]  # fmt: skip
    assert found.referrals[0].due - found.referrals[0].sent == timedelta(hours=24)
    assert [look.seen for look in found.referrals[0].looks] == ["up", "gone"]
    assert found.referrals[0].removal.at_most is not None
    assert [e.kind for e in told] == [
        "body.entered", "case.opened", "case.moved", "case.moved", "case.referred", "case.referred",
        "referral.acknowledged", "referral.observed", "referral.observed", "referral.settled", "case.moved",
    ]  # fmt: skip
    assert {e.details["by"] for e in told[1:]} == {analyst.id}
    assert check(events())
    assert [(c.id, c.status, c.code, c.urgency) for c in cases(analyst, vault.organisations["alpha"])] == [
        (case, "closed", "B01", 1)
    ]
    assert overdue(analyst, vault.organisations["alpha"]) == []


def test_what_nobody_acknowledged_in_time_is_overdue_the_longest_first(sqlite_vault: Vault) -> None:
    from django.utils import timezone

    from cop.vault.cases import operations as do
    from cop.vault.cases.models import Case
    from cop.vault.cases.queries import overdue

    analyst, body, alpha = (
        sqlite_vault.actor("analyst@alpha"),
        put_body(sqlite_vault),
        sqlite_vault.organisations["alpha"],
    )
    numbers = []
    for urgency, days in ((3, 20), (1, 2), (3, 2), (1, 30)):
        case = opened(sqlite_vault, urgency=urgency)
        Case.objects.filter(pk=case).update(opened=timezone.now() - timedelta(days=40))
        move(sqlite_vault, case, "assessed", "unlawful", 1)
        numbers.append(
            do.refer(
                actor=analyst, case=case, body=body, kind="POLICE", channel="email", reason="crime", seen=2,
                sent=timezone.now() - timedelta(days=days),
            )
        )  # fmt: skip
    late = overdue(analyst, alpha)
    [first] = overdue(analyst, alpha, limit=1)
    rest = overdue(analyst, alpha, after=(first.due, first.id))
    do.acknowledge(actor=analyst, referral=numbers[3])

    assert [r.id for r in late] == [numbers[3], numbers[0], numbers[1]]
    assert (first.id, [r.id for r in rest]) == (numbers[3], [numbers[0], numbers[1]])
    assert [r.id for r in overdue(analyst, alpha)] == [numbers[0], numbers[1]]


def test_histories_and_observations_are_never_changed(vault: Vault) -> None:
    from django.db import DatabaseError, transaction
    from django.db.models import F
    from django.utils import timezone

    from cop.vault.cases import operations as do
    from cop.vault.cases.models import Body, Case, Change, Observation, Referral

    analyst, case = vault.actor("analyst@alpha"), opened(vault)
    move(vault, case, "assessed", "unlawful", 1)
    referral = do.refer(
        actor=analyst, case=case, body=put_body(vault), kind="POLICE", channel="email", reason="crime", seen=2
    )
    do.observe(actor=analyst, referral=referral, seen="up")
    now = timezone.now()
    attempts = {
        "history": lambda: Change.objects.update(reason="x"),
        "history number": lambda: Change.objects.update(number=F("number") + 1),
        "observation": lambda: Observation.objects.update(seen="gone"),
        "entry twice": lambda: Change.objects.create(case_id=case, number=2, before="received", after="assessed", reason="unlawful", by_id=analyst.id, at=now),
        "entry without reason": lambda: Change.objects.create(case_id=case, number=9, before="received", after="assessed", by_id=analyst.id, at=now),
        "entry of nobody": lambda: Change.objects.create(case_id=case, number=9, before="received", after="assessed", reason="unlawful", at=now),
        "status": lambda: Case.objects.update(status="lost"),
        "closed without outcome": lambda: Case.objects.update(status="closed", closed=now),
        "acknowledged before sent": lambda: Referral.objects.update(acknowledged=now - timedelta(days=1)),
        "outcome without time": lambda: Referral.objects.update(outcome="PENDING"),
        "channel": lambda: Referral.objects.update(channel="pigeon"),
        "key without evidence": lambda: Body.objects.update(recipient="x"),
        "body twice": lambda: Body.objects.create(organisation_id=vault.organisations["alpha"], name="Harbour police"),
    }  # fmt: skip
    accepted = []
    for name, attempt in attempts.items():
        try:
            with transaction.atomic():
                attempt()
            accepted.append(name)
        except DatabaseError:
            pass

    assert accepted == []


def test_another_tenants_numbers_are_not_found_and_other_roles_may_not(sqlite_vault: Vault) -> None:
    from cop.vault.cases import expiry
    from cop.vault.cases import operations as do
    from cop.vault.cases import queries as ask

    vault = sqlite_vault
    alpha, body = vault.organisations["alpha"], put_body(vault)
    case = opened(vault)
    report = ask.case_facts(vault.actor("analyst@alpha"), case).report
    move(vault, case, "assessed", "unlawful", 1)
    referral = do.refer(
        actor=vault.actor("analyst@alpha"), case=case, body=body, kind="POLICE", channel="email", reason="crime", seen=2
    )
    day = datetime.now(UTC).date() + timedelta(days=9)
    hold = expiry.hold(
        actor=vault.actor("reviewer@alpha"), report=report, ground="court_order", reference="C 1/26", until=day
    )

    def deeds(actor: Any) -> dict[str, Any]:
        return {
            "open": lambda: do.open_case(actor=actor, report=report),
            "move": lambda: do.move(actor=actor, case=case, to="actioned", reason="removed", seen=3),
            "refer": lambda: do.refer(actor=actor, case=case, body=body, kind="POLICE", channel="email", reason="crime", seen=3),
            "acknowledge": lambda: do.acknowledge(actor=actor, referral=referral),
            "observe": lambda: do.observe(actor=actor, referral=referral, seen="up"),
            "settle": lambda: do.settle(actor=actor, referral=referral, outcome="PENDING"),
            "hold": lambda: expiry.hold(actor=actor, report=report, ground="claim", reference="1", until=day),
            "lift": lambda: expiry.lift(actor=actor, hold=hold, reason="ended"),
            "see cases": lambda: ask.cases(actor, alpha),
            "see case": lambda: ask.case_facts(actor, case),
            "see referral": lambda: ask.referral_facts(actor, referral),
            "see overdue": lambda: ask.overdue(actor, alpha),
            "see bodies": lambda: ask.bodies(actor, alpha),
            "see body": lambda: ask.body_facts(actor, body),
            "see holds": lambda: ask.holds_of(actor, report),
            "see candidates": lambda: ask.candidates(actor, report),
        }  # fmt: skip

    def said(who: str) -> dict[str, type]:
        answers: dict[str, type] = {}
        for name, deed in deeds(vault.actor(who)).items():
            try:
                deed()
            except CopError as error:
                answers[name] = type(error)
        return answers

    for who in (
        "analyst@beta",
        "reviewer@beta",
        "key_custodian@beta",
        "auditor@office",
        "administrator@office",
        "delegate@alpha",
    ):
        assert said(who) == dict.fromkeys(deeds(None), NotFound), who
    with pytest.raises(NotAllowed):
        expiry.lift(actor=vault.actor("analyst@alpha"), hold=hold, reason="ended")
    worked = ("move", "refer", "acknowledge", "observe", "settle")
    assert said("key_custodian@alpha") == dict.fromkeys(("open", *worked), NotAllowed)  # and held, and lifted


def test_a_case_is_never_referred_to_another_tenants_body_nor_as_what_the_body_is_not(sqlite_vault: Vault) -> None:
    from cop.vault.cases import operations as do
    from cop.vault.cases.bodies import put_body as put
    from cop.vault.cases.queries import case_facts

    vault = sqlite_vault
    foreign = put(
        actor=vault.actor("reviewer@beta"),
        organisation=vault.organisations["beta"],
        name="Beta police",
        kinds=["POLICE"],
    )
    own, case = put_body(vault, kinds=("HOTLINE", "HELPLINE")), opened(vault)
    move(vault, case, "assessed", "unlawful", 1)
    given: dict[str, Any] = {"actor": vault.actor("analyst@alpha"), "case": case, "reason": "crime", "seen": 2}
    later = datetime.now(UTC) + timedelta(hours=1)

    with pytest.raises(NotFound):
        do.refer(body=foreign, kind="POLICE", channel="email", **given)
    with pytest.raises(Refused, match="is no kind of Harbour police"):
        do.refer(body=own, kind="POLICE", channel="email", **given)
    with pytest.raises(Refused, match="is no channel"):
        do.refer(body=own, kind="HOTLINE", channel="pigeon", **given)
    with pytest.raises(Refused, match="cannot be"):
        do.refer(body=own, kind="HOTLINE", channel="email", sent=later, **given)
    with pytest.raises(Refused, match="cannot be a reference"):
        do.refer(body=own, kind="HOTLINE", channel="email", reference="she wrote: “help”", **given)
    assert case_facts(vault.actor("analyst@alpha"), case).referrals == ()
    assert case_facts(vault.actor("analyst@alpha"), case).status == "assessed"  # the refused ones moved nothing


def test_a_body_has_a_key_only_with_its_evidence(sqlite_vault: Vault) -> None:
    from datetime import date

    from cop.vault.cases.bodies import put_body as put
    from cop.vault.cases.queries import bodies

    vault = sqlite_vault
    line = Recipient("Harbour police", b"k" * 32).line()
    given: dict[str, Any] = {
        "actor": vault.actor("reviewer@alpha"), "organisation": vault.organisations["alpha"], "kinds": ["POLICE"]
    }  # fmt: skip
    for wrong in (
        {"recipient": line}, {"recipient": line, "evidence": date(2999, 1, 1)}, {"recipient": "cop-recipient x y"},
        {"kinds": []}, {"kinds": ["GUARD"]}, {"area": "FR"}, {"name": ""}, {"name": "=1+1"},
    ):  # fmt: skip
        with pytest.raises(Refused):
            put(**{"name": "Police", **given, **wrong})
    with pytest.raises(NotAllowed):
        put(name="Police", **{**given, "actor": vault.actor("analyst@alpha")})
    number = put(name="Police", recipient=line, evidence=date(2026, 1, 5), **given)
    with pytest.raises(Conflict):
        put(name="Police", **given)
    put(name="Police", body=number, active=False, **given)
    [found] = bodies(vault.actor("analyst@alpha"), vault.organisations["alpha"])

    assert (found.id, found.recipient, found.evidence, found.active) == (number, "", None, False)


def test_no_page_of_the_room_reads_a_whole_table(vault: Vault) -> None:
    """The plan of every query, as the database makes it when sequential scans cost what they do on large tables."""
    from datetime import UTC, datetime

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from cop.vault.cases import queries as ask

    analyst, alpha, case = vault.actor("analyst@alpha"), vault.organisations["alpha"], opened(vault)
    now = datetime.now(UTC)
    pages = {
        "cases": lambda: ask.cases(analyst, alpha, before=10**6),
        "cases of a status": lambda: ask.cases(analyst, alpha, status="assessed"),
        "overdue": lambda: ask.overdue(analyst, alpha),
        "overdue further on": lambda: ask.overdue(analyst, alpha, after=(now, 5)),
        "case": lambda: ask.case_facts(analyst, case),
        "candidates": lambda: ask.candidates(analyst, ask.case_facts(analyst, case).report),
    }
    scans = []
    with connection.cursor() as cursor:
        if vault.kind == "postgresql":
            cursor.execute("SET enable_seqscan = off")
        for name, page in pages.items():
            with CaptureQueriesContext(connection) as captured:
                page()
            for query in [q["sql"] for q in captured if q["sql"].startswith("SELECT")]:
                explain = "EXPLAIN" if vault.kind == "postgresql" else "EXPLAIN QUERY PLAN"
                cursor.execute(f"{explain} {query}")
                lines = [str(row[-1]) for row in cursor.fetchall()]
                whole = [x for x in lines if "Seq Scan" in x or (x.startswith("SCAN ") and "USING INDEX" not in x)]
                scans += [(name, x) for x in whole]

    assert scans == []
