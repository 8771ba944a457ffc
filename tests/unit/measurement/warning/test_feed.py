"""What others take: an Atom feed, JSON and a table, without silenced warnings in the feed and reasons in any."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from cop.measurement.warning import book as books
from cop.measurement.warning import feed
from cop.measurement.warning.book import Book

from .test_book import NOW, warned

ABOUT = {"id": "harbour", "title": "Harbour & Co", "organisation": "Harbour Group"}
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    book, _ = books.enter(Book(), [warned(), warned("2025-11", title="B <\x00x>")], now=NOW, send=False)
    book = books.acknowledge(book, "W2025-12", reason="a secret reason", now=NOW + timedelta(hours=1))
    book = books.silence(book, "W2025-12", reason="another secret", until=None, now=NOW)
    withheld = warned("2026-01", observed=None, at_least=None, size="fewer than 5")
    book, _ = books.enter(book, [withheld], now=NOW + timedelta(days=1), send=False)
    feed.write(book, tmp_path, ABOUT)
    return tmp_path


def test_the_feed_is_atom_with_one_entry_a_warning_that_is_not_silenced(written: Path) -> None:
    root = ET.parse(written / feed.FEED).getroot()
    entries = root.findall("a:entry", ATOM)

    assert root.findtext("a:title", namespaces=ATOM) == "Harbour & Co: early warnings"
    assert root.findtext("a:updated", namespaces=ATOM) == "2026-01-11T06:00:00Z"
    assert root.findtext("a:author/a:name", namespaces=ATOM) == "Harbour Group"
    titles = [e.findtext("a:title", namespaces=ATOM) for e in entries]
    assert titles == ["B Solicitation, 2025-12: 60 reports", "B <x>, 2025-11: 60 reports"]
    assert [e.find("a:category", ATOM).get("term") for e in entries] == ["acknowledged", "open"]  # type: ignore[union-attr]
    ids = [root.findtext("a:id", namespaces=ATOM), *(e.findtext("a:id", namespaces=ATOM) for e in entries)]
    assert len(set(ids)) == 3
    assert all(str(i).startswith("urn:uuid:") for i in ids)
    assert "where" in str(entries[0].findtext("a:content", namespaces=ATOM))


def test_reasons_stay_in_the_house(written: Path) -> None:
    for name in (feed.FEED, feed.JSON, feed.TABLE):
        assert b"secret" not in (written / name).read_bytes()


def test_json_and_table_have_every_warning_with_its_status(written: Path) -> None:
    said = json.loads((written / feed.JSON).read_text(encoding="utf-8"))
    table = pl.read_parquet(written / feed.TABLE)

    assert [(w["id"], w["status"]) for w in said] == [
        ("W2026-01", "silenced"),
        ("W2025-12", "acknowledged"),
        ("W2025-11", "open"),
    ]
    assert said[1]["sentence"] == warned().sentence
    assert table.columns == feed.WARNINGS.names
    assert table["warning"].to_list() == ["W2025-11", "W2025-12", "W2026-01"]
    assert table["observed"].to_list() == [60, 60, None]
    assert table.select("code", "area").row(0) == ("B", "_T")


def test_the_same_book_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    before = {name: (written / name).read_bytes() for name in (feed.FEED, feed.JSON, feed.TABLE)}
    book, _ = books.enter(Book(), [], now=NOW, send=False)
    feed.write(book, tmp_path / "empty", ABOUT)
    first = (tmp_path / "empty" / feed.FEED).read_bytes()
    feed.write(book, tmp_path / "empty", ABOUT)

    assert (tmp_path / "empty" / feed.FEED).read_bytes() == first
    assert pl.read_parquet(tmp_path / "empty" / feed.TABLE).is_empty()
    assert before.keys() == {feed.FEED, feed.JSON, feed.TABLE}
