"""The characters of a file: by its byte order mark, by the set it declares, else UTF-8; nothing is guessed.

One mistake is mended because it cannot be doubted: a page that declares a set of single bytes and is UTF-8. Where the
bytes do not fit what is declared, or the text shows that it was misread before, the fault is said with what could be
read.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from cop.kernel.errors import Refused, Where

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_META = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_LATIN = {"iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii", "windows-1252", "cp1252"}
_UNDEFINED = {0xDC00 + byte: byte for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_SEQUENCE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_MISREAD = re.compile(
    "\u00c3[\u0080-\u00bf\u0192\u201a-\u2030]|\u00e2\u20ac[\u2122\u0153\u009d\u201c\u201d\u00a6]|\u00c2[\u00a0-\u00bf]"
)
_MOST_GARBLED = 0.002
"""Share of replaced or misread characters above which a text is not read."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters of a file, the set they were read by, warnings, and why they cannot be trusted, if so."""

    text: str
    charset: str
    warnings: tuple[str, ...] = ()
    fault: Refused | None = None


def decode(data: bytes, *, name: str, html: bool, charset: str | None = None) -> Decoded:
    """The characters of a file.

    Args:
        data: the raw bytes.
        name: the file's name, for messages.
        html: whether the page may declare its set.
        charset: the set, where a person knows better than the file.

    Raises:
        Refused: the set does not exist, or NUL characters are among the text.
    """
    marked = next((named for mark, named in _BOMS if data.startswith(mark)), None)
    declared = None
    if html and marked is None:
        match = _XML.search(data[:1024]) or _META.search(data[:8192])
        declared = match.group(1).decode("ascii").lower() if match else None
    wanted = charset or marked or declared or "utf-8"
    if wanted in _LATIN:
        wanted = "cp1252"  # what every browser reads under these names (WHATWG Encoding, section 4.2)
    try:
        if not codecs.lookup(wanted)._is_text_encoding:  # the only sign that a codec makes text
            raise LookupError(wanted)
    except LookupError as error:
        raise Refused.value(wanted, "is not a character set", expected="UTF-8", file=name, field="charset") from error
    if charset is None and wanted == "cp1252" and _is_utf8(data):
        text = data.decode("utf-8")
        decoded = Decoded(text, "utf-8", (f"declares {declared} but is UTF-8: read as UTF-8",))
    else:
        decoded = _strictly(data, wanted, name)
    if "\x00" in decoded.text:
        place = decoded.text.index("\x00")
        raise Refused(
            f"holds a NUL character at {place}", where=Where(name), expected="text without control characters"
        )
    return _checked(decoded, name)


def _is_utf8(data: bytes) -> bool:
    """Whether bytes outside ASCII are there and form UTF-8: single-byte text does not do so by chance."""
    if not _SEQUENCE.search(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _strictly(data: bytes, wanted: str, name: str) -> Decoded:
    try:
        if wanted == "cp1252":  # five bytes that the set leaves open stand for themselves, as in every browser
            return Decoded(data.decode(wanted, errors="surrogateescape").translate(_UNDEFINED), wanted)
        return Decoded(data.decode(wanted), wanted)
    except UnicodeDecodeError as error:
        fault = Refused.value(
            f"byte {error.start} (0x{data[error.start]:02x})", f"is not {wanted}", file=name, field="charset",
            expected="UTF-8, a byte order mark, or the character set that the page declares",
        )  # fmt: skip
        return Decoded(data.decode(wanted, errors="replace"), wanted, (), fault)


def _checked(decoded: Decoded, name: str) -> Decoded:
    """A text that was misread before it was saved says so by its characters."""
    if decoded.fault is not None or decoded.text.isascii():
        return decoded
    misread = len(_MISREAD.findall(decoded.text)) + decoded.text.count("\ufffd")
    if misread < 3:
        return decoded
    said = f"{misread} characters were misread before the file was saved"
    if misread <= _MOST_GARBLED * len(decoded.text):
        return Decoded(decoded.text, decoded.charset, (*decoded.warnings, said))
    fault = Refused(said, where=Where(name, field="charset"), expected="the file as the site sent it")
    return Decoded(decoded.text, decoded.charset, decoded.warnings, fault)
