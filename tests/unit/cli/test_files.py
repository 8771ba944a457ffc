"""Verbs that work on files alone: init, keys, measure, terms, edition, serve."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cop.editions.tables import TABLES

Cop = Callable[..., Any]
COLUMNS = ["indicator", "sex", "age_band", "urban_rural", "estimate", "se", "ci_low", "ci_high", "cv", "n", "deff", "df", "unit",
           "flag", "flag_reason"]  # fmt: skip


# --- init


def test_init_makes_an_observatory_that_is_ready_to_build(cop: Cop, tmp_path: Path) -> None:
    done = cop("init", tmp_path / "o", "--json")

    assert (done.code, done.err) == (0, "")
    assert done.json == {
        "folder": str(tmp_path / "o"),
        "description": str(tmp_path / "o" / "observatory.toml"),
        "inputs": [f"inputs/{n}" for n in ("reports", "surveys", "series", "providers", "meetings", "report")],
    }
    plan = cop("build", tmp_path / "o", "--dry-run", "--json")
    assert (plan.code, plan.json["stages"]) == (0, ["reconcile", "edition", "report", "site"])


def test_init_keeps_what_must_not_be_shared_out_of_git(cop: Cop, tmp_path: Path) -> None:
    cop("init", tmp_path / "o")

    assert {"vault/", "work/", "keys/signing.key"} <= set((tmp_path / "o" / ".gitignore").read_text().splitlines())


def test_init_touches_nothing_that_is_there(cop: Cop, tmp_path: Path) -> None:
    (tmp_path / "observatory.toml").write_text("mine")
    done = cop("init", tmp_path)

    assert (done.code, done.out) == (2, "")
    assert done.refusal == f"{tmp_path}/observatory.toml exists (expected a folder without an observatory)"
    assert (tmp_path / "observatory.toml").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["observatory.toml"]


# --- keys


def test_a_new_key_is_kept_wrapped_and_for_its_owner_alone(cop: Cop, tmp_path: Path) -> None:
    path = tmp_path / "one.key"
    done = cop("keys", "new", "Analyst One", "-o", path, "--passphrase", "correct horse")

    assert done.code == 0
    assert re.fullmatch(r"cop-recipient [A-Za-z0-9+/]{43}= Analyst One\n", done.out)
    assert path.stat().st_mode & 0o777 == 0o600
    assert re.fullmatch(r"cop-private [A-Za-z0-9+/=]+ Analyst One\n", path.read_text())
    assert b"correct horse" not in path.read_bytes() + base64.b64decode(path.read_text().split()[1])


def test_a_key_is_never_overwritten(cop: Cop, tmp_path: Path) -> None:
    (tmp_path / "one.key").write_text("older")
    done = cop("keys", "new", "A", "-o", tmp_path / "one.key", "--passphrase", "x")

    assert done.code == 2
    assert done.refusal == f"{tmp_path}/one.key exists (expected a new file: a key is never overwritten)"
    assert (tmp_path / "one.key").read_text() == "older"


# --- measure survey


@pytest.fixture(scope="module")
def survey(root: Path) -> Path:
    """A survey of the harbour example."""
    return root / "examples" / "harbour" / "inputs" / "surveys" / "xal.toml"


def test_measure_survey_writes_csv_to_standard_output_and_a_summary_beside_it(cop: Cop, survey: Path) -> None:
    done = cop("measure", "survey", survey)
    rows = list(csv.DictReader(io.StringIO(done.out)))

    assert done.code == 0
    assert list(rows[0]) == COLUMNS
    assert done.err == f"{len(rows)} estimates of 11 indicators\n"
    assert len(rows) == 11 * (1 + 2 + 3 + 2 + 6)


def test_measure_survey_says_the_same_in_every_form(cop: Cop, survey: Path, tmp_path: Path) -> None:
    for ending in ("jsonl", "parquet"):
        assert cop("measure", "survey", survey, "-o", tmp_path / f"e.{ending}").code == 0
    answer = cop("measure", "survey", survey, "--json").json
    lines = [json.loads(line) for line in (tmp_path / "e.jsonl").read_text().splitlines()]

    assert answer == lines
    assert answer == pl.read_parquet(tmp_path / "e.parquet").to_dicts()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["e.jsonl", "e.parquet"]


# --- terms check


def test_terms_check_reads_several_files_and_quotes_what_stands_there(cop: Cop, root: Path) -> None:
    folder = root / "examples" / "harbour" / "inputs" / "providers"
    names = ["moorlight__tos__2024-01-15.md", "moorlight__privacy__2024-01-15.md"]
    done = cop("terms", "check", *(folder / n for n in names), "--json")
    texts = {n: (folder / n).read_text(encoding="utf-8") for n in names}

    assert (done.code, done.err) == (0, "")
    assert [
        d for n, d in enumerate(r["document"] for r in done.json) if n == 0 or d != done.json[n - 1]["document"]
    ] == names
    quotes = [(texts[r["document"]][e["start"] : e["end"]], e["quote"]) for r in done.json for e in r["evidence"]]
    assert len(quotes) > 10
    assert [(text, quote) for text, quote in quotes if text != quote] == []


def test_terms_check_prints_a_line_a_finding_for_a_person(cop: Cop, root: Path) -> None:
    path = root / "examples/harbour/inputs/providers/moorlight__tos__2024-01-15.md"
    done = cop("terms", "check", path)
    findings = cop("terms", "check", path, "--json").json

    assert [line.split()[1:3] for line in done.out.splitlines() if not line.startswith(" ")] == [
        [f["criterion"], f["finding"]] for f in findings
    ]


# --- edition


@pytest.fixture
def edition(root: Path, tmp_path: Path) -> Path:
    """A synthetic edition in the place where `cop build` leaves one."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("editions_fixture", root / "tests/editions_fixture/build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    from cop.editions.write import Contents, write_edition
    from cop.kernel.signing import read_or_make_seal

    about = {
        "observatory": {"title": "T"},
        "date": "2026-01-15",
        "period": "2025",
        "threshold": 5,
        "areas": {},
        "code": {},
    }
    seal = read_or_make_seal(tmp_path / "keys" / "signing.key", "observatory t")
    (tmp_path / "keys" / "known").mkdir()
    (tmp_path / "keys" / "known" / "t.pub").write_text(seal.signer.line())
    metadata = {"classification": module.classification()}
    return write_edition(Contents(about, {}, metadata), folder=tmp_path / "editions", edition_id="2026-01", seal=seal)


def test_edition_show_says_what_it_is(cop: Cop, edition: Path) -> None:
    rows = dict.fromkeys(TABLES, 0)
    done = cop("edition", "show", edition, "--json")

    assert (done.code, done.json["id"], done.json["status"], done.json["rows"]) == (0, "2026-01", "released", rows)
    assert cop("edition", "show", edition).out.startswith("T, edition 2026-01 (released), 2026-01-15, period 2025\n")


def test_edition_verify_of_a_whole_edition_exits_0(cop: Cop, edition: Path) -> None:
    done = cop("edition", "verify", edition)

    assert (done.code, done.out, done.err) == (0, "signature: valid, by observatory t (known)\nwhole\n", "")


def test_edition_verify_names_what_was_done_to_it_and_exits_2(cop: Cop, edition: Path) -> None:
    (edition / "metadata" / "report.json").write_text("{ }\n")
    (edition / "metadata" / "library.json").unlink()
    (edition / "extra.txt").write_text("x")
    done, as_json = cop("edition", "verify", edition), cop("edition", "verify", edition, "--json")

    assert (done.code, done.out) == (
        2,
        "changed: metadata/report.json\nadded: extra.txt\nremoved: metadata/library.json\n"
        "signature: valid, by observatory t (known)\nNOT whole\n",
    )
    assert (as_json.code, as_json.json) == (
        2,
        {
            "edition": "2026-01", "whole": False, "changed": ["metadata/report.json"], "added": ["extra.txt"],
            "removed": ["metadata/library.json"], "signature": "valid", "signer": "observatory t", "signer_known": True,
        },
    )  # fmt: skip


def test_edition_verify_trusts_the_folder_that_known_names(cop: Cop, edition: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    done = cop("edition", "verify", edition, "--known", tmp_path / "none", "--json")

    assert (done.code, done.json["whole"], done.json["signer_known"]) == (0, True, False)


def test_edition_diff_tells_two_editions_apart(cop: Cop, edition: Path, tmp_path: Path) -> None:
    same = cop("edition", "diff", edition, edition)
    other = shutil.copytree(edition, tmp_path / "other")
    (other / "metadata" / "report.json").write_text('{"to": "Council"}')
    changed = cop("edition", "diff", edition, other, "--json")

    assert (same.code, same.out.splitlines()[-1]) == (0, "the same facts")
    assert (changed.code, changed.json["same"], changed.json["metadata"]) == (0, False, ["report"])


@pytest.mark.parametrize("verb", [["show"], ["verify"], ["diff", "."]])
def test_an_edition_that_is_not_there_is_one_line(cop: Cop, tmp_path: Path, verb: list[str]) -> None:
    done = cop("edition", *verb, "none", cwd=tmp_path)

    assert (done.code, done.out) == (2, "")
    assert done.refusal.startswith("no edition at ")


# --- serve


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serve_answers_on_this_machine_until_it_is_stopped(root: Path, tmp_path: Path, stop: signal.Signals) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<!doctype html><title>T</title>")
    (tmp_path / "observatory.toml").write_text("never read")
    program = Path(sys.executable).parent / "cop"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [program, "serve", tmp_path, "--port", "0", "--site-only", "--workers", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split()[0]
            with urllib.request.urlopen(address, timeout=10) as page:
                assert (page.status, page.read()) == (200, b"<!doctype html><title>T</title>")
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(address + "../observatory.toml", timeout=10)
        finally:
            server.send_signal(stop)
            try:
                out, err = server.communicate(timeout=20)
            finally:
                server.kill()

    assert address.startswith("http://127.0.0.1:")
    assert (server.returncode, out) == (0, "")
    assert "Traceback" not in err


def test_serve_without_a_site_is_one_line(cop: Cop, tmp_path: Path) -> None:
    done = cop("serve", tmp_path, "--site-only")

    assert (done.code, done.refusal) == (
        2,
        f"no site in {tmp_path} (expected an observatory that was built: cop build DIR)",
    )


def test_serve_where_somebody_else_listens_is_one_line(cop: Cop, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("site")
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        port = taken.getsockname()[1]
        done = cop("serve", tmp_path, "--site-only", "--port", port)

    assert (done.code, done.out) == (2, "")
    assert done.refusal == f"cannot listen on 127.0.0.1:{port}: Address already in use (expected a free port)"


def test_an_observatory_that_is_not_there_is_one_line_and_its_json(cop: Cop, tmp_path: Path) -> None:
    done = cop("build", tmp_path, "--json")

    assert done.code == 2
    assert done.refusal == f"no observatory.toml in {tmp_path} (expected a folder that `cop init` made, or --dir)"
    assert done.json == {
        "error": "not found", "problem": f"no observatory.toml in {tmp_path}", "file": None, "row": None, "field": None,
        "expected": "a folder that `cop init` made, or --dir", "note": None,
    }  # fmt: skip
