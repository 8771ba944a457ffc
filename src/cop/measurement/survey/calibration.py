"""Calibrated weights: post-stratification to one margin, raking to several, and what they do to the variance.

Rows with the same codes form a group; a calibrated weight is the given one times a factor of its group. The variance
is that of the residuals of the regression on the margins, weighted by the given weights, each times the calibrated
weight (the generalised regression estimator; as R's `postStratify`, and `calibrate(calfun = "raking")` for several).

Sources: Deville and Särndal, Calibration estimators in survey sampling, JASA 87 (1992); Deville, Särndal and Sautory,
Generalized raking procedures in survey sampling, JASA 88 (1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cop.kernel.errors import Refused, Where, shown
from cop.measurement.survey.description import Survey
from cop.measurement.survey.sums import Floats, Ints

_ROUNDS = 500
_CLOSE = 1e-12
_AGREE = 1e-6


@dataclass(frozen=True, slots=True)
class Margins:
    """The margins over groups 0..C-1.

    Attributes:
        members: (C, K) float64, 1 where the group counts for the total.
        totals: (K,) the populations.
        of: (K,) the margin that each total belongs to.
        labels: the code of each total.
    """

    members: Floats
    totals: Floats
    of: Ints
    labels: tuple[str, ...]


def margins(survey: Survey, groups: Sequence[tuple[str, ...]]) -> Margins:
    """The margins of a description over the groups found in the data.

    Args:
        survey: the description.
        groups: the codes of each group, one per domain of `survey.calibrated_by`.

    Raises:
        Refused: a code has no total or a total no rows, or two margins add up to different populations.
    """
    names = survey.calibrated_by
    columns: list[Floats] = []
    totals: list[float] = []
    of: list[int] = []
    labels: list[str] = []
    for number, margin in enumerate(survey.calibration):
        where = Where(survey.path, field=f"calibration[{number}].totals")
        places = [names.index(name) for name in margin.by]
        codes = ["|".join(group[place] for place in places) for group in groups]
        for code in codes:
            if code not in margin.totals:
                raise Refused(f"{shown(code)} is in the data and has no population", where=where,
                              expected=f"a total for each code of {', '.join(margin.by)}")  # fmt: skip
        for code, total in margin.totals.items():
            if code not in codes:
                raise Refused(f"{shown(code)} has a population and no rows", where=where,
                              expected="codes that are in the data; put small ones together")  # fmt: skip
            columns.append(np.array([float(own == code) for own in codes]))
            totals.append(total)
            of.append(number)
            labels.append(code)
    sums = np.bincount(np.array(of), np.array(totals))
    if (abs(sums - sums[0]) > _AGREE * sums[0]).any():
        other = int(np.flatnonzero(abs(sums - sums[0]) > _AGREE * sums[0])[0])
        where = Where(survey.path, field=f"calibration[{other}].totals")
        raise Refused(f"adds up to {sums[other]:,.15g}, and calibration[0] to {sums[0]:,.15g}", where=where,
                      expected="one population")  # fmt: skip
    return Margins(np.column_stack(columns), np.array(totals), np.array(of, np.int64), tuple(labels))


def factors(margins: Margins, size: Floats, where: Where | None = None) -> Floats:
    """The factor of each group.

    Args:
        margins: what the weights must add up to.
        size: (..., C) sums of the given weights by group; each row is calibrated by itself.
        where: the place of the description, for the message.

    Returns:
        (..., C) float64; 0 where a group has no weight.

    Raises:
        Refused: a total has no weight to share it, or raking does not come to rest.
    """
    found = np.where(size > 0, 1.0, 0.0)
    parts = [np.flatnonzero(margins.of == number) for number in range(int(margins.of.max()) + 1)]
    for _ in range(_ROUNDS):
        for part in parts:
            members = margins.members[:, part]
            sums = (size * found) @ members
            if (sums <= 0).any():
                label = margins.labels[int(part[int(np.argwhere(sums <= 0)[0][-1])])]
                raise Refused(f"{shown(label)} has no weight in the sample or in one of its replicates", where=where,
                              expected="weight for each total; put small codes together")  # fmt: skip
            found = found * ((margins.totals[part] / sums) @ members.T)
        if (abs((size * found) @ margins.members - margins.totals) <= _CLOSE * margins.totals).all():
            return found
    raise Refused(f"raking does not come to rest in {_ROUNDS} rounds", where=where,
                  expected="margins that one set of weights can have together")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Regression:
    """The regression of a linearised variable on the margins, by the given weights.

    Attributes:
        members: (C, K).
        inverse: (K, K) generalised inverse of the cross-products of the margins.
    """

    members: Floats
    inverse: Floats

    def fitted(self, sums: Floats) -> Floats:
        """The fitted value in each group.

        Args:
            sums: (C, m) sums of the given weight times the variable, by group.
        """
        return self.members @ (self.inverse @ (self.members.T @ sums))


def regression(margins: Margins, size: Floats) -> Regression:
    """The regression that a calibration stands for; `size` is (C,), the given weights by group."""
    cross = margins.members.T @ (margins.members * size[:, None])
    return Regression(margins.members, np.linalg.pinv(cross, hermitian=True).astype(np.float64, copy=False))
