"""Quotes found again: at their place, letter by letter, word by word, nearly, or not at all."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.terms.documents import from_bytes
from cop.terms.extraction import Passage
from cop.terms.extraction.selectors import parse
from cop.terms.quotes import LEAST_SIMILARITY, find, rematch

QUOTE = "You keep all rights in what you upload, and we delete copies within 30 days."
FILLER = "\n\n".join(f"In part {i} of the rules we say what happens on pier {i} of the harbour." for i in range(40))


def made(text: str, name: str = "terms.md"):  # noqa: ANN201 - a Document
    return from_bytes(text.encode(), name=name)


def test_the_same_file_read_otherwise_has_the_quote_at_the_same_place() -> None:
    body = "".join(f"<p>In part {i} we say what happens at pier {i}. {QUOTE}</p>" for i in range(8))
    raw = f"<html><body><div class=menu><p>Menu of the harbour</p></div><div id=t>{body}</div></body></html>".encode()
    old = from_bytes(raw, name="terms.html")
    new = from_bytes(raw, name="terms.html", passage=Passage(select=parse("#t")))
    places = [m.span() for m in re.finditer(re.escape(QUOTE), old.text)]
    assert len(places) == 8
    for start, end in places:  # the same words eight times: only the raw place tells them apart
        match = rematch(old, start, end, new)
        assert match is not None
        assert (match.level, new.text[match.start : match.end]) == ("place", QUOTE)
        assert new.raw_spans(match.start, match.end) == old.raw_spans(start, end)


def test_of_equal_passages_the_nearest_is_taken() -> None:
    old = made(f"{QUOTE}\n\n{FILLER}\n\n{QUOTE}")
    new = made(f"Preface.\n\n{QUOTE}\n\n{FILLER}\n\n{QUOTE}")
    last = old.text.rindex(QUOTE)
    match = rematch(old, last, last + len(QUOTE), new)
    assert match is not None
    assert (match.start, match.level) == (new.text.rindex(QUOTE), "exact")


def test_marks_case_and_spaces_do_not_count() -> None:
    new = made(
        f"{FILLER}\n\nYou **keep** all\nrights in what [you upload](https://x.example/), and WE delete copies within 30 days.\n\n{FILLER}"
    )
    match = find(QUOTE, new)
    assert match is not None
    assert (match.level, match.same) == ("normalised", True)
    found = new.text[match.start : match.end]
    assert (found[:3], found[-8:]) == ("You", "30 days.")


def test_a_quote_that_reads_differently_is_found_but_is_not_the_same() -> None:
    new = made(f"{FILLER}\n\n{QUOTE.replace('30', '90')}\n\n{FILLER}")
    match = find(QUOTE, new)
    assert match is not None
    assert (match.level, match.same, match.differs) == ("fuzzy", False, ("30", "90"))
    assert LEAST_SIMILARITY <= match.similarity < 1
    assert new.text[match.start : match.end] == QUOTE.replace("30", "90")


@pytest.mark.parametrize("text", [FILLER, f"{FILLER}\n\nYou keep your hat.", "x"])
def test_a_quote_that_is_gone_is_not_found(text: str) -> None:
    assert find(QUOTE, made(text)) is None
    assert find(" ", made(text)) is None


WORDS = st.sampled_from(["you", "we", "keep", "share", "content", "for", "30", "days", "may", "not", "delete", "it"])


@given(st.lists(WORDS, min_size=3, max_size=12), st.lists(WORDS, max_size=60), st.lists(WORDS, max_size=60))
@settings(max_examples=60)
def test_whatever_is_found_holds_as_many_of_the_words_as_is_said(
    quote: list[str], before: list[str], after: list[str]
) -> None:
    document = made(" ".join([*before, *quote, *after]) + ".")
    match = find(" ".join(quote), document)
    assert match is not None
    assert match.level == "exact"
    assert document.text[match.start : match.end] == " ".join(quote)
    worded = find(" ".join(quote).upper() + "!", document)
    assert worded is not None
    assert worded.level == "normalised"
    assert document.text[worded.start : worded.end].rstrip(".").split() == quote
