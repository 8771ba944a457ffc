from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest

from cop.kernel.errors import Refused
from cop.measurement.engines.contract import SET, GroupedSums, Named, Source
from cop.measurement.engines.duckdb import DuckDBEngine
from cop.measurement.expression import parse

FRAME = pl.DataFrame({"g": ["a", "a", "b", None], "h": [1, 2, 1, 1], "v": [1.0, 2.0, math.nan, 8.0]})
ENGINE = DuckDBEngine()


def query(source: Source, *sets: tuple[str, ...]) -> GroupedSums:
    keys = (Named("g", parse("g")), Named("h", parse("h")))
    return GroupedSums(source, keys, (Named("n", parse("1")), Named("v", parse("v"))), sets=sets)


def test_one_scan_sums_by_every_grouping_set() -> None:
    found = ENGINE.sums(query(Source(table=FRAME.to_arrow()), (), ("g",), ("h", "g")))

    assert found.column_names == [SET, "g", "h", "n", "v"]
    assert list(zip(*found.to_pydict().values(), strict=True)) == [
        (0, None, None, 4.0, 11.0), (1, "a", None, 2.0, 3.0), (1, "b", None, 1.0, 0.0), (1, None, None, 1.0, 8.0),
        (2, "a", 1, 1.0, 1.0), (2, "a", 2, 1.0, 2.0), (2, "b", 1, 1.0, 0.0), (2, None, 1, 1.0, 8.0),
    ]  # fmt: skip


def test_nan_is_no_value_whatever_a_files_statistics_say(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    FRAME.write_parquet(path)

    assert ENGINE.first(Source(path=path), parse("v IS NULL"), parse("h")) == (3, 1)
    assert ENGINE.sums(query(Source(path=path), ())).column("v").to_pylist() == [11.0]


def test_csv_and_parquet_and_arrow_sum_alike_under_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "a[1]*'?"
    folder.mkdir()
    FRAME.with_columns(pl.col("v").fill_nan(None)).write_csv(folder / "f'[x].csv")
    FRAME.write_parquet(folder / "f'[x].parquet")
    expected = ENGINE.sums(query(Source(table=FRAME.to_arrow()), ("g",)))

    assert ENGINE.sums(query(Source(path=folder / "f'[x].csv"), ("g",))).equals(expected)
    assert ENGINE.sums(query(Source(path=folder / "f'[x].parquet"), ("g",))).equals(expected)


def test_an_unknown_column_is_refused_with_the_nearest(tmp_path: Path) -> None:
    FRAME.rename({"v": "weight"}).write_parquet(tmp_path / "f.parquet")
    with pytest.raises(Refused) as refusal:
        ENGINE.sums(GroupedSums(Source(path=tmp_path / "f.parquet"), (), (Named("n", parse("wieght")),)))

    assert str(refusal.value) == 'f.parquet: "wieght" is not a column of the table (expected one of weight)'


@pytest.mark.parametrize("content", [b"PAR1 but not really", b""])
def test_a_file_that_is_no_parquet_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "f.parquet").write_bytes(content)
    with pytest.raises(Refused, match=r"^f\.parquet: cannot be read as a table"):
        ENGINE.columns(Source(path=tmp_path / "f.parquet"))


def test_a_value_that_does_not_fit_is_refused() -> None:
    with pytest.raises(Refused, match="does not fit"):
        ENGINE.sums(GroupedSums(Source(table=FRAME.to_arrow()), (), (Named("n", parse("g + 1")),)))


def test_kinds_of_columns_are_told() -> None:
    frame = pl.DataFrame({"n": [1], "t": ["x"], "b": [True]}).with_columns(pl.date(2025, 1, 1).alias("d"))

    assert ENGINE.columns(Source(table=frame.to_arrow())) == {"n": "number", "t": "text", "b": "boolean", "d": "date"}
