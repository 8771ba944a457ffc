"""Suggestions for the clauses of a passage, or of a whole document, each at the clause's own offsets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cop.terms.clauses import Clause
from cop.terms.plain.suggest import Suggestion, suggest


@dataclass(frozen=True, slots=True)
class Placed:
    """A suggestion and the offsets of the clause it is for."""

    start: int
    end: int
    suggestion: Suggestion

    def as_json(self) -> dict[str, object]:
        """The same for a program, flat."""
        return {"start": self.start, "end": self.end, **self.suggestion.as_json()}


def for_passage(clauses: Sequence[Clause], language: str, start: int = 0, end: int | None = None) -> Iterator[Placed]:
    """A suggestion for every clause that lies in the passage and that rules apply to, in order; headings are left out.

    Args:
        clauses: of the document, in order.
        language: ISO 639-1.
        start: of the passage, as an evidence's offsets; by default the document's.
        end: of the passage; by default the document's.
    """
    for clause in clauses:
        if clause.heading or clause.end <= start or (end is not None and clause.start >= end):
            continue
        made = suggest(clause.text, language)
        if isinstance(made, Suggestion):
            yield Placed(clause.start, clause.end, made)
