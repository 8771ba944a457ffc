"""The description of an observatory: each fault is one line that names the file and the field."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.config.observatory import NAME, read_observatory
from cop.kernel.errors import CopError, NotFound, Refused
from cop.kernel.sealing import Recipient

LINE = Recipient("Analyst One", bytes(range(32))).line()
WHOLE = f"""
[observatory]
id = "t"
title = "T"
organisation = "O"
group = "T-CP"

[release]
date = 2026-01-15
period = "2024-01/2025-12"

[vault]
database = "vault/vault.sqlite3"
recipients = ["{LINE}"]

[areas]
XAL = "Alpha"

[[reports]]
id = "r"
title = "R"
files = ["inputs/*.csv"]

[[surveys]]
description = "s.toml"

[[series]]
id = "s"
title = "S"
file = "s.csv"
format = "csv"
source = "Office"
mapping = {{ area = "iso3", period = "year", value = "n" }}

[[providers]]
id = "p"
name = "P"
[[providers.documents]]
kind = "tos"
title = "Terms"
versions = [{{ date = 2025-01-01, file = "p.md" }}]

[[meetings]]
file = "m.json"
"""


def read(folder: Path, text: str) -> str:
    """What is said of a description: empty when it is accepted."""
    (folder / NAME).write_text(text, encoding="utf-8")
    try:
        read_observatory(folder)
    except CopError as error:
        return str(error)
    return ""


def test_the_whole_description_is_accepted_and_reads_back(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(WHOLE)
    observatory = read_observatory(tmp_path)

    assert observatory.folder == tmp_path
    assert observatory.observatory.languages == ("en",)
    assert observatory.release.threshold == 5
    assert [r.name for r in observatory.recipients] == ["Analyst One"]
    assert [(p.id, p.documents[0].kind) for p in observatory.providers] == [("p", "tos")]
    assert observatory.known_areas.name("XAL") == "Alpha"
    assert (observatory.report.folder, observatory.report.to) == ("inputs/report", "Council")


PROVIDER_TWICE = '\n[[providers]]\nid = "p"\nname = "Q"\nfolder = "x"\n'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[vault]", "[gossip]\nx = 1\n[vault]", 'observatory.toml, field gossip: is not a field of an observatory\'s description'),
        ('id = "t"', 'id = "T t"', 'observatory.toml, field observatory.id: "T t" will not do (expected match pattern'),
        ('id = "t"\n', "", "observatory.toml, field observatory.id: is missing"),
        ('title = "T"', 'title = "T"\nmotto = "x"', 'field observatory.motto: is not a field of an observatory\'s description'),
        ('group = "T-CP"', 'group = "T-CP"\nlanguages = ["de"]', "field observatory.languages[0]: \"de\" will not do (expected 'ar'"),
        ("date = 2026-01-15", 'date = "soon"', 'field release.date: "soon" will not do (expected a valid date'),
        ('"2024-01/2025-12"', '"2024-01"', "field release.period: is not a span of periods (expected FIRST/LAST"),
        ('"2024-01/2025-12"', '"2025-12/2024-01"', "field release.period: is not a span of periods"),
        ('"2024-01/2025-12"', '"2024-13/2025-12"', "field release.period: is not a span of periods"),
        ('"2024-01/2025-12"', '"2024-01/2025-12"\nthreshold = 0', 'field release.threshold: "0" will not do (expected greater than'),
        ('XAL = "Alpha"', 'FRA = "France"', 'field areas: "FRA" is not a user-assigned code (expected XAA to XZZ'),
        ('XAL = "Alpha"', 'Xal = "Alpha"', 'field areas: "Xal" is not a user-assigned code'),
        (LINE, "somebody", 'field vault.recipients: "somebody" is not a recipient (expected "cop-recipient BASE64 NAME"'),
        (LINE, "cop-recipient é x", 'field vault.recipients: "cop-recipient é x" is not a recipient'),
        ('"vault/vault.sqlite3"', '"mysql://u@h/d"', 'field vault.database: "mysql://…" is no database of ours'),
        ('files = ["inputs/*.csv"]', "files = []", "field reports[0].files: \"[]\" will not do (expected have at least 1 item"),
        ('id = "r"', 'id = "r"\non_reject = "skip"', "field reports[0].on_reject: \"skip\" will not do (expected 'stop' or 'set aside'"),
        ('id = "r"', 'id = "r"\ndefaults = { country = "FRX" }', 'field reports.r.defaults.country: "FRX" is no known country'),
        ('id = "r"', 'id = "r"\ndefaults = { colour = "red" }', 'field reports.r.defaults: "colour" is no field of a report'),
        ('id = "r"', 'id = "r"\ncolumns = { story = "x" }', 'field reports.r.columns: "story" is no field of a report'),
        ('id = "r"', 'id = "r"\ndefaults = { sex = "f" }', 'field reports.r.defaults.sex: "f" is not in the code list'),
        ('format = "csv"', 'format = "xlsx"', "field series[0].format: \"xlsx\" will not do (expected 'sdmx-ml', 'sdmx-csv' or 'csv'"),
        ('mapping = { area = "iso3", period = "year", value = "n" }', "", "field series[0]: mapping is for the format csv"),
        ('format = "csv"', 'format = "sdmx-csv"', "field series[0]: mapping is for the format csv"),
        ('area = "iso3"', 'country = "iso3"', 'field series[0].mapping.country: is not a field of an observatory\'s description'),
        ('id = "p"', 'id = "p"\nfolder = "x"', "field providers[0]: a provider has either documents, a folder or a declaration"),
        ('kind = "tos"', 'kind = "blog"', "field providers[0].documents[0].kind: \"blog\" will not do (expected 'tos' or 'privacy'"),
        ("date = 2025-01-01, file", "file", "field providers[0].documents[0].versions[0].date: is missing"),
        ("[[meetings]]", PROVIDER_TWICE + "[[meetings]]", 'field providers.id: "p" is used twice (expected one id each)'),
        ("[observatory]", "[observatory", "observatory.toml: the file is not TOML: "),
        ("[observatory]", "x = " + "[" * 3000, "observatory.toml: the file is not TOML"),
    ],
)  # fmt: skip
def test_a_fault_is_one_line_with_file_and_field(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in WHOLE
    said = read(tmp_path, WHOLE.replace(old, new, 1))

    assert message in said
    assert said.startswith("observatory.toml")
    assert "\n" not in said


def test_a_provider_without_documents_or_folder_is_refused(tmp_path: Path) -> None:
    text = re.sub(r"\[\[providers\.documents\]\].*?\n\n", "\n", WHOLE, flags=re.DOTALL)

    assert "a provider has either documents, a folder or a declaration" in read(tmp_path, text)


def test_the_number_of_further_faults_is_said(tmp_path: Path) -> None:
    said = read(tmp_path, WHOLE.replace('id = "r"', 'id = "R!"').replace('id = "s"', 'id = "S!"'))

    assert said.startswith('observatory.toml, field reports[0].id: "R!" will not do (')
    assert said.endswith("; 1 more to mend in the file")


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(WHOLE.encode("utf-16"))

    with pytest.raises(Refused, match="the file is not TOML"):
        read_observatory(tmp_path)


def test_a_folder_without_a_description_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(
        NotFound, match=r"no observatory\.toml in .* \(expected a folder that `cop init` made, or --dir\)"
    ):
        read_observatory(tmp_path)


@given(
    text=st.text(max_size=200) | st.from_regex(r'\[(\[?)(observatory|release|reports|x)\]?\]\n(id|date|x) = ["\[{2]?.*')
)
def test_any_text_is_a_description_or_one_line(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    assert "\n" not in read(tmp_path_factory.mktemp("d"), text.encode(errors="replace").decode())


# --- the files it names


def test_a_pattern_names_its_files_in_order_and_no_folder(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(WHOLE)
    (tmp_path / "inputs" / "folder.csv").mkdir(parents=True)
    for name in ("b.csv", "a.csv", "c.txt"):
        (tmp_path / "inputs" / name).write_text("x")

    assert [p.name for p in read_observatory(tmp_path).files("inputs/*.csv", field="f")] == ["a.csv", "b.csv"]


@pytest.mark.parametrize("pattern", ["inputs/none.csv", "inputs/*.none", "inputs", "/none/*.csv", "/none/a.csv"])
def test_a_name_or_pattern_without_a_file_is_not_found(tmp_path: Path, pattern: str) -> None:
    (tmp_path / NAME).write_text(WHOLE)
    (tmp_path / "inputs").mkdir()

    with pytest.raises(NotFound) as error:
        read_observatory(tmp_path).files(pattern, field="reports.r.files")

    assert str(error.value) == f'observatory.toml, field reports.r.files: "{pattern}" names no file'


def test_an_absolute_pattern_names_files_anywhere(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "here" / NAME).write_text(WHOLE)
    (tmp_path / "there" / "a.csv").write_text("x")

    found = read_observatory(tmp_path / "here").files(f"{tmp_path}/there/*.csv", field="f")
    assert found == [tmp_path / "there" / "a.csv"]


# --- the desk and its backups


def test_the_coding_desk_has_limits_of_its_own_within_bounds(tmp_path: Path) -> None:
    from cop.vault.coding.rules import AUDIT_RATE, LIMITS, Limits

    (tmp_path / NAME).write_text(WHOLE, encoding="utf-8")
    plain = read_observatory(tmp_path).coding
    (tmp_path / NAME).write_text(
        WHOLE + "[coding]\ndaily_cap = 40\nbreak_after_records = 10\nbreak_after_minutes = 30\nhold_minutes = 15\n"
        "audit_rate = 0.2\n",
        encoding="utf-8",
    )
    own = read_observatory(tmp_path).coding

    assert (plain.limits, plain.audit_rate) == (LIMITS, AUDIT_RATE)
    assert (own.limits, own.audit_rate) == (Limits(40, 10, 30, 15), 0.2)
    for fault in ("daily_cap = 0", "daily_cap = 201", "hold_minutes = 0", "audit_rate = 0", "audit_rate = 1.5"):
        (tmp_path / NAME).write_text(f"{WHOLE}[coding]\n{fault}\n", encoding="utf-8")
        with pytest.raises(Refused, match=f"coding.{fault.split()[0]}"):
            read_observatory(tmp_path)


def test_limits_of_the_desk_have_bounds_and_recipients_of_backups_are_keys(tmp_path: Path) -> None:
    assert "desk.body_kilobytes" in read(tmp_path, WHOLE + "[desk]\nbody_kilobytes = 12\n")
    assert "desk.proxies" in read(tmp_path, WHOLE + "[desk]\nproxies = -1\n")
    assert "desk.reports_to" in read(tmp_path, WHOLE + '[desk]\nreports_to = "No Slug"\n')
    assert "is not a recipient" in read(tmp_path, WHOLE + '[backup]\nrecipients = ["somebody"]\n')
    assert read(tmp_path, WHOLE + "[desk]\nbody_kilobytes = 512\n[backup]\nkeep = 3\n") == ""


# --- the model that `cop init` writes


def template() -> str:
    """The text of the model."""
    return (files("cop.config") / "template" / "observatory.toml").read_text(encoding="utf-8")


def test_the_model_of_init_is_a_valid_description(tmp_path: Path) -> None:
    assert read(tmp_path, template()) == ""


def test_the_model_of_init_is_valid_with_its_examples_taken_in(tmp_path: Path) -> None:
    """Every commented setting may have its comment sign taken off."""
    lines = [re.sub(r"^# (?=\[|\w+ = )", "", line) for line in template().splitlines()]
    (tmp_path / NAME).write_text("\n".join(lines), encoding="utf-8")

    observatory = read_observatory(tmp_path)
    named = ("areas", "reports", "surveys", "series", "providers", "meetings")
    assert [n for n in named if not getattr(observatory, n)] == []
