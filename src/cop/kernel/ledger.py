"""The ledger: a chain of events, each with the hash of the one before, so that a change or a cut is found.

The hash covers the sequence number, the time, the kind, the subject, the details and the previous hash, as canonical
JSON. The head of the chain is signed and published once a day: who keeps a head can tell a ledger that was written
anew, or that lost its end, however whole it looks in itself.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from cop.kernel.errors import Conflict, Refused, Where
from cop.kernel.hashing import canonical_json, text_sha256
from cop.kernel.progress import SILENT, Progress
from cop.kernel.signing import Seal, Signer, decode_signature

GENESIS = "0" * 64
HEADS = "audit"
"""The folder of published heads, in an observatory and on its site."""


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


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain stood on a day (ISO 8601): the number and hash of its last entry."""

    date: str
    seq: int
    hash: str


class Broken(Conflict):
    """The ledger is not what it was. `seq` is the entry that was altered, removed, put in or cut off."""

    title = "broken"

    def __init__(self, problem: str, *, seq: int, expected: str) -> None:
        super().__init__(problem, expected=expected)
        self.seq = seq

    def as_json(self) -> dict[str, str | int | None]:
        return {**super().as_json(), "entry": self.seq}


def link(*, seq: int, at: str, kind: str, subject: str, details: Mapping[str, object], previous: str) -> Entry:
    """The entry with its hash."""
    facts = {"seq": seq, "at": at, "kind": kind, "subject": subject, "details": details, "previous": previous}
    return Entry(seq, at, kind, subject, details, previous, text_sha256(canonical_json(facts)))


def check(entries: Iterable[Entry]) -> str:
    """Walk a chain from its first entry; the hash of the last one. Raises as `walk`."""
    return walk(entries).hash


def walk(entries: Iterable[Entry], heads: Iterable[Head] = (), progress: Progress = SILENT) -> Head:
    """Walk a chain from its first entry; where it ends (the date is that of the last entry).

    Args:
        entries: in order.
        heads: that were published; the chain must pass through every one.
        progress: hears of every entry.

    Raises:
        Broken: an entry was altered, removed, put in or cut off, or is not the one that was published; it is named.
    """
    published: dict[int, list[Head]] = {}
    for head in heads:
        published.setdefault(head.seq, []).append(head)
    last = Head("", 0, GENESIS)
    for entry in entries:
        _check_entry(entry, last)
        last = Head(entry.at[:10], entry.seq, entry.hash)
        for head in published.pop(entry.seq, ()):
            _check_head(head, last)
        progress.advance()
    published.pop(0, None)  # of a day on which there was no entry yet
    if published:
        furthest = published[max(published)][0]
        raise Broken(
            f"entry {last.seq + 1} of the ledger is missing: it was cut off",
            seq=last.seq + 1,
            expected=f"entry {furthest.seq}, the head published on {furthest.date}",
        )
    return last


def _check_entry(entry: Entry, last: Head) -> None:
    expected = last.seq + 1
    if entry.seq != expected:
        raise Broken(
            f"entry {expected} of the ledger is missing or has another number",
            seq=expected,
            expected=f"entry {expected} before entry {entry.seq}",
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
        raise Broken(f"entry {entry.seq} of the ledger was altered", seq=entry.seq, expected=f"hash {again.hash[:12]}")
    if entry.previous != last.hash:
        raise Broken(
            f"entry {entry.seq} of the ledger does not follow entry {last.seq}: one of them was put in",
            seq=entry.seq,
            expected=f"previous {last.hash[:12]}",
        )


def _check_head(published: Head, found: Head) -> None:
    if published.hash != found.hash:
        raise Broken(
            f"entry {found.seq} of the ledger is not the one that was published on {published.date}",
            seq=found.seq,
            expected=f"hash {published.hash[:12]}",
        )


def write_head(folder: Path, head: Head, seal: Seal) -> Path:
    """Write a day's head, signed, into a folder: `DATE.json`, its signature `DATE.json.sig`, the key `signer.pub`."""
    folder.mkdir(parents=True, exist_ok=True)
    text = canonical_json(asdict(head))
    path = folder / f"{head.date}.json"
    for name, content in (
        ("signer.pub", seal.signer.line()),
        (f"{path.name}.sig", seal.sign(text.encode())),
        (path.name, text),
    ):
        part = folder / f".{name}.part"
        part.write_text(content, encoding="utf-8")
        part.replace(folder / name)
    return path


def show_heads(kept: Path, site: Path) -> None:
    """Put the heads that were kept beside the pages of a site, where anybody can fetch them."""
    if kept.is_dir() and site.is_dir():
        shutil.copytree(kept, site / HEADS, dirs_exist_ok=True)


def read_heads(folder: Path, signers: Sequence[Signer]) -> list[Head]:
    """The heads in a folder, by date; none where there is no folder.

    Raises:
        Refused: a head was signed by none of the signers, or is not one.
    """
    return [_read_head(path, signers) for path in sorted(folder.glob("????-??-??.json"))]


def _read_head(path: Path, signers: Sequence[Signer]) -> Head:
    message, beside = path.read_bytes(), path.with_name(f"{path.name}.sig")
    signature = decode_signature(beside.read_text(encoding="ascii", errors="replace")) if beside.is_file() else b""
    if not any(signer.verifies(message, signature) for signer in signers):
        raise Refused(
            "the head is not signed by a known key", where=Where(path), expected="as `cop audit head` wrote it"
        )
    try:
        head = Head(**json.loads(message))
        date.fromisoformat(head.date)
    except (ValueError, TypeError) as error:
        raise Refused(
            "this is no head of a ledger", where=Where(path), expected="as `cop audit head` wrote it"
        ) from error
    return head
