"""Inputs that must be mended: exit 2, one clear line, everything before it kept, nothing half written."""

from __future__ import annotations

import base64
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

Cop = Callable[..., Any]
Make = Callable[..., Path]

GOOD = "narrative,date\nA child of 12 was insulted in a class chat for weeks.,2025-03-02\n"
LONG = base64.b64encode(bytes(range(256)) * 2).decode()
FIELDS = "age_band, channel, country, date, id, narrative, platform, reporter, sex, url"


def rows(*lines: str, head: str = "narrative,date") -> bytes:
    """A CSV file."""
    return "\n".join((head, *lines, "")).encode()


def parquet(columns: dict[str, list[Any]]) -> bytes:
    """A Parquet file."""
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, cop: Cop) -> Path:
    """An observatory whose first file is taken in already, and whose second is missing its columns."""
    folder = tmp_path_factory.mktemp("bad") / "o"
    (folder / "inputs").mkdir(parents=True)
    (folder / "inputs" / "a.csv").write_text(GOOD)
    (folder / "inputs" / "z.csv").write_text("colour\nred\n")
    (folder / "observatory.toml").write_text(
        '[observatory]\nid = "o"\ntitle = "O"\norganisation = "O"\ngroup = "T-CP"\n'
        '[release]\ndate = 2026-01-15\nperiod = "2024-01/2025-12"\n'
        '[[reports]]\nid = "r"\ntitle = "R"\nfiles = ["inputs/*.csv", "inputs/*.jsonl", "inputs/*.parquet"]\n'
    )
    for name in ("keep.jsonl", "keep.parquet"):  # every pattern names a file
        content = b'{"narrative": "An account was taken over.", "date": "2025-01-01"}\n'
        if name.endswith("parquet"):
            content = parquet({"narrative": ["An account was taken over."], "date": ["2025-01-01"]})
        (folder / "inputs" / name).write_bytes(content)
    assert cop("build", folder).code == 2
    return folder


@pytest.fixture
def refused(base: Path, tmp_path: Path, cop: Cop) -> Callable[[str, bytes], str]:
    """Build with one more file; the one line that is said. What was kept and what was not written is checked here."""

    def build(name: str, content: bytes) -> str:
        folder = tmp_path / "o"
        shutil.copytree(base, folder)
        (folder / "inputs" / "z.csv").unlink()
        (folder / "inputs" / name).write_bytes(content)
        done = cop("build", folder)

        assert (done.code, done.out) == (2, ""), done.err
        assert not list(folder.glob("editions/*"))
        assert not (folder / "site").exists()
        assert not (folder / "report").exists()
        left = cop("build", folder, "--dry-run", "--json").json["stages"]
        assert "reports:r:inputs/a.csv" not in left
        assert f"reports:r:inputs/{name}" in left
        line: str = done.refusal
        return line

    return build


ASIDE = "; the file is refused, 1 row of 2 in the rejects table"
FIRST = "A child of 10 saw upsetting content.,2025-01-01"


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        pytest.param(
            "b.csv", rows("x,2025-01-01,red", head="narrative,date,colour"),
            f'b.csv: "colour" is an unknown column (expected one of {FIELDS}, or name it under ignore)',
            id="an unknown column",
        ),
        pytest.param(
            "b.csv", rows("x", head="narrative"),
            "b.csv, field date: the column is missing (expected a column for date)",
            id="a column that is needed and not there",
        ),
        pytest.param(
            "b.csv", rows(FIRST, "x,2025-13-02"),
            f'b.csv row 2, field date: "2025-13-02" is not a date (expected YYYY-MM-DD){ASIDE}',
            id="a bad date",
        ),
        pytest.param(
            "b.csv", rows(FIRST, "x,1889-01-02"),
            f'b.csv row 2, field date: "1889-01-02" is too early (expected 1990-01-01 or later){ASIDE}',
            id="a date before there was a web",
        ),
        pytest.param(
            "b.csv", rows(f"{FIRST},FRA", "x,2025-01-02,FRX", head="narrative,date,country"),
            f'b.csv row 2, field country: "FRX" is no known country (expected an ISO 3166-1 alpha-3 code such as EGY, or one declared under [areas]){ASIDE}',
            id="a country code that does not exist",
        ),
        pytest.param(
            "b.csv", b"", "b.csv: the file is empty (expected a header row and at least one record)", id="an empty file"
        ),
        pytest.param(
            "b.csv", rows(), "b.csv: the file has no record (expected at least one)", id="a header alone"
        ),
        pytest.param(
            "b.jsonl", b"\n\n", "b.jsonl: the file is empty (expected one JSON object a line)", id="an empty JSON Lines file"
        ),
        pytest.param(
            "b.parquet", parquet({"narrative": pa.array([], pa.string()), "date": pa.array([], pa.string())}),
            "b.parquet: the file has no record (expected at least one)",
            id="a Parquet file without rows",
        ),
        pytest.param(
            "b.parquet", b"PAR1 and nothing more", "b.parquet: the file cannot be read as Parquet (expected Parquet)",
            id="a Parquet file that is none",
        ),
        pytest.param(
            "b.csv", rows(FIRST).decode().encode("utf-16"), "b.csv: the file is UTF-16 (expected UTF-8)", id="UTF-16"
        ),
        pytest.param(
            "b.csv", rows(FIRST).decode().encode("utf-16-be"), "b.csv: the file looks like UTF-16 (expected UTF-8 text)",
            id="UTF-16 without a byte order mark",
        ),
        pytest.param(
            "b.csv", rows(FIRST, "Grüße,2025-01-01").decode().encode("latin-1"),
            "b.csv row 2: byte 0xfc at column 3 is not UTF-8 (expected UTF-8)", id="Latin-1",
        ),
        pytest.param(
            "b.csv", rows(FIRST, "a\0b,2025-01-01"), "b.csv row 2: the line holds a NUL byte (expected UTF-8 text)", id="NUL bytes"
        ),
        pytest.param(
            "b.jsonl", b'{"narrative": "a\\u0000b", "date": "2025-01-01"}\n',
            "b.jsonl row 1, field narrative: the narrative holds a NUL character (expected text); the file is refused, 1 row of 1 in the rejects table",
            id="NUL escaped in JSON",
        ),
        pytest.param(
            "b.jsonl", b'{"narrative": "a\\ud800b", "date": "2025-01-01"}\n',
            "b.jsonl row 1: the line holds half of a surrogate pair (expected Unicode text); the file is refused, 1 row of 1 in the rejects table",
            id="half of a surrogate pair",
        ),
        pytest.param(
            "b.csv", rows(FIRST, "=HYPERLINK(A1),2025-01-01"),
            f'b.csv row 2, field narrative: "=HYPERLINK(A1)" begins like a spreadsheet formula (expected plain text){ASIDE}',
            id="a CSV formula",
        ),
        pytest.param(
            "b.csv", rows(FIRST, "\"see data:image/png;base64,AAAA\",2025-01-01"),
            f"b.csv row 2, field narrative: the narrative holds encoded data (expected text only: no file is ever accepted here){ASIDE}",
            id="a data URI",
        ),
        pytest.param(
            "b.csv", rows(FIRST, f"look {LONG},2025-01-01"),
            f"b.csv row 2, field narrative: the narrative holds encoded data (expected text only: no file is ever accepted here){ASIDE}",
            id="a long run of base64",
        ),
        pytest.param(
            "b.csv", rows(FIRST, f"{'word ' * 4001},2025-01-01"),
            f"b.csv row 2, field narrative: the narrative has 20,004 characters (expected at most 20,000){ASIDE}",
            id="a narrative that is too long",
        ),
        pytest.param(
            "b.csv", rows(FIRST, ",2025-01-01"),
            f"b.csv row 2, field narrative: the narrative is missing (expected a text){ASIDE}",
            id="no narrative",
        ),
        pytest.param(
            "b.csv", rows(FIRST, "one,two,2025-01-01"),
            f"b.csv row 2: the record has 3 fields (expected 2, as in the header){ASIDE}",
            id="a ragged row",
        ),
        pytest.param(
            "b.csv", rows(FIRST, '"never closed,2025-01-01'),
            "b.csv row 2: the record cannot be read: unexpected end of data (expected CSV (RFC 4180))",
            id="a quote that is never closed",
        ),
        pytest.param(
            "b.csv", rows(FIRST + ",1", "x,2025-01-02,a\u202eb", head="narrative,date,id"),
            f'b.csv row 2, field id: "a\\x202eb" cannot be a reference (expected at most 100 printable characters){ASIDE}',
            id="bidirectional controls in a reference",
        ),
        pytest.param(
            "b.csv", rows("x,2025-01-02,1", head="narrative,date,\u202e\x1b[31mred"),
            f'b.csv: "\\x202e\\x1b[31mred" is an unknown column (expected one of {FIELDS}, or name it under ignore)',
            id="terminal commands in a column's name",
        ),
        pytest.param(
            "b.csv", rows(FIRST + ",ftp://example.org/x", head="narrative,date,url"),
            'b.csv row 1, field url: "ftp://example.org/x" is not an address (expected http:// or https:// and a host); the file is refused, 1 row of 1 in the rejects table',
            id="an address of another kind",
        ),
        pytest.param(
            "b.csv", rows(FIRST + ",female", head="narrative,date,sex"),
            'b.csv row 1, field sex: "female" is not in the code list (expected girl, boy, other, not_recorded, unknown); the file is refused, 1 row of 1 in the rejects table',
            id="a code that is not in its list",
        ),
        pytest.param(
            "b.jsonl", b'{"narrative": "x", "date": "2025-01-01"}\n' + b"[" * 200_000 + b"\n",
            "b.jsonl row 2: the line is nested too deep (expected one JSON object a line); the file is refused, 1 row of 2 in the rejects table",
            id="deep JSON",
        ),
        pytest.param(
            "b.jsonl", b'{"narrative": "x", "date": "2025-01-01"}\n{"narrative": \n',
            "b.jsonl row 2: the line is not JSON (expected one JSON object a line); the file is refused, 1 row of 2 in the rejects table",
            id="a line that is not JSON",
        ),
        pytest.param(
            "b.jsonl", b'{"narrative": ["x"], "date": "2025-01-01"}\n',
            "b.jsonl row 1, field narrative: a list cannot be a value (expected text); the file is refused, 1 row of 1 in the rejects table",
            id="a list where a text belongs",
        ),
        pytest.param(
            "b.parquet", parquet({"narrative": [b"\xff\xd8\xff"], "date": ["2025-01-01"]}),
            "b.parquet row 1, field narrative: a bytes cannot be a value (expected text); the file is refused, 1 row of 1 in the rejects table",
            id="bytes where a text belongs",
        ),
    ],
)  # fmt: skip
def test_a_file_of_reports_that_must_be_mended(
    refused: Callable[[str, bytes], str], name: str, content: bytes, line: str
) -> None:
    assert refused(name, content) == line


def test_a_line_of_5_gb_is_refused_without_filling_the_memory(measured: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    with path.open("wb") as handle:
        handle.write(b"narrative,date\n")
        handle.truncate(5 << 30)  # a hole: it takes no disk
    short = tmp_path / "short.csv"
    short.write_bytes(b"narrative,date\n" + b"\0" * 10)
    plain = measured("classify", short, "--text", "narrative")
    found = measured("classify", path, "--text", "narrative")

    assert (found.done.code, found.done.out) == (2, "")
    assert found.done.refusal == "b.csv row 1: the line is longer than 1,048,576 bytes (expected one record a line)"
    assert found.peak - plain.peak < 50
    assert found.seconds - plain.seconds < 5


def test_a_record_of_endless_short_lines_is_refused_without_filling_the_memory(
    measured: Callable[..., Any], reports_observatory: Make
) -> None:
    """Each field is short and each line too: only the record never ends."""
    endless = b"narrative,date\n" + b'"a\n",' * 20_000_000
    folder = reports_observatory({"inputs/b.csv": endless})
    small = measured("build", reports_observatory({"inputs/b.csv": rows("x,never")}, name="small"))
    found = measured("build", folder)

    assert found.done.code == 2
    assert (
        found.done.refusal
        == "b.csv row 1: the record cannot be read: it is longer than 1,048,576 characters (expected CSV (RFC 4180))"
    )
    assert found.peak - small.peak < 150  # the file is 100 MB; one record of it may be a mebibyte of one-letter fields


def test_many_bad_rows_do_not_fill_the_memory(measured: Callable[..., Any], reports_observatory: Make) -> None:
    few = reports_observatory({"inputs/b.csv": rows(*["x,never"] * 10)}, name="few")
    many = reports_observatory({"inputs/b.csv": rows(*["x,never"] * 200_000)}, name="many")
    small, large = measured("build", few), measured("build", many)

    assert large.done.refusal.endswith("; the file is refused, 200,000 rows of 200,000 in the rejects table")
    assert large.peak - small.peak < 50


# --- surveys


SURVEY = """id = "s"
title = "S"
area = "FRA"
period = "2025"
file = "s.csv"
[design]
weights = "w"
weights_kind = "population"
strata = "h"
psu = "c"
lonely_psu = "fail"
[domains.sex]
column = "sex"
[[indicator]]
code = "THR.CYBERBULLY_12M"
kind = "proportion"
numerator = "y = 1"
"""
SAMPLE = ["w,h,c,sex,y", "1,1,1,F,1", "2,1,2,M,0", "1,2,1,F,0", "2,2,2,M,1"]


def survey(tmp_path: Path, lines: list[str], text: str = SURVEY) -> Path:
    """A survey's description beside its data."""
    (tmp_path / "s.toml").write_text(text)
    (tmp_path / "s.csv").write_text("\n".join((*lines, "")))
    return tmp_path / "s.toml"


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        pytest.param([*SAMPLE, "-1,1,1,F,1"], 's.csv row 5, field w: "-1" is negative or not finite (expected a weight of 0 or more)', id="a negative weight"),
        pytest.param([*SAMPLE, ",1,1,F,1"], 's.csv row 5, field w: "" is missing (expected a weight of 0 or more)', id="a missing weight"),
        pytest.param(SAMPLE[:1], "s.csv: has no rows (expected a header and at least one row)", id="a header alone"),
        pytest.param(["w,h,c,sex,z", "1,1,1,F,1"], 's.csv, field indicator[0].numerator: "y" is not a column of the table (expected one of w, h, c, sex, z)', id="a column that is not there"),
    ],
)  # fmt: skip
def test_a_survey_that_must_be_mended(cop: Cop, tmp_path: Path, lines: list[str], line: str) -> None:
    done = cop("measure", "survey", survey(tmp_path, lines), "-o", tmp_path / "out.csv")

    assert (done.code, done.out) == (2, "")
    assert done.refusal == line
    assert sorted(p.name for p in tmp_path.iterdir()) == ["s.csv", "s.toml"]


def test_a_weight_that_is_no_number_is_refused(cop: Cop, tmp_path: Path) -> None:
    done = cop("measure", "survey", survey(tmp_path, [*SAMPLE, "heavy,1,1,F,1"]))

    assert (done.code, done.out) == (2, "")
    assert done.refusal.endswith(
        "is in a column that does not hold numbers (expected numbers, as design.weights needs)"
    )


def test_a_lonely_psu_is_named_with_what_can_be_done(cop: Cop, tmp_path: Path) -> None:
    done = cop("measure", "survey", survey(tmp_path, [*SAMPLE, "1,3,1,F,1"]))

    assert done.refusal == (
        's.toml, field design.lonely_psu: stratum "3" has only one PSU '
        '(expected two PSUs in each stratum, or lonely_psu = "adjust", "average", "remove" or "certainty")'
    )


@pytest.mark.parametrize("policy", ["adjust", "average", "remove", "certainty"])
def test_a_lonely_psu_is_measured_under_every_policy_but_fail(cop: Cop, tmp_path: Path, policy: str) -> None:
    text = SURVEY.replace('lonely_psu = "fail"', f'lonely_psu = "{policy}"')
    done = cop("measure", "survey", survey(tmp_path, [*SAMPLE, "1,3,1,F,1"], text), "--json")

    assert done.code == 0
    [row] = done.json
    assert row["estimate"] == pytest.approx(100 * 4 / 7)
    # strata 1 and 2 alone add (2/7)^2 (1/2 + 1/2) sums of squared deviations; what the third adds is the policy
    assert (row["se"] > 0) is True
    if policy in ("remove", "certainty"):
        assert row["n"] == 5


def test_a_refused_survey_stops_the_build_and_keeps_what_came_before(cop: Cop, observatory: Make) -> None:
    folder = observatory(
        {"one/s.csv": "\n".join((*SAMPLE, "")), "one/s.toml": SURVEY, "two/s.csv": "\n".join((*SAMPLE, "-1,1,1,F,1", "")),
         "two/s.toml": SURVEY.replace('id = "s"', 'id = "t"')},
        toml='[[surveys]]\ndescription = "one/s.toml"\n[[surveys]]\ndescription = "two/s.toml"\n',
    )  # fmt: skip
    done = cop("build", folder)

    assert (done.code, done.refusal) == (
        2,
        's.csv row 5, field w: "-1" is negative or not finite (expected a weight of 0 or more)',
    )
    assert "survey:s" not in cop("build", folder, "--dry-run", "--json").json["stages"]


# --- providers' documents


def pdf_without_text() -> bytes:
    """One empty page."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


SCRIPTS = b"<!doctype html><html><head><script>var a = 'terms';</script></head><body><script>render()</script><noscript></noscript></body></html>"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param("t.pdf", pdf_without_text(), "t.pdf: ", id="a PDF without text"),
        pytest.param("t.html", SCRIPTS, "t.html: ", id="an HTML page of scripts only"),
        pytest.param("t.html", b"", "t.html: ", id="an empty page"),
        pytest.param("t.pdf", b"%PDF-1.7\nnothing", "t.pdf: ", id="a PDF that is none"),
        pytest.param("t.docx", b"PK\x03\x04", "t.docx: ", id="a format that is not read"),
    ],
)
def test_a_document_that_must_be_mended(cop: Cop, tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    done = cop("terms", "check", tmp_path / name, "--json")

    assert done.code == 2
    assert done.refusal.startswith(words)
    assert "(expected " in done.refusal
    assert done.json["file"].endswith(name)


def test_a_refused_document_stops_the_build_and_leaves_no_provider(
    cop: Cop, observatory: Make, inside: Callable[..., Any]
) -> None:
    def work(_: Any) -> Any:
        from cop.vault.providers.models import Provider
        from cop.vault.registers.queries import all_files

        return [Provider.objects.count(), all_files()]

    folder = observatory(
        {"t.html": SCRIPTS},
        toml='[[providers]]\nid = "p"\nname = "P"\n[[providers.documents]]\nkind = "tos"\ntitle = "T"\n'
        'versions = [{ date = 2025-01-01, file = "t.html" }]\n',
    )
    done = cop("build", folder)

    assert done.code == 2
    assert done.refusal.startswith("t.html: ")
    assert inside(folder, work) == [0, []]


def test_two_copies_of_one_document_and_day_are_one_line(cop: Cop, observatory: Make) -> None:
    text = "# Terms of Service\n\n" + "You agree to these terms. We may change them at any time. " * 40
    folder = observatory(
        {"a.md": text, "b.md": text},
        toml='[[providers]]\nid = "p"\nname = "P"\n[[providers.documents]]\nkind = "tos"\ntitle = "T"\n'
        'versions = [{ date = 2025-01-01, file = "a.md" }, { date = 2025-01-01, file = "b.md" }]\n',
    )
    done = cop("build", folder)

    assert (done.code, done.refusal) == (
        2,
        'observatory.toml, field providers.p.documents: "2025-01-01" is given twice for p/tos (expected one version a day)',
    )


# --- official series


STRUCTURE = "inputs/series/child-internet-structure.xml"
SERIES = """[[series]]
id = "s"
title = "S"
file = "s.{ending}"
format = "{format}"
structure = "d.xml"
source = "Office"
area_dimension = "REF_AREA"
"""


@pytest.mark.parametrize(
    ("data", "structure", "format_"),
    [
        pytest.param("child-internet.csv", "child-phone-structure.xml", "sdmx-csv", id="SDMX-CSV"),
        pytest.param("child-phone.xml", "child-internet-structure.xml", "sdmx-ml", id="SDMX-ML"),
    ],
)
def test_an_sdmx_file_with_another_dsd_is_refused(
    cop: Cop, observatory: Make, root: Path, data: str, structure: str, format_: str
) -> None:
    folder = root / "examples" / "harbour" / "inputs" / "series"
    ending = data.rpartition(".")[2]
    made = observatory(
        {f"s.{ending}": (folder / data).read_bytes(), "d.xml": (folder / structure).read_bytes()},
        toml=SERIES.format(ending=ending, format=format_),
    )
    done = cop("build", made)

    assert done.code == 2
    assert done.refusal.startswith(f"s.{ending}")
    assert "structure" in done.refusal or "DSD" in done.refusal
    assert not list(made.glob("work/series/*/*"))


def test_external_entities_in_sdmx_are_refused_and_nothing_is_fetched(
    cop: Cop, observatory: Make, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("CANARY")
    bomb = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file://{tmp_path}/secret.txt">]><a>&x;</a>'
    made = observatory(
        {"s.xml": bomb}, toml=SERIES.format(ending="xml", format="sdmx-ml").replace('structure = "d.xml"\n', "")
    )
    done = cop("build", made)

    assert (done.code, "CANARY" in done.err) == (2, False)
    assert done.refusal.startswith("s.xml: ")


def test_a_meeting_that_must_be_mended_is_one_line(cop: Cop, observatory: Make) -> None:
    done = cop("build", observatory({"m.json": "{}"}, toml='[[meetings]]\nfile = "m.json"\n'))

    assert (done.code, done.refusal) == (2, "m.json, field group: is missing; 1 more to mend in the file")


# --- the observatory itself


def test_a_vault_that_is_no_database_is_one_line(cop: Cop, observatory: Make) -> None:
    folder = observatory({"vault/vault.sqlite3": "not a database at all, but long enough to look at" * 20})
    done = cop("build", folder)

    assert done.code == 2
    assert (
        done.refusal == "the vault's database cannot be opened: file is not a database (expected vault/vault.sqlite3)"
    )


def test_a_database_server_that_is_not_there_is_one_line_without_its_password(cop: Cop, observatory: Make) -> None:
    folder = observatory(database="postgresql://keeper:hunter2@127.0.0.1:9/cop")
    done = cop("build", folder)

    assert done.code == 2
    assert done.refusal.startswith("the vault's database cannot be opened: ")
    assert done.refusal.endswith("(expected postgresql://127.0.0.1:9/cop)")
    assert "hunter2" not in done.err + done.out


def test_a_second_build_at_the_same_time_is_refused(cop: Cop, observatory: Make) -> None:
    import fcntl

    folder = observatory()
    (folder / "work").mkdir()
    with (folder / "work" / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        done = cop("build", folder)

    assert (done.code, done.refusal) == (2, "another build of this observatory is running (expected one at a time)")
    assert [p.name for p in (folder / "work").iterdir()] == ["lock"]


@pytest.mark.parametrize("release", ["draft-1", "../x", "", "a b", "é", ".hidden", "-x", "x" * 61])
def test_an_id_that_cannot_be_an_editions_is_refused(cop: Cop, observatory: Make, release: str) -> None:
    done = cop("build", observatory(), f"--release={release}")

    assert done.code == 2
    assert done.refusal == (
        f"field --release: {json.dumps(release, ensure_ascii=False)} cannot be an edition's id "
        "(expected letters, digits, dots and hyphens, not draft-...)"
    )
