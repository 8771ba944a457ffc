"""The model card: what was measured in training, as facts and as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cop.classification.coder.calibration import (
    PRECISION,
    Array,
    Flags,
    Labels,
    calibrate,
    calibrate_stand_in,
    expected_calibration_error,
)

_SHARES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
_FOLDS = 5

LIMITS = (
    "Trained on summaries written for this project, not on reports that were received.",
    "Measured on writers whose texts were held out, by a model trained without them; they wrote from the same notes, "
    "so reports from elsewhere will be harder. The desk's audit sample says how much.",
    "Every class is taken to be equally common; where classes are not, probabilities are not calibrated for the mix.",
    "Irony, long stories and facts that must be inferred are often missed.",
    "Fewer texts in Arabic, Chinese, French, Russian and Spanish than in English; other languages always go to review.",
    "Records of urgency 1 are never closed by software.",
)
"""What a reader of a figure must know."""


@dataclass(frozen=True)
class Evaluation:
    """Results on texts of held-out writers: nothing here was seen in training, nor in the calibration it is given.

    `probability` is (n, n_codes), `members` its class sets, `auto` the records that software would close; `cascade`
    the codes given where the fast tier answers first, `quick` the records it answers.
    """

    codes: Sequence[str]
    truth: Labels
    languages: Sequence[str]
    hard: Flags
    urgent: Flags
    probability: Array
    members: Flags
    auto: Flags
    cascade: Labels
    quick: Flags

    @classmethod
    def crossed(
        cls,
        codes: Sequence[str],
        truth: Labels,
        languages: Sequence[str],
        hard: Flags,
        urgent: Flags,
        reserved: Flags,
        scores: Array,
        quick: Array,
    ) -> Evaluation:
        """Probabilities, sets and routes of each fifth, calibrated on the other four.

        Args:
            codes: by number.
            truth: (n,) numbers of the true codes.
            languages: of each text.
            hard: (n,) texts that lie next to another class.
            urgent: (n_codes,) codes of urgency 1.
            reserved: (n_codes,) codes that the fast tier does not give.
            scores: (n, n_codes) of the whole model.
            quick: (n, n_codes) of the fast tier.
        """
        probability, members = np.zeros_like(scores), np.zeros(scores.shape, bool)
        auto, answered = np.zeros(len(scores), bool), np.zeros(len(scores), bool)
        folds = np.arange(len(scores)) % _FOLDS
        for fold in range(_FOLDS):
            held, others = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
            spoken = [languages[int(i)] for i in others]
            asked = [languages[int(i)] for i in held]
            fitted = calibrate(scores[others], truth[others], spoken, urgent)
            probability[held] = fitted.probabilities(scores[held], asked)
            members[held] = fitted.sets(probability[held])
            auto[held] = fitted.rule.allows(probability[held], members[held], urgent)
            fitted = calibrate_stand_in(quick[others], truth[others], scores[others].argmax(axis=1), reserved)
            known = fitted.probabilities(quick[held], asked)
            answered[held] = fitted.rule.allows(known, fitted.sets(known), reserved)
        cascade = np.where(answered, quick.argmax(axis=1), probability.argmax(axis=1))
        return cls(codes, truth, languages, hard, urgent, probability, members, auto, cascade, answered)

    def measures(self) -> dict[str, Any]:
        """Every figure of the card."""
        top = self.probability.argmax(axis=1)
        right = top == self.truth
        best = np.argsort(-self.probability, axis=1)[:, :3]
        sections = np.array([code[0] for code in self.codes])
        same_section = sections[top] == sections[self.truth]
        confidence = self.probability.max(axis=1)
        spoken = np.array(self.languages)
        covered = self.members[np.arange(len(top)), self.truth]
        urgent = self.urgent[self.truth]
        lost = urgent & self.auto & ~self.urgent[top]
        return {
            "texts": len(top),
            "leaf_accuracy": _share(right),
            "section_accuracy": _share(same_section),
            "top3_accuracy": _share((best == self.truth[:, None]).any(axis=1)),
            "hard_leaf_accuracy": _share(right[self.hard]),
            "leaf_accuracy_by_language": {str(x): _share(right[spoken == x]) for x in sorted(set(self.languages))},
            "leaf_accuracy_by_section": {
                str(s): _share(right[sections[self.truth] == s]) for s in sorted(set(sections.tolist()))
            },
            "calibration_error": round(expected_calibration_error(confidence, right), 4),
            "calibration_error_by_language": {
                str(x): round(expected_calibration_error(confidence[spoken == x], right[spoken == x]), 4)
                for x in sorted(set(self.languages))
            },
            "set_coverage": _share(covered),
            "set_coverage_urgency_1": _share(covered[urgent]),
            "set_size": round(float(self.members.sum(axis=1).mean()), 3),
            "auto_share": _share(self.auto),
            "auto_precision": _share(right[self.auto]) if self.auto.any() else None,
            "urgency_1_lost_share": _share(lost[urgent]),
            "share_at_promised_precision": _share_at(confidence, right),
            "errors_caught_by_share_reviewed": _review_curve(confidence, right),
            "fast_tier_share": _share(self.quick),
            "fast_tier_precision": _share((self.cascade == self.truth)[self.quick]) if self.quick.any() else None,
            "leaf_accuracy_with_fast_tier": _share(self.cascade == self.truth),
        }


def _share(flags: Flags) -> float:
    return round(float(flags.mean()), 4) if len(flags) else 0.0


def _share_at(confidence: Array, right: Flags) -> float:
    """The largest share of records, most confident first, that are right in `PRECISION` of cases."""
    order = np.argsort(-confidence, kind="stable")
    good = np.flatnonzero(np.cumsum(right[order]) >= PRECISION * np.arange(1, len(order) + 1))
    return round(float(good[-1] + 1) / len(order), 4) if len(good) else 0.0


def _review_curve(confidence: Array, right: Flags) -> dict[str, float]:
    """Share of errors among the least confident records, by the share of records reviewed."""
    order = np.argsort(confidence, kind="stable")
    wrong = ~right[order]
    return {f"{s:.0%}": round(float(wrong[: round(s * len(wrong))].sum() / max(wrong.sum(), 1)), 4) for s in _SHARES}


def as_markdown(card: Mapping[str, Any]) -> str:
    """The card as a page."""
    lines = [
        f"# {card['model']}",
        "",
        "A coder of reports: text in six languages to codes of the classification of online threats to children,",
        f"version {card['scheme']}. It adds what these say of a text: {', '.join(card['towers'])}.",
        "This page is written by training from what it measured.",
        "",
        "## Data",
        "",
        *_table(card["data"]),
        "",
        "## How much each part counts",
        "",
        *_table(card["parts"]),
        "",
        "## Measured on writers whose texts were held out",
        "",
        "By a model trained without them; each fifth of their texts calibrated on the other four.",
        "",
        *_table(card["measures"]),
        "",
        "## Attribution",
        "",
        *(f"- {line}" for line in card["attribution"]),
        "",
        "## Limits",
        "",
        *(f"- {line}" for line in card["limits"]),
    ]
    return "\n".join(lines) + "\n"


def _table(facts: Mapping[str, Any]) -> list[str]:
    return ["| what | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in _flat(facts))]


def _flat(facts: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in facts.items():
        words = f"{prefix}{name.replace('_', ' ')}"
        rows += _flat(value, f"{words}: ") if isinstance(value, Mapping) else [(words, value)]
    return rows
