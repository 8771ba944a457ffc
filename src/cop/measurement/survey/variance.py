"""The variance of a linearised total under a stratified one- or two-stage design, and by the delete-one jackknife.

Sources: Särndal, Swensson and Wretman, Model Assisted Survey Sampling (1992), sections 4.3 and 5.5; Binder, On the
variances of asymptotically normal estimators from complex surveys (1983). Rules for strata with one PSU are those of
R's `survey.lonely.psu`, with "adjust" as Stata's `singleunit(centered)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cop.kernel.errors import Refused
from cop.measurement.survey.description import LonelyPolicy
from cop.measurement.survey.frame import CERTAIN, Frame
from cop.measurement.survey.sums import Floats, Ints


@dataclass(frozen=True, slots=True)
class Linearised:
    """A linearised variable z in one domain, summed by unit; what is not listed is 0.

    Attributes:
        unit: (n,) numbers of PSUs, or of strata where rows are the first-stage units, each once.
        total: (n,) sum of z in the unit.
        squares: (n,) sum of the squared z of last-stage units, or None where PSUs are the only stage.
    """

    unit: Ints
    total: Floats
    squares: Floats | None


def taylor(frame: Frame, z: Linearised, lonely: LonelyPolicy) -> float:
    """The variance of the total of z; nan where the policy leaves nothing to estimate it from.

    Raises:
        Refused: a PSU with one second-stage unit under a policy that has no rule for it.
    """
    h = frame.stratum(z.unit)
    size = frame.sampled.astype(np.float64)
    total = np.bincount(h, z.total, len(size))
    mean = total / size
    if frame.psus:
        present = np.bincount(h, minlength=len(size))
        spread = np.bincount(h, (z.total - mean[h]) ** 2, len(size)) + (size - present) * mean**2
    else:
        squares = z.squares if z.squares is not None else np.zeros(len(h))
        spread = np.maximum(np.bincount(h, squares, len(size)) - total * mean, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        by_stratum = (1 - frame.fraction) * size / (size - 1) * spread
    by_stratum[frame.fraction >= CERTAIN] = 0.0
    alone = frame.lonely
    scale = 1.0
    if len(alone):
        grand = total.sum() / size.sum()
        rule = (1 - frame.fraction[alone]) * (total[alone] - grand) ** 2 if lonely == "adjust" else 0.0
        by_stratum[alone] = rule
        if lonely == "average":
            # strata in which the domain has members at all, as R counts them
            reached = np.unique(h)
            known = np.setdiff1d(reached, alone)
            scale = len(reached) / len(known) if len(known) else np.nan
    return float(by_stratum.sum() * scale) + _second_stage(frame, z, lonely)


def _second_stage(frame: Frame, z: Linearised, lonely: LonelyPolicy) -> float:
    if frame.subsampled is None or frame.second_fraction is None or z.squares is None:
        return 0.0
    size = frame.subsampled[z.unit].astype(np.float64)
    fraction = frame.second_fraction[z.unit]
    alone = (size == 1) & (fraction < CERTAIN)
    if alone.any() and lonely not in {"remove", "certainty"}:
        raise Refused(
            f"{int(alone.sum())} PSUs have only one second-stage unit",
            expected='two in each PSU, or lonely_psu = "remove" or "certainty"',
        )
    spread = np.maximum(z.squares - z.total**2 / size, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        within = np.where((size > 1) & (fraction < CERTAIN), (1 - fraction) * size / (size - 1) * spread, 0.0)
    return float((frame.fraction[frame.stratum(z.unit)] * within).sum())


def jackknife(frame: Frame, unit: Ints, y: Floats, x: Floats | None) -> float:
    """The delete-one-PSU variance of a total of y, or of the ratio of the totals of y and x.

    Replicates drop one PSU and weight the others of its stratum by n / (n - 1); squares are taken about the mean of
    all replicates and scaled by (n - 1) / n (JK1 with one stratum, JKn with several; R's `mse = FALSE`).

    Raises:
        Refused: a stratum with one PSU, from which none can be dropped.
    """
    size = frame.sampled.astype(np.float64)
    if (size == 1).any():
        raise Refused("a stratum has only one PSU, and the jackknife drops one", expected="two PSUs in each stratum")

    def dropped(values: Floats) -> Floats:
        by_unit = np.bincount(unit, values, frame.units)
        total = np.bincount(frame.stratum_of, by_unit, len(size))
        factor = size / (size - 1)
        h = frame.stratum_of
        return values.sum() - total[h] + factor[h] * (total[h] - by_unit)

    with np.errstate(divide="ignore", invalid="ignore"):
        replicates = dropped(y) if x is None else dropped(y) / dropped(x)
    # a domain inside one PSU loses all its members in one replicate, which then has no value
    known = np.isfinite(replicates)
    scale = ((size - 1) / size)[frame.stratum_of]
    return float((scale[known] * (replicates[known] - replicates[known].mean()) ** 2).sum())
