"""What a line is: a heading and how deep, an item and of which list, or prose."""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import re
from dataclasses import dataclass

from cop.terms.markup import HIDDEN

_H = HIDDEN
LOOKS_LIKE = 7
"""Level of a heading that is none by its marks: below the six of Markdown. A numbered one adds its depth."""

_ITEM = re.compile(
    rf"^([ ]*)(?:([*•·◦▪●‣-])|\(?([a-zа-я])\)|\(?([ivx]{{1,5}})\)|(\d{{1,2}})[.)]|{_H}?([a-z])[.)]|(:))[ {_H}]+(?=\S)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"^(?:(\d{1,2}(?:\.\d{1,2})*)[.):]?|[A-Z][.)]|[IVX]{1,5}[.)]|§ ?\d+|(?:article|section|artículo|cláusula|artikel|abschnitt|раздел|статья) \d+[.:]?)\s+\S",
    re.IGNORECASE,
)
_CHAPTER = re.compile(r"^第[一二三四五六七八九十百\d]{1,4}[条章节]")
_MARK = re.compile(r"^[ \t]*(#{1,6})[ \t]")
_UNDERLINE = re.compile(r"^[ \t]*(?:={3,}|-{3,})[ \t]*$")
_BOLD = re.compile(r"^\s*(?:\*\*|__).{1,120}(?:\*\*|__):?\s*$")
_SAYS = re.compile(
    r"\b(?:you|we|users?|children|no one|nobody|services?|vous|nous|usted|sie|wir)\b.*\b(?:must|may|will|shall|can|cannot|retain|keep|own|grant|claim|do|does|don't|"
    r"are|is|agree|delete|share|sell|notify|collect|reserve|conservez|pouvez|devez|puede|debe|können|müssen|behalten)\b",
    re.IGNORECASE,
)
_END = re.compile(r"[.!?;,:。！？；，؟،]$|\b(?:and|or|et|ou|y|o|und|oder|и|или)$", re.IGNORECASE)
_TITLE_WORDS = 8


@dataclass(frozen=True, slots=True)
class Marker:
    """The mark of a list item: how far it is indented, and the kind of its mark, which tells lists apart."""

    indent: int
    kind: str


def marker(raw: str, above: Marker | None, last: str) -> tuple[Marker, str] | None:
    """The item's mark and its letter or number, or None for a line that begins no item.

    `above` and `last` are those of the item before: "(i)" after "(h)" is a letter, after others a Roman number.
    """
    match = _ITEM.match(raw)
    if match is None:
        return None
    space, bullet, letter, roman, number, dotted, _ = match.groups()
    indent = len(space)
    if bullet:
        return Marker(indent, "bullet"), bullet
    sign = (letter or roman or number or dotted or ":").lower()
    if number:
        return Marker(indent, "number"), sign
    if sign == ":":
        return Marker(indent, "definition"), sign
    follows = above is not None and above.kind == "letter" and len(last) == 1 and ord(sign[0]) == ord(last) + 1
    return Marker(indent, "roman" if set(sign) <= set("ivx") and not follows else "letter"), sign


def level(raw: str, following: str, seen: str, *, markdown: bool, item: bool) -> int:
    """1 to 6 for a heading by its marks, 7 and more for a line that only looks like one, 0 for other lines."""
    return (_marked(raw, following, seen) if markdown else 0) or _looks(following, seen, item=item)


def _marked(raw: str, following: str, seen: str) -> int:
    mark = _MARK.match(raw)
    if mark:
        return len(mark.group(1))
    if _UNDERLINE.match(following) and len(seen) < 120:
        return 2 if "-" in following else 1
    return LOOKS_LIKE if _BOLD.match(raw) and not seen.endswith((".", ";", ",")) else 0


def _looks(following: str, seen: str, *, item: bool) -> int:
    words = seen.split()
    if len(seen) >= 90 or len(words) > 12 or _END.search(seen):
        return 0
    numbered = _NUMBERED.match(seen)
    depth = LOOKS_LIKE + (numbered[1].count(".") if numbered and numbered[1] else 0)
    capitals = seen.isupper() and len(words) <= _TITLE_WORDS and sum(map(str.isalpha, seen)) >= 4
    if capitals or (_CHAPTER.match(seen) and len(seen) <= 30):
        return depth
    if _SAYS.search(seen):
        return 0
    if not following.strip():
        return depth if numbered or (not item and seen[:1].isupper()) else 0
    title = numbered and 1 < len(words) <= _TITLE_WORDS and following.lstrip()[:1].isupper()
    return depth if title and all(w[:1].isupper() for w in words[1:] if len(w) > 3) else 0
