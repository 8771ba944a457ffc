"""An edition's tables as the public sees them: their cells, how these add up, and the attack on all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from cop.editions.read import Edition
from cop.editions.tables import TOTAL
from cop.kernel.progress import SILENT, Progress
from cop.measurement.disclosure.audit import Audit, audit
from cop.measurement.disclosure.cells import MEASURE, Cells, distinct
from cop.measurement.disclosure.hierarchy import Dimension, interval

LISTS = ("area", "age_band", "sex", "platform", "language")


@dataclass(frozen=True, slots=True)
class Published:
    """The tables of an edition that may hold withheld cells, whether it is written yet or not.

    Attributes:
        id: of the edition, for messages.
        counts, estimates: columns as in `cop.editions.tables`.
        threshold: the smallest count that may be seen.
        parents: for each code of the classification the codes above it, the section first.
        opened: codes with reports of their own, coded no further.
    """

    id: str
    counts: pl.DataFrame = field(repr=False)
    estimates: pl.DataFrame = field(repr=False)
    threshold: int
    parents: Mapping[str, Sequence[str]] = field(repr=False)
    opened: tuple[str, ...]

    @classmethod
    def of(cls, edition: Edition) -> Published:
        """Those of an edition on disk."""
        above = {n["code"]: n.get("parent") for n in edition.metadata("classification").get("nodes", [])}
        return cls(
            edition.id, edition.table("counts"), edition.table("estimates"), int(edition.about["threshold"]),
            {code: _line(code, above) for code in above},
            tuple((edition.metadata("disclosure") or {}).get("open") or ()),
        )  # fmt: skip

    def survey(self, name: str) -> pl.DataFrame:
        """The estimates of one survey; empty where there are none."""
        return self.estimates.filter(pl.col("survey") == name)


def dimensions_of_counts(parents: Mapping[str, Sequence[str]], opened: Sequence[str] = ()) -> tuple[Dimension, ...]:
    """How the codes of an edition's count tables add up.

    Args:
        parents: for each code the codes above it, the section first.
        opened: codes with reports of their own, coded no further.
    """
    above = {code: upper[-1] for code, upper in parents.items() if upper}
    return (
        Dimension("code", "tree", parents=above, rest="hidden", open=frozenset(opened)),
        Dimension("period", "periods"),
        *(Dimension(name) for name in LISTS),
    )


def count_cells(edition: Published) -> Cells:
    """The counts of an edition as published."""
    frame = edition.counts.with_columns(counted=pl.lit(value=True))
    frame = frame.with_columns(pl.col("period").replace(spans(frame)))
    names = ["code", "period", *LISTS]
    return distinct(frame, names, release=edition.id, threshold=edition.threshold, plain=True)


def spans(counts: pl.DataFrame) -> dict[str, str]:
    """What the total and the years stand for: no more than the months there are data of.

    The total of one edition is another cell than that of the next, which reaches further.
    """
    codes = sorted(set(counts["period"].unique().to_list()) - {TOTAL})
    if not codes:
        return {}
    months = [code for code in codes if len(code) == 7] or codes
    first, last = months[0], months[-1]
    start, stop = interval(f"{first}/{last}", "periods", "period")
    found = {TOTAL: f"{first}/{last}"}
    for code in codes:
        begins, ends = interval(code, "periods", "period")
        if len(code) == 4 and len(first) == 7 and (begins < start or ends > stop):
            low, high = max(begins, start), min(ends, stop) - 1
            found[code] = f"{low // 12:04d}-{low % 12 + 1:02d}/{high // 12:04d}-{high % 12 + 1:02d}"
    return found


def survey_cells(edition: Published, survey: str, names: Sequence[str]) -> Cells:
    """The numbers of answers of a survey as an edition published them."""
    frame = edition.survey(survey)
    # figures withheld for their reliability keep their n
    secret = pl.col("conf_status").is_in(["C", "D"])
    frame = frame.with_columns(pl.when(secret).then(pl.lit("Q")).otherwise(pl.lit("A")).alias("obs_status"))
    return distinct(answers(frame, names), list(names), release=edition.id, threshold=edition.threshold, plain=True)


def domain_names(domains: Sequence[str]) -> list[str]:
    """The variables by which domains such as "sex=F;grade=9" are told apart."""
    return list(dict.fromkeys(p.partition("=")[0] for d in domains if d != TOTAL for p in d.split(";")))


def answers(estimates: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Numbers of answers as a count table for each breakdown: the indicator is the measure."""
    parsed = [dict(p.split("=", 1) for p in d.split(";")) if d != TOTAL else {} for d in estimates["domain"].to_list()]
    columns = [pl.Series(n, [codes.get(n, TOTAL) for codes in parsed], dtype=pl.String) for n in names]
    tables = pl.Series("table", ["+".join(n for n in names if n in codes) or TOTAL for codes in parsed])
    return estimates.with_columns(
        *columns, tables, pl.col("indicator").alias(MEASURE), pl.col("n").alias("value"), counted=pl.lit(value=True)
    )


def audit_edition(
    edition: Published, past: Sequence[Published] = (), *, progress: Progress = SILENT
) -> dict[str, Audit]:
    """Attack an edition with all it publishes and the editions before it; one audit for the counts, one per survey."""
    found: dict[str, Audit] = {}
    cells = count_cells(edition)
    if len(cells):
        opened = sorted({code for e in [edition, *past] for code in e.opened})
        earlier = [c for c in map(count_cells, past) if len(c)]
        found["counts"] = audit(dimensions_of_counts(edition.parents, opened), cells, earlier, progress=progress)
    for survey in edition.estimates["survey"].unique(maintain_order=True).to_list():
        before = [e for e in past if e.survey(survey).height]
        names = domain_names([d for e in [edition, *before] for d in e.survey(survey)["domain"].to_list()])
        asked = survey_cells(edition, survey, names)
        earlier = [survey_cells(e, survey, names) for e in before]
        if np.any(asked.withheld):
            found[survey] = audit([Dimension(n, rest="known") for n in names], asked, earlier, progress=progress)
    return found


def _line(code: str, above: Mapping[str, str | None]) -> tuple[str, ...]:
    """The codes above one, the section first."""
    upper = above.get(code)
    return () if upper is None else (*_line(upper, above), upper)
