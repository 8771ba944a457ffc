"""Decisions as files, and the look at new versions: what stands on words that are gone goes stale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from cop.kernel.errors import CopError, Refused, Where
from cop.vault.providers.course import FILE, TEXT, Act, Cell
from cop.vault.providers.grounds import Texts, first_break
from cop.vault.providers.models import Act as ActRow
from cop.vault.providers.operations.appending import append, columns
from cop.vault.providers.queries import course
from cop.vault.providers.rules import MACHINE
from cop.vault.providers.schemas import Entry

_CELL = ("provider", "criterion", "region", "ages")


_FIELDS = {"on": "date", "kind": "act"}
"""Columns that a file calls otherwise."""


@transaction.atomic
def record_entries(*, provider: str, entries: Sequence[Entry], texts: Texts, file: Where) -> None:
    """Take in the acts of a provider's file that are not in yet, and look at every version meanwhile and after.

    Effects: an `Act` and an event for each new entry and each decision whose words are gone.

    Raises:
        Refused: an entry that was taken in reads differently or is gone, or a new one does not follow from what stands;
            names file, row and field. NotAllowed: whoever acts may not.
    """
    taken = {row.row: row for row in ActRow.objects.filter(provider=provider, source=FILE) if row.row is not None}
    for gone in sorted(set(taken) - {e.row for e in entries}):
        raise Refused(
            f"the act of {taken[gone].on.isoformat()} on {taken[gone].criterion} was taken in and is gone",
            where=Where(file.file, gone, file.field), expected="every row that was there, and new ones after them",
        )  # fmt: skip
    for entry in entries:
        try:
            if entry.row in taken:
                _unchanged(entry, taken[entry.row])
                continue
            _look(entry.cell, texts, until=entry.act.on)
            append(entry.cell, entry.act, entry.actor, seen=None, row=entry.row)
        except CopError as error:
            field = error.where.field if error.where else None
            where = Where(file.file, entry.row, field)
            raise type(error)(error.problem, where=where, expected=error.expected) from error
    look_again(provider=provider, texts=texts)


@transaction.atomic
def look_again(*, provider: str, texts: Texts) -> list[Cell]:
    """Look for the words under every decision of a provider in the newest versions; the cells that became stale.

    Effects: an `Act` and an event for each.
    """
    cells = sorted({Cell(*values) for values in ActRow.objects.filter(provider=provider).values_list(*_CELL)})
    return [cell for cell in cells if _look(cell, texts, until=None)]


def _look(cell: Cell, texts: Texts, *, until: date | None) -> bool:
    standing = course(cell)
    if standing.standing is None:
        return False
    found = first_break(cell.criterion, standing.standing, texts, until=until)
    if found is None:
        return False
    on = max(found.on, standing.acts[-1].on)
    append(cell, Act("stale", MACHINE.name, on, found.why, basis=found.basis, source=TEXT), MACHINE, seen=None)
    return True


def _unchanged(entry: Entry, row: ActRow) -> None:
    """Refuse an entry that says something else than when it was taken in; offsets and hashes are found anew."""
    now = columns(entry.cell, entry.act)
    del now["basis"]
    held: dict[str, Any] = {name: getattr(row, name) for name in now}
    for facts in (now, held):
        facts["quotes"] = [[q["document"], q["version"], " ".join(q["quote"].split())] for q in facts["quotes"]]
    for name, value in now.items():
        was = held[name]
        if value != was:
            raise Refused.value(
                value,
                "is not what was taken in",
                field=_FIELDS.get(name, name),
                expected=f"{was}, and a further act to change it",
            )
