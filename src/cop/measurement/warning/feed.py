"""The warnings as others take them: an Atom feed (RFC 4287), JSON, and a table that an edition can take.

Silenced warnings are in the table and the JSON, marked so, and not in the feed. Reasons that people gave stay in the
book.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyarrow.parquet as pq

from cop.editions.tables import TOTAL
from cop.kernel.hashing import canonical_json
from cop.measurement.warning.book import Book, Entry, write_whole
from cop.measurement.warning.monitor import KEYS

FEED, JSON, TABLE = "warnings.atom", "warnings.json", "warnings.parquet"
MOST_IN_FEED = 200
_ATOM = "http://www.w3.org/2005/Atom"

WARNINGS = pa.schema(
    [
        ("warning", pa.string()),  # its id, the same at every run
        ("table", pa.string()),
        *((name, pa.string()) for name in KEYS),  # _T for all, as in the edition's counts
        ("period", pa.string()),
        ("observed", pa.int64()),  # null where the count is withheld, and from a draft
        ("at_least", pa.int64()),  # null where the count is withheld
        ("size", pa.string()),  # the count in words: "37", "35 to 39", "fewer than 5"
        ("expected", pa.float64()),
        ("upperbound", pa.float64()),
        ("score", pa.float64()),  # null from a draft
        ("pvalue", pa.float64()),  # null for a moving average and from a draft
        ("method", pa.string()),  # settings of catalogue/warning
        ("edition", pa.string()),  # whose counts raised it
        ("status", pa.string()),  # open, acknowledged, silenced
        ("look_at", pa.list_(pa.string())),
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


def table(entries: list[Entry]) -> pa.Table:
    """The warnings with the columns of `WARNINGS`, in order of period and id."""
    rows = [
        {
            **{name: e.key.get(name, TOTAL) for name in KEYS}, "warning": e.id, "table": e.table, "period": e.period,
            "observed": e.observed, "at_least": e.at_least, "size": e.size, "expected": e.expected,
            "upperbound": e.upperbound,
            "score": e.score, "pvalue": e.pvalue, "method": e.method, "edition": e.edition, "status": e.status,
            "look_at": list(e.look_at),
        }
        for e in sorted(entries, key=lambda e: (e.period, e.id))
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=WARNINGS)


def _atom(entries: list[Entry], book: Book, about: Mapping[str, str]) -> bytes:
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed")
    _text(feed, "id", _urn(about["id"]))
    _text(feed, "title", f"{about['title']}: early warnings")
    _text(feed, "updated", _time(book.updated) if book.updated else "1970-01-01T00:00:00Z")
    author = ET.SubElement(feed, f"{{{_ATOM}}}author")
    _text(author, "name", about["organisation"])
    for entry in [e for e in entries if e.status != "silenced"][:MOST_IN_FEED]:
        item = ET.SubElement(feed, f"{{{_ATOM}}}entry")
        _text(item, "id", _urn(f"{about['id']}/{entry.id}"))
        _text(item, "title", f"{entry.title}, {entry.period}: {entry.size} reports")
        _text(item, "updated", _time(entry.changed or entry.raised))
        _text(item, "published", _time(entry.raised))
        ET.SubElement(item, f"{{{_ATOM}}}category", term=entry.status)
        look = "".join(f"\n- {line}" for line in entry.look_at)
        _text(item, "content", f"{entry.warned.sentence}. Look at:{look}\n{entry.id}, {entry.status}")
    ET.indent(feed)
    return ET.tostring(feed, encoding="utf-8", xml_declaration=True) + b"\n"


def _text(parent: ET.Element, name: str, text: str) -> None:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}")
    # characters that XML 1.0 cannot hold
    element.text = "".join(c for c in text if c.isprintable() or c in "\n\t")


def _urn(name: str) -> str:
    return uuid5(NAMESPACE_URL, f"cop:warnings:{name}").urn


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
