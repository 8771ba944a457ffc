"""One spelling for the same word: how a text is read before anything else looks at it.

Compatibility forms, case, accents, Arabic vowel signs, tatweel and the variants of alef, ya and ta marbuta are unified.
Addresses and handles are masked; a number keeps only its size, in bands that tell a child's age from an adult's.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right

BANDS = "①②③④⑤⑥"
"""What stands for a number: 0-5, 6-12, 13-17, 18-25, 26-99, 100 and more."""

SPANS = ("0-5", "6-12", "13-17", "18-25", "26-99", "100+")
"""The bands as people read them."""

TEXT_LIMIT = 20_000
"""Characters of a text that are read; what follows is ignored, so that one record cannot hold up a batch."""

_BOUNDS = (6, 13, 18, 26, 100)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_MAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]+")
_HANDLE = re.compile(r"(?<![\w@])@\w+")
_PLACEHOLDER = re.compile(r"\[[^\]\n]{1,20}\]")
_NUMBER = re.compile(r"\d+(?:[.,:\u00a0\u202f ]\d{3})*")
_CONTRACTION = re.compile(r"(?<=n)['’ʼ`](?=t\b)|(?<=\bi)['’ʼ`](?=m\b)")
_SPACE = re.compile(r"\s+")
_SINGLE = {ord(a): b for a, b in zip("ىةٱیکگھہۀ", "يهايككههه", strict=True)} | {0x0640: None}
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]+"
)
_CLAUSE = re.compile(r"[^\W_]+|[.!?;:,…。！？；：，、،؟؛]")


def _band(match: re.Match[str]) -> str:
    digits = "".join(c for c in match[0] if c.isdigit())
    return BANDS[bisect_right(_BOUNDS, int(digits) if len(digits) < 4 else 1000)]


def masked(text: str) -> str:
    """The text with addresses and handles replaced by what they are; most texts have neither and pass untouched."""
    if "://" in text or "www." in text:
        text = _ADDRESS.sub(" url ", text)
    return _HANDLE.sub(" handle ", _MAIL.sub(" url ", text)) if "@" in text else text


def normalise(text: str) -> str:
    """The text in the one spelling that features, index terms and concepts are written in."""
    text = _PLACEHOLDER.sub(" platform ", masked(text[:TEXT_LIMIT]))
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _CONTRACTION.sub("", text)
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text)).translate(_SINGLE)
    text = _NUMBER.sub(_band, text)
    return _SPACE.sub(" ", text).strip()


def tokens(normal: str) -> list[str]:
    """Words and the punctuation that parts clauses, in order, of a normalised text."""
    return _CLAUSE.findall(normal)
