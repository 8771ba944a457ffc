"""A provider's document: the file's bytes, its text, and what can be said of it before anything is found in it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cop.kernel.errors import NotFound, Refused, TooMuch, Where
from cop.terms.criteria import DocumentKind
from cop.terms.dates import visible_date
from cop.terms.extraction import MOST_BYTES, WHOLE, Format, Passage, Positions, RawSpan, extract
from cop.terms.markup import mask
from cop.terms.screening import LANGUAGES, SAID, STUB_WORDS, WALLS, Page, kind_of, languages_of, page_of, wall_of

__all__ = ["ENDINGS", "LANGUAGES", "STUB_WORDS", "Document", "Page", "files_in", "from_bytes", "read"]

ENDINGS = frozenset({".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".docx", ".txt"})
"""Endings of files that are taken for documents in a folder."""

_WORDS = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_MARKED = frozenset({"markdown", "html", "docx"})


@dataclass(frozen=True, slots=True)
class Document:
    """One version of one document, as it was handed in.

    Attributes:
        name: the file's name, without folders.
        sha256: of the raw bytes, in hexadecimal.
        text: for Markdown and plain text exactly the decoded file, so that offsets count characters of the file;
            for HTML, PDF and DOCX the text that was extracted.
        kind: tos or privacy; None where the text does not show it.
        language: ISO 639-1, of most of the text.
        visible_date: the date that the text shows as its own.
        words: number of visible words.
        warnings: what a reader of findings must know, a clause each.
        format: how the file was written.
        page: terms, or what stands in their place (login, cookie_wall, ...): such a page is never judged.
        languages: the main language first, and others in which a fifth or more of the text is.
        charset: what the characters of the file were read by, None for PDF and DOCX.
        positions: where the characters of the text stand in the raw file.
    """

    name: str
    sha256: str
    text: str = field(repr=False)
    kind: DocumentKind | None
    language: str
    visible_date: date | None
    words: int
    warnings: tuple[str, ...] = ()
    format: Format = "text"
    page: Page = "terms"
    languages: tuple[str, ...] = ()
    charset: str | None = None
    positions: Positions | None = field(default=None, repr=False, compare=False)

    @property
    def markdown(self) -> bool:
        """Whether the text carries Markdown marks (HTML and DOCX are extracted to Markdown)."""
        return self.format in _MARKED

    @property
    def stub(self) -> bool:
        """Whether the text is so short that nothing follows from what it does not say."""
        return self.words < STUB_WORDS

    @property
    def wall(self) -> bool:
        """Whether something else stands where the terms should: a capture that failed."""
        return self.page in WALLS

    def raw_spans(self, start: int, end: int) -> tuple[RawSpan, ...]:
        """Where `text[start:end]` stands in the raw file: one passage, or one for each page or run that it touches.

        They count characters: of the decoded file (`charset`), of a page's own text (PDF), of a run (DOCX);
        `cop.terms.quotes.bytes_of` gives bytes. Empty for what the extraction added, such as a bullet.
        """
        if self.positions is None:
            return (RawSpan((), start, end),)
        return self.positions.raw_spans(start, end)


def files_in(folder: Path) -> list[Path]:
    """The documents of a folder in order of name; other files are passed over.

    Raises:
        NotFound: there is no such folder. Refused: it holds no document.
    """
    if not folder.is_dir():
        raise NotFound("there is no such folder", where=Where(folder))
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() in ENDINGS and p.is_file() and p.stem != "README")
    if not found:
        raise Refused("holds no document", where=Where(folder), expected="files in HTML, PDF, DOCX, Markdown or text")
    return found


def read(path: Path, *, passage: Passage = WHOLE, keep: bool = False) -> Document:
    """The document in a file.

    Raises:
        NotFound: there is no such file. And what `from_bytes` raises.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise NotFound("there is no such file", where=Where(path)) from error
    if not path.is_file():
        raise Refused("is not a file", where=Where(path), expected="one document, not a folder")
    if size > MOST_BYTES:
        raise TooMuch(f"has {size:,} bytes", where=Where(path), expected=f"at most {MOST_BYTES:,}")
    return from_bytes(path.read_bytes(), name=path.name, passage=passage, keep=keep)


def from_bytes(data: bytes, *, name: str, passage: Passage = WHOLE, keep: bool = False) -> Document:
    """The document in some bytes.

    Args:
        data: the raw bytes.
        name: the file's name; it decides between Markdown and plain text.
        passage: what a declaration says of the page.
        keep: whether a file in which nothing can be read (empty, pictures only, scripts only, a wrong character set) is
            taken for what it is, a capture that failed, as histories do; it is refused otherwise.

    Raises:
        Refused: it is no document, or nothing can be read in it. TooMuch: it is larger than 20 MB.
    """
    extracted = extract(data, name=name, passage=passage)
    if extracted.fault is not None and not keep:
        raise extracted.fault
    shown = mask(extracted.text, markdown=extracted.format in _MARKED).replace("\x00", "")
    words = len(_WORDS.findall(shown))
    languages = languages_of(shown)
    language = languages[0]
    warnings = [*extracted.warnings, *([str(extracted.fault)] if extracted.fault else [])]
    kind = kind_of(name, shown)
    page, doubt = (extracted.unread, None) if extracted.unread else page_of(shown, words, language, kind)
    if page == "terms" and extracted.around is not None:
        page = wall_of(extracted.around, len(_WORDS.findall(extracted.around))) or page
    if page != "terms":
        warnings.append(f"this is {SAID[page]}, not a text of terms: nothing is judged")
    elif words < STUB_WORDS:
        warnings.append(f"only {words} words: what is not said proves nothing")
    if doubt:
        warnings.append(doubt)
    if len(languages) > 1:
        warnings.append(f"mixed languages in one text: {', '.join(languages)}")
    if kind is None and page == "terms":
        warnings.append("neither terms nor privacy policy by its name or text: read as both")
    return Document(
        name=name, sha256=hashlib.sha256(data).hexdigest(), text=extracted.text, kind=kind, language=language,
        visible_date=visible_date(shown), words=words, warnings=tuple(warnings), format=extracted.format, page=page,
        languages=languages, charset=extracted.charset, positions=extracted.positions,
    )  # fmt: skip
