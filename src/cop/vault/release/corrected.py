"""Shares of sections corrected for the coder's errors by the desks' audit sample, where there is one.

Source: docs/reference/measure-records.md (prediction-powered inference). The prediction is what the coder said,
whatever people changed later: that is what the audit sample was drawn to judge. Only records that had a lot stand for
the sample, so files that belong to nobody's desk are in no corrected figure. Figures are of sections over the whole
time.

What is not given must not be the rest of what is: sections add up to the records, and the counts that the edition
publishes are nearly the same figures where the coder is right. So a section whose published count is withheld has no
figure, and sections have one only where those withheld are without it together, as they are in the counts: the counts'
protection then stands for both. Sections without a figure are never one alone, nor together below the threshold. A
figure whose interval is narrower than the threshold is a count: where the audit stands for other records than the
counts do, it has to differ from the count by none or by the threshold, or else it counts the records left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        "sections": _given(rows, _published(shown), threshold, records=frame.height),
    }


def _published(shown: pl.DataFrame) -> dict[str, int | None]:
    """Counts of sections, and of all records, over everything; None is withheld."""
    whole = shown.filter((pl.col("table") == "class-language") & (pl.col("language") == TOTAL))
    counts = zip(whole["code"].to_list(), whole["value"].to_list(), strict=True)
    return {code: value for code, value in counts if len(code) == 1 or code == TOTAL}


def _given(
    rows: pl.DataFrame, published: Mapping[str, int | None], threshold: int, *, records: int
) -> list[dict[str, Any]]:
    """The figures that may be given, in whole numbers.

    Args:
        rows: one a section.
        published: counts of sections and of all records; None is withheld.
        threshold: no figure below it is given.
        records: that the audit stands for.
    """
    held = [row for row in rows.iter_rows(named=True) if row["corrected"] is None or row["corrected"] > 0]
    withheld = {code for code, count in published.items() if count is None and code != TOTAL}
    within = {row["code"] for row in held if published.get(row["code"]) is None}
    if within and within != withheld:
        return []
    same = published.get(TOTAL) == records
    kept = [row for row in held if _may_be_given(row, published, threshold, same=same)]
    while kept and not _hides([row for row in held if row not in kept], threshold):
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


def _may_be_given(row: Mapping[str, Any], published: Mapping[str, int | None], threshold: int, *, same: bool) -> bool:
    count = published.get(row["code"])
    if row["status"] != "corrected" or count is None or row["corrected"] < threshold:
        return False
    exact = row["ci_high"] - row["ci_low"] < threshold
    return same or not exact or not 0 < abs(count - round(row["corrected"])) < threshold


def _hides(rest: Sequence[Mapping[str, Any]], threshold: int) -> bool:
    """Whether the sections without a figure are none, or some that are not known from the records left over."""
    return not rest or (len(rest) > 1 and sum(row["corrected"] or 0 for row in rest) >= threshold)
