"""The audit sample: records drawn at random from all that the coder coded, and coded blindly by people.

Only such a sample may correct counts. Records that came to people because the coder was unsure, or because they are
urgent, say how the coder does on those. Where some records had a better chance of being drawn than others, the chances
are known by stratum (n of N drawn) or by a weight each (one over the chance).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy import stats

from cop.kernel.errors import Refused, Where, shown
from cop.measurement.records.counts import UNKNOWN

STRATUM, CODED, TRUTH, WEIGHT, PROBABILITY, VERSION = (
    "_stratum",
    "code",
    "_truth",
    "_weight",
    "_probability",
    "_version",
)
ALIKE = 0.001
"""The probability below which the audit sample does not look like a random one of the records."""
_LEAST_EXPECTED = 5.0


@dataclass(frozen=True, slots=True)
class AuditSample:
    """Audited records: what the coder and people said of each, its stratum, its weight, its place in the tables.

    Attributes:
        frame: a row a record with the dimensions, `code` (the coder's) and the columns named above.
        alike: the probability that a random sample differs from the records as much as this one does in what the coder
            said; None where weights within strata differ and the test does not hold.
    """

    frame: pl.DataFrame
    alike: float | None = None

    @property
    def size(self) -> int:
        return self.frame.height


def read(
    table: pl.DataFrame, *, id: str, code: str, weight: str | None = None, only: str | None = None,
    name: str = "audit",
) -> pl.DataFrame:  # fmt: skip
    """The table of an audit as `id`, `_truth` and `_weight` (null where none is given).

    Args:
        table: a row a record that people coded.
        id: the column with the id of the record.
        code: the column with the code that people gave.
        weight: the column with one over the chance of being drawn.
        only: a column of true and false; rows where it is not true were not drawn at random and are left out.
        name: what messages call the table.

    Raises:
        Refused: a column is missing; an id or a code is missing or an id twice; a weight is below 1. Names the row.
    """
    for column in (id, code, weight, only):
        if column is not None and column not in table.columns:
            raise Refused.value(
                column, "is not a column of the table", file=name, expected=f"one of {', '.join(table.columns)}"
            )
    rows: list[tuple[str, str, float | None]] = []
    seen: set[str] = set()
    for number, row in enumerate(table.iter_rows(named=True), start=1):
        if only is not None and str(row[only]).lower() not in {"true", "1"}:
            continue
        one, truth = str(row[id] or ""), str(row[code] or "")
        if not one or not truth:
            raise Refused("is missing", where=Where(name, number, code if one else id), expected="one in every row")
        if one in seen:
            raise Refused.value(one, "is there twice", file=name, row=number, field=id, expected="one judgement each")
        seen.add(one)
        rows.append((one, truth, _weight(row[weight], weight, name, number) if weight else None))
    return pl.DataFrame(rows, schema={"id": pl.String, TRUTH: pl.String, WEIGHT: pl.Float64}, orient="row")


def _weight(value: object, field: str, name: str, row: int) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = 0.0
    if not 1 <= number < np.inf:
        raise Refused.value(value, "is no weight", file=name, row=row, field=field,
                            expected="one over the chance of being drawn, 1 or more")  # fmt: skip
    return number


def joined(judged: pl.DataFrame, records: pl.DataFrame, *, repeated: bool = False, name: str = "audit") -> pl.DataFrame:
    """Judgements with the records that they are of.

    Args:
        judged: as `read` returns it.
        records: rows of the records with `id`; others than the judged ones may be among them.
        repeated: whether records that are not there repeat others and were left out of the count: then what was judged
            of them is left out too.
        name: what messages call the audit.

    Raises:
        Refused: a judged record is not among the records, or its id is there more than once.
    """
    found = judged.join(records, on="id", how="left", maintain_order="left")
    twice = found.filter(pl.col("id").is_duplicated())
    if twice.height:
        raise Refused.value(twice["id"][0], "is the id of several records", file=name, field="id", expected="of one")
    here = judged.join(records.select("id"), on="id", how="semi")
    if here.height < judged.height and not repeated:
        lost = judged.join(records.select("id"), on="id", how="anti", maintain_order="left")
        raise Refused.value(lost["id"][0], "is no record of the file", file=name, field="id", expected="an id of it",
                            )  # fmt: skip
    return judged.join(records, on="id", how="inner", maintain_order="left")


def weighed(audited: pl.DataFrame, sizes: Mapping[str, float], strata: Sequence[str], file: Path | str) -> pl.DataFrame:
    """Audited records with a weight each: the one given, else records over audited records of the stratum.

    Raises:
        Refused: a stratum has records and none of them was audited, so that nothing is known of it.
    """
    drawn = dict(audited.group_by(STRATUM).len().iter_rows())
    bare = [stratum for stratum, size in sorted(sizes.items()) if size > 0 and not drawn.get(stratum)]
    if bare and audited.height:
        raise Refused(
            f"no record of {' and '.join(strata) or 'the file'} {shown(bare[0].replace(chr(31), ' '))} was audited",
            where=Where(file, field="audit.strata"), expected="a random sample of every stratum",
        )  # fmt: skip
    rate = pl.DataFrame(
        [(stratum, sizes[stratum] / number) for stratum, number in drawn.items()],
        schema={STRATUM: pl.String, "_rate": pl.Float64}, orient="row",
    )  # fmt: skip
    return audited.join(rate, on=STRATUM, how="left", maintain_order="left").with_columns(
        pl.coalesce(WEIGHT, "_rate").alias(WEIGHT)
    ).drop("_rate")  # fmt: skip


def stratum(columns: Sequence[str]) -> pl.Expr:
    """One text for the values of the strata's columns."""
    if not columns:
        return pl.lit("").alias(STRATUM)
    parts = [pl.col(c).cast(pl.String).fill_null(UNKNOWN) for c in columns]
    return pl.concat_str(parts, separator="\x1f").alias(STRATUM)


def alike(audited: pl.DataFrame, parts: pl.DataFrame) -> float | None:
    """How well the sample fits the records in what the coder said of them: the p of a chi-squared test by stratum.

    Args:
        audited: with `_stratum`, `code` and `_weight`.
        parts: the records, with `_stratum`, `code` and `n`.

    Returns:
        None where weights differ within a stratum, or too few were audited to test.
    """
    if audited.group_by(STRATUM).agg(pl.col(WEIGHT).n_unique() > 1)[WEIGHT].any():
        return None
    seen = audited.group_by(STRATUM, "code").agg(pl.len().alias("seen"))
    sums = parts.group_by(STRATUM, "code", maintain_order=True).agg(pl.col("n").sum())
    both = sums.join(seen, on=[STRATUM, "code"], how="left", maintain_order="left").with_columns(
        pl.col("seen").fill_null(0)
    )
    both = both.with_columns(
        (pl.col("n") / pl.col("n").sum().over(STRATUM) * pl.col("seen").sum().over(STRATUM)).alias("expected")
    )
    kept = both.with_columns(
        pl.when(pl.col("expected") < _LEAST_EXPECTED).then(pl.lit("")).otherwise(pl.col("code")).alias("code")
    )
    cells = kept.group_by(STRATUM, "code", maintain_order=True).agg(pl.col("seen", "expected").sum())
    cells = cells.filter(pl.col("expected") > 1)
    freedom = cells.height - cells[STRATUM].n_unique()
    if freedom < 1:
        return None
    statistic = float(((cells["seen"] - cells["expected"]) ** 2 / cells["expected"]).sum())
    return float(stats.chi2.sf(statistic, freedom))
