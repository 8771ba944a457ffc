"""The course of a decision: who may do what next, when a decision is reached, what the list makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.errors import NotAllowed, Refused
from cop.terms.criteria import ListRule
from cop.terms.documents import from_bytes
from cop.vault.members.rules import ANONYMOUS, Actor, Post, Role
from cop.vault.providers.course import KINDS, Act, Basis, Cell, Course, Quote
from cop.vault.providers.figures import Verdict, shares
from cop.vault.providers.grounds import Held, Texts, first_break, quoted
from cop.vault.providers.listing import changes, place, public
from cop.vault.providers.rules import (
    MACHINE,
    Offices,
    allow,
    may_adjudicate,
    may_decide,
    may_find_stale,
    may_name_speakers,
    may_withdraw,
    named,
    sees_round,
    speaks,
)

DAY = date(2025, 5, 1)
CELL = Cell("p", "LIC-2")
BASIS = Basis("p/tos", date(2025, 1, 1), "a" * 64)
QUOTE = Quote("p/tos", BASIS.version, BASIS.sha256, "words", 3, 8)
RULE = ListRule(1, ("LIC-2", "OWN-1"), frozenset({"met", "partly"}), decided=True)


def act(kind: str = "decide", by: str = "A", finding: str | None = "met", on: date = DAY, **given_: object) -> Act:
    reviews = kind in ("decide", "adjudicate")
    told = {"basis": (BASIS,), "quotes": (QUOTE,)} if reviews else {}
    finding = finding if reviews or kind == "declare" else None
    return replace(Act(kind, by, on, "because", finding, **told), **given_)  # type: ignore[arg-type]


def after(*acts: Act) -> Course:
    course = Course(CELL)
    for one in acts:
        course = course.with_act(one)
    return course


def test_one_reviewer_decides_met_and_two_who_agree_not_met() -> None:
    first = after(act(finding="not_met"))
    both = first.with_act(act(by="B", finding="not_met"))

    assert (after(act()).state, after(act()).decision.finding) == ("decided", "met")  # type: ignore[union-attr]
    assert (first.state, first.decision) == ("second_needed", None)
    assert both.state == "decided" and both.decision and both.decision.by == ("A", "B")


def test_two_who_differ_need_a_third_whose_finding_counts() -> None:
    disputed = after(act(finding="not_met"), act(by="B", finding="partly"))
    settled = disputed.with_act(act("adjudicate", "C", "partly"))

    assert (disputed.state, disputed.decision) == ("disputed", None)
    with pytest.raises(Refused, match="adjudicate, by a third person"):
        disputed.with_act(act(by="D"))
    assert settled.decision and (settled.decision.finding, settled.decision.adjudicated) == ("partly", True)
    with pytest.raises(Refused, match="two reviews that differ"):
        settled.with_act(act("adjudicate", "C"))


def test_what_two_decided_is_not_undone_by_one() -> None:
    decided = after(act(finding="not_met"), act(by="B", finding="not_met"))
    opened = decided.with_act(act(by="C", finding="met"))

    assert (opened.state, opened.standing.finding) == ("second_needed", "not_met")  # type: ignore[union-attr]
    assert opened.with_act(act(by="D", finding="met")).standing.finding == "met"  # type: ignore[union-attr]
    stale = decided.with_act(act("stale", "cop"))
    assert stale.with_act(act(by="C", finding="met")).standing.finding == "met"  # type: ignore[union-attr]


def test_a_stale_decision_counts_no_more_and_stays_in_the_history() -> None:
    stale = after(act(), act("stale", "cop"))

    assert (stale.state, stale.standing, stale.decision.finding) == ("stale", None, "met")  # type: ignore[union-attr]
    assert stale.with_act(act(by="B")).state == "decided"
    with pytest.raises(Refused, match="no decision that could be stale"):
        after(act("stale", "cop"))


def test_a_contest_and_a_declaration_change_no_finding() -> None:
    contested = after(act(), act("contest", "P"), act("declare", "P", "not_met"))

    assert (contested.contested, contested.declared, contested.standing.finding) == (True, "not_met", "met")  # type: ignore[union-attr]
    assert not contested.with_act(act(by="B", finding="partly")).contested
    with pytest.raises(Refused, match="no finding to contest"):
        after(act("contest", "P"))


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (act(finding="not_reviewed"), '"not_reviewed" cannot be decided'),
        (act(quotes=()), "met quotes nothing"),
        (act(basis=()), "rests on no document"),
        (act(text=" "), "field text: is empty"),
        (act(by=" "), "names nobody"),
        (act(quotes=(replace(QUOTE, sha256="b" * 64),)), "is quoted and not among the versions"),
        (act("declare", "P", "contradictory"), "cannot be declared"),
        (act("new_text", "P"), "field filed: is empty"),
    ],
)
def test_an_act_that_says_too_little_is_refused(one: Act, said: str) -> None:
    with pytest.raises(Refused, match=said):
        after(one)


def test_no_act_is_older_than_the_one_before() -> None:
    with pytest.raises(Refused, match='field date: "2025-04-30" comes before the last act'):
        after(act(), act(by="B", on=date(2025, 4, 30)))


OFFICES = Offices(1, frozenset({2}))


def person(number: int, name: str, role: Role, organisation: int = 1) -> Actor:
    return Actor(number, name, frozenset({Post(organisation, role)}))


REVIEWER, ANALYST = person(11, "R", "reviewer"), person(12, "N", "analyst")
CHAIR, SECRETARIAT = person(13, "C", "chair"), person(14, "S", "secretariat")
PROVIDER, OTHER = person(15, "P", "delegate", 2), person(16, "Q", "focal_point", 3)
HOTLINE, ADMINISTRATOR = person(17, "H", "reviewer", 4), person(18, "M", "administrator")
BOTH = Actor(19, "B", frozenset({Post(1, "reviewer"), Post(2, "delegate")}))


@pytest.mark.parametrize(
    ("predicate", "allowed"),
    [
        (lambda a: may_decide(a, Course(CELL), OFFICES), {"R", "N", "C", "S", "file"}),
        (lambda a: may_decide(a, Course(CELL), Offices()), {"file"}),
        (lambda a: may_adjudicate(a, Course(CELL), OFFICES), {"C", "S", "file"}),
        (lambda a: speaks(a, OFFICES), {"P", "B", "file"}),
        (lambda a: may_name_speakers(a, OFFICES), {"S", "file"}),
        (may_find_stale, {"cop"}),
    ],
)
def test_each_right_belongs_to_its_role(predicate: Callable[[Actor], bool], allowed: set[str]) -> None:
    people = (REVIEWER, ANALYST, CHAIR, SECRETARIAT, PROVIDER, OTHER, HOTLINE, ADMINISTRATOR, BOTH)

    assert {a.name for a in (*people, named("file"), MACHINE, ANONYMOUS) if predicate(a)} == allowed


@pytest.mark.parametrize("name", ["A", " a ", "Ａ"])
def test_nobody_is_ones_own_second_however_the_name_is_written(name: str) -> None:
    course = after(act(finding="not_met"))

    with pytest.raises(NotAllowed, match="second reviewer"):
        allow(named(name), course, act(by=name, finding="not_met"), OFFICES)
    disputed = course.with_act(act(by="B", finding="met"))
    with pytest.raises(NotAllowed, match="third person"):
        allow(named(name), disputed, act("adjudicate", name), OFFICES)


def test_nobody_is_ones_own_second_between_the_desk_and_a_file() -> None:
    at_desk, in_file = after(act(by="R", finding="not_met", person=11)), after(act(by="r", finding="not_met"))
    namesake = person(21, "R", "reviewer")

    assert not may_decide(named("R"), at_desk, OFFICES)
    assert not may_decide(replace(REVIEWER, name="Renamed"), at_desk, OFFICES)
    assert not may_decide(REVIEWER, in_file, OFFICES)
    assert may_decide(namesake, at_desk, OFFICES) and not may_decide(namesake, in_file, OFFICES)


def test_a_provider_neither_decides_nor_speaks_for_another() -> None:
    with pytest.raises(NotAllowed):
        allow(PROVIDER, Course(CELL), act(by="P"), OFFICES)
    with pytest.raises(NotAllowed, match="who speaks for p"):
        allow(OTHER, Course(CELL), act("answer", "Q"), OFFICES)
    with pytest.raises(NotAllowed):
        allow(REVIEWER, after(act()), act("stale", "A"), OFFICES)
    with pytest.raises(NotAllowed, match="a reviewer"):
        allow(named("P"), after(act("answer", "P")), act(by="P"), OFFICES)


def test_a_review_is_withdrawn_by_who_gave_it_while_it_waits() -> None:
    waits = after(act(by="R", finding="not_met", person=11))
    gone = waits.with_act(act("withdraw", "R", person=11))

    assert may_withdraw(REVIEWER, waits, OFFICES) and not may_withdraw(ANALYST, waits, OFFICES)
    assert (gone.state, gone.number, public(gone)) == ("undecided", 2, [])
    assert gone.with_act(act(by="B", finding="met")).state == "decided"
    for course in (Course(CELL), after(act()), waits.with_act(act(by="B"))):
        with pytest.raises(Refused, match="no review to withdraw"):
            course.with_act(act("withdraw", "R"))
    stale = after(act(), act("stale", "cop"), act(finding="not_met"), act("withdraw"))
    assert stale.state == "stale"


def test_who_has_not_reviewed_sees_no_open_review_until_two_differ() -> None:
    waits = after(act(by="R", finding="not_met", person=11))
    disputed = waits.with_act(act(by="N", finding="met", person=12))

    assert [sees_round(a, waits, OFFICES) for a in (REVIEWER, ANALYST, CHAIR, PROVIDER)] == [True, False, False, False]
    assert [sees_round(a, disputed, OFFICES) for a in (REVIEWER, CHAIR, PROVIDER, BOTH)] == [True, True, False, False]


ACTS = st.builds(
    act,
    st.sampled_from(KINDS),
    st.sampled_from("ABCD"),
    st.sampled_from(["met", "partly", "not_met", "not_addressed"]),
    st.integers(0, 3).map(lambda n: date(2025, 5, 1 + n)),
)


@given(st.lists(ACTS, max_size=12))
def test_not_met_always_rests_on_two_people_or_a_third_and_nothing_is_overwritten(acts: list[Act]) -> None:
    course = Course(CELL)
    for one in acts:
        try:
            allow(MACHINE if one.kind == "stale" else named(one.by), course, one, OFFICES)
            then = course.with_act(one)
        except (Refused, NotAllowed):
            continue
        assert then.acts[:-1] == course.acts
        course = then
        if course.decision and course.decision.finding == "not_met":
            assert course.decision.adjudicated or len(set(course.decision.by)) == 2
    told = public(course)
    assert [c.number for c in told] == sorted(c.number for c in told)
    assert all(c.decision for c in told if c.event in ("decided", "adjudicated", "stale"))


def test_a_review_without_a_decision_is_not_told() -> None:
    assert public(after(act(finding="not_met"))) == []
    assert [c.event for c in public(after(act(finding="not_met"), act(by="B", finding="not_met")))] == ["decided"]


# --- the list


def on(code: str, *acts: Act, region: str = "") -> Course:
    return replace(after(*acts), cell=Cell("p", code, region))


def test_listed_needs_every_core_criterion_decided_and_one_failing_keeps_off() -> None:
    met, partly = on("LIC-2", act()), on("OWN-1", act(finding="partly"))
    failing = on("OWN-1", act(finding="not_met"), act(by="B", finding="not_met"))

    assert place([met, partly], {}, RULE).status == "listed"
    assert place([met], {}, RULE) == place([met, on("OWN-1", act(finding="not_met"))], {}, RULE)
    assert (place([met], {}, RULE).status, place([met], {}, RULE).open) == ("proposed", ("OWN-1",))
    assert (place([failing], {}, RULE).status, place([failing], {}, RULE).failing) == ("not_listed", ("OWN-1",))


def test_a_stale_finding_lists_nobody_and_keeps_nobody_off() -> None:
    gone = act("stale", "cop")
    failing = on("OWN-1", act(finding="not_met"), act(by="B", finding="not_met"), gone)

    assert place([on("LIC-2", act(), gone), on("OWN-1", act())], {}, RULE).status == "proposed"
    assert place([on("LIC-2", act()), failing], {}, RULE).status == "proposed"


def test_where_regions_differ_each_needs_a_decision() -> None:
    parts = {"LIC-2": {("US", ""), ("EEA/UK", "")}}
    own, us, eea = on("OWN-1", act()), on("LIC-2", act(), region="US"), on("LIC-2", act(), region="EEA/UK")
    bad = on("LIC-2", act(finding="not_addressed"), region="EEA/UK")

    assert place([own, us], parts, RULE).open == ("LIC-2",)
    assert place([own, us, eea], parts, RULE).status == "listed"
    assert place([own, us, bad], parts, RULE).failing == ("LIC-2",)
    assert place([own, on("LIC-2", act())], parts, RULE).status == "listed"


def test_moves_on_the_list_are_told_once_with_their_day() -> None:
    later = date(2025, 6, 1)
    courses = [on("LIC-2", act(), act("stale", "cop", on=later)), on("OWN-1", act())]
    told = [(c.on, c.status) for c in changes("p", courses, {}, RULE) if c.event == "list"]

    assert told == [(DAY, "listed"), (later, "proposed")]


# --- the ground


def held(text: str, day: date, *, document: str = "p/tos") -> Held:
    padded = "# Terms of Service\n\n" + "You agree to these terms of service when you use the service. " * 30 + text
    return Held(document, day, from_bytes(padded.encode(), name="p__tos__2025-01-01.md"), {"LNG-1": "met"})


ENDS = "\n\nThis licence ends when you delete the content.\n"
FIRST, SECOND, THIRD = (date(2025, m, 1) for m in (1, 3, 6))


def broken(*texts: Held, finding: str = "met", criterion: str = "LIC-2") -> str:
    kept = Texts(texts)
    quotes = (quoted(texts[0], "This licence ends when you delete the content."),) if finding == "met" else ()
    decided = after(act(finding=finding, basis=(texts[0].basis,), quotes=quotes)).standing
    assert decided is not None
    found = first_break(criterion, decided, kept)
    return found.why if found else ""


def test_a_quote_that_moved_or_lost_its_marks_still_stands() -> None:
    moved = held("\n\nNew part.\n\n**This  licence ends** when you delete the content.\n", SECOND)

    assert broken(held(ENDS, FIRST), moved) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("\n\nYou may leave.\n", "quote 1 is gone from p/tos of 2025-03-01"),
        (
            "\n\nThis licence never ends when you delete the content.\n",
            "quote 1 reads differently in p/tos of 2025-03-01",
        ),
    ],
)
def test_a_quote_that_is_gone_or_changed_breaks_even_where_it_comes_back(text: str, why: str) -> None:
    assert broken(held(ENDS, FIRST), held(text, SECOND), held(ENDS, THIRD)) == why


def test_a_wall_a_stub_and_another_language_break_nothing() -> None:
    stub = Held("p/tos", SECOND, from_bytes(b"Please sign in to go on.", name="p__tos__2025-03-01.md"))
    french = "Vous acceptez ces conditions quand vous utilisez le service et le contenu de ce site. " * 40
    other = Held("p/tos", THIRD, from_bytes(french.encode(), name="p__tos__2025-06-01.md"))

    assert other.content.language == "fr"
    assert broken(held(ENDS, FIRST), stub, other) == ""


def test_silence_breaks_with_any_new_text_and_with_a_new_document() -> None:
    assert broken(held("", FIRST), held("", SECOND), finding="not_addressed") == ""
    assert broken(held("", FIRST), held("\n\nMore.\n", SECOND), finding="not_addressed").endswith("is a new text")
    came = broken(held("", FIRST), held("", THIRD, document="p/privacy"), finding="not_addressed")
    assert came == "p/privacy came after the decision"


def test_a_measured_criterion_breaks_with_its_figure_alone() -> None:
    same = replace(held("\n\nOther words.\n", SECOND), proposed={"LNG-1": "met"})
    worse = replace(same, proposed={"LNG-1": "not_met"})

    assert broken(held(ENDS, FIRST), same, criterion="LNG-1") == ""
    assert broken(held(ENDS, FIRST), worse, criterion="LNG-1") == "p/tos of 2025-03-01 is measured as not_met, not met"


def test_words_that_the_text_does_not_say_cannot_be_quoted() -> None:
    with pytest.raises(Refused, match="does not stand in p/tos of 2025-01-01"):
        quoted(held(ENDS, FIRST), "This licence ends when you close the account.")


# --- the indicator


def test_a_share_leaves_out_who_is_not_reviewed_and_counts_them() -> None:
    verdicts = [Verdict(True, 300), Verdict(False, 900), Verdict(True, None), Verdict(None, 5_000)]
    plain, weighted = shares([("_T", verdicts)])

    assert (plain.numerator, plain.denominator, plain.n, plain.left_out) == (2, 3, 3, 1)
    assert (weighted.domain, weighted.percent, weighted.n, weighted.unweighted) == ("weight=young_users", 25.0, 2, 1)
    assert [s.percent for s in shares([("_T", [Verdict(None, 5)])])] == [None]
