"""The harbour example is what its README claims: complete, synthetic, and made again byte for byte."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest
import yaml

PLATFORMS = {
    "social",
    "messaging_open",
    "messaging_e2ee",
    "video_sharing",
    "live_streaming",
    "online_game",
    "forum",
    "marketplace",
    "app_store",
    "search",
    "adult_service",
    "dating",
    "ai_service",
    "cloud_host",
    "website",
    "email_sms_voice",
    "dark_web",
    "ed_tech",
    "device",
    "not_recorded",
    "unknown",
}
AGE_BANDS = {"0-2", "3-6", "7-9", "10-12", "13-15", "16-17", "not_recorded", "unknown"}
SEXES = {"girl", "boy", "other", "not_recorded", "unknown"}
CHANNELS = {
    "hotline",
    "helpline",
    "platform",
    "police",
    "school",
    "survey",
    "proactive",
    "trusted_flagger",
    "not_recorded",
    "unknown",
}
REPORTERS = {"child", "parent", "professional", "peer", "public", "automated", "not_recorded", "unknown"}
MONTHS = {f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)}
LANGUAGES = {"XAL": {"en", "fr"}, "XBR": {"ru", "en"}, "XCO": {"ar", "fr"}, "XDU": {"zh", "es"}}
SCRIPTS = {"ar": r"[\u0621-\u064a]", "ru": r"[\u0400-\u04ff]", "zh": r"[\u4e00-\u9fff]"}
HOST = re.compile(r"(?:https?://|@)([A-Za-z0-9.-]*[A-Za-z0-9])", re.IGNORECASE)
RESERVED = re.compile(r"(.+\.)?example\.(org|net|com)")


@pytest.fixture(scope="module")
def harbour(root: Path) -> Path:
    return root / "examples" / "harbour"


@pytest.fixture(scope="module")
def described(harbour: Path) -> dict[str, Any]:
    return tomllib.loads((harbour / "observatory.toml").read_text(encoding="utf-8"))


def rows_of(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return pl.read_parquet(path).to_dicts()


@pytest.fixture(scope="module")
def records(harbour: Path, described: dict[str, Any]) -> list[dict[str, str]]:
    """Every report in our field names, as the description maps it."""
    found: list[dict[str, str]] = []
    for source in described["reports"]:
        ours = {theirs: name for name, theirs in source.get("columns", {}).items()}
        ours |= {"lang": "language"}
        for name in source["files"]:
            for row in rows_of(harbour / name):
                record = {
                    ours.get(column, column): "" if value is None else str(value) for column, value in row.items()
                }
                found.append(source.get("defaults", {}) | record)
    return found


def test_there_are_six_thousand_reports_and_no_id_twice(records: list[dict[str, str]]) -> None:
    assert len(records) == 6000
    assert len({record["id"] for record in records}) == 6000


def test_every_area_writes_in_its_own_two_languages(records: list[dict[str, str]]) -> None:
    spoken = {area: {r["language"] for r in records if r["country"] == area} for area in LANGUAGES}

    assert spoken == LANGUAGES
    assert Counter(r["country"] for r in records) == {"XAL": 1800, "XBR": 1500, "XCO": 1300, "XDU": 1400}


@pytest.mark.parametrize("language", sorted(SCRIPTS))
def test_a_narrative_is_in_the_script_of_its_language(records: list[dict[str, str]], language: str) -> None:
    for record in records:
        letters = len(re.findall(SCRIPTS[language], record["narrative"]))
        assert (letters > 0) == (record["language"] == language), record["id"]


def test_every_area_has_reports_in_each_of_the_24_months(records: list[dict[str, str]]) -> None:
    for area in LANGUAGES:
        assert {r["date"][:7] for r in records if r["country"] == area} == MONTHS


def test_every_date_is_one(records: list[dict[str, str]]) -> None:
    assert pl.Series([r["date"] for r in records]).str.to_date("%Y-%m-%d", strict=True).null_count() == 0


@pytest.mark.parametrize(
    ("field", "allowed"),
    [
        ("platform", PLATFORMS),
        ("age_band", AGE_BANDS),
        ("sex", SEXES),
        ("channel", CHANNELS),
        ("reporter", REPORTERS),
    ],
)
def test_a_field_holds_only_codes_of_its_list(records: list[dict[str, str]], field: str, allowed: set[str]) -> None:
    assert {record[field] for record in records} - allowed == set()


def test_narratives_repeat_seldom_and_hold_no_slot_left_open(records: list[dict[str, str]]) -> None:
    texts = [record["narrative"] for record in records]

    assert len(set(texts)) > 5950
    assert [text for text in texts if re.search(r"[\[\]{}<>|/]|  | [,.]", text) or len(text) < 12] == []


def test_true_codes_are_apart_from_the_inputs_and_complete(
    harbour: Path, records: list[dict[str, str]], root: Path
) -> None:
    truth = {row["id"]: row["code"] for row in rows_of(harbour / "truth.csv")}
    sections = [
        yaml.safe_load(path.read_text(encoding="utf-8")) for path in (root / "catalogue" / "threats").glob("?.yaml")
    ]
    codes = {entry["code"] for section in sections for entry in section["classes"]}
    parents = {code for code in codes if any(other != code and other.startswith(code) for other in codes)}

    assert set(truth) == {record["id"] for record in records}
    assert set(truth.values()) <= codes - parents
    assert len(set(truth.values())) >= 24
    assert {code[0] for code in truth.values()} == set("ABCDEFGHZ")
    assert "truth" not in (harbour / "observatory.toml").read_text(encoding="utf-8")
    assert not any("code" in record for record in records)


def test_every_language_has_three_frames_for_every_code(harbour: Path) -> None:
    used = {row["code"] for row in rows_of(harbour / "truth.csv")}
    books = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in (harbour / "phrases").iterdir()}

    assert set(books) == {"ar", "en", "es", "fr", "ru", "zh"}
    for book in books.values():
        assert set(book["frames"]) == used
        assert min(len(frames) for frames in book["frames"].values()) >= 3


def test_financial_sexual_extortion_rises_in_one_country_and_altered_imagery_in_the_group(
    harbour: Path, records: list[dict[str, str]]
) -> None:
    truth = {row["id"]: row["code"] for row in rows_of(harbour / "truth.csv")}
    cells = Counter((r["country"], r["date"][:4], truth[r["id"]]) for r in records)
    years = Counter((r["country"], r["date"][:4]) for r in records)

    def growth(code: str, *areas: str) -> float:
        then, now = (
            sum(cells[area, year, code] for area in areas) / sum(years[area, year] for area in areas)
            for year in ("2024", "2025")
        )
        return now / then

    assert growth("B032", "XBR") > 1.7
    assert growth("B032", "XAL", "XCO", "XDU") < 1.4
    assert growth("A02", *LANGUAGES) > 1.4
    assert growth("H03", *LANGUAGES) > 1.4


def test_bullying_follows_the_school_terms(harbour: Path, records: list[dict[str, str]]) -> None:
    truth = {row["id"]: row["code"] for row in rows_of(harbour / "truth.csv")}
    months = Counter(r["date"][5:7] for r in records if truth[r["id"]] == "C01")

    assert (
        max(months["07"], months["08"]) < min(count for month, count in months.items() if month not in {"07", "08"}) / 2
    )


def test_no_address_leads_to_a_real_host(harbour: Path, records: list[dict[str, str]]) -> None:
    texts = [value for record in records for value in record.values()]
    written = [p for p in (harbour / "inputs").rglob("*") if p.suffix in {".html", ".md", ".json"}]
    texts += [path.read_text(encoding="utf-8") for path in written]
    hosts = {host for text in texts for host in HOST.findall(text)}

    assert len(hosts) > 10
    assert {host for host in hosts if not RESERVED.fullmatch(host)} == set()


def test_making_the_inputs_again_gives_the_same_bytes(harbour: Path, tmp_path: Path) -> None:
    environment = os.environ | {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    subprocess.run(
        [sys.executable, str(harbour / "make.py"), "--into", str(tmp_path)], check=True, env=environment, timeout=120
    )
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())

    assert len(made) == 15
    assert [str(name) for name in made if (tmp_path / name).read_bytes() != (harbour / name).read_bytes()] == []
    assert sum((harbour / name).stat().st_size for name in made) < 4_000_000


def test_every_file_that_the_description_names_is_there(harbour: Path, described: dict[str, Any]) -> None:
    named = [name for source in described["reports"] for name in source["files"]]
    named += [survey["description"] for survey in described["surveys"]]
    named += [series[key] for series in described["series"] for key in ("file", "structure") if key in series]
    named += [
        version["file"]
        for provider in described["providers"]
        for document in provider["documents"]
        for version in document["versions"]
    ]
    named += [meeting["file"] for meeting in described["meetings"]]

    assert [name for name in named if not (harbour / name).is_file()] == []
    assert set(described["areas"]) == set(LANGUAGES)
    assert described["observatory"]["synthetic"] is True


def test_each_survey_has_its_format_a_design_and_the_right_size(harbour: Path) -> None:
    folder = harbour / "inputs" / "surveys"
    frames = {
        "xal.csv": pl.read_csv(folder / "xal.csv"),
        "xbr.parquet": pl.read_parquet(folder / "xbr.parquet"),
        "xco.sav": pyreadstat.read_sav(folder / "xco.sav", output_format="polars")[0],
        "xdu.dta": pyreadstat.read_dta(folder / "xdu.dta", output_format="polars")[0],
    }
    totals = {"xal.csv": 184_000, "xbr.parquet": 412_000, "xco.sav": 655_000, "xdu.dta": 301_000}
    for name, frame in frames.items():
        assert 900 <= frame.height <= 1500, name
        assert (frame["age"].min(), frame["age"].max()) == (9, 17), name
        assert frame["weight"].sum() == pytest.approx(totals[name], abs=0.1)
        assert frame.group_by("stratum").agg(pl.col("psu").n_unique())["psu"].min() >= 6, name
        assert set(frame["ebully"].drop_nulls().to_list()) == {1, 2}, name


def test_bullying_is_commonest_among_girls_of_13_to_15_in_every_survey(harbour: Path) -> None:
    folder = harbour / "inputs" / "surveys"
    frames = [
        pl.read_csv(folder / "xal.csv"),
        pl.read_parquet(folder / "xbr.parquet"),
        pyreadstat.read_sav(folder / "xco.sav", output_format="polars")[0],
        pyreadstat.read_dta(folder / "xdu.dta", output_format="polars")[0],
    ]
    for frame in frames:
        valid = frame.drop_nulls("ebully").with_columns(
            target=(pl.col("sex") == 2) & pl.col("age").is_between(13, 15), bullied=(pl.col("ebully") == 1)
        )
        shares = dict(valid.group_by("target").agg(pl.col("bullied").mean()).rows())
        assert shares[True] > 1.4 * shares[False]


def test_providers_have_two_versions_of_two_documents_and_one_silent_change(
    harbour: Path, described: dict[str, Any]
) -> None:
    visible = re.compile(r"\d{1,2} (?:January|February|March|April|June|September) 20\d\d")
    silent: list[str] = []
    for provider in described["providers"]:
        assert [document["kind"] for document in provider["documents"]] == ["tos", "privacy"]
        for document in provider["documents"]:
            texts = [(harbour / version["file"]).read_text(encoding="utf-8") for version in document["versions"]]
            assert len(texts) == 2
            assert texts[0] != texts[1]
            for text in texts:
                plain = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", text, flags=re.DOTALL)
                assert 900 <= len(plain.split()) <= 2500
            if visible.findall(texts[0]) == visible.findall(texts[1]):
                silent.append(f"{provider['id']} {document['kind']}")

    assert silent == ["moorlight privacy"]


def test_the_meeting_numbers_eight_documents_of_the_group(harbour: Path, described: dict[str, Any]) -> None:
    facts = json.loads((harbour / "inputs" / "meetings" / "hg-cp-1.json").read_text(encoding="utf-8"))
    group = described["observatory"]["group"]

    assert facts["group"]["code"] == group
    assert [document["number"] for document in facts["documents"]] == [f"{group}/1/{n}" for n in range(1, 9)]
    assert "decision" in {outcome["kind"] for outcome in facts["outcomes"]}


@pytest.mark.parametrize("name", ["foreword", "activities", "recommendations"])
def test_the_secretariat_wrote_its_sections(harbour: Path, name: str) -> None:
    words = len((harbour / "inputs" / "report" / f"{name}.md").read_text(encoding="utf-8").split())

    assert 200 <= words <= 400


def test_the_totals_of_the_series_are_the_reports_of_the_years(harbour: Path, records: list[dict[str, str]]) -> None:
    rows = rows_of(harbour / "inputs" / "series" / "hotline-totals.csv")
    counted = Counter((r["country"], r["date"][:4]) for r in records)

    assert {(row["iso3"], year): int(row[year]) for row in rows for year in ("2024", "2025")} == counted
