"""An HTML page as the lines it shows, each character with its place in the file.

The page is read once from its source, tag by tag, because a tree forgets where its words stood. Lines follow the blocks
of the page; white space is collapsed as a browser does it, character references are read, what a browser does not show
(scripts, styles, templates, comments) is passed over. Nothing inside a form is dropped: whole sites stand inside one.
Source: HTML Living Standard (WHATWG), sections 13.2.5 (tokens), 13.1.2.4 (optional tags), 15.3 (what is shown).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape

from cop.terms.extraction.positions import Builder, Positions
from cop.terms.extraction.selectors import Element, Selector

_LOOSE = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "details", "dialog", "div", "dl", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "main",
    "nav", "p", "pre", "section", "table", "textarea",
})  # fmt: skip
_TIGHT = frozenset({
    "br", "dd", "dt", "li", "legend", "ol", "option", "caption", "summary", "tbody", "td", "tfoot", "th", "thead",
    "tr", "ul", "menu",
})  # fmt: skip
_BLOCK = _LOOSE | _TIGHT
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
})  # fmt: skip
_UNREAD = frozenset(["iframe", "noembed", "noframes", "noscript", "script", "style", "title", "xmp"])
_UNSEEN = frozenset(["audio", "canvas", "math", "object", "svg", "template", "video"])
_CLOSES = {
    "li": frozenset({"li"}), "dt": frozenset({"dt", "dd"}), "dd": frozenset({"dt", "dd"}),
    "tr": frozenset({"tr", "td", "th"}), "td": frozenset({"td", "th"}), "th": frozenset({"td", "th"}),
    "option": frozenset({"option"}), "tbody": frozenset({"tr", "td", "th", "thead", "tbody"}),
}  # fmt: skip

_MARKUP = re.compile(r"<(?:!--|[!?]|/?[A-Za-z])")
_TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[A-Za-z][^\s/>]*+)
    (?P<rest>(?>[^>=]++|=\s*+(?>"[^"]*+"|'[^']*+'|))*+)>""",
    re.VERBOSE,
)
_LAX = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][^\s/>]*+)(?P<rest>[^>]*+)>")
_ATTRIBUTE = re.compile(r"""([^\s=/>"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?""")
_PIECE = re.compile(
    r"""(?P<space>\s+) | (?P<reference>&(?:\#[0-9]+;?|\#[xX][0-9a-fA-F]+;?|[A-Za-z][A-Za-z0-9]{1,31};?))
    | (?P<plain>[^\s&]+(?:[ ](?=[^\s&])[^\s&]+)*) | (?P<amp>&)""",
    re.VERBOSE,
)
_MOST_BROKEN = 20
"""Tags with an odd quotation mark that are read in the strict way before the lax way is taken for all."""


@dataclass(slots=True)
class Line:
    """One line that the page shows.

    Attributes:
        pieces: passages with the raw characters they stand on; a gap between words has no width where it is made.
        level: 1 to 6 in a heading, else 0.
        item: whether it begins an item of a list.
        loose: whether a blank line goes before it.
    """

    level: int = 0
    item: bool = False
    loose: bool = False
    pieces: list[tuple[str, int, int]] = field(default_factory=list[tuple[str, int, int]])

    @property
    def text(self) -> str:
        return "".join(piece for piece, _, _ in self.pieces)


@dataclass(slots=True)
class _Open:
    element: Element
    kept: bool
    removed: bool


def lines(page: str, *, select: Selector | None = None, remove: Sequence[Selector] = ()) -> list[Line]:
    """The lines that a page shows, in order of its source.

    Args:
        page: the decoded file.
        select: only what stands in elements that it fits.
        remove: nothing that stands in elements that one of these fits.
    """
    reader = _Reader(page, select, remove)
    reader.read()
    return reader.lines


def text_of(shown: Sequence[Line]) -> tuple[str, Positions]:
    """The lines as one text in Markdown (headings, items, blank lines) and its map to the page."""
    builder = Builder()
    for line in shown:
        if builder.size:
            builder.add("\n\n" if line.loose or line.level else "\n")
        if line.level:
            builder.add("#" * line.level + " ")
        elif line.item:
            builder.add("* ")
        for piece, start, end in line.pieces:
            builder.copy(piece, start, end)
    return builder.done()


class _Reader:
    """The state of one reading: the open elements, the line that grows, the lines that are done."""

    def __init__(self, page: str, select: Selector | None, remove: Sequence[Selector]) -> None:
        self.page = page
        self.lines: list[Line] = []
        self._select, self._remove = select, tuple(remove)
        self._choosing = select is not None or bool(self._remove)
        self._stack: list[_Open] = []
        self._open: Counter[str] = Counter()
        self._line = Line()
        self._space = -1
        self._loose = self._broke = False
        self._item = False
        self._level = 0
        self._broken = 0
        self._endless: set[str] = set()

    def read(self) -> None:
        page, position = self.page, 0
        end = len(page)
        while position < end:
            mark = _MARKUP.search(page, position)
            if mark is None:
                self._text(position, end)
                break
            self._text(position, mark.start())
            position = self._markup(mark)
        self._break(loose=True)

    def _markup(self, mark: re.Match[str]) -> int:
        """Take one comment, declaration or tag; the place where reading goes on."""
        page, start = self.page, mark.start()
        if mark.group() in ("<!--", "<!", "<?"):
            end = "-->" if mark.group() == "<!--" else ">"
            close = page.find(end, start + 2)
            return close + len(end) if close >= 0 else len(page)
        tag = _TAG.match(page, start) if self._broken < _MOST_BROKEN else None
        if tag is None:
            self._broken += 1
            tag = _LAX.match(page, start)
        if tag is None:  # no tag ends after this place: it is text
            self._text(start, len(page))
            return len(page)
        name, rest = tag["name"].lower(), tag["rest"]
        if tag["end"]:
            self._close(name)
        elif name in _UNREAD or (name in _UNSEEN and not rest.endswith("/") and "shadowrootmode" not in rest):
            return self._past(name, tag.end())
        elif name not in _UNSEEN or not rest.endswith("/"):
            self._begin(name, rest)
        return tag.end()

    def _past(self, name: str, position: int) -> int:
        """Behind the end of an element that is not shown. One that never ends hides nothing, but a script does."""
        if name in self._endless:
            return position
        depth = 1
        for found in re.compile(rf"<(/?){name}(?=[\s/>])[^>]*>", re.IGNORECASE).finditer(self.page, position):
            if name in _UNREAD and not found.group(1):
                continue
            depth += -1 if found.group(1) else not found.group().endswith("/>")
            if depth == 0:
                return found.end()
        self._endless.add(name)
        return len(self.page) if name in {"script", "style"} else position

    def _begin(self, name: str, rest: str) -> None:
        closes = _CLOSES.get(name, frozenset[str]())
        if name in _BLOCK and name != "br":
            closes |= {"p"}
        while self._stack and self._stack[-1].element.tag in closes:
            self._pop()
        if name in _BLOCK:
            self._break(loose=name in _LOOSE or (name == "br" and self._broke))
            self._broke = name == "br"
        if name in _VOID:
            return
        if name == "li":
            self._item = True
        elif len(name) == 2 and name[0] == "h" and name[1] in "123456":
            self._level = int(name[1])
        attributes: dict[str, str] = {}
        if self._choosing:
            for key, double, single, bare in _ATTRIBUTE.findall(rest):
                attributes.setdefault(key.lower(), unescape(double or single or bare))
        above = self._stack[-1] if self._stack else None
        entry = _Open(Element(name, attributes), above is not None and above.kept, above is not None and above.removed)
        self._stack.append(entry)
        self._open[name] += 1
        if self._choosing:
            path = [each.element for each in self._stack]
            entry.kept = entry.kept or (self._select is not None and self._select.fits(path))
            entry.removed = entry.removed or any(selector.fits(path) for selector in self._remove)

    def _close(self, name: str) -> None:
        if name in _BLOCK:
            self._break(loose=name in _LOOSE)
            self._broke = name == "br"
        if name == "li":
            self._item = False
        elif len(name) == 2 and name[0] == "h" and name[1] in "123456":
            self._level = 0
        if not self._open[name]:
            return
        if name not in _BLOCK:  # an inline tag that ends late does not end the blocks around which it stands
            for entry in reversed(self._stack):
                if entry.element.tag == name:
                    break
                if entry.element.tag in _BLOCK:
                    return
        while self._pop() != name:
            pass

    def _pop(self) -> str:
        name = self._stack.pop().element.tag
        self._open[name] -= 1
        return name

    def _break(self, *, loose: bool) -> None:
        """End the line; what comes next begins another."""
        self._space = -1
        self._loose = self._loose or loose
        if self._line.pieces:
            self.lines.append(self._line)
            self._line = Line()
            self._loose = loose

    def _shown(self) -> bool:
        if not self._choosing:
            return True
        if not self._stack:
            return self._select is None
        return not self._stack[-1].removed and (self._select is None or self._stack[-1].kept)

    def _text(self, start: int, end: int) -> None:
        if start >= end or not self._shown():
            return
        kept_lines = bool(self._open["pre"] or self._open["textarea"])
        for found in _PIECE.finditer(self.page, start, end):
            kind = found.lastgroup
            text = found.group()
            if kind == "reference":
                text = unescape(text)
            if not text or text.isspace():
                if kept_lines and "\n" in text:
                    self._break(loose=text.count("\n") > 1)
                elif text and self._space < 0:
                    self._space = found.start()
            else:
                self._put(text, found.start(), found.end())

    def _put(self, text: str, start: int, end: int) -> None:
        line = self._line
        if not line.pieces:
            line.level, line.item, line.loose = self._level, self._item, self._loose
            self._item = self._loose = self._broke = False
        elif self._space >= 0:
            line.pieces.append((" ", self._space, start))
        self._space = -1
        line.pieces.append((text, start, end))
