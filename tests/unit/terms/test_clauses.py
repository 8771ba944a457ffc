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
     "Really? Yes! ", "| a cell | another |\n", "1\\. Numbered\n\n", "<br>", "(a) an item;\n(b) more:\n  (i) deep.\n", "A line that a page broke in the\nmiddle of it. ", "OUR RULES\n", "我们。您好！", "“Quoted.” Next ", "naïve — text", "\r\n", "_x_", "`code`", "[12]", "\ufeff"]
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


def test_lists_inside_lists_know_what_introduced_them() -> None:
    text = "You may not:\n(a) copy it, or help those who:\n  (i) sell it;\n  (ii) rent it;\n(b) share it."
    assert [(c.text, c.lead) for c in split(text, markdown=False)] == [
        ("You may not:", ""),
        ("(a) copy it, or help those who:", "You may not:"),
        ("(i) sell it;", "(a) copy it, or help those who:"),
        ("(ii) rent it;", "(a) copy it, or help those who:"),
        ("(b) share it.", "You may not:"),
    ]


def test_a_letter_i_after_h_is_no_roman_number() -> None:
    text = "You may not:\n" + "\n".join(f"({letter}) do {letter};" for letter in "abcdefghi")
    assert {c.lead for c in split(text, markdown=False)[1:]} == {"You may not:"}


def test_lines_that_a_page_broke_are_one_sentence_with_its_own_offsets() -> None:
    text = (
        "We keep the photos that you show to your friends for\nas long as you have an account with us. Then they go.\n"
    )
    clauses = split(text, markdown=False)
    assert [c.text for c in clauses] == [
        "We keep the photos that you show to your friends for as long as you have an account with us.",
        "Then they go.",
    ]
    assert text[clauses[0].start : clauses[0].end] == text[: text.index(" Then")]


def test_cells_of_a_table_stay_apart() -> None:
    text = "| what we keep for as long as we are asked to by | you |\n| --- | --- |\n| photos | a year |"
    told = [c.text for c in split(text, markdown=True) if "-" not in c.text]
    assert told == ["what we keep for as long as we are asked to by", "you", "photos", "a year"]


def test_numbered_and_capital_headings_nest() -> None:
    text = "OUR RULES\nAll of them.\n\n1. Your Content\nYou keep it.\n\n1.1 Your Photos\nWe show it."
    assert [(c.text, c.section) for c in split(text, markdown=False) if not c.heading] == [
        ("All of them.", ("OUR RULES",)),
        ("You keep it.", ("1. Your Content",)),
        ("We show it.", ("1. Your Content", "1.1 Your Photos")),
    ]


def test_a_definition_is_led_by_its_term() -> None:
    assert [(c.text, c.lead) for c in split("Photo\n: a picture you took", markdown=False)] == [
        ("Photo", ""),
        (": a picture you took", "Photo"),
    ]


def test_abbreviations_of_other_languages_do_not_end_a_sentence() -> None:
    for text in (
        "Wir löschen z. B. Fotos gem. Art. 5 Abs. 2.",
        "Véase el art. 5 y la pág. 3.",
        "См. ст. 5 и п. 2.",
        "Voir l'art. 5 et le chap. 2.",
    ):
        assert len(split(text, markdown=False)) == 1


def test_a_chinese_semicolon_does_not_end_a_sentence() -> None:
    assert [c.text for c in split("您保留权利；我们可以展示。谢谢！", markdown=False)] == [
        "您保留权利；我们可以展示。",
        "谢谢！",
    ]
