"""Early warnings as readers see them: the page, the mark on a class, the feed, the report, and their absence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from lxml import html

from cop.editions.read import Edition, open_edition
from cop.editions.tables import DIMENSIONS, WARNINGS
from cop.kernel.errors import Refused
from cop.measurement.warning.monitor import Published, watch
from cop.measurement.warning.settings import load
from cop.publication.annual.threats import chapter
from cop.publication.annual.tree import Table, every_block, plain
from cop.publication.facts import read_facts
from cop.publication.language import Language
from cop.publication.site.press import Press
from cop.publication.site.warnings import feed, pages
from cop.publication.warnings import _LOOK_AT, Warnings

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def page(path: Path) -> Any:
    return html.document_fromstring(path.read_bytes().decode())


def with_warnings(
    builder: ModuleType, folder: Path, rows: list[dict[str, Any]] | None, document: dict[str, Any] | None = None
) -> Edition:
    """The synthetic edition with other warnings; with None as it was before there were any."""
    given = builder.contents()
    table = pa.Table.from_pylist(rows or [], schema=WARNINGS)
    metadata = dict(given.metadata) if document is None else {**given.metadata, "warnings": document}
    path = builder.write(folder, given=replace(given, facts={**given.facts, "warnings": table}, metadata=metadata))
    if rows is None:
        (path / "facts" / "warnings.parquet").unlink()
        (path / "metadata" / "warnings.json").unlink()
    return open_edition(path)


def rows_of(edition: Edition) -> list[dict[str, Any]]:
    return edition.table("warnings").to_dicts()


def test_the_page_has_a_row_a_warning_with_all_that_its_reader_needs(site: Path, edition: Edition) -> None:
    document = page(site / "warnings/index.html")
    given = sorted(rows_of(edition), key=lambda row: -row["score"])
    shown = document.xpath("//table[contains(@class, 'warnings')]/tbody/tr")
    cells = [[words(c) for c in row.xpath("th|td")] for row in shown]

    assert [row.get("id") for row in shown] == [row["warning"] for row in given]
    assert [c[0] for c in cells] == ["All reports", "B03 Sexual extortion", cells[2][0]]
    assert cells[2][0].startswith("B01 ")
    assert cells[0][1:6] == [
        "December 2025",
        f"{given[0]['observed']:,}",
        f"{given[0]['expected']:,.1f}",
        f"{given[0]['upperbound']:,.1f}",
        f"{given[0]['observed'] / given[0]['expected']:.1f}",
    ]
    assert cells[0][6] == "moving average (EWMA); false alarms: 0.31%"
    assert "where most of them come from: Corvell and Brannock" in cells[0][7]
    assert shown[1].xpath("th/a/@href") == ["../threats/B03/index.html"]
    assert shown[0].xpath("th/a") == []
    lead = "3 published counts of the last 2 months are higher than their past explains."
    assert words(document.xpath("//p[@class='lead']")[0]) == lead
    text = words(document.xpath("//main")[0])
    assert "14 series were watched, with 28 counts at their ends." in text
    assert "chance alone would raise about 0.1 warnings in so many counts" in text
    assert "Not watched: 3 series that are mostly withheld." in text
    assert [words(r.xpath("th")[0]) for r in document.xpath("//section[@aria-labelledby='watched']//tbody/tr")] == [
        "ewma-monthly"
    ]
    assert lead in words(page(site / "index.html").xpath("//main")[0])


def test_a_warning_of_a_withheld_count_says_no_number(site: Path) -> None:
    [row] = page(site / "warnings/index.html").xpath("//tr[@id='W000000002']")
    cells = [words(c) for c in row.xpath("td")]

    assert (cells[1], cells[4]) == ("fewer than 5", "")


def test_a_class_with_a_warning_is_marked_and_no_other(site: Path) -> None:
    marked = {
        path.parent.name: [words(m) for m in page(path).xpath("//ul[@class='warned']/li")]
        for path in (site / "threats").glob("*/index.html")
    }
    [said] = marked["B03"]

    assert {code for code, marks in marked.items() if marks} == {"B01", "B03"}
    assert said.startswith("Early warning W000000001 B03 Sexual extortion, December 2025: ")
    assert "reports where the past leads to expect" in said
    assert page(site / "threats/B03/index.html").xpath("//ul[@class='warned']//a/@href") == [
        "../../warnings/index.html#W000000001"
    ]


def test_the_feed_stands_beside_the_page_and_every_page_names_it(site: Path, edition: Edition) -> None:
    root = ET.parse(site / "warnings/warnings.atom").getroot()
    entries = root.findall("a:entry", ATOM)

    assert root.findtext("a:title", namespaces=ATOM) == "Harbour Observatory: early warnings"
    assert {e.findtext("a:updated", namespaces=ATOM) for e in (root, *entries)} == {"2026-01-15T00:00:00Z"}
    assert len({e.findtext("a:id", namespaces=ATOM) for e in (root, *entries)}) == 4
    assert "What to look at:\n- B03 Sexual extortion rose" in str(entries[0].findtext("a:content", namespaces=ATOM))
    assert str(entries[2].findtext("a:title", namespaces=ATOM)).endswith(": fewer than 5 reports")
    for path in ("index.html", "threats/B03/index.html"):
        [link] = page(site / path).xpath("//link[@rel='alternate']/@href")
        assert ((site / path).parent / link).resolve() == (site / "warnings/warnings.atom").resolve()


def test_where_the_sites_address_is_known_the_feed_leads_to_the_warning(edition: Edition, english: Language) -> None:
    root = ET.fromstring(feed(read_facts(edition, english), "https://cop.example.org/o/"))

    assert root.find("a:entry/a:link", ATOM).get("href") == "https://cop.example.org/o/warnings/#W000000000"  # type: ignore[union-attr]


def test_the_csv_of_warnings_has_every_row(site: Path, edition: Edition) -> None:
    frame = pl.read_csv(site / "data/csv/warnings.csv")

    assert frame["warning"].to_list() == edition.table("warnings")["warning"].to_list()
    assert "; whether one campaign" in frame["look_at"][0]


@pytest.mark.parametrize(
    ("rows", "document", "lead"),
    [
        ([], None, "No published count of the last 2 months is higher than its past explains."),
        ([], {}, "No count of this edition was watched for early warnings."),
        (None, None, "No count of this edition was watched for early warnings."),
    ],
    ids=["nothing found", "nothing watched", "an edition of before"],
)
def test_where_there_is_no_warning_the_page_says_why_and_nothing_is_marked(
    rows: list[dict[str, Any]] | None,
    document: dict[str, Any] | None,
    lead: str,
    builder: ModuleType,
    english: Language,
    tmp_path: Path,
) -> None:
    edition = with_warnings(builder, tmp_path, rows, document)
    facts = read_facts(edition, english)
    press = Press(facts, tmp_path / "site")
    for printed in pages(facts):
        press.page(printed)
    shown = page(tmp_path / "site/warnings/index.html")

    assert words(shown.xpath("//p[@class='lead']")[0]) == lead
    assert shown.xpath("//table[contains(@class, 'warnings')]") == []
    assert Warnings(facts).of("B03") == ()
    assert ET.fromstring(feed(facts, None)).findall("a:entry", ATOM) == []
    sections = [s for s in chapter(facts) if s.id == "threats-warnings"]
    assert [plain(s.blocks[0].runs) for s in sections] == ([lead] if "higher" in lead else [])  # type: ignore[union-attr]


@pytest.mark.parametrize("column", ["observed", "at_least"])
def test_a_warning_with_a_count_that_is_not_published_stops_the_site(
    column: str, builder: ModuleType, edition: Edition, english: Language, tmp_path: Path
) -> None:
    rows = rows_of(edition)
    next(row for row in rows if row["observed"] is None)[column] = 3

    with pytest.raises(Refused, match=r"warnings\.parquet, field observed: 1 warnings hold a count"):
        read_facts(with_warnings(builder, tmp_path, rows), english)


def test_the_report_has_a_section_of_the_warnings(edition: Edition, english: Language) -> None:
    [section] = [s for s in chapter(read_facts(edition, english)) if s.id == "threats-warnings"]
    [table] = [b for b in every_block(section.blocks) if isinstance(b, Table)]

    assert section.title == "Early warnings"
    assert [plain(row.cells[0]) for row in table.rows][:2] == ["All reports", "B03 Sexual extortion"]
    assert plain(table.rows[2].cells[2]) == "fewer than 5"
    assert table.note.startswith("Moving average (EWMA): false alarms in 0.31% of simulated counts")


def test_every_line_that_the_monitor_writes_is_known_and_can_be_translated(edition: Edition, english: Language) -> None:
    def series(table: str, code: str, area: str, last: int) -> list[dict[str, Any]]:
        past = np.random.default_rng(1).poisson(20, 59).tolist()
        key = {**dict.fromkeys(DIMENSIONS, "_T"), "code": code, "area": area}
        return [
            {"table": table, **key, "period": f"{2021 + m // 12}-{m % 12 + 1:02d}", "value": v, "conf_status": "F"}
            for m, v in enumerate([*past, last])
        ]

    rows = [
        *series("class-month", "B", "_T", 90), *series("class-month", "B03", "_T", 80),
        *series("section-month-area", "B", "XAL", 22),
    ]  # fmt: skip
    published = Published("", pl.DataFrame(rows), 5, {"XAL": "Alvemere"}, {"B03": "B"}, draft=False)
    found = watch(published, tables=("class-month",), settings=load("monthly"), short=None, last=1)
    lines = {line for w in found.warnings for line in w.look_at}
    marked = Warnings(replace(read_facts(edition, english), language=Marked(**_parts(english))))
    said = {line: marked._look_at(line) for line in lines}

    assert len(lines) == len(_LOOK_AT)
    assert {line: text for line, text in said.items() if text != f"«{line}»"} == {}
    assert marked._look_at("something else") == "something else"


class Marked(Language):
    """English in which what was looked up in the catalog stands in marks."""

    def gettext(self, message: str, /, **values: object) -> str:
        return f"«{super().gettext(message, **values)}»"


def _parts(language: Language) -> dict[str, Any]:
    return {name: getattr(language, name) for name in ("code", "locale", "translations")}
