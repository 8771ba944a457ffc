"""What a figure's readers must know beside its error: who answered, and who could have.

Whether an estimate may be shown is `survey.presentation`, by rules that are data. Here is what no standard error holds:
the share of the sample that answered, and the share of the population, or of the bodies that report, that could be in
the figure at all.

Sources: AAPOR, Standard Definitions, 10th edition (2023), response rates 1 to 6; Eurostat, ESS Handbook for Quality and
Metadata Reports (2020), indicators A3 (over-coverage), A4 (unit non-response) and A1 (completeness).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from cop.kernel.errors import Refused, Where

RateName = Literal["RR1", "RR2", "RR3", "RR4", "RR5", "RR6"]


@dataclass(frozen=True, slots=True)
class Dispositions:
    """What became of every unit of a sample, as AAPOR's final dispositions.

    Complete and partial interviews; refusals and break-offs, non-contacts and others, all eligible; `unknown` of which
    it is not known whether they are eligible; `ineligible` are outside every rate. `eligible_share` is the share of the
    unknown that is taken to be eligible (AAPOR's e), which RR3 and RR4 need.
    """

    complete: int
    partial: int = 0
    refused: int = 0
    not_contacted: int = 0
    other: int = 0
    unknown: int = 0
    ineligible: int = 0
    eligible_share: float | None = None

    def __post_init__(self) -> None:
        for name in ("complete", "partial", "refused", "not_contacted", "other", "unknown", "ineligible"):
            if getattr(self, name) < 0:
                raise Refused.value(getattr(self, name), "is no number of units", field=name, expected="0 or more")
        if self.eligible_share is not None and not 0 <= self.eligible_share <= 1:
            raise Refused.value(self.eligible_share, "is no share", field="eligible_share", expected="0 to 1")

    def rate(self, name: RateName) -> float | None:
        """A response rate, 0 to 1; None where there is nothing to divide by.

        RR1 and RR2 take every unknown unit as eligible, RR3 and RR4 a share of them, RR5 and RR6 none. The even ones
        count partial interviews as answers.

        Raises:
            Refused: RR3 or RR4 without `eligible_share`.
        """
        share = {"RR1": 1.0, "RR2": 1.0, "RR5": 0.0, "RR6": 0.0}.get(name, self.eligible_share)
        if share is None:
            raise Refused("the share of unknown units that are eligible is not given",
                          where=Where(field="eligible_share"), expected=f"it, for {name}")  # fmt: skip
        answered = self.complete + (self.partial if name in {"RR2", "RR4", "RR6"} else 0)
        known = self.complete + self.partial + self.refused + self.not_contacted + self.other
        base = known + share * self.unknown
        return answered / base if base > 0 else None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The bodies that handed in records for a period, of those that were to."""

    period: str
    expected: tuple[str, ...]
    reporting: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in self.expected if name not in self.reporting)

    @property
    def share(self) -> float:
        """Of the bodies that were to report, 0 to 1."""
        return 1 - len(self.missing) / len(self.expected)


def coverage(records: pl.DataFrame, expected: Collection[str], periods: Iterable[str]) -> tuple[Coverage, ...]:
    """Which bodies are in each period.

    Args:
        records: with `period` and `source`.
        expected: the bodies that were to report in every one of the periods.
        periods: to look at; one without any record has no body.

    Raises:
        Refused: no body is expected, or a record is of a body that is not.
    """
    if not expected:
        raise Refused("no body is expected to report", where=Where(field="expected"), expected="at least one")
    unknown = sorted(set(records["source"].drop_nulls().unique()) - set(expected))
    if unknown:
        raise Refused.value(unknown[0], "is not expected to report", field="source", expected="one that is")
    held = {
        period: set(names)
        for period, names in records.group_by("period").agg(pl.col("source").drop_nulls().unique()).iter_rows()
    }
    named = tuple(sorted(expected))
    return tuple(Coverage(p, named, tuple(n for n in named if n in held.get(p, set()))) for p in periods)
