"""The desk's codes: the queue's order, one person per record, decisions that a stale page cannot make."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.errors import Conflict, CopError, NotAllowed, NotFound, Refused, TooMuch
from records import Given, add_records
from vaults import Vault

# --- the place in the queue


def test_information_is_the_entropy_of_what_the_record_may_be() -> None:
    from cop.vault.coding.ordering import information

    assert information(1.0, ("C01",)) == 0
    assert information(0.5, ("C01", "C02")) == 1
    assert information(0.5, ("C01",), {"C01": 0.5, "C02": 0.25, "C03": 0.25}) == 1.5
    assert information(0.4, ("A01", "A02", "A03", "A04")) == pytest.approx(0.970951 + 0.6 * 1.584963, abs=1e-5)


@given(st.sampled_from([1, 2, 3, None]), st.floats(0, 9), st.sampled_from([1, 2, 3, None]), st.floats(0, 9))
def test_urgency_goes_before_information_and_information_before_age(
    u: int | None, a: float, v: int | None, b: float
) -> None:
    from cop.vault.coding.ordering import place, urgency_of

    assert urgency_of(place(u, a)) == u
    if u != v:
        assert (place(u, a) < place(v, b)) == ((u or 4) < (v or 4))
    elif a >= b + 0.001:
        assert place(u, a) < place(v, b)


def test_the_queue_is_read_in_order_page_by_page_and_nothing_is_left_out(vault: Vault) -> None:
    from cop.vault.coding.queries import queue_of

    made = add_records(
        vault,
        [Given(urgency=2, probability=0.9), Given(urgency=1, probability=0.9), Given(urgency=None, probability=0.4)]
        + [Given(urgency=2, probability=0.5)] * 3
        + [Given(route="auto", class_set=("C01",))],
    )
    add_records(vault, [Given(urgency=1)], organisation="beta")
    actor, desk = vault.actor("analyst@alpha"), vault.organisations["alpha"]

    seen, after = [], None
    while True:
        page = queue_of(actor=actor, organisation=desk, after=after, size=2)
        seen += [row.report for row in page.rows]
        after = page.after
        if after is None:
            break

    assert seen == [made[1], made[3], made[4], made[5], made[0], made[2]]


# --- in one person's hands


def test_two_analysts_do_not_open_the_same_record_and_the_next_is_another_one(vault: Vault) -> None:
    from cop.vault.coding.operations import open_record, put_back, take_next

    made, desk = add_records(vault, [Given(urgency=1), Given()]), vault.organisations["alpha"]
    one, other = vault.actor("analyst@alpha"), vault.actor("analyst2@alpha")

    first, second = take_next(actor=one, organisation=desk), take_next(actor=other, organisation=desk)
    assert first is not None and second is not None
    assert [first.report, second.report] == made
    with pytest.raises(Conflict, match="somebody else has this record open"):
        open_record(actor=other, report=made[0])
    assert take_next(actor=vault.actor("reviewer@alpha"), organisation=desk) is None

    put_back(actor=one, report=made[0])
    assert open_record(actor=other, report=made[0]).opened_today == 2


def test_a_hold_ends_by_itself(vault: Vault) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from cop.vault.coding.models import Coding
    from cop.vault.coding.operations import open_record

    [made] = add_records(vault, [Given()])
    open_record(actor=vault.actor("analyst@alpha"), report=made)
    past = timezone.now() - timedelta(minutes=30)
    Coding.objects.filter(report=made).update(held_since=past, held_until=past + timedelta(minutes=20))

    assert open_record(actor=vault.actor("analyst2@alpha"), report=made).version == 1


def test_the_day_has_a_cap_and_a_break_is_proposed(sqlite_vault: Vault) -> None:
    from cop.vault.coding.operations import open_record, take_break
    from cop.vault.coding.queries import own_progress
    from cop.vault.coding.rules import Limits

    limits = Limits(daily_cap=4, break_after_records=3)
    made = add_records(sqlite_vault, [Given()] * 5)
    actor = sqlite_vault.actor("analyst@alpha")

    opened = [open_record(actor=actor, report=number, limits=limits) for number in made[:3]]
    assert [o.break_due for o in opened] == [False, False, True]
    again = open_record(actor=actor, report=made[0], limits=limits)
    assert again.opened_today == 3, "what is in hand already is not counted again"
    assert own_progress(actor=actor, limits=limits).break_due
    take_break(actor=actor)
    assert not open_record(actor=actor, report=made[-2], limits=limits).break_due
    with pytest.raises(TooMuch, match="that is 4 records today, and enough"):
        open_record(actor=actor, report=made[-1], limits=limits)
    assert open_record(actor=actor, report=made[-1]).opened_today == 5, "60 by default"


def test_a_record_is_held_and_a_break_due_as_long_as_the_observatory_says(sqlite_vault: Vault) -> None:
    from datetime import UTC, datetime, timedelta

    from cop.vault.coding.models import Coding
    from cop.vault.coding.operations import open_record
    from cop.vault.coding.operations.opening import break_due
    from cop.vault.coding.rules import Limits

    [made] = add_records(sqlite_vault, [Given()])
    open_record(actor=sqlite_vault.actor("analyst@alpha"), report=made, limits=Limits(hold_minutes=45))
    coding = Coding.objects.get()
    assert coding.held_until - coding.held_since == timedelta(minutes=45)

    now, limits = datetime(2026, 3, 1, 9, tzinfo=UTC), Limits(break_after_minutes=30)
    assert break_due(2, now - timedelta(minutes=30), now, limits)
    assert not break_due(2, now - timedelta(minutes=29), now, limits)
    assert not break_due(1, now - timedelta(minutes=90), now, limits)


# --- decisions


def choice(act: str = "code", code: str = "C01", **more: object) -> object:
    from cop.vault.coding.schemas import Choice

    return Choice(act, code, **more)  # type: ignore[arg-type]


def test_a_stale_page_overwrites_nothing(vault: Vault) -> None:
    from cop.vault.coding.operations import decide
    from cop.vault.coding.queries import record_of

    [made] = add_records(vault, [Given()])
    decide(actor=vault.actor("analyst@alpha"), report=made, version=1, choice=choice(code="C02"))  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="the record changed since you opened it"):
        decide(actor=vault.actor("analyst2@alpha"), report=made, version=1, choice=choice())  # type: ignore[arg-type]

    record = record_of(actor=vault.actor("analyst2@alpha"), report=made)
    assert (record.code, record.version, record.state) == ("C02", 2, "reviewed")
    assert [(d.by, d.kind, d.code) for d in record.decisions] == [("Analyst of Alpha", "change", "C02")]


def test_what_each_decision_does(vault: Vault) -> None:
    from cop.vault.coding.operations import decide
    from cop.vault.coding.queries import record_of

    made = add_records(vault, [Given()] * 7)
    actor = vault.actor("analyst@alpha")
    choices = [
        choice(variables={"age_band": "Y10T12", "live": "_U", "genai": "_N"}, reason="ruling", ruling=105),
        choice(code="B032", secondary=["C01"]),
        choice("split", "", parts=["B032", "C02"]),
        choice("duplicate", "", duplicate_of=made[1], rule="same_event"),
        choice("refer", "C02"),
        choice("escalate", ""),
        choice("cannot", ""),
    ]
    for number, one in zip(made, choices, strict=True):
        decide(actor=actor, report=number, version=1, choice=one)  # type: ignore[arg-type]

    found = [record_of(actor=actor, report=number) for number in made]
    assert [(r.decisions[0].kind, r.code, r.state) for r in found] == [
        ("accept", "C01", "reviewed"),
        ("change", "B032", "reviewed"),
        ("split", "B032", "reviewed"),
        ("duplicate", "B032", "reviewed"),
        ("refer", "C02", "reviewed"),
        ("escalate", "C01", "escalated"),
        ("cannot", "Z04", "cannot_code"),
    ]
    assert found[0].variables == {"age_band": "Y10T12", "live": "_U"}
    assert found[0].decisions[0].variables == {"age_band": (None, "Y10T12"), "live": (None, "_U")}
    assert (found[0].decisions[0].ruling, found[1].secondary, found[2].parts) == (105, ("C01",), ("B032", "C02"))
    assert found[3].duplicate_of == made[1]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"code": "B"}, "is no class to code to"),
        ({"code": "X01"}, "is no class to code to"),
        ({"act": "split", "code": "", "parts": ["C01"]}, "events are no split"),
        ({"act": "duplicate", "code": ""}, "a duplicate needs the record it repeats and a rule"),
        ({"variables": {"age_band": "old"}}, "is not in the code list"),
        ({"variables": {"outcome": "PENDING"}}, "is no variable of a record"),
        ({"variables": {"n_children": "-1"}}, "is no number"),
        ({"reason": "because she said so"}, "is no reason"),
        ({"ruling": 9999}, "R9999 is no ruling"),
        ({"secondary": ["C01"] * 6}, "too many secondary classes"),
    ],
)
def test_what_no_decision_may_hold_is_refused_and_nothing_is_written(
    sqlite_vault: Vault, wrong: dict[str, object], said: str
) -> None:
    from cop.vault.coding.operations import decide
    from cop.vault.coding.queries import record_of

    [made] = add_records(sqlite_vault, [Given()])
    actor = sqlite_vault.actor("analyst@alpha")
    with pytest.raises((Refused, NotFound), match=said):
        decide(actor=actor, report=made, version=1, choice=choice(**wrong))  # type: ignore[arg-type]

    assert record_of(actor=actor, report=made).decisions == ()


def test_a_duplicate_of_itself_or_of_another_desk_or_of_a_duplicate_is_refused(sqlite_vault: Vault) -> None:
    from cop.vault.coding.operations import decide

    first, second, third = add_records(sqlite_vault, [Given()] * 3)
    [foreign] = add_records(sqlite_vault, [Given()], organisation="beta")
    actor = sqlite_vault.actor("analyst@alpha")

    def mark(report: int, of: int) -> None:
        one = choice("duplicate", "", duplicate_of=of, rule="same_text")
        decide(actor=actor, report=report, version=1, choice=one)  # type: ignore[arg-type]

    mark(second, first)
    for of, error in ((third, Refused), (second, Refused), (foreign, NotFound)):
        with pytest.raises(error):
            mark(third, of)


def test_an_escalated_record_is_for_a_reviewer(vault: Vault) -> None:
    from cop.vault.coding.operations import decide

    [made] = add_records(vault, [Given()])
    decide(actor=vault.actor("analyst@alpha"), report=made, version=1, choice=choice("escalate", ""))  # type: ignore[arg-type]
    with pytest.raises(NotAllowed, match="may not decide on this record"):
        decide(actor=vault.actor("analyst2@alpha"), report=made, version=2, choice=choice())  # type: ignore[arg-type]

    done = decide(actor=vault.actor("reviewer@alpha"), report=made, version=2, choice=choice())  # type: ignore[arg-type]
    assert (done.state, done.kind) == ("reviewed", "accept")


@pytest.mark.parametrize(
    "who",
    [
        "analyst@beta",
        "reviewer@beta",
        "auditor@office",
        "administrator@office",
        "delegate@alpha",
        "key_custodian@alpha",
    ],
)
def test_who_does_not_code_there_sees_and_does_nothing(sqlite_vault: Vault, who: str) -> None:
    from cop.vault.coding import operations, queries

    [made] = add_records(sqlite_vault, [Given()])
    actor, desk = sqlite_vault.actor(who), sqlite_vault.organisations["alpha"]
    calls = [
        lambda: queries.record_of(actor=actor, report=made),
        lambda: queries.queue_of(actor=actor, organisation=desk),
        lambda: queries.waiting_of(actor=actor, organisation=desk),
        lambda: queries.disputes(actor=actor, organisation=desk),
        lambda: operations.open_record(actor=actor, report=made),
        lambda: operations.take_next(actor=actor, organisation=desk),
        lambda: operations.put_back(actor=actor, report=made),
        lambda: operations.decide(actor=actor, report=made, version=1, choice=choice()),  # type: ignore[arg-type]
        lambda: operations.adjudicate(actor=actor, report=made, version=1, choice=choice()),  # type: ignore[arg-type]
    ]
    for call in calls:
        with pytest.raises(CopError) as caught:
            call()
        assert isinstance(caught.value, (NotFound, NotAllowed))
        if not who.endswith("@alpha"):
            assert isinstance(caught.value, NotFound) or "code records here" in str(caught.value)
    assert queries.codes_of(actor=actor, reports=[made]) == {}


def test_decisions_are_events_without_words_and_the_database_lets_nobody_change_one(vault: Vault) -> None:
    from django.db import DatabaseError, transaction

    from cop.kernel.ledger import check
    from cop.vault.coding.models import Decision
    from cop.vault.coding.operations import decide
    from cop.vault.registers.queries import events

    [made] = add_records(vault, [Given()])
    actor = vault.actor("analyst@alpha")
    decide(actor=actor, report=made, version=1, choice=choice(code="C02", variables={"live": "YES"}))  # type: ignore[arg-type]

    last = list(events())[-1]
    assert (last.kind, last.subject) == ("coding.decided", f"report {made}")
    assert last.details == {
        "by": actor.id, "kind": "change", "code": "C02", "version": 2, "state": "reviewed", "variables": ["live"],
        "blind": False,
    }  # fmt: skip
    check(events())
    with pytest.raises(DatabaseError, match="decisions are never changed"), transaction.atomic():
        Decision.objects.update(code="C01")


def test_records_go_whole_when_their_time_is_over(vault: Vault) -> None:
    from cop.vault.coding.models import AuditDraw, Coding, Decision, Part
    from cop.vault.coding.operations import decide, draw_audit, forget_records
    from cop.vault.members.rules import program

    made = add_records(vault, [Given()] * 2)
    draw_audit(actor=program("work"), seed=b"s", reports=made, rate=1.0)
    one = choice("split", "", parts=["B032", "C02"])
    decide(actor=vault.actor("analyst@alpha"), report=made[0], version=1, choice=one)  # type: ignore[arg-type]

    forget_records(reports=made)
    assert [m.objects.count() for m in (Coding, Decision, AuditDraw, Part)] == [0, 0, 0, 0]


# --- what counts are made of


def counted() -> list[dict[str, str]]:
    """Each coded report's columns but its day, in order of code."""
    from cop.vault.coding.queries import coded_records

    columns = {name: [v for chunk in coded_records() for v in chunk[name]] for name in ("code", *_ASSESSED)}
    return sorted((dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)), key=str)


_ASSESSED = ("area", "platform", "age_band", "sex")
_REPORTED = {"area": "", "platform": "social", "age_band": "13-15", "sex": "girl"}


def test_counts_follow_what_people_established_and_what_was_reported_stays(vault: Vault) -> None:
    from cop.vault.coding.models import Decision
    from cop.vault.coding.operations import decide
    from cop.vault.reports.queries import facts

    one, other, _ = add_records(vault, [Given(), Given(code="C02"), Given(code="C03")])
    actor = vault.actor("analyst@alpha")
    said = facts(actor, one).variables
    everything = {"age_band": "Y10T12", "sex": "BOY", "platform_type": "ONLINE_GAME", "country_of_child": "FRA"}
    decide(actor=actor, report=one, version=1, choice=choice(variables=everything))  # type: ignore[arg-type]
    decide(actor=actor, report=other, version=1, choice=choice(code="C02", variables={"sex": "_U"}))  # type: ignore[arg-type]

    assert counted() == [
        {"code": "C01", "area": "FRA", "platform": "online_game", "age_band": "10-12", "sex": "boy"},
        {"code": "C02", **_REPORTED, "sex": "unknown"},
        {"code": "C03", **_REPORTED},
    ]
    assert facts(actor, one).variables == said
    assert Decision.objects.get(report=one).variables["age_band"] == [None, "Y10T12"]

    back = dict.fromkeys(everything, "_N")
    decide(actor=actor, report=one, version=2, choice=choice(variables=back))  # type: ignore[arg-type]
    assert counted()[0] == {"code": "C01", **_REPORTED}, "not recorded at the desk: as it was reported"


def test_a_report_that_is_erased_leaves_what_people_established_in_the_count(vault: Vault) -> None:
    from cop.vault.cases.expiry import _count
    from cop.vault.cases.queries import kept_records
    from cop.vault.coding.operations import decide

    [made] = add_records(vault, [Given()])
    established = {"age_band": "Y7T9", "country_of_child": "FRA"}
    decide(actor=vault.actor("analyst@alpha"), report=made, version=1, choice=choice(variables=established))  # type: ignore[arg-type]
    _count([made])

    assert list(kept_records(_ASSESSED)) == [
        {"area": ["FRA"], "platform": ["social"], "age_band": ["7-9"], "sex": ["girl"]}
    ]


@pytest.mark.parametrize("name", ["age_band", "sex", "platform_type"])
def test_whatever_the_desk_may_record_is_a_value_that_counts_know(name: str) -> None:
    from cop.vault.coding.schemas import NOT_RECORDED, UNKNOWN
    from cop.vault.reports.schemas import AGE_BANDS, PLATFORMS, SEXES
    from cop.vault.reports.variables import assessed_columns, catalogue

    for value in {*catalogue().values(name), UNKNOWN} - {NOT_RECORDED}:
        [column] = assessed_columns({name: value}).values()
        assert column in {"age_band": AGE_BANDS, "sex": SEXES, "platform_type": PLATFORMS}[name], value


@pytest.mark.usefixtures("sqlite_vault")
@pytest.mark.parametrize("country", ["fra", "FR", "ZZZ"])
def test_a_country_that_is_none_is_not_recorded(country: str) -> None:
    from cop.vault.coding.schemas import check

    with pytest.raises(Refused, match="is no known country"):
        check(choice(variables={"country_of_child": country}))  # type: ignore[arg-type]
