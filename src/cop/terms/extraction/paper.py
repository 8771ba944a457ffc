"""The text of a PDF or DOCX file with its map to pages, or to paragraphs and their runs.

A page of a PDF is broken into lines by its width: a line that goes on is joined with the next, a word that was divided
at its end is made whole, and the numbers, headers and footers that pages repeat are left out, so that a sentence may
cross from one page to the next. DOCX paragraphs are lines; headings and list items are marked as in Markdown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from cop.terms.extraction.positions import Builder, Positions

_NUMBER = re.compile(
    r"\W*(?:page|seite|página|pág\.?|стр\.?)?\s*\d{1,3}(?:\s*(?:of|/|de|von|sur|из)\s*\d{1,3})?\W*", re.IGNORECASE
)
_GOES_ON = re.compile(r"[a-zß-öø-ÿа-яё(]")
_HALVED = re.compile(r"[^\W\d_A-Z]-$")
_EDGE = 2
"""Lines at either end of a page that may be its header or footer."""


def from_pages(pages: Sequence[str]) -> tuple[str, Positions]:
    """The text of a PDF's pages."""
    furniture = _furniture(pages)
    builder = Builder()
    begins: list[int] = []
    base, before, blank = 0, "", False
    for page in pages:
        begins.append(base)
        rows = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", page)]
        last = 0
        for number, (start, end) in enumerate(rows):
            row = page[start:end]
            shown = row.strip()
            edge = number < _EDGE or number >= len(rows) - _EDGE
            if edge and (_NUMBER.fullmatch(shown) or shown in furniture):
                continue
            blank = blank or (page.count("\n", last, start) > 1 or not shown)
            last = end
            if not shown:
                continue
            left = base + start + len(row) - len(row.lstrip())
            join = bool(before) and not blank and before[-1] not in ".!?:;" and bool(_GOES_ON.match(shown))
            if join and _HALVED.search(before) and shown[0] != "(":
                builder.cut()
            elif builder.size:
                builder.add(" " if join else "\n\n" if blank else "\n")
            builder.copy(shown, left, left + len(shown))
            before, blank = shown, False
        base += len(page)
    return builder.done(begins or [0], [(number,) for number in range(1, len(pages) + 1)] or [()])


def _furniture(pages: Sequence[str]) -> frozenset[str]:
    """Lines that stand at the edge of most pages; nothing of a file of fewer than three pages."""
    if len(pages) < 3:
        return frozenset()
    counts: Counter[str] = Counter()
    for page in pages:
        rows = [row.strip() for row in page.split("\n") if row.strip()]
        counts.update({*rows[:_EDGE], *rows[-_EDGE:]})
    return frozenset(row for row, count in counts.items() if count * 2 > len(pages))


def from_paragraphs(paragraphs: Sequence[Sequence[Any]]) -> tuple[str, Positions]:
    """The text of a DOCX file's paragraphs: each its heading level, whether it is a list item, and its runs."""
    builder = Builder()
    begins: list[int] = []
    labels: list[tuple[int, ...]] = []
    base = 0
    after_item = False
    for number, (level, item, runs) in enumerate(paragraphs):
        empty = not "".join(runs).strip()
        if not empty:
            if builder.size:
                builder.add("\n" if item and after_item else "\n\n")
            builder.add("#" * level + " " if level else "* " if item else "")
            after_item = item
        for which, run in enumerate(runs):
            begins.append(base)
            labels.append((number, which))
            if not empty:
                builder.copy(run, base, base + len(run))
            base += len(run)
    return builder.done(begins or [0], labels or [()])
