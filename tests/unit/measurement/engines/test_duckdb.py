from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest

from cop.kernel.errors import Refused
from cop.measurement.engines import engine_of
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


def test_threads_change_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    from cop.measurement.engines import duckdb

    random = np.random.default_rng(1)
    frame = pl.DataFrame({"g": random.integers(0, 9, 5000).astype(str), "h": random.integers(0, 3, 5000),
                          "v": random.normal(0, 1e6, 5000)})  # fmt: skip
    # a group that one part lacks, and one that no key has
    frame = frame.with_columns(g=pl.when(pl.int_range(pl.len()) < 600).then(pl.lit("9")).otherwise("g"))
    frame.with_columns(v=pl.when(pl.col("h") == 2).then(math.nan).otherwise("v")).write_parquet(
        tmp_path / "f.parquet", row_group_size=500
    )
    monkeypatch.setattr(duckdb, "_PART", 1000)
    source = Source(path=tmp_path / "f.parquet")
    two, three = (DuckDBEngine(threads=n).sums(query(source, ("g",), ("g", "h"))) for n in (2, 3))
    one = ENGINE.sums(query(source, ("g",), ("g", "h")))

    assert two.equals(three)
    assert two.drop_columns(["v"]).equals(one.drop_columns(["v"]))
    assert two.column("v").to_pylist() == pytest.approx(one.column("v").to_pylist(), rel=1e-12, abs=1e-9)
    with pytest.raises(Refused, match=r'f\.parquet: "vv" is not a column'):
        DuckDBEngine(threads=2).sums(GroupedSums(source, (), (Named("n", parse("vv")),)))


def test_counts_and_sums_are_doubles(tmp_path: Path) -> None:
    import pyarrow as pa

    FRAME.write_parquet(tmp_path / "f.parquet")
    sums = (Named("n", parse("1")), Named("one", parse("CASE WHEN h = 1 THEN 1 END")), Named("h", parse("h")))
    found = ENGINE.sums(GroupedSums(Source(path=tmp_path / "f.parquet"), (), sums))

    assert found.drop_columns([SET]).to_pylist() == [{"n": 4.0, "one": 3.0, "h": 5.0}]
    assert {field.type for field in found.drop_columns([SET]).schema} == {pa.float64()}


def test_an_engine_is_known_by_its_name() -> None:
    assert isinstance(engine_of("duckdb", threads=2), DuckDBEngine)
    with pytest.raises(Refused, match=r'"polars" is no engine \(expected duckdb, spark, spark://HOST:PORT\)'):
        engine_of("polars")
