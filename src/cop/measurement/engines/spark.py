"""Grouped sums on Spark: the same contract where a table outgrows one machine, or lies on a cluster.

Sums are doubles added in the order in which tasks end, so the last bits may differ from run to run and from DuckDB's
(by about 1e-15 of the sum of magnitudes). Text columns of a CSV get the kinds that DuckDB gives them. Spark comes with
the extra `spark`.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from cop.kernel.errors import Refused, Unavailable, Where
from cop.measurement.engines.contract import SET, GroupedSums, Kind, Source
from cop.measurement.engines.duckdb import unknown_column
from cop.measurement.expression import Call, Column, Expression, Literal, columns

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LOCAL = "local[*]"
_QUOTE = "`"
_KINDS: dict[str, Kind] = {"string": "text", "boolean": "boolean", "date": "date", "timestamp": "date"}
_NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")
_NUMBER = r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
_CLASS = re.compile(r"\[[A-Z_]{4,}(\.[A-Z_]+)*\]")
_INTEGER = r"^\s*[+-]?[0-9]{1,18}\s*$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class SparkEngine:
    """Spark under a master's address, or a session that is already there.

    Args:
        master: "spark://host:port", or "local[N]" for N cores of this machine.
        session: used instead of a new one, and left running.
    """

    def __init__(self, master: str = LOCAL, *, session: SparkSession | None = None) -> None:
        self._session = session if session is not None else _session(master)

    def columns(self, source: Source) -> dict[str, Kind]:
        with self._reading(source) as frame:
            return {field.name: _kind(field.dataType.simpleString()) for field in frame.schema.fields}

    def sums(self, query: GroupedSums) -> pa.Table:
        names = [key.name for key in query.keys]
        sets = query.sets or (tuple(names),)
        wanted = [*(k.value for k in query.keys), *(t.value for t in query.sums)]
        wanted += [query.where] if query.where is not None else []
        with self._reading(query.source, wanted) as frame:
            kept = frame.where(_sql(query.where)) if query.where is not None else frame
            inner = kept.selectExpr(
                *(f"{_sql(key.value)} AS k{place}" for place, key in enumerate(query.keys)),
                *(f"CAST({_sql(total.value)} AS DOUBLE) AS v{place}" for place, total in enumerate(query.sums)),
            )
            used = [name for name in names if any(name in one for one in sets)]
            masks = [sum(1 << (len(used) - 1 - i) for i, n in enumerate(used) if n not in one) for one in sets]
            if len(set(masks)) != len(masks):
                raise ValueError("a grouping set is given twice")
            found = _grouped(inner, names, used, sets, len(query.sums)).toArrow()
        place_of = {mask: place for place, mask in enumerate(masks)}
        index = pa.array([place_of[int(mask)] for mask in found.column("mask").to_pylist()], pa.int64())
        found = found.set_column(0, SET, index).rename_columns([SET, *names, *(total.name for total in query.sums)])
        return found.sort_by([(name, "ascending") for name in (SET, *names)])

    def first(self, source: Source, where: Expression, value: Expression) -> tuple[int, object] | None:
        from pyspark.sql import functions as f

        with self._reading(source, [where, value]) as frame:
            part, number = f.spark_partition_id(), f.monotonically_increasing_id()
            marked = frame.withColumn("_part", part).withColumn("_number", number)
            row = marked.where(_sql(where)).orderBy("_number").selectExpr("_part", "_number", _sql(value)).first()
            if row is None:
                return None
            # the number counts from 2^33 times the part: rows of the parts before it are counted beside it
            before = frame.withColumn("_part", part).where(f.col("_part") < row[0]).count()
            return before + int(row[1]) - (int(row[0]) << 33) + 1, row[2]

    @contextmanager
    def _reading(self, source: Source, wanted: Sequence[Expression] | None = None) -> Generator[DataFrame]:
        from py4j.protocol import Py4JJavaError
        from pyspark.errors import PySparkException

        try:
            with warnings.catch_warnings():
                # Spark looks at pandas before it hands over Arrow; nothing here ever becomes a frame of pandas
                warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
                frame = self._frame(source)
                yield frame if wanted is None else _picked(frame, wanted, source)
        except (PySparkException, Py4JJavaError) as error:
            said = _said(error)
            raise Refused(f"cannot be computed on Spark: {said[:200]}", where=Where(source.name),
                          expected="a table and expressions that fit each other") from error  # fmt: skip

    def _frame(self, source: Source) -> DataFrame:
        if source.table is not None:
            return self._session.createDataFrame(source.table)
        path = source.path
        if path is None or not path.is_file():
            raise Refused("is not a file", where=Where(source.name), expected="a CSV or Parquet file")
        # a name with the marks of a pattern is taken literally
        name = "file:" + re.sub(r"([\\{}\[\]*?])", r"\\\1", str(path.resolve()))
        if path.suffix.lower() == ".parquet":
            return self._session.read.parquet(name)
        read = self._session.read.option("header", True).option("sep", source.delimiter).option("quote", '"')
        texts = read.option("escape", '"').option("multiLine", True).option("mode", "FAILFAST").csv(name)
        return _typed(texts, source.missing)


def _said(error: Exception) -> str:
    """What Spark says is wrong: the line with its error class, where there is one."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    classed = [line for line in lines if _CLASS.search(line)]
    return (classed or lines or [type(error).__name__])[0]


def _session(master: str) -> SparkSession:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise Unavailable("Spark is not installed", expected="pip install cop-observatory[spark]") from error
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.pyspark.python": sys.executable,
        "spark.pyspark.driver.python": sys.executable,
        "spark.sql.session.timeZone": "UTC",
    }
    if master.startswith("local"):
        settings |= {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1",
                     "spark.sql.shuffle.partitions": str(os.cpu_count() or 1)}  # fmt: skip
    builder = SparkSession.builder.master(master).appName("cop")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _picked(frame: DataFrame, wanted: Iterable[Expression], source: Source) -> DataFrame:
    """The columns that are named, NaN taken for what it means: no value."""
    kinds = {field.name: field.dataType.simpleString() for field in frame.schema.fields}
    picked: list[str] = []
    for name in dict.fromkeys(name for expression in wanted for name in columns(expression)):
        if name not in kinds:
            raise unknown_column(name, kinds, source.name)
        quoted = Column(name).sql(_QUOTE)
        floating = kinds[name] in {"double", "float"}
        picked.append(f"CASE WHEN isnan({quoted}) THEN NULL ELSE {quoted} END AS {quoted}" if floating else quoted)
    return frame.selectExpr(*picked) if picked else frame


def _grouped(
    inner: DataFrame, names: Sequence[str], used: Sequence[str], sets: Sequence[Sequence[str]], count: int
) -> DataFrame:
    place = {name: f"k{number}" for number, name in enumerate(names)}
    totals = [f"COALESCE(SUM(v{number}), 0D) AS v{number}" for number in range(count)]
    listed = [place[name] if name in used else f"CAST(NULL AS STRING) AS {place[name]}" for name in names]
    if not used:
        return inner.selectExpr("0 AS mask", *listed, *totals) if not names else inner.selectExpr(*totals).selectExpr(
            "0 AS mask", *listed, *(f"v{number}" for number in range(count)))  # fmt: skip
    view = "cop_measured"
    inner.createOrReplaceTempView(view)
    groups = ", ".join(f"({', '.join(place[name] for name in one)})" for one in sets)
    # GROUPING_ID would have to name the keys in the order in which the sets do
    bits = [f"CAST(GROUPING({place[name]}) AS BIGINT) * {1 << (len(used) - 1 - i)}" for i, name in enumerate(used)]
    return inner.sparkSession.sql(
        f"SELECT {' + '.join(bits)} AS mask, {', '.join([*listed, *totals])} FROM {view} "  # noqa: S608
        f"GROUP BY GROUPING SETS ({groups})"
    )


def _typed(texts: DataFrame, missing: Sequence[str]) -> DataFrame:
    """Columns of text as the kinds that all their values have: whole numbers, numbers, truth, dates, or text."""
    from pyspark.sql import functions as f

    blank = [*dict.fromkeys(("", *missing))]
    names = texts.columns
    cells = [f.when(~f.col(_escaped(n)).isin(blank), f.col(_escaped(n))).alias(n) for n in names]
    kept = texts.select(*cells)
    tests: list[Any] = []
    for place, name in enumerate(names):
        column = f.col(_escaped(name))
        tests += [
            f.count(column).alias(f"any{place}"),
            f.coalesce(f.min(column.rlike(_INTEGER)), f.lit(True)).alias(f"integer{place}"),
            f.coalesce(f.min(column.rlike(_NUMBER)), f.lit(True)).alias(f"number{place}"),
            f.coalesce(f.min(f.lower(column).isin("true", "false")), f.lit(True)).alias(f"boolean{place}"),
            f.coalesce(f.min(column.rlike(_DATE)), f.lit(True)).alias(f"date{place}"),
        ]
    found = kept.agg(*tests).first()
    if found is None:
        return kept
    typed: list[Any] = []
    for place, name in enumerate(names):
        fitting = [kind for kind in ("integer", "number", "boolean", "date") if found[f"{kind}{place}"]]
        kind = fitting[0] if found[f"any{place}"] and fitting else "string"
        to = {"integer": "bigint", "number": "double"}.get(kind, kind)
        typed.append(f.col(_escaped(name)).cast(to).alias(name))
    return kept.select(*typed)


def _escaped(name: str) -> str:
    return Column(name).sql(_QUOTE)


def _kind(kind: str) -> Kind:
    if kind.startswith(_NUMBERS):
        return "number"
    return _KINDS.get(kind.partition("_")[0], "other")


def _sql(expression: Expression) -> str:
    return _spoken(expression).sql(_QUOTE)


def _spoken(expression: Expression) -> Expression:
    """The same expression in Spark's dialect: backslashes and quotes of texts escaped, numbers with a point doubles."""
    match expression:
        case Call(op, args):
            return Call(op, tuple(_spoken(arg) for arg in args))
        case Literal(text, "text"):
            said = text.replace("\\", "\\\\").replace("'", "\\'")
            return Literal(f"'{said}'")
        case Literal(text, "number") if not text.lstrip("-").isdigit():
            return Literal(f"{text}D")
        case _:
            return expression
