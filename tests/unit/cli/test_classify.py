"""`cop classify`: one record out per record in, in order, from and to every format, with memory that does not grow."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

Cop = Callable[..., Any]
FIELDS = ["id", "code", "section", "probability", "class_set", "route", "urgency", "language", "scheme", "model"]
TEXTS = [
    "A child of 12 was insulted in a class chat for weeks.",
    "",
    "Quelqu'un a pris le contrôle du compte de ma fille.",
    'A text with "quotes", a comma,\nand a second line.',
    "一名儿童在游戏中被陌生人索要照片。",
    "طفل تلقى تهديدا بنشر صوره.",
    "=1+1 is how this report begins",
    "x" * 20_000,
]
RECORDS = [{"ref": f"r{n}", "body": text, "other": n} for n, text in enumerate(TEXTS, 1)]


def inputs(folder: Path, records: list[dict[str, Any]] = RECORDS) -> dict[str, Path]:
    """The same records in every format."""
    paths = {ending: folder / f"in.{ending}" for ending in ("csv", "jsonl", "parquet")}
    with paths["csv"].open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
    paths["jsonl"].write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(records), paths["parquet"])
    return paths


def lines(text: str) -> list[dict[str, Any]]:
    """JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]


def test_every_format_in_gives_the_same_records_in_order(cop: Cop, tmp_path: Path) -> None:
    found = {}
    for ending, path in inputs(tmp_path).items():
        done = cop("classify", path, "--text", "body", "--id", "ref")
        assert done.code == 0, done.err
        found[ending] = lines(done.out)

    assert [list(r) for r in found["csv"]] == [FIELDS] * len(TEXTS)
    assert [r["id"] for r in found["csv"]] == [r["ref"] for r in RECORDS]
    assert found["csv"] == found["jsonl"] == found["parquet"]


def test_every_format_out_says_the_same(cop: Cop, tmp_path: Path) -> None:
    path = inputs(tmp_path)["jsonl"]
    for ending in ("csv", "jsonl", "parquet"):
        done = cop("classify", path, "--text", "body", "-o", tmp_path / f"out.{ending}", "--json")
        assert (done.code, done.json["records"], done.json["output"]) == (
            0,
            len(TEXTS),
            str(tmp_path / f"out.{ending}"),
        )
        assert done.json["auto"] + done.json["review"] == len(TEXTS)
    records = lines((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as handle:
        plain = list(csv.DictReader(handle))

    assert [r["id"] for r in records] == [str(n) for n in range(1, len(TEXTS) + 1)]
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == records
    assert [r["class_set"] for r in plain] == [json.dumps(r["class_set"]) for r in records]
    texts = [{k: "" if v is None else str(v) for k, v in r.items() if k != "class_set"} for r in records]
    assert [{k: v for k, v in r.items() if k != "class_set"} for r in plain] == texts
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_standard_input_is_read_as_it_is_said_to_be(cop: Cop, tmp_path: Path, kind: str) -> None:
    path = inputs(tmp_path)[kind]
    arguments = ("--text", "body", "--id", "ref")
    done = cop("classify", "-", "--from", kind, *arguments, stdin=path.read_bytes())

    assert (done.code, done.out) == (0, cop("classify", path, *arguments).out)


def test_all_scores_are_probabilities_of_which_the_code_has_the_largest(cop: Cop, tmp_path: Path) -> None:
    records = lines(cop("classify", inputs(tmp_path)["csv"], "--text", "body", "--all-scores").out)

    assert [list(r) for r in records] == [[*FIELDS, "scores"]] * len(TEXTS)
    for r in records:
        assert sum(r["scores"].values()) == pytest.approx(1, abs=1e-6)
        assert r["scores"][r["code"]] == pytest.approx(r["probability"], abs=1e-6)


def test_all_scores_go_into_every_format(cop: Cop, tmp_path: Path) -> None:
    path = inputs(tmp_path)["csv"]
    for ending in ("csv", "parquet"):
        assert cop("classify", path, "--text", "body", "--all-scores", "-o", tmp_path / f"out.{ending}").code == 0
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as handle:
        plain = [json.loads(r["scores"]) for r in csv.DictReader(handle)]

    assert [json.loads(r["scores"]) for r in pq.read_table(tmp_path / "out.parquet").to_pylist()] == plain


def test_parquet_holds_urgencies_that_first_come_after_a_thousand_records_without(cop: Cop, tmp_path: Path) -> None:
    """The first batch has none, so nothing in it tells what kind of column this is."""
    calm, urgent = "Cheap watches, click here to buy now", "A man asked a girl of 11 to send nude pictures of herself."
    records = [{"text": calm}] * 1200 + [{"text": urgent}]
    path = inputs(tmp_path, records)["csv"]
    done = cop("classify", path, "-o", tmp_path / "out.parquet")
    found = pq.read_table(tmp_path / "out.parquet")

    assert done.code == 0, done.err
    assert found.schema.field("urgency").type == pa.int64()
    assert found.column("id").to_pylist() == [str(n) for n in range(1, 1202)]


def test_ids_are_the_column_id_or_the_rows_number(cop: Cop, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\nx,one\ny,two\n")
    (tmp_path / "b.csv").write_text("text\none\ntwo\n")

    assert [r["id"] for r in lines(cop("classify", tmp_path / "a.csv").out)] == ["x", "y"]
    assert [r["id"] for r in lines(cop("classify", tmp_path / "b.csv").out)] == ["1", "2"]


def test_more_workers_say_the_same(cop: Cop, tmp_path: Path) -> None:
    records = [{"text": f"{TEXTS[n % 6]} {n}"} for n in range(2500)]
    path = inputs(tmp_path, records)["jsonl"]
    one, two = (cop("classify", path, "--workers", n) for n in (1, 2))

    assert (one.code, two.code) == (0, 0)
    assert len(one.out.splitlines()) == 2500
    assert one.out == two.out


# --- what must be mended


@pytest.mark.parametrize(
    ("name", "content", "line", "kept"),
    [
        ("a.csv", b"", "a.csv: the file is empty (expected a header row and at least one record)", None),
        ("a.csv", b"text\n", "a.csv: the file has no record (expected at least one)", None),
        ("a.csv", b"body\nx\n", "a.csv, field text: the column is missing (expected one of body)", None),
        ("a.csv", b"\x1b[31mred\nx\n", "a.csv, field text: the column is missing (expected one of \\x1b[31mred)", None),
        ("a.csv", b"text\nx\ny,z\n", "a.csv row 2: the record has 2 fields (expected 1, as in the header); the 1 record before it is kept", 1),
        ("a.csv", b"text\nx\na\0b\n", "a.csv row 2: the line holds a NUL byte (expected UTF-8 text); the 1 record before it is kept", 1),
        ("a.csv", "text\nx\n".encode("utf-16"), "a.csv: the file is UTF-16 (expected UTF-8)", None),
        ("a.csv", b"text\nx\n\xff\n", "a.csv row 2: byte 0xff at column 1 is not UTF-8 (expected UTF-8); the 1 record before it is kept", 1),
        ("a.csv", b"text\n" + b"x" * 20_001 + b"\n", "a.csv row 1, field text: the text has 20,001 characters (expected at most 20,000)", None),
        ("a.jsonl", b'{"text": "x"}\n{}\n', "a.jsonl row 2, field text: the field is missing (expected a text under text); the 1 record before it is kept", 1),
        ("a.jsonl", b'{"text": "x"}\n' + b"[" * 100_000, "a.jsonl row 2: the line is nested too deep (expected one JSON object a line); the 1 record before it is kept", 1),
        ("a.jsonl", b'{"text": "\\ud800"}\n', "a.jsonl row 1: the line holds half of a surrogate pair (expected Unicode text)", None),
        ("a.jsonl", b'{"text": "a\\u0000"}\n', "a.jsonl row 1, field text: the text holds a NUL character (expected text)", None),
        ("a.jsonl", b'{"text": {"a": 1}}\n', "a.jsonl row 1, field text: a dict cannot be a text (expected text)", None),
        ("a.jsonl", b"", "a.jsonl: the file is empty (expected one JSON object a line)", None),
        ("a.parquet", b"PAR1", "a.parquet: the file cannot be read as Parquet (expected Parquet)", None),
        ("a.xlsx", b"PK", '"a.xlsx" has an ending that is not known (expected .csv, .tsv, .jsonl, .ndjson, .parquet)', None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_a_file_that_must_be_mended_is_one_line_and_what_came_before_is_kept(
    cop: Cop, tmp_path: Path, name: str, content: bytes, line: str, kept: int | None, ending: str
) -> None:
    (tmp_path / name).write_bytes(content)
    out = tmp_path / f"out.{ending}"
    done = cop("classify", name, "-o", out.name, cwd=tmp_path)

    assert (done.code, done.out) == (2, "")
    assert done.refusal == (line if kept is None else f"{line} in {out.name}")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([name] if kept is None else [name, out.name])
    if kept:
        ids = (
            pq.read_table(out).column("id").to_pylist()
            if ending == "parquet"
            else [r["id"] for r in lines(out.read_text())]
        )
        assert ids == [str(n + 1) for n in range(kept)]


def test_a_file_that_is_not_there_is_one_line(cop: Cop, tmp_path: Path) -> None:
    done = cop("classify", "none.csv", cwd=tmp_path)

    assert (done.code, done.refusal) == (2, "there is no file none.csv")


def test_the_input_is_never_the_output(cop: Cop, tmp_path: Path) -> None:
    path = inputs(tmp_path)["csv"]
    before = path.read_bytes()
    done = cop("classify", path, "--text", "body", "-o", tmp_path / "." / "in.csv")

    assert (done.code, done.refusal) == (2, "INPUT and OUTPUT are the same file (expected another file for the codes)")
    assert path.read_bytes() == before


def test_an_output_in_a_folder_that_is_not_there_is_one_line(cop: Cop, tmp_path: Path) -> None:
    path = inputs(tmp_path)["csv"]
    done = cop("classify", path, "--text", "body", "-o", "none/out.csv", cwd=tmp_path)

    assert (done.code, done.refusal) == (2, "there is no folder none")


def test_an_output_of_unknown_ending_is_refused_before_any_work(cop: Cop, tmp_path: Path) -> None:
    path = inputs(tmp_path)["csv"]
    done = cop("classify", path, "--text", "body", "-o", "out.xlsx", cwd=tmp_path)

    assert (done.code, done.refusal) == (
        2,
        '"out.xlsx" has an ending that is not known (expected .csv, .tsv, .jsonl, .ndjson, .parquet)',
    )


def test_an_older_output_stays_until_a_new_one_is_whole(cop: Cop, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("body\nx\n")
    (tmp_path / "out.jsonl").write_text("older\n")
    cop("classify", "a.csv", "-o", "out.jsonl", cwd=tmp_path)

    assert (tmp_path / "out.jsonl").read_text() == "older\n"


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path) -> None:
    import subprocess
    import sys

    path = inputs(tmp_path, [{"text": f"A short report, number {n}."} for n in range(3000)])["csv"]
    command = f"set -o pipefail; {Path(sys.executable).parent}/cop classify {path} --workers 1 | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)

    assert len(done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert done.returncode == 0


def test_memory_does_not_grow_with_the_input(measured: Callable[..., Any], tmp_path: Path) -> None:
    text = "A stranger in an online game asked a child of 11 for the name of the school, case {}."

    def peak(count: int) -> float:
        path = tmp_path / f"{count}.csv"
        path.write_text("text\n" + "".join(f'"{text.format(n)}"\n' for n in range(count)))
        found = measured("classify", path, "-o", tmp_path / "out.jsonl", "--workers", "1")
        assert found.done.code == 0, found.done.err
        return float(found.peak)

    few, many = peak(2_000), peak(12_000)
    assert many - few < 25
