"""Versions of the classification as values: their codes, and the typed changes from one to the next.

A change has one of eight kinds. *split*, *merge*, *move*, *new* and *retired* say where records go; *rename*, *urgency*
and *note* leave every count where it is. A code is never used again with another meaning: what is split, merged or
moved gets new codes. One case keeps its code: a class divided into its own subclasses lives on as the class of them,
and a class that takes its subclasses back lives on as their sum.

Source: notes on the classification, 5.4 (changes typed as in UN practice); UN, Best Practice Guidelines for Developing
International Statistical Classifications (2013), on revisions and correspondence tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from cop.classification.scheme import Level
from cop.kernel.errors import NotFound
from cop.kernel.languages import Text

Kind = Literal["split", "merge", "move", "new", "retired", "rename", "urgency", "note"]

MOVING: tuple[Kind, ...] = ("split", "merge", "move", "new", "retired")
"""The kinds after which a record may stand under another code."""

_INVERSE: Mapping[Kind, Kind] = {"split": "merge", "merge": "split", "new": "retired", "retired": "new"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A code of one version: its place, English name and urgency (1 to 3; None for sections, residuals and Z)."""

    code: str
    level: Level
    parent: str | None
    name: str
    urgency: int | None


@dataclass(frozen=True)
class Version:
    """The codes of one version, in its order, every parent before its children."""

    name: str
    entries: tuple[Entry, ...]

    @cached_property
    def by_code(self) -> Mapping[str, Entry]:
        """Every entry by its code."""
        return {entry.code: entry for entry in self.entries}

    def entry(self, code: str) -> Entry:
        """The entry of that code.

        Raises:
            NotFound: this version has no such code.
        """
        if code not in self.by_code:
            raise NotFound(f"{code} is no code of version {self.name} of the classification")
        return self.by_code[code]

    def line(self, code: str) -> tuple[str, ...]:
        """The code and those above, nearest first: `B032, B03, B`.

        Raises:
            NotFound: this version has no such code.
        """
        parent = self.entry(code).parent
        return (code,) if parent is None else (code, *self.line(parent))

    def urgency(self, codes: Iterable[str]) -> int | None:
        """The most urgent that a record of one of these codes may be; None if none of them has an urgency.

        Raises:
            NotFound: this version has no such code.
        """
        return min((u for code in codes if (u := self.entry(code).urgency) is not None), default=None)

    def common(self, codes: Iterable[str]) -> str | None:
        """The lowest code that is or holds all of them: `B03` for `B031, B032`; None where sections differ."""
        lines = [self.line(code) for code in codes]
        return next((code for code in lines[0] if all(code in line for line in lines)), None) if lines else None


@dataclass(frozen=True, slots=True)
class Weights:
    """How the counts of one code divide over several.

    `shares` are above 0 and sum to 1; `sample` is the number of records coded in both versions (the effective number
    where they were weighted) from which they were estimated.
    """

    shares: Mapping[str, Fraction]
    sample: int


@dataclass(frozen=True, slots=True)
class Change:
    """A typed change. `weights` are those of a split; of a merge, those of the way back; None where unknown."""

    kind: Kind
    before: tuple[str, ...]
    after: tuple[str, ...]
    reason: Text
    rulings: tuple[str, ...] = ()
    weights: Weights | None = None

    @property
    def inverse(self) -> Change:
        """The same change seen from the newer version."""
        return replace(self, kind=_INVERSE.get(self.kind, self.kind), before=self.after, after=self.before)

    def as_json(self) -> dict[str, Any]:
        """The facts for a program; shares as decimal numbers."""
        facts: dict[str, Any] = {
            "kind": self.kind,
            "from": list(self.before),
            "to": list(self.after),
            "reason": dict(self.reason),
            "rulings": list(self.rulings),
        }
        if self.kind in ("split", "merge"):
            weights = self.weights
            facts["weights"] = weights and {
                "sample": weights.sample,
                "shares": {code: float(share) for code, share in weights.shares.items()},
            }
        return facts


@dataclass(frozen=True, slots=True)
class Way:
    """Where the records of a code may go: one code, several of which a person chooses, or none."""

    codes: tuple[str, ...]
    weights: Weights | None = None
    reason: str | None = field(default=None, compare=False)

    @property
    def sure(self) -> bool:
        """Whether every record goes to one code."""
        return len(self.codes) == 1


@dataclass(frozen=True)
class Changes:
    """All changes between two neighbouring versions; `check_changes` says what makes them whole."""

    old: Version
    new: Version
    changes: tuple[Change, ...]

    @cached_property
    def inverse(self) -> Changes:
        """The way back."""
        return Changes(self.new, self.old, tuple(change.inverse for change in self.changes))

    @cached_property
    def ways(self) -> Mapping[str, Way]:
        """A way for every code of the old version.

        A record coded only at a class or section of which a part went elsewhere may belong to that part: it stays in
        doubt between the two, without weights.
        """
        ways = {code: Way((code,)) for code in self.old.by_code if code in self.new.by_code}
        moving = [change for change in self.changes if change.kind in MOVING]
        for change in moving:
            for code in change.before:
                ways[code] = self._way(change)
        for change in moving:
            for code in change.before:
                for above in self.old.line(code)[1:]:
                    if above in ways and (gone := self._outside(above, change.after)):
                        codes = tuple(dict.fromkeys((*ways[above].codes, *gone)))
                        ways[above] = Way(codes, reason=f"a part of {above} went to {', '.join(codes[1:])}")
        return ways

    def _way(self, change: Change) -> Way:
        split = len(change.after) > 1
        reason = (
            f"{change.kind} without known weights" if split and not change.weights else
            f"version {self.new.name} has no code for it" if not change.after else None
        )  # fmt: skip
        return Way(change.after, change.weights if split else None, reason)

    def _outside(self, above: str, codes: Iterable[str]) -> list[str]:
        """Those of the codes that the new version has outside of a class or section."""
        return [code for code in codes if above in self.new.by_code and above not in self.new.line(code)]


def release(version: str) -> str:
    """The version that a draft of it will be: `1.0` for `1.0-draft`. Codes do not differ between the two."""
    return version.partition("-")[0]


@dataclass(frozen=True, eq=False)
class History:
    """The versions in order, with the changes between neighbours."""

    versions: tuple[Version, ...]
    changes: tuple[Changes, ...]

    def version(self, name: str) -> Version:
        """The version of that name; a draft is the version it will be.

        Raises:
            NotFound: there is none.
        """
        for version in self.versions:
            if version.name == release(name):
                return version
        known = ", ".join(version.name for version in self.versions)
        raise NotFound(f"there is no version {name} of the classification", expected=f"one of {known}")

    def route(self, old: str, new: str) -> tuple[Changes, ...]:
        """The steps from one version to another, backwards in time too (each step then inverted); none to itself.

        Raises:
            NotFound: there is no such version.
        """
        start, end = (self.versions.index(self.version(name)) for name in (old, new))
        if start <= end:
            return self.changes[start:end]
        return tuple(step.inverse for step in reversed(self.changes[end:start]))


@dataclass(frozen=True, slots=True)
class Difference:
    """A change on the way between two versions: the step it belongs to, and how a person reads it."""

    old: Version
    new: Version
    change: Change

    def as_json(self) -> dict[str, Any]:
        """The facts for a program."""
        return {"old": self.old.name, "new": self.new.name, **self.change.as_json()}

    def __str__(self) -> str:
        change = self.change
        facet = "urgency" if change.kind == "urgency" else "name"
        sides = [(self.old, change.before), (self.new, change.after)]
        said = [[f"{c} {getattr(version.by_code[c], facet)}" for c in codes] for version, codes in sides if codes]
        told = [" + ".join(side) for side in (said[:1] if change.kind == "note" else said)]
        rulings = f" ({', '.join(change.rulings)})" if change.rulings else ""
        return f"{change.kind:<8} {' -> '.join(told)}{rulings}{self._weights()}"

    def _weights(self) -> str:
        if self.change.kind != "split":
            return ""
        weights = self.change.weights
        if weights is None:
            return "; weights unknown"
        shares = ", ".join(f"{code} {float(share):.1%}" for code, share in weights.shares.items())
        return f"; weights {shares} from {weights.sample:,} records"


def diff(history: History, old: str, new: str) -> tuple[Difference, ...]:
    """The typed changes from one version to another, step by step, those that move records first in each step.

    Raises:
        NotFound: there is no such version.
    """
    return tuple(
        Difference(step.old, step.new, change)
        for step in history.route(old, new)
        for change in sorted(step.changes, key=lambda change: change.kind not in MOVING)
    )
