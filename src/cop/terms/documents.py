"""A provider's document: the file's bytes, its text, and what can be said of it before anything is found in it."""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cop.kernel.errors import NotFound, Refused, TooMuch, Where
from cop.terms.criteria import DocumentKind
from cop.terms.dates import visible_date
from cop.terms.extraction import MOST_BYTES, Format, extract
from cop.terms.markup import mask, visible

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

Page = Literal["terms", "login", "cookie_wall", "script_wall"]
STUB_WORDS = 150
LANGUAGES = ("ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "hu", "id", "it", "ja", "ko", "nl", "no", "pl", "pt", "ro", "ru", "sv",
             "th", "tr", "uk", "vi", "zh")  # fmt: skip

_NAMES: tuple[tuple[DocumentKind, re.Pattern[str]], ...] = (
    ("privacy", re.compile(r"privac|data[ _-]?(?:policy|protection)|confidentialit|datenschutz|cookie|personenbezogen", re.I)),
    ("tos", re.compile(
        r"\btos\b|terms|conditions|user[ _-]agreement|t[ée]rminos|condiciones|nutzungsbedingungen|\bagb\b|legal|eula|cgu", re.I)),
)  # fmt: skip
_PRIVACY = re.compile(
    r"privacy (?:policy|notice|statement)|data policy|personal (?:data|information)|politique de confidentialité|données personnelles|"
    r"données à caractère personnel|política de privacidad|datos personales|datenschutz\w*|personenbezogene\w*",
    re.I,
)
_TERMS = re.compile(
    r"terms (?:of (?:use|service)|and conditions)|these terms|user agreement|this agreement|conditions (?:générales )?d'utilisation|"
    r"présentes conditions|términos (?:de|y)|condiciones de uso|nutzungsbedingungen|\bagb\b|\blicen[cs]e\b|\blizenz\b|\blicencia\b",
    re.I,
)
_LOGIN = re.compile(
    r"forgot(?:ten)? (?:your )?password|log ?in|sign ?in|sign ?up|create (?:new |an )?account|mot de passe|se connecter|contraseña|iniciar sesión|passwort|anmelden",
    re.I,
)
_COOKIES = re.compile(
    r"accept (?:all )?cookies|accept all|we use cookies|reject all|manage (?:cookies|preferences|consent)|cookie settings|our partners|tout accepter|nous utilisons des cookies|aceptar (?:todas )?las cookies|alle akzeptieren|wir verwenden cookies",
    re.I,
)
_SCRIPT = re.compile(
    r"enable javascript|javascript (?:is )?(?:disabled|required)|verify (?:that )?you are (?:a )?human|checking your browser|unusual traffic|access denied|activer javascript|javascript aktivieren",
    re.I,
)
_PROMISE = re.compile(
    r"\b(?:you (?:agree|may|must|retain|grant|own|can delete)|these terms|this (?:policy|agreement)|we (?:collect|share|may|retain|keep|disclose))\b|vous (?:pouvez|acceptez|devez)|usted|sie (?:können|müssen)|wir (?:erheben|verarbeiten)",
    re.I,
)
_WORDS = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Document:
    """One version of one document, as it was handed in.

    Attributes:
        name: the file's name, without folders.
        sha256: of the raw bytes, in hexadecimal.
        text: for Markdown and plain text exactly the decoded file, so that offsets count characters of the file;
            for HTML and PDF the text that was extracted.
        kind: tos or privacy; None where the text does not show it.
        language: ISO 639-1, of most of the text.
        visible_date: the date that the text shows as its own.
        words: number of visible words.
        warnings: what a reader of findings must know, a clause each.
        format: how the file was written.
        page: terms, or what stands in their place (login, cookie_wall, script_wall): such a page is never judged.
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

    @property
    def markdown(self) -> bool:
        """Whether the text carries Markdown marks (HTML is extracted to Markdown)."""
        return self.format in ("markdown", "html")

    @property
    def stub(self) -> bool:
        """Whether the text is so short that nothing follows from what it does not say."""
        return self.words < STUB_WORDS


def read(path: Path) -> Document:
    """The document in a file.

    Raises:
        NotFound: there is no such file. TooMuch: it is larger than 20 MB.
        Refused: it is empty, without text, of another format or in an undeclared character set.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise NotFound("there is no such file", where=Where(path)) from error
    if not path.is_file():
        raise Refused("is not a file", where=Where(path), expected="one document, not a folder")
    if size > MOST_BYTES:
        raise TooMuch(f"has {size:,} bytes", where=Where(path), expected=f"at most {MOST_BYTES:,}")
    return from_bytes(path.read_bytes(), name=path.name)


def from_bytes(data: bytes, *, name: str) -> Document:
    """The document in some bytes; `name` is the file's name and decides between Markdown and plain text.

    Raises:
        Refused, TooMuch: as `cop.terms.extraction.extract`.
    """
    extracted = extract(data, name=name)
    markdown = extracted.format in ("markdown", "html")
    shown = mask(extracted.text, markdown=markdown).replace("\x00", "")
    words = len(_WORDS.findall(shown))
    page = _page(shown, words)
    language, mixed = _language(shown)
    warnings = list(extracted.warnings)
    if page != "terms":
        warnings.append(f"this is a {page.replace('_', ' ')}, not a text of terms: nothing is judged")
    elif words < STUB_WORDS:
        warnings.append(f"only {words} words: what is not said proves nothing")
    if mixed:
        warnings.append(f"mixed languages in one text: {', '.join(mixed)}")
    kind = _kind(name, shown)
    if kind is None and page == "terms":
        warnings.append("neither terms nor privacy policy by its name or text: read as both")
    return Document(
        name=name, sha256=hashlib.sha256(data).hexdigest(), text=extracted.text, kind=kind, language=language,
        visible_date=visible_date(shown), words=words, warnings=tuple(warnings), format=extracted.format, page=page,
    )  # fmt: skip


def _kind(name: str, shown: str) -> DocumentKind | None:
    stem = re.sub(r"[_\W]+", " ", Path(name).stem)
    for kind, pattern in _NAMES:
        if pattern.search(stem):
            return kind
    title = visible(shown[:300])
    for kind, pattern in _NAMES:
        if pattern.search(title[:80]):
            return kind
    privacy, terms = len(_PRIVACY.findall(shown)), len(_TERMS.findall(shown))
    if privacy == terms:
        return None
    return "privacy" if privacy > terms else "tos"


def _page(shown: str, words: int) -> Page:
    """What a short page is, when it is not terms. A text that makes promises is terms, whatever stands around it."""
    if words > 600 or len(_PROMISE.findall(shown)) > words / 100 + 1:
        return "terms"
    counts: dict[Page, int] = {
        "script_wall": 2 * len(_SCRIPT.findall(shown)),
        "cookie_wall": len(_COOKIES.findall(shown)),
        "login": len(_LOGIN.findall(shown)),
    }
    page = max(counts, key=lambda p: counts[p])
    return page if counts[page] >= 2 else "terms"


@cache
def _identifier() -> LanguageIdentifier:
    """An identifier of our own: choosing languages on the library's shared one would choose them for every room."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def _language(shown: str) -> tuple[str, tuple[str, ...]]:
    """The main language, and all of them when a fifth or more of the text is in another."""
    text = visible(shown)
    if not text:
        return "und", ()
    size = 800
    step = max(size, len(text) // 8)
    samples = [text[i : i + size] for i in range(0, len(text), step)]
    votes: dict[str, int] = {}
    for sample in samples:
        if len(sample) >= 200 or len(samples) == 1:
            code = str(_identifier().classify(sample)[0])
            votes[code] = votes.get(code, 0) + 1
    ordered = sorted(votes, key=lambda code: (-votes[code], code))
    share = votes[ordered[0]] / sum(votes.values())
    return ordered[0], tuple(ordered) if share <= 0.8 and len(samples) > 2 else ()
