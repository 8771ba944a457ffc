"""What other apps and the desk may ask of the registers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cop.kernel import ledger
from cop.vault.registers.models import Event, Register, Reject


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


def events() -> Iterator[ledger.Entry]:
    """The ledger from its first entry."""
    for e in Event.objects.order_by("seq").iterator():
        yield ledger.Entry(e.seq, e.at, e.kind, e.subject, e.details, e.previous, e.hash)
