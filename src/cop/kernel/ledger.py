"""The ledger: a chain of events, each with the hash of the one before, so that a change or a cut is found.

The hash covers the sequence number, the time, the kind, the subject, the details and the previous hash, as canonical
JSON. The head of the chain is published with every edition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cop.kernel.errors import Conflict
from cop.kernel.hashing import canonical_json, text_sha256

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `at` is an ISO 8601 time in UTC, `details` holds no narrative and no personal data."""

    seq: int
    at: str
    kind: str
    subject: str
    details: Mapping[str, object]
    previous: str
    hash: str


def link(*, seq: int, at: str, kind: str, subject: str, details: Mapping[str, object], previous: str) -> Entry:
    """The entry with its hash."""
    facts = {"seq": seq, "at": at, "kind": kind, "subject": subject, "details": details, "previous": previous}
    return Entry(seq, at, kind, subject, details, previous, text_sha256(canonical_json(facts)))


def check(entries: Iterable[Entry]) -> str:
    """Walk a chain from its first entry; the hash of the last one.

    Raises:
        Conflict: an entry was altered, removed or put in; it is named.
    """
    head, expected = GENESIS, 1
    for entry in entries:
        if entry.seq != expected or entry.previous != head:
            raise Conflict(
                f"the ledger is broken before entry {entry.seq}", expected=f"entry {expected} after {head[:12]}"
            )
        again = link(
            seq=entry.seq,
            at=entry.at,
            kind=entry.kind,
            subject=entry.subject,
            details=entry.details,
            previous=entry.previous,
        )
        if again.hash != entry.hash:
            raise Conflict(f"entry {entry.seq} of the ledger was altered", expected=f"hash {again.hash[:12]}")
        head, expected = entry.hash, expected + 1
    return head
