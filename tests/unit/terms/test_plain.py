"""Plainer words: made by rules, kept from losing what a clause says, withheld otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.kernel.errors import NotFound, Refused
from cop.kernel.resources import resource
from cop.terms.clauses import split
from cop.terms.plain import LANGUAGES, Suggestion, Withheld, for_passage, load, losses, plain_rules, suggest


def made(text: str, language: str = "en") -> Suggestion:
    suggestion = suggest(text, language)
    assert isinstance(suggestion, Suggestion)
    assert suggestion.status == "suggested"
    return suggestion


@pytest.mark.parametrize(
    ("text", "plain", "rules"),
    [
        ("Prior to deletion we shall notify you of any and all changes within thirty (30) days.",
         "Before deletion we will tell you about all changes within 30 days.",
         ["number-once", "prior-to", "we-shall", "notify", "any-and-all"]),
        ("You hereby agree that we charge an additional fee.", "You agree that we charge a further fee.", ["hereby", "additional"]),
        ("You may not (a) copy the app; (b) sell it to others; or (c) help anyone to do so.",
         "You may not:\n(a) copy the app;\n(b) sell it to others; or\n(c) help anyone to do so.", ["list"]),
        ("You keep the rights in your photos, but we may show them to others.",
         "You keep the rights in your photos. But we may show them to others.", ["split"]),
        ("Your photos may be used by us for advertising.", "We may use your photos for advertising.", ["active"]),
        ("Your photos may not be used by us.", "We may not use your photos.", ["active"]),
        ("Resale of tickets is prohibited.", "Resale of tickets is not allowed.", ["prohibited"]),
    ],
)  # fmt: skip
def test_rules_make_the_plainer_wording(text: str, plain: str, rules: list[str]) -> None:
    suggestion = made(text)
    assert suggestion.text == plain
    assert [applied.rule for applied in suggestion.rules] == rules


def test_adjectives_piled_on_a_licence_become_sentences() -> None:
    suggestion = made("You grant us a limited, perpetual, irrevocable and sublicensable license to show your songs.")
    assert suggestion.text == (
        "You grant us a limited license to show your songs. This license lasts for ever. You cannot take it back. "
        "Others may be allowed to use it too."
    )
    assert suggestion.hardness_after is not None
    assert suggestion.hardness_before is not None
    assert suggestion.hardness_after < suggestion.hardness_before


def test_who_grants_decides_who_cannot_take_it_back() -> None:
    suggestion = made("The museum gives the school a perpetual, irrevocable license to show the songs.")
    assert suggestion.text.endswith("This license lasts for ever. It cannot be taken back.")


@pytest.mark.parametrize(
    ("language", "text", "plain"),
    [
        ("fr", "Vous nous accordez une licence mondiale, perpétuelle et irrévocable pour montrer vos chansons.",
         "Vous nous accordez une licence pour montrer vos chansons. Cette licence vaut dans le monde entier. "
         "Elle dure pour toujours. Vous ne pouvez pas la reprendre."),
        ("es", "Usted nos otorga una licencia mundial y perpetua para mostrar sus canciones.",
         "Usted nos otorga una licencia para mostrar sus canciones. Vale en todo el mundo. Dura para siempre."),
        ("de", "Sie gewähren uns eine weltweite, unbefristete Lizenz an Ihren Liedern.",
         "Sie gewähren uns eine Lizenz an Ihren Liedern. Das gilt in der ganzen Welt. Das gilt für immer."),
    ],
)  # fmt: skip
def test_licences_in_other_languages(language: str, text: str, plain: str) -> None:
    assert made(text, language).text == plain


@pytest.mark.parametrize(
    "text",
    [
        "If you post a photo, you keep it and we may show it.",  # the condition may bind both halves
        "To use the app, you must make an account.",  # no sentence stands before the comma
        "You do not grant us a perpetual, irrevocable license.",
        "We keep it.",
        "The Additional Services are listed below.",  # a name
        "The service is provided (a) as it is.",
    ],
)
def test_where_a_rule_is_not_certain_there_is_no_suggestion(text: str) -> None:
    assert suggest(text, "en") is None


def test_a_language_without_rules_has_no_suggestion() -> None:
    assert suggest("Мы можем использовать ваши фотографии.", "ru") is None
    with pytest.raises(NotFound):
        plain_rules("ru")


def test_no_easier_wording_is_withheld() -> None:
    answer = suggest("We are liable for loss.", "en")
    assert isinstance(answer, Withheld)
    assert answer.reasons[0].startswith("no easier")


@pytest.mark.parametrize(
    ("after", "lost"),
    [
        ("We must tell you within 14 days.", "negation: 0 instead of 1"),
        ("We must not tell you within 15 days.", "numbers differ"),
        ("We do not tell you within 14 days.", "duty: 0 instead of 1"),
        ("We must not tell within 14 days.", "reader: 0 instead of 1"),
        ("We must not tell you within 14.", "time: 0 instead of 1"),
        ("We must not tell you within 14 days if asked.", "condition: 1 instead of 0"),
    ],
)
def test_what_is_lost_or_added_is_said(after: str, lost: str) -> None:
    assert lost in losses("We must not tell you within 14 days.", after, {}, plain_rules("en"))


def test_a_lost_name_is_said() -> None:
    assert losses("Ask our partner Harbour Ltd first.", "Ask our partner first.", {}, plain_rules("en")) == (
        "names lost: Harbour, Ltd",
    )


CLAUSES = st.lists(
    st.sampled_from(
        ["you", "we", "must", "may not", "terminate", "prior to", "thirty (30) days", "any and all", "unless", "third parties",
         "hereby", "modify", "our affiliates", "notify you of", "in order to", "solely", ";", ", and we may", "(a)", "(b)", "photos", "Harbour"]
    ), min_size=3, max_size=18,
).map(lambda words: f"{' '.join(words)}.")  # fmt: skip


@given(CLAUSES)
@settings(max_examples=60)
def test_every_suggestion_names_its_rules_and_keeps_numbers_and_negations(text: str) -> None:
    answer = suggest(text, "en")
    if isinstance(answer, Suggestion):
        keeps = plain_rules("en").keeps
        assert answer.rules
        assert answer.text != text
        assert len(keeps["negation"].findall(answer.text)) == len(keeps["negation"].findall(text))
        assert answer.text.count("30") == text.count("30")
        assert answer.text.count("Harbour") == text.count("Harbour")


@pytest.mark.parametrize("language", LANGUAGES)
def test_rules_of_every_language_say_what_they_change(language: str) -> None:
    assert plain_rules(language).words


def test_a_rule_that_silently_drops_a_negation_is_refused(tmp_path: Path) -> None:
    folder = resource("catalogue/plain")
    source = (folder / "en.yaml").read_text(encoding="utf-8")
    path = tmp_path / "en.yaml"
    path.write_text(source.replace("is prohibited: is not allowed,", "is prohibited: is allowed,"), encoding="utf-8")
    with pytest.raises(Refused, match="changes negation by -1"):
        load(path, folder / "plain.schema.json")


def test_suggestions_stand_at_the_offsets_of_their_clauses() -> None:
    text = "# Terms\n\nWe shall help. **Prior to** the end you may object.\n"
    placed = list(for_passage(split(text, markdown=True), "en"))
    assert [text[p.start : p.end] for p in placed] == ["We shall help.", "Prior to** the end you may object."]
    inside = list(for_passage(split(text, markdown=True), "en", start=placed[1].start, end=placed[1].end))
    assert inside == placed[1:]
