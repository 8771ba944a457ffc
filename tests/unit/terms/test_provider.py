"""A provider's findings over its documents."""

# sentences are data: one a line reads best

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cop.kernel.errors import Refused
from cop.terms.criteria import FindingName, criteria
from cop.terms.documents import from_bytes
from cop.terms.findings import GUESS, Finding
from cop.terms.provider import Version, join, judge, newest, version

TEXT = "You retain all ownership rights in the content that you post. You can delete your account at any time in the settings. "


def made(document: str, on: str, text: str = TEXT, provider: str = "pebble") -> Version:
    name = f"{provider}__{document}__{on}.md"
    return Version(provider, document, date.fromisoformat(on), from_bytes(text.encode(), name=name))


def row(finding: FindingName, document: str = "a.md", value: str = "") -> Finding:
    return Finding(document, "OWN-1", finding, 0.8, (), f"{document} says {finding}", value)


def test_a_files_name_says_provider_document_and_day(tmp_path: Path) -> None:
    path = tmp_path / "pebble__tos__2026-07-01.md"
    path.write_text(TEXT, encoding="utf-8")
    found = version(path)
    assert (found.provider, found.document, found.on) == ("pebble", "tos", date(2026, 7, 1))


@pytest.mark.parametrize(
    ("name", "problem"), [("terms.md", "does not name provider"), ("pebble__tos__2026-02-30.md", "is not a date")]
)
def test_another_name_is_refused(tmp_path: Path, name: str, problem: str) -> None:
    path = tmp_path / name
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(Refused, match=problem):
        version(path)


def test_only_the_newest_version_of_each_document_counts() -> None:
    versions = [made("tos", "2026-07-01"), made("privacy", "2024-01-01"), made("tos", "2025-01-01")]
    assert [(v.document, v.on) for v in newest(versions)] == [("privacy", date(2024, 1, 1)), ("tos", date(2026, 7, 1))]


@pytest.mark.parametrize(
    ("findings", "joined"),
    [
        (["met", "met"], "met"), (["met", "not_addressed"], "met"), (["met", "partly"], "partly"), (["met", "not_met"], "contradictory"),
        (["partly", "not_met"], "not_met"), (["not_addressed", "not_reviewed"], "not_addressed"), (["not_reviewed"], "not_reviewed"),
        (["contradictory", "met"], "contradictory"),
    ],
)  # fmt: skip
def test_documents_join_to_one_finding(findings: list[FindingName], joined: FindingName) -> None:
    assert join("OWN-1", [row(f, f"{i}.md") for i, f in enumerate(findings)])[0] == joined


def test_documents_with_unlike_readability_do_not_contradict_each_other() -> None:
    assert join("LNG-1", [row("met"), row("not_met", "b.md")]) == ("not_met", "b.md: b.md says not_met")


def test_two_ages_are_partly() -> None:
    assert join("AGE-1", [row("met", "a.md", "13"), row("met", "b.md", "16")])[0] == "partly"
    assert join("AGE-1", [row("met", "a.md", "13"), row("met", "b.md", "13")])[0] == "met"


def test_what_some_are_promised_and_others_are_not_is_no_contradiction() -> None:
    rows = [replace(row("met"), region="EEA"), replace(row("not_met", "b.md"), region="US")]
    assert join("OWN-1", rows) == ("not_met", "b.md (US): b.md says not_met")
    assert join("OWN-1", [replace(r, region="US") for r in rows])[0] == "contradictory"
    assert (
        join("OWN-1", [replace(r, region="US", ages=a) for r, a in zip(rows, (None, "under 18"), strict=True)])[0]
        == "not_met"
    )


def test_one_document_that_answers_twice_for_one_region_does_not_contradict_itself() -> None:
    parts = (replace(row("met"), region="US"), replace(row("not_met"), region="UK"))
    assert join("OWN-1", [replace(row("not_met"), parts=parts)])[0] == "not_met"


def test_what_a_document_says_to_everyone_counts_before_what_it_says_to_some() -> None:
    parts = (row("partly"), replace(row("not_met"), ages="under 13"))
    assert join("CHG-1", [replace(row("not_met"), parts=parts)])[0] == "partly"
    assert join("CHG-1", [replace(row("not_met"), parts=parts[1:])])[0] == "not_met"


def test_a_stated_period_says_more_than_as_long_as_needed() -> None:
    assert join("DEL-2", [row("met", "a.md", "30 days"), row("partly", "b.md")])[0] == "met"
    assert join("DEL-2", [row("met", "a.md", "30 days"), row("partly", "b.md", "9 months")])[0] == "partly"


def test_a_promise_needs_no_second_mention() -> None:
    assert join("AGE-2", [row("met"), row("partly", "b.md")])[0] == "met"
    assert join("AGE-2", [replace(row("met"), confidence=GUESS), row("partly", "b.md")])[0] == "partly"
    assert join("LIC-1", [row("met"), row("partly", "b.md")])[0] == "partly"


def test_silence_names_what_was_searched() -> None:
    assert join("OWN-1", [row("not_addressed"), row("not_addressed", "b.md")])[1].endswith("searched: a.md, b.md")


def test_every_criterion_has_a_proposal() -> None:
    found = judge("pebble", [made("tos", "2026-07-01")])
    assert [f.criterion for f in found] == list(criteria())
    assert {f.criterion: f.finding for f in found}["OWN-1"] == "met"


def test_a_provider_without_documents_is_refused() -> None:
    with pytest.raises(Refused, match="has no documents"):
        judge("nobody", [made("tos", "2026-07-01")])


def test_a_criterion_is_read_where_it_belongs() -> None:
    privacy = made(
        "privacy", "2026-07-01", "Any content you submit becomes the sole property of Pebble. We collect your data."
    )
    result = judge("pebble", [made("tos", "2026-07-01"), privacy])
    [own] = [f for f in result if f.criterion == "OWN-1"]
    assert own.finding == "met"
