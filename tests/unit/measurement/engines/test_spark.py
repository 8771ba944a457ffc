"""Spark gives the sums and the figures that DuckDB gives, to 1e-12."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from cop.kernel.errors import Refused
from cop.measurement.catalogue import Catalogue
from cop.measurement.engines.contract import SET, GroupedSums, Named, Source
from cop.measurement.engines.duckdb import DuckDBEngine
from cop.measurement.engines.spark import SparkEngine
from cop.measurement.expression import parse
from cop.measurement.survey.description import Survey
from cop.measurement.survey.estimate import estimate

DUCKDB = DuckDBEngine()
TEXTS = ["a'b", 'c"d', "e\\nf", "g`h", "", None]


@pytest.fixture(scope="module")
def spark(java: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    """Spark on one core of this machine, heard by nobody outside it."""
    del java
    from pyspark.sql import SparkSession

    place = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1", "spark.ui.enabled": "false",
        "spark.pyspark.python": sys.executable, "spark.local.dir": str(place), "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": str(place / "warehouse"), "spark.ui.showConsoleProgress": "false",
    }  # fmt: skip
    builder = SparkSession.builder.master("local[1]").appName("cop")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield SparkEngine(session=session)
    session.stop()


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    random = np.random.default_rng(2)
    n = 400
    y = random.normal(5, 2, n)
    y[::17] = np.nan
    return pl.DataFrame(
        {
            "h": random.integers(1, 4, n), "psu": random.integers(1, 5, n), "w": random.uniform(1, 9, n), "y": y,
            "t": [TEXTS[i % len(TEXTS)] for i in range(n)], "b": random.integers(0, 2, n) == 1,
            "a.b": random.integers(0, 5, n), "d": ["2025-01-02"] * n,
        }
    )  # fmt: skip


def query(source: Source) -> GroupedSums:
    keys = (Named("h", parse("h")), Named("t", parse("t")), Named("of", parse("CASE WHEN b THEN 1 ELSE 2 END")))
    sums = (
        Named("n", parse("1")), Named("y", parse("w * y")), Named("half", parse("y / 0.5e0 + w / \"a.b\" - 1.25 * h % 2")),
        Named("text", parse("CASE WHEN t IN ('a''b', 'e\\nf', 'g`h') THEN 1 END")),
        Named("none", parse("CASE WHEN y IS NULL THEN w END")),
    )  # fmt: skip
    return GroupedSums(source, keys, sums, where=parse("h BETWEEN 1 AND 3"), sets=((), ("t", "h"), ("of",)))


def same(one: pa.Table, two: pa.Table) -> None:
    assert one.column_names == two.column_names
    for name in one.column_names:
        left, right = (table.column(name).to_pylist() for table in (one, two))
        if name in {SET, "h", "t", "of"}:
            assert left == right
        else:
            assert left == pytest.approx(right, rel=1e-12, abs=1e-12)


def test_files_and_tables_sum_as_on_duckdb(spark: SparkEngine, frame: pl.DataFrame, tmp_path: Path) -> None:
    frame.write_parquet(tmp_path / "f [1].parquet")
    # in a CSV the empty text is no value
    frame.with_columns(y=pl.col("y").fill_nan(None)).write_csv(tmp_path / "f.csv", null_value="NA")
    for source in (
        Source(path=tmp_path / "f [1].parquet"),
        Source(path=tmp_path / "f.csv", missing=("", "NA")),
        Source(table=frame.head(60).to_arrow()),
    ):
        found = spark.sums(query(source))
        same(found, DUCKDB.sums(query(source)))
        assert len(found) > 10


def test_kinds_and_first_rows_are_those_of_duckdb(spark: SparkEngine, frame: pl.DataFrame, tmp_path: Path) -> None:
    frame.with_columns(y=pl.col("y").fill_nan(None)).write_csv(tmp_path / "f.csv", null_value="NA")
    source = Source(path=tmp_path / "f.csv", missing=("", "NA"))
    where, value = parse("y IS NULL AND h = 2"), parse("w")

    assert spark.columns(source) == DUCKDB.columns(source)
    assert spark.first(source, where, value) == DUCKDB.first(source, where, value)
    assert spark.first(source, parse("h = 9"), value) is None


def test_estimates_equal_those_of_duckdb(
    spark: SparkEngine,
    frame: pl.DataFrame,
    described: Callable[..., Survey],
    small_catalogue: Catalogue,
    tmp_path: Path,
) -> None:
    frame.write_parquet(tmp_path / "f.parquet")
    asked: list[dict[str, Any]] = [
        {"code": "ACC.MEAN", "kind": "mean", "variable": "y"},
        {"code": "ACC.SHARE", "kind": "proportion", "numerator": "y > 4.5", "where": "b"},
    ]
    survey = described(
        tmp_path / "f.parquet", asked, design={"strata": "h", "psu": "psu"}, domains={"a": {"column": "a.b"}},
        breakdowns=[[], ["a"]],
    )  # fmt: skip
    one = estimate(survey, engine=spark, catalogue=small_catalogue)
    two = estimate(survey, engine=DUCKDB, catalogue=small_catalogue)

    assert len(one) == 12
    assert one.select("indicator", "a", "n", "df", "flag").equals(two.select("indicator", "a", "n", "df", "flag"))
    for name in ("estimate", "se", "ci_low", "ci_high", "cv", "deff"):
        assert one[name].to_list() == pytest.approx(two[name].to_list(), rel=1e-12)


def test_what_does_not_fit_is_refused(spark: SparkEngine, frame: pl.DataFrame, tmp_path: Path) -> None:
    frame.write_parquet(tmp_path / "f.parquet")
    source = Source(path=tmp_path / "f.parquet")
    with pytest.raises(Refused, match=r'f\.parquet: "hh" is not a column of the table'):
        spark.sums(GroupedSums(source, (), (Named("n", parse("hh")),)))
    with pytest.raises(Refused, match=r"f\.parquet: cannot be computed on Spark"):
        spark.sums(GroupedSums(source, (), (Named("n", parse("t + 1")),)))
    (tmp_path / "g.parquet").write_text("nothing")
    with pytest.raises(Refused, match=r"g\.parquet: cannot be computed on Spark"):
        spark.columns(Source(path=tmp_path / "g.parquet"))
