"""Who may do what about providers: named predicates, asked by every operation; rights of accounts come to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cop.kernel.errors import NotAllowed
from cop.vault.providers.course import Act, Course, same_person

Role = Literal["reviewer", "adjudicator", "provider", "machine"]
ROLES: tuple[Role, ...] = ("reviewer", "adjudicator", "provider", "machine")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `provider` is the short name of the provider that one speaks for, "" for all others."""

    name: str
    role: Role
    provider: str = ""


def is_reviewer(actor: Actor) -> bool:
    """Reviewers and adjudicators read documents for the observatory."""
    return actor.role in ("reviewer", "adjudicator") and not actor.provider


def is_own_second(actor: Actor, course: Course) -> bool:
    """Whether this person has reviewed in the round that is open."""
    return any(same_person(actor.name, act.by) for act in course.round)


def may_decide(actor: Actor, course: Course) -> bool:
    """A reviewer who has not reviewed in this round: nobody is one's own second."""
    return is_reviewer(actor) and not is_own_second(actor, course)


def may_adjudicate(actor: Actor, course: Course) -> bool:
    """An adjudicator who is a third person."""
    return actor.role == "adjudicator" and not actor.provider and not is_own_second(actor, course)


def may_reply(actor: Actor, provider: str) -> bool:
    """Who speaks for this provider, and for no other."""
    return actor.role == "provider" and actor.provider == provider


def may_find_stale(actor: Actor) -> bool:
    """Only the look at a new version."""
    return actor.role == "machine"


def allow(actor: Actor, course: Course, act: Act) -> None:
    """Let an act pass, or say why it may not.

    Raises:
        NotAllowed: the predicate of its kind does not hold.
    """
    cell = course.cell
    match act.kind:
        case "decide":
            allowed = may_decide(actor, course)
            expected = "a second reviewer" if is_own_second(actor, course) else "a reviewer"
        case "adjudicate":
            allowed = may_adjudicate(actor, course)
            expected = "a third person" if is_own_second(actor, course) else "an adjudicator"
        case "stale":
            allowed, expected = may_find_stale(actor), "the look at a new version"
        case _:  # replies and declarations
            allowed, expected = may_reply(actor, cell.provider), f"who speaks for {cell.provider}"
    if not allowed:
        raise NotAllowed(f"{actor.name} ({actor.role}) may not {act.kind} on {cell}", expected=expected)
