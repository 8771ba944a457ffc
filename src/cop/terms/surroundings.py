"""Clauses among their neighbours: what rules and ranker read of a document."""

from __future__ import annotations

from collections.abc import Sequence

from cop.terms.clauses import Clause
from cop.terms.rules.base import Place

__all__ = ["Place", "places"]


def places(clauses: Sequence[Clause]) -> list[Place]:
    """Every clause that is no heading, among its neighbours."""
    body = [clause for clause in clauses if not clause.heading]
    found: list[Place] = []
    for i, clause in enumerate(body):
        before = body[i - 1] if i else None
        after = body[i + 1] if i + 1 < len(body) else None
        near_before = before.low if before is not None and before.section == clause.section else ""
        following = after if after is not None and after.section == clause.section else None
        pair = f"{clause.low} {following.low}" if following else clause.low
        around = " | ".join((*(s.lower() for s in clause.section[-2:]), clause.lead.lower(), near_before, pair))
        found.append(Place(clause, following, pair, around))
    return found
