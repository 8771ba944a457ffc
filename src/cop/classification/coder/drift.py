"""Drift: whether what the coder reads, how sure it is and how often it errs have moved since a reference period.

Source: notes on the classification, 5.3. Four aspects a calendar month: input (languages, lengths, texts outside the
six languages), confidence (mean probability, set size, share for review, probabilities by tenths of the reference),
disagreement (error rate in the random, blind audit sample) and the mix of classes. A measure is judged by how far it
moved *and* by how far chance alone would move it (`chance`, passed in 5 % of stable months): where chance alone would
pass the first limit, the month has too few records and gets no number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import inf, sqrt
from typing import Any, Literal

from cop.classification.coder import distances as far
from cop.classification.coder.language import UNKNOWN
from cop.classification.coder.reviews import Review
from cop.classification.coder.shares import Share, share
from cop.classification.coder.tallies import PLACES, Tally, mean_and_error, together
from cop.kernel.errors import Refused
from cop.kernel.periods import month

Aspect = Literal["input", "confidence", "disagreement", "mix"]
Flag = Literal["stable", "watch", "act", "too few"]

_NORMAL = 1.96
_WORST: tuple[Flag, ...] = ("act", "watch", "stable", "too few")
LEAST_AUDIT = 30
"""Effective audit records below which a month's error rate is not given."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What is watched: by `watch` or more it has moved, by `act` or more someone must do something about it.

    Limits of a distance are of the distance itself; of a mean or share, of its difference from the reference; of the
    error rate, of how far the lower limit of its interval lies above the reference.
    """

    id: str
    aspect: Aspect
    title: str
    watch: float
    act: float


MEASURES = (
    Measure("language_psi", "input", "languages, PSI", 0.1, 0.25),
    Measure("language_js", "input", "languages, Jensen-Shannon", 0.134, 0.212),
    Measure("length_psi", "input", "length, PSI by tenths", 0.1, 0.25),
    Measure("length_js", "input", "length, Jensen-Shannon", 0.134, 0.212),
    Measure("outside_share", "input", "share outside the six languages", 0.02, 0.05),
    Measure("probability_mean", "confidence", "mean probability", 0.05, 0.1),
    Measure("set_size", "confidence", "codes in a class set", 0.5, 1.0),
    Measure("review_share", "confidence", "share for review", 0.05, 0.1),
    Measure("probability_psi", "confidence", "probability, PSI by tenths", 0.1, 0.25),
    Measure("error_rate", "disagreement", "error rate in the audit sample", 0.0, 0.05),
    Measure("section_js", "mix", "sections, Jensen-Shannon", 0.134, 0.212),
    Measure("code_js", "mix", "codes, Jensen-Shannon", 0.134, 0.212),
)
"""Every measure with its limits. Jensen-Shannon limits are those of PSI, 0.1 and 0.25, as the same small difference."""

_BY_ID = {m.id: m for m in MEASURES}


@dataclass(frozen=True, slots=True)
class Finding:
    """One measure in one month; `value` is None where there were too few records to say.

    `reference` is the measure's value in the reference period (0 for a distance), `chance` how far from it a stable
    month strays in 5 % of cases, `low` and `high` the 95 % interval of the error rate.
    """

    measure: str
    value: float | None
    reference: float | None
    chance: float | None
    records: int
    flag: Flag
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Month:
    """A month's findings; `flag` is the worst of them, and `too few` only if all are."""

    month: str
    records: int
    audited: int
    flag: Flag
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """The report: months after or before the reference, in order."""

    reference: tuple[str, ...]
    records: int
    months: tuple[Month, ...]

    @property
    def flag(self) -> Flag:
        """The worst flag of the last month: what matters now."""
        return self.months[-1].flag

    def as_json(self) -> dict[str, Any]:
        """The same facts for a program, with the limits that were applied."""
        return {
            "reference": {"months": list(self.reference), "records": self.records},
            "flag": self.flag,
            "limits": [asdict(m) for m in MEASURES],
            "months": [asdict(m) for m in self.months],
        }


def drift(
    tallies: Mapping[str, Tally], audit: Sequence[Review] = (), *, reference: tuple[str, str] | None = None
) -> Drift:
    """Each month against the reference period.

    Args:
        tallies: records by month (`YYYY-MM`).
        audit: reviewed records; those of the audit sample count, by the month of their date.
        reference: first and last month of the reference; the first three months with records when None.

    Raises:
        Refused: the reference has no record, or no month lies outside it.
    """
    months = sorted(tallies)
    first, last = reference or (months[0], months[:3][-1])
    inside = tuple(m for m in months if first <= m <= last)
    others = [m for m in months if m not in inside]
    if not inside:
        raise Refused(f"the reference {first}/{last} has no record", expected=f"months of {months[0]}/{months[-1]}")
    if not others:
        raise Refused(f"no month lies outside the reference {first}/{last}", expected="at least one month to compare")
    base = together(tallies[m] for m in inside)
    audited: dict[str, list[Review]] = {}
    for review in audit:
        if review.audit:
            audited.setdefault(month(review.date), []).append(review)
    known = _errors([r for m, rows in audited.items() if first <= m <= last for r in rows])
    return Drift(inside, base.records, tuple(_month(m, base, tallies[m], known, audited.get(m, [])) for m in others))


def _month(name: str, base: Tally, now: Tally, known: Share | None, audited: Sequence[Review]) -> Month:
    findings = (*_distances(base, now), *_means(base, now))
    if audited or known:
        findings = (*findings, _error(known, audited))
    order = {m.id: n for n, m in enumerate(MEASURES)}
    findings = tuple(sorted(findings, key=lambda f: order[f.measure]))
    flags = {f.flag for f in findings}
    return Month(name, now.records, len(audited), next(f for f in _WORST if f in flags), findings)


def _distances(base: Tally, now: Tally) -> tuple[Finding, ...]:
    lengths, sure = far.tenths(base.lengths), far.tenths(base.probabilities)
    by_length = far.binned(base.lengths, lengths), far.binned(now.lengths, lengths)
    by_probability = far.binned(base.probabilities, sure), far.binned(now.probabilities, sure)
    found = [
        _distance("language_psi", far.psi, far.chance_psi, base.languages, now.languages),
        _distance("language_js", far.jensen_shannon, far.chance_jensen_shannon, base.languages, now.languages),
        _distance("probability_psi", far.psi, far.chance_psi, *by_probability),
        _distance("section_js", far.jensen_shannon, far.chance_jensen_shannon, base.sections, now.sections),
        _distance("code_js", far.jensen_shannon, far.chance_jensen_shannon, base.codes, now.codes),
    ]
    if base.lengths:  # a table need not say how long its texts were
        found.append(_distance("length_psi", far.psi, far.chance_psi, *by_length))
        found.append(_distance("length_js", far.jensen_shannon, far.chance_jensen_shannon, *by_length))
    return tuple(found)


def _distance(
    name: str, distance: Callable[[Any, Any], float], chance: Callable[[Any, Any], float],
    base: Mapping[Any, int], now: Mapping[Any, int],
) -> Finding:  # fmt: skip
    strays, records = chance(base, now), sum(now.values())
    value = None if strays == inf else distance(base, now)
    return _judged(name, value, value, 0.0, strays, records)


def _means(base: Tally, now: Tally) -> tuple[Finding, ...]:
    def flags(counts: Mapping[str, int], name: str) -> Mapping[int, int]:
        return {1: counts[name], 0: sum(counts.values()) - counts[name]}

    return (
        _mean("outside_share", flags(base.languages, UNKNOWN), flags(now.languages, UNKNOWN)),
        _mean("probability_mean", base.probabilities, now.probabilities, PLACES),
        _mean("set_size", base.sizes, now.sizes),
        _mean("review_share", flags(base.routes, "review"), flags(now.routes, "review")),
    )


def _mean(name: str, base: Mapping[int, int], now: Mapping[int, int], unit: int = 1) -> Finding:
    (before, error), (after, other) = mean_and_error(base), mean_and_error(now)
    chance, records = _NORMAL * sqrt(error**2 + other**2) / unit, sum(now.values())
    if records < LEAST_AUDIT:  # a standard error of so few says little, and 0 when all are alike
        chance = inf
    return _judged(name, after / unit, abs(after - before) / unit, before / unit, chance, records)


def _judged(name: str, value: float | None, moved: float | None, reference: float, chance: float, n: int) -> Finding:
    measure = _BY_ID[name]
    if moved is None or chance > measure.watch:
        return Finding(name, None, round(reference, 4), None if chance == inf else round(chance, 4), n, "too few")
    flag: Flag = "stable" if moved < measure.watch else "act" if moved >= measure.act else "watch"
    return Finding(name, None if value is None else round(value, 4), round(reference, 4), round(chance, 4), n, flag)


def _errors(audited: Sequence[Review]) -> Share | None:
    return share([not r.right for r in audited], [r.weight or 0.0 for r in audited])


def _error(known: Share | None, audited: Sequence[Review]) -> Finding:
    measure, found = _BY_ID["error_rate"], _errors(audited)
    reference = None if known is None or known.effective < LEAST_AUDIT else round(known.value, 4)
    if found is None or found.effective < LEAST_AUDIT or reference is None:
        return Finding("error_rate", None, reference, None, len(audited), "too few")
    above = found.low - reference
    flag: Flag = "act" if above > measure.act else "watch" if above > measure.watch else "stable"
    rounded = (round(found.low, 4), round(found.high, 4))
    return Finding("error_rate", round(found.value, 4), reference, None, len(audited), flag, *rounded)


def as_table(report: Drift) -> list[str]:
    """Lines for a person: a line a measure and month."""
    span = f"{report.reference[0]} to {report.reference[-1]}"
    lines = [
        f"Reference {span}, {report.records:,} records",
        f"{'month':<9}{'measure':<34}{'records':>9}{'value':>9}{'reference':>11}{'watch':>8}{'act':>8}  flag",
    ]
    for found in (f for m in report.months for f in ((m.month, x) for x in m.findings)):
        name, finding = found
        measure = _BY_ID[finding.measure]
        value = "too few" if finding.value is None else f"{finding.value:.3f}"
        before = "-" if finding.reference is None else f"{finding.reference:.3f}"
        interval = "" if finding.low is None else f" ({finding.low:.3f} to {finding.high:.3f})"
        lines.append(
            f"{name:<9}{measure.title:<34}{finding.records:>9,}{value:>9}{before:>11}"
            f"{measure.watch:>8.3f}{measure.act:>8.3f}  {finding.flag}{interval}"
        )
    lines += [f"{m.month}: {m.flag}" for m in report.months]
    return lines
