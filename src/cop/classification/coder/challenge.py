"""Champion and challenger: whether a newly trained coder may take the place of the one in use.

Both code the same audit records: drawn at random, coded blind by people, kept out of training. The challenger is
accepted when it is shown not to be worse, which is more than not being shown to be worse: a sample too small to tell is
refused with the power that it has.

Source: notes on the classification, 5.3. Paired proportions: exact McNemar test (McNemar 1947; binomial on the records
that only one coder had right); non-inferiority by the lower limit of the paired difference (stratified bootstrap);
power of paired proportions at no difference, Phi(margin / se - z), se^2 = share of disagreement / effective records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import stats

from cop.classification.coder.coding import Coded
from cop.classification.coder.figures import Figures, Judged, chance_calibration_error, weighted_mean
from cop.classification.coder.reviews import Review
from cop.classification.coder.shares import effective_size
from cop.classification.scheme import Scheme
from cop.kernel.errors import Refused

DRAWS = 2000
_SIDE = 0.05
"""Chance of calling a worse coder not worse: the interval of 90 % has its lower limit there."""

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a challenger must show.

    Attributes:
        accuracy: its share of right codes is lower by less than this, with 95 % certainty.
        section: the same of right sections.
        language: in no language is it lower by more than this, unless chance may be to blame (`language_chance`).
        language_records: audit records of a language below which it is not judged there, and that is said.
        language_chance: one-sided p of the exact McNemar test below which a language's loss is no chance.
        calibration: its calibration error, or what chance gives a perfect coder on this sample if that is more.
        power: chance that the sample shows an equal coder to be not worse.
    """

    accuracy: float = 0.03
    section: float = 0.03
    language: float = 0.05
    language_records: int = 30
    language_chance: float = 0.1
    calibration: float = 0.05
    power: float = 0.8


@dataclass(frozen=True, slots=True)
class Difference:
    """Challenger less champion, in share of right answers, with its 90 % interval and exact McNemar p (two-sided)."""

    value: float
    low: float
    high: float
    only_champion: int
    only_challenger: int
    p: float


@dataclass(frozen=True, slots=True)
class InLanguage:
    """Both coders on the records of one language; `p` is of the challenger being worse (one-sided)."""

    language: str
    records: int
    champion: float
    challenger: float
    p: float


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition, whether it is met (None: cannot be judged, and does not stand in the way), and why, in words."""

    condition: str
    met: bool | None
    words: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both coders on the audit sample, and the verdict with every reason."""

    records: int
    effective: float
    power: float
    champion: Figures
    challenger: Figures
    leaf: Difference
    section: Difference
    languages: tuple[InLanguage, ...]
    rule: Acceptance
    reasons: tuple[Reason, ...]

    @property
    def accepted(self) -> bool:
        """Whether no condition failed."""
        return all(r.met is not False for r in self.reasons)

    @property
    def against(self) -> tuple[str, ...]:
        """Why not, in words."""
        return tuple(r.words for r in self.reasons if r.met is False)

    def as_json(self) -> dict[str, Any]:
        """The same facts for a program."""
        return {"accepted": self.accepted, **asdict(self)}


def compare(
    reviews: Sequence[Review],
    champion: Sequence[Coded],
    challenger: Sequence[Coded],
    scheme: Scheme,
    *,
    rule: Acceptance | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Comparison:
    """Judge a challenger by the audit sample.

    Args:
        reviews: audit records; the reviewer's code is the truth.
        champion: answers of the coder in use, one a record.
        challenger: answers of the new coder, one a record.
        scheme: of the urgency of true codes.
        rule: what must be shown.
        draws: of the bootstrap.
        seed: of the bootstrap.

    Raises:
        Refused: a record is not of the audit sample, the coders give codes of different versions of the
            classification, or the sample is too small to tell (the power it has is said).
    """
    rule = rule or Acceptance()
    old, new = Judged.of(reviews, champion, scheme), Judged.of(reviews, challenger, scheme)
    if old.scheme != new.scheme:
        raise Refused(
            f"the coders give codes of versions {old.scheme} and {new.scheme} of the classification",
            expected="two coders of one version",
        )
    power = _power(old, new, rule)
    strata = _strata(old)
    leaf = _difference(old.right, new.right, old.weights, strata, draws, seed)
    section = _difference(old.section_right, new.section_right, old.weights, strata, draws, seed)
    figures = old.figures(), new.figures()
    languages = _languages(old, new)
    reasons = (
        _not_worse("accuracy", leaf, rule.accuracy),
        _not_worse("section accuracy", section, rule.section),
        *(_language(found, rule) for found in languages),
        _urgency(*figures),
        _calibrated(figures[1], max(rule.calibration, chance_calibration_error(new, seed)), rule),
    )
    effective = round(effective_size(old.weights), 1)
    return Comparison(len(reviews), effective, round(power, 4), *figures, leaf, section, languages, rule, reasons)


def _power(old: Judged, new: Judged, rule: Acceptance) -> float:
    """The power of the sample; refused where it is less than the rule asks."""
    effective = effective_size(old.weights)
    differing = (int((old.right != new.right).sum()) + 1) / (len(old.right) + 2)
    quantile = float(stats.norm.ppf(1 - _SIDE))
    power = float(stats.norm.cdf(rule.accuracy * np.sqrt(effective / differing) - quantile))
    if power < rule.power:
        needed = differing * (quantile + float(stats.norm.ppf(rule.power))) ** 2 / rule.accuracy**2
        needed *= len(old.right) / effective
        raise Refused(
            f"the audit sample of {len(old.right):,} records is too small to tell: it would show a coder that is as "
            f"good to be not worse by {rule.accuracy:.0%} with a power of {power:.2f}",
            expected=f"a power of {rule.power:.2f}, which needs some {int(np.ceil(needed)):,} audit records",
        )
    return power


def _strata(judged: Judged) -> list[np.ndarray[Any, np.dtype[np.int64]]]:
    """Places of the records of each stratum that audits are drawn by: language and route."""
    keys = [f"{lang} {route}" for lang, route in zip(judged.languages, judged.routes, strict=True)]
    return [np.flatnonzero(np.array(keys) == key) for key in sorted(set(keys))]


def _difference(
    old: np.ndarray[Any, np.dtype[np.bool_]],
    new: np.ndarray[Any, np.dtype[np.bool_]],
    weights: np.ndarray[Any, np.dtype[np.float64]],
    strata: Sequence[np.ndarray[Any, np.dtype[np.int64]]],
    draws: int,
    seed: int,
) -> Difference:
    gain = new.astype(np.float64) - old.astype(np.float64)
    random = np.random.default_rng(seed)
    sums, totals = np.zeros(draws), np.zeros(draws)
    for places in strata:
        even = np.full(len(places), 1 / len(places))
        for draw in range(0, draws, _AT_ONCE):
            times = random.multinomial(len(places), even, size=min(_AT_ONCE, draws - draw))
            sums[draw : draw + _AT_ONCE] += times @ (weights * gain)[places]
            totals[draw : draw + _AT_ONCE] += times @ weights[places]
    low, high = np.quantile(sums / totals, [_SIDE, 1 - _SIDE])
    lost, won = int((gain < 0).sum()), int((gain > 0).sum())
    p = float(stats.binomtest(lost, lost + won, 0.5).pvalue) if lost + won else 1.0
    value = weighted_mean(gain, weights)
    return Difference(round(value, 4), round(float(low), 4), round(float(high), 4), lost, won, round(p, 6))


def _languages(old: Judged, new: Judged) -> tuple[InLanguage, ...]:
    spoken, found = np.array(old.languages), list[InLanguage]()
    for language in sorted(set(old.languages)):
        here = spoken == language
        lost = int((old.right & ~new.right & here).sum())
        won = int((~old.right & new.right & here).sum())
        p = float(stats.binomtest(lost, lost + won, 0.5, alternative="greater").pvalue) if lost + won else 1.0
        before, after = (round(weighted_mean(j.right[here], j.weights[here]), 4) for j in (old, new))
        found.append(InLanguage(language, int(here.sum()), before, after, round(p, 6)))
    return tuple(found)


def _not_worse(what: str, found: Difference, margin: float) -> Reason:
    met = found.low > -margin
    words = f"{what} changes by {found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f})"
    return Reason(what, met, f"{words}, {'within' if met else 'not shown to be within'} the margin of {margin:.3f}")


def _language(found: InLanguage, rule: Acceptance) -> Reason:
    condition, change = f"accuracy in {found.language}", found.challenger - found.champion
    if found.records < rule.language_records:
        words = f"{condition} is not judged: {found.records} records of {rule.language_records}"
        return Reason(condition, None, words)
    worse = change < -rule.language and found.p < rule.language_chance
    words = f"{condition} changes by {change:+.3f} on {found.records} records (margin {rule.language:.3f})"
    return Reason(condition, not worse, words)


def _urgency(old: Figures, new: Figures) -> Reason:
    condition = "recall of urgency 1"
    if old.urgency_recall is None or new.urgency_recall is None:
        return Reason(condition, False, f"{condition} cannot be seen: no audit record is of urgency 1")
    met = new.urgency_recall >= old.urgency_recall
    words = f"{condition} goes from {old.urgency_recall:.3f} to {new.urgency_recall:.3f}"
    return Reason(condition, met, words)


def _calibrated(new: Figures, bound: float, rule: Acceptance) -> Reason:
    words = f"calibration error is {new.calibration_error:.3f}, bound {bound:.3f}"
    by_chance = " (what chance gives on this sample)" if bound > rule.calibration else ""
    return Reason("calibration error", new.calibration_error <= bound, words + by_chance)


def as_table(found: Comparison) -> list[str]:
    """Lines for a person."""
    lines = [
        f"{found.records:,} audit records, as good as {found.effective:,.0f} of equal weight; power {found.power:.2f}",
        f"{'':<28}{found.champion.model:>16}{found.challenger.model:>16}",
    ]
    for name, old in asdict(found.champion).items():
        if name != "model":
            new = getattr(found.challenger, name)
            old, new = ("-" if x is None else f"{x:.3f}" for x in (old, new))  # noqa: PLW2901 - shown as text
            lines.append(f"{name.replace('_', ' '):<28}{old:>16}{new:>16}")
    lines += [
        f"right by one only: {found.leaf.only_champion} champion, {found.leaf.only_challenger} challenger, "
        f"McNemar p {found.leaf.p:.3f}"
    ]
    marks = {True: "met   ", False: "FAILED", None: "-     "}
    lines += [f"{marks[r.met]}  {r.words}" for r in found.reasons]
    return [*lines, "accepted" if found.accepted else "NOT accepted"]
