"""From an edition to the tree: what is said, what is withheld, where the secretariat's words stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from cop.editions.read import Edition, open_edition
from cop.editions.tables import TOTAL
from cop.kernel.errors import Refused
from cop.publication.annual.content import annual_report
from cop.publication.annual.providers import cut
from cop.publication.annual.tree import Figure, KeyFigures, Report, Table, every_block, numbers, plain


@pytest.fixture(scope="module")
def report(edition: Edition) -> Report:
    return annual_report(edition)


def tables(report: Report, section: str) -> list[Table]:
    return [b for s in report.sections if s.id == section for b in every_block(s.blocks) if isinstance(b, Table)]


def cells(table: Table) -> list[list[str]]:
    return [[plain(c) for c in r.cells] for r in table.rows]


def text_of(report: Report) -> str:
    """Every word of the sections."""
    found: list[str] = []

    def gather(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, tuple):
            for inner in value:
                gather(inner)
        elif hasattr(value, "__dataclass_fields__"):
            for name in value.__dataclass_fields__:
                if name not in {"svg", "id", "numbering"}:
                    gather(getattr(value, name))

    gather(report.sections)
    return "\n".join(found)


def edition_of(builder: ModuleType, folder: Path, metadata: Mapping[str, object], **about: object) -> Edition:
    """The synthetic edition with other metadata."""
    given = builder.contents()
    changed = replace(given, metadata={**given.metadata, **metadata}, about={**given.about, **about})
    return open_edition(builder.write(folder, given=changed))


def test_the_chapters_stand_in_order(report: Report) -> None:
    counted = numbers(report.sections, report.words)
    chapters = [f"{n} {s.title}".strip() for n, s in zip(counted, report.sections, strict=True) if s.level == 1]

    assert chapters == [
        "Foreword", "The year in figures", "1 Activities of the group", "2 Threats to children online", "3 Indicators",
        "4 Official series", "5 What providers promise", "6 Methods and quality", "Annex A From a figure to its making",
        "Annex B How to check and cite this report",
    ]  # fmt: skip


def test_no_heading_skips_a_level_and_every_id_is_its_own(report: Report) -> None:
    levels = [s.level for s in report.sections]

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len({s.id for s in report.sections}) == len(report.sections)


def test_a_synthetic_edition_says_so_on_the_cover_and_on_every_page(report: Report) -> None:
    assert report.notice_short == "Synthetic data"
    assert report.notice == (
        "The figures in this report are invented. It shows what such a report can look like. "
        "Every report and answer behind these figures is invented."
    )


def test_a_draft_says_so(builder: ModuleType, tmp_path: Path) -> None:
    report = annual_report(open_edition(builder.write(tmp_path, edition_id=None)))

    assert report.notice_short == "Synthetic data · Draft"


def test_the_table_of_classes_is_the_counts_of_the_edition(report: Report, edition: Edition) -> None:
    [table] = tables(report, "threats-classes")
    counts = edition.table("counts").filter(pl.col("table") == "class-period")
    expected = {
        r["code"]: "withheld" if r["value"] is None else f"{r['value']:,}" for r in counts.iter_rows(named=True)
    }

    shown = {r[0] or TOTAL: r[2] for r in cells(table)}

    assert shown == expected


def test_twelve_months_are_summed_only_where_every_month_is_published(report: Report, edition: Edition) -> None:
    [table] = tables(report, "threats-classes")
    months = edition.table("counts").filter(pl.col("table") == "class-month").sort("period")
    expected: dict[str, tuple[str, str]] = {}
    for (code,), frame in months.group_by("code"):
        values = frame.sort("period")["value"].to_list()
        hidden = None in values
        sums = ("withheld", "withheld") if hidden else (f"{sum(values[:12]):,}", f"{sum(values[12:]):,}")
        expected[str(code)] = sums

    shown = {r[0] or TOTAL: (r[3], r[4]) for r in cells(table)}

    assert shown == expected
    assert ("withheld", "withheld") in shown.values()
    assert {r[5] for r in cells(table) if r[3] == "withheld"} == {""}


def test_every_estimate_has_its_interval(report: Report, edition: Edition) -> None:
    found = [t for s in report.sections if s.id.startswith("indicator-") for t in tables(report, s.id)]
    whole = re.compile(r"[\d.,]+%? \([\d.,]+%? to [\d.,]+%?\)†?|not published|not asked|")
    checked = 0

    for table in found:
        columns = range(1, len(table.columns)) if table.caption.endswith("by group (95% interval)") else [2]
        for line in cells(table):
            for column in columns:
                assert whole.fullmatch(line[column]), line
                checked += 1
    estimates = edition.table("estimates").filter(~pl.col("domain").str.contains(";"))
    assert checked >= estimates.height > 0


def test_an_estimate_that_is_not_published_shows_no_number(report: Report, edition: Edition) -> None:
    hidden = edition.table("estimates").filter(pl.col("flag") == "not published", ~pl.col("domain").str.contains(";"))
    shown = [
        c
        for s in report.sections
        if s.id.startswith("indicator-")
        for t in tables(report, s.id)
        for line in cells(t)
        for c in line
        if c == "not published"
    ]

    assert len(shown) == hidden.height


def test_a_suppressed_cell_with_a_number_stops_the_report(builder: ModuleType, tmp_path: Path) -> None:
    given = builder.contents()
    frame = pl.from_arrow(given.facts["counts"])
    assert isinstance(frame, pl.DataFrame)
    leaking = (
        frame.with_columns(pl.col("value").fill_null(builder.CANARY)).to_arrow().cast(given.facts["counts"].schema)
    )
    edition = open_edition(builder.write(tmp_path, given=replace(given, facts={**given.facts, "counts": leaking})))

    with pytest.raises(Refused, match="marked as suppressed"):
        annual_report(edition)


def test_every_figure_says_its_finding_and_has_its_sentence(report: Report) -> None:
    figures = [b for s in report.sections for b in every_block(s.blocks) if isinstance(b, Figure)]

    assert len(figures) > 5
    assert all(f.title and f.alt.endswith(".") and "var(" not in f.svg for f in figures)


def test_key_figures_are_those_of_the_edition(report: Report, edition: Edition) -> None:
    [figures] = [b for s in report.sections if s.id == "summary" for b in s.blocks if isinstance(b, KeyFigures)]
    counts = edition.table("counts").filter(pl.col("table") == "class-period", pl.col("code") == TOTAL)

    assert figures.items[0] == (f"{counts['value'][0]:,}", "reports coded, January 2024 to December 2025")
    assert figures.items[2] == (
        str(len(edition.metadata("providers"))),
        "providers whose terms were read",
    )


def test_findings_speak_of_the_text_and_quote_it(report: Report, builder: ModuleType) -> None:
    [table] = tables(report, "provider-alcove")
    lines = cells(table)

    assert {line[1] for line in lines} == {"Met\n(decided)"}
    assert {line[2] for line in lines} == {f"“{builder.QUOTE}”"}


def test_a_provider_nobody_reviewed_has_no_evidence_and_no_verdict(report: Report, edition: Edition) -> None:
    last = edition.metadata("providers")[-1]["id"]
    [table] = tables(report, f"provider-{last}")

    assert {tuple(line[1:]) for line in cells(table)} == {("Not reviewed", "", "")}


@pytest.mark.parametrize(
    ("quote", "shown"),
    [("a  b\nc", "a b c"), ("one two three", "one two …"), ("abcdefghijklmnop", "abcdefghijkl …"), ("", "")],
)
def test_a_quotation_is_cut_between_words_and_says_so(quote: str, shown: str) -> None:
    assert cut(quote, 12) == shown


def test_inputs_and_code_are_named_with_their_sums(report: Report, edition: Edition) -> None:
    lineage = edition.metadata("lineage")
    [table] = tables(report, "lineage-inputs")

    assert [(line[0], line[4]) for line in cells(table)] == [(i["name"], i["sha256"]) for i in lineage["inputs"]]
    assert lineage["code"]["sha256"] in text_of(report)


def test_what_lacks_complementary_suppression_is_named(report: Report, edition: Edition) -> None:
    tables_ = [t["table"] for t in edition.metadata("disclosure")["tables"]]

    assert f"Complementary suppression is lacking in {', '.join(tables_[:-1])} and {tables_[-1]}:" in text_of(report)


def test_the_secretariats_sections_stand_in_their_places(builder: ModuleType, tmp_path: Path) -> None:
    def section(id_: str, text: str = "Words.") -> dict[str, Any]:
        return {"id": id_, "title": id_.capitalize(), "markdown": text}

    written = [section(i) for i in ("recommendations", "outlook", "activities", "foreword")]
    written[2] = section("activities", "Met.\n\n## Lessons\n\nHeard.")
    edition = edition_of(builder, tmp_path, {"report": {"to": "Plenipotentiary", "sections": written}})

    report = annual_report(edition)

    assert report.title == "Annual report to the Plenipotentiary"
    chapters = [s.title for s in report.sections if s.level == 1]
    assert chapters[:3] == ["Foreword", "The year in figures", "Activities"]
    assert chapters[-4:-2] == ["Outlook", "Recommendations"]
    place = [s.id for s in report.sections].index("activities")
    assert [s.id for s in report.sections[place : place + 4]] == ["activities", "activities-1", "group", "meeting-1"]


def test_raw_html_of_the_secretariat_is_refused(builder: ModuleType, tmp_path: Path) -> None:
    bad = {
        "to": "Council",
        "sections": [{"id": "foreword", "title": "Foreword", "markdown": "a\n\n<script>x</script>\n"}],
    }

    with pytest.raises(Refused) as caught:
        annual_report(edition_of(builder, tmp_path, {"report": bad}))

    assert str(caught.value) == (
        'foreword.md: line 3 of section "Foreword": "<script>x</script>" is raw HTML (expected Markdown without HTML)'
    )


def test_an_edition_without_facts_is_a_short_report(builder: ModuleType, tmp_path: Path) -> None:
    given = builder.contents()
    empty = replace(given, facts={}, metadata={"classification": given.metadata["classification"]})

    report = annual_report(open_edition(builder.write(tmp_path, given=empty)))

    assert [s.title for s in report.sections if s.level == 1] == [
        "The year in figures", "Methods and quality", "From a figure to its making", "How to check and cite this report",
    ]  # fmt: skip
