"""Search over the classification: every index term and name leads home, in six languages, and says why."""

from __future__ import annotations

import pytest

from cop.classification.scheme import Scheme, load_scheme
from cop.classification.search import lookup, search
from cop.kernel.errors import Refused


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return load_scheme()


@pytest.mark.parametrize(
    ("words", "code", "language"),
    [
        ("loot boxes", "G02", "en"),
        ("Sextortion", "B03", "en"),
        ("pédopiégeage", "B01", "fr"),
        ("pedopiegeage", "B01", "fr"),
        ("ciberacoso escolar", "C01", "es"),
        ("секс-шантаж", "B03", "ru"),
        ("استدراج طفل", "B01", "ar"),
        ("إستدراج طفل", "B01", "ar"),
        ("裸聊勒索", "B03", "zh"),
    ],
)
def test_words_of_each_language_lead_to_their_class_and_are_quoted(
    scheme: Scheme, words: str, code: str, language: str
) -> None:
    first = search(scheme, words)[0]

    assert (first.code, first.language, first.field) == (code, language, "index")
    assert first.name == scheme.node(code).name[language]


@pytest.mark.parametrize("language", ["ar", "zh", "en", "fr", "ru", "es"])
def test_the_name_of_a_class_finds_it_first(scheme: Scheme, language: str) -> None:
    missed = [
        (node.code, hits[0].code if hits else None)
        for node in scheme.nodes
        for hits in [search(scheme, node.name[language], language=language, limit=1)]
        if not hits or hits[0].code != node.code
    ]

    assert missed == []


@pytest.mark.parametrize("language", ["ar", "zh", "en", "fr", "ru", "es"])
def test_an_index_term_finds_its_class(scheme: Scheme, language: str) -> None:
    """The first two terms of each class; first, or behind a class whose name holds the very words."""
    missed = [
        (node.code, term)
        for node in scheme.nodes
        for term in node.index.get(language, ())[:2]
        if node.code not in [h.code for h in search(scheme, term, language=language)[:3]]
    ]

    assert missed == []


@pytest.mark.parametrize("text", ["B032", "b032", "B03.2", " b03.2 "])
def test_a_code_is_looked_up_however_it_is_spelt(scheme: Scheme, text: str) -> None:
    assert lookup(scheme, text) == "B032"
    assert [(h.code, h.field, h.score) for h in search(scheme, text)] == [("B032", "code", 1.0)]


def test_a_word_is_no_code(scheme: Scheme) -> None:
    assert lookup(scheme, "harassment") is None


def test_an_exclusion_speaks_for_the_class_that_takes_the_case(scheme: Scheme) -> None:
    [note] = [x for x in scheme.node("B01").excludes if x["see"] == "B06"]
    hits = {h.code: h for h in search(scheme, note["en"])}

    assert (hits["B06"].field, hits["B06"].text) == ("excludes", note["en"])
    assert hits.get("B01") is None or hits["B01"].text != note["en"]


def test_order_is_by_score_then_by_the_scheme(scheme: Scheme) -> None:
    hits = search(scheme, "harassment")
    places = {node.code: place for place, node in enumerate(scheme.nodes)}

    assert [(-h.score, places[h.code]) for h in hits] == sorted((-h.score, places[h.code]) for h in hits)
    assert all(0 < h.score <= 1 for h in hits)
    assert len(search(scheme, "child", limit=5)) == 5


def test_one_language_is_asked_alone(scheme: Scheme) -> None:
    assert {h.language for h in search(scheme, "grooming", language="fr")} == {"fr"}
    assert search(scheme, "裸聊勒索", language="fr") == ()


@pytest.mark.parametrize("words", ["", "  ", "?!", "…"])
def test_nothing_to_look_for_is_refused(scheme: Scheme, words: str) -> None:
    with pytest.raises(Refused, match="holds no word"):
        search(scheme, words)


def test_no_words_found_give_no_hit(scheme: Scheme) -> None:
    assert search(scheme, "zxqv wvut") == ()
