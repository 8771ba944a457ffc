"""`cop scheme diff` and `cop scheme recode`, as commands of their own: from and to every format, one line when refused."""

from __future__ import annotations

import csv
import datetime
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from cop.classification.history import load_history
from cop.classification.versions import Change, Changes, Entry, History, Version, Weights
from cop.cli.scheme_versions import diff, recode
from cop.kernel.errors import Conflict, CopError, NotFound, Refused


def call(command: click.Command, *arguments: object, stdin: str | None = None) -> Result:
    """The command's answer; a fault of ours is raised."""
    result = CliRunner().invoke(command, [str(a) for a in arguments], input=stdin)
    if result.exception and not isinstance(result.exception, (CopError, SystemExit)):
        raise result.exception
    return result


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def history() -> History:
    """The catalogue's, read once."""
    return load_history()


@pytest.fixture(autouse=True)
def _read_once(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cop.classification.history.load_history", lambda: history)


@pytest.fixture
def split(monkeypatch: pytest.MonkeyPatch) -> History:
    """A history in which A01 was split by known weights, A02 by unknown ones, and A03 stayed."""

    def version(name: str, *codes: str) -> Version:
        return Version(name, (Entry("A", "section", None, "A", None), *(Entry(c, "class", "A", c, 2) for c in codes)))

    old, new = version("1.0", "A01", "A02", "A03"), version("2.0", "A03", "A04", "A05", "A06", "A07")
    weights = Weights({"A04": Fraction(3, 4), "A05": Fraction(1, 4)}, 40)
    made = (
        Change("split", ("A01",), ("A04", "A05"), {"en": "r"}, weights=weights),
        Change("split", ("A02",), ("A06", "A07"), {"en": "r"}),
    )
    history = History((old, new), (Changes(old, new, made),))
    monkeypatch.setattr("cop.classification.history.load_history", lambda: history)
    return history


# --- diff


def test_diff_lists_changes_and_counts_them() -> None:
    done = call(diff, "0.1", "1.0-draft")
    said = done.stdout.splitlines()

    assert done.exit_code == 0
    assert said[0].startswith("new      A98 Child sexual abuse and exploitation material, other specified + A99 ")
    assert said[-1] == "0.1 to 1.0: 9 new, 52 note"


def test_diff_for_a_program() -> None:
    found = json.loads(call(diff, "1.0", "0.1", "--json").stdout)

    assert (found["from"], found["to"], found["kinds"]) == ("1.0", "0.1", {"retired": 9, "note": 52})
    assert found["changes"][0]["from"] == ["A98", "A99"]


def test_diff_of_a_version_with_itself() -> None:
    assert call(diff, "1.0", "1.0").stdout == "1.0 to 1.0: no change\n"


def test_diff_with_a_version_that_there_is_not() -> None:
    error = call(diff, "0.1", "3.0").exception

    assert isinstance(error, NotFound)
    assert str(error) == "there is no version 3.0 of the classification (expected one of 0.1, 1.0)"


# --- records

RECORDS = [
    {"id": "1", "code": "B01", "section": "B", "urgency": 1, "scheme": "0.1", "secondary": ["A03"], "note": None},
    {"id": "2", "code": "Z05", "section": "Z", "urgency": None, "scheme": "0.1", "secondary": [], "note": "n"},
]


def inputs(folder: Path) -> dict[str, Path]:
    """The same coded records in every format."""
    paths = {ending: folder / f"in.{ending}" for ending in ("csv", "jsonl", "parquet")}
    with paths["csv"].open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(RECORDS[0]))
        writer.writeheader()
        writer.writerows({k: json.dumps(v) if isinstance(v, list) else v for k, v in r.items()} for r in RECORDS)
    paths["jsonl"].write_text("".join(json.dumps(r) + "\n" for r in RECORDS), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(RECORDS), paths["parquet"])
    return paths


def test_records_of_every_format_are_the_same_in_every_format(tmp_path: Path) -> None:
    expected = [
        {**r, "scheme": "1.0", "old_code": r["code"], "candidates": [r["code"]], "decision": False,
         "secondary_undecided": []} for r in RECORDS
    ]  # fmt: skip
    for kind, path in inputs(tmp_path).items():
        for ending in ("csv", "jsonl", "parquet"):
            out = tmp_path / f"{kind}-out.{ending}"
            done = call(recode, path, "--from", "0.1", "--to", "1.0", "-o", out, "--json")
            assert done.exit_code == 0, done.exception
            assert json.loads(done.stdout) == {
                "from": "0.1", "to": "1.0", "records": 2, "decisions": 0, "share": 0.0, "by_code": {}, "output": str(out),
            }  # fmt: skip
        notes = [{"note": "" if kind == "csv" and r["note"] is None else r["note"]} for r in RECORDS]
        wanted = [{**r, **n} for r, n in zip(expected, notes, strict=True)]
        assert lines(tmp_path / f"{kind}-out.jsonl") == wanted
        assert pq.read_table(tmp_path / f"{kind}-out.parquet").to_pylist() == wanted


def test_records_there_and_back_are_the_same(tmp_path: Path) -> None:
    there, back = tmp_path / "there.jsonl", tmp_path / "back.jsonl"
    call(recode, inputs(tmp_path)["jsonl"], "--from", "0.1", "--to", "1.0", "-o", there)
    call(recode, there, "--from", "1.0", "--to", "0.1", "-o", back)

    assert [{k: r[k] for k in RECORDS[0]} for r in lines(back)] == RECORDS


def test_records_that_need_a_person_are_counted(split: History, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("k,sex\nA01,f\nA03,m\nA01,m\nA02,f\nA03,f\n", encoding="utf-8")
    done = call(recode, path, "--from", "1.0", "--to", "2.0", "--code", "k", "-o", tmp_path / "out.jsonl")

    assert done.stderr == "5 records recoded, 3 of them (60.0%) for a person to decide\n"
    assert [(r["k"], r["old_code"], r["candidates"]) for r in lines(tmp_path / "out.jsonl")] == [
        (None, "A01", ["A04", "A05"]), ("A03", "A03", ["A03"]), (None, "A01", ["A04", "A05"]),
        (None, "A02", ["A06", "A07"]), ("A03", "A03", ["A03"]),
    ]  # fmt: skip


def test_more_than_a_batch_comes_out_in_order_from_standard_input(tmp_path: Path) -> None:
    text = "".join(json.dumps({"id": n, "code": "B01"}) + "\n" for n in range(1201))
    done = call(recode, "-", "--format", "jsonl", "--from", "0.1", "--to", "1.0", stdin=text)

    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == list(range(1201))
    assert done.stderr == "1,201 records recoded, 0 of them (0.0%) for a person to decide\n"


def test_dates_of_parquet_become_text_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.Table.from_pylist([{"code": "B01", "on": datetime.date(2026, 11, 27)}]), path)
    call(recode, path, "--from", "0.1", "--to", "1.0", "-o", tmp_path / "out.jsonl")
    call(recode, path, "--from", "0.1", "--to", "1.0", "-o", tmp_path / "out.parquet")

    assert lines(tmp_path / "out.jsonl")[0]["on"] == "2026-11-27"
    assert pq.read_table(tmp_path / "out.parquet").to_pylist()[0]["on"] == datetime.date(2026, 11, 27)


# --- counts


def test_counts_are_converted_by_group_with_errors_and_what_stays_says_so(split: History, tmp_path: Path) -> None:
    path, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    path.write_text(
        "month,code,count\n2026-01,A01,100\n2026-01,A02,7\n2026-02,A03,5\n2026-02,A01,100\n", encoding="utf-8"
    )
    done = call(recode, path, "--from", "1.0", "--to", "2.0", "--counts", "-o", out, "--json")
    rows = lines(out)
    summary = json.loads(done.stdout)

    assert [(r["month"], r["code"], r["count"], round(r["se"], 4), r["converted"]) for r in rows] == [
        ("2026-01", "A04", 75, 8.0015, True),
        ("2026-01", "A05", 25, 8.0015, True),
        ("2026-01", "A02", 7, 0.0, False),
        ("2026-02", "A03", 5, 0.0, True),
        ("2026-02", "A04", 75, 8.0015, True),
        ("2026-02", "A05", 25, 8.0015, True),
    ]
    assert {k: summary[k] for k in ("groups", "total", "converted", "unconverted")} == {
        "groups": 2, "total": 212, "converted": 205, "unconverted": 7,
    }  # fmt: skip
    assert summary["stayed"] == [{"code": "A02", "version": "1.0", "reason": "split without known weights"}]


def test_errors_of_groups_share_their_split(split: History, tmp_path: Path) -> None:
    """The error of the total is that of one count of 200, not what adding the groups' variances would give."""
    path = tmp_path / "in.csv"
    path.write_text("month,code,count\n1,A01,100\n2,A01,100\n", encoding="utf-8")
    done = call(recode, path, "--from", "1.0", "--to", "2.0", "--counts", "-o", tmp_path / "out.csv", "--json")
    first = json.loads(done.stdout)["totals"][0]

    assert (first["code"], first["count"]) == ("A04", 150)
    assert first["se"] == pytest.approx((200 * 3 / 16 * 240 / 41) ** 0.5)


def test_counts_back_and_forth_are_the_same_in_every_format(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("code,count\nB01,12\nA041,0.5\n", encoding="utf-8")
    for ending in ("csv", "jsonl", "parquet"):
        there, back = tmp_path / f"there.{ending}", tmp_path / f"back.{ending}"
        call(recode, path, "--from", "0.1", "--to", "1.0", "--counts", "-o", there)
        done = call(recode, there, "--from", "1.0", "--to", "0.1", "--counts", "-o", back, "--json")
        assert [(t["code"], t["count"], t["se"]) for t in json.loads(done.stdout)["totals"]] == [
            ("A041", 0.5, 0.0), ("B01", 12, 0.0),
        ]  # fmt: skip


# --- what must be mended


@pytest.mark.parametrize(
    ("name", "content", "counts", "line"),
    [
        ("a.csv", "code\nB01\nX\n", False, "a.csv row 2, field code: X is no code of version 0.1 of the classification; the 1 record before it is kept in out.jsonl"),
        ("a.csv", "id\nB01\n", False, "a.csv, field code: the column is missing (expected one of id)"),
        ("a.csv", "code\n", False, "a.csv: the file has no record (expected at least one)"),
        ("a.csv", "code,scheme\nB01,1.0\n", False, 'a.csv row 1, field scheme: "1.0" is another version (expected 0.1)'),
        ("a.jsonl", '{"code": "B01"}\n{"code": "B01", "x": 1}\n', False, "a.jsonl row 2, field x: the first record has no such field (expected the same fields in every record); the 1 record before it is kept in out.jsonl"),
        ("a.jsonl", '{"id": 1}\n', False, "a.jsonl row 1, field code: the record has no code (expected a code)"),
        ("a.csv", "code,count\nB01,1\nB01,2\n", True, 'a.csv row 2, field code: "B01" is counted twice in one group (expected a row by code and group)'),
        ("a.csv", "code,count\nB01,-1\n", True, 'a.csv row 1, field count: "-1" is no count (expected a number of zero or more)'),
        ("a.csv", "code,count\nB01,..\n", True, 'a.csv row 1, field count: ".." is no count (expected a number of zero or more)'),
        ("a.csv", "code,count\nX,1\n", True, 'a.csv row 1, field code: "X" is no code of its version (expected a code of version 0.1)'),
        ("a.csv", "code,count\n", True, "a.csv: the file has no count (expected at least one)"),
        ("a.csv", "code,n\nB01,1\n", True, "a.csv, field count: the column is missing (expected one of code, n)"),
        ("a.jsonl", '{"code": "B01"}\n', True, "a.jsonl row 1, field count: the column is missing (expected one of code)"),
        ("a.csv", "code,count,se\nB01,1,0.5\n", True, "a.csv row 1, field count: the count was recoded before, and is an estimate or stayed (expected the counts as they were first coded)"),
        ("a.csv", "code,count,converted\nB01,1,False\n", True, "a.csv row 1, field count: the count was recoded before, and is an estimate or stayed (expected the counts as they were first coded)"),
    ],
)  # fmt: skip
def test_an_input_that_must_be_mended_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str, counts: bool, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(content, encoding="utf-8")
    done = call(recode, name, "--from", "0.1", "--to", "1.0", "-o", "out.jsonl", *(["--counts"] if counts else []))

    assert isinstance(done.exception, Refused)
    assert str(done.exception) == line
    assert Path("out.jsonl").is_file() == ("kept in out.jsonl" in line)


def test_a_column_of_several_kinds_cannot_be_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"code": "B01", "x": 1}\n{"code": "B01", "x": "y"}\n', encoding="utf-8")
    error = call(recode, path, "--from", "0.1", "--to", "1.0", "-o", tmp_path / "out.parquet").exception

    assert isinstance(error, Refused)
    assert str(error) == (
        "a.jsonl: a column does not hold one kind of value (expected such columns, or an OUTPUT in JSONL or CSV)"
    )


def test_the_input_is_never_the_output(tmp_path: Path) -> None:
    path = inputs(tmp_path)["csv"]

    assert isinstance(call(recode, path, "--from", "0.1", "--to", "1.0", "-o", path).exception, Conflict)


def test_standard_input_needs_a_format() -> None:
    done = call(recode, "-", "--from", "0.1", "--to", "1.0")

    assert (done.exit_code, "standard input needs --format" in done.stderr) == (2, True)
