"""A document on a page: every character at its place, every passage marked once and reachable."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from cop.desk.providers_text import passages, plainer, shown
from cop.terms.documents import Document
from cop.vault.providers.course import Quote
from cop.vault.providers.grounds import Held, Proposed

DAY = date(2025, 1, 1)
TEXT = "# Terms\n\nYou own it.\r\nThe licence ends\nwhen you go.\n\n\u2028Last \U0001f30a line."


def held(text: str, *, language: str = "en") -> Held:
    return Held("p/tos", DAY, Document("p/tos", "a" * 64, text, "tos", language, None, 9, format="markdown"))


def quote(start: int, end: int) -> Quote:
    return Quote("p/tos", DAY, "a" * 64, TEXT[start:end], start, end)


places = st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))).map(sorted).filter(lambda p: p[0] < p[1])


@given(st.lists(places, max_size=5))
def test_lines_hold_every_character_at_its_place_and_every_mark_its_own(given_: list[list[int]]) -> None:
    marked = passages([held(TEXT)], [], [quote(*p) for p in given_], ())
    [document] = shown([marked[0].held if marked else held(TEXT)], marked)
    over: dict[int, set[int]] = {}
    begins: list[str] = []
    for line in document.lines:
        at = line.start
        for piece in line.pieces:
            assert TEXT[at : at + len(piece.text)] == piece.text
            for p in piece.marks:
                over.setdefault(p.number, set()).update(range(at, at + len(piece.text)))
            begins += [p.name for p in piece.first]
            at += len(piece.text)
    assert "\n".join("".join(p.text for p in line.pieces) for line in document.lines).split() == TEXT.split()
    for p in marked:
        seen = {i for i in range(p.start, p.end) if not TEXT[i].isspace()}
        assert seen <= over.get(p.number, set()) <= set(range(p.start, p.end))
        assert begins.count(p.name) == (1 if seen else begins.count(p.name))


def test_a_passage_is_one_however_often_it_is_named_and_the_weightiest_comes_first() -> None:
    weak, strong = ({"start": 9, "end": 20, "score": 0.2}, {"start": 22, "end": 38, "score": 0.9})
    row = Proposed("p/tos", DAY, "en", "met", 0.9, "", "", "", (weak, strong))
    marked = passages([held(TEXT)], [row], [quote(9, 20)], [quote(9, 20), quote(0, 7)])

    assert [(p.start, p.of) for p in marked] == [
        (22, {"proposed"}), (9, {"proposed", "accepted", "chosen"}), (0, {"chosen"}),
    ]  # fmt: skip
    assert marked[1].value == "9 20 2025-01-01 p/tos"


def test_of_another_version_nothing_is_marked() -> None:
    other = Quote("p/tos", date(2024, 1, 1), "b" * 64, "You", 9, 12)

    assert passages([held(TEXT)], [], [other], ()) == []


def test_plainer_words_are_suggested_for_the_clauses_of_a_passage_alone() -> None:
    text = "You may utilise the service.\n\nYou may terminate it prior to the end."
    [one] = passages([held(text)], [], [Quote("p/tos", DAY, "a" * 64, text[:28], 0, 28)], ())

    assert [p.text for p in plainer([one])[1]] == ["You may use the service."]
