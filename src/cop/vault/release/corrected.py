"""Shares of sections corrected for the coder's errors by the desks' audit sample, where there is one.

Source: docs/reference/measure-records.md (prediction-powered inference). The prediction is what the coder said,
whatever people changed later: that is what the audit sample was drawn to judge. Only records that had a lot stand for
the sample, so files that belong to nobody's desk are in no corrected figure. Figures are of sections over the whole
time; a section whose published count is withheld has none, and never alone, so that it is not the rest of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from cop.measurement.records.counts import TOTAL, Scheme
from cop.measurement.records.description import describe
from cop.measurement.records.measure import measure
from cop.vault.coding.queries import audit_frame, audit_judgements

METHOD = (
    "Audit sample: records drawn by lot with known chances, each coded blind by two people, disagreements settled by a "
    "third. Estimates by prediction-powered inference within the chances of being drawn; 95 % score intervals."
)
_TABLE = "section"


def corrected(
    parents: Mapping[str, tuple[str, ...]], shown: pl.DataFrame, *, threshold: int, scratch: Path
) -> dict[str, Any] | None:
    """What the edition's `quality` says of corrected counts; None where nothing was audited.

    Args:
        parents: for each code the codes above it, the section first.
        shown: the counts that the edition publishes.
        threshold: no figure below it is given.
        scratch: a folder for the facts record by record; they are removed.
    """
    judged = pl.DataFrame(
        list(audit_judgements()), schema={"id": pl.Int64, "people": pl.String}, orient="row"
    ).with_columns(pl.col("id").cast(pl.String))
    if judged.is_empty():
        return None
    frame = pl.DataFrame(
        list(audit_frame()), schema={"id": pl.Int64, "code": pl.String, "source": pl.String}, orient="row"
    ).with_columns(pl.col("id").cast(pl.String))
    paths = (scratch / "frame.parquet", scratch / "judged.parquet")
    # a chance at which nothing was judged yet says nothing: its records stay out until something is
    known = frame.join(judged, on="id", how="semi")["source"].unique()
    frame = frame.filter(pl.col("source").is_in(known.to_list()))
    frame.write_parquet(paths[0])
    judged.write_parquet(paths[1])
    asked = describe(
        {
            "id": "audit",
            "title": "Audit sample",
            "file": paths[0].name,
            "audit": {"file": paths[1].name, "code": "people", "strata": ["source"]},
            "table": [{"name": _TABLE, "dimensions": ["code"], "levels": ["section", "total"]}],
        },
        scratch / "audit.toml",
    )
    try:
        counts = measure(asked, Scheme(parents))
    finally:
        for path in paths:
            path.unlink()
    rows = counts.frame.filter(pl.col("code") != TOTAL).sort("code")
    return {
        "records": frame.height,
        "audited": judged.height,
        "method": METHOD,
        "sections": _given(rows, _open(shown), threshold),
    }


def _open(shown: pl.DataFrame) -> frozenset[str]:
    """Sections whose count over everything is published."""
    whole = shown.filter(
        (pl.col("table") == "class-language") & (pl.col("language") == TOTAL) & pl.col("value").is_not_null()
    )
    return frozenset(code for code in whole["code"].to_list() if len(code) == 1)


def _given(rows: pl.DataFrame, published: frozenset[str], threshold: int) -> list[dict[str, Any]]:
    """The figures that may be given, in whole numbers; where one section has none, neither has the least other."""
    kept = [
        row
        for row in rows.iter_rows(named=True)
        if row["status"] == "corrected" and row["code"] in published and row["corrected"] >= threshold
    ]
    if len(rows) - len(kept) == 1 and kept:
        kept.remove(min(kept, key=lambda row: (row["corrected"], row["code"])))
    return [
        {
            "code": row["code"],
            "corrected": round(row["corrected"]),
            "ci_low": round(row["ci_low"]),
            "ci_high": round(row["ci_high"]),
            "flag": row["flag"],
        }
        for row in kept
    ]
