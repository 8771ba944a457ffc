"""Hashed n-grams of a batch against a plain count of one text."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cop.classification.coder import ngrams

plain = st.lists(st.text("abcdé中文①", min_size=1, max_size=8), max_size=8).map(" ".join)


def counted(counts: ngrams.Counts, row: int) -> Counter[int]:
    owner, hashed = counts
    return Counter(hashed[owner == row].tolist())


def plainly(text: str) -> Counter[str]:
    """Character n-grams as said in the module, counted one by one."""
    found: Counter[str] = Counter()
    for word in text.split():
        padded = f" {word} "
        for n in (2, 3, 4, 5):
            grams = [padded[i : i + n] for i in range(len(padded) - n + 1)]
            found.update(g for g in grams if n > 2 or " " not in g)
    return found


@given(st.lists(plain, min_size=1, max_size=5))
def test_character_ngrams_equal_a_plain_count(texts: list[str]) -> None:
    counts = ngrams.characters(texts)
    for row, text in enumerate(texts):
        assert sorted(counted(counts, row).values()) == sorted(plainly(text).values())


@given(st.lists(plain, min_size=1, max_size=5))
def test_words_and_pairs_equal_a_plain_count(texts: list[str]) -> None:
    counts = ngrams.words(texts)
    for row, text in enumerate(texts):
        words = text.split()
        expected = Counter(words) + Counter(pairwise(words))
        assert sorted(counted(counts, row).values()) == sorted(expected.values())


@given(plain, st.lists(plain, max_size=4), st.lists(plain, max_size=4))
def test_what_stands_beside_a_text_does_not_matter(text: str, before: list[str], after: list[str]) -> None:
    for count in (ngrams.characters, ngrams.words):
        assert counted(count([*before, text, *after]), len(before)) == counted(count([text]), 0)


def test_order_of_letters_and_words_matters() -> None:
    assert counted(ngrams.words(["ab ba"]), 0) != counted(ngrams.words(["ba ab"]), 0)
    assert len(counted(ngrams.words(["ab ba"]), 0)) == 3


def test_a_table_keeps_the_columns_it_knows() -> None:
    owner, hashed = ngrams.words(["a b", "b"])
    columns = np.full(1 << ngrams.BITS, -1, np.int32)
    columns[hashed[owner == 1]] = 0

    assert ngrams.table((owner, hashed), 2, columns, 1).toarray().tolist() == [[1.0], [1.0]]
