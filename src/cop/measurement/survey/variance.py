"""The covariance of linearised totals under a stratified one- or two-stage design, and from replicates.

Sources: Särndal, Swensson and Wretman, Model Assisted Survey Sampling (1992), sections 4.3 and 5.5; Binder, On the
variances of asymptotically normal estimators from complex surveys (1983). Rules for strata with one PSU are those of
R's `survey.lonely.psu`, with "adjust" as Stata's `singleunit(centered)`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cop.kernel.errors import Refused
from cop.measurement.survey.design import LonelyPolicy
from cop.measurement.survey.frame import CERTAIN, Frame
from cop.measurement.survey.sums import Floats, Ints, summed

Squares = Callable[[Floats], Floats]
"""Of the factors of the units, (U,): the sum over rows of factor times z times z, (m, m). For designs of elements."""


def taylor(frame: Frame, z: Floats, lonely: LonelyPolicy, *, reached: Ints, squares: Squares | None = None) -> Floats:
    """The covariance of the totals of z; nan where the policy leaves nothing to estimate it from.

    Args:
        frame: the design.
        z: (L, m) linearised variables summed by leaf.
        lonely: what a stratum with one PSU adds.
        reached: the strata in which the domains have members, which "average" counts.
        squares: where rows are units of the last stage; None where leaves are.

    Returns:
        (m, m) float64.

    Raises:
        Refused: a PSU with one second-stage unit under a policy that has no rule for it.
    """
    nested = len(frame.unit_of) != len(frame.stratum_of)
    total = _added(z, frame.unit_of, len(frame.stratum_of)) if nested else z
    h, size = frame.stratum_of, frame.sampled.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = (1 - frame.fraction) * size / (size - 1)
    alone = frame.lonely
    factor[(frame.fraction >= CERTAIN) | (size == 1)] = 0.0
    by_stratum = _added(total, h, len(size)) if frame.clusters else total
    if frame.clusters:
        centred = (total - (by_stratum / size[:, None])[h]) * np.sqrt(factor)[h, None]
        found = _gram(centred)
    else:
        found = _less(_squares(squares, factor), by_stratum, factor / size)
    if len(alone) and lonely == "adjust":
        apart = (by_stratum[alone] - by_stratum.sum(axis=0) / size.sum()) * np.sqrt(1 - frame.fraction[alone])[:, None]
        found = found + _gram(apart)
    if len(alone) and lonely == "average":
        # strata in which the domain has members at all, as R counts them
        known = np.setdiff1d(reached, alone)
        found = found * (len(reached) / len(known) if len(known) else np.nan)
    return found + _second_stage(frame, z, total, lonely, squares, nested=nested)


def _second_stage(
    frame: Frame, z: Floats, total: Floats, lonely: LonelyPolicy, squares: Squares | None, *, nested: bool
) -> Floats:
    if frame.subsampled is None or frame.second_fraction is None:
        return np.zeros((z.shape[1], z.shape[1]))
    size, fraction = frame.subsampled.astype(np.float64), frame.second_fraction
    alone = (size == 1) & (fraction < CERTAIN)
    if alone.any() and lonely not in {"remove", "certainty"}:
        raise Refused(
            f"{int(alone.sum())} PSUs have only one second-stage unit",
            expected='two in each PSU, or lonely_psu = "remove" or "certainty"',
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        within = np.where((size > 1) & (fraction < CERTAIN), (1 - fraction) * size / (size - 1), 0.0)
    within = within * frame.fraction[frame.stratum_of]
    if nested or squares is None:
        spread = z * np.sqrt(within)[frame.unit_of, None]
        return _less(_gram(spread), total, within / size)
    return _less(_squares(squares, within), total, within / size)


def _less(squares: Floats, total: Floats, factor: Floats) -> Floats:
    """The sum of squares about means: rounding must not leave a variance below 0."""
    scaled = total * np.sqrt(factor)[:, None]
    found = squares - _gram(scaled)
    np.fill_diagonal(found, np.maximum(found.diagonal(), 0.0))
    return found


def _squares(squares: Squares | None, factor: Floats) -> Floats:
    if squares is None:
        raise ValueError("a design of elements needs the squares of its rows")
    return squares(factor)


def _gram(values: Floats) -> Floats:
    # one column alone is summed here: a library's product may differ in the last bit from machine to machine
    return (values * values).sum(axis=0)[:, None] if values.shape[1] == 1 else values.T @ values


def _added(values: Floats, index: Ints, count: int) -> Floats:
    return np.column_stack([summed(index, column, count) for column in values.T])


def replicated(values: Floats, estimates: Floats, factors: Floats, *, mse: bool) -> Floats:
    """The covariance from replicates; one in which a figure has no value is left out.

    Args:
        values: (R, m) the figures in each replicate.
        estimates: (m,) the figures.
        factors: (R,) what each squared deviation is multiplied by.
        mse: deviations are from the estimates, not from the mean of the replicates.

    Returns:
        (m, m) float64, nan where no replicate is left.
    """
    known = np.isfinite(values).all(axis=1) & (factors > 0)
    if not known.any():
        return np.full((values.shape[1], values.shape[1]), np.nan)
    centre = estimates if mse else values[known].mean(axis=0)
    apart = (values[known] - centre) * np.sqrt(factors[known])[:, None]
    return _gram(apart)


def dropped(frame: Frame, sums: Floats) -> Floats:
    """The totals in the replicates of the delete-one-PSU jackknife.

    A replicate drops one PSU and weights the others of its stratum by n / (n - 1).

    Args:
        frame: the design.
        sums: (U, c) sums by PSU.

    Returns:
        (U, c): the total without each PSU.

    Raises:
        Refused: a stratum with one PSU, from which none can be dropped.
    """
    size = frame.sampled.astype(np.float64)
    if (size == 1).any():
        raise Refused("a stratum has only one PSU, and the jackknife drops one", expected="two PSUs in each stratum")
    h = frame.stratum_of
    total, factor = _added(sums, h, len(size)), (size / (size - 1))[:, None]
    return sums.sum(axis=0) - total[h] + factor[h] * (total[h] - sums)


def jackknife_factors(frame: Frame) -> Floats:
    """(U,): (n - 1) / n of the stratum whose PSU a replicate drops."""
    size = frame.sampled.astype(np.float64)
    return ((size - 1) / size)[frame.stratum_of]
