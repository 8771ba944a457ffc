"""Counts by class adjusted by the coder's confusion matrix: Rogan and Gladen's estimator for any number of classes.

With M[j, k] the share of class k's records that the coder codes j, the coder's counts F are M T, so T = M^-1 F. M is
estimated from records that people coded. It is given for comparison: it needs more of the data than `corrected`, as it
divides by the coder's accuracy, and can leave the range of a count; in return it asks only that the coder errs alike
on the records of a class, wherever they come from, so M may be of other records than F.

Sources: Rogan and Gladen, American Journal of Epidemiology 107 (1978); Kuha and Skinner, Categorical data analysis and
misclassification, in Survey Measurement and Process Quality (1997), 28.3; Kloos et al. (2020) as in `corrected`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from cop.measurement.records.corrected import LEVEL, Ints
from cop.measurement.records.score import Floats

LEAST_OF_CLASS = 5
"""Audited records of a class below which its row of errors is not estimated."""
WORST_CONDITION = 1e6


@dataclass(frozen=True, slots=True)
class Confusion:
    """What the coder makes of each class.

    Attributes:
        share: (classes, classes), coder's code by true class; columns sum to 1.
        known: (classes,) the effective number of audited records of each true class.
        unseen: the share of records that were not audited; 1 where the records to be adjusted are others.
    """

    share: Floats
    known: Floats
    unseen: float


def matrix(coded: Ints, truth: Ints, weight: Floats, classes: int, *, unseen: float = 1.0) -> Confusion:
    """The confusion matrix of an audit sample, weighted.

    Args:
        coded: (n,) the coder's class.
        truth: (n,) the class people gave.
        weight: (n,) how many records each stands for.
        classes: how many there are.
        unseen: see `Confusion`.
    """
    held, squares = np.zeros((classes, classes)), np.zeros(classes)
    np.add.at(held, (coded, truth), weight)
    np.add.at(squares, truth, weight**2)
    sums = held.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Confusion(held / sums, np.nan_to_num(sums**2 / squares), unseen)


def adjust(counts: Floats, confusion: Confusion, *, level: float = LEVEL) -> tuple[Floats, Floats, Floats, Floats]:
    """Counts adjusted by a confusion matrix.

    Args:
        counts: (classes,) the coder's.
        confusion: of the same classes.
        level: of the interval.

    Returns:
        (classes,) estimate, standard error (delta method, counts of the file taken as they are), lower and upper limit
        (Wald's, cut to the range of a count). The estimate may be below 0. All are NaN where a class has fewer than
        `LEAST_OF_CLASS` audited records, or the matrix cannot be inverted.
    """
    none = np.full(len(counts), np.nan)
    if (confusion.known < LEAST_OF_CLASS).any() or np.linalg.cond(confusion.share) > WORST_CONDITION:
        return none, none, none, none
    inverse = np.linalg.inv(confusion.share)
    estimate = inverse @ counts
    errors = np.zeros_like(inverse)
    for k, n in enumerate(confusion.known):
        column = confusion.share[:, k]
        errors += estimate[k] ** 2 * confusion.unseen / n * (np.diag(column) - np.outer(column, column))
    se = np.sqrt(np.maximum(np.diag(inverse @ errors @ inverse.T), 0.0))
    half = float(stats.norm.ppf(0.5 + level / 2)) * se
    whole = counts.sum()
    return estimate, se, np.clip(estimate - half, 0.0, whole), np.clip(estimate + half, 0.0, whole)
