"""From the bytes of a document to its text: HTML, PDF, Markdown, plain text.

A lost clause is worse than a menu line: the main text is taken with recall favoured, nothing inside a form is dropped
(whole sites stand inside one), and where the main text holds less than 60 % of the page's words all of them are kept.
Source: 113 full policy pages, F1 .922 for trafilatura with `favor_recall` against .807 for all text less its furniture.
"""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from cop.kernel.errors import Refused, TooMuch, Where
from cop.terms import pdf

Format = Literal["html", "pdf", "markdown", "text"]

MOST_BYTES = 20_000_000
LEAST_SHARE = 0.6
LEAST_WORDS = 20

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_META = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_HTML = re.compile(
    rb"^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|meta|title|div)\b",
    re.IGNORECASE | re.DOTALL,
)
_BLOCK = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
_UNSEEN = frozenset({"script", "style", "noscript", "template", "head", "svg", "iframe", "object"})


@dataclass(frozen=True, slots=True)
class Extracted:
    """Text of a document, how it was written, and what a reader must know about its extraction."""

    text: str
    format: Format
    warnings: tuple[str, ...] = ()


def extract(data: bytes, *, name: str) -> Extracted:
    """The text of a document.

    Args:
        data: the raw bytes, at most `MOST_BYTES`.
        name: the file's name: its ending decides between Markdown and plain text, and messages cite it.

    Raises:
        Refused: empty, of another format, in an unknown character set, or without any text.
        TooMuch: larger than `MOST_BYTES`.
    """
    if len(data) > MOST_BYTES:
        raise TooMuch(
            f"has {len(data):,} bytes", where=Where(name), expected=f"at most {MOST_BYTES:,}",
        )  # fmt: skip
    if not data.strip():
        raise Refused("is empty", where=Where(name), expected="the text of a provider's terms")
    if data.lstrip()[:5] == b"%PDF-":
        return _from_pdf(data, name)
    ending = PurePath(name).suffix.lower()
    if ending in {".html", ".htm", ".xhtml"} or (ending not in {".md", ".markdown"} and _HTML.match(data[:4096])):
        return _from_html(decode(data, name=name, html=True), name)
    if data[:4] in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff\xe0", b"GIF8"}:
        raise Refused("is not a text document", where=Where(name), expected="HTML, PDF, Markdown or plain text")
    text = decode(data, name=name, html=False)
    return Extracted(text, "markdown" if ending in {".md", ".markdown"} else "text")


def decode(data: bytes, *, name: str, html: bool) -> str:
    """The characters of a file: by its byte order mark, by the set it declares, else UTF-8; nothing is guessed.

    Raises:
        Refused: the bytes do not fit, or NUL characters are among them.
    """
    charset = next((charset for mark, charset in _BOMS if data.startswith(mark)), None)
    declared = None
    if charset is None and html:
        match = _XML.search(data[:1024]) or _META.search(data[:8192])
        declared = match.group(1).decode("ascii").lower() if match else None
    wanted = charset or declared or "utf-8"
    if wanted in {"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"}:
        wanted = "cp1252"  # what every browser reads under these names (WHATWG Encoding, section 4.2)
    try:
        if not codecs.lookup(wanted)._is_text_encoding:  # the only sign that a codec makes text
            raise LookupError(wanted)
        text = data.decode(wanted if wanted != "utf-8" else "utf-8")
    except LookupError as error:
        raise Refused.value(wanted, "is not a character set", expected="UTF-8", file=name, field="charset") from error
    except UnicodeDecodeError as error:
        raise Refused.value(
            f"byte {error.start} (0x{data[error.start]:02x})", f"is not {wanted}", file=name, field="charset",
            expected="UTF-8, a byte order mark, or the character set that the page declares",
        ) from error  # fmt: skip
    if "\x00" in text:
        raise Refused(
            f"holds a NUL character at {text.index(chr(0))}", where=Where(name), expected="text without control characters",
        )  # fmt: skip
    return text


def _from_pdf(data: bytes, name: str) -> Extracted:
    pages, text = pdf.read(data, name=name)
    words = len(text.split())
    text = text.replace("\x00", "")
    if words < LEAST_WORDS:
        raise Refused(
            f"is a PDF without text ({pages} pages, {words} words)", where=Where(name),
            expected="a PDF with a text layer, not pictures of pages",
        )  # fmt: skip
    warnings = () if words / max(pages, 1) >= 40 else (f"little text for a PDF of {pages} pages: {words} words",)
    return Extracted(_unwrapped(text), "pdf", warnings)


def _unwrapped(text: str) -> str:
    """Join the lines that a page's width broke: a line goes on when the next begins in lower case."""
    return re.sub(r"(?<=[^\n.!?:;])[ ]?\n(?=[ ]?[a-zà-ÿ(])", " ", re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", text))


def _from_html(page: str, name: str) -> Extracted:
    import trafilatura

    everything = _all_text(page, name)
    words = len(everything.split())
    if words < LEAST_WORDS:
        what = "is an HTML page of scripts only" if "<script" in page.lower() else "is an HTML page without text"
        raise Refused(f"{what} ({words} words)", where=Where(name), expected="the page as a browser shows it, saved")
    main = trafilatura.extract(
        page, output_format="markdown", favor_recall=True, include_comments=False, include_tables=True,
        include_links=False, include_formatting=False, deduplicate=False,
    )  # fmt: skip
    main_words = len(main.split()) if main else 0
    if main is None or main_words < LEAST_SHARE * words:
        share = round(100 * main_words / words)
        return Extracted(everything, "html", (f"main text holds {share} % of the page's words: all text is kept",))
    return Extracted(main, "html")


def _all_text(page: str, name: str) -> str:
    """Every word that the page shows, one line a block, headings and items marked as in Markdown."""
    from lxml import html as lxml_html
    from lxml.etree import ParserError  # pyright: ignore[reportMissingImports, reportUnknownVariableType, reportAttributeAccessIssue]

    try:
        # As bytes: lxml refuses a string that declares another encoding than Unicode.
        tree = lxml_html.document_fromstring(page.encode(), parser=lxml_html.HTMLParser(encoding="utf-8", recover=True))
    except (ParserError, ValueError, AssertionError) as error:
        raise Refused("cannot be read as HTML", where=Where(name), expected="an HTML page with text") from error
    parts: list[str] = []
    stack: list[tuple[lxml_html.HtmlElement, bool]] = [(tree, False)]
    while stack:  # not by recursion: pages nest deeper than Python does
        node, done = stack.pop()
        tag = node.tag if isinstance(node.tag, str) else ""
        if done:
            if tag in _BLOCK:
                parts.append("\n")
            parts.append(node.tail or "")
            continue
        if tag in _UNSEEN or not tag:
            parts.append(node.tail or "")
            continue
        if tag in _BLOCK:
            parts.append("\n")
        if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            parts.append("#" * int(tag[1]) + " ")
        elif tag == "li":
            parts.append("* ")
        parts.append(" ".join(node.text.split()) + " " if node.text and node.text.strip() else node.text or "")
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(node))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line.strip("#* "))
