"""Coded records and counts carried from one version of the classification to another.

**Records.** A record gets the one code its own became. Where it became several (a split on the way forward, a merge on
the way back) or none, a person decides: `decisions` says how many records that are.

**Counts.** Merged codes add. A split divides a count N by weights w estimated on n records coded in both versions. The
number M_i that belongs to part i is then Dirichlet-multinomial with parameters n w_i (the posterior of the shares under
Haldane's prior, whose mean is the weights themselves):

    E M_i = N w_i,   Cov(M_i, M_j) = (w_i [i=j] - w_i w_j) N (N + n) / (n + 1).

It holds both the sampling of the weights, w(1-w) N² / (n+1), and the chance with which N records fall on the parts.
Where N itself was estimated by an earlier split, with mean m and variance v, N (N + n) has the mean v + m² + n m, and
w_i w_j v is added (law of total covariance). All of it is rational, so it is computed in fractions: totals are kept
exactly, and parts that are merged again have no error left. Weights of different changes are taken as independent.

Counts are of records coded with exactly that code. Sums over a class or section are to be made after recoding.

Source: Mosimann, "On the compound multinomial distribution" (Biometrika 49, 1962); Johnson, Kotz and Balakrishnan,
Discrete Multivariate Distributions (1997), 35.13; on weights (conversion coefficients), UN guidelines as in `versions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any, Literal

from cop.classification.versions import Changes, Way, Weights
from cop.kernel.errors import Refused

Direction = Literal["forward", "backward"]
Number = int | float | Fraction


@dataclass(frozen=True, slots=True)
class Image:
    """What a code became: one code, or the candidates among which a person decides (none where there is no code)."""

    codes: tuple[str, ...]
    decide: bool


@dataclass(frozen=True, slots=True)
class Decisions:
    """How many of the records of a table need a person, by their code."""

    records: int
    undecided: Mapping[str, int]

    @property
    def share(self) -> float:
        """The share of records that a person has to decide; 0 of an empty table."""
        return sum(self.undecided.values()) / self.records if self.records else 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A count, and the variance of its error; the variance is 0 unless weights of a split were used."""

    count: Fraction
    variance: Fraction = Fraction(0)

    @property
    def se(self) -> float:
        """The standard error."""
        return sqrt(self.variance)


@dataclass(frozen=True, slots=True)
class Stayed:
    """A count that was not converted: it stays at the last code it had, in that code's version."""

    code: str
    version: str
    estimate: Estimate
    reason: str


@dataclass(frozen=True, slots=True)
class Recoded:
    """Counts in another version: what was converted, and what stayed; together they are what went in, exactly."""

    counts: Mapping[str, Estimate]
    covariance: Mapping[tuple[str, str], Fraction]
    stayed: tuple[Stayed, ...]

    @property
    def converted(self) -> Fraction:
        """The sum of what was converted."""
        return sum((e.count for e in self.counts.values()), Fraction())

    @property
    def unconverted(self) -> Fraction:
        """The sum of what stayed."""
        return sum((s.estimate.count for s in self.stayed), Fraction())

    @property
    def total(self) -> Fraction:
        """What went in."""
        return self.converted + self.unconverted

    def combined(self, codes: Iterable[str]) -> Estimate:
        """The sum over several codes, its error with the covariances of parts of a common split."""
        wanted = list(dict.fromkeys(codes))
        count = sum((self.counts[code].count for code in wanted if code in self.counts), Fraction())
        pairs = ((a, b) for a in wanted for b in wanted)
        return Estimate(count, sum((self.covariance.get(pair, Fraction()) for pair in pairs), Fraction()))


def steps(changes: Changes | Sequence[Changes], direction: Direction) -> tuple[Changes, ...]:
    """Changes given in the order of their versions, as the steps of a way forward or backward."""
    chain = (changes,) if isinstance(changes, Changes) else tuple(changes)
    return chain if direction == "forward" else tuple(step.inverse for step in reversed(chain))


def recode_code(code: str, changes: Changes | Sequence[Changes], direction: Direction = "forward") -> Image:
    """What a record's code became.

    Args:
        code: a code of the version that the way begins at.
        changes: between two versions, or a chain of them, in the order of their versions.
        direction: forward to the newest of them, or backward to the oldest.

    Raises:
        NotFound: the version has no such code.
    """
    codes, lost = (code,), False
    for step in steps(changes, direction):
        ways = [_way(step, one) for one in codes]
        lost = lost or any(not way.codes for way in ways)
        codes = tuple(dict.fromkeys(one for way in ways for one in way.codes))
    return Image(codes, lost or len(codes) != 1)


def decisions(
    counts: Mapping[str, int], changes: Changes | Sequence[Changes], direction: Direction = "forward"
) -> Decisions:
    """How many records need a person; arguments and errors as `recode_code`, `counts` being records by code."""
    undecided = {code: n for code, n in counts.items() if n and recode_code(code, changes, direction).decide}
    return Decisions(sum(counts.values()), undecided)


def recode_counts(
    counts: Mapping[str, Number], changes: Changes | Sequence[Changes], direction: Direction = "forward"
) -> Recoded:
    """Carry counts from one version to another.

    Args:
        counts: a number of zero or more by code, of records coded with exactly that code.
        changes: between two versions, or a chain of them, in the order of their versions.
        direction: forward to the newest of them, or backward to the oldest.

    Returns:
        counts by code of the other version, in its order, and those that stayed: split without known weights, or
        without a code there.

    Raises:
        NotFound: the version has no such code.
        Refused: a count is below zero or no number.
    """
    for code, count in counts.items():
        if not 0 <= count < float("inf"):
            raise Refused.value(count, f"is no count of {code}", expected="a number of zero or more", field="count")
    moments = _Moments({code: Fraction(count) for code, count in counts.items()}, {})
    stayed: list[Stayed] = []
    for step in steps(changes, direction):
        moments, kept = _carry(moments, step)
        stayed += kept
    zero = Fraction()
    found = {code: Estimate(count, moments.covariance.get((code, code), zero)) for code, count in moments.mean.items()}
    return Recoded(found, moments.covariance, tuple(stayed))


@dataclass(frozen=True, slots=True)
class _Moments:
    """Means by code, and covariances by pair of codes, both orders, those that are 0 left out."""

    mean: Mapping[str, Fraction]
    covariance: Mapping[tuple[str, str], Fraction]


def _carry(moments: _Moments, step: Changes) -> tuple[_Moments, list[Stayed]]:
    """One step: `A m` and `A C A'`, and for each split the spread of its own."""
    ways = {code: _way(step, code) for code in moments.mean}
    shares = {code: way.weights.shares if way.weights else {way.codes[0]: Fraction(1)} for code, way in ways.items()
              if way.sure or way.weights}  # fmt: skip
    mean: dict[str, Fraction] = {}
    covariance: dict[tuple[str, str], Fraction] = {}
    for code, parts in shares.items():
        for part, share in parts.items():
            _add(mean, part, share * moments.mean[code])
    for (one, other), value in moments.covariance.items():
        for a, p in shares.get(one, {}).items():
            for b, q in shares.get(other, {}).items():
                _add(covariance, (a, b), p * q * value)
    stayed: list[Stayed] = []
    for code, way in ways.items():
        variance = moments.covariance.get((code, code), Fraction())
        if code not in shares:
            stayed.append(_stay(code, step, Estimate(moments.mean[code], variance), way))
        elif way.weights:
            _spread(covariance, way.weights, moments.mean[code], variance)
    order = {code: place for place, code in enumerate(step.new.by_code)}
    mean = dict(sorted(mean.items(), key=lambda item: order[item[0]]))
    return _Moments(mean, {pair: value for pair, value in covariance.items() if value}), stayed


def _spread(covariance: dict[tuple[str, str], Fraction], weights: Weights, mean: Fraction, variance: Fraction) -> None:
    """Add the covariances of the parts of one split count, given the count (the module's formula)."""
    n = weights.sample
    factor = (variance + mean * mean + n * mean) / (n + 1)
    for a, p in weights.shares.items():
        for b, q in weights.shares.items():
            _add(covariance, (a, b), factor * ((p if a == b else 0) - p * q))


def _stay(code: str, step: Changes, estimate: Estimate, way: Way) -> Stayed:
    return Stayed(code, step.old.name, estimate, way.reason or "several codes without known weights")


def _way(step: Changes, code: str) -> Way:
    step.old.entry(code)
    return step.ways[code]


def _add(sums: dict[Any, Fraction], key: object, value: Fraction) -> None:
    sums[key] = sums.get(key, Fraction()) + value
