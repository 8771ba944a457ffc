"""Markdown as a reader sees it, without moving a character.

`mask` returns a text of the same length in which markup (link targets, emphasis, heading marks, escapes) is replaced by
NUL, so that an offset into the mask is an offset into the file. `visible` drops the NULs.
"""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import re
from functools import lru_cache

HIDDEN = "\x00"

_SPANS = re.compile(
    r"""(?=[\]!\[*_`\\<])(?:                              # first a cheap look: most characters are none of these
      \]\((?:[^()\s]|\([^()\s]*\))*(?:[ ]+"[^"\n]*")?\)   # the target of a link or image
    | !?\[(?=[^\]\n]*\])                                  # the opening of a link
    | (?<!\\)\*+                                          # emphasis and bullets
    | (?<![\w])_{1,3}(?=\S) | (?<=\S)_{1,3}(?![\w])       # emphasis by underscores
    | `+
    | \\(?=[^\w\s])                                       # an escape
    | <(?!br)/?[a-z][^<>\n]{0,200}>                       # an HTML tag left in the text
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_LINES = re.compile(
    r"""^[ \t]*(?:\#{1,6}(?=[ \t]) | >+                   # heading and quotation marks
    | (?:[-=_][ \t]*){3,}$)                               # a rule, or the underline of a heading
    """,
    re.VERBOSE | re.MULTILINE,
)
_FOOTNOTE = re.compile(r"\[\d{1,3}\](?!\()")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ROW = re.compile(r"^[ \t]*\|.*$", re.MULTILINE)
# One character for one: quotes, dashes and spaces as patterns expect them. Offsets stay.
_PLAIN = (
    ("’", "'"), ("‘", "'"), ("ʼ", "'"), ("“", '"'), ("”", '"'), ("„", '"'), ("«", '"'), ("»", '"'), ("–", "-"), ("—", "-"),
    ("‑", "-"), ("\u00a0", " "), ("\u202f", " "), ("\u2009", " "), ("\t", " "), ("\u200b", HIDDEN), ("\u00ad", HIDDEN),
    ("\ufeff", HIDDEN), ("\r", " "), ("\x0b", " "), ("\x0c", " "), ("\u2028", "\n"), ("\u2029", "\n"), ("\x85", "\n"),
)  # fmt: skip


def _hide(match: re.Match[str]) -> str:
    return HIDDEN * (match.end() - match.start())


@lru_cache(maxsize=4)
def mask(text: str, *, markdown: bool) -> str:
    """The text with its markup hidden and its quotes and spaces made plain; same length, same offsets."""
    masked = text
    for fancy, plain in _PLAIN:  # faster than translate: most texts hold few of these
        masked = masked.replace(fancy, plain)
    if not markdown:
        return masked
    masked = _FOOTNOTE.sub(_hide, masked)
    masked = _LINES.sub(_hide, masked)
    masked = _SPANS.sub(_hide, masked)
    masked = _BREAK.sub(lambda m: "\n" + HIDDEN * (m.end() - m.start() - 1), masked)
    # An opening bracket was hidden only where a closing one follows; what closes it goes too.
    masked = masked.replace("]", HIDDEN)
    if "|" in masked:
        masked = _ROW.sub(lambda m: m.group().replace("|", "\n"), masked)
    return masked


def visible(masked: str) -> str:
    """What a reader sees of a masked passage: hidden characters dropped, white space to single spaces."""
    return " ".join(masked.replace(HIDDEN, "").split())
