"""Which criteria each clause of a document bears on: what rules hold there, and what the ranker is sure of.

The one place where the comparison of versions asks the finding machine.
"""

from __future__ import annotations

from collections.abc import Sequence

from cop.terms.clauses import Clause
from cop.terms.dates import visible_date
from cop.terms.documents import Document
from cop.terms.findings import READ_LANGUAGES, standing
from cop.terms.ranking import ranker
from cop.terms.ranking.passages import passages

SURE = 0.5
"""From this chance on a clause bears on a criterion although no rule holds on it."""


def criteria_of(document: Document, clauses: Sequence[Clause]) -> dict[int, frozenset[str]]:
    """By the start of each clause that bears on any, the codes of its criteria; all clauses are read in their context.

    LNG-1 asks of the text as a whole, and no clause bears on it. Nothing for a page or a language that is not judged.
    """
    if document.page != "terms" or document.language not in READ_LANGUAGES:
        return {}
    found = passages(clauses, ranker())
    touched: dict[int, set[str]] = {}
    for code, hits in found.hits.items():
        if code == "LNG-1":
            continue
        kept = hits
        if document.language == "en":
            kept = standing(hits, [found.chance(code, hit.start) for hit in hits])
        for hit in kept:
            touched.setdefault(hit.start, set()).add(code)
            if hit.end > hit.place.clause.end and hit.place.following is not None:
                touched.setdefault(hit.place.following.start, set()).add(code)
        for place, _ in found.best(code, SURE):
            touched.setdefault(place.clause.start, set()).add(code)
    for clause in clauses:
        if document.visible_date is not None and visible_date(clause.text) == document.visible_date:
            touched.setdefault(clause.start, set()).add("CHG-2")
    return {start: frozenset(codes) for start, codes in touched.items()}
