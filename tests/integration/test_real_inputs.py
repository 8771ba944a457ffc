"""The road over real inputs: an edition that verifies, figures that agree with those their publishers printed."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from cop.editions.read import Edition, open_edition
from cop.editions.verify import verify

pytestmark = pytest.mark.xdist_group("real")


def place(root: Path, shared: Path, folder: Path) -> Path:
    """A copy of tests/real whose paths lead to the shared data from wherever it stands."""
    shutil.copytree(
        root / "tests/real", folder, ignore=shutil.ignore_patterns("work", "vault", "editions", "site", "keys")
    )
    for path in (folder / "observatory.toml", *folder.glob("surveys/*.toml")):
        text = path.read_text(encoding="utf-8")
        text = text.replace("../../../../shared", str(shared)).replace("../../../shared", str(shared))
        path.write_text(text, encoding="utf-8")
    return folder


def build(folder: Path) -> dict[str, object]:
    program = Path(sys.executable).parent / "cop"
    done = subprocess.run([program, "build", folder, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def built(root: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = place(root, shared, tmp_path_factory.mktemp("real") / "observatory")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def edition(built: Path) -> Edition:
    return open_edition(built / "editions" / (built / "editions/newest").read_text().strip())


def test_the_edition_verifies_by_a_known_signer(built: Path, edition: Edition) -> None:
    from cop.editions.verify import known_signers

    found = verify(edition.path, known=known_signers(built / "keys/known"))

    assert (found.whole, found.known) == (True, True)


def test_the_survey_reproduces_the_published_percentages_of_2021(shared: Path, edition: Edition) -> None:
    codes = {"qn24": "THR.CYBERBULLY_12M", "qn23": "THR.SCHOOL_BULLY_12M"}
    with (shared / "data/statistics/yrbs/published_headlines.csv").open(encoding="utf-8") as handle:
        published = [r for r in csv.DictReader(handle) if r["year"] == "2021"]
    estimates = edition.table("estimates").filter(pl.col("domain") == "_T")
    ours = dict(estimates.select("indicator", "estimate").iter_rows())

    assert published
    for row in published:
        assert f"{ours[codes[row['variable']]]:.1f}" == row["published_pct"]


def test_the_survey_agrees_with_the_official_codebook(shared: Path, edition: Edition) -> None:
    with (shared / "data/statistics/yrbs/official_codebook_2021.csv").open(encoding="utf-8") as handle:
        official = [
            r for r in csv.DictReader(handle) if "electronically bullied" in r["text"].lower() and r["code"] == "1"
        ]
    total = edition.table("estimates").filter(
        (pl.col("domain") == "_T") & (pl.col("indicator") == "THR.CYBERBULLY_12M")
    )

    assert [f"{total['estimate'][0]:.1f}"] == [r["weighted_pct"] for r in official]


def test_the_survey_agrees_with_r_in_every_domain_that_both_have(shared: Path, edition: Edition) -> None:
    names = {"eb": "THR.CYBERBULLY_12M", "sb": "THR.SCHOOL_BULLY_12M"}
    short = {"Female": "F", "Male": "M"}
    reference = {}
    with (shared / "data/statistics/yrbs/R_survey_reference.csv").open(encoding="utf-8") as handle:
        for r in csv.DictReader(handle):
            if r["year"] == "2021":
                pairs = [part.split("=") for part in r["domain"].split(";")] if r["domain"] != "Total" else []
                domain = ";".join(f"{k}={short.get(v, v)}" for k, v in pairs) or "_T"
                reference[names[r["var"]], domain] = (float(r["pct"]), float(r["se"]))
    ours = {
        (i, d): (e, s)
        for i, d, e, s in edition.table("estimates")
        .drop_nulls("se")
        .select("indicator", "domain", "estimate", "se")
        .iter_rows()
    }
    both = ours.keys() & reference.keys()

    assert len(both) >= 30
    for key in both:
        assert ours[key] == pytest.approx(reference[key], rel=1e-8), key


def test_the_hotline_totals_add_up_to_the_official_ones(edition: Edition) -> None:
    series = edition.table("series").filter(pl.col("dataset").str.contains("cybertip|ocse|country", literal=False))
    by_country = series.filter(pl.col("dataset").str.contains("country")).group_by("period").agg(pl.col("value").sum())

    # NCMEC CyberTipline, reports by year: 2019 16,987,361; 2020 21,751,085; 2021 29,397,681; 2022 32,059,029
    assert dict(by_country.sort("period").iter_rows()) == {
        "2019": 16_987_361.0, "2020": 21_751_085.0, "2021": 29_397_681.0, "2022": 32_059_029.0,
    }  # fmt: skip


def test_every_report_is_counted_once(edition: Edition) -> None:
    counts = edition.table("counts").filter((pl.col("table") == "class-month") & (pl.col("period") == "_T"))
    total = counts.filter(pl.col("code") == "_T")["value"][0]
    accepted = sum(r["accepted"] for r in edition.metadata("quality")["records"])

    assert total == accepted
    assert accepted > 144


def test_every_quote_is_a_passage_of_its_document(shared: Path, edition: Edition) -> None:
    documents = shared / "data/terms/documents"
    wrong = []
    for row in edition.table("findings").iter_rows(named=True):
        provider, kind = row["document"].split("/")[:2]
        path = next(documents.glob(f"{provider}__{kind}__{row['version']}.md"))
        text = path.read_text(encoding="utf-8")
        wrong += [e for e in json.loads(row["evidence"]) if text[e["start"] : e["end"]] != e["quote"]]

    assert wrong == []


def test_no_narrative_is_in_the_edition_the_site_or_the_vault(shared: Path, built: Path) -> None:
    with (shared / "data/threats/report_summaries_dev.jsonl").open(encoding="utf-8") as handle:
        texts = [json.loads(line)["text"].encode() for line in handle]
    canaries = [t[10:60] for t in texts if len(t) > 80]
    held = b"".join(
        p.read_bytes()
        for part in ("editions", "site", "vault", "work")
        for p in (built / part).rglob("*")
        if p.is_file()
    )

    assert [c for c in canaries if c in held] == []


def test_a_second_build_elsewhere_gives_the_same_edition(root: Path, shared: Path, built: Path, tmp_path: Path) -> None:
    other = place(root, shared, tmp_path / "deeper" / "elsewhere")
    build(other)

    assert (other / "editions/newest").read_text() == (built / "editions/newest").read_text()
    name = (other / "editions/newest").read_text().strip()
    assert (other / "editions" / name / "SHA256SUMS").read_bytes() == (
        built / "editions" / name / "SHA256SUMS"
    ).read_bytes()
