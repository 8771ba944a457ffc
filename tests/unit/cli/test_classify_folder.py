"""`cop classify` into a folder of parts: the same codes, gone on with where a run was stopped, told as it goes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cop.classification.coder.parts import MANIFEST, PART_ROWS
from cop.cli import shape
from cop.cli.classify import command

Cop = Callable[..., Any]
RECORDS = [
    {"ref": f"r{n}", "body": f"A stranger asked a child for the name of the school, case {n}."} for n in range(23)
]
COLUMNS = ("--text", "body", "--id", "ref")
PARTS = ("--part-rows", 10)


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, Path]:
    """The same records as JSON Lines and Parquet."""
    paths = {ending: tmp_path / f"in.{ending}" for ending in ("jsonl", "parquet")}
    paths["jsonl"].write_text("".join(json.dumps(r) + "\n" for r in RECORDS), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(RECORDS), paths["parquet"], row_group_size=7)
    return paths


def parts(folder: Path) -> dict[str, bytes]:
    """The parts and their bytes."""
    return {p.name: p.read_bytes() for p in sorted(folder.glob("*.parquet"))}


def test_a_folder_has_the_codes_of_one_file_whatever_the_input_is_read_from(
    cop: Cop, tmp_path: Path, inputs: dict[str, Path]
) -> None:
    said = cop("classify", inputs["jsonl"], *COLUMNS)
    for ending, path in inputs.items():
        done = cop("classify", path, *COLUMNS, *PARTS, "-o", tmp_path / ending, "--json")
        assert done.code == 0, done.err
        assert {k: done.json[k] for k in ("records", "before", "parts")} == {"records": 23, "before": 0, "parts": 3}
        assert pq.read_table(tmp_path / ending).to_pylist() == [json.loads(line) for line in said.out.splitlines()]

    assert parts(tmp_path / "jsonl") == parts(tmp_path / "parquet")


def test_all_scores_are_a_map_in_a_folder(cop: Cop, tmp_path: Path, inputs: dict[str, Path]) -> None:
    arguments = (inputs["parquet"], *COLUMNS, "--all-scores")
    lines = [json.loads(line) for line in cop("classify", *arguments).out.splitlines()]
    assert cop("classify", *arguments, *PARTS, "-o", f"{tmp_path / 'coded'}/").code == 0

    assert pq.read_table(tmp_path / "coded").to_pylist(maps_as_pydicts="strict") == lines


def test_a_run_goes_on_where_it_was_and_says_so(cop: Cop, tmp_path: Path, inputs: dict[str, Path]) -> None:
    for path in inputs.values():
        folder = tmp_path / path.suffix[1:]
        arguments = ("classify", path, *COLUMNS, *PARTS, "-o", folder)
        assert cop(*arguments, "--resume").code == 0
        whole = {p.name: p.read_bytes() for p in folder.iterdir()}
        (folder / "part-00001.parquet").write_bytes(b"PAR1")
        again, once_more = cop(*arguments, "--resume"), cop(*arguments, "--resume")

        assert again.err.splitlines()[-1].startswith("23 records coded (10 of them before), ")
        assert once_more.err.splitlines()[-1].startswith("23 records coded (23 of them before), ")
        assert {p.name: p.read_bytes() for p in folder.iterdir()} == whole


def test_what_cannot_be_gone_on_with_is_one_line(cop: Cop, tmp_path: Path, inputs: dict[str, Path]) -> None:
    arguments = ("classify", "in.jsonl", *COLUMNS, *PARTS, "-o")
    assert cop(*arguments, "coded", cwd=tmp_path).code == 0
    (tmp_path / "other.jsonl").write_text(json.dumps(RECORDS[0]) + "\n")

    def line(*words: object, stdin: bytes | None = None) -> str:
        done = cop(*words, cwd=tmp_path, stdin=stdin)
        assert (done.code, done.out) == (2, "")
        return str(done.refusal)

    assert line(*arguments, "coded") == (
        "the folder coded holds the codes of an earlier run (expected --resume to go on with them, or another folder)"
    )
    assert line("classify", "in.jsonl", "--text", "ref", *PARTS, "-o", "coded/", "--resume") == (
        'the folder coded holds the codes of another run: id was "ref", now null; text was "body", now "ref" '
        "(expected the same input, columns and model, or another folder)"
    )
    assert line("classify", "other.jsonl", *COLUMNS, *PARTS, "-o", "coded", "--resume").startswith(
        "the folder coded holds the codes of another run: input_sha256 was "
    )
    assert line("classify", "in.jsonl", *COLUMNS, "-o", "out.parquet", "--resume") == (
        "only a folder of parts can be gone on with (expected --resume with -o FOLDER/)"
    )
    assert line("classify", "-", "--from", "jsonl", "-o", "coded", "--resume", stdin=b"{}") == (
        "standard input cannot be read again (expected a file as INPUT for a folder of parts)"
    )
    assert line("classify", "none.jsonl", "-o", "coded", "--resume") == "there is no file none.jsonl"


def test_a_record_that_is_refused_leaves_what_came_before(cop: Cop, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "x"}\n{"text": "y"}\n{"text": {}}\n')
    (tmp_path / "b.jsonl").write_text('{"text": {}}\n')
    first = cop("classify", "a.jsonl", "-o", "a", cwd=tmp_path)
    second = cop("classify", "b.jsonl", "-o", "b", cwd=tmp_path)

    problem = "field text: a dict cannot be a text (expected text)"
    assert first.refusal == f"a.jsonl row 3, {problem}; the 2 records before it are kept in a"
    assert second.refusal == f"b.jsonl row 1, {problem}"
    assert pq.read_table(tmp_path / "a").column("id").to_pylist() == ["1", "2"]
    assert json.loads((tmp_path / "a" / MANIFEST).read_text())["finished"] is False
    assert not (tmp_path / "b").exists()


def test_the_size_of_a_part_is_that_of_the_room() -> None:
    [option] = [o for o in command.params if o.name == "part_rows"]

    assert option.default == PART_ROWS


# --- how it is told


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(shape, "time", clock)
    return clock


def goes(clock: Clock, steps: list[tuple[float, int]], **how: Any) -> None:
    """Work that takes steps of seconds and records."""
    with shape.Pace("Coding a.csv", **how) as pace:
        for seconds, records in steps:
            clock.now += seconds
            pace.advance(records)


def test_nothing_is_told_of_what_takes_less_than_two_seconds(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    goes(clock, [(0.5, 500), (1.4, 1400)])
    goes(clock, [(10, 500)])
    goes(clock, [(5, 500), (50, 1400)], quiet=True)

    assert capsys.readouterr() == ("", "")


def test_off_a_terminal_a_plain_line_comes_twice_a_minute(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    goes(clock, [(8, 500), (2, 3000)] + [(10, 10_000)] * 6)

    assert capsys.readouterr().err == (
        "Coding a.csv: 3,500 records, 1,500 records/s ...\n"
        "Coding a.csv: 33,500 records, 1,031 records/s ...\n"
        "Coding a.csv: 63,500 records, 1,016 records/s ...\n"
    )


def test_the_share_is_told_where_the_number_is_known_and_the_rate_is_that_of_this_run(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    goes(clock, [(9, 500), (4, 9_500)], before=20_000, total=90_000)

    assert capsys.readouterr().err == "Coding a.csv: 30,000 of 90,000 records (33 %), 2,375 records/s ...\n"


def test_on_a_terminal_a_bar_says_the_same(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    goes(clock, [(1, 4000), (3, 9000), (1, 7_000)], total=40_000)
    said = capsys.readouterr().err

    assert "20,000 of 40,000 records (50 %), 4,000 records/s" in said
    assert "━" in said
