"""The coder as a Spark batch map gives each record what it gives it here, however the frame is partitioned."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cop.classification.coder import Coder
from cop.classification.coder.arrow import CODED_SCHEMA, SCORED_SCHEMA
from cop.classification.coder.spark import code_spark, coder_of_worker
from cop.kernel.errors import Refused

RECORDS = 500
Texts = dict[str, str | None]


@pytest.fixture(scope="module")
def spark(java: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Spark on two cores of this machine, heard by nobody outside it."""
    del java
    from pyspark.sql import SparkSession

    place = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.pyspark.python": sys.executable,
        "spark.pyspark.driver.python": sys.executable,
        "spark.ui.enabled": "false",
        "spark.local.dir": str(place),
        "spark.sql.warehouse.dir": str(place / "warehouse"),
        "spark.executorEnv.PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
    }
    builder = SparkSession.builder.master("local[2]").appName("cop")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder.load()


@pytest.fixture(scope="module")
def texts(root: Path) -> Texts:
    """Texts of the corpus by id, and one that is null."""
    lines = [x for p in sorted((root / "corpus").glob("*.jsonl")) for x in p.read_text(encoding="utf-8").splitlines()]
    records = [json.loads(line) for line in lines[:: len(lines) // RECORDS]]
    return {**{r["id"]: r["text"] for r in records}, "none": None}


def frame(spark: Any, texts: Texts, partitions: int) -> Any:
    """The texts under `the.text`, their ids under `ref`, with a column that nobody asks for."""
    rows = [(7, name, text) for name, text in texts.items()]
    return spark.createDataFrame(rows, "other int, ref string, `the.text` string").repartition(partitions)


@pytest.mark.parametrize("partitions", [1, 5])
def test_every_record_has_the_answer_that_the_coder_gives_here(
    spark: Any, coder: Coder, texts: Texts, partitions: int
) -> None:
    coded = code_spark(frame(spark, texts, partitions), id="ref", text="the.text")
    found = {row["id"]: row.asDict() for row in coded.collect()}
    said = coder.code([text or "" for text in texts.values()])

    assert coded.columns == CODED_SCHEMA.names
    assert coded.count() == len(texts)
    assert found == {name: {"id": name, **c.as_json()} for name, c in zip(texts, said, strict=True)}


def test_all_scores_are_a_map(spark: Any, coder: Coder, texts: Texts) -> None:
    few = dict(list(texts.items())[:20])
    coded = code_spark(frame(spark, few, 3), id="ref", text="the.text", model=coder.folder, all_scores=True)
    found = {row["id"]: row["scores"] for row in coded.collect()}
    said = coder.code([text or "" for text in few.values()], all_scores=True)

    assert coded.columns == SCORED_SCHEMA.names
    assert found == {name: c.scores for name, c in zip(few, said, strict=True)}


def test_a_text_that_is_refused_ends_the_job_with_the_refusal(spark: Any) -> None:
    from pyspark.errors import PythonException

    bad = frame(spark, {"r1": "x", "r2": "x\0"}, 1)
    with pytest.raises(PythonException, match=r'holds a NUL character \(expected text\); the record\'s id is "r2"'):
        code_spark(bad, id="ref", text="the.text").collect()


def test_a_column_that_is_missing_is_refused_before_any_work(spark: Any) -> None:
    with pytest.raises(Refused, match=r"field body: the column is missing \(expected one of other, ref, the.text\)"):
        code_spark(frame(spark, {"r1": "x"}, 1), id="ref", text="body")


def test_a_worker_loads_the_coder_once_and_refuses_another(coder: Coder) -> None:
    assert coder_of_worker(coder.folder, coder.model) is coder_of_worker(coder.folder, coder.model)
    with pytest.raises(Refused, match=rf"the coder of this worker is {coder.model} \(expected coder-next"):
        coder_of_worker(coder.folder, "coder-next")
