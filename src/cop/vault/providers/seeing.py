"""What a person may see of providers at the desk: what waits, one provider, one cell, and what changed under it.

A second reviewer does not see the first review before giving one's own; who speaks for a provider sees its cells alone,
and of them what the public is told and nothing of reviews that have not led to a decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

from cop.kernel.errors import NotFound
from cop.terms.comparison import Comparison, compare
from cop.terms.criteria import criteria, list_rule
from cop.terms.quotes import find
from cop.vault.members.rules import Actor
from cop.vault.members.rules import allow as may
from cop.vault.providers.course import Act, Basis, Cell, Course, Kind, Quote, State
from cop.vault.providers.grounds import Held, Texts
from cop.vault.providers.listing import Change, public
from cop.vault.providers.queries import Watched, offices, spoken_for, texts_of, watched
from cop.vault.providers.rules import (
    Offices,
    is_own_second,
    is_reviewer,
    may_adjudicate,
    may_decide,
    may_name_speakers,
    may_withdraw,
    sees_round,
    speaks,
)

Waits = Literal["disputed", "second_needed", "stale", "contested", "undecided"]
WAITS: tuple[Waits, ...] = get_args(Waits)
"""What a cell waits for, the most pressing first."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A cell that waits for people.

    `proposed` and `confidence` are the machine's; `mine`: the actor's own review waits for a second one.
    """

    cell: Cell
    provider: str
    state: Waits
    number: int
    proposed: str
    confidence: float
    mine: bool = False


def waiting(every: Iterable[Watched], actor: Actor | None = None) -> list[Waiting]:
    """What waits: disputes, second reviews, stale decisions, contests, then core criteria not decided."""
    found = [row for one in every for row in _waiting(one, actor)]
    return sorted(found, key=lambda w: (WAITS.index(w.state), w.cell))


def _waiting(one: Watched, actor: Actor | None) -> Iterator[Waiting]:
    open_ = one.place.open
    for cell, course in cells_of(one):
        state = course.state
        if state == "decided" and not course.contested:
            continue
        if state == "undecided" and not (cell.criterion in open_ and _asked(one, cell)):
            continue
        waits: Waits = "contested" if state == "decided" else state
        mine = actor is not None and state == "second_needed" and is_own_second(actor, course)
        proposal = one.proposals.get(cell.criterion)
        finding, confidence = (proposal.finding, proposal.confidence) if proposal else ("not_reviewed", 0.0)
        yield Waiting(cell, one.name, waits, course.number, finding, confidence, mine)


def _asked(one: Watched, cell: Cell) -> bool:
    """Whether a decision on this cell is still wanted: where texts differ on each part, if there is none for all."""
    if not (cell.region or cell.ages) and one.parts.get(cell.criterion):
        return False
    return not any(c.standing and c.cell.covers(cell) for c in one.of(cell.criterion))


def cells_of(one: Watched) -> Iterator[tuple[Cell, Course]]:
    """Every cell of a provider: each criterion for all, and each region and age band that has its own answer."""
    for code in criteria():
        there = {c.cell: c for c in one.of(code)}
        own = {Cell(one.slug, code, *part) for part in one.parts.get(code, ())}
        for cell in sorted({Cell(one.slug, code), *there, *own}):
            yield cell, there.get(cell, Course(cell))


def reviews(actor: Actor) -> bool:
    """Whether somebody reads documents for the observatory."""
    return is_reviewer(actor, offices(""))


def opens(actor: Actor) -> bool:
    """Whether somebody has anything to do with providers."""
    return reviews(actor) or bool(spoken_for(actor))


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for people, and how many cells in each state."""

    rows: tuple[Waiting, ...]
    counts: dict[Waits, int]
    providers: tuple[Watched, ...]


def queue(actor: Actor, *, state: str = "", provider: str = "") -> Queue:
    """What waits for reviewers; `state` and `provider` narrow the rows, never the counts.

    Raises:
        NotAllowed: the actor is no reviewer.
    """
    may(reviews(actor), actor, "see what waits", expected="a reviewer of the observatory")
    own = spoken_for(actor)
    every = [one for one in watched() if one.slug not in own]
    rows = waiting(every, actor)
    counts: dict[Waits, int] = {name: sum(r.state == name for r in rows) for name in WAITS}
    kept = (r for r in rows if (not state or r.state == state) and (not provider or r.cell.provider == provider))
    return Queue(tuple(kept), counts, tuple(every))


@dataclass(frozen=True, slots=True)
class Sight:
    """A provider as somebody sees it: `reviews` for the observatory, or `speaks` for the provider."""

    one: Watched
    offices: Offices
    reviews: bool
    speaks: bool
    names_speakers: bool


def sight(actor: Actor, slug: str) -> Sight:
    """A provider for whoever may see it.

    Raises:
        NotFound: there is none, or the actor has nothing to do with it.
    """
    where = offices(slug)
    reading, speaking = is_reviewer(actor, where), speaks(actor, where)
    if not (reading or speaking):
        raise NotFound(f'no provider "{slug}" is watched')
    [one] = watched(slug)
    return Sight(one, where, reading, speaking, may_name_speakers(actor, where))


@dataclass(frozen=True, slots=True)
class Told:
    """An act with its number; `act` is None where the one who looks may not know it yet."""

    number: int
    act: Act | None


@dataclass(frozen=True, slots=True)
class Look:
    """A cell as somebody sees it.

    Attributes:
        sight: the provider.
        course: all acts; for rules and operations, never shown as it is.
        acts: for reviewers, those that may be known.
        changes: for who speaks for the provider, what the public is told.
        may: what the actor may do now.
    """

    sight: Sight
    cell: Cell
    course: Course
    acts: tuple[Told, ...]
    changes: tuple[Change, ...]
    may: frozenset[Kind]

    @property
    def state(self) -> State:
        """The state, without the reviews that are open where they may not be known at all."""
        return self.course.state if self.sight.reviews else _told(self.course).state

    @property
    def core(self) -> bool:
        """Whether the list rests on this criterion."""
        return self.cell.criterion in list_rule().criteria


def look(actor: Actor, cell: Cell) -> Look:
    """A cell for whoever may see it.

    Raises:
        NotFound: there is no such provider, criterion, region or age band, or it is not the actor's to see.
    """
    return look_at(actor, sight(actor, cell.provider), cell)


def look_at(actor: Actor, seen: Sight, cell: Cell) -> Look:
    """The same, once the provider was looked at.

    Raises:
        NotFound: there is no such criterion, region or age band.
    """
    course = dict(cells_of(seen.one)).get(cell)
    if course is None:
        raise NotFound(f"there is no cell {cell}")
    acts = tuple(_acts(actor, course, seen.offices)) if seen.reviews else ()
    return Look(seen, cell, course, acts, tuple(public(course)), _may(actor, course, seen))


def _acts(actor: Actor, course: Course, where: Offices) -> Iterator[Told]:
    since = course.decision.number if course.decision else 0
    whole = sees_round(actor, course, where)
    for number, act in enumerate(course.acts, 1):
        open_ = number > since and act.kind in ("decide", "withdraw")
        own = act.person == actor.id
        yield Told(number, None if open_ and not (whole or own) else act)


def _may(actor: Actor, course: Course, seen: Sight) -> frozenset[Kind]:
    found: set[Kind] = set()
    state = course.state
    if state == "disputed":
        if may_adjudicate(actor, course, seen.offices):
            found.add("adjudicate")
    elif may_decide(actor, course, seen.offices):
        found.add("decide")
    if state == "second_needed" and may_withdraw(actor, course, seen.offices):
        found.add("withdraw")
    if seen.speaks:
        found |= {"answer", "new_text", "declare"}
        if course.decision is not None:
            found.add("contest")
    return frozenset(found)


def _told(course: Course) -> Course:
    """The course without reviews that have not led to a decision."""
    numbers = {c.number for c in public(course)}
    last = course.decision.number if course.decision else 0
    kept = (a for n, a in enumerate(course.acts, 1) if n <= last or n in numbers)
    return Course(course.cell, tuple(kept))


# --- the texts beside a cell


def shown_texts(seen: Look, texts: Texts) -> list[Held]:
    """The newest version of each document, those that the criterion is read in first."""
    kinds = criteria()[seen.cell.criterion].documents
    return sorted(texts.newest(), key=lambda h: (h.content.kind not in kinds, h.document, h.content.language))


def accepted_now(seen: Look, texts: Texts) -> list[Quote]:
    """The words under the last decision where they stand in the newest versions; what is gone is left out."""
    decision = seen.course.decision
    found: list[Quote] = []
    for quote in decision.quotes if decision else ():
        for held in (h for h in texts.newest() if h.document == quote.document):
            if held.content.sha256 == quote.sha256:
                found.append(replace(quote, version=held.version))
            elif (match := find(quote.quote, held.content)) is not None and match.same:
                said = held.content.text[match.start : match.end]
                found.append(Quote(held.document, held.version, held.content.sha256, said, match.start, match.end))
    return found


@dataclass(frozen=True, slots=True)
class Since:
    """What became of a document since a decision: the version that it rests on, the newest, and the clauses."""

    basis: Basis
    newest: Held
    comparison: Comparison


def changed_since(seen: Look) -> list[Since]:
    """The documents under the last decision that read differently now, clause by clause; none without a decision."""
    decision = seen.course.decision
    if decision is None:
        return []
    texts = texts_of(seen.cell.provider)
    newest = {(h.document, h.content.language): h for h in texts.newest()}
    found: list[Since] = []
    for basis in decision.basis:
        before = texts.of(basis)
        after = newest.get((before.document, before.content.language)) if before else None
        if before is None or after is None or after.basis == basis:
            continue
        comparison = compare(before.content, after.content)
        if comparison.clauses:
            found.append(Since(basis, after, comparison))
    return found


def has_changed(seen: Look, texts: Texts) -> bool:
    """Whether a document under the last decision has a newer version with other words."""
    decision = seen.course.decision
    newest = {h.document: h.content.text for h in texts.newest()}
    held = [texts.of(b) for b in decision.basis] if decision else []
    return any(h is not None and newest.get(h.document) != h.content.text for h in held)
