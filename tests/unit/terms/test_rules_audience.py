"""For whom a clause is written: regions and age bands in headings, heads of sentences and parts of a document."""

from __future__ import annotations

import pytest

from cop.terms.clauses import split
from cop.terms.documents import from_bytes
from cop.terms.findings import Finding, check
from cop.terms.rules.audience import EVERYONE, LEAST_PART, Audience, ages, audiences, region

FILLER = "The harbour is quiet in the morning and the boats come back before noon.\n\n" * LEAST_PART
LASTS = "You grant us a perpetual and irrevocable licence to use your content."
ENDS = "The licence you grant us ends when you delete your content."


def of(text: str, sentence: str) -> Audience:
    clauses = split(text, markdown=True)
    [clause] = [c for c in clauses if c.text == sentence]
    return audiences(clauses).get(clause.start, EVERYONE)


def found(text: str, code: str) -> Finding:
    return next(f for f in check(from_bytes(text.encode(), name="pebble__tos__2026-07-01.md")) if f.criterion == code)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("If you live in the EEA, the United Kingdom or Switzerland", "CH/EEA/UK"),
        ("If you live outside the United States", "outside US"),
        ("If you live in the United States or outside the EEA", "outside EEA"),
        ("If you live outside the EU, including if you live in the United States", "outside EEA"),
        ("Additional information for California and other US states", "US"),
        ("Si vous résidez au Royaume-Uni", "UK"), ("Si reside en la Unión Europea", "EEA"), ("Wenn Sie in Deutschland leben", "DE"),
        ("Contact us", ""), ("CONTACT US", ""),
    ],
)  # fmt: skip
def test_a_region_is_named(text: str, named: str) -> None:
    assert region(text) == named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("If you are under 18", "under 18"), ("For people under the age of majority", "under 18"), ("Our Children's Privacy Policy", "under 13"),
        ("Si vous avez moins de 16 ans", "under 16"), ("You may not use it if you are under 13", ""), ("Everyone, including those under 18", ""),
    ],
)  # fmt: skip
def test_an_age_band_is_named(text: str, named: str) -> None:
    assert ages(text) == named


@pytest.mark.parametrize(
    ("text", "audience"),
    [
        (f"# Terms\n\n## If you live in the EEA\n\n{ENDS}\n", Audience("EEA")),
        (f"# Terms\n\n## Rights of residents of California\n\n{ENDS}\n", Audience("US-CA")),
        (f"# Terms\n\n## If you live in the EEA\n\nA.\n\n## Contact\n\n{ENDS}\n", EVERYONE),
        (f"# Terms\n\nFor users in the United Kingdom:\n\n* {ENDS}\n", Audience("UK")),
        (f"# Terms\n\n## For people under the age of majority\n\n{ENDS}\n", Audience("", "under 18")),
        (f"# Terms\n\n{ENDS}\n", EVERYONE),
    ],
)
def test_headings_and_leads_say_for_whom(text: str, audience: Audience) -> None:
    assert of(text, ENDS) == audience


def test_the_head_of_a_sentence_counts_before_its_heading() -> None:
    sentence = "If you are under 16 and live in France, you need your parents."
    assert of(f"# Terms\n\n## If you live in Europe\n\n{sentence}\n", sentence) == Audience("FR", "under 16")


def test_a_part_goes_on_until_the_next_one_says_for_whom_it_is() -> None:
    text = (
        f"Pebble Terms\n---\n\nThese terms apply if you live in the United States.\n\nRights\n---\n\n{LASTS}\n\n{FILLER}"
        f"Pebble Ltd Terms\n---\n\nThese terms apply if you live outside the United States.\n\nRights\n---\n\n{ENDS}\n\n{FILLER}"
    )
    assert (of(text, LASTS), of(text, ENDS)) == (Audience("US"), Audience("outside US"))


def test_sections_on_rights_by_region_are_no_parts() -> None:
    sections = (
        f"## 4{letter}. Your rights if you live in {place}\n\n{FILLER}"
        for letter, place in (("A", "France"), ("B", "Canada"))
    )
    assert of(f"# Pebble Privacy Policy\n\n{''.join(sections)}## 5. Licence\n\n{LASTS}\n", LASTS) == EVERYONE


def test_one_sentence_on_scope_makes_no_parts() -> None:
    text = f"Terms\n---\n\nThese terms apply if you live in the United States.\n\nRights\n---\n\n{LASTS}\n\n{FILLER}"
    assert of(text, LASTS) == EVERYONE


def test_regions_that_get_different_answers_are_told_apart() -> None:
    result = found(
        f"# If you live in the United States\n\n{LASTS}\n\n# If you live outside the United States\n\n{ENDS}\n", "LIC-2"
    )
    assert result.finding == "not_met"
    assert [(part.region, part.finding) for part in result.parts] == [("US", "not_met"), ("outside US", "met")]
    assert [part["region"] for part in result.as_json()["parts"]] == ["US", "outside US"]  # type: ignore[index, union-attr]


def test_regions_that_get_the_same_answer_are_one() -> None:
    result = found(f"# If you live in the UK\n\n{ENDS}\n\n# If you live in Canada\n\n{ENDS}\n", "LIC-2")
    assert (result.finding, result.parts, result.region) == ("met", (), None)


def test_an_answer_for_one_region_only_says_so() -> None:
    result = found(f"# Additional terms for users in the EEA\n\n{ENDS}\n", "LIC-2")
    assert (result.finding, result.region, result.ages) == ("met", "EEA", None)
    assert result.as_json()["region"] == "EEA"
