"""Counts by class as counts by the terms of another scheme, with a statement of what is lost on the way.

A count goes to a term only where that is sound: to the terms that weights name; else to the one term of the strongest
kind that covers the class (exact before close before broad). It is never split by guess, never put under a term that
covers a part of the class only, never moved over `related`. What does not go stays, by class, with the reason.

Source: UN guidelines on classifications (1:1, 1:m, m:1, m:n correspondences, conversion coefficients); notes, 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from cop.classification.correspondences import Correspondence, Match, Predicate
from cop.classification.scheme import Scheme
from cop.kernel.errors import Refused, Where

_COVERS: tuple[Predicate, ...] = ("exact", "close", "broad")

NO_TERM = "no term"
RELATED = "related terms only"
NARROWER = "narrower terms only, no weights"
SEVERAL = "several terms of one strength, no weights"


@dataclass(frozen=True, slots=True)
class Kept:
    """A class whose count was not converted, and why."""

    code: str
    count: Fraction
    reason: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A term that several classes of the counts fell on: they cannot be told apart in it."""

    term: str
    codes: tuple[str, ...]
    count: Fraction


@dataclass(frozen=True, slots=True)
class Inexact:
    """A count that went to a term wider or narrower than its class, or only close to it."""

    code: str
    term: str
    predicate: Predicate
    count: Fraction


@dataclass(frozen=True, slots=True)
class Converted:
    """Counts by term, and the loss: `total == converted + unconverted`, exactly."""

    target: str
    terms: Mapping[str, Fraction]
    kept: tuple[Kept, ...]
    merged: tuple[Merged, ...]
    inexact: tuple[Inexact, ...]
    total: Fraction

    @property
    def converted(self) -> Fraction:
        """The sum of the counts by term."""
        return sum(self.terms.values(), Fraction())

    @property
    def unconverted(self) -> Fraction:
        """The sum of the counts that stayed."""
        return sum((kept.count for kept in self.kept), Fraction())

    def as_json(self) -> dict[str, Any]:
        """The counts and the statement of loss; whole numbers stay whole."""
        document = {
            "target": self.target,
            "terms": dict(self.terms),
            "loss": {
                "unconverted_classes": [asdict(k) for k in self.kept],
                "merged_classes": [asdict(m) for m in self.merged],
                "inexact_matches": [asdict(i) for i in self.inexact],
            },
            "converted": self.converted,
            "unconverted": self.unconverted,
            "total": self.total,
        }
        return _numbers(document)


def route(code: str, correspondence: Correspondence) -> tuple[tuple[Match, Fraction], ...] | str:
    """Where counts of a class go: terms with their shares, which sum to one, or the reason why they stay."""
    matches = correspondence.of(code)
    if weighted := tuple((m, m.weight) for m in matches if m.weight is not None):
        return weighted
    if not matches:
        return NO_TERM
    for predicate in _COVERS:
        found = [m for m in matches if m.predicate == predicate]
        if len(found) == 1:
            return ((found[0], Fraction(1)),)
        if found:
            return SEVERAL
    return NARROWER if any(m.predicate == "narrow" for m in matches) else RELATED


def convert(counts: Mapping[str, int | float | Fraction], correspondence: Correspondence, scheme: Scheme) -> Converted:
    """Convert counts by class.

    Args:
        counts: a number of zero or more by code: sections, or lines of the full list (a class with subclasses is the
            line of the records coded at it, no sum; a section's residuals `B98`, `B99` have no term). A section may
            not stand beside a code of its own, or that would be counted twice.
        correspondence: the table to convert by.
        scheme: the version of the classification that the counts and the table are of.

    Returns:
        counts by term, in the table's order, terms that got nothing left out; and what was lost.

    Raises:
        Refused: a code is not of the classification, a section stands beside its own, or a count is below zero.
    """
    check_counts(counts, scheme)
    terms: dict[str, Fraction] = {}
    sources: dict[str, list[str]] = {}
    kept: list[Kept] = []
    inexact: list[Inexact] = []
    for code, given in counts.items():
        count = Fraction(given)
        way = route(code, correspondence)
        if isinstance(way, str):
            kept.append(Kept(code, count, way))
            continue
        for match, share in way:
            part = count * share
            terms[match.term.id] = terms.get(match.term.id, Fraction()) + part
            sources.setdefault(match.term.id, []).append(code)
            if match.predicate != "exact":
                inexact.append(Inexact(code, match.term.id, match.predicate, part))
    order = [t.id for t in correspondence.terms if t.id in terms]
    return Converted(
        target=correspondence.target,
        terms={term: terms[term] for term in order},
        kept=tuple(kept),
        merged=tuple(Merged(t, tuple(sources[t]), terms[t]) for t in order if len(sources[t]) > 1),
        inexact=tuple(inexact),
        total=sum((Fraction(count) for count in counts.values()), Fraction()),
    )


def check_counts(counts: Mapping[str, int | float | Fraction], scheme: Scheme) -> None:
    """Refuse counts that `convert` could not account for; errors as there, the code under `field`."""
    for code, count in counts.items():
        residual = code[1:] in scheme.residuals and code[:1] in scheme.by_code
        if code not in scheme.by_code and not residual:
            raise Refused.value(
                code, "is no code of the classification", expected=f"a code of version {scheme.version}", field="code"
            )
        if not 0 <= count < float("inf"):
            raise Refused.value(count, "is no count", expected="a number of zero or more", field="count")
        section = code[:1] if residual else scheme.section(code)
        if section != code and section in counts:
            raise Refused(
                f"{code} is counted beside {section}, its section", where=Where(field="code"),
                expected="sections, or codes within them, not both",
            )  # fmt: skip


def _numbers(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Fractions as whole numbers where they are whole, else as floats."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    if isinstance(value, dict):
        return {k: _numbers(v) for k, v in value.items()}
    return [_numbers(v) for v in value] if isinstance(value, (list, tuple)) else value
