"""A coded record in another version: what follows from the code follows it, the rest stays."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from cop.classification.records import Recoder
from cop.classification.versions import Change, Changes, Entry, History, Version, Weights
from cop.kernel.errors import NotFound, Refused


def version(name: str, **urgency: int | None) -> Version:
    """A version of these codes with their urgencies."""
    level = {1: "section", 3: "class"}
    entries = [Entry(c, level[len(c)], None if len(c) == 1 else c[0], c, u) for c, u in urgency.items()]  # type: ignore[arg-type]
    return Version(name, tuple(entries))


OLD = version("1.0", A=None, A01=2, A02=1, A03=3, A04=3, B=None, B01=3)
NEW = version("2.0", A=None, A05=1, A06=3, A07=3, A08=2, B=None, B01=3, B02=2)
MADE = (
    Change("merge", ("A01", "A02"), ("A05",), {"en": "r"}),
    Change(
        "split",
        ("A03",),
        ("A06", "A07"),
        {"en": "r"},
        weights=Weights({"A06": Fraction(1, 2), "A07": Fraction(1, 2)}, 9),
    ),
    Change("split", ("A04",), ("A08", "B02"), {"en": "r"}),
)
HISTORY = History((OLD, NEW), (Changes(OLD, NEW, MADE),))
FORWARD = Recoder.between(HISTORY, "1.0", "2.0")


def test_a_record_gets_its_code_and_what_follows_from_it() -> None:
    record = {
        "id": "x", "code": "A01", "section": "A", "probability": 0.5, "class_set": ["A01", "A02", "B01"], "urgency": 2,
        "scheme": "1.0-draft", "scores": {"A01": 0.5, "A02": 0.25, "B01": 0.25}, "other": [1],
    }  # fmt: skip

    assert FORWARD(record) == {
        "id": "x", "code": "A05", "section": "A", "probability": 0.75, "class_set": ["A05", "B01"], "urgency": 1,
        "scheme": "2.0", "scores": {"A05": 0.75, "B01": 0.25}, "other": [1],
        "old_code": "A01", "candidates": ["A05"], "decision": False,
    }  # fmt: skip


def test_a_record_that_a_person_must_decide_has_no_code_and_the_candidates() -> None:
    found = FORWARD({"code": "A03", "section": "A", "urgency": "3"})

    assert found == {
        "code": None, "section": "A", "urgency": 3, "old_code": "A03", "candidates": ["A06", "A07"], "decision": True,
    }  # fmt: skip


def test_a_section_that_is_not_sure_is_empty_and_the_urgency_the_highest() -> None:
    split = {"code": "A04", "section": "A", "urgency": 3}

    assert {k: FORWARD(split)[k] for k in ("section", "urgency", "candidates")} == {
        "section": None, "urgency": 2, "candidates": ["A08", "B02"],
    }  # fmt: skip


@pytest.mark.parametrize("value", [["A02", "B01", "A03"], '["A02", "B01", "A03"]', "A02;B01;A03", "A02 B01, A03"])
def test_secondary_codes_follow_and_the_principal_is_not_among_them(value: Any) -> None:
    found = FORWARD({"code": "A01", "secondary": value})

    assert (found["code"], found["secondary"], found["secondary_undecided"]) == ("A05", ["B01"], ["A03"])
    assert found["decision"] is True


@pytest.mark.parametrize("value", [None, "", []])
def test_no_secondary_codes_are_none(value: Any) -> None:
    found = FORWARD({"code": "B01", "secondary": value})

    assert (found["secondary"], found["secondary_undecided"], found["decision"]) == ([], [], False)


def test_a_code_that_is_no_more_keeps_its_urgency() -> None:
    new = version("2.0", A=None, A01=2)
    old = version("1.0", A=None, A01=2, A02=1)
    gone = Recoder.between(
        History((old, new), (Changes(old, new, (Change("retired", ("A02",), (), {"en": "r"}),)),)), "1.0", "2.0"
    )

    assert gone({"code": "A02", "urgency": 1}) == {
        "code": None, "urgency": 1, "old_code": "A02", "candidates": [], "decision": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("record", "line"),
    [
        ({"code": " "}, "field code: the record has no code (expected a code)"),
        ({}, "field code: the record has no code (expected a code)"),
        ({"code": "A01", "scheme": "2.0"}, 'field scheme: "2.0" is another version (expected 1.0)'),
        ({"code": "A01", "secondary": "[1"}, 'field secondary: "[1" is not JSON (expected a list of codes)'),
        ({"code": "A01", "secondary": 7}, 'field secondary: "7" is no list of codes (expected a list of codes)'),
        ({"code": "A01", "class_set": [7]}, 'field class_set: "[7]" is no list of codes (expected a list of codes)'),
        ({"code": "A01", "scores": "[]"}, 'field scores: "[]" are no scores (expected probabilities by code)'),
        (
            {"code": "A01", "scores": {"A01": "x"}},
            "field scores: \"{'A01': 'x'}\" are no scores (expected probabilities by code)",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line(record: dict[str, Any], line: str) -> None:
    with pytest.raises(Refused) as error:
        FORWARD(record)

    assert str(error.value) == line


def test_a_code_that_the_version_has_not_is_not_found() -> None:
    for record in ({"code": "A99"}, {"code": "A01", "secondary": ["A99"]}, {"code": "A01", "class_set": ["A99"]}):
        with pytest.raises(NotFound, match=r"A99 is no code of version 1\.0"):
            FORWARD(record)


def test_the_column_of_the_code_is_none_of_those_that_are_added() -> None:
    with pytest.raises(Refused, match="cannot be the code's column"):
        Recoder.between(HISTORY, "1.0", "2.0", "old_code")
