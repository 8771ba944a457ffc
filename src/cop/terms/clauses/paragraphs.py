"""Lines that a page or an editor broke in the middle of a sentence, joined again without moving a character."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from cop.terms.clauses.lines import marker
from cop.terms.markup import HIDDEN

LEAST_WRAPPED = 40
"""A line shorter than this was not broken for want of room."""

_OPEN = re.compile(
    r"(?:[,\-/(]|\b(?:and|or|the|a|an|of|to|in|for|with|by|that|your|our|et|ou|le|la|les|de|des|du|à|y|o|el|los|las|del|"
    r"und|oder|der|die|das|den|dem|des|zu|von|mit|и|или|в|на|с))$",
    re.IGNORECASE,
)
_STRUCTURE = re.compile(r"^[ \t]*(?:#{1,6}[ \t]|\||>|={3,}|-{3,}|\*\*|__)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line or what several lines make together: offset into the text, masked text of the same length, number."""

    start: int
    masked: str
    number: int


def joined(text: str, masked: str) -> list[Line]:
    """The lines of a text, those of one sentence as one; line breaks inside become spaces of the mask."""
    lines: list[Line] = []
    position = 0
    for number, line in enumerate(masked.split("\n")):
        lines.append(Line(position, line, number))
        position += len(line) + 1
    kept = [len(line.masked.rstrip()) for line in lines]
    wrapped = _wrapped(kept)
    result: list[Line] = []
    for line, width in zip(lines, kept, strict=True):
        if result and width and _continues(text, result[-1], line, wrapped=wrapped):
            before = result[-1]
            result[-1] = Line(before.start, f"{before.masked} {line.masked}", before.number)
        else:
            result.append(line)
    return result


def _wrapped(widths: list[int]) -> int:
    """The width at which the whole text was broken, or 0: most runs of lines end near one width below 140."""
    pairs = [a for a, b in pairwise(widths) if a and b]
    if len(pairs) < 8:
        return 0
    edge = sorted(pairs)[int(0.9 * (len(pairs) - 1))]
    near = sum(a >= 0.75 * edge for a in pairs)
    return edge if LEAST_WRAPPED <= edge <= 140 and near >= 0.6 * len(pairs) else 0


def _continues(text: str, before: Line, line: Line, *, wrapped: int) -> bool:
    end = line.start - 1
    if text[end] != "\n" or not before.masked.strip(f" {HIDDEN}"):
        return False  # a cell of a table or a <br>: the reader sees a new line
    last = before.masked.rstrip(f" {HIDDEN}")
    begin = before.start + before.masked.rfind("\n") + 1
    raw = text[line.start : line.start + len(line.masked)]
    if _STRUCTURE.match(raw) or _STRUCTURE.match(text[begin : begin + 8]) or marker(raw, None, ""):
        return False
    first = line.masked.lstrip(f" {HIDDEN}\"'(")[:1]
    if last[-1] in ".!?:;。！？؟":
        return False
    tail = last[max(last.rfind("  ") + 1, 0) :]
    if first.islower():
        return len(last) >= LEAST_WRAPPED or bool(_OPEN.search(tail))
    if wrapped:
        width = end - (text.rfind("\n", 0, end) + 1)
        return width >= 0.75 * wrapped
    return len(last) >= LEAST_WRAPPED and bool(_OPEN.search(tail))
