"""Counts corrected by an audit sample: on the site and in the report where an edition gives them, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from lxml import html

from cop.editions.read import Edition, open_edition
from cop.kernel.errors import Refused
from cop.publication.annual.content import annual_report
from cop.publication.annual.tree import Paragraph, Table
from cop.publication.facts import Facts, read_facts
from cop.publication.language import Language
from cop.publication.quality import audit
from cop.publication.site.write import write_site

Audited = Callable[..., Edition]
B = {"code": "B", "corrected": 1100, "ci_low": 1042, "ci_high": 1161, "flag": "use with caution"}


@pytest.fixture(scope="module")
def audited(builder: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """The synthetic edition with what an audit sample said; figures of sections as given."""

    def made(*sections: dict[str, Any], records: int = 2000, withheld: bool = False) -> Edition:
        given = builder.contents()
        said = {"records": records, "audited": 400, "method": "By lot.", "sections": list(sections)}
        quality = {**given.metadata["quality"], "audit": said}
        facts = given.facts
        if withheld:
            facts = {**facts, "counts": _withheld(facts["counts"])}
        changed = replace(given, facts=facts, metadata={**given.metadata, "quality": quality})
        return open_edition(builder.write(tmp_path_factory.mktemp("audited"), given=changed))

    return made


def _withheld(counts: Any) -> Any:
    import polars as pl

    frame = pl.from_arrow(counts)
    assert isinstance(frame, pl.DataFrame)
    section = pl.col("code") == "B"
    return frame.with_columns(
        pl.when(section).then(None).otherwise(pl.col("value")).alias("value"),
        pl.when(section).then(pl.lit("Q")).otherwise(pl.col("obs_status")).alias("obs_status"),
        pl.when(section).then(pl.lit("C")).otherwise(pl.col("conf_status")).alias("conf_status"),
    ).to_arrow().cast(counts.schema)  # fmt: skip


def facts_of(edition: Edition, language: Language) -> Facts:
    return read_facts(edition, language)


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def test_the_methods_page_gives_each_section_its_count_before_and_after(
    audited: Audited, tmp_path: Path, english: Language
) -> None:
    edition = audited(B)
    write_site(edition, tmp_path / "site")
    facts = facts_of(edition, english)
    total, whole = (facts.total(code) or {} for code in ("B", "_T"))
    page = html.parse(str(tmp_path / "site/methods/index.html"))
    [band] = page.xpath("//section[@aria-labelledby='corrected']")

    [cells] = [[words(c) for c in row.xpath("th | td")] for row in band.xpath(".//tbody/tr")]
    share = f"{100 * total['value'] / whole['value']:.1f}%"
    name = f"B {facts.node_name('B')}"
    assert cells == [name, f"{total['value']:,}", share, "1,100", "1,042 to 1,161", "55.0%", "use with caution"]
    assert "400 of 2,000 records that could be drawn are settled" in words(band)
    assert f"The published counts are of {whole['value']:,} reports" in words(band)
    assert "in this edition, so" not in words(page.getroot())


def test_a_section_that_is_corrected_says_so_where_its_reports_are_counted(audited: Audited, tmp_path: Path) -> None:
    write_site(audited(B), tmp_path / "site")

    said = "1,100 (95% interval 1,042 to 1,161), 55.0% of the records that could be drawn; use with caution"
    pages = {p.parent.name: p.read_text() for p in (tmp_path / "site/threats").rglob("index.html")}
    assert sorted(name for name, text in pages.items() if said in text) == ["B", "threats"]
    assert pages["threats"].count(said) == 1
    links = html.document_fromstring(pages["B"]).xpath("//a[.='How it is corrected']/@href")
    assert links == ["../../methods/index.html#corrected"]


def test_the_report_has_the_same_table_among_its_methods(audited: Audited, edition: Edition) -> None:
    report = annual_report(audited(B))
    [section] = [s for s in report.sections if s.id == "methods-corrected"]
    reading, table = section.blocks

    assert isinstance(reading, Paragraph) and isinstance(table, Table)
    assert "400 of 2,000" in "".join(run.text for run in reading.runs)
    assert [column.heading for column in table.columns][:2] == ["Section", "As published"]
    assert ["".join(r.text for r in cell) for cell in table.rows[0].cells[3:5]] == ["1,100", "1,042 to 1,161"]
    assert len(table.rows) == 1
    assert "methods-corrected" not in {s.id for s in annual_report(edition).sections}


def test_counts_of_the_same_records_are_not_said_to_be_of_others(audited: Audited, english: Language) -> None:
    whole = facts_of(audited(B), english).total("_T")
    assert whole is not None
    said = audit(facts_of(audited(B, records=whole["value"]), english))

    assert said is not None and len(said.reading) == 1


def test_an_audit_without_a_figure_changes_no_page(audited: Audited, site: Path, tmp_path: Path) -> None:
    write_site(audited(), tmp_path / "site")

    for name in ("methods/index.html", "threats/index.html", "threats/B/index.html"):
        said, before = ((folder / name).read_text() for folder in (tmp_path / "site", site))
        assert "orrected counts" not in said and len(said) == len(before), name


def test_a_corrected_count_of_what_is_withheld_is_not_published(audited: Audited, english: Language) -> None:
    with pytest.raises(Refused, match="section B has a corrected count, and its count is not published"):
        audit(facts_of(audited(B, withheld=True), english))
