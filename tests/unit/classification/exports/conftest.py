"""A small classification whose graph is checked in a moment, and the real one, read once."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from cop.classification.correspondences import Correspondence, Match, Term
from cop.classification.exports.files import Source, load_source
from cop.classification.rulings import Ruling
from cop.classification.scheme import Node, Scheme

LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")
DAY = date(2026, 11, 27)


def six(words: str) -> dict[str, str]:
    """The same words, said to be of each language."""
    return dict.fromkeys(LANGUAGES, words)


def node(code: str, parent: str | None, *sees: str) -> Node:
    """A node that excludes a case to each of these codes."""
    return Node(
        code,
        ("section", "class", "subclass")[max(0, len(code) - 2)],
        parent,
        six(f"name of {code}"),
        {"en": f'definition of {code}, "quoted" \\ and\ttabbed'},
        includes=({"en": f"a case of {code}"},),
        excludes=tuple({"en": f"a case for {see}", "see": see} for see in sees),
        examples=({"en": f"an example of {code}"},),
        index={"en": (f"word of {code}",), "zh": ("词" + code,)},
        urgency=1 if len(code) > 1 else None,
        refer=("POLICE",) if len(code) > 1 else (),
    )


@pytest.fixture(scope="session")
def small() -> Source:
    """Two sections, three classes, two subclasses; one table, with weights, and two rulings."""
    levels = tuple(
        {"depth": depth, "id": name, "pattern": pattern, "name": six(name), "definition": {"en": name}}
        for depth, (name, pattern) in enumerate(
            [("section", "^[A-HZ]$"), ("class", "^[A-HZ][0-9]{2}$"), ("subclass", "^[A-HZ][0-9]{3}$")], 1
        )
    )
    scheme = Scheme(
        version="2.3",
        title=six("Small"),
        unit={"en": "one event"},
        levels=levels,
        residuals=("98", "99"),
        linearisations=(),
        coding_rules=({"number": 1, "name": {"en": "One"}, "definition": {"en": "One principal class."}},),
        nodes=(
            node("A", None), node("A01", "A", "B01"), node("A02", "A"), node("A021", "A02", "A022"),
            node("A022", "A02"), node("B", None), node("B01", "B", "A01", "A021"),
        ),
    )  # fmt: skip
    terms = (Term("t.one", "One", True), Term("two", "Two", True), Term("three", None, False))
    matches = (
        Match("A01", "exact", terms[0], 0.9, "semapv:ManualMappingCuration"),
        Match("A021", "broad", terms[0], 0.8, "semapv:ManualMappingCuration", "wider"),
        Match("A022", "broad", terms[1], 0.8, "semapv:ManualMappingCuration", weight=Fraction("0.3")),
        Match("A022", "broad", terms[2], 0.8, "semapv:ManualMappingCuration", weight=Fraction("0.7")),
        Match("B01", "related", terms[1], 0.5, "semapv:ManualMappingCuration"),
    )
    table = Correspondence(
        target="other", title={"en": "Other"}, version="1", source="a book", verified=True, published=True,
        complete=True, note={"en": "a note"}, licence="CC BY 4.0", attribution="Someone", date=DAY, prefix="other",
        namespace="urn:x:other:", confidence_rule={"en": "by rule"}, terms=terms, matches=matches,
    )  # fmt: skip
    hidden = Correspondence(
        **{
            **{name: getattr(table, name) for name in Correspondence.__slots__},
            "target": "hidden", "published": False, "prefix": "hidden", "namespace": "urn:x:hidden:",
        }
    )  # fmt: skip
    rulings = tuple(
        Ruling(number, DAY, ("A01",), {"en": "Who?"}, {"en": "A01."}, ("A01",), "note", noted, status, None)
        for number, noted, status in (("R001", (), "in force"), ("R002", ("A01",), "superseded"))
    )
    return Source(scheme, (table, hidden), rulings)


@pytest.fixture(scope="session")
def real() -> Source:
    """The classification of the catalogue."""
    return load_source()
