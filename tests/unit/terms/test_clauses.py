"""Clauses: offsets that hold, no word lost, lists and headings known."""

# sentences are data: one a line reads best

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cop.terms.clauses import split, windows
from cop.terms.markup import HIDDEN, mask, visible

PIECES = st.sampled_from(
    ["You keep it. ", "See [our policy](https://example.org/a_(b)?x=1. Y). ", "# Title\n\n", "*   an item;\n", "**bold** ", "\n\n", "e.g. Malta. ",
     "Really? Yes! ", "| a cell | another |\n", "1\\. Numbered\n\n", "<br>", "“Quoted.” Next ", "naïve — text", "\r\n", "_x_", "`code`", "[12]", "\ufeff"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=25).map("".join)


@given(TEXTS, st.booleans())
def test_a_mask_keeps_the_length(text: str, markdown: bool) -> None:
    assert len(mask(text, markdown=markdown)) == len(text)


@given(TEXTS, st.booleans())
def test_clauses_are_in_order_and_do_not_overlap(text: str, markdown: bool) -> None:
    clauses = split(text, markdown=markdown)
    assert all(a.end <= b.start for a, b in pairwise(clauses))
    assert all(0 <= c.start < c.end <= len(text) for c in clauses)


@given(TEXTS, st.booleans())
def test_a_clauses_text_is_what_is_visible_at_its_offsets(text: str, markdown: bool) -> None:
    masked = mask(text, markdown=markdown)
    assert [c.text for c in split(text, markdown=markdown)] == [
        visible(masked[c.start : c.end]) for c in split(text, markdown=markdown)
    ]


@given(TEXTS, st.booleans())
def test_every_visible_character_but_bullets_lies_in_a_clause(text: str, markdown: bool) -> None:
    masked = mask(text, markdown=markdown)
    inside = set()
    for clause in split(text, markdown=markdown):
        inside.update(range(clause.start, clause.end))
    outside = {
        c for i, c in enumerate(masked) if i not in inside and c != HIDDEN and not c.isspace() and c not in "•·◦▪●‣"
    }
    assert outside == set()


def test_sentences_lists_and_sections_are_told_apart() -> None:
    text = "# Rules\n\nYou may not use it if:\n\n*   you are under 13, e.g. Twelve;\n*   you were banned.\n\nWe own it. You don't!"
    rows = [(c.text, c.heading, c.item, c.lead, c.section) for c in split(text, markdown=True)]
    assert rows == [
        ("Rules", True, False, "", ("Rules",)),
        ("You may not use it if:", False, False, "", ("Rules",)),
        ("you are under 13, e.g. Twelve;", False, True, "You may not use it if:", ("Rules",)),
        ("you were banned.", False, True, "You may not use it if:", ("Rules",)),
        ("We own it.", False, False, "", ("Rules",)),
        ("You don't!", False, False, "", ("Rules",)),
    ]


def test_abbreviations_do_not_end_a_sentence() -> None:
    text = "Photos Inc. Malta, i.e. We, keeps copies for the U.S. Government. Then it deletes them."
    assert [c.text for c in split(text, markdown=False)] == [
        "Photos Inc. Malta, i.e. We, keeps copies for the U.S. Government.",
        "Then it deletes them.",
    ]


def test_link_targets_are_hidden_and_their_text_stays() -> None:
    text = "You keep [your content](https://example.org/terms.Yes_(1)) always."
    [clause] = split(text, markdown=True)
    assert (clause.text, text[clause.start : clause.end]) == ("You keep your content always.", text)


def test_chinese_and_arabic_sentences_end_at_their_own_marks() -> None:
    assert [c.text for c in split("我们会通知您。您可以删除内容。", markdown=False)] == [
        "我们会通知您。",
        "您可以删除内容。",
    ]
    assert len(split("هل يمكنك الحذف؟ نعم.", markdown=False)) == 2


def test_windows_do_not_cross_a_heading() -> None:
    clauses = split("One is here. Two is here.\n\n# Head\n\nThree is here. Four is here.", markdown=True)
    assert [w.low for w in windows(clauses, 2)] == ["one is here. two is here.", "three is here. four is here."]
