"""Counts by class corrected for the coder's errors: prediction-powered inference from a random audit sample.

All N records of a cell have the coder's code; a random sample of them was also coded, blindly, by people. The records
are parted by audit stratum and by the code the coder gave (groups g); within a group the corrected count of class k is

    T_k = sum over g of N_g ( mean of y_k in the sample
                              + lambda (mean of f_k in the whole group - mean of f_k in the sample) )

with y what people said and f what the coder predicts. Coder's codes alone do not vary within a group, so lambda plays
no part: this is prediction-powered inference with its power tuned for every code (the regression of y on the coder's
codes), which is the calibration estimator N_g times the share of each true class among records coded g. With
probabilities f varies, and one lambda, between 0 and 1, is tuned to the smallest total variance. As one lambda and the
same groups serve every class, classes add up to the records, classes of a section to the section, and a covariance
belongs to them.

The target is the number of records in the cell that people would give the class to, not a rate behind them: sampling
without replacement is honoured. Intervals: `score`.

Sources: Angelopoulos, Bates, Fannjiang, Jordan and Zrnic, Prediction-powered inference, Science 382 (2023);
Angelopoulos, Duchi and Zrnic, PPI++ (arXiv 2311.01453); Fisch et al., Stratified prediction-powered inference (arXiv
2406.04291); Kloos, Meertens, Scholtus and Karch, Comparing correction methods to reduce misclassification bias (2020);
Saerndal, Swensson and Wretman, Model Assisted Survey Sampling (1992), 7.6.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cop.measurement.records import score
from cop.measurement.records.score import Floats

Ints = NDArray[np.int64]

LEVEL = 0.95
LEAST_IN_GROUP = 5
"""Audited records below which a group is joined to others of its stratum."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The records of one cell as the coder left them, and those of them that people coded.

    Attributes:
        size: (n_group,) records of each group.
        group: (n,) the group of each audited record.
        truth: (n,) the class that people gave it, 0 to `classes` - 1.
        weight: (n,) how many records it stands for; only ratios within a group matter.
        classes: how many classes there are.
        predicted: (n, classes) the coder's probabilities of the audited records; None where codes alone are known.
        mean: (n_group, classes) the mean of these probabilities over all records of the group.
    """

    size: Floats
    group: Ints
    truth: Ints
    weight: Floats
    classes: int
    predicted: Floats | None = None
    mean: Floats | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """Corrected counts of the classes, and what sums of them need.

    Attributes:
        total: (classes,) corrected counts; their sum is the number of records.
        covariance: (classes, classes) of the sampling errors.
        power: lambda, 0 where codes alone are known.
        audited: how many records people coded.
    """

    total: Floats
    covariance: Floats
    power: float
    audited: int
    _size: Floats
    _share: Floats
    _drawn: Floats
    _unseen: Floats
    _plain: Floats
    _seen: Floats

    def sums(self, members: Floats, level: float = LEVEL) -> tuple[Floats, Floats, Floats, Floats]:
        """Counts of unions of classes: a section of its classes, a class itself.

        Args:
            members: (n_sum, classes), 1 where the class is in the union, else 0.
            level: of the interval.

        Returns:
            (n_sum,) estimate, standard error, lower and upper limit each.
        """
        total = members @ self.total
        variance = np.einsum("rk,kl,rl->r", members, self.covariance, members)
        cases = np.clip(members @ self._share.T, 0.0, 1.0) * self._drawn
        low, high = score.interval(self._size, cases, self._drawn, self._unseen, level)
        plain = (self._size * cases / self._drawn).sum(axis=1)
        before = np.einsum("rk,kl,rl->r", members, self._plain, members)
        ratio = np.where(before > 0, np.sqrt(np.maximum(variance, 0) / np.where(before > 0, before, 1)), 1.0)
        seen = members @ self._seen
        most = self._size.sum() - (self.audited - seen)
        low = np.clip(total - (plain - low) * ratio, seen, most)
        high = np.clip(total + (high - plain) * ratio, seen, most)
        return total, np.sqrt(np.maximum(variance, 0.0)), low, high

    def among(self, ways: Floats) -> Corrected:
        """The same counts among more classes: `ways` is (n_class, classes), 1 where a class is one of these."""
        return replace(
            self, total=ways @ self.total, covariance=ways @ self.covariance @ ways.T, _share=self._share @ ways.T,
            _plain=ways @ self._plain @ ways.T, _seen=ways @ self._seen,
        )  # fmt: skip


def grouped(stratum: Ints, drawn: Ints, least: int = LEAST_IN_GROUP) -> Ints:
    """Which of the finest parts of the records (stratum by coder's code) make one group.

    A part with fewer than `least` audited records joins the others of its stratum that have too few; if these are too
    few together, the part of the stratum with the most; a stratum with too few in all joins the other such strata. Only
    numbers drawn decide, never what people said, so that the sample stays random within every group.

    Args:
        stratum: (n_part,) the audit stratum of each part.
        drawn: (n_part,) how many of its records were audited.
        least: below which a part does not stand alone.

    Returns:
        (n_part,) numbers of groups from 0; each group has an audited record, if there is any.
    """
    group = np.arange(len(drawn))
    thin: list[int] = []
    for code in np.unique(stratum):
        inside = np.flatnonzero(stratum == code)
        few = inside[drawn[inside] < least]
        if drawn[inside].sum() < least:
            thin += inside.tolist()
        elif len(few):
            alone = drawn[few].sum() >= least
            group[few] = few[0] if alone else inside[np.argmax(drawn[inside])]
    if thin:
        # joined to the best known group where they are too few even together
        joined = drawn[thin].sum() >= least or len(thin) == len(drawn)
        counts = np.bincount(group, weights=drawn, minlength=len(drawn))
        group[thin] = thin[0] if joined else int(np.argmax(counts))
    return np.unique(group, return_inverse=True)[1].astype(np.int64)


def tuned(sample: Sample) -> float:
    """The lambda of the smallest total variance over the classes, between 0 and 1; 0 without probabilities."""
    if sample.predicted is None or not len(sample.group):
        return 0.0
    shared = spread = 0.0
    truth = _indicators(sample)
    for place, factor, weight in _parts(sample):
        y, f = _centred(truth[place], weight), _centred(sample.predicted[place], weight)
        shared += factor * float(weight @ (y * f).sum(axis=1))
        spread += factor * float(weight @ (f * f).sum(axis=1))
    return min(max(shared / spread, 0.0), 1.0) if spread > 0 else 0.0


def correct(sample: Sample, *, power: float | None = None) -> Corrected:
    """Correct the counts of one cell.

    Args:
        sample: with at least one audited record in every group that has records.
        power: lambda; tuned on this sample where none is given.

    Raises:
        ValueError: a group has records and no audited one.
    """
    drawn = np.bincount(sample.group, minlength=len(sample.size))
    if (drawn == 0).any() and sample.size[drawn == 0].sum() > 0:
        raise ValueError("a group has records and no audited one")
    power = tuned(sample) if power is None else power
    predicted = sample.predicted if sample.predicted is not None and power > 0 else None
    truth = _indicators(sample)
    n_group = len(sample.size)
    share = np.zeros((n_group, sample.classes))
    total = np.zeros(sample.classes)
    plain, covariance = np.zeros((sample.classes,) * 2), np.zeros((sample.classes,) * 2)
    effective, unseen = np.ones(n_group), np.zeros(n_group)
    for place, factor, weight in _parts(sample):
        g = int(sample.group[place[0]])
        share[g] = weight @ truth[place]
        effective[g] = 1 / float(weight @ weight)
        unseen[g] = max(0.0, 1 - len(place) / sample.size[g])
        y = _centred(truth[place], weight)
        plain += factor * (y.T * weight) @ y
        total += sample.size[g] * share[g]
        if predicted is not None and sample.mean is not None:
            total += sample.size[g] * power * (sample.mean[g] - weight @ predicted[place])
            error = y - power * _centred(predicted[place], weight)
            covariance += factor * (error.T * weight) @ error
    if predicted is None:
        covariance = plain
    return Corrected(
        total=total, covariance=covariance, power=power if predicted is not None else 0.0, audited=len(sample.group),
        _size=sample.size, _share=share, _drawn=effective, _unseen=unseen, _plain=plain, _seen=truth.sum(axis=0),
    )  # fmt: skip


def _indicators(sample: Sample) -> Floats:
    truth = np.zeros((len(sample.truth), sample.classes))
    truth[np.arange(len(sample.truth)), sample.truth] = 1.0
    return truth


def _parts(sample: Sample) -> list[tuple[Ints, float, Floats]]:
    """For each group with audited records: their places, N^2 (1 - n/N) / (n - 1), their weights with the sum 1.

    n is Kish's effective number where weights differ.
    """
    order = np.argsort(sample.group, kind="stable")
    bounds = np.flatnonzero(np.diff(sample.group[order])) + 1
    parts: list[tuple[Ints, float, Floats]] = []
    for place in np.split(order, bounds) if len(order) else []:
        weight = sample.weight[place] / sample.weight[place].sum()
        size = float(sample.size[sample.group[place[0]]])
        number = 1 / float(weight @ weight)
        factor = size**2 * max(0.0, 1 - len(place) / size) / max(number - 1, 1.0)
        parts.append((place, factor, weight))
    return parts


def _centred(values: Floats, weight: Floats) -> Floats:
    return values - weight @ values
