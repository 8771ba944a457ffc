"""From the bytes of a document to its text with a map back to them: HTML, PDF, DOCX, Markdown, plain text.

A lost clause is worse than a menu line: the main text is taken with recall favoured (`maintext`), nothing inside a
form is dropped, and a declared selector comes first. A file that is no document is refused; one in which nothing can be
read (pictures of pages, scripts only, a wrong character set) has its class and its fault, and the caller decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal

from cop.kernel.errors import Refused, TooMuch, Where
from cop.terms.extraction import paper
from cop.terms.extraction.charset import decode
from cop.terms.extraction.child import opened
from cop.terms.extraction.maintext import main_lines
from cop.terms.extraction.page import lines, text_of
from cop.terms.extraction.positions import Positions, RawSpan
from cop.terms.extraction.selectors import Selector

__all__ = [
    "MOST_BYTES", "WHOLE", "Extracted", "Format", "Passage", "Positions", "RawSpan", "Unread", "extract", "raw_parts",
]  # fmt: skip

Format = Literal["html", "pdf", "docx", "markdown", "text"]
Unread = Literal["image_only", "script_wall", "blank", "wrong_charset"]

MOST_BYTES = 20_000_000
LEAST_WORDS = 20
SHORT_WORDS = 3_000

_HTML = re.compile(
    rb"^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|meta|title|div)\b",
    re.IGNORECASE | re.DOTALL,
)
_OTHERS = {b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff\xe0", b"GIF8"}
_MARKDOWN = {".md", ".markdown"}
_TERMS = "the text of a provider's terms"


@dataclass(frozen=True, slots=True)
class Passage:
    """Where in a page the terms stand, and how its bytes are read, where a declaration says so.

    `select` names the elements that hold the terms, `remove` those inside them that do not; `charset` is for a file
    that declares none, or the wrong one.
    """

    select: Selector | None = None
    remove: tuple[Selector, ...] = ()
    charset: str | None = None


WHOLE = Passage()


@dataclass(frozen=True, slots=True)
class Extracted:
    """Text of a document, how it was written, its map to the raw file, and what a reader must know of its extraction.

    `unread` is why nothing can be read in it and `fault` says so, both None for most; `charset` is None for PDF and
    DOCX. `around` is all that a short HTML page shows, buttons and menus too: walls are told by it.
    """

    text: str
    format: Format
    positions: Positions = field(repr=False)
    warnings: tuple[str, ...] = ()
    unread: Unread | None = None
    charset: str | None = None
    fault: Refused | None = None
    around: str | None = field(default=None, repr=False)


def extract(data: bytes, *, name: str, passage: Passage = WHOLE) -> Extracted:
    """The text of a document.

    Args:
        data: the raw bytes, at most `MOST_BYTES`.
        name: the file's name: its ending decides between Markdown and plain text, and messages cite it.
        passage: what a declaration says of the page.

    Raises:
        Refused: damaged, of another format, in a character set that does not exist, or with NUL characters.
        TooMuch: larger than `MOST_BYTES`, or a PDF or DOCX file that takes too much time or memory.
    """
    if not data.strip():
        return _unread("", "text", Positions.identity(0), "blank", _fault(name, "is empty", _TERMS))
    match _format(data, name):
        case "pdf":
            return _from_pdf(data, name)
        case "docx":
            text, positions = paper.from_paragraphs(opened(data, "docx", name=name))
            if not text:
                fault = _fault(name, "is a DOCX file without text", "paragraphs of text, not pictures of pages")
                return _unread(text, "docx", positions, "image_only", fault)
            return Extracted(text, "docx", positions)
        case "html":
            return _from_html(data, name, passage)
        case written:
            decoded = decode(data, name=name, html=False, charset=passage.charset)
            return Extracted(
                decoded.text, written, Positions.identity(len(decoded.text)), decoded.warnings,
                "wrong_charset" if decoded.fault else None, decoded.charset, decoded.fault,
            )  # fmt: skip


def _fault(name: str, problem: str, expected: str) -> Refused:
    return Refused(problem, where=Where(name), expected=expected)


def _unread(
    text: str, written: Format, positions: Positions, why: Unread, fault: Refused, charset: str | None = None
) -> Extracted:
    return Extracted(text, written, positions, (), why, charset, fault)


def raw_parts(data: bytes, *, name: str, charset: str | None = None) -> dict[tuple[int, ...], str]:
    """The parts of a raw file that `RawSpan` counts in, by their labels: what a passage must be compared with.

    Raises:
        Refused, TooMuch: as `extract`.
    """
    match _format(data, name):
        case "pdf":
            return {(number,): page for number, page in enumerate(opened(data, "pdf", name=name), start=1)}
        case "docx":
            return {
                (number, which): run
                for number, (_, _, runs) in enumerate(opened(data, "docx", name=name))
                for which, run in enumerate(runs)
            }
        case written:
            return {(): decode(data, name=name, html=written == "html", charset=charset).text}


def _format(data: bytes, name: str) -> Format:
    if len(data) > MOST_BYTES:
        raise TooMuch(f"has {len(data):,} bytes", where=Where(name), expected=f"at most {MOST_BYTES:,}")
    if data.lstrip()[:5] == b"%PDF-":
        return "pdf"
    if data[:4] == b"PK\x03\x04" and b"word/document" in data:
        return "docx"
    ending = PurePath(name).suffix.lower()
    if ending in {".html", ".htm", ".xhtml"} or (ending not in _MARKDOWN and _HTML.match(data[:4096])):
        return "html"
    if data[:4] in _OTHERS:
        raise Refused("is not a text document", where=Where(name), expected="HTML, PDF, DOCX, Markdown or plain text")
    return "markdown" if ending in _MARKDOWN else "text"


def _from_pdf(data: bytes, name: str) -> Extracted:
    pages: list[str] = opened(data, "pdf", name=name)
    text, positions = paper.from_pages(pages)
    words = len(text.split())
    if words < LEAST_WORDS:
        problem = f"is a PDF without text ({len(pages)} pages, {words} words)"
        fault = _fault(name, problem, "a PDF with a text layer, not pictures of pages")
        return _unread(text, "pdf", positions, "image_only", fault)
    warnings = () if words >= 40 * len(pages) else (f"little text for a PDF of {len(pages)} pages: {words} words",)
    return Extracted(text, "pdf", positions, warnings)


def _from_html(data: bytes, name: str, passage: Passage) -> Extracted:
    decoded = decode(data, name=name, html=True, charset=passage.charset)
    page = decoded.text
    warnings = list(decoded.warnings)
    shown = lines(page, select=passage.select, remove=passage.remove)
    chosen = passage.select is not None and bool(shown)
    if not shown and passage.select is not None:
        warnings.append(f"the selector {passage.select.text} fits nothing on the page: the whole page is read")
        shown = lines(page, remove=passage.remove)
    words = sum(len(line.text.split()) for line in shown)
    scripted = words < LEAST_WORDS and "<script" in page.lower()
    if decoded.fault or scripted or not words:
        text, positions = text_of(shown)
        what = "is an HTML page of scripts only" if scripted else "is an HTML page without text"
        fault = decoded.fault or _fault(name, f"{what} ({words} words)", "the page as a browser shows it, saved")
        why: Unread = "wrong_charset" if decoded.fault else "script_wall" if scripted else "blank"
        return _unread(text, "html", positions, why, fault, decoded.charset)
    around = text_of(shown)[0] if words <= SHORT_WORDS else None
    if not chosen:
        shown, warning = main_lines(page, shown)
        warnings.extend([warning] if warning else [])
    text, positions = text_of(shown)
    return Extracted(text, "html", positions, tuple(warnings), None, decoded.charset, around=around)
