"""The written site as a whole: links, landmarks, policy, withheld cells, same bytes."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from jinja2 import Environment, UndefinedError
from lxml import etree, html

from cop.editions.read import Edition, open_edition
from cop.kernel.errors import Refused
from cop.publication.site import write as module
from cop.publication.site.press import POLICY, Gap, relative
from cop.publication.site.write import write_site


@cache
def page(path: Path) -> Any:
    return html.document_fromstring(path.read_bytes().decode())


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def test_every_link_leads_to_a_file_of_the_site_and_every_fragment_to_its_place(site: Path) -> None:
    broken: list[str] = []
    for path in pages(site):
        for element in page(path).xpath("//*[@href or @src]"):
            link = element.get("href") or element.get("src")
            target, _, fragment = link.partition("#")
            base = site if path.name == "404.html" else path.parent
            file = (base / target.lstrip("/")) if target else path
            file = file / "index.html" if path.name == "404.html" and file.is_dir() else file
            if not file.is_file() or (
                fragment and file.suffix == ".html" and not page(file.resolve()).xpath(f"//*[@id='{fragment}']")
            ):
                broken.append(f"{path.relative_to(site)}: {link}")

    assert broken == []


def test_no_page_asks_another_host_for_anything(site: Path) -> None:
    asked = [
        (path.name, value)
        for path in pages(site)
        for value in page(path).xpath("//@src | //@href | //@srcset | //@action")
        if re.match(r"[a-z]+:|//", value)
    ]

    assert asked == []
    assert not re.findall(r"url\((?!\"fonts/)|@import", (site / "assets/site.css").read_text())


def test_no_page_has_a_style_or_a_script_of_its_own_and_all_carry_the_policy(site: Path) -> None:
    for path in pages(site):
        document = page(path)
        assert document.xpath("//@style") == []
        assert document.xpath("//style") == []
        assert [s for s in document.xpath("//script") if not s.get("src") or s.text] == []
        assert [a for e in document.iter() for a in e.attrib if a.startswith("on")] == []
        assert document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content") == [POLICY]
    assert "unsafe" not in POLICY


def test_every_page_has_its_landmarks_one_title_and_headings_in_order(site: Path) -> None:
    for path in pages(site):
        document = page(path)
        levels = [int(h.tag[1]) for h in document.xpath("//h1|//h2|//h3|//h4")]
        assert document.get("lang") == "en"
        assert document.get("dir") == "ltr"
        assert [len(document.xpath(f"//{tag}")) for tag in ("main", "header", "body/footer", "h1", "title")] == [
            1,
            1,
            1,
            1,
            1,
        ]
        assert document.xpath("//body/a[1]/@href") == ["#main"]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels)), path
        ids = document.xpath("//@id")
        assert len(ids) == len(set(ids)), path
        assert all(
            table.xpath("caption") and table.xpath(".//th[@scope='col']") for table in document.xpath("//table")
        ), path


def test_every_figure_has_a_finding_a_sentence_a_table_and_a_file(site: Path) -> None:
    seen = 0
    for path in pages(site):
        for figure in page(path).xpath("//figure"):
            seen += 1
            [picture] = figure.xpath(".//svg[@role='img']")
            [sentence] = figure.xpath(".//p[@class='alt']")
            assert words(sentence) == " ".join(picture.get("aria-label").split())
            assert words(figure.xpath(".//figcaption//*[contains(@class, 'finding')]")[0])
            rows = figure.xpath(".//table/tbody/tr")
            [file] = figure.xpath(".//a[@download]/@href")
            with (path.parent / file).open(encoding="utf-8") as handle:
                assert len(list(csv.reader(handle))) - 1 == len(rows) > 0
    assert seen > 50


def test_every_node_indicator_provider_series_and_document_has_its_permanent_address(
    site: Path, edition: Edition
) -> None:
    nodes = [n["code"] for n in edition.metadata("classification")["nodes"]]
    papers = [d["number"] for m in edition.metadata("library")["meetings"] for d in m["documents"]]
    addresses = [
        *(f"threats/{c}/" for c in nodes),
        *(f"indicators/{i['code']}/" for i in edition.metadata("indicators")),
        *(f"providers/{p['id']}/" for p in edition.metadata("providers")),
        *(f"series/{s['id']}/" for s in edition.metadata("series")),
        *(f"documents/{n}/" for n in papers),
        "meetings/1/",
        "",
        "threats/",
        "warnings/",
        "indicators/",
        "series/",
        "providers/",
        "library/",
        "methods/",
        "data/",
        "sitemap/",
    ]

    assert {p.parent.relative_to(site).as_posix().removeprefix(".") for p in site.rglob("index.html")} == {
        a.rstrip("/") for a in addresses
    }


def test_a_class_page_holds_its_definition_notes_and_index(site: Path, edition: Edition) -> None:
    node = next(n for n in edition.metadata("classification")["nodes"] if n["code"] == "B01")
    text = words(page(site / "threats/B01/index.html"))

    assert words(html.fromstring(f"<p>{node['definition']['en']}</p>")) in text
    assert all(item["en"] in text for item in [*node["includes"], *node["excludes"], *node["examples"]])
    assert all(term in text for terms in node["index"].values() for term in terms)
    assert page(site / "threats/B01/index.html").xpath("//*[@lang='ar' and @dir='rtl']")
    assert "iccs" not in text.lower() and "030223" not in text, "unverified correspondences are not published"


def test_withheld_cells_say_so_and_the_number_behind_them_is_nowhere(
    site: Path, edition: Edition, builder: ModuleType
) -> None:
    counts = edition.table("counts")
    hidden = counts.filter(pl.col("obs_status") == "Q", pl.col("code").is_in(["B01", "B031", "B032", "B06"]))
    assert hidden.height > 5
    for code in set(hidden["code"]):
        monthly = hidden.filter(pl.col("code") == code, pl.col("table") == "class-month")
        rows = {
            words(r.xpath("th")[0]): words(r.xpath("td")[0])
            for r in page(site / f"threats/{code}/index.html").xpath("//figure[@id='by-month']//tbody/tr")
        }
        assert sum(v == "withheld" for v in rows.values()) == monthly.height
        assert str(builder.CANARY) not in rows.values()
    for path in site.rglob("by-*.csv"):
        with path.open(encoding="utf-8") as handle:
            for row in csv.DictReader(handle):
                value = row["value"] if "value" in row else row["estimate"]
                assert row["status"] != "Q" or value == ""
                assert value != str(builder.CANARY)


def test_an_edition_with_a_value_under_a_suppressed_status_is_refused(builder: ModuleType, tmp_path: Path) -> None:
    given = builder.contents()
    counts = pl.from_arrow(given.facts["counts"]).with_columns(
        pl.when(pl.col("obs_status") == "Q").then(3).otherwise(pl.col("value")).alias("value")
    )
    leaking = replace(given, facts={**given.facts, "counts": counts.to_arrow().cast(given.facts["counts"].schema)})
    edition = open_edition(builder.write(tmp_path, given=leaking))

    with pytest.raises(
        Refused, match=r"counts\.parquet, field value: \d+ cells are marked as suppressed and still hold a value"
    ):
        write_site(edition, tmp_path / "site")
    assert not (tmp_path / "site").exists()
    assert not list(tmp_path.glob(".part-*"))


def test_a_cell_withheld_in_one_table_is_withheld_where_another_table_shows_it(
    builder: ModuleType, tmp_path: Path, english: Any
) -> None:
    from cop.publication.facts import read_facts

    given = builder.contents()
    rows = given.facts["counts"].to_pylist()
    hidden = next(r for r in rows if r["table"] == "class-month" and r["code"] == "B01" and r["obs_status"] == "Q")
    rows.append({**hidden, "table": "another", "value": 3, "obs_status": "A", "conf_status": "F"})
    edition = open_edition(
        builder.write(
            tmp_path,
            given=replace(
                given, facts={**given.facts, "counts": pa.Table.from_pylist(rows, schema=given.facts["counts"].schema)}
            ),
        )
    )

    months = read_facts(edition, english).months("B01")

    assert months.filter(pl.col("period") == hidden["period"]).select("value", "status").rows() == [(None, "Q")]


def test_an_estimate_flagged_as_not_published_shows_no_number_even_if_the_table_holds_one(
    builder: ModuleType, tmp_path: Path, english: Any
) -> None:
    from cop.publication.facts import read_facts

    given = builder.contents()
    rows = given.facts["estimates"].to_pylist()
    rows[0] |= {"estimate": 12.345, "ci_low": 11.0, "ci_high": 13.0, "flag": "not published", "obs_status": "A"}
    table = pa.Table.from_pylist(rows, schema=given.facts["estimates"].schema)
    edition = open_edition(builder.write(tmp_path, given=replace(given, facts={**given.facts, "estimates": table})))

    assert (
        read_facts(edition, english)
        .estimates.filter(pl.col("flag") == "not published")["estimate"]
        .drop_nulls()
        .to_list()
        == []
    )


def test_an_unreviewed_provider_is_said_to_be_unreviewed_and_nothing_else(site: Path) -> None:
    text = words(page(site / "providers/cobble/index.html").xpath("//main")[0])
    [row] = [
        r
        for r in page(site / "providers/index.html").xpath("//table[@class='matrix']//tr")
        if r.xpath("th") and words(r.xpath("th")[0]) == "Cobble"
    ]

    assert "Nobody has reviewed the texts of this provider yet. This page says nothing about it." in text
    assert "not met" not in text and "not addressed" not in text
    assert {words(c) for c in row.xpath("td")[1:]} == {"not reviewed"}


def test_a_provider_off_the_list_is_told_what_would_have_to_change_sentence_by_sentence(
    site: Path, edition: Edition
) -> None:
    document = page(site / "providers/beacon/index.html")
    [beacon] = [p for p in edition.metadata("providers") if p["id"] == "beacon"]
    examples = {c["code"]: c["example"]["en"] for c in edition.metadata("criteria")["criteria"]}
    entries = document.xpath("//section[@aria-labelledby='turn']//article")

    assert beacon["missing"]["failing"]
    assert [words(e.xpath("h3/a")[0]) for e in entries] == beacon["missing"]["failing"]
    for entry, code in zip(entries, beacon["missing"]["failing"], strict=True):
        assert examples[code] in words(entry)
    assert not page(site / "providers/alcove/index.html").xpath("//section[@aria-labelledby='turn']")


def test_a_providers_reply_and_declaration_stand_beside_the_finding(site: Path, edition: Edition) -> None:
    document = page(site / "providers/beacon/index.html")
    [row] = edition.table("provider_list").filter(pl.col("contested")).iter_rows(named=True)
    [entry] = document.xpath(f"//article[@id='{row['criterion']}']")

    beside = {words(d[0]): words(d[1]) for d in entry.xpath(".//dl/div")}

    assert beside == {
        "Declared by the provider": "met",
        "Verified in the text": {"partly": "partly met", "not_met": "not met"}.get(row["finding"], row["finding"]),
        "contested by the provider": "Read it again. Legal <team>, 1 September 2025",
    }
    assert "contested by the provider" in [words(t) for t in entry.xpath(".//span[@class='tag']")]


def test_the_list_has_a_feed_and_files_of_its_own(site: Path, edition: Edition) -> None:
    feed = etree.fromstring((site / "providers/list.atom").read_bytes())
    whole = json.loads((site / "providers/list.json").read_text(encoding="utf-8"))
    document = page(site / "providers/index.html")
    titles = feed.xpath("//*[local-name()='entry']/*[local-name()='title']/text()")
    files = [a.get("href") for a in document.xpath("//section[@aria-labelledby='list-rule']//a[@download]")]

    assert len(titles) == len(set(feed.xpath("//*[local-name()='entry']/*[local-name()='id']/text()")))
    assert len(titles) == edition.table("provider_history").height == len(whole["history"])
    assert {"Alcove is on the list", "Beacon is not on the list"} < set(titles)
    assert len(whole["cells"]) == edition.table("provider_list").height
    assert [(site / "providers" / f).resolve().name for f in files if (site / "providers" / f).is_file()] == [
        "provider_list.csv", "provider_history.csv", "list.json",
    ]  # fmt: skip


def test_a_quoted_sentence_stands_verbatim_and_escaped_with_its_place(site: Path, builder: ModuleType) -> None:
    document = page(site / "providers/alcove/index.html")

    assert builder.QUOTE in [q.text_content() for q in document.xpath("//blockquote/p")]
    assert "alcove/tos · 10 June 2025 · characters 1,204 to 1,300" in [
        words(f) for f in document.xpath("//blockquote/footer")
    ]
    assert "<to run>" not in (site / "providers/alcove/index.html").read_text()


def test_a_number_opens_to_its_inputs_hashes_and_code(site: Path) -> None:
    [making] = page(site / "threats/B032/index.html").xpath("//figure[@id='by-month']//dl[@class='making']")

    assert "1f" * 32 in words(making)
    assert "3d" * 32 in words(making)
    assert "counts.class-month" in words(making)


def test_tables_that_lack_complementary_suppression_are_named(site: Path) -> None:
    assert "complementary suppression is not yet applied to class-age-sex, class-area" in words(
        page(site / "methods/index.html")
    )


def test_synthetic_data_is_announced_on_every_page(site: Path) -> None:
    assert all("Synthetic data." in words(page(p).xpath("//body")[0]) for p in pages(site))


def test_the_downloads_are_the_files_of_the_edition(site: Path, edition: Edition) -> None:
    given = {p.relative_to(edition.path): p.read_bytes() for p in edition.path.rglob("*") if p.is_file()}
    offered = {
        p.relative_to(site / "data/edition"): p.read_bytes() for p in (site / "data/edition").rglob("*") if p.is_file()
    }

    assert offered == given


def test_the_same_edition_gives_the_same_bytes_and_a_site_is_replaced_whole(
    site: Path, edition: Edition, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("an older site")
    (folder / "gone.html").write_text("an older page")

    summary = write_site(edition, folder)

    one, other = ({p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in (site, folder))
    assert one.keys() == other.keys()
    assert [str(n) for n in one if one[n] != other[n]] == []
    assert [p.name for p in tmp_path.iterdir()] == ["site"]
    assert summary.files == len(one)
    assert summary.pages == len([n for n in one if n.suffix == ".html"])


def test_a_build_that_fails_leaves_the_old_site(
    edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("the old site")

    def fails(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(module, "_map", fails)
    monkeypatch.setattr(module.threats, "pages", lambda facts: iter(()))
    monkeypatch.setattr(module.indicators, "pages", lambda facts: iter(()))
    with pytest.raises(OSError, match="no space"):
        write_site(edition, folder)

    assert [p.relative_to(tmp_path).as_posix() for p in sorted(tmp_path.rglob("*"))] == ["site", "site/index.html"]
    assert (folder / "index.html").read_text() == "the old site"


def test_two_renames_replace_a_site_where_folders_cannot_be_exchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_exchange", lambda one, other: False)
    for name in ("new", "site"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name)

    module._replace(tmp_path / "new", tmp_path / "site")

    assert (tmp_path / "site/index.html").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_a_folder_that_is_no_site_is_not_replaced(edition: Edition, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("kept")

    with pytest.raises(Refused, match="is not a site and would be replaced"):
        write_site(edition, tmp_path)
    assert (tmp_path / "precious.txt").read_text() == "kept"


def test_an_edition_with_nothing_in_it_gives_a_site_that_says_so(builder: ModuleType, tmp_path: Path) -> None:
    about = builder.contents().about
    edition = open_edition(builder.write(tmp_path, given=builder.Contents(about=about)))

    write_site(
        edition,
        tmp_path / "site",
        base_url="https://observatory.example.org/cop/",
        attachments={"report.pdf": edition.path / "edition.json"},
    )

    assert "This edition has no indicators." in words(page(tmp_path / "site/indicators/index.html"))
    assert "<loc>https://observatory.example.org/cop/threats/</loc>" in (tmp_path / "site/sitemap.xml").read_text()
    assert 'href="/cop/assets/site.css"' in (tmp_path / "site/404.html").read_text()
    assert (tmp_path / "site/data/report.pdf").is_file()


@pytest.mark.parametrize(
    ("target", "here", "expected"),
    [
        ("", "", "index.html"),
        ("threats/", "", "threats/index.html"),
        ("", "threats/B032/", "../../index.html"),
        ("threats/B03/", "threats/B032/", "../B03/index.html"),
        ("methods/#disclosure", "data/", "../methods/index.html#disclosure"),
        ("assets/site.css", "documents/HG-CP/1/4/", "../../../../assets/site.css"),
    ],
)
def test_links_are_relative_to_the_page(target: str, here: str, expected: str) -> None:
    assert relative(target, here) == expected


def test_a_name_that_a_page_was_not_given_is_an_error_and_a_left_out_key_is_nothing() -> None:
    environment = Environment(undefined=Gap, autoescape=True)

    assert environment.from_string("[{{ node.name }}{% if node.name %}x{% endif %}]").render(node={}) == "[]"
    with pytest.raises(UndefinedError):
        environment.from_string("{{ nodee }}").render(node={})
    with pytest.raises(UndefinedError):
        environment.from_string("{% if nodee %}x{% endif %}").render(node={})
