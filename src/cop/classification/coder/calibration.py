"""Probabilities that mean what they say, class sets that hold the truth, and who may close a record.

Everything is learnt from scores of texts by a model that saw no text of their writers. Sources: log-linear pooling of
experts (Genest & Zidek 1986); temperature scaling (Guo et al. 2017); split-conformal class sets with one threshold for
all classes, and one per class of urgency 1 (label-conditional, Vovk 2012).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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

LOST = 0.005
"""Share of records of urgency 1 that software may close under a code of lower urgency, at most."""

PARTING = 0.005
"""Share of all records to which a tier that answers in the whole model's stead may give another code, at most."""

_SURE = 0.95

_LEAST_AUTO = 40
_BOOSTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
_DANGERS = (0.01, 0.02, 0.05, 0.1)
_ALONE = 1.01
"""A threshold that no probability reaches: the class is in a set only as the likeliest."""


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


def pool(parts: Sequence[Array], truth: Labels) -> tuple[float, ...]:
    """How much each part's scores count in their sum: what makes the true classes likeliest.

    Args:
        parts: (n, n_codes) scores of each part, of texts that it did not see.
        truth: (n,) numbers of the true codes.
    """
    from scipy.optimize import minimize

    ones = np.ones(len(truth))

    def loss(shares: Array) -> float:
        return log_loss(probabilities(pooled(parts, np.exp(shares)), ones), truth)

    found: Any = minimize(loss, np.zeros(len(parts)), method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-5})
    return tuple(round(float(share), 4) for share in np.exp(found.x))


def pooled(parts: Sequence[Array], shares: Sequence[float] | Array) -> Array:
    """The sum of the parts' scores, each times its share."""
    return np.sum([share * part for share, part in zip(shares, parts, strict=True)], axis=0)


def boost(scores: Array, evidence: Array, truth: Labels) -> float:
    """How much evidence adds to the score of its class: what makes the true classes likeliest."""
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
    """(n_codes,) probability from which a class enters the set beside the likeliest, for `COVERAGE`.

    Args:
        probability: (n, n_codes) of texts that training did not see.
        truth: (n,) numbers of the true codes.
        own: (n_codes,) classes that get a threshold of their own (urgency 1).
    """
    top = probability.argmax(axis=1) == truth
    true = np.where(top, _ALONE, probability[np.arange(len(truth)), truth])
    shared = _lower_quantile(true[~own[truth]] if (~own[truth]).any() else true)
    thresholds = np.full(probability.shape[1], shared)
    for code in np.flatnonzero(own):
        if (truth == code).any():
            thresholds[code] = _lower_quantile(true[truth == code])
    return thresholds


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

    Its set has one class, that class is not of urgency 1, its probability is at least `least` (None: never), and all
    classes of urgency 1 together have at most the probability `danger`.
    """

    least: float | None
    danger: float = 1.0

    def allows(self, probability: Array, members: Flags, urgent: Flags) -> Flags:
        """(n,) whether each record may be closed."""
        if self.least is None:
            return np.zeros(len(probability), bool)
        top = probability.argmax(axis=1)
        safe = probability[:, urgent].sum(axis=1) <= self.danger
        return (members.sum(axis=1) == 1) & ~urgent[top] & safe & (probability.max(axis=1) >= self.least)


def rule(probability: Array, members: Flags, truth: Labels, urgent: Flags) -> Rule:
    """The rule that closes most, with `PRECISION` right among the closed and at most `LOST` of urgency 1 among them."""
    most, best = 0, Rule(None)
    for danger in _DANGERS:
        found = _least(probability, members, truth, urgent, danger)
        closed = found.allows(probability, members, urgent)
        lost = (closed & urgent[truth]).sum() > LOST * urgent[truth].sum()
        if closed.sum() > most and not lost:
            most, best = int(closed.sum()), found
    return best


def _least(probability: Array, members: Flags, truth: Labels, urgent: Flags, danger: float) -> Rule:
    """The lowest probability from which what the rule allows was right in `PRECISION` of cases."""
    able = Rule(0.0, danger).allows(probability, members, urgent)
    confidence, right = probability.max(axis=1)[able], (probability.argmax(axis=1) == truth)[able]
    order = np.argsort(-confidence, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero((precision >= PRECISION) & (np.arange(1, len(order) + 1) >= _LEAST_AUTO))
    return Rule(None if not len(good) else round(float(confidence[order[good[-1]]]), 6), danger)


def stand_in(given: Rule, probability: Array, members: Flags, whole: Labels, urgent: Flags) -> Rule:
    """The rule, with its least probability raised until what it allows hardly ever has another code than `whole`.

    The share of all records that it allows with another code is below `PARTING` with 95 % confidence (Clopper and
    Pearson 1934): this bounds what a cascade loses on texts like these, whatever their true codes are.
    """
    from scipy.special import betaincinv

    allowed = given.allows(probability, members, urgent)
    confidence, parts = probability.max(axis=1)[allowed], (probability.argmax(axis=1) != whole)[allowed]
    order = np.argsort(-confidence, kind="stable")
    parted = np.cumsum(parts[order])
    limits = betaincinv(parted + 1, len(whole) - parted, _SURE)
    kept = int(np.searchsorted(limits, PARTING, side="right"))
    return Rule(round(float(confidence[order[kept - 1]]), 6) if kept else None, given.danger)


@dataclass(frozen=True, eq=False)
class Calibration:
    """What turns scores into probabilities, class sets and routes.

    `temperatures` are by language, with one for texts of none of the six; `thresholds` is (n_codes,).
    """

    temperatures: Mapping[str, float]
    thresholds: Array
    rule: Rule

    def probabilities(self, scores: Array, languages: Iterable[str]) -> Array:
        """(n, n_codes) calibrated probabilities; rows sum to 1."""
        return probabilities(scores, per_row(self.temperatures, languages))

    def sets(self, probability: Array) -> Flags:
        """(n, n_codes) class sets."""
        return class_sets(probability, self.thresholds)

    def as_json(self) -> dict[str, Any]:
        """The facts as a model's file has them."""
        return {
            "temperatures": dict(self.temperatures),
            "thresholds": [round(float(t), 6) for t in self.thresholds],
            "auto_from": self.rule.least,
            "danger": self.rule.danger,
        }

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Calibration:
        """The calibration that `as_json` wrote."""
        rule = Rule(facts["auto_from"], facts["danger"])
        return cls(facts["temperatures"], np.array(facts["thresholds"], np.float64), rule)


def calibrate(scores: Array, truth: Labels, languages: Sequence[str], urgent: Flags) -> Calibration:
    """The calibration that these scores of unseen texts ask for.

    Args:
        scores: (n, n_codes) before calibration.
        truth: (n,) numbers of the true codes.
        languages: ISO 639-1 code of each text.
        urgent: (n_codes,) codes of urgency 1.
    """
    warmth = temperatures(scores, truth, languages)
    known = probabilities(scores, per_row(warmth, languages))
    thresholds = np.round(set_thresholds(known, truth, urgent), 6)
    return Calibration(warmth, thresholds, rule(known, class_sets(known, thresholds), truth, urgent))


def calibrate_stand_in(scores: Array, truth: Labels, whole: Labels, reserved: Flags) -> Calibration:
    """The calibration of a tier that answers in the whole model's stead and asks for no language; see `stand_in`.

    Args:
        scores: (n, n_codes) of the tier.
        truth: (n,) numbers of the true codes.
        whole: (n,) numbers of the codes that the whole model gives.
        reserved: (n_codes,) codes that it shall not give.
    """
    found = calibrate(scores, truth, [UNKNOWN] * len(truth), reserved)
    known = found.probabilities(scores, [UNKNOWN] * len(truth))
    return replace(found, rule=stand_in(found.rule, known, found.sets(known), whole, reserved))
