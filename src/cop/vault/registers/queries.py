"""What other apps and the desk may ask of the registers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from cop.kernel import ledger
from cop.kernel.progress import SILENT, Progress
from cop.vault.registers.models import Event, LedgerHead, Register, Reject

_PIECE: Final = 5_000
_COLUMNS: Final = ("seq", "at", "kind", "subject", "details", "previous", "hash")


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """A register as lineage shows it."""

    kind: str
    source: str
    name: str
    sha256: str
    bytes: int
    rows: int
    rejected: int


@dataclass(frozen=True, slots=True)
class RejectFacts:
    """A refused row without its content."""

    file: str
    row: int
    field: str
    problem: str
    expected: str


def key_of(*, kind: str, source: str, name: str) -> str | None:
    """The key under which a file stands accepted in the registers; None when it does not."""
    return (
        Register.objects.filter(kind=kind, source=source, name=name, accepted=True)
        .values_list("key", flat=True)
        .first()
    )


def keys() -> dict[tuple[str, str, str], str]:
    """The key of every accepted file by its kind, source and name."""
    rows = Register.objects.filter(accepted=True).values_list("kind", "source", "name", "key")
    return {(kind, source, name): key for kind, source, name, key in rows}


def accepted() -> list[RegisterFacts]:
    """Every accepted file, by kind, source and name: in the order of their characters, whatever the database's is."""
    rows = sorted(Register.objects.filter(accepted=True), key=lambda r: (r.kind, r.source, r.name))
    return [RegisterFacts(r.kind, r.source, r.name, r.sha256, r.bytes, r.rows, r.rejected) for r in rows]


def all_files() -> list[tuple[str, str, str]]:
    """Kind, source and name of every file in the registers, accepted or refused."""
    return list(Register.objects.order_by("kind", "source", "name").values_list("kind", "source", "name"))


def rejects() -> Iterator[RejectFacts]:
    """Every refused row, by file and row."""
    for r in Reject.objects.select_related("register").order_by("register__name", "row").iterator():
        yield RejectFacts(r.register.name, r.row, r.field, r.problem, r.expected)


def head() -> ledger.Entry | None:
    """The last entry of the ledger; None while it has none."""
    return next(iter(page_of_events(limit=1)), None)


def events(*, after: int = 0) -> Iterator[ledger.Entry]:
    """The ledger from its first entry, or from behind a number; read in pieces, so that nobody waits for it."""
    while True:
        rows = _entries(Event.objects.filter(seq__gt=after).order_by("seq")[:_PIECE])
        yield from rows
        if len(rows) < _PIECE:
            return
        after = rows[-1].seq


def entry(seq: int) -> ledger.Entry | None:
    """One entry of the ledger."""
    return next(iter(_entries(Event.objects.filter(seq=seq))), None)


def page_of_events(
    *, kind: str = "", subject: str = "", since: str = "", before: int | None = None, limit: int = 50
) -> list[ledger.Entry]:
    """Entries of the ledger, the newest first, found by an index whatever is asked.

    Args:
        kind: exactly; every kind when empty.
        subject: exactly; every subject when empty.
        since: the first moment (ISO 8601, UTC), found by halving: times and numbers rise together.
        before: only entries before this number: the last of the page before.
        limit: how many.
    """
    found = Event.objects.order_by("-seq")
    if kind:
        found = found.filter(kind=kind)
    if subject:
        found = found.filter(subject=subject)
    if since:
        found = found.filter(seq__gte=_first_since(since))
    if before is not None:
        found = found.filter(seq__lt=before)
    return _entries(found[:limit])


def _first_since(moment: str) -> int:
    low, high = 1, _head().seq + 1
    while low < high:
        middle = (low + high) // 2
        at = Event.objects.filter(seq__gte=middle).order_by("seq").values_list("at", flat=True).first()
        low, high = (middle + 1, high) if at is not None and at < moment else (low, middle)
    return low


def _entries(found: QuerySet[Event]) -> list[ledger.Entry]:
    return [ledger.Entry(*row) for row in found.values_list(*_COLUMNS)]


def current_head() -> tuple[int, str]:
    """The number and the hash of the last entry, without a look at the entries."""
    row = _head()
    return row.seq, row.hash


def _head() -> LedgerHead:
    row = LedgerHead.objects.filter(pk=1).first()
    if row is None:
        raise ledger.Broken("the ledger lost its head", seq=0, expected="the row that the first migration made")
    return row


@dataclass(frozen=True, slots=True)
class Verification:
    """What the last verification found: up to which entry, when, and what was broken (nothing: whole)."""

    seq: int
    at: datetime
    broken: str


def last_verification() -> Verification | None:
    """What `cop audit verify` found last; None where it never ran."""
    row = _head()
    if row.verified is None or row.verified_at is None:
        return None
    return Verification(row.verified, row.verified_at, row.broken)


def verify_ledger(heads: Sequence[ledger.Head] = (), progress: Progress = SILENT) -> ledger.Head:
    """Check the whole ledger against itself, its head and the heads that were published; where it ends.

    Entries that are appended meanwhile are checked too.

    Raises:
        Broken: an entry was altered, removed, put in or cut off; it is named.
    """
    before = _head()
    progress.total(before.seq)
    last = ledger.walk(events(), heads, progress)
    if last.seq < before.seq:
        raise ledger.Broken(
            f"entry {last.seq + 1} of the ledger is missing: it was cut off",
            seq=last.seq + 1,
            expected=f"entry {before.seq}, which its head names",
        )
    named = entry(before.seq)
    if before.hash != (named.hash if named else ledger.GENESIS):
        raise ledger.Broken(
            f"entry {before.seq} of the ledger is not the one that its head names",
            seq=before.seq,
            expected=f"hash {before.hash[:12]}",
        )
    if last.seq > _head().seq:
        raise ledger.Broken(
            f"entry {last.seq} of the ledger was put in behind its head",
            seq=last.seq,
            expected=f"entry {before.seq} as the last",
        )
    return last
