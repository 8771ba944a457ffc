"""The monitor's book: every warning raised, what people said of it, and what is still to be sent.

One JSON file, replaced whole: it is written beside its place, flushed to the disk and renamed, so that a run that is
killed leaves the old book or the new one. A warning is entered once, with the figures it had then: later figures of the
same count, a few reports up or down, never leave.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cop.kernel.errors import NotFound, Refused, Where, shown
from cop.kernel.hashing import canonical_json
from cop.kernel.validation import refusal
from cop.measurement.warning.monitor import KEYS, Warned

NAME = "state.json"
Status = Literal["open", "acknowledged", "silenced"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Entry(_Part):
    """One warning, when it was raised, and what became of it. `reason` is for the house and never leaves it."""

    id: str
    table: str
    key: dict[str, str]
    title: str
    period: str
    observed: int | None
    at_least: int | None
    size: str
    expected: float
    upperbound: float
    score: float | None
    pvalue: float | None
    method: str
    edition: str
    look_at: tuple[str, ...]
    raised: datetime
    status: Status = "open"
    reason: str = ""
    changed: datetime | None = None

    @property
    def warned(self) -> Warned:
        """What was warned of."""
        return Warned(**self.model_dump(include=set(Warned.__slots__)))

    @property
    def series(self) -> str:
        return series_of(self.key)


class Silence(_Part):
    """A series whose warnings are kept and not told, until a date (that day included) or for good."""

    series: str
    reason: str
    until: date | None
    since: datetime


class Pending(_Part):
    """A warning on its way to the webhook; `key` is the same at every try, so that its receiver can tell."""

    warning: str
    key: str
    tries: Annotated[int, Field(ge=0)] = 0
    fault: str = ""


class Book(_Part):
    """The state between runs. `seen` is what the last look saw that may move counts by itself."""

    version: Literal[1] = 1
    entries: dict[str, Entry] = {}
    silences: tuple[Silence, ...] = ()
    outbox: tuple[Pending, ...] = ()
    delivered: dict[str, datetime] = {}
    seen: dict[str, str] = {}

    @property
    def updated(self) -> datetime | None:
        """When an entry last came or changed."""
        return max((e.changed or e.raised for e in self.entries.values()), default=None)


def series_of(key: dict[str, str]) -> str:
    """The name of a series: its codes in the order of the columns."""
    return " ".join(f"{name}={key[name]}" for name in KEYS if name in key) or "all"


def read(folder: Path) -> Book:
    """The book in a folder; an empty one where there is none yet.

    Raises:
        Refused: what is there is no book.
    """
    path = folder / NAME
    if not path.exists():
        return Book()
    try:
        return Book.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        if isinstance(error, ValidationError):
            raise refusal(error, path, what="the monitor's book") from None
        raise Refused("is not JSON", where=Where(path), expected="the monitor's book") from error


def save(book: Book, folder: Path) -> None:
    """Put the book in its place."""
    write_whole(folder / NAME, canonical_json(book.model_dump(mode="json")).encode())


def write_whole(path: Path, content: bytes) -> None:
    """A file that is there whole or not at all, also after the power went."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with part.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def enter(book: Book, warnings: Sequence[Warned], *, now: datetime, send: bool) -> tuple[Book, list[Entry]]:
    """The book with the warnings it did not have, and those of them that are new.

    Args:
        book: as it stands.
        warnings: of the present look.
        now: the time, in UTC.
        send: whether a webhook is to hear of them; those of a silenced series it never does.
    """
    new: list[Entry] = []
    for warned in warnings:
        if warned.id in book.entries:
            continue
        entry = Entry(**asdict(warned), raised=now)
        quiet = _silence(book, entry.series, now.date())
        new.append(entry.model_copy(update={"status": "silenced", "reason": quiet.reason}) if quiet else entry)
    told = [e for e in new if e.status == "open"] if send else []
    pending = tuple(Pending(warning=e.id, key=f"{e.id}-{int(now.timestamp())}") for e in told)
    entries = {**book.entries, **{e.id: e for e in new}}
    return book.model_copy(update={"entries": entries, "outbox": (*book.outbox, *pending)}), new


def _silence(book: Book, series: str, today: date) -> Silence | None:
    return next((s for s in book.silences if s.series == series and (s.until is None or s.until >= today)), None)


def acknowledge(book: Book, name: str, *, reason: str, now: datetime) -> Book:
    """The book with a warning acknowledged.

    Raises:
        NotFound: there is no such warning. Refused: no reason.
    """
    entry = _entry(book, name).model_copy(
        update={"status": "acknowledged", "reason": _reason(reason), "changed": now}
    )  # fmt: skip
    return book.model_copy(update={"entries": {**book.entries, name: entry}})


def silence(book: Book, name: str, *, reason: str, until: date | None, now: datetime) -> Book:
    """The book with the series of a warning silenced; an earlier silence of it is replaced, a past date ends it.

    Raises:
        NotFound: there is no such warning. Refused: no reason.
    """
    series = _entry(book, name).series
    others = tuple(s for s in book.silences if s.series != series)
    mine = Silence(series=series, reason=_reason(reason), until=until, since=now)
    return book.model_copy(update={"silences": (*others, mine)})


def _entry(book: Book, name: str) -> Entry:
    if name not in book.entries:
        raise NotFound(f"there is no warning {shown(name)}", expected="an id that `cop monitor DIR list` shows")
    return book.entries[name]


def _reason(text: str) -> str:
    if not text.strip():
        raise Refused("there is no reason", where=Where(field="--reason"), expected="a sentence that others will read")
    return text.strip()


def sent(book: Book, pending: Pending, *, now: datetime) -> Book:
    """The book after a delivery."""
    rest = tuple(p for p in book.outbox if p.key != pending.key)
    return book.model_copy(update={"outbox": rest, "delivered": {**book.delivered, pending.warning: now}})


def failed(book: Book, pending: Pending, *, fault: str) -> Book:
    """The book after a try that failed: what was to be sent stays."""
    again = pending.model_copy(update={"tries": pending.tries + 1, "fault": fault})
    return book.model_copy(update={"outbox": tuple(again if p.key == pending.key else p for p in book.outbox)})
