"""The sampling design as counted from the whole, unfiltered table: strata, PSUs, fractions, degrees of freedom.

Every domain is measured against this frame: a stratum has the PSUs it was sampled with, whether or not the domain
reaches into them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cop.kernel.errors import Refused, Where, shown
from cop.measurement.survey.description import Survey
from cop.measurement.survey.sums import LIVE, PSU, ROWS, SSU, STRATUM, Floats, Grouped, Ints

CERTAIN = 1 - 1e-7
"""A sampling fraction from here on counts as a stratum taken whole, as in R's survey."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Strata 0..H-1 and, where there are PSUs, PSUs 0..P-1.

    Attributes:
        strata: value -> number. Without strata there is one, None.
        psus: (stratum number, value) -> number; empty when rows are the first-stage units.
        stratum_of: (P,) stratum of each PSU.
        sampled: (H,) first-stage units of each stratum, in the whole design.
        fraction: (H,) first-stage sampling fraction, 0 without a correction.
        subsampled: (P,) second-stage units of each PSU, or None.
        second_fraction: (P,) second-stage sampling fraction, or None.
        df: first-stage units less strata, of rows with a weight above 0.
    """

    strata: dict[Any, int]
    psus: dict[tuple[int, Any], int]
    stratum_of: Ints
    sampled: Ints
    fraction: Floats
    subsampled: Ints | None
    second_fraction: Floats | None
    df: int

    @property
    def lonely(self) -> Ints:
        """Numbers of the strata with one first-stage unit that were not taken whole."""
        return np.flatnonzero((self.sampled == 1) & (self.fraction < CERTAIN))

    @property
    def units(self) -> int:
        """First-stage units there are to group by: PSUs, or strata where rows are the units."""
        return len(self.stratum_of) if self.psus else len(self.sampled)

    def unit(self, grouped: Grouped) -> Ints:
        """The PSU (or, without PSUs, the stratum) of each row."""
        stratum = self._stratum(grouped)
        if not self.psus:
            return stratum
        return np.array(
            [self.psus[h, psu] for h, psu in zip(stratum.tolist(), grouped.keys[PSU], strict=True)], np.int64
        )

    def stratum(self, unit: Ints) -> Ints:
        """The stratum of each unit as `unit` numbers them."""
        return self.stratum_of[unit] if self.psus else unit

    def _stratum(self, grouped: Grouped) -> Ints:
        if STRATUM not in grouped.keys:
            return np.zeros(len(grouped), np.int64)
        return np.array([self.strata[value] for value in grouped.keys[STRATUM]], np.int64)


def build(survey: Survey, whole: Grouped) -> Frame:
    """Count the design.

    Args:
        survey: its description.
        whole: the grouped rows of the whole table, no domain.

    Raises:
        Refused: a stratum or PSU with two population sizes, a population smaller than its sample, or a stratum with
            one PSU under the policy "fail".
    """
    design = survey.design
    values = whole.keys.get(STRATUM, [None] * len(whole))
    strata = {value: number for number, value in enumerate(dict.fromkeys(values))}
    stratum = np.array([strata[value] for value in values], np.int64)
    rows, live = whole.column(ROWS), whole.column(LIVE)
    psus: dict[tuple[int, Any], int] = {}
    if design.psu is not None:
        for pair in zip(stratum.tolist(), whole.keys[PSU], strict=True):
            psus.setdefault(pair, len(psus))
        unit = np.array([psus[pair] for pair in zip(stratum.tolist(), whole.keys[PSU], strict=True)], np.int64)
        stratum_of = np.array([h for h, _ in psus], np.int64)
        sampled = np.bincount(stratum_of, minlength=len(strata))
        alive = np.bincount(unit, live, len(psus)) > 0
        df = int(alive.sum()) - len(set(stratum_of[alive].tolist()))
    else:
        unit, stratum_of = stratum, np.zeros(0, np.int64)
        sampled = np.bincount(stratum, rows, len(strata)).astype(np.int64)
        df = int(live.sum()) - int((np.bincount(stratum, live, len(strata)) > 0).sum())
    subsampled = second = None
    fraction = np.zeros(len(strata))
    if design.fpc:
        fraction = _fractions(
            survey, whole, 0, group=stratum, sampled=sampled, names=[f"stratum {shown(v)}" for v in strata]
        )
    if len(design.fpc) == 2:
        counted = np.ones(len(whole)) if SSU in whole.keys else rows
        subsampled = np.bincount(unit, counted, len(psus)).astype(np.int64)
        second = _fractions(
            survey, whole, 1, group=unit, sampled=subsampled, names=[f"PSU {shown(v)}" for _, v in psus]
        )
    frame = Frame(strata, psus, stratum_of, sampled, fraction, subsampled, second, df)
    if design.lonely_psu == "fail" and len(frame.lonely):
        names = list(strata)
        many = f" and {len(frame.lonely) - 1} more" if len(frame.lonely) > 1 else ""
        raise Refused(
            f"stratum {shown(names[int(frame.lonely[0])])}{many} has only one PSU",
            where=Where(survey.path, field="design.lonely_psu"),
            expected='two PSUs in each stratum, or lonely_psu = "adjust", "average", "remove" or "certainty"',
        )
    return frame


def _fractions(survey: Survey, whole: Grouped, stage: int, *, group: Ints, sampled: Ints, names: list[str]) -> Floats:
    where = Where(survey.path, field=f"design.fpc[{stage}]")
    values = np.array([float(value) for value in whole.keys[f"fpc{stage}"]])
    low, high = np.full(len(sampled), np.inf), np.full(len(sampled), -np.inf)
    np.minimum.at(low, group, values)
    np.maximum.at(high, group, values)
    if (low != high).any():
        name = names[int(np.flatnonzero(low != high)[0])]
        raise Refused(f"{name} has more than one population size", where=where, expected="one")
    if (low <= 0).any():
        name = names[int(np.flatnonzero(low <= 0)[0])]
        raise Refused(f"{name} has a population of 0 or less", where=where, expected="above 0")
    # all at most 1: fractions already, as R's svydesign reads them. A population of 1 is then a fraction of 1: the same
    fraction = low if (low <= 1).all() else sampled / low
    if (fraction > 1 + 1e-9).any():
        place = int(np.flatnonzero(fraction > 1 + 1e-9)[0])
        raise Refused(
            f"{names[place]} has a sample of {sampled[place]} from a population of {low[place]:g}",
            where=where, expected="a population at least as large as its sample",
        )  # fmt: skip
    return fraction
