"""Why a text got its code: terms, words and a ruling, from the narrative and for its reader alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cop.classification.coder import Coder
from cop.classification.coder.explain import Explainer, Explanation, readable_word
from cop.classification.coder.text import normalise
from cop.classification.rulings import load_rulings


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder.load()


def explained(coder: Coder, text: str) -> Explanation:
    return Explainer(coder, load_rulings()).explain(text, coder.code([text])[0])


def test_terms_of_the_index_are_named_by_their_class(coder: Coder) -> None:
    assert "G02" in explained(coder, "He spent his savings on loot boxes.").terms


def test_what_is_denied_is_no_term(coder: Coder) -> None:
    assert "G02" not in explained(coder, "There were no loot boxes in it.").terms


def test_the_words_that_spoke_are_words_of_the_text_strongest_first(coder: Coder) -> None:
    text = "Sextortion: he wants gift cards or sends my picture to the whole school"
    words = explained(coder, text).words

    assert [w for w, _ in words if w not in text.casefold()] == []
    assert [share for _, share in words] == sorted((share for _, share in words), reverse=True)
    assert all(0 < share <= 1 for _, share in words)


def test_a_number_is_shown_as_the_band_it_was_read_as() -> None:
    assert [readable_word(w) for w in (*normalise("13").split(), "video")] == ["13-17", "video"]


def test_a_text_without_known_words_has_no_word(coder: Coder) -> None:
    assert explained(coder, "Qwxzt zzkpl").words == ()


def test_the_nearest_ruling_is_about_codes_that_the_record_may_have(coder: Coder) -> None:
    [coded] = coder.code(["A picture of a child, drawn or made by a computer."])
    unsure = replace(coded, code="A02", class_set=("A02", "A042"))
    found = Explainer(coder, load_rulings()).explain("A picture that could be mistaken for a photograph.", unsure)

    assert found.ruling is not None
    assert {"A02", "A042"} <= set(load_rulings().ruling(found.ruling).codes)
    assert found.nearness is not None
    assert -1 <= found.nearness <= 1


def test_a_record_that_can_be_one_thing_only_has_no_ruling(coder: Coder) -> None:
    [coded] = coder.code(["A report."])
    found = Explainer(coder, load_rulings()).explain("A report.", replace(coded, code="G02", class_set=("G02",)))

    assert (found.ruling, found.nearness) == (None, None)


def test_the_facts_serve_a_program() -> None:
    assert Explanation(("B01",), (("secret", 0.5),), "R010", 0.75).as_json() == {
        "terms": ("B01",), "words": (("secret", 0.5),), "ruling": "R010", "nearness": 0.75,
    }  # fmt: skip
