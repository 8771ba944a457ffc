"""Small cells: a count of 1 to threshold - 1 is withheld before anything is published.

Primary suppression alone: a withheld cell can still be found by subtraction where totals are published beside it. Each
summary says so (`complementary: false`), so that the edition can. Statuses are codes of SDMX's CL_OBS_STATUS and
CL_CONF_STATUS: withheld is Q and C, published A and F, low reliability U and F. A withheld value is null, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from cop.kernel.errors import Refused, Where

THRESHOLD = 5
_FIGURES = ("estimate", "se", "ci_low", "ci_high", "cv", "deff", "df")


@dataclass(frozen=True, slots=True)
class Summary:
    """What was withheld from one table.

    `unreliable` counts cells withheld because they may not be published, whatever their size. `complementary` is
    whether suppressed cells were also protected against subtraction.
    """

    table: str
    cells: int
    suppressed: int
    unreliable: int
    threshold: int
    complementary: bool = False


def suppress(counts: pl.DataFrame, *, threshold: int = THRESHOLD) -> tuple[pl.DataFrame, list[Summary]]:
    """Withhold small counts.

    Args:
        counts: with `table` and `value` (integers).
        threshold: the smallest count that may be seen; 0 may be, as nobody is in it.

    Returns:
        The table with `obs_status` and `conf_status`, and one summary per `table`, in order of name.

    Raises:
        Refused: a count is missing or negative, or the threshold is below 1.
    """
    _check(threshold)
    if counts["value"].null_count() or (counts["value"] < 0).any():
        raise Refused("a count is missing or negative", where=Where(field="value"), expected="0 or more in every cell")
    small = (pl.col("value") > 0) & (pl.col("value") < threshold)
    marked = counts.with_columns(
        pl.when(small).then(pl.lit("Q")).otherwise(pl.lit("A")).alias("obs_status"),
        pl.when(small).then(pl.lit("C")).otherwise(pl.lit("F")).alias("conf_status"),
        pl.when(small).then(None).otherwise(pl.col("value")).alias("value"),
    )
    return marked, _summaries(marked, "table", threshold)


def suppress_estimates(
    estimates: pl.DataFrame, *, table: str, threshold: int = THRESHOLD
) -> tuple[pl.DataFrame, list[Summary]]:
    """Withhold survey cells with few answers, and figures that are not reliable enough to publish.

    Args:
        estimates: as `survey.estimate.estimate` returns them.
        table: the name of the table in the summary, the survey's id.
        threshold: the smallest number of answers that may be seen.

    Returns:
        The table with `obs_status` and `conf_status`. A cell with 0 < n < threshold loses its figures and its n (Q, C);
        one flagged "not published" loses its figures and keeps its n (Q, F); one to be used with caution is marked U.
        One without any answer is M: there is nothing to withhold.
    """
    _check(threshold)
    small = (pl.col("n") > 0) & (pl.col("n") < threshold)
    withheld = small | (pl.col("flag") == "not published")
    empty = pl.col("n") == 0
    status = (
        pl.when(empty).then(pl.lit("M"))
        .when(withheld).then(pl.lit("Q"))
        .when(pl.col("flag") == "use with caution").then(pl.lit("U"))
        .otherwise(pl.lit("A"))
    )  # fmt: skip
    marked = estimates.with_columns(
        status.alias("obs_status"),
        pl.when(small).then(pl.lit("C")).otherwise(pl.lit("F")).alias("conf_status"),
        *(pl.when(withheld).then(None).otherwise(pl.col(name)).alias(name) for name in _FIGURES),
        pl.when(small).then(None).otherwise(pl.col("n")).alias("n"),
        pl.when(small).then(pl.lit("not published")).otherwise(pl.col("flag")).alias("flag"),
        pl.when(small)
        .then(pl.lit(f"fewer than {threshold} answers"))
        .otherwise(pl.col("flag_reason"))
        .alias("flag_reason"),
    )
    named = marked.with_columns(pl.lit(table).alias("table"))
    return marked, _summaries(named, "table", threshold)


def _check(threshold: int) -> None:
    if threshold < 1:
        raise Refused.value(threshold, "is no threshold", field="threshold", expected="1 or more")


def _summaries(marked: pl.DataFrame, by: str, threshold: int) -> list[Summary]:
    withheld, secret = pl.col("obs_status") == "Q", pl.col("conf_status") == "C"
    found = marked.group_by(by).agg(
        pl.len().alias("cells"), secret.sum().alias("suppressed"), (withheld & ~secret).sum().alias("unreliable")
    )
    return [
        Summary(row[by], row["cells"], row["suppressed"], row["unreliable"], threshold)
        for row in found.sort(by).iter_rows(named=True)
    ]


def unprotected(summaries: Sequence[Summary]) -> list[str]:
    """The tables with withheld cells that subtraction could still find."""
    return [s.table for s in summaries if s.suppressed and not s.complementary]
