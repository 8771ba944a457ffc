"""The audit sample: known chances, blind coders, disagreement settled by a third, agreement, reviews to learn from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cop.kernel.errors import Conflict, NotAllowed, Refused
from records import Given, add_records
from vaults import Vault


def code(code: str, act: str = "code") -> object:
    from cop.vault.coding.schemas import Choice

    return Choice(act, code)  # type: ignore[arg-type]


def draw(numbers: list[int], rate: float = 1.0) -> tuple[int, ...]:
    from cop.vault.coding.operations import draw_audit
    from cop.vault.members.rules import program

    return draw_audit(actor=program("work"), seed=b"a secret", reports=numbers, rate=rate)


def decide(vault: Vault, who: str, report: int, version: int, what: str) -> None:
    from cop.vault.coding.operations import decide as act

    one = code("", "cannot") if what == "cannot" else code(what)
    act(actor=vault.actor(who), report=report, version=version, choice=one)  # type: ignore[arg-type]


# --- the draw


@pytest.mark.usefixtures("sqlite_vault")
def test_every_record_has_the_chance_that_is_written_down_and_the_same_lot_again() -> None:
    from cop.vault.coding.operations.auditing import lot

    lots = [lot(b"a secret", number) for number in range(20_000)]
    assert lots == [lot(b"a secret", number) for number in range(20_000)]
    assert lots != [lot(b"another", number) for number in range(20_000)]
    for rate in (0.01, 0.05, 0.5):
        share = sum(one < rate for one in lots) / len(lots)
        assert share == pytest.approx(rate, abs=4 * (rate * (1 - rate) / len(lots)) ** 0.5)


def test_a_lot_is_drawn_once_whatever_the_coder_said(vault: Vault) -> None:
    from cop.vault.coding.models import AuditDraw, Coding

    made = add_records(vault, [Given(), Given(route="auto", class_set=("C01",))] * 20)
    drawn = draw(made, 0.5)
    assert 0 < len(drawn) < 40
    assert draw(made, 1.0) == (), "a second lot would make the first chance untrue"
    assert set(AuditDraw.objects.values_list("report", "probability")) == {(number, 0.5) for number in drawn}
    assert set(Coding.objects.values_list("draw_rate", flat=True)) == {0.5}


def test_who_was_reviewed_before_the_lot_is_not_drawn_and_nobody_but_the_worker_draws(sqlite_vault: Vault) -> None:
    from cop.vault.coding.operations import draw_audit

    [made] = add_records(sqlite_vault, [Given()])
    decide(sqlite_vault, "analyst@alpha", made, 1, "C01")
    assert draw([made]) == ()
    with pytest.raises(NotAllowed):
        draw_audit(actor=sqlite_vault.actor("reviewer@alpha"), seed=b"s", reports=[made], rate=1.0)


# --- blind


def test_a_blind_coder_sees_no_code_of_anybody(vault: Vault) -> None:
    from cop.vault.coding.queries import codes_of, queue_of, record_of

    [made] = add_records(vault, [Given(code="B032", class_set=("B032", "B031"), urgency=1)])
    draw([made])
    analyst, second = vault.actor("analyst@alpha"), vault.actor("analyst2@alpha")

    def shown(actor: object) -> str:
        record = record_of(actor=actor, report=made)  # type: ignore[arg-type]
        queue = queue_of(actor=actor, organisation=vault.organisations["alpha"])  # type: ignore[arg-type]
        return f"{record} {queue} {codes_of(actor=actor, reports=[made])}"  # type: ignore[arg-type]

    assert "B03" not in shown(analyst)
    decide(vault, "analyst@alpha", made, 1, "C02")
    for code in ("B03", "C02"):
        assert code not in shown(second)
    assert record_of(actor=second, report=made).turn
    own = record_of(actor=analyst, report=made)
    assert (own.turn, own.seen, [d.code for d in own.decisions]) == (False, True, ["C02"])


def test_the_same_person_is_not_the_second_coder(vault: Vault) -> None:
    from cop.vault.coding.operations import take_next

    [made] = add_records(vault, [Given(route="auto", class_set=("C01",))])
    draw([made])
    desk, first = vault.organisations["alpha"], vault.actor("analyst@alpha")

    taken = take_next(actor=first, organisation=desk, audit=True)
    assert taken is not None and taken.report == made
    decide(vault, "analyst@alpha", made, 1, "C01")
    assert take_next(actor=first, organisation=desk, audit=True) is None
    with pytest.raises(NotAllowed, match="you coded this record first"):
        decide(vault, "analyst@alpha", made, 2, "C01")
    assert take_next(actor=vault.actor("analyst2@alpha"), organisation=desk, audit=True) is not None


def test_agreement_settles_and_disagreement_goes_to_a_reviewer_who_was_neither(vault: Vault) -> None:
    from cop.vault.coding.operations import adjudicate
    from cop.vault.coding.queries import disputes, record_of

    same, other = add_records(vault, [Given()] * 2)
    draw([same, other])
    for number, second in ((same, "C01"), (other, "C02")):
        decide(vault, "reviewer@alpha", number, 1, "C01")
        decide(vault, "analyst@alpha", number, 2, second)

    reviewer, desk = vault.actor("reviewer@alpha"), vault.organisations["alpha"]
    assert record_of(actor=reviewer, report=same).state == "settled"
    [waiting] = disputes(actor=reviewer, organisation=desk)
    assert (waiting.report, waiting.first, waiting.second, waiting.mine) == (other, "C01", "C02", True)
    with pytest.raises(NotAllowed, match="you coded this record yourself"):
        adjudicate(actor=reviewer, report=other, version=3, choice=code("C01"))  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        adjudicate(actor=vault.actor("analyst2@alpha"), report=other, version=3, choice=code("C01"))  # type: ignore[arg-type]


def test_the_third_settles_and_can_do_so_once(vault: Vault) -> None:
    from cop.vault.coding.operations import adjudicate
    from cop.vault.coding.queries import record_of

    [made] = add_records(vault, [Given()])
    draw([made])
    decide(vault, "analyst@alpha", made, 1, "C01")
    decide(vault, "analyst2@alpha", made, 2, "C02")
    reviewer = vault.actor("reviewer@alpha")

    done = adjudicate(actor=reviewer, report=made, version=3, choice=code("C03"))  # type: ignore[arg-type]
    assert (done.state, done.kind) == ("settled", "adjudicate")
    assert record_of(actor=reviewer, report=made).code == "C03"
    with pytest.raises(Conflict):
        adjudicate(actor=reviewer, report=made, version=4, choice=code("C01"))  # type: ignore[arg-type]


# --- rulings


def test_a_ruling_takes_the_next_number_of_the_register_and_is_found_and_cited(vault: Vault) -> None:
    from cop.vault.coding.operations import record_ruling
    from cop.vault.coding.queries import find_rulings, rulings

    before = len(rulings().rulings)
    number = record_ruling(
        actor=vault.actor("reviewer@alpha"), organisation=vault.organisations["alpha"],
        question="A quokka filter is put on a classmate's photo: bullying or privacy?",
        answer="C01 where it is done to hurt; else F01.", codes=["C01", "F01"], principal="C01", language="en",
    )  # fmt: skip

    assert number == before + 1
    assert [r.number for r in find_rulings("QUOKKA filter", "en")] == [f"R{number:03}"]
    assert f"R{number:03}" in [r.number for r in find_rulings("F01", "fr")]
    assert rulings().ruling(f"R{number:03}").principal == ("C01",)
    assert find_rulings("quokka unicorn", "en") == ()


def test_a_ruling_that_quotes_the_report_is_refused(sqlite_vault: Vault) -> None:
    from cop.vault.coding.operations import record_ruling

    def rule(question: str, narrative: str) -> int:
        return record_ruling(
            actor=sqlite_vault.actor("reviewer@alpha"), organisation=sqlite_vault.organisations["alpha"],
            question=question, answer="C01.", codes=["C01", "C02"], principal="C01", language="en",
            narrative=narrative,
        )  # fmt: skip

    told = "A pupil in the seventh form was sent the same insult every evening by two others."
    with pytest.raises(Refused, match="quotes the report"):
        rule("Is it C01 when a pupil in the seventh form was insulted?", told)
    with pytest.raises(Refused, match="quotes the report"):
        rule("一名学生每天晚上收到辱骂信息怎么办", "报告称一名学生每天晚上收到辱骂信息,已持续两周。")
    assert rule("Is an insult that is repeated daily C01 or C02?", told) > 0


# --- agreement and reviews


def test_agreement_is_computed_from_blind_pairs_alone(vault: Vault) -> None:
    from cop.vault.coding.queries import agreement_of, sample_of

    made = add_records(vault, [Given()] * 4 + [Given(language="fr")] * 2)
    draw(made)
    for number, (one, two) in zip(
        made, [("C01", "C01")] * 2 + [("C02", "C02"), ("C01", "C02")] + [("F01", "F01")] * 2, strict=True
    ):
        decide(vault, "analyst@alpha", number, 1, one)
        decide(vault, "analyst2@alpha", number, 2, two)

    actor, desk = vault.actor("auditor@office"), vault.organisations["alpha"]
    found = agreement_of(actor=actor, organisation=desk)
    # Krippendorff (2011), C: alpha = 1 - (n - 1) * sum of mismatches / (n squared - sum of squares)
    assert found.units == 6
    leaf = next(a for a in found.overall if a.level == "leaf")
    assert leaf.alpha == pytest.approx(1 - 11 * 2 / (144 - 25 - 9 - 16), abs=1e-4)
    assert {line.key: (line.units, line.alpha) for line in found.languages} == {
        "en": (4, pytest.approx(1 - 7 * 2 / (64 - 25 - 9), abs=1e-3)),
        "fr": (2, None),
    }
    assert {line.key: line.units for line in found.classes} == {"C01": 3, "C02": 2, "F01": 2}
    assert {line.key: line.alpha for line in found.sections} == {"C": 1.0, "F": 1.0}
    assert sample_of(actor=actor, organisation=desk).states["agreed"] == 5


def test_reviews_are_what_the_coder_learns_from(vault: Vault, tmp_path: Path) -> None:
    from cop.classification.coder.reviews import read_reviews
    from cop.vault.coding.operations import adjudicate
    from cop.vault.coding.queries import reviews
    from cop.vault.coding.rules import EXPORT
    from cop.vault.coding.schemas import scheme
    from cop.vault.members.rules import program

    plain, changed, agreed, disputed, open_, _escalated = add_records(vault, [Given()] * 6)
    draw([agreed, disputed, open_], 0.5 + 0.5)
    decide(vault, "analyst@alpha", plain, 1, "C01")
    decide(vault, "analyst@alpha", changed, 1, "C02")
    decide(vault, "reviewer@alpha", changed, 2, "C03")
    for number, second in ((agreed, "C01"), (disputed, "C02")):
        decide(vault, "analyst@alpha", number, 1, "C01")
        decide(vault, "analyst2@alpha", number, 2, second)
    adjudicate(actor=vault.actor("reviewer@alpha"), report=disputed, version=3, choice=code("C02"))  # type: ignore[arg-type]
    decide(vault, "analyst@alpha", open_, 1, "C01")

    rows = list(reviews(actor=program(EXPORT), organisation=vault.organisations["alpha"], secret=b"s"))
    path = tmp_path / "reviews.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    read = read_reviews(path, scheme(), texts=False)

    assert [(r.id, r.code, r.outcome, r.audit, r.weight) for r in read] == [
        (str(plain), "C01", "reviewed-agreed", False, None),
        (str(changed), "C03", "reviewed-changed", False, None),
        (str(agreed), "C01", "reviewed-agreed", True, 1.0),
        (str(disputed), "C02", "adjudicated", True, 1.0),
    ]
    assert str(vault.people["analyst@alpha"]) not in {r.reviewer for r in read}
    with pytest.raises(NotAllowed):
        list(reviews(actor=vault.actor("reviewer@alpha"), organisation=vault.organisations["alpha"], secret=b"s"))


def test_the_worker_draws_at_the_rate_that_the_observatory_sets(sqlite_vault: Vault) -> None:
    from cop.vault.cases.retention import default_rules
    from cop.vault.cases.steps import steps
    from cop.vault.coding.models import AuditDraw, Coding
    from cop.vault.members.rules import program

    made = add_records(sqlite_vault, [Given()] * 3)
    drawn, *_ = steps(default_rules(), actor=program("work"), audit_rate=1.0)
    for number in made[:2]:
        drawn.effect(number)
    usual, *_ = steps(default_rules(), actor=program("work"))
    usual.effect(made[2])

    assert sorted(AuditDraw.objects.filter(probability=1.0).values_list("report", flat=True)) == made[:2]
    assert list(Coding.objects.order_by("report").values_list("draw_rate", flat=True)) == [1.0, 1.0, 0.05]
