"""The warnings as others take them: an Atom feed (RFC 4287), JSON, and a table that an edition can take.

Silenced warnings are in the table and the JSON, marked so, and not in the feed. Reasons that people gave stay in the
book.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cop.editions.tables import TOTAL, WARNING
from cop.kernel.atom import Feed, Item, atom, urn
from cop.kernel.hashing import canonical_json
from cop.measurement.warning.book import Book, Entry, write_whole
from cop.measurement.warning.monitor import KEYS, Warned

FEED, JSON, TABLE = "warnings.atom", "warnings.json", "warnings.parquet"
MOST_IN_FEED = 200

WARNINGS = pa.schema(
    [
        *WARNING,  # from a draft without `observed`, `score` and `pvalue`, its size a range: "35 to 39"
        ("edition", pa.string()),  # whose counts raised it
        ("status", pa.string()),  # open, acknowledged, silenced
    ]
)
"""The columns of the table of warnings."""


def write(book: Book, folder: Path, about: Mapping[str, str]) -> None:
    """Write all three into a folder, each whole; the same book gives the same bytes.

    Args:
        book: the monitor's.
        folder: where.
        about: `id`, `title` and `organisation` of the observatory.
    """
    entries = sorted(book.entries.values(), key=lambda e: (e.raised, e.period, e.id), reverse=True)
    write_whole(folder / FEED, _atom(entries, book, about))
    write_whole(folder / JSON, canonical_json([as_json(e) for e in entries]).encode())
    buffer = BytesIO()
    pq.write_table(table(entries), buffer, compression="zstd")
    write_whole(folder / TABLE, buffer.getvalue())


def as_json(entry: Entry) -> dict[str, object]:
    """A warning as it leaves the house."""
    facts = entry.model_dump(mode="json", exclude={"reason"})
    return {**facts, "sentence": entry.warned.sentence}


def as_row(warned: Warned) -> dict[str, object]:
    """A warning under the columns of `cop.editions.tables.WARNING`."""
    given = {name: getattr(warned, name) for name in WARNING.names if name not in {"warning", *KEYS}}
    return {**given, **{name: warned.key.get(name, TOTAL) for name in KEYS}, "warning": warned.id}


def table(entries: list[Entry]) -> pa.Table:
    """The warnings with the columns of `WARNINGS`, in order of period and id."""
    rows = [
        {**as_row(e.warned), "edition": e.edition, "status": e.status}
        for e in sorted(entries, key=lambda e: (e.period, e.id))
    ]
    return pa.Table.from_pylist(rows, schema=WARNINGS)


def _atom(entries: list[Entry], book: Book, about: Mapping[str, str]) -> bytes:
    told = [e for e in entries if e.status != "silenced"][:MOST_IN_FEED]
    feed = Feed(
        id=urn(f"warnings:{about['id']}"),
        title=f"{about['title']}: early warnings",
        updated=_time(book.updated) if book.updated else "1970-01-01T00:00:00Z",
        author=about["organisation"],
        items=[_item(e, about["id"]) for e in told],
    )
    return atom(feed)


def _item(entry: Entry, observatory: str) -> Item:
    look = "".join(f"\n- {line}" for line in entry.look_at)
    return Item(
        id=urn(f"warnings:{observatory}/{entry.id}"),
        title=f"{entry.title}, {entry.period}: {entry.size} reports",
        updated=_time(entry.changed or entry.raised),
        published=_time(entry.raised),
        category=entry.status,
        content=f"{entry.warned.sentence}. Look at:{look}\n{entry.id}, {entry.status}",
    )


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
