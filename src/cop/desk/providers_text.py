"""A document on a page, line by line, with the passages that a finding rests on marked and reachable.

Every line carries the place of its first character in the text, so that what a person selects has offsets too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from cop.kernel.languages import direction
from cop.terms.clauses import split
from cop.terms.documents import Document
from cop.terms.plain import for_passage
from cop.vault.providers.course import Quote
from cop.vault.providers.grounds import Held, Proposed

Of = Literal["proposed", "accepted", "chosen"]
_HEADING = "#"


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a document: `name` is the fragment of its mark, `value` what a form sends for it.

    `of`: proposed by the machine, accepted under the decision that stands, or chosen by who reviews.
    """

    number: int
    held: Held
    start: int
    end: int
    score: float
    of: frozenset[Of]

    @property
    def name(self) -> str:
        return f"q{self.number}"

    @property
    def text(self) -> str:
        return self.held.content.text[self.start : self.end]

    @property
    def value(self) -> str:
        return f"{self.start} {self.end} {self.held.version.isoformat()} {self.held.document}"

    @property
    def direction(self) -> str:
        return direction_of(self.held)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters of a line; with `marks`, of passages. `first`: names of the passages that begin here."""

    text: str
    marks: tuple[Passage, ...]
    first: tuple[Passage, ...]
    last: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text that is not empty; `start` is the place of its first character."""

    start: int
    pieces: tuple[Piece, ...]
    heading: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A document on a page; `open` where a passage stands in it."""

    number: int
    held: Held
    lines: tuple[Line, ...] = field(repr=False)
    open: bool

    @property
    def direction(self) -> str:
        return direction_of(self.held)


def direction_of(held: Held) -> str:
    """How a document's language is written: ltr or rtl."""
    return direction(held.content.language)


def passages(
    texts: Sequence[Held], proposed: Iterable[Proposed], accepted: Iterable[Quote], chosen: Iterable[Quote]
) -> list[Passage]:
    """The passages of some documents, each once: those proposed by weight, then the others in order of place."""
    places: dict[tuple[int, int, int], tuple[float, set[Of]]] = {}
    numbers = {(h.document, h.version): number for number, h in enumerate(texts)}

    def add(document: tuple[str, object], start: int, end: int, score: float, of: Of) -> None:
        if document in numbers:
            held = places.setdefault((numbers[document], start, end), (score, set()))
            held[1].add(of)

    rows = [(p, e) for p in proposed for e in p.evidence]
    for row, e in sorted(rows, key=lambda r: -r[1]["score"]):
        add((row.document, row.version), e["start"], e["end"], e["score"], "proposed")
    for quotes, of in ((accepted, "accepted"), (chosen, "chosen")):
        for quote in sorted(quotes, key=lambda q: (q.document, q.start)):
            add((quote.document, quote.version), quote.start, quote.end, 0.0, of)  # type: ignore[arg-type]
    return [
        Passage(number, texts[held], start, end, score, frozenset(of))
        for number, ((held, start, end), (score, of)) in enumerate(places.items(), 1)
    ]


def shown(texts: Sequence[Held], marked: Sequence[Passage]) -> list[Shown]:
    """Documents ready for a page, in the order given."""
    found = []
    for number, held in enumerate(texts, 1):
        own = [p for p in marked if p.held is held]
        found.append(Shown(number, held, tuple(_lines(held.content, own)), bool(own)))
    return found


def _lines(document: Document, marked: Sequence[Passage]) -> Iterator[Line]:
    start = 0
    for line in document.text.splitlines(keepends=True):
        end = start + len(line)
        if line.strip():
            heading = document.markdown and line.startswith(_HEADING)
            yield Line(start, tuple(_pieces(document.text, start, start + len(line.rstrip()), marked)), heading)
        start = end


def _pieces(text: str, start: int, end: int, marked: Sequence[Passage]) -> Iterator[Piece]:
    here = [p for p in marked if p.start < end and p.end > start]
    cuts = sorted({start, end, *(c for p in here for c in (p.start, p.end) if start < c < end)})
    for left, right in pairwise(cuts):
        over = tuple(p for p in here if p.start <= left and p.end >= right)
        first = tuple(p for p in over if max(p.start, start) == left and not text[p.start : left].strip())
        last = tuple(p for p in over if p.end == right or (right == end and not text[right : p.end].strip()))
        yield Piece(text[left:right], over, first, last)


@dataclass(frozen=True, slots=True)
class Plainer:
    """A plainer wording of a clause, suggested by rules: nobody has reviewed it."""

    original: str
    text: str
    language: str


def plainer(marked: Sequence[Passage]) -> dict[int, list[Plainer]]:
    """Suggestions for the clauses of each passage, by its number; none in languages without rules."""
    texts = {p.held.basis: p.held.content for p in marked}
    clauses = {basis: split(content.text, markdown=content.markdown) for basis, content in texts.items()}
    return {
        p.number: [
            Plainer(found.suggestion.original, found.suggestion.text, found.suggestion.language)
            for found in for_passage(clauses[p.held.basis], p.held.content.language, p.start, p.end)
        ]
        for p in marked
    }
