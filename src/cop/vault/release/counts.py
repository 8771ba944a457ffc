"""Coded reports on their way out: counted, small cells withheld, nothing else passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from cop.classification.scheme import Scheme
from cop.kernel.progress import SILENT, Progress
from cop.measurement.disclosure.edition import Guarded, protect_counts
from cop.measurement.disclosure.published import Published
from cop.measurement.records import counts as records
from cop.vault.cases.queries import kept_records
from cop.vault.coding.queries import RECORD_COLUMNS, coded_records

LEVELS: tuple[records.Level, ...] = ("leaf", "class", "section", "total")
TABLES = (
    records.CountTable("class-month", ("code", "period"), levels=LEVELS),
    records.CountTable("class-year-area", ("code", "period", "area"), levels=LEVELS, step="year"),
    records.CountTable("section-month-area", ("code", "period", "area"), levels=("section", "total")),
    records.CountTable("class-platform", ("code", "platform"), levels=LEVELS),
    records.CountTable("class-age-sex", ("code", "age_band", "sex"), levels=("class", "section", "total")),
    records.CountTable("class-language", ("code", "language"), levels=LEVELS),
)
"""The count tables of an edition."""

LINEAGE = "counts"

_RECORD = pa.schema(
    [
        ("code", pa.string()),
        ("date", pa.date32()),
        ("area", pa.string()),
        ("platform", pa.string()),
        ("age_band", pa.string()),
        ("sex", pa.string()),
        ("language", pa.string()),
    ]
)


def codes_above(scheme: Scheme) -> dict[str, tuple[str, ...]]:
    """For each code of the classification the codes above it, the section first."""
    return {node.code: scheme.parents(node.code)[::-1] for node in scheme.nodes}


def published_counts(
    scheme: Scheme, *, threshold: int, past: Sequence[Published], scratch: Path, progress: Progress = SILENT
) -> Guarded:
    """The count tables as they may be seen beside the editions released before, and what was withheld from each.

    Coded facts pass through a Parquet file in `scratch`, so that memory does not grow with the number of reports.
    """
    path = scratch / "records.parquet"
    with pq.ParquetWriter(path, _RECORD) as writer:
        for chunk in chain(coded_records(), kept_records(RECORD_COLUMNS)):
            columns = {n: [v or None for v in chunk[n]] for n in _RECORD.names}
            writer.write_table(pa.table(columns, schema=_RECORD))
    parents = codes_above(scheme)
    if pq.read_metadata(path).num_rows == 0:
        counted = pl.DataFrame(schema=records.SCHEMA)
    else:
        counted = records.count(path, TABLES, records.Scheme(parents))
    path.unlink()
    shown = protect_counts(counted, parents, threshold=threshold, past=past, progress=progress)
    return replace(shown, counts=shown.counts.with_columns(pl.lit(LINEAGE).alias("lineage")))
