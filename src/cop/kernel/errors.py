"""Errors by what the caller may do next.

The command line prints `str(error)` as one line and exits 2; the service answers the same fields as problem+json
(RFC 9457). Anything that is not a `CopError` is a fault of ours: exit 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_SHOWN = 80


def shown(value: object) -> str:
    """A value as it is quoted in a message: one line, at most 80 characters, control characters escaped."""
    text = value if isinstance(value, str) else repr(value)
    clean = _escaped(text[: _SHOWN + 1])
    return f'"{clean[:_SHOWN]}…"' if len(text) > _SHOWN else f'"{clean}"'


def _escaped(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


@dataclass(frozen=True, slots=True)
class Where:
    """The place of a fault in an input: file, 1-based row (the header is not counted), field."""

    file: str | Path | None = None
    row: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = Path(self.file).name if self.file is not None else ""
        if self.row is not None:
            place = f"{place} row {self.row}".strip()
        if self.field is not None:
            place = f"{place}, field {self.field}" if place else f"field {self.field}"
        return place


class CopError(Exception):
    """Base of every error that a caller can do something about.

    Attributes:
        problem: what is wrong, a clause without a capital or full stop.
        where: place in the input, if there is one.
        expected: what would have been right, if it can be said.
        note: what became of the rest ("1,041 rows kept, 1 in rejects").
    """

    title = "error"

    def __init__(
        self, problem: str, *, where: Where | None = None, expected: str | None = None, note: str | None = None
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.where = where
        self.expected = expected
        self.note = note

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where is not None and str(self.where) else ""
        expected = f" (expected {self.expected})" if self.expected else ""
        note = f"; {self.note}" if self.note else ""
        # names of files and columns may hold what commands a terminal or turns the line around
        return _escaped(" ".join(f"{place}{self.problem}{expected}{note}".split()))

    def as_json(self) -> dict[str, str | int | None]:
        """The same facts for a program."""
        where = self.where or Where()
        return {
            "error": self.title,
            "problem": self.problem,
            "file": str(where.file) if where.file is not None else None,
            "row": where.row,
            "field": where.field,
            "expected": self.expected,
            "note": self.note,
        }

    def noting(self, note: str) -> CopError:
        """The same error, saying also what became of the rest."""
        return type(self)(self.problem, where=self.where, expected=self.expected, note=note)


class Refused(CopError):
    """The input must be mended: the message says where, what, and what was expected."""

    title = "refused"

    @classmethod
    def value(
        cls,
        value: object,
        problem: str,
        *,
        expected: str,
        file: str | Path | None = None,
        row: int | None = None,
        field: str | None = None,
    ) -> Refused:
        """A refused value, quoted as in `reports.csv row 7, field date: "2025-13-02" is not a date`."""
        return cls(f"{shown(value)} {problem}", where=Where(file, row, field), expected=expected)


class NotFound(CopError):
    """What was named does not exist."""

    title = "not found"


class NotAllowed(CopError):
    """The person may not do this."""

    title = "not allowed"


class Conflict(CopError):
    """The state changed, or what is to be written exists with other content."""

    title = "conflict"


class TooMuch(CopError):
    """A declared limit would be passed."""

    title = "too much"


class Unavailable(CopError):
    """Something this needs is not there now; the same call may work later or elsewhere."""

    title = "unavailable"
