"""Reports through the doors: stored sealed or not at all, once however often sent, seen by nobody else's office."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.errors import Conflict, NotAllowed, NotFound, Refused, Unavailable
from cop.vault.members.rules import ANONYMOUS, program
from doors import TOLD, events, seal_to, submission
from vaults import Vault


def test_what_is_stored_opens_for_office_and_escrow_and_tells_nothing_else(vault: Vault) -> None:
    from cop.kernel.sealing import unseal
    from cop.vault.reports.models import Report
    from cop.vault.reports.operations import accept
    from cop.vault.reports.queries import facts, sealed_of

    keys = seal_to(vault, "alpha")
    told = "Canary wrote from canary@example.org, call +44 20 7946 0000, see https://canary.example/a."
    alpha = vault.organisations["alpha"]
    done = accept(
        actor=ANONYMOUS, submission=submission(alpha, narrative=told, address="https://canary.example/x", ref="7")
    )
    analyst = vault.actor("analyst@alpha")

    for key in keys.values():
        opened = json.loads(unseal(sealed_of(analyst, done.id), key))
        assert opened == {"narrative": told, "url": "https://canary.example/x"}
    assert facts(analyst, done.id).redacted == {"url": 2, "email": 1, "phone": 1}
    row = Report.objects.filter(pk=done.id).values().get()
    kept = {name: value for name, value in row.items() if name != "sealed"}
    assert "canary" not in repr(kept).lower()
    assert done.receipt not in repr(done)
    [event] = events("report.accepted")
    assert event.details == {"program": "form", "organisation": alpha, "origin": "form"}


def test_without_a_key_of_the_office_nothing_is_stored(vault: Vault) -> None:
    from cop.vault.reports.models import Report
    from cop.vault.reports.operations import accept

    seal_to(vault, "beta")
    with pytest.raises(Unavailable):
        accept(actor=ANONYMOUS, submission=submission(vault.organisations["alpha"]))
    assert Report.objects.count() == 0


def test_the_database_refuses_a_report_of_a_door_without_its_envelope(vault: Vault) -> None:
    from django.db import IntegrityError, transaction

    from cop.vault.reports.models import Report
    from cop.vault.reports.operations import accept

    seal_to(vault, "alpha")
    done = accept(actor=ANONYMOUS, submission=submission(vault.organisations["alpha"]))
    for change in ({"sealed": None}, {"organisation": None}, {"origin": "file"}, {"status": "lost"}, {"step": 101}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Report.objects.filter(pk=done.id).update(**change)


def test_one_key_is_one_report_also_within_a_batch_and_at_the_same_moment(vault: Vault) -> None:
    from cop.vault.reports import door
    from cop.vault.reports.models import Report
    from cop.vault.reports.operations import accept, accept_many

    seal_to(vault, "alpha")
    alpha = vault.organisations["alpha"]
    one = submission(alpha, key="k")
    first, second = accept_many(actor=ANONYMOUS, submissions=[one, one])
    again = accept(actor=ANONYMOUS, submission=one)

    assert isinstance(first, door.Accepted) and isinstance(second, door.Accepted)
    assert (first.repeated, second.repeated, again.repeated) == (False, True, True)
    assert len({first.receipt, second.receipt, again.receipt}) == 1
    with pytest.raises(Conflict):
        accept(actor=ANONYMOUS, submission=submission(alpha, key="k", narrative=TOLD + " More."))
    assert Report.objects.count() == 1


def test_who_comes_second_at_the_same_moment_gets_the_first_ones_receipt(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cop.vault.reports import door
    from cop.vault.reports.models import Report
    from cop.vault.reports.operations import accept

    seal_to(vault, "alpha")
    one = submission(vault.organisations["alpha"], key="k")
    seal, others = door.seal, list[Any]()

    def slow(text: str, recipients: Any) -> bytes:
        if not others:
            others.append(None)
            others[0] = accept(actor=ANONYMOUS, submission=one)
        return seal(text, recipients)

    monkeypatch.setattr(door, "seal", slow)
    done = accept(actor=ANONYMOUS, submission=one)

    assert (done.receipt, done.repeated) == (others[0].receipt, True)
    assert Report.objects.count() == 1


def test_what_waits_together_is_stored_together_and_a_clash_is_that_ones_alone(vault: Vault) -> None:
    from cop.vault.reports import door
    from cop.vault.reports.models import Report
    from cop.vault.reports.operations import accept

    keys = seal_to(vault, "alpha", "beta")
    offices = [vault.organisations["alpha"], vault.organisations["beta"]]
    accept(actor=ANONYMOUS, submission=submission(offices[0], key="taken"))
    given = [submission(offices[0], key="taken"), submission(offices[1]), submission(offices[0])]
    ready = [door._checked(one) for one in given]
    jobs = [
        door._Job(ANONYMOUS, [one], [door._report(r, door._recipients(one.organisation))])
        for one, r in zip(given, ready, strict=True)
        if isinstance(r, door._Ready)
    ]
    clash, first, second = door._store_all(jobs)

    assert isinstance(clash, Exception) and isinstance(first, list) and isinstance(second, list)
    assert len(keys) == 3
    found = Report.objects.filter(pk__in=[*first, *second]).order_by("pk").values_list("organisation", flat=True)
    assert sorted(found) == sorted(offices)
    assert len(events("report.accepted")) == 3


def test_bad_rows_do_not_hold_up_good_ones(vault: Vault) -> None:
    from cop.vault.reports.operations import Accepted, accept_many

    seal_to(vault, "alpha")
    alpha = vault.organisations["alpha"]
    rows = [submission(alpha, narrative=text) for text in (TOLD, "", TOLD + " x", "a\u202eb")]
    found = accept_many(actor=ANONYMOUS, submissions=rows)

    assert [isinstance(f, Accepted) for f in found] == [True, False, True, False]
    [event] = events("reports.accepted")
    assert event.details["reports"] == [f.id for f in found if isinstance(f, Accepted)]


# --- who may


def test_only_who_may_reports_there(vault: Vault) -> None:
    from cop.vault.reports.operations import accept
    from cop.vault.reports.rules import program_of

    seal_to(vault, "alpha", "beta")
    alpha, beta = vault.organisations["alpha"], vault.organisations["beta"]
    for actor, origin in (
        (ANONYMOUS, "desk"), (ANONYMOUS, "api"), (vault.actor("analyst@beta"), "desk"),
        (vault.actor("key_custodian@alpha"), "desk"), (program(program_of(beta)), "api"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            accept(actor=actor, submission=submission(alpha, origin=origin))
    for actor, origin in ((vault.actor("analyst@alpha"), "desk"), (program(program_of(alpha)), "api")):
        accept(actor=actor, submission=submission(alpha, origin=origin))


def test_another_offices_report_is_not_there_and_an_auditor_sees_facts_alone(vault: Vault) -> None:
    from cop.vault.reports import operations, queries

    seal_to(vault, "alpha")
    alpha = vault.organisations["alpha"]
    number = operations.accept(actor=ANONYMOUS, submission=submission(alpha)).id
    strangers = ["analyst@beta", "key_custodian@beta", "delegate@xal", "administrator@office", "delegate@alpha"]
    asked: list[Callable[[Any], Any]] = [
        lambda a: queries.facts(a, number),
        lambda a: queries.sealed_of(a, number),
        lambda a: queries.exchanges(a, number),
        lambda a: queries.twins(a, number),
        lambda a: queries.listed(a, alpha),
        lambda a: queries.counts_by_status(a, alpha),
        lambda a: operations.ask(actor=a, report=number, text="Where?"),
        lambda a: operations.mark_read(actor=a, report=number),
    ]

    for who in strangers:
        for ask in asked:
            with pytest.raises(NotFound):
                ask(vault.actor(who))
    auditor = vault.actor("auditor@office")
    assert queries.facts(auditor, number).id == number
    for ask in (asked[1], asked[2], asked[6], asked[7]):
        with pytest.raises(NotAllowed):
            ask(auditor)


# --- receipts


@given(st.integers(0, 10**15 - 1), st.integers(0, 15), st.integers(1, 9))
def test_every_wrong_digit_of_a_receipt_is_found(number: int, place: int, more: int) -> None:
    from cop.vault.reports.receipts import _checked, read_receipt, shown_receipt

    digits = _checked(number)
    wrong = digits[:place] + str((int(digits[place]) + more) % 10) + digits[place + 1 :]

    assert read_receipt(shown_receipt(digits)) == digits
    with pytest.raises(Refused, match="one of the digits is wrong"):
        read_receipt(wrong)


def test_a_receipt_is_read_in_other_digits_and_with_marks() -> None:
    from cop.vault.reports.receipts import _checked, read_receipt

    digits = _checked(123456789012345)
    arabic = "".join(chr(0x660 + int(d)) for d in digits)

    assert read_receipt(f" {arabic[:4]}-{arabic[4:8]}\u2013{arabic[8:]}\u200f") == digits


# --- the work on reports


def test_a_lease_is_held_by_one_and_taken_over_when_it_ends(vault: Vault) -> None:
    from cop.vault.reports.models import Report
    from cop.vault.reports.operations import accept, advance, claim

    seal_to(vault, "alpha")
    number = accept(actor=ANONYMOUS, submission=submission(vault.organisations["alpha"])).id
    now = datetime(2026, 3, 1, tzinfo=UTC)
    until = now + timedelta(minutes=5)

    assert claim(by="a", now=now, until=until, limit=10) == [(number, 0)]
    assert claim(by="b", now=now, until=until, limit=10) == []
    assert claim(by="b", now=until, until=until + timedelta(minutes=5), limit=10) == [(number, 0)]
    assert not advance(report=number, by="a", step=1)
    assert advance(report=number, by="b", step=1)
    assert not advance(report=number, by="b", step=1)
    assert advance(report=number, by="b", step=2, last=True)
    assert claim(by="b", now=now, until=until, limit=10) == []
    assert Report.objects.get().leased_by == ""


def test_a_withdrawn_report_that_is_held_keeps_its_envelope_until_the_hold_ends(vault: Vault) -> None:
    from cop.vault.cases.models import AccessCopy
    from cop.vault.coding.models import Coding
    from cop.vault.coding.queries import coded_records
    from cop.vault.reports.models import Report
    from cop.vault.reports.operations import accept, hold, remove, withdraw

    seal_to(vault, "alpha")
    done = accept(actor=ANONYMOUS, submission=submission(vault.organisations["alpha"]))
    hold(report=done.id, held=True)
    copy = AccessCopy.objects.create(
        report_id=done.id, at=datetime.now(UTC), by_id=vault.actor("analyst@alpha").id, sealed=b"copy"
    )

    assert [sum(map(len, (c["code"] for c in coded_records())))] == [1]
    assert withdraw(receipt=done.receipt) is False
    assert list(coded_records()) == []
    assert Coding.objects.count() == 1
    assert remove(reports=[done.id]) == 0
    assert Report.objects.get().sealed is not None
    assert AccessCopy.objects.get() == copy
    hold(report=done.id, held=False)
    assert not AccessCopy.objects.exists()
    assert Report.objects.get().sealed is None
    assert Coding.objects.count() == 0


def test_envelopes_are_replaced_only_where_they_are_what_they_were(vault: Vault) -> None:
    from cop.vault.reports.operations import accept, add_facts, ask
    from cop.vault.reports.queries import ExchangeEnvelopes, ReportEnvelopes

    seal_to(vault, "alpha")
    alpha = vault.organisations["alpha"]
    done = accept(actor=ANONYMOUS, submission=submission(alpha))
    ask(actor=vault.actor("analyst@alpha"), report=done.id, text="Where?")
    add_facts(receipt=done.receipt, text="There.")
    for envelopes, many in ((ReportEnvelopes(), 1), (ExchangeEnvelopes(), 2)):
        rows = envelopes.after(alpha, 0, 10)
        assert len(rows) == many
        row, old = rows[0]
        assert envelopes.replace(row, old, b"COP1new")
        assert not envelopes.replace(row, old, b"COP1other")
        assert envelopes.after(vault.organisations["beta"], 0, 10) == []


# --- the plans of the desk's queries


PLANS: dict[str, Callable[[Any, Any, int], Any]] = {
    "listed": lambda actor, office, _: queries().listed(actor, office),
    "listed by status": lambda actor, office, _: queries().listed(actor, office, status="closed", before=10**9),
    "listed news": lambda actor, office, _: queries().listed(actor, office, news=True),
    "counts": lambda actor, office, _: queries().counts_by_status(actor, office),
    "facts": lambda actor, _, report: queries().facts(actor, report),
    "exchanges": lambda actor, _, report: queries().exchanges(actor, report),
    "twins": lambda actor, _, report: queries().twins(actor, report),
}


def queries() -> Any:
    from cop.vault.reports import queries as asked

    return asked


@pytest.mark.parametrize("name", PLANS)
def test_no_query_of_the_desk_reads_or_sorts_the_whole_table(sqlite_vault: Vault, name: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from cop.vault.reports.operations import accept

    seal_to(sqlite_vault, "alpha")
    alpha = sqlite_vault.organisations["alpha"]
    number = accept(actor=ANONYMOUS, submission=submission(alpha, address="https://a.example/x")).id
    actor = sqlite_vault.actor("analyst@alpha")
    with CaptureQueriesContext(connection) as captured:
        PLANS[name](actor, alpha, number)
    plans: list[str] = []
    for query in captured.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plans += [str(row[3]) for row in cursor.fetchall()]

    assert plans
    assert [p for p in plans if p.startswith("SCAN reports") or "TEMP B-TREE" in p] == []


def test_a_day_is_accepted_where_it_has_begun_anywhere(vault: Vault) -> None:
    from cop.vault.reports.operations import accept

    seal_to(vault, "alpha")
    with pytest.raises(Refused, match="not a day"):
        accept(actor=ANONYMOUS, submission=submission(vault.organisations["alpha"], date=date(2999, 1, 1)))


# --- files that come to a desk


def test_records_of_a_file_come_to_the_desk_that_it_names_and_to_nobodys_otherwise(vault: Vault) -> None:
    from cop.kernel.areas import Areas
    from cop.kernel.sealing import unseal
    from cop.vault.coding.models import Coding
    from cop.vault.members.keys import recipients_of
    from cop.vault.registers.operations import FileFacts
    from cop.vault.reports.coders import coder
    from cop.vault.reports.models import Report
    from cop.vault.reports.operations import Intake, take_in
    from cop.vault.reports.queries import facts, sealed_of
    from cop.vault.reports.schemas import DONE, Shape

    keys = seal_to(vault, "alpha")
    alpha = vault.organisations["alpha"]
    for name, office in (("ours.csv", alpha), ("nobodys.csv", None)):
        path = vault.folder / name
        path.write_text(f"narrative,date,age_band,sex\n{TOLD},2025-01-01,7-9,unknown\n")
        recipients = recipients_of(office) if office else ()
        intake = Intake(Shape(), Areas({}), recipients, set_aside=False, organisation=office)
        take_in(path=path, facts=FileFacts("reports", "r", name, name, 1, name), intake=intake, coder=coder())
    ours, nobodys = Report.objects.order_by("pk")
    analyst = vault.actor("analyst@alpha")

    assert (ours.organisation_id, ours.step, nobodys.organisation_id, nobodys.step) == (alpha, 0, None, DONE)
    assert Coding.objects.get(report=ours).organisation_id == alpha
    found = facts(analyst, ours.pk)
    assert (found.variables, found.file) == ({"age_band": ["Y7T9"], "sex": ["_U"]}, ("ours.csv", 1))
    assert json.loads(unseal(sealed_of(analyst, ours.pk), keys["escrow"]))["narrative"] == TOLD
    with pytest.raises(NotFound):
        facts(analyst, nobodys.pk)
