"""What people did, cell by cell."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import cast

from cop.terms.criteria import FindingName
from cop.vault.providers.course import Act, Basis, Cell, Course, Kind, Quote, courses
from cop.vault.providers.models import Act as ActRow


def course(cell: Cell) -> Course:
    """The acts on one cell."""
    rows = ActRow.objects.filter(**asdict(cell)).order_by("number")
    return Course(cell, tuple(_act(row) for row in rows))


def all_courses(provider: str | None = None) -> dict[Cell, Course]:
    """The course of every cell on which something was done, in order of cell."""
    rows = ActRow.objects.order_by("number")
    rows = rows if provider is None else rows.filter(provider=provider)
    return courses((Cell(r.provider, r.criterion, r.region, r.ages), _act(r)) for r in rows)


def _act(row: ActRow) -> Act:
    return Act(
        kind=cast("Kind", row.kind),
        by=row.by,
        on=row.on,
        text=row.text,
        finding=cast("FindingName", row.finding) if row.finding else None,
        basis=tuple(Basis(b["document"], date.fromisoformat(b["version"]), b["sha256"]) for b in row.basis),
        quotes=tuple(Quote(**{**q, "version": date.fromisoformat(q["version"])}) for q in row.quotes),
        filed=row.filed,
        source=row.source,
        person=row.person or 0,
    )
