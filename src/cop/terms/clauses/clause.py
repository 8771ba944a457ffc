"""What a clause is, and a window of neighbouring ones."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence, list item, table cell or heading.

    `start` and `end` count characters of the document's text; `text` is what a reader sees there, with plain quotes and
    single spaces; `low` is the same in lower case, the parties called "you" and "we" where the text says "the User" and
    "the Company". `lead` is the sentence that introduces the list the clause stands in
    ("You may not use the service if:"), `section` the headings above it. `line` numbers the line it begins on, from 0.
    """

    start: int
    end: int
    text: str
    low: str
    line: int
    heading: bool
    item: bool
    lead: str
    section: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """Two or three clauses that stand together: what one grants, the next often limits."""

    clauses: tuple[Clause, ...]

    @property
    def start(self) -> int:
        return self.clauses[0].start

    @property
    def end(self) -> int:
        return self.clauses[-1].end

    @property
    def low(self) -> str:
        return " ".join(c.low for c in self.clauses)


def windows(clauses: list[Clause], size: int) -> list[Window]:
    """Every run of `size` clauses without a heading among them, in order."""
    runs = (tuple(clauses[i : i + size]) for i in range(len(clauses) - size + 1))
    return [Window(run) for run in runs if not any(c.heading for c in run)]


_PARTIES = (
    (re.compile(r"\bthe (?:user|member|customer|subscriber|account holder)'s\b"), "your"),
    (re.compile(r"\bthe (?:user|member|customer|subscriber|account holder)\b"), "you"),
    (re.compile(r"\bthe (?:company|provider|operator)'s\b"), "our"),
    (re.compile(r"\bthe (?:company|provider|operator)\b"), "we"),
)


def plain_parties(low: str) -> str:
    """Agreements that speak of their parties in the third person read as those that say "you" and "we"."""
    if "the " not in low:
        return low
    for pattern, word in _PARTIES:
        low = pattern.sub(word, low)
    return low
