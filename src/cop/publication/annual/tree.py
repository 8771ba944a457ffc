"""The report as a tree of sections and blocks: what both writers set, and neither knows where it came from.

Text is held as runs, never as markup, so that no character of the data can mean something to a typesetter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from cop.kernel.errors import Refused

DEEPEST = 4
"""The lowest level of heading."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one face. A line feed in `text` is a line break; `link` is an address, http(s) or mailto."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    link: str | None = None


Inline = tuple[Run, ...]
"""A line of text: runs one after the other."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `lead` is one set larger, that opens a chapter."""

    runs: Inline
    lead: bool = False


@dataclass(frozen=True, slots=True)
class BulletList:
    """A list whose items have no order; each item is blocks."""

    items: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class NumberedList:
    """A list whose items are counted from `start`."""

    items: tuple[tuple[Block, ...], ...]
    start: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its width relative to the others, and whether it holds numbers."""

    heading: str
    weight: float = 2.0
    number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, as many cells as columns; `strong` is a row that sums up or heads those below it."""

    cells: tuple[Inline, ...]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption above and its note below. A table without a caption is part of the running text."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture.

    Attributes:
        svg: one `<svg>` element with its size in px.
        title: says the finding.
        alt: the sentence that stands for the picture.
        caption: how to read it, and what is withheld; may be empty.
    """

    svg: str = field(repr=False)
    title: str
    alt: str
    caption: str = ""

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise Refused("a figure has no sentence that stands for it", expected="alternative text in every figure")


@dataclass(frozen=True, slots=True)
class Quote:
    """Someone's words, and whose they are."""

    blocks: tuple[Block, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Callout:
    """What must not be overlooked, set apart from the text."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """A few numbers set large, each as (value, what it is)."""

    items: tuple[tuple[str, str], ...]


Block = Paragraph | BulletList | NumberedList | Table | Figure | Quote | Callout | KeyFigures


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, up to the next heading.

    Attributes:
        id: unique in the report; the address within it.
        title: of the heading.
        level: 1 is a chapter; sections follow one another, the level says what is part of what.
        blocks: under the heading.
        numbering: `chapter` counts 1, 2, 3; `annex` counts A, B, C; `none` does not count. Deeper sections follow
            the chapter they are in.
    """

    id: str
    title: str
    level: int
    blocks: tuple[Block, ...] = ()
    numbering: Literal["chapter", "annex", "none"] = "chapter"


@dataclass(frozen=True, slots=True)
class Words:
    """The few words the writers themselves put on a page, in the report's language.

    `page` and `annex` hold the places `%(page)s` of `%(pages)s`, and `%(letter)s`.
    """

    contents: str = "Contents"
    table: str = "Table"
    figure: str = "Figure"
    source: str = "Source"
    page: str = "%(page)s of %(pages)s"
    annex: str = "Annex %(letter)s"


@dataclass(frozen=True, slots=True)
class Report:
    """A report, ready to be set.

    Attributes:
        title: on the cover and in the document's properties.
        subtitle: under it.
        author: the body that answers for the report.
        language: ISO 639-1 code; `direction` is its direction.
        date: ISO date of the edition; there is no other clock.
        date_words: the same in words.
        notice: what must be known before anything is read (synthetic data, a draft); may be empty.
        notice_short: the same in a few words, in the running header.
        running: the name of the report in the running header.
        facts: on the cover, as (what, value).
        keywords: of the document's properties.
        description: one sentence, of the document's properties.
        sections: in order.
        words: of the writers.
    """

    title: str
    subtitle: str
    author: str
    language: str
    date: str
    date_words: str
    sections: tuple[Section, ...]
    direction: Literal["ltr", "rtl"] = "ltr"
    notice: str = ""
    notice_short: str = ""
    running: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    keywords: tuple[str, ...] = ()
    description: str = ""
    words: Words = Words()


def say(text: str, *, strong: bool = False, emphasis: bool = False, code: bool = False) -> Inline:
    """Text in one face; nothing for empty text."""
    return (Run(text, strong=strong, emphasis=emphasis, code=code),) if text else ()


def paragraph(text: str, *, lead: bool = False) -> Paragraph:
    """A paragraph of plain text."""
    return Paragraph(say(text), lead)


def row(*cells: str | Inline, strong: bool = False) -> Row:
    """A row of cells, plain text or runs."""
    return Row(tuple(say(c) if isinstance(c, str) else c for c in cells), strong)


def bullets(*items: str | Inline) -> BulletList:
    """A list of one paragraph an item."""
    return BulletList(tuple((Paragraph(say(i) if isinstance(i, str) else i),) for i in items))


def plain(runs: Inline) -> str:
    """The text of runs without their faces."""
    return "".join(run.text for run in runs)


def numbers(sections: tuple[Section, ...], words: Words) -> list[str]:
    """The number of every section's heading in order: `2`, `2.1`, `Annex A`, or nothing where none is counted.

    Sections of level 4 are not numbered: their number would be longer than it helps.
    """
    found: list[str] = []
    counts = {"chapter": 0, "annex": 0}
    stem, inner = "", [0, 0]
    for section in sections:
        if section.level == 1:
            inner = [0, 0]
            if section.numbering == "none":
                stem = ""
            else:
                counts[section.numbering] += 1
                count = counts[section.numbering]
                stem = str(count) if section.numbering == "chapter" else _letter(count)
            found.append(stem if section.numbering != "annex" else words.annex % {"letter": stem})
        elif stem and section.level in {2, 3}:
            place = section.level - 2
            inner = [inner[0] + 1, 0] if place == 0 else [inner[0], inner[1] + 1]
            found.append(".".join([stem, *(str(n) for n in inner[: place + 1])]))
        else:
            found.append("")
    return found


def _letter(count: int) -> str:
    """A, B, ... Z, AA."""
    return chr(64 + count) if count <= 26 else _letter((count - 1) // 26) + _letter((count - 1) % 26 + 1)


def every_block(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """All blocks in reading order, those within others too."""
    for block in blocks:
        yield block
        if isinstance(block, BulletList | NumberedList):
            for item in block.items:
                yield from every_block(item)
        elif isinstance(block, Quote | Callout):
            yield from every_block(block.blocks)
