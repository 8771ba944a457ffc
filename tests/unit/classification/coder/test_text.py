"""One spelling for the same word, and the words and phrases found in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.classification.coder import concepts
from cop.classification.coder.index import Index, loose
from cop.classification.coder.phrases import Match, Matcher
from cop.classification.coder.text import normalise, tokens
from cop.kernel.languages import OFFICIAL


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Ｆｕｌｌ  width\n", "full width"),
        ("Élève déçu", "eleve decu"),
        ("Ещё ЁЛКА", "еще елка"),
        ("مَدْرَسَةٌ", "مدرسه"),
        ("أحمد إلى آخر", "احمد الي اخر"),
        ("كتـــاب", "كتاب"),
        ("see https://example.org/x?y=1 or a.b@example.org", "see url or url"),
        ("@someone on [app]", "handle on platform"),
        ("aged 5, 12, 15, 18, 40 and 1,500", "aged ①, ②, ③, ④, ⑤ and ⑥"),
        ("I didn't, I'm", "i didnt, im"),
    ],
)
def test_the_same_word_has_one_spelling(text: str, normal: str) -> None:
    assert normalise(text) == normal


@given(st.text(max_size=200))
def test_any_text_can_be_normalised_and_cut_into_words(text: str) -> None:
    assert all(word and not word.isspace() for word in tokens(normalise(text)))


def find(form: str, text: str, language: str) -> list[Match]:
    normal = normalise(text)
    return Matcher([(form, 7)], language).find(normal, tokens(normal))


@pytest.mark.parametrize(
    ("form", "text", "language", "denied"),
    [
        ("threat", "He threatened her", "en", [False]),
        ("son.", "My sons", "en", []),
        ("gift card", "He wanted gift cards", "en", [False]),
        ("asked", "Nothing was asked of him", "en", [True]),
        ("asked", "Nothing happened. He asked", "en", [False]),
        ("menac", "Il n'y a pas de menace", "fr", [True]),
        ("dinero", "sin pedir dinero", "es", [True]),
        ("угро", "никто не угрожал", "ru", [True]),
        ("صور", "أرسل الصور", "ar", [False]),
        ("تهديد", "لم يصل أي تهديد", "ar", [True]),
        ("勒索", "被人勒索了", "zh", [False]),
        ("勒索", "没有被勒索", "zh", [True]),
        ("勒索", "没有。被勒索", "zh", [False]),
    ],
)
def test_a_form_is_found_and_its_denial_seen(form: str, text: str, language: str, denied: list[bool]) -> None:
    assert [m.denied for m in find(form, text, language)] == denied


def test_index_terms_are_found_inflected_and_not_where_denied() -> None:
    index = Index({"en": [("loot boxes", 3), ("gambling", 3), ("bullying", 4)]})
    normal = normalise("He buys loot boxes. No bullying was seen.")

    assert index.evidence(normal, tokens(normal), "en") == {3: True, 4: False}


def test_a_short_index_term_stands_for_the_whole_word() -> None:
    assert (loose("gore", "en"), loose("травля", "ru"), loose("开箱", "zh")) == ("gore.", "трав", "开箱")


def test_every_concept_has_forms_in_every_language() -> None:
    assert len(concepts.names()) == len(set(concepts.names())) >= 80
    for language in OFFICIAL:
        normal = normalise(
            {"ar": "شرطة", "zh": "警方", "en": "police", "fr": "police", "ru": "полиция", "es": "policía"}[language]
        )
        [match] = concepts.matcher(language).find(normal, tokens(normal))
        assert concepts.names()[match.entry] == "police"
