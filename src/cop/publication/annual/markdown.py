"""The secretariat's Markdown as sections and blocks.

CommonMark with tables, read by markdown-it-py. What has no place in a report is refused by line rather than dropped:
raw HTML, pictures (no imagery enters the observatory), code blocks, rules, links to anything but the web or an address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from markdown_it import MarkdownIt
from markdown_it.token import Token

from cop.kernel.errors import Refused, Where, shown
from cop.publication.annual.tree import (
    DEEPEST,
    Block,
    BulletList,
    Column,
    Inline,
    NumberedList,
    Paragraph,
    Quote,
    Row,
    Run,
    Section,
    Table,
    plain,
)

_LINKS = ("https://", "http://", "mailto:")
_BLOCKS = {
    "html_block": ("is raw HTML", "Markdown without HTML"),
    "fence": ("is a code block", "paragraphs, lists, tables and quotations"),
    "code_block": ("is indented by four spaces, which makes it a code block", "text that begins at the margin"),
    "hr": ("is a rule", "a heading where a new part begins"),
}


def read_markdown(
    text: str,
    *,
    id: str,
    title: str,
    level: int = 1,
    numbering: Literal["chapter", "annex", "none"] = "chapter",
) -> tuple[Section, ...]:
    """A text of the secretariat: the section of that title, and a section for every heading within it.

    Headings nest by their order, not by their number of signs, so that no level is skipped.

    Args:
        text: Markdown.
        id: of the section; its file is `<id>.md`.
        title: of the section.
        level: of the section.
        numbering: as of `Section`.

    Raises:
        Refused: the text holds something a report cannot have; the message names file, section and line.
    """
    reader = _Reader(f"{id}.md", title)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    found: list[Section] = []
    depths: list[int] = []
    name, at, body = title, level, list[Token]()

    def close() -> None:
        inner = id if not found else f"{id}-{len(found)}"
        found.append(Section(inner, name, at, tuple(reader.blocks(body)), numbering))

    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.type != "heading_open" or token.level:
            body.append(token)
            place += 1
            continue
        close()
        depth = int(token.tag[1:])
        depths = [*(d for d in depths if d < depth), depth]
        name, at, body = plain(reader.inline(tokens[place + 1])), level + len(depths), []
        if at > DEEPEST:
            reader.refuse(token, name, "is a heading too deep", f"at most {DEEPEST - level} levels of headings")
        if not name.strip():
            reader.refuse(token, "", "is a heading without words", "a heading that says what follows")
        place += 3
    close()
    return tuple(found)


@dataclass
class _Reader:
    """Reads tokens of one text; knows where it is for the sake of its refusals."""

    file: str
    title: str
    _line: int = field(default=0, init=False)

    def refuse(self, token: Token | None, what: str, problem: str, expected: str) -> NoReturn:
        line = (token.map[0] if token is not None and token.map else self._line) + 1
        raise Refused(
            f"line {line} of section {shown(self.title)}: {shown(what.strip())} {problem}",
            where=Where(self.file),
            expected=expected,
        )

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Block]:
        place = 0
        while place < len(tokens):
            token = tokens[place]
            if token.map:
                self._line = token.map[0]
            if token.type in _BLOCKS:
                problem, expected = _BLOCKS[token.type]
                self.refuse(token, (token.content or token.markup).strip().splitlines()[0], problem, expected)
            end = _end(tokens, place)
            inner = tokens[place + 1 : end]
            if token.type == "paragraph_open":
                yield Paragraph(self.inline(inner[0]))
            elif token.type == "bullet_list_open":
                yield BulletList(tuple(self._items(inner)))
            elif token.type == "ordered_list_open":
                yield NumberedList(tuple(self._items(inner)), int(token.attrs.get("start", 1)))
            elif token.type == "blockquote_open":
                yield Quote(tuple(self.blocks(inner)))
            elif token.type == "table_open":
                yield self._table(inner)
            elif token.type == "heading_open":
                self.refuse(
                    token, inner[0].content, "is a heading within a list or quotation", "a heading at the margin"
                )
            else:
                self.refuse(token, token.type, "is not known to the report", "paragraphs, lists, tables and quotations")
            place = end + 1

    def _items(self, tokens: Sequence[Token]) -> Iterator[tuple[Block, ...]]:
        place = 0
        while place < len(tokens):
            end = _end(tokens, place)
            yield tuple(self.blocks(tokens[place + 1 : end]))
            place = end + 1

    def _table(self, tokens: Sequence[Token]) -> Table:
        rows: list[list[Inline]] = []
        numeric: list[bool] = []
        for place, token in enumerate(tokens):
            if token.type == "tr_open":
                rows.append([])
            elif token.type in {"th_open", "td_open"}:
                rows[-1].append(self.inline(tokens[place + 1]))
                if token.type == "th_open":
                    numeric.append("right" in str(token.attrs.get("style", "")))
        longest = [max(len(plain(r[i])) for r in rows) for i in range(len(rows[0]))]
        columns = tuple(
            Column(plain(cell), weight=float(min(40, max(8, length))), number=number)
            for cell, number, length in zip(rows[0], numeric, longest, strict=True)
        )
        return Table("", columns, tuple(Row(tuple(cells)) for cells in rows[1:]))

    def inline(self, token: Token) -> Inline:
        if token.map:
            self._line = token.map[0]
        runs: list[Run] = []
        strong = emphasis = 0
        link: str | None = None
        for child in token.children or []:
            if child.type in {"strong_open", "strong_close"}:
                strong += 1 if child.type == "strong_open" else -1
            elif child.type in {"em_open", "em_close"}:
                emphasis += 1 if child.type == "em_open" else -1
            elif child.type == "link_open":
                link = str(child.attrs.get("href", ""))
                if not link.startswith(_LINKS):
                    self.refuse(None, link, "is a link the report cannot follow", "an address with https:// or mailto:")
            elif child.type == "link_close":
                link = None
            elif child.type in {"text", "code_inline", "softbreak", "hardbreak", "text_special"}:
                content = {"softbreak": " ", "hardbreak": "\n"}.get(child.type, child.content)
                if content:
                    code = child.type == "code_inline"
                    runs.append(Run(content, strong=strong > 0, emphasis=emphasis > 0, code=code, link=link))
                self._line += child.type in {"softbreak", "hardbreak"}
            elif child.type == "image":
                self.refuse(None, child.content or str(child.attrs.get("src", "")), "is a picture", "text: no imagery")
            else:
                problem = "is raw HTML" if child.type == "html_inline" else "is not known to the report"
                self.refuse(None, child.content or child.type, problem, "Markdown without HTML")
        return _joined(runs)


def _end(tokens: Sequence[Token], place: int) -> int:
    """The place of the token that closes the one at `place`."""
    depth = 0
    for at in range(place, len(tokens)):
        depth += tokens[at].nesting
        if depth == 0:
            return at
    return len(tokens) - 1


def _joined(runs: list[Run]) -> Inline:
    """Neighbours in the same face as one run."""
    found: list[Run] = []
    for run in runs:
        last = found[-1] if found else None
        if last and (last.strong, last.emphasis, last.code, last.link) == (
            run.strong,
            run.emphasis,
            run.code,
            run.link,
        ):
            found[-1] = Run(last.text + run.text, run.strong, run.emphasis, run.code, run.link)
        else:
            found.append(run)
    return tuple(found)
