"""The only writer of registers, rejects and the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from cop.kernel import ledger
from cop.kernel.errors import Refused
from cop.kernel.sealing import Recipient, seal
from cop.vault.registers.models import Event, Register, Reject

KEPT_REJECTS = 10_000
"""Refused rows that are kept of a file; all are counted."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file before it is read: its place in the observatory and its content's names."""

    kind: str
    source: str
    name: str
    sha256: str
    bytes: int
    key: str


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was refused, with its values as they came."""

    error: Refused
    values: Mapping[str, object]


@transaction.atomic
def record_event(*, kind: str, subject: str, details: Mapping[str, object]) -> ledger.Entry:
    """Append one entry to the ledger."""
    last = Event.objects.select_for_update().order_by("-seq").first()
    entry = ledger.link(
        seq=last.seq + 1 if last else 1,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        kind=kind,
        subject=subject,
        details=details,
        previous=last.hash if last else ledger.GENESIS,
    )
    Event.objects.create(
        seq=entry.seq,
        at=entry.at,
        kind=kind,
        subject=subject,
        details=dict(details),
        previous=entry.previous,
        hash=entry.hash,
    )
    return entry


@transaction.atomic
def record_register(
    *,
    facts: FileFacts,
    rows: int,
    refused: Sequence[RefusedRow],
    accepted: bool,
    recipients: Sequence[Recipient],
    rejected: int | None = None,
) -> int:
    """Enter a file, in the place of what the same file was before; the register's number.

    `rejected` is how many rows were refused where that is more than `refused` holds.

    What hangs on the earlier entry must be gone already: the app that keeps it forgets it first.

    Effects: one `Register`, a `Reject` per refused row (the first 10,000), one event `register.accepted` or
    `register.refused`.
    """
    Register.objects.filter(kind=facts.kind, source=facts.source, name=facts.name).delete()
    rejected = len(refused) if rejected is None else rejected
    register = Register.objects.create(
        kind=facts.kind,
        source=facts.source,
        name=facts.name,
        sha256=facts.sha256,
        bytes=facts.bytes,
        key=facts.key,
        rows=rows,
        rejected=rejected,
        accepted=accepted,
    )
    Reject.objects.bulk_create((_reject(register, row, recipients) for row in refused[:KEPT_REJECTS]), batch_size=1000)
    record_event(
        kind="register.accepted" if accepted else "register.refused",
        subject=str(register),
        details={"sha256": facts.sha256, "rows": rows, "rejected": rejected},
    )
    return register.pk


@transaction.atomic
def forget_register(*, kind: str, source: str, name: str) -> None:
    """Remove a file that is no longer among the inputs, with its rejects; what hung on it is gone already.

    Effects: one event `register.forgotten`.
    """
    Register.objects.filter(kind=kind, source=source, name=name).delete()
    record_event(kind="register.forgotten", subject=f"{kind}/{source}/{name}", details={})


def _reject(register: Register, row: RefusedRow, recipients: Sequence[Recipient]) -> Reject:
    where = row.error.where
    text = json.dumps(dict(row.values), ensure_ascii=False, default=str)
    return Reject(
        register=register,
        row=(where.row if where else None) or 0,
        field=((where.field if where else None) or "")[:100],
        problem=_without_values(row.error)[:300],
        expected=(row.error.expected or "")[:300],
        sealed=seal(text, recipients) if recipients else None,
    )


def _without_values(error: Refused) -> str:
    """The problem without the value it quotes: a refused value may be part of a child's story, with quotes in it."""
    return error.problem.rpartition('" ')[2] if error.problem.startswith('"') else error.problem
