"""Correspondence tables: the data keep their own rules; a table that does not fit is refused in its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from cop.classification.correspondences import (
    Correspondence,
    as_marks,
    load_correspondence,
    load_correspondences,
    targets,
)
from cop.classification.scheme import Scheme, load_scheme
from cop.kernel.errors import NotFound, Refused
from cop.kernel.resources import resource

FOLDER = "catalogue/threats/correspondences"
TARGETS = (
    "ailuminate", "core_4c", "dsa", "iccs", "inhope", "insafe", "ncmec", "oecd", "ozone", "rsit", "uk_osa",
)  # fmt: skip


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return load_scheme()


@pytest.fixture(scope="module")
def tables(scheme: Scheme) -> dict[str, Correspondence]:
    return {table.target: table for table in load_correspondences(scheme)}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the tables that a test may spoil."""
    return Path(shutil.copytree(resource(FOLDER), tmp_path / "correspondences"))


def spoil(folder: Path, target: str, old: str, new: str) -> None:
    path = folder / f"{target}.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_target_has_a_table(tables: dict[str, Correspondence]) -> None:
    assert tuple(tables) == targets() == TARGETS


def test_confidence_is_set_by_the_rule_that_the_head_states(tables: dict[str, Correspondence]) -> None:
    base = {"exact": 0.9, "close": 0.8, "broad": 0.8, "narrow": 0.7, "related": 0.5}
    for table in tables.values():
        for match in table.matches:
            others = {m.code for m in table.matches if m.term == match.term and m.predicate != "related"}
            shared = 0.1 if match.predicate == "exact" and len(others) > 1 else 0
            doubt = 0 if match.term.verified else 0.2
            assert match.confidence == pytest.approx(base[match.predicate] - shared - doubt), (table.target, match)


def test_an_edition_has_the_published_tables_of_a_class_with_a_mark_for_their_strength(
    tables: dict[str, Correspondence],
) -> None:
    marks = as_marks([tables["dsa"], tables["iccs"], tables["ozone"]], "B01")

    assert marks == {"dsa": ["= KEYWORD_GROOMING_SEXUAL_ENTICEMENT_MINORS"], "ozone": ["= reasonChildSafetyGroom"]}
    assert tables["iccs"].of("B01")


def test_cells_are_those_of_the_sections(scheme: Scheme, tables: dict[str, Correspondence]) -> None:
    assert {(m.code, m.term.id) for m in tables["core_4c"].matches} == {
        (n.code, cell) for n in scheme.nodes for cell in n.attributes.get("core4c", ())
    }


def test_what_was_not_compared_is_not_called_verified(tables: dict[str, Correspondence]) -> None:
    assert {t.target for t in tables.values() if not t.verified} == {"uk_osa", "insafe", "inhope", "iccs"}
    assert {t.target for t in tables.values() if not t.published} == {"iccs"}
    assert {m.predicate for m in tables["iccs"].matches} == {"related"}
    assert {t.id for t in tables["oecd"].terms if t.verified} == {
        "content", "conduct", "contact", "consumer", "cross",
        "cross-privacy", "cross-advanced-technology", "cross-health-and-well-being",
    }  # fmt: skip


def test_lists_that_are_known_whole_are_whole(tables: dict[str, Correspondence]) -> None:
    whole = {t.target: len(t.terms) for t in tables.values() if t.complete}

    assert whole == {"ailuminate": 15, "core_4c": 15, "ncmec": 20, "oecd": 24, "ozone": 44, "uk_osa": 13}


def test_administrative_codes_have_no_term(tables: dict[str, Correspondence]) -> None:
    assert [m for t in tables.values() for m in t.matches if m.code.startswith("Z")] == []


@pytest.mark.parametrize(
    ("target", "old", "new", "said"),
    [
        ("dsa", "class: A01,", "class: A77,", r'dsa.yaml, field mappings.0.class: "A77" is no code'),
        ("dsa", 'object: "KEYWORD_SUICIDE"', 'object: "KEYWORD_X"', r'"KEYWORD_X" is no declared term'),
        ("dsa", "target: dsa", "target: usa", "dsa.yaml, field target: \"usa\" is not the file's target"),
        ("dsa", '"2026-11-27"', '"2026-13-27"', r'field date: "2026-13-27" is not a date'),
        ("dsa", "confidence: 0.8", "confidence: 8", r"mappings.0.confidence: 8 is greater than the maximum"),
        ("dsa", "predicate: exact", "predicate: equal", r"mappings.0.predicate: 'equal' is not one of"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_is_refused(
    scheme: Scheme, copy: Path, target: str, old: str, new: str, said: str
) -> None:
    spoil(copy, target, old, new)

    with pytest.raises(Refused) as refused:
        load_correspondence(target, scheme, copy)
    assert said in str(refused.value)


def rewritten(folder: Path, target: str, mappings: list[dict[str, object]]) -> None:
    """The table with these mappings instead."""
    path = folder / f"{target}.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["mappings"] = [
        {"confidence": 0.5, "justification": "semapv:ManualMappingCuration", **mapping} for mapping in mappings
    ]
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")


@pytest.mark.parametrize(
    ("mappings", "said"),
    [
        (
            [{"class": "A01", "predicate": "exact", "object": "cse"}, {"class": "A01", "predicate": "exact", "object": "src"}],
            '"A01" has two exact terms',
        ),
        (
            [{"class": "A01", "predicate": "exact", "object": "cse"}, {"class": "A02", "predicate": "exact", "object": "cse"}],
            '"cse" is exact to two classes',
        ),
        (
            [{"class": "A01", "predicate": "broad", "object": "cse"}, {"class": "A01", "predicate": "close", "object": "cse"}],
            '"cse" stands twice beside A01',
        ),
        (
            [
                {"class": "A01", "predicate": "narrow", "object": "cse", "weight": 0.4},
                {"class": "A01", "predicate": "narrow", "object": "src", "weight": 0.5},
            ],
            '"0.9" is the sum of the weights of A01 (expected 1)',
        ),
        ([{"class": "A01", "predicate": "related", "object": "cse", "weight": 1}], "should not be valid"),
    ],
)  # fmt: skip
def test_a_table_at_odds_with_itself_is_refused(
    scheme: Scheme, copy: Path, mappings: list[dict[str, object]], said: str
) -> None:
    rewritten(copy, "ailuminate", mappings)

    with pytest.raises(Refused) as refused:
        load_correspondence("ailuminate", scheme, copy)
    assert said in str(refused.value)


def test_weights_that_sum_to_one_in_tenths_are_accepted(scheme: Scheme, copy: Path) -> None:
    """0.1 + 0.2 + 0.7 is not 1 in binary fractions."""
    objects = {"cse": 0.1, "src": 0.2, "vcr": 0.7}
    rewritten(
        copy, "ailuminate",
        [{"class": "A01", "predicate": "narrow", "object": o, "weight": w} for o, w in objects.items()],
    )  # fmt: skip

    assert len(load_correspondence("ailuminate", scheme, copy).of("A01")) == 3


def test_a_target_without_a_table_is_not_found(scheme: Scheme) -> None:
    with pytest.raises(NotFound, match="there is no correspondence to copine"):
        load_correspondence("copine", scheme)
