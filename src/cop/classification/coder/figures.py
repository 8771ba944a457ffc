"""What one coder is worth on the audit sample: weighted figures of its answers against the reviewers' codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cop.classification.coder.calibration import PRECISION
from cop.classification.coder.coding import Coded
from cop.classification.coder.reviews import Review
from cop.classification.scheme import Scheme
from cop.kernel.errors import Refused, Where

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

BINS = 10
_DRAWS = 500


@dataclass(frozen=True, slots=True)
class Figures:
    """Weighted figures of a coder on the audit sample, to four places.

    Attributes:
        model: the coder.
        accuracy: share of records with the reviewer's code.
        section_accuracy: share of records with its section.
        urgency_recall: share of records of urgency 1 that got a code of urgency 1; None without such records.
        calibration_error: expected calibration error over ten bins of probability.
        auto_share: share of records that its own rule lets software close.
        auto_precision: share of these with the right code; None when it closes none.
        auto_share_at_precision: the largest share that could be closed at the promised precision (`PRECISION`), taking
            likeliest first what has a class set of one and is not of urgency 1.
    """

    model: str
    accuracy: float
    section_accuracy: float
    urgency_recall: float | None
    calibration_error: float
    auto_share: float
    auto_precision: float | None
    auto_share_at_precision: float


@dataclass(frozen=True, eq=False)
class Judged:
    """A coder's answers beside the truth, as arrays of one entry a record."""

    model: str
    scheme: str
    languages: tuple[str, ...]
    routes: tuple[str, ...]
    weights: Array
    right: Flags
    section_right: Flags
    urgent: Flags
    found_urgent: Flags
    probability: Array
    auto: Flags
    closable: Flags

    @classmethod
    def of(cls, reviews: Sequence[Review], answers: Sequence[Coded], scheme: Scheme) -> Judged:
        """Answers to the audit records, in the same order.

        `languages` and `routes` are the records' own (as first coded), so that they are the same for every coder.

        Raises:
            Refused: there is no record, not one answer a record, or a record is not of the audit sample.
        """
        if not reviews or len(reviews) != len(answers):
            raise Refused(f"{len(answers):,} answers for {len(reviews):,} records", expected="one answer a record")
        for review in reviews:
            if not review.audit:
                raise Refused(
                    f"record {review.id} is not of the audit sample", where=Where(field="audit"),
                    expected="records drawn at random and coded blind: others were selected",
                )  # fmt: skip
        pairs = list(zip(reviews, answers, strict=True))
        return cls(
            model=answers[0].model,
            scheme=answers[0].scheme,
            languages=tuple(r.spoken for r in reviews),
            routes=tuple(r.answer.route for r in reviews),
            weights=np.array([r.weight or 0.0 for r in reviews], np.float64),
            right=np.array([a.code == r.code for r, a in pairs]),
            section_right=np.array([a.code[0] == r.code[0] for r, a in pairs]),
            urgent=np.array([_urgency(r.code, scheme) == 1 for r in reviews]),
            found_urgent=np.array([a.urgency == 1 for a in answers]),
            probability=np.array([a.probability for a in answers], np.float64),
            auto=np.array([a.route == "auto" for a in answers]),
            closable=np.array([len(a.class_set) == 1 and a.urgency != 1 for a in answers]),
        )

    def figures(self) -> Figures:
        """The coder's figures."""
        w = self.weights
        recall = weighted_mean(self.found_urgent[self.urgent], w[self.urgent]) if self.urgent.any() else None
        precise = weighted_mean(self.right[self.auto], w[self.auto]) if self.auto.any() else None
        return Figures(
            model=self.model,
            accuracy=round(weighted_mean(self.right, w), 4),
            section_accuracy=round(weighted_mean(self.section_right, w), 4),
            urgency_recall=None if recall is None else round(recall, 4),
            calibration_error=round(calibration_error(self.probability, self.right, w), 4),
            auto_share=round(weighted_mean(self.auto, w), 4),
            auto_precision=None if precise is None else round(precise, 4),
            auto_share_at_precision=round(self._closable_at(PRECISION), 4),
        )

    def _closable_at(self, precision: float) -> float:
        places = np.flatnonzero(self.closable)
        places = places[np.argsort(-self.probability[places], kind="stable")]
        closed = np.cumsum(self.weights[places])
        kept = np.cumsum((self.weights * self.right)[places]) >= precision * closed
        last = np.append(np.diff(self.probability[places]) < 0, True)  # equally likely ones are closed together
        good = np.flatnonzero(kept & last[: len(kept)])
        return float(closed[good[-1]] / self.weights.sum()) if len(good) else 0.0


def _urgency(code: str, scheme: Scheme) -> int | None:
    """The urgency of a true code; a residual has none."""
    node = scheme.by_code.get(code)
    return None if node is None else node.urgency


def weighted_mean(values: Array | Flags, weights: Array) -> float:
    """The mean of values with these weights; there must be at least one."""
    return float((values * weights).sum() / weights.sum())


def calibration_error(probability: Array, right: Array | Flags, weights: Array) -> float:
    """Expected calibration error over `BINS` equal bins of probability, each record with its weight."""
    cell = np.minimum((probability * BINS).astype(int), BINS - 1)
    gaps = np.bincount(cell, weights=weights * (probability - right), minlength=BINS)
    return float(np.abs(gaps).sum() / weights.sum())


def chance_calibration_error(judged: Judged, seed: int = 0) -> float:
    """The calibration error that a perfectly calibrated coder passes on this sample in 5 % of cases.

    Source: consistency resampling (Bröcker & Smith 2007): answers are drawn right with just their probability.
    """
    random = np.random.default_rng(seed)
    drawn = random.random((_DRAWS, len(judged.probability))) < judged.probability
    return float(np.quantile([calibration_error(judged.probability, row, judged.weights) for row in drawn], 0.95))
