"""The only writer of registers, rejects and the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from cop.kernel import ledger
from cop.kernel.errors import Conflict, Refused
from cop.kernel.sealing import Recipient, seal
from cop.vault.registers.models import Event, LedgerHead, Register, Reject

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
    """Append one entry to the ledger; the last thing an operation does.

    The head's row is locked until the caller's transaction ends, so that entries have no gap and no number twice
    whoever appends at the same time: what comes after this in a transaction, all others wait for.

    Raises:
        Conflict: the ledger lost its head.
    """
    head = LedgerHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        raise Conflict("the ledger lost its head", expected="the row that the first migration made")
    entry = ledger.link(
        seq=head.seq + 1,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        kind=kind,
        subject=subject,
        details=details,
        previous=head.hash,
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
    head.seq, head.hash = entry.seq, entry.hash
    head.save(update_fields=["seq", "hash"])
    return entry


def record_verification(*, seq: int, broken: str = "") -> None:
    """Remember what a verification found; no event of it: a broken ledger is not written on.

    Args:
        seq: the last entry there was.
        broken: what is wrong; nothing if the ledger is whole.
    """
    LedgerHead.objects.filter(pk=1).update(verified=seq, verified_at=datetime.now(UTC), broken=broken[:300])


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
