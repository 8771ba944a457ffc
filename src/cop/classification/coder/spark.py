"""Codes for a Spark frame: `code_arrow` as a batch map, for what outgrows one machine.

Every worker needs this package, with its models; Spark itself comes with the extra `spark`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from cop.classification.coder.arrow import code_arrow, coded_schema
from cop.classification.coder.bulk import one_thread
from cop.classification.coder.coding import Coder
from cop.kernel.errors import Refused, Where

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def code_spark(
    frame: DataFrame, *, id: str, text: str, model: Path | None = None, all_scores: bool = False, fast: bool = False
) -> DataFrame:
    """The codes of a frame's texts: a frame with a row for each row, computed when Spark is asked for it.

    A null id stays null, and a null text is coded as the empty one. How the frame is partitioned changes no answer.

    Args:
        frame: any frame with these two columns; others are not sent to the workers.
        id: the column that names a record; it comes out as `id`, a string.
        text: the column that holds the text.
        model: the coder's folder, under the same path on every worker; None is the newest of the installation, which
            must be the same on every worker.
        all_scores: give every code's probability as well, as a map `scores`.
        fast: let the fast tier answer first.

    Returns:
        The columns of `CODED_SCHEMA` (`SCORED_SCHEMA`); the order of rows is Spark's affair.

    Raises:
        Refused: a column is missing. A text that cannot be coded ends Spark's job, whose error holds the refusal.
        NotFound: there is no trained coder.
    """
    from pyspark.sql.pandas.types import from_arrow_schema

    for column in (id, text):
        if column not in frame.columns:
            expected = f"one of {', '.join(frame.columns)}"
            raise Refused("the column is missing", where=Where(field=column), expected=expected)
    name = Coder.load(model).model

    def code(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        coder = coder_of_worker(model, name, fast)
        return code_arrow(batches, coder=coder, id="id", text="text", all_scores=all_scores)

    wanted = frame.select(frame[_quoted(id)].alias("id"), frame[_quoted(text)].alias("text"))
    with warnings.catch_warnings():
        # Spark looks at pandas before every batch map; nothing here ever becomes a frame of pandas
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        return wanted.mapInArrow(code, from_arrow_schema(coded_schema(all_scores=all_scores)))


@cache
def coder_of_worker(model: Path | None, name: str, fast: bool = False) -> Coder:
    """The coder, loaded once for each Python worker, which works on one core.

    Raises:
        Refused: the worker has another model than the caller.
    """
    coder = Coder.load(model, fast=fast)
    if coder.model != name:
        raise Refused(f"the coder of this worker is {coder.model}", expected=f"{name}, as the caller has it")
    one_thread()
    return coder


def _quoted(column: str) -> str:
    """The column's name as Spark takes it whatever it holds: a dot would mean a part of a column."""
    return "`" + column.replace("`", "``") + "`"
