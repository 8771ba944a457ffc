"""Hashed n-grams: what is one feature, what is not, and that texts do not leak into one another."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from cop.terms.ranking.features import WIDTH, WORD_BITS, grams

TEXTS = st.lists(st.text(alphabet="abcäé 0179.,'\n\t", max_size=30), min_size=1, max_size=6)


def bags(texts: list[str]) -> list[Counter[int]]:
    found = grams(texts)
    return [Counter(found.columns[found.rows == i].tolist()) for i in range(found.texts)]


@given(TEXTS)
def test_a_text_has_the_same_features_alone_and_among_others(texts: list[str]) -> None:
    assert bags(texts) == [bags([text])[0] for text in texts]


@given(TEXTS)
def test_every_feature_is_a_column_of_its_kind(texts: list[str]) -> None:
    found = grams(texts)
    words, runs = found.columns[: found.words], found.columns[found.words :]
    assert bool((words >= 0).all()) and bool((words < 1 << WORD_BITS).all())
    assert bool((runs >= 1 << WORD_BITS).all()) and bool((runs < WIDTH).all())


def test_words_are_counted_alone_and_in_pairs() -> None:
    found = grams(["one two two"])
    assert found.words == 3 + 2
    assert len(found.columns) - found.words == len(" one two two ") - 3


def test_case_quotes_spaces_and_digits_do_not_matter_but_order_does() -> None:
    assert bags(["You  can’t wait 30 days"]) == bags(["you can't wait 90 days"])
    assert bags(["delete the account"]) != bags(["the account delete"])


def test_no_text_has_no_features() -> None:
    assert bags(["", " . "]) == [Counter(), Counter()]


def test_long_texts_are_hashed_as_short_ones_are() -> None:
    filler = "a quiet harbour " * 9000
    assert bags([filler, "Delete the account."])[1] == bags(["Delete the account."])[0]
