"""The course of a decision: what people did on a provider and criterion, one act after the other, and where that leads.

Acts are added, never changed. The rules are those of coding with two coders: `not_met` needs two reviewers who agree,
and a third settles what they do not agree on. A provider's reply and its own declaration stand beside the finding and
never change it. Source: the Safer Social Networking Principles for the EU (2009), whose signatories declared and were
then tested, in two columns; WG-CP/1 report, 7.14.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Literal, cast, get_args

from cop.kernel.errors import Refused, Where
from cop.terms.criteria import FindingName

Kind = Literal["decide", "withdraw", "adjudicate", "stale", "answer", "new_text", "contest", "declare"]
KINDS: tuple[Kind, ...] = get_args(Kind)
REPLIES: frozenset[Kind] = frozenset({"answer", "new_text", "contest"})

State = Literal["undecided", "second_needed", "disputed", "decided", "stale"]
STATES: tuple[State, ...] = ("undecided", "second_needed", "disputed", "decided", "stale")

TWO: frozenset[FindingName] = frozenset({"not_met"})
"""Findings that need two reviewers who agree."""

DECIDABLE: tuple[FindingName, ...] = ("met", "partly", "not_met", "not_addressed", "contradictory")
"""What people may decide: nobody decides that nobody reviewed."""

DECLARABLE: tuple[FindingName, ...] = ("met", "partly", "not_met")
DESK, TEXT, FILE = "desk", "text", "file"
"""Where an act comes from: a person at the desk, the look at a new version, a file of decisions."""

QUOTED: frozenset[FindingName] = frozenset({"met", "partly", "not_met", "contradictory"})
"""Findings that rest on words of the text; `not_addressed` rests on the documents that were searched."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """What a decision is about. `region` and `ages` are "" where the text says the same to all."""

    provider: str
    criterion: str
    region: str = ""
    ages: str = ""

    def covers(self, other: Cell) -> bool:
        """Whether what is said of this cell is said of the other one too."""
        same = (self.provider, self.criterion) == (other.provider, other.criterion)
        return same and self.region in ("", other.region) and self.ages in ("", other.ages)

    def __str__(self) -> str:
        return "/".join(part for part in (self.provider, self.criterion, self.region, self.ages) if part)


@dataclass(frozen=True, slots=True)
class Basis:
    """A version of a document that an act rests on: `sha256` is of its raw file, `version` the day it was seen."""

    document: str
    version: date
    sha256: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that an act rests on: `quote` stands from `start` to `end` in the text of that version."""

    document: str
    version: date
    sha256: str
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done.

    Attributes:
        kind: decide (also the second review, and the confirmation of what is stale), withdraw (one takes back a review
            that no second has answered), adjudicate, stale (the words are gone), answer, new_text or contest (the
            provider's reply), declare (what the provider says of itself).
        by: who, as a name or a role; of a provider's reply at the desk the organisation that speaks.
        on: the day; no act is older than the one before it.
        finding: of decide, adjudicate and declare.
        text: the reason, or the words of the reply.
        basis: the versions that were before who acted.
        quotes: the accepted words, each in one of those versions.
        filed: SHA-256 of a text that the provider filed.
        source: "desk", "text" (found by looking at a new version) or "file".
        person: the number of who signed in; 0 for those whom a file or the command line names.
    """

    kind: Kind
    by: str
    on: date
    text: str
    finding: FindingName | None = None
    basis: tuple[Basis, ...] = ()
    quotes: tuple[Quote, ...] = ()
    filed: str = ""
    source: str = DESK
    person: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that was reached: by one reviewer, by two who agree, or by a third.

    `number` is the place of the act that completed it; `basis` and `quotes` are those of all who agree.
    """

    finding: FindingName
    by: tuple[str, ...]
    on: date
    reason: str
    basis: tuple[Basis, ...]
    quotes: tuple[Quote, ...]
    adjudicated: bool
    number: int


@dataclass(frozen=True)
class Course:
    """The acts on one cell, oldest first; everything else follows from them."""

    cell: Cell
    acts: tuple[Act, ...] = field(default=())

    @property
    def number(self) -> int:
        """How many acts there are: what a reader has seen, and what the next act must name."""
        return len(self.acts)

    @cached_property
    def _end(self) -> tuple[Decision | None, tuple[Act, ...], bool]:
        decision: Decision | None = None
        round_: tuple[Act, ...] = ()
        stale = False
        for number, act in enumerate(self.acts, 1):
            if act.kind == "stale":
                stale, round_ = decision is not None, ()
            elif act.kind == "adjudicate":
                decision, round_, stale = _decided((act,), number, adjudicated=True), (), False
            elif act.kind == "withdraw":
                round_ = ()
            elif act.kind == "decide":
                round_ = (*round_, act)
                if _settled(round_, None if stale else decision):
                    decision, round_, stale = _decided(round_, number, adjudicated=False), (), False
        return decision, round_, stale

    @property
    def decision(self) -> Decision | None:
        """The last decision that was reached, stale or not."""
        return self._end[0]

    @property
    def round(self) -> tuple[Act, ...]:
        """The reviews that have not led to a decision yet."""
        return self._end[1]

    @property
    def stale(self) -> bool:
        """Whether the words under the decision are gone."""
        return self._end[2]

    @property
    def standing(self) -> Decision | None:
        """The decision that counts: none where it is stale."""
        return None if self.stale else self.decision

    @property
    def state(self) -> State:
        """What is to be done: an open round first, then what is stale."""
        if self.round:
            return "disputed" if len(self.round) > 1 else "second_needed"
        if self.stale:
            return "stale"
        return "decided" if self.decision else "undecided"

    @property
    def replies(self) -> tuple[Act, ...]:
        """What the provider said, oldest first."""
        return tuple(act for act in self.acts if act.kind in REPLIES)

    @property
    def contested(self) -> bool:
        """Whether the provider contests the decision that was reached last, or the round that is open."""
        since = self.decision.number if self.decision else 0
        return any(act.kind == "contest" for act in self.acts[since:])

    @property
    def declared(self) -> FindingName | None:
        """What the provider declares of itself, by its last declaration."""
        return next((act.finding for act in reversed(self.acts) if act.kind == "declare"), None)

    def until(self, day: date) -> Course:
        """The course as it stood at the end of a day."""
        return replace(self, acts=tuple(act for act in self.acts if act.on <= day))

    def with_act(self, act: Act) -> Course:
        """The course with one act more.

        Raises:
            Refused: the act does not follow from what stands.
        """
        check(self, act)
        return replace(self, acts=(*self.acts, act))


def same_person(act: Act, name: str, person: int = 0) -> bool:
    """Whether somebody did an act: by the numbers where both have one, else by the names, however they are written."""
    if act.person and person:
        return act.person == person
    return _plain(act.by) == _plain(name)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _settled(round_: Sequence[Act], standing: Decision | None) -> bool:
    """Whether the reviews of a round make a decision.

    One does, but where it says `not_met`, and where it would undo what two people decided on the same text: then two
    must agree.
    """
    first = round_[0]
    if len(round_) == 1:
        undone = standing is not None and (len(standing.by) > 1 or standing.adjudicated)
        return first.finding not in TWO and not (undone and standing and standing.finding != first.finding)
    return len(round_) == 2 and round_[1].finding == first.finding


def _decided(acts: Sequence[Act], number: int, *, adjudicated: bool) -> Decision:
    last = acts[-1]
    return Decision(
        finding=cast("FindingName", last.finding),  # `check` lets no review in without one
        by=tuple(act.by for act in acts),
        on=last.on,
        reason=last.text,
        basis=tuple(dict.fromkeys(b for act in acts for b in act.basis)),
        quotes=tuple(dict.fromkeys(q for act in acts for q in act.quotes)),
        adjudicated=adjudicated,
        number=number,
    )


def check(course: Course, act: Act) -> None:
    """Whether an act may come next, whoever acts: its fields, and the state it meets.

    Who may act is asked by `cop.vault.providers.rules`.

    Raises:
        Refused: names the field.
    """
    if not act.by.strip():
        raise Refused.value(act.by, "names nobody", field="by", expected="a name or a role")
    if not act.text.strip():
        raise Refused("is empty", where=_at("text"), expected="the reason, or the words of the reply")
    if course.acts and act.on < course.acts[-1].on:
        raise Refused.value(
            act.on.isoformat(), "comes before the last act on it", field="date",
            expected=f"{course.acts[-1].on.isoformat()} or later",
        )  # fmt: skip
    if act.kind in ("decide", "adjudicate"):
        _check_finding(act)
        if act.kind == "decide" and course.state == "disputed":
            raise Refused("two reviewers differ already", where=_at("act"), expected="adjudicate, by a third person")
        if act.kind == "adjudicate" and course.state != "disputed":
            raise Refused("there is nothing to adjudicate", where=_at("act"), expected="two reviews that differ")
    elif act.kind == "declare" and act.finding not in DECLARABLE:
        raise Refused.value(act.finding or "", "cannot be declared", field="finding", expected=", ".join(DECLARABLE))
    elif act.kind == "withdraw" and course.state != "second_needed":
        raise Refused(
            "there is no review to withdraw", where=_at("act"), expected="one that waits for a second reviewer"
        )
    elif act.kind == "stale" and course.standing is None:
        raise Refused("there is no decision that could be stale", where=_at("act"), expected="a decision")
    if act.kind == "contest" and course.decision is None and not course.round:
        raise Refused("there is no finding to contest", where=_at("act"), expected="answer, while nothing is decided")
    if act.kind == "new_text" and not act.filed:
        raise Refused("is empty", where=_at("filed"), expected="the SHA-256 of the text that is filed")


def _check_finding(act: Act) -> None:
    if act.finding not in DECIDABLE:
        raise Refused.value(act.finding or "", "cannot be decided", field="finding", expected=", ".join(DECIDABLE))
    if not act.basis:
        raise Refused("rests on no document", where=_at("evidence"), expected="the versions that were read")
    if act.finding in QUOTED and not act.quotes:
        raise Refused(f"{act.finding} quotes nothing", where=_at("evidence"), expected="the words of the text")
    held = {(b.document, b.sha256) for b in act.basis}
    for quote in act.quotes:
        if (quote.document, quote.sha256) not in held:
            raise Refused.value(
                quote.document, "is quoted and not among the versions that were read", field="evidence",
                expected=", ".join(sorted(b.document for b in act.basis)),
            )  # fmt: skip


def _at(field_: str) -> Where:
    return Where(field=field_)


def courses(acts: Iterable[tuple[Cell, Act]]) -> dict[Cell, Course]:
    """The course of each cell, in order of cell; the acts of a cell in the order given."""
    found: dict[Cell, list[Act]] = {}
    for cell, act in acts:
        found.setdefault(cell, []).append(act)
    return {cell: Course(cell, tuple(found[cell])) for cell in sorted(found)}
