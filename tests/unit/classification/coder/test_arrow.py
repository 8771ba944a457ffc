"""Codes for Arrow batches are those of the coder, one for each record, in one schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cop.classification.coder import Coder
from cop.classification.coder.arrow import CODED_SCHEMA, SCORED_SCHEMA, code_arrow
from cop.kernel.errors import Refused

TEXTS = ["A child of 12 was insulted in a class chat for weeks.", "", "孩子的游戏账号被盗了，密码也改了。", None]


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder.load()


@pytest.fixture(scope="module")
def corpus(root: Path) -> list[str]:
    lines = [x for p in sorted((root / "corpus").glob("*.jsonl")) for x in p.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line)["text"] for line in lines[::9]]


def batches(texts: list[str | None], size: int) -> Iterator[pa.RecordBatch]:
    """Texts in batches of that size, with a column that nobody asks for."""
    for start in range(0, len(texts), size):
        part = texts[start : start + size]
        names = [f"r{n}" for n in range(start, start + len(part))]
        yield pa.record_batch({"other": [0.5] * len(part), "body": pa.array(part, pa.string()), "ref": names})


def records(answers: Iterator[pa.RecordBatch]) -> list[dict[str, Any]]:
    """The rows of batches."""
    return [row for batch in answers for row in batch.to_pylist(maps_as_pydicts="strict")]


@pytest.mark.parametrize("all_scores", [False, True])
def test_one_record_for_each_in_order_with_what_the_coder_says(coder: Coder, all_scores: bool) -> None:
    answers = list(code_arrow(batches(TEXTS, 3), coder=coder, id="ref", text="body", all_scores=all_scores))
    said = coder.code([text or "" for text in TEXTS], all_scores=all_scores)

    assert {a.schema for a in answers} == {SCORED_SCHEMA if all_scores else CODED_SCHEMA}
    assert records(iter(answers)) == [{"id": f"r{n}", **c.as_json()} for n, c in enumerate(said)]


def test_the_size_of_batches_changes_no_answer(coder: Coder, corpus: list[str | None]) -> None:
    some = corpus[:150]
    few, many = (
        records(code_arrow(batches(some, size), coder=coder, id="ref", text="body", all_scores=True))
        for size in (7, 1000)
    )

    assert few == many


def test_no_batches_are_no_batches(coder: Coder) -> None:
    assert list(code_arrow([], coder=coder, id="ref", text="body")) == []
    assert [a.num_rows for a in code_arrow(batches([None], 1), coder=coder, id="ref", text="body")] == [1]


def test_what_comes_before_a_text_that_is_refused_is_coded(coder: Coder) -> None:
    answers = code_arrow(
        batches(["one", "two", "x\0", "four"], 4), coder=coder, id="ref", text="body", name="a.parquet"
    )

    assert next(answers).column("id").to_pylist() == ["r0", "r1"]
    with pytest.raises(
        Refused, match=r"^a.parquet row 3, field body: the text holds a NUL character \(expected text\)$"
    ):
        next(answers)


def test_the_schema_has_every_fact_of_a_coded_text(coder: Coder) -> None:
    assert CODED_SCHEMA.names == ["id", *coder.code(["x"])[0].as_json()]
    assert SCORED_SCHEMA.names == ["id", *coder.code(["x"], all_scores=True)[0].as_json()]
