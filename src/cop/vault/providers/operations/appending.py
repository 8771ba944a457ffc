"""Every act goes through here: asked for its right, put after those that were seen, told to the ledger."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import IntegrityError, transaction

from cop.kernel.errors import Conflict, NotFound, Where
from cop.kernel.hashing import canonical_json, text_sha256
from cop.terms.criteria import criteria
from cop.vault.members.rules import Actor
from cop.vault.providers.course import Act, Cell, Course
from cop.vault.providers.models import Act as ActRow
from cop.vault.providers.models import Provider
from cop.vault.providers.queries import course, offices
from cop.vault.providers.rules import allow
from cop.vault.registers.operations import record_event


def append(cell: Cell, act: Act, actor: Actor, *, seen: int | None, row: int | None = None) -> Course:
    """Add an act; with `seen`, only where nobody else acted meanwhile.

    Effects: one `Act`, one event.

    Raises:
        NotFound: no such provider or criterion. Conflict: there are other acts than were seen.
        NotAllowed: the actor may not. Refused: the act does not follow from what stands.
    """
    check_watched(cell.provider)
    if cell.criterion not in criteria():
        raise NotFound(
            f'there is no criterion "{cell.criterion}"',
            where=Where(field="criterion"),
            expected=", ".join(criteria()),
        )
    before = course(cell)
    if seen is not None and seen != before.number:
        raise _overtaken(cell, seen, before.number)
    allow(actor, before, act, offices(cell.provider))
    after = before.with_act(act)
    try:
        with transaction.atomic():
            ActRow.objects.create(number=after.number, row=row, **columns(cell, act))
    except IntegrityError as error:
        raise _overtaken(cell, before.number, course(cell).number) from error
    facts = {**columns(cell, act), "on": act.on.isoformat()}
    record_event(
        kind=f"provider.{act.kind}",
        subject=str(cell),
        details={
            "number": after.number, "finding": act.finding or "", "source": act.source, "state": after.state,
            "basis": sorted({b.sha256 for b in act.basis}), "act": text_sha256(canonical_json(facts)), **actor.doer,
        },
    )  # fmt: skip
    return after


def _overtaken(cell: Cell, seen: int, there: int) -> Conflict:
    return Conflict(f"{seen} acts on {cell} were seen, and there are {there}", expected="a look at what was done since")


def columns(cell: Cell, act: Act) -> dict[str, Any]:
    """An act as the columns of its row, without number and row."""
    return {
        **asdict(cell),
        "kind": act.kind,
        "by": act.by,
        "person": act.person or None,
        "on": act.on,
        "text": act.text,
        "finding": act.finding or "",
        "basis": [_dated(asdict(b)) for b in act.basis],
        "quotes": [_dated(asdict(q)) for q in act.quotes],
        "filed": act.filed,
        "source": act.source,
    }


def _dated(facts: dict[str, object]) -> dict[str, object]:
    return {**facts, "version": str(facts["version"])}


def check_watched(provider: str) -> None:
    """Whether a provider is watched.

    Raises:
        NotFound: it is not.
    """
    if not Provider.objects.filter(slug=provider).exists():
        raise NotFound(f'no provider "{provider}" is watched', where=Where(field="provider"))
