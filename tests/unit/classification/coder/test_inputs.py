"""What is to be coded: rows and Arrow batches give the same records and the same refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.classification.coder.inputs import BATCH, INPUT_SCHEMA, Record, from_arrow, from_rows, in_batches, open_inputs
from cop.kernel.errors import NotFound, Refused
from cop.kernel.tables import Row


def taken(path: Path, **how: Any) -> list[Record]:
    """Every record of a file."""
    given: dict[str, Any] = {"id": None, "text": "text", **how}
    with open_inputs(path, **given) as inputs:
        return [(r["id"], r["text"]) for batch in inputs.batches for r in batch.to_pylist()]


@given(st.lists(st.tuples(st.none() | st.text(max_size=5), st.none() | st.text(max_size=8)), max_size=20), st.data())
def test_rows_and_batches_give_the_same_records_or_the_same_refusal(
    records: list[tuple[str | None, str | None]], data: st.DataObject
) -> None:
    after = data.draw(st.integers(0, len(records)))
    size = data.draw(st.integers(1, 7))
    table = pa.table(
        {"id": pa.array([r[0] for r in records], pa.string()), "text": pa.array([r[1] for r in records], pa.string())}
    )
    rows = [Row(n, {"id": name, "text": text}) for n, (name, text) in enumerate(records, 1)]

    def outcome(read: Callable[[], Iterator[Record]]) -> tuple[list[Record], str | None]:
        found = list[Record]()
        try:
            found.extend(record for record in read())
        except Refused as error:
            return found, str(error)
        return found, None

    ours = outcome(lambda: from_rows(rows, id=None, text="text", name="a", after=after))
    theirs = outcome(lambda: from_arrow(table.to_batches(size), id=None, text="text", name="a", after=after))
    assert ours == theirs


def test_a_null_text_is_the_empty_one_and_a_number_is_read_as_it_is_written(tmp_path: Path) -> None:
    records = [{"text": None}, {"text": 12}, {"text": 0.5}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    pq.write_table(pa.table({"text": pa.array([None, 12.0, 0.5])}), tmp_path / "a.parquet")

    assert taken(tmp_path / "a.jsonl") == [("1", ""), ("2", "12"), ("3", "0.5")]
    assert taken(tmp_path / "a.parquet") == [("1", ""), ("2", "12.0"), ("3", "0.5")]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.string(), ["one", "two"]),
        (pa.large_string(), ["one", "two"]),
        (pa.string_view(), ["one", "two"]),
        (pa.dictionary(pa.int8(), pa.string()), ["one", "two"]),
    ],
    ids=str,
)
def test_every_kind_of_arrow_string_is_a_text(kind: pa.DataType, values: list[str]) -> None:
    batch = pa.record_batch({"text": pa.array(values).cast(kind)})

    assert list(from_arrow([batch], id=None, text="text", name="a")) == [("1", "one"), ("2", "two")]


@pytest.mark.parametrize(
    ("column", "line"),
    [
        (pa.array([["x"]]), "a row 1, field text: a list cannot be a text (expected text)"),
        (pa.array([b"x"]), "a row 1, field text: a bytes cannot be a text (expected text)"),
        (pa.array(["x" * 20_001]), "a row 1, field text: the text has 20,001 characters (expected at most 20,000)"),
        (pa.array(["a\0"]), "a row 1, field text: the text holds a NUL character (expected text)"),
        (
            pa.Array.from_buffers(pa.string(), 1, [None, pa.array([0, 2], pa.int32()).buffers()[1], pa.py_buffer(b"a\xff")]),
            "a row 1, field text: the text is not UTF-8 (expected UTF-8)",
        ),
    ],
    ids=["a list", "bytes", "too long", "NUL", "not UTF-8"],
)  # fmt: skip
def test_a_text_that_cannot_be_coded_is_refused_by_its_row(column: pa.Array[Any], line: str) -> None:
    with pytest.raises(Refused) as refused:
        list(from_arrow([pa.record_batch({"text": column})], id=None, text="text", name="a"))

    assert str(refused.value) == line


def test_in_a_frame_a_null_id_stays_and_a_refusal_names_the_id_but_quotes_no_text() -> None:
    batch = pa.record_batch({"ref": ["r1", None, "r/3", "a man wrote to her"], "text": ["x", None, "x\0", "x\0"]})

    def refusal(given: pa.RecordBatch) -> str:
        with pytest.raises(Refused) as refused:
            list(from_arrow([given], id="ref", text="text"))
        return str(refused.value)

    problem = "field text: the text holds a NUL character (expected text)"
    assert list(from_arrow([batch.slice(0, 2)], id="ref", text="text")) == [("r1", "x"), (None, "")]
    assert refusal(batch) == f'{problem}; the record\'s id is "r/3"'
    assert refusal(batch.slice(3)) == f"{problem}; the record's id is a text of 18 characters"


def test_columns_that_are_missing_or_there_twice_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table([pa.array(["x"])] * 3, names=["body", "body", "id"]), tmp_path / "a.parquet")

    with pytest.raises(Refused, match=r"a.parquet, field text: the column is missing"):
        taken(tmp_path / "a.parquet")
    with pytest.raises(Refused, match=r"a.parquet, field ref: the column is missing"):
        taken(tmp_path / "a.parquet", text="id", id="ref")
    with pytest.raises(Refused, match=r"a.parquet, field body: the column is there twice"):
        taken(tmp_path / "a.parquet", text="body")


def test_parquet_columns_with_a_dot_are_columns_all_the_same(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a.b": ["x"], "a": [{"b": "y"}], "id": [7]}), tmp_path / "a.parquet")

    assert taken(tmp_path / "a.parquet", text="a.b") == [("7", "x")]


def test_a_damaged_page_is_refused_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [f"{n} {'x' * (n % 90)}" for n in range(4000)]}), path, row_group_size=1000)
    column = pq.ParquetFile(path).metadata.row_group(2).column(0)
    content = bytearray(path.read_bytes())
    content[column.data_page_offset : column.data_page_offset + 400] = b"\xff" * 400
    path.write_bytes(content)

    with pytest.raises(Refused, match=r"a.parquet row 2001: the file cannot be read from here on"):
        taken(path)


@given(st.integers(0, 1700), st.none() | st.integers(1, 700))
def test_batches_end_at_every_multiple_and_hold_every_record(count: int, every: int | None) -> None:
    batches = list(in_batches(((str(n), "x") for n in range(count)), every=every))
    ends = {sum(b.num_rows for b in batches[:n]) for n in range(1, len(batches) + 1)}

    assert [r for b in batches for r in b.column("id").to_pylist()] == [str(n) for n in range(count)]
    assert all(b.schema == INPUT_SCHEMA and 0 < b.num_rows <= BATCH for b in batches)
    assert set(range(every or count + 1, count + 1, every or 1)) <= ends


def test_what_comes_before_a_refusal_is_given_first() -> None:
    def records() -> Iterator[Record]:
        yield "1", "x"
        raise Refused("no more")

    batches = in_batches(records())

    assert next(batches).column("id").to_pylist() == ["1"]
    with pytest.raises(Refused, match="no more"):
        next(batches)


def test_the_number_of_rows_is_known_where_the_format_tells(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\nx\n")
    pq.write_table(pa.table({"text": ["x", "y"]}), tmp_path / "a.parquet")
    for name, rows in (("a.csv", None), ("a.parquet", 2)):
        with open_inputs(tmp_path / name, id=None, text="text") as inputs:
            assert (inputs.name, inputs.rows) == (name, rows)
    with pytest.raises(NotFound, match="there is no file"):
        taken(tmp_path / "b.parquet")
