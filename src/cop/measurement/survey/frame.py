"""The sampling design as counted from the whole, unfiltered table: strata, PSUs, fractions, degrees of freedom.

Every domain is measured against this frame: a stratum has the PSUs it was sampled with, whether or not the domain
reaches into them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cop.kernel.errors import Refused, Where, shown
from cop.measurement.survey.description import Survey
from cop.measurement.survey.sums import LIVE, PSU, ROWS, SSU, STRATUM, Floats, Grouped, Ints

CERTAIN = 1 - 1e-7
"""A sampling fraction from here on counts as a stratum taken whole, as in R's survey."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Strata 0..H-1, units of the first stage 0..U-1 and leaves 0..L-1.

    A unit is a PSU or, where rows are the first-stage units, a stratum. A leaf is what sums are grouped by: a
    second-stage unit where they are named, else a unit. With replicate weights there is one of each.

    Attributes:
        clusters: units are PSUs.
        stratum_of: (U,) stratum of each unit.
        unit_of: (L,) unit of each leaf.
        sampled: (H,) first-stage units of each stratum, in the whole design.
        fraction: (H,) first-stage sampling fraction, 0 without a correction.
        subsampled: (U,) second-stage units of each PSU, or None.
        second_fraction: (U,) second-stage sampling fraction, or None.
        df: first-stage units less strata, of rows with a weight above 0; for replicates as they are described.
    """

    clusters: bool
    stratum_of: Ints
    unit_of: Ints
    sampled: Ints
    fraction: Floats
    subsampled: Ints | None
    second_fraction: Floats | None
    df: int

    @property
    def lonely(self) -> Ints:
        """Numbers of the strata with one first-stage unit that were not taken whole."""
        return np.flatnonzero((self.sampled == 1) & (self.fraction < CERTAIN))


@dataclass(frozen=True, slots=True)
class Leaves:
    """The numbers of leaves by the keys of a grouped table: `of` finds those of any part of it."""

    psus: int
    ssus: int
    units: Ints
    leaves: Ints

    def of(self, grouped: Grouped) -> Ints:
        """The leaf of each row."""
        stratum = _stratum(grouped)
        if PSU not in grouped.keys:
            return stratum
        unit = np.searchsorted(self.units, stratum * self.psus + grouped.keys[PSU].index)
        if SSU not in grouped.keys:
            return unit
        return np.searchsorted(self.leaves, unit * self.ssus + grouped.keys[SSU].index)


def _stratum(grouped: Grouped) -> Ints:
    return grouped.keys[STRATUM].index if STRATUM in grouped.keys else np.zeros(len(grouped), np.int64)


def build(survey: Survey, whole: Grouped) -> tuple[Frame, Leaves]:
    """Count the design.

    Args:
        survey: its description.
        whole: grouped rows that cover the whole table.

    Raises:
        Refused: a stratum or PSU with two population sizes, a population smaller than its sample, or a stratum with
            one PSU under the policy "fail".
    """
    design, stratum = survey.design, _stratum(whole)
    strata: tuple[object, ...] = whole.keys[STRATUM].values if STRATUM in whole.keys else (None,)
    psus = len(whole.keys[PSU].values) if PSU in whole.keys else 1
    ssus = len(whole.keys[SSU].values) if SSU in whole.keys else 1
    rows, live = whole.column(ROWS), whole.column(LIVE)
    if design.psu is not None:
        units, unit = np.unique(stratum * psus + whole.keys[PSU].index, return_inverse=True)
        stratum_of = units // psus
        sampled = np.bincount(stratum_of, minlength=len(strata))
        alive = np.bincount(unit, live, len(units)) > 0
        df = int(alive.sum()) - len(np.unique(stratum_of[alive]))
    else:
        units, unit = np.arange(len(strata)), stratum
        stratum_of = units
        sampled = np.bincount(stratum, rows, len(strata)).astype(np.int64)
        df = int(live.sum()) - int((np.bincount(stratum, live, len(strata)) > 0).sum())
    leaves, unit_of = units, np.arange(len(units))
    subsampled = second = None
    fraction = np.zeros(len(strata))
    if design.fpc:
        names = [f"stratum {shown(value)}" for value in strata]
        fraction = _fractions(survey, whole, 0, group=stratum, sampled=sampled, names=names)
    if len(design.fpc) == 2:
        if SSU in whole.keys:
            leaves = np.unique(unit * ssus + whole.keys[SSU].index)
            unit_of = leaves // ssus
            subsampled = np.bincount(unit_of, minlength=len(units))
        else:
            subsampled = np.bincount(unit, rows, len(units)).astype(np.int64)
        names = [f"PSU {shown(whole.keys[PSU].values[code % psus])}" for code in units.tolist()]
        second = _fractions(survey, whole, 1, group=unit, sampled=subsampled, names=names)
    if design.replicates is not None:
        df = design.replicates.freedom
    frame = Frame(design.psu is not None, stratum_of, unit_of, sampled, fraction, subsampled, second, df)
    if design.replicates is None and design.lonely_psu == "fail" and len(frame.lonely):
        many = f" and {len(frame.lonely) - 1} more" if len(frame.lonely) > 1 else ""
        raise Refused(
            f"stratum {shown(strata[int(frame.lonely[0])])}{many} has only one PSU",
            where=Where(survey.path, field="design.lonely_psu"),
            expected='two PSUs in each stratum, or lonely_psu = "adjust", "average", "remove" or "certainty"',
        )
    return frame, Leaves(psus, ssus, units, leaves)


def _fractions(survey: Survey, whole: Grouped, stage: int, *, group: Ints, sampled: Ints, names: list[str]) -> Floats:
    where = Where(survey.path, field=f"design.fpc[{stage}]")
    key = whole.keys[f"fpc{stage}"]
    values = np.array([float(value) for value in key.values])[key.index]
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
