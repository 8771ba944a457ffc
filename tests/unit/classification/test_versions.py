"""Versions as values: ways of codes in both directions, chains, and changes as a person reads them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cop.classification.versions import Change, Changes, Entry, History, Kind, Version, Way, Weights, diff, release
from cop.kernel.errors import NotFound


def version(name: str, *codes: str, urgency: int | None = None) -> Version:
    """A version in which every code has its own name; sections are added."""
    level = {1: "section", 3: "class", 4: "subclass"}
    every = sorted({*codes, *(code[0] for code in codes), *(code[:3] for code in codes)})
    parents = {1: lambda _: None, 3: lambda c: c[0], 4: lambda c: c[:3]}
    return Version(
        name, tuple(Entry(c, level[len(c)], parents[len(c)](c), f"name of {c}", urgency) for c in every)  # type: ignore[arg-type]
    )  # fmt: skip


def change(kind: Kind, before: str, after: str, weights: Weights | None = None) -> Change:
    """A change, its codes given as words."""
    return Change(kind, tuple(before.split()), tuple(after.split()), {"en": "a reason"}, weights=weights)


WEIGHTS = Weights({"B03": Fraction(3, 4), "B04": Fraction(1, 4)}, 40)
FIRST = version("1.0", "A01", "A02", "B01", "B02", "C01")
SECOND = version("1.1", "A03", "B02", "B03", "B04", "C01", "C011", "C012", "C02")
THIRD = version("2.0", "A03", "B02", "B03", "B04", "C01", "D01")
HISTORY = History(
    (FIRST, SECOND, THIRD),
    (
        Changes(
            FIRST,
            SECOND,
            (
                change("note", "B02", "B02"),
                change("merge", "A01 A02", "A03"),
                change("split", "B01", "B03 B04", WEIGHTS),
                change("split", "C01", "C011 C012"),
                change("new", "", "C02"),
            ),
        ),
        Changes(SECOND, THIRD, (change("merge", "C011 C012", "C01"), change("move", "C02", "D01"))),
    ),
)


def test_a_way_forward_is_one_code_several_or_none() -> None:
    ways = HISTORY.route("1.0", "1.1")[0].ways

    assert {code: ways[code].codes for code in ("A01", "A02", "B01", "B02", "C01", "A")} == {
        "A01": ("A03",),
        "A02": ("A03",),
        "B01": ("B03", "B04"),
        "B02": ("B02",),
        "C01": ("C011", "C012"),
        "A": ("A",),
    }
    assert (ways["B01"].weights, ways["C01"].weights) == (WEIGHTS, None)
    assert ways["C01"].reason == "split without known weights"


def test_the_way_back_turns_every_change_round() -> None:
    [step] = HISTORY.route("1.1", "1.0")

    assert [c.kind for c in step.changes] == ["note", "split", "merge", "merge", "retired"]
    assert (step.ways["A03"].codes, step.ways["B04"].codes, step.ways["C02"].codes) == (("A01", "A02"), ("B01",), ())
    assert step.ways["C01"] == Way(("C01",))
    assert step.ways["C02"].reason == "version 1.0 has no code for it"


def test_a_record_coded_only_at_a_section_of_which_a_part_left_is_in_doubt() -> None:
    forward, back = HISTORY.route("1.1", "2.0")[0], HISTORY.route("2.0", "1.1")[0]

    assert (forward.ways["C"].codes, forward.ways["C"].reason) == (("C", "D01"), "a part of C went to D01")
    assert "D" not in back.ways  # it was no section before, and so no record has a way from it
    assert back.ways["C"] == Way(("C",))


def test_a_chain_goes_both_ways_and_to_itself() -> None:
    assert [(s.old.name, s.new.name) for s in HISTORY.route("1.0", "2.0")] == [("1.0", "1.1"), ("1.1", "2.0")]
    assert [(s.old.name, s.new.name) for s in HISTORY.route("2.0", "1.0")] == [("2.0", "1.1"), ("1.1", "1.0")]
    assert HISTORY.route("1.1", "1.1") == ()


def test_a_draft_is_the_version_it_will_be() -> None:
    assert (release("1.0-draft"), release("1.0")) == ("1.0", "1.0")
    assert HISTORY.version("2.0-draft") is THIRD


def test_a_version_that_there_is_not() -> None:
    with pytest.raises(NotFound) as found:
        HISTORY.route("1.0", "7")

    assert str(found.value) == "there is no version 7 of the classification (expected one of 1.0, 1.1, 2.0)"


def test_the_lowest_code_above_several() -> None:
    assert SECOND.common(["C011", "C012"]) == "C01"
    assert SECOND.common(["C011", "C02"]) == "C"
    assert SECOND.common(["C01", "C011"]) == "C01"
    assert (SECOND.common(["C011", "B02"]), SECOND.common([])) == (None, None)


def test_the_urgency_of_several_codes_is_the_most_urgent() -> None:
    entries = [
        Entry("A", "section", None, "a", None),
        Entry("A01", "class", "A", "b", 2),
        Entry("A02", "class", "A", "c", 1),
    ]

    assert [Version("1", tuple(entries)).urgency(codes) for codes in (["A01", "A02"], ["A01"], ["A"])] == [1, 2, None]


def test_a_difference_reads_as_a_line_what_moves_records_first() -> None:
    assert [str(d) for d in diff(HISTORY, "1.0", "2.0")] == [
        "merge    A01 name of A01 + A02 name of A02 -> A03 name of A03",
        "split    B01 name of B01 -> B03 name of B03 + B04 name of B04; weights B03 75.0%, B04 25.0% from 40 records",
        "split    C01 name of C01 -> C011 name of C011 + C012 name of C012; weights unknown",
        "new      C02 name of C02",
        "note     B02 name of B02",
        "merge    C011 name of C011 + C012 name of C012 -> C01 name of C01",
        "move     C02 name of C02 -> D01 name of D01",
    ]
    assert [str(d) for d in diff(HISTORY, "2.0", "1.1")][1] == "move     D01 name of D01 -> C02 name of C02"


def test_a_change_of_urgency_shows_urgencies_and_a_note_its_rulings() -> None:
    old, new = version("1", "A01", urgency=2), version("2", "A01", urgency=1)
    made = (change("urgency", "A01", "A01"), Change("note", ("A01",), ("A01",), {"en": "r"}, ("R001", "R002")))
    history = History((old, new), (Changes(old, new, made),))

    assert [str(d) for d in diff(history, "1", "2")] == [
        "urgency  A01 2 -> A01 1",
        "note     A01 name of A01 (R001, R002)",
    ]


def test_a_difference_for_a_program() -> None:
    [facts] = [d.as_json() for d in diff(HISTORY, "1.0", "1.1") if d.change.before == ("B01",)]

    assert facts == {
        "old": "1.0", "new": "1.1", "kind": "split", "from": ["B01"], "to": ["B03", "B04"],
        "reason": {"en": "a reason"}, "rulings": [], "weights": {"sample": 40, "shares": {"B03": 0.75, "B04": 0.25}},
    }  # fmt: skip
