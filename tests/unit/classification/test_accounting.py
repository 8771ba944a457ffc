"""Changes account for every code exactly once; each way of not doing so is refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from cop.classification.accounting import check_changes, subdivision
from cop.classification.versions import Change, Changes, Entry, Kind, Version, Weights
from cop.kernel.errors import Refused

FILE = Path("2.0.yaml")


def version(name: str, codes: str) -> Version:
    """A version of these codes, in which every code has its own name."""
    level = {1: "section", 3: "class", 4: "subclass"}
    entries = [
        Entry(c, level[len(c)], None if len(c) == 1 else c[0] if len(c) == 3 else c[:3], f"name of {c}", None)  # type: ignore[arg-type]
        for c in codes.split()
    ]
    return Version(name, tuple(entries))


def change(kind: Kind, before: str, after: str, **shares: Fraction) -> Change:
    """A change, its codes given as words, with weights where shares are given."""
    weights = Weights(shares, 20) if shares else None
    return Change(kind, tuple(before.split()), tuple(after.split()), {"en": "a reason"}, weights=weights)


def line(old: str, new: str, *changes: Change) -> str:
    """What is said of changes between two lists of codes."""
    with pytest.raises(Refused) as error:
        check_changes(Changes(version("1.0", old), version("2.0", new), changes), FILE)
    return str(error.value).removeprefix("2.0.yaml, field ")


HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("A A01", "A A01", []),
        ("A A01 A02", "A A03", [change("merge", "A01 A02", "A03")]),
        ("A A01", "A A02 A03", [change("split", "A01", "A02 A03", A02=HALF, A03=HALF)]),
        ("A A01 B", "A B B01", [change("move", "A01", "B01")]),
        ("A A01", "A", [change("retired", "A01", "")]),
        ("A", "A A01 A02", [change("new", "", "A01 A02")]),
        ("A A01", "A A01 A011 A012", [change("split", "A01", "A011 A012")]),
        ("A A01", "A A01 A011 A012", [change("split", "A01", "A01 A011 A012", A01=HALF, A011=HALF / 2, A012=HALF / 2)]),
        ("A A01 A011 A012", "A A01", [change("merge", "A011 A012", "A01")]),
        ("A A01", "A A01", [change("note", "A01", "A01")]),
    ],
)
def test_whole_changes_are_whole_in_both_directions(old: str, new: str, changes: list[Change]) -> None:
    made = Changes(version("1.0", old), version("2.0", new), tuple(changes))

    check_changes(made, FILE)
    check_changes(made.inverse, FILE)


def test_a_class_lives_on_only_above_its_own_subclasses() -> None:
    old, new = version("1", "A A01 A02"), version("2", "A A01 A011 A012 A03 A04")
    own, others = change("split", "A01", "A011 A012"), change("split", "A02", "A03 A04")

    assert [subdivision(c, Changes(old, new, ())) for c in (own, others, change("move", "A02", "A03"))] == [
        "A01",
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("old", "new", "changes", "said"),
    [
        ("A A01", "A", [], 'changes: "A01" of version 1.0 is not accounted for (expected a change of kind split, merge, move or retired)'),
        ("A", "A A01", [], 'changes: "A01" of version 2.0 is not accounted for (expected a change of kind split, merge, move or new)'),
        ("A A01", "A A02", [change("split", "A01", "A02")], 'changes.0.to: "A02" do not suit the kind split (expected 2 or more codes)'),
        ("A A01 A02", "A A03", [change("move", "A01 A02", "A03")], 'changes.0.from: "A01, A02" do not suit the kind move (expected 1 code)'),
        ("A A01", "A A02", [change("retired", "A01", "A02")], 'changes.0.to: "A02" do not suit the kind retired (expected 0 codes)'),
        ("A A01 A02", "A A01 A02", [change("note", "A01", "A02")], 'changes.0.to: "A02" are not the codes before, as the kind note has them (expected A01)'),
        ("A A01", "A A02", [change("move", "A09", "A02")], 'changes.0.from: "A09" is no code of its version (expected a code of version 1.0)'),
        ("A A01", "A A02", [change("move", "A01", "A09")], 'changes.0.to: "A09" is no code of its version (expected a code of version 2.0)'),
        ("A A01 A02", "A A03", [change("move", "A01", "A03"), change("move", "A02", "A03")], 'changes.1.to: "A03" is already in a change of kind move (expected a code in one change)'),
        ("A A01", "A A02 A03", [change("move", "A01", "A02"), change("move", "A01", "A03")], 'changes.1.from: "A01" is already in a change of kind move (expected a code in one change)'),
        ("A A01 A02", "A A02", [change("move", "A01", "A02")], 'changes.0.to: "A02" is in a change of kind move and in both versions: its meaning would change (expected a new code)'),
        ("A A01", "A A01 A02", [change("split", "A01", "A01 A02")], 'changes.0.from: "A01" is in a change of kind split and in both versions: its meaning would change (expected a new code)'),
        ("A A01", "A A01", [change("retired", "A01", "")], 'changes.0.from: "A01" is in a change of kind retired and in both versions: its meaning would change (expected a new code)'),
        ("A A01", "A A02 A03", [change("split", "A01", "A02 A03", A02=HALF, A03=HALF / 2)], 'changes.0.weights.shares: "A02 1/2, A03 1/4" do not sum to 1 (expected shares above 0 that sum to 1)'),
        ("A A01", "A A02 A03", [change("split", "A01", "A02 A03", A02=HALF, A04=HALF)], 'changes.0.weights.shares: "A02, A04" are not the codes to divide over (expected A02, A03)'),
        ("A A01", "A A01", [change("rename", "A01", "A01")], 'changes: "A01" keeps its name (expected the kind rename where the name differs)'),
        ("A A01", "A A01", [change("note", "A01", "A01"), change("note", "A01", "A01")], 'changes.1.from: "A01" is already in a change of kind note (expected a code in one change)'),
    ],
)  # fmt: skip
def test_what_is_not_whole_is_one_line(old: str, new: str, changes: list[Change], said: str) -> None:
    assert line(old, new, *changes) == said
