"""Probabilities that mean what they say, class sets that hold the truth, and who may close a record.

Everything is learnt from cross-fitted scores: each text of the corpus scored by a model that saw neither it nor the
texts written beside it. Sources: temperature scaling (Guo et al. 2017); split-conformal class sets with one threshold
for all classes, and one per class of urgency 1 (label-conditional, Vovk 2012).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cop.classification.coder.language import UNKNOWN

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
Flags = NDArray[np.bool_]

COVERAGE = 0.9
"""Share of class sets that shall hold the true class."""

PRECISION = 0.95
"""Share of records closed by software that shall have the right code."""

_LEAST_AUTO = 40
_BOOSTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
_MOST_CLASS_THRESHOLD = 0.5


def probabilities(scores: Array, temperatures: Array) -> Array:
    """(n, n_codes) probabilities: softmax of the scores over each row's temperature."""
    scaled = scores / temperatures[:, None]
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def log_loss(probability: Array, truth: Labels) -> float:
    """Mean negative log probability of the true class."""
    return float(-np.log(np.maximum(probability[np.arange(len(truth)), truth], 1e-12)).mean())


def temperature(scores: Array, truth: Labels) -> float:
    """The temperature under which the true classes are likeliest."""
    from scipy.optimize import minimize_scalar

    def loss(log_value: float) -> float:
        return log_loss(probabilities(scores, np.full(len(scores), np.exp(log_value))), truth)

    found: Any = minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded")
    return float(np.exp(found.x))


def temperatures(scores: Array, truth: Labels, languages: Sequence[str]) -> dict[str, float]:
    """One temperature per language, and the whole's for texts of unknown language."""
    spoken = np.array(languages)
    found = {lang: temperature(scores[spoken == lang], truth[spoken == lang]) for lang in sorted(set(languages))}
    return {lang: round(value, 4) for lang, value in {**found, UNKNOWN: temperature(scores, truth)}.items()}


def per_row(values: Mapping[str, float], languages: Iterable[str]) -> Array:
    """Each text's temperature."""
    return np.array([values.get(language, values[UNKNOWN]) for language in languages])


def boost(scores: Array, evidence: Array, truth: Labels) -> float:
    """How much an index term adds to the score of its class: what makes the true classes likeliest."""
    losses = {
        b: log_loss(probabilities(s, np.full(len(s), temperature(s, truth))), truth)
        for b in _BOOSTS
        for s in [scores + b * evidence]
    }
    return min(losses, key=lambda b: losses[b])


def expected_calibration_error(confidence: Array, right: Flags, bins: int = 10) -> float:
    """ECE over equal-width bins of confidence."""
    cell = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(confidence[cell == c].sum() - right[cell == c].sum()) for c in range(bins)]
    return float(sum(gaps) / max(len(confidence), 1))


def set_thresholds(probability: Array, truth: Labels, own: Flags) -> Array:
    """(n_codes,) probability from which a class enters the set, for `COVERAGE`.

    Args:
        probability: (n, n_codes) cross-fitted.
        truth: (n,) numbers of the true codes.
        own: (n_codes,) classes that get a threshold of their own (urgency 1).
    """
    true = probability[np.arange(len(truth)), truth]
    shared = _lower_quantile(true[~own[truth]] if (~own[truth]).any() else true)
    thresholds = np.full(probability.shape[1], shared)
    for code in np.flatnonzero(own):
        if (truth == code).any():
            thresholds[code] = _lower_quantile(true[truth == code])
    return np.minimum(thresholds, _MOST_CLASS_THRESHOLD)


def _lower_quantile(values: Array) -> float:
    """The value that at least the share `COVERAGE` of exchangeable new values reach (0 when there are too few)."""
    rank = int(np.floor((1 - COVERAGE) * (len(values) + 1)))
    return float(np.sort(values)[rank - 1]) if rank >= 1 else 0.0


def class_sets(probability: Array, thresholds: Array) -> Flags:
    """(n, n_codes) membership; the likeliest class is always a member."""
    members = probability >= thresholds
    members[np.arange(len(probability)), probability.argmax(axis=1)] = True
    return members


@dataclass(frozen=True, slots=True)
class Rule:
    """When a record may be closed by software.

    Its set has one class, that class is not of urgency 1, and its probability is at least `least` (None: never).
    """

    least: float | None

    def allows(self, probability: Array, members: Flags, urgent: Flags) -> Flags:
        """(n,) whether each record may be closed."""
        if self.least is None:
            return np.zeros(len(probability), bool)
        top = probability.argmax(axis=1)
        return (members.sum(axis=1) == 1) & ~urgent[top] & (probability.max(axis=1) >= self.least)


def rule(probability: Array, members: Flags, truth: Labels, urgent: Flags) -> Rule:
    """The lowest probability from which singletons of lower urgency were right in `PRECISION` of cases."""
    top = probability.argmax(axis=1)
    able = (members.sum(axis=1) == 1) & ~urgent[top]
    confidence, right = probability.max(axis=1)[able], (top == truth)[able]
    order = np.argsort(-confidence, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero((precision >= PRECISION) & (np.arange(1, len(order) + 1) >= _LEAST_AUTO))
    return Rule(None if not len(good) else float(confidence[order[good[-1]]]))
