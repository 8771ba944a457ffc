"""Parquet in Arrow batches: the columns that are asked for, in order, and one line for what is no Parquet."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cop.kernel.errors import NotFound, Refused
from cop.kernel.tables import open_batches, open_rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    table = pa.table({"n": list(range(25)), "text": [f"t{n}" for n in range(25)], "wide": ["x" * 100] * 25})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=7)
    return tmp_path / "a.parquet"


def test_batches_hold_the_rows_in_order_with_the_columns_that_are_asked_for(path: Path) -> None:
    with open_batches(path) as table:
        batches = list(table.read(["text", "n"], size=10))
        assert (table.name, table.columns, table.rows) == ("a.parquet", ("n", "text", "wide"), 25)

    assert {name for b in batches for name in b.schema.names} == {"n", "text"}
    assert max(b.num_rows for b in batches) <= 10
    with open_rows(path) as rows:
        assert [r for b in batches for r in b.select(["n", "text"]).to_pylist()] == [
            {"n": row.values["n"], "text": row.values["text"]} for row in rows
        ]


def test_what_is_no_parquet_is_refused_as_it_is_for_rows(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    said = list[str]()
    for opened in (open_batches, open_rows):
        with pytest.raises(Refused) as refused, opened(tmp_path / "a.parquet"):
            pass
        with pytest.raises(NotFound) as missing, opened(tmp_path / "b.parquet"):
            pass
        said.append(f"{refused.value} {missing.value}")

    assert said[0] == said[1]
