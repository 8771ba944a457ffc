"""The classification as a table and as prompts: every code, every language, and a contract an answer can break."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cop.classification.exports import prompt
from cop.classification.exports.files import Source
from cop.classification.exports.table import SEPARATOR, table


def rows(source: Source) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table(source.scheme))))


def test_a_row_a_code_with_its_name_in_every_language(real: Source) -> None:
    said = {r["code"]: {lang: r[f"name_{lang}"] for lang in real.scheme.title} for r in rows(real)}

    assert said == {n.code: dict(n.name) for n in real.scheme.nodes}


def test_notes_share_a_cell_and_can_be_parted_again(real: Source) -> None:
    by_code = {r["code"]: r for r in rows(real)}

    for node in real.scheme.nodes:
        assert by_code[node.code]["includes_en"] == SEPARATOR.join(n["en"] for n in node.includes)
        assert len([x for x in by_code[node.code]["excludes_en"].split(SEPARATOR) if x]) == len(node.excludes)
        for language, terms in node.index.items():
            assert by_code[node.code][f"index_{language}"].split(SEPARATOR) == list(terms)


def test_quotes_tabs_and_backslashes_come_back(small: Source) -> None:
    [row] = [r for r in rows(small) if r["code"] == "B01"]

    assert row["definition_en"] == 'definition of B01, "quoted" \\ and\ttabbed'
    assert row["definition_fr"] == ""


# --- prompts


def test_a_page_a_section_and_one_for_the_whole(real: Source) -> None:
    pages = prompt.pages(real.scheme)
    sections = [n.code for n in real.scheme.nodes if n.level == "section"]

    assert set(pages) == {"classification.md", prompt.CONTRACT, *(f"section-{s}.md" for s in sections)}
    for node in real.scheme.nodes:
        if node.level == "section":
            continue
        for page in (pages["classification.md"], pages[f"section-{node.code[0]}.md"]):
            assert f"### {node.code} {node.name['en']}" in page
            assert node.definition["en"] in page
            for note in node.includes:
                assert f"- {note['en']}\n" in page
            for note in node.excludes:
                assert f"- {note['en']}: {note['see']}\n" in page
    for rule in real.scheme.coding_rules:
        assert all(rule["definition"]["en"] in page for name, page in pages.items() if name.endswith(".md"))


def test_no_index_term_is_given_away(small: Source) -> None:
    assert [p for p in prompt.pages(small.scheme).values() if "word of" in p] == []


ANSWER: dict[str, Any] = {
    "scheme_version": "2.3", "principal": "A021", "secondary": ["B01"], "at_risk": False, "confidence": 0.5, "reason": "x",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True),
        ({"principal": "A98"}, True),
        ({"principal": "A02"}, False),  # it has subclasses
        ({"principal": "A"}, False),
        ({"principal": "C01"}, False),
        ({"secondary": ["B01", "B01"]}, False),
        ({"confidence": 1.5}, False),
        ({"scheme_version": "1.0"}, False),
        ({"reason": ""}, False),
        ({"note": "x"}, False),
    ],
)
def test_an_answer_is_held_to_the_contract(small: Source, change: dict[str, Any], fits: bool) -> None:
    contract = json.loads(prompt.pages(small.scheme)[prompt.CONTRACT])

    assert prompt.faults(contract) == []
    assert Draft202012Validator(contract).is_valid({**ANSWER, **change}) is fits
    assert not Draft202012Validator(contract).is_valid({k: v for k, v in ANSWER.items() if k != "at_risk"})


def test_a_contract_that_is_no_schema_is_named() -> None:
    assert prompt.faults({"type": "thing"}) != []
