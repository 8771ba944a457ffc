"""Readers and writers of tables: every row, in order, or a clear refusal."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.errors import NotFound, Refused
from cop.kernel.tables import open_rows, open_writer
from cop.kernel.tables.lines import LINE_LIMIT, lines

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def read(path: Path) -> list[dict[str, object]]:
    with open_rows(path) as rows:
        return [dict(row.values) for row in rows if row.fault is None]


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=20))
def test_a_csv_file_reads_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([("a", "b"), *cells])

    assert [(r["a"], r["b"]) for r in read(path)] == cells


@given(
    st.lists(st.dictionaries(texts, texts | st.integers() | st.none(), min_size=1, max_size=3), min_size=1, max_size=10)
)
def test_a_json_lines_file_reads_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, object]]
) -> None:
    path = write(tmp_path_factory.mktemp("j") / "t.jsonl", "".join(json.dumps(r) + "\n" for r in records).encode())

    assert read(path) == records


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_never_anything_else(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    for name in ("t.csv", "t.jsonl", "t.parquet"):
        path = write(tmp_path_factory.mktemp("any") / name, content)
        try:
            read(path)
        except Refused as error:
            assert "\n" not in str(error)


def test_parquet_rows_come_in_order_with_their_numbers(tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": list(range(9000))}), tmp_path / "t.parquet")

    with open_rows(tmp_path / "t.parquet") as rows:
        assert [(r.number, r.values["n"]) for r in rows] == [(n + 1, n) for n in range(9000)]


def test_a_byte_order_mark_and_semicolons_are_understood(tmp_path: Path) -> None:
    assert read(write(tmp_path / "t.csv", "\ufefftext;date\nöl;2025-01-01\n".encode())) == [
        {"text": "öl", "date": "2025-01-01"}
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "empty.csv: the file is empty (expected a header row and at least one record)"),
        ("empty.jsonl", b"\n", "empty.jsonl: the file is empty (expected one JSON object a line)"),
        ("u16.csv", "text\nhello\n".encode("utf-16"), "u16.csv: the file is UTF-16 (expected UTF-8)"),
        (
            "u16le.csv",
            "text\nhello\n".encode("utf-16-le"),
            "u16le.csv: the file looks like UTF-16 (expected UTF-8 text)",
        ),
        ("nul.csv", b"text\nhel\0lo there\n", "nul.csv row 1: the line holds a NUL byte (expected UTF-8 text)"),
        ("latin.csv", b"text\nM\xfcll\n", "latin.csv row 1: byte 0xfc at column 2 is not UTF-8 (expected UTF-8)"),
        (
            "twice.csv",
            b"a,a\n1,2\n",
            "twice.csv, field a: the header names a column twice (expected each column named once)",
        ),
        ("not.parquet", b"hello", "not.parquet: the file cannot be read as Parquet (expected Parquet)"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(Refused) as refused:
        read(write(tmp_path / name, content))

    assert str(refused.value) == message


def test_a_line_without_end_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    class Endless:
        taken = 0

        def read(self, size: int) -> bytes:
            self.taken += size
            return b"a" * size

    stream = Endless()
    with pytest.raises(Refused, match="longer than 1,048,576 bytes"):
        list(lines(stream, "endless.csv"))  # type: ignore[arg-type]

    assert stream.taken <= LINE_LIMIT + (1 << 17)


def test_an_unclosed_quote_does_not_swallow_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", b'text,date\n"never closed,2025-01-01\n' + b"x,2025-01-01\n" * 200_000)

    with pytest.raises(Refused, match="cannot be read"):
        read(path)


def test_a_ragged_row_carries_its_fault_and_the_rest_is_read(tmp_path: Path) -> None:
    with open_rows(write(tmp_path / "t.csv", b"a,b\n1,2\n3\n4,5\n")) as rows:
        faults = [str(r.fault) if r.fault else None for r in rows]

    assert faults == [None, "t.csv row 2: the record has 1 fields (expected 2, as in the header)", None]


def test_deep_json_is_a_fault_of_its_row(tmp_path: Path) -> None:
    with open_rows(write(tmp_path / "t.jsonl", b"[" * 100_000 + b"\n" + b'{"a": 1}\n')) as rows:
        kinds = [row.fault is None for row in rows]

    assert kinds == [False, True]


def test_an_unknown_ending_and_a_missing_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(Refused), open_rows(tmp_path / "t.xlsx"):
        pass
    with pytest.raises(NotFound), open_rows(tmp_path / "t.csv"):
        pass


@pytest.mark.parametrize("name", ["t.jsonl", "t.csv", "t.parquet"])
def test_every_written_format_reads_back(tmp_path: Path, name: str) -> None:
    with open_writer(tmp_path / name) as writer:
        writer.write([{"id": "1", "text": "é"}, {"id": "2", "text": "中"}])
        writer.write([{"id": "3", "text": "ع"}])

    assert read(tmp_path / name) == [{"id": "1", "text": "é"}, {"id": "2", "text": "中"}, {"id": "3", "text": "ع"}]


def test_rows_before_a_refusal_are_kept_and_a_crash_leaves_only_a_part(tmp_path: Path) -> None:
    with pytest.raises(Refused), open_writer(tmp_path / "kept.jsonl") as writer:
        writer.write([{"id": 1}])
        raise Refused("bad")
    with pytest.raises(RuntimeError), open_writer(tmp_path / "crash.jsonl") as writer:
        writer.write([{"id": 1}])
        raise RuntimeError

    assert read(tmp_path / "kept.jsonl") == [{"id": 1}]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["crash.jsonl.part", "kept.jsonl"]
