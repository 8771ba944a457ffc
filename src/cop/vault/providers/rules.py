"""Who may do what about providers: named predicates, asked by every operation.

Reviewers are those with the role reviewer or analyst in the observatory; its secretariat and chair settle what two
reviewers do not agree on, and may review too. A provider is spoken for by the delegates and focal points of the
organisations that were named for it (`name_speaker`). Whoever speaks for a provider decides nothing on it.

A secretariat that works with files acts through `cop providers` or a file of decisions: the program names a person, and
what the person may do is the secretariat's to know. Nobody is one's own second there either: names are compared, and
numbers where both acted signed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cop.kernel.errors import NotAllowed
from cop.vault.members.rules import Actor, Role
from cop.vault.providers.course import REPLIES, Act, Course, same_person

FILES: Final = "cop providers"
LOOK: Final = "cop build"
"""Programs that act: for people whom the secretariat names, and the look at a new version."""

MACHINE: Final = Actor(0, "cop", program=LOOK)

ADJUDICATORS: Final[tuple[Role, ...]] = ("secretariat", "chair")
REVIEWERS: Final[tuple[Role, ...]] = ("reviewer", "analyst", *ADJUDICATORS)
SPEAKERS: Final[tuple[Role, ...]] = ("delegate", "focal_point")


@dataclass(frozen=True, slots=True)
class Offices:
    """Whose posts count: those in the observatory (None where there is none), and where the provider is spoken for."""

    observatory: int | None = None
    speaking: frozenset[int] = frozenset()


def named(name: str) -> Actor:
    """Somebody whom a file or the command line names."""
    return Actor(0, name, program=FILES)


def speaks(actor: Actor, offices: Offices) -> bool:
    """Who speaks for this provider, and for no other."""
    return actor.program == FILES or bool(actor.organisations(*SPEAKERS) & offices.speaking)


def is_reviewer(actor: Actor, offices: Offices) -> bool:
    """Who reads documents for the observatory, and speaks for the provider in no way."""
    if actor.program == FILES:
        return True
    return actor.holds(offices.observatory, *REVIEWERS) and not actor.organisations() & offices.speaking


def is_own_second(actor: Actor, course: Course) -> bool:
    """Whether this person has reviewed in the round that is open."""
    return any(same_person(act, actor.name, actor.id) for act in course.round)


def is_party(actor: Actor, course: Course) -> bool:
    """Whether this person has spoken for the provider on this cell."""
    said = (act for act in course.acts if act.kind in REPLIES or act.kind == "declare")
    return any(same_person(act, actor.name, actor.id) for act in said)


def may_decide(actor: Actor, course: Course, offices: Offices) -> bool:
    """A reviewer who has not reviewed in this round: nobody is one's own second."""
    return is_reviewer(actor, offices) and not is_own_second(actor, course) and not is_party(actor, course)


def may_adjudicate(actor: Actor, course: Course, offices: Offices) -> bool:
    """Secretariat or chair, as a third person."""
    office = actor.program == FILES or actor.holds(offices.observatory, *ADJUDICATORS)
    return office and may_decide(actor, course, offices)


def may_withdraw(actor: Actor, course: Course, offices: Offices) -> bool:
    """Who gave the review that waits for a second one."""
    return is_reviewer(actor, offices) and is_own_second(actor, course)


def sees_round(actor: Actor, course: Course, offices: Offices) -> bool:
    """Who may see reviews that have not led to a decision: those who gave one, and all reviewers once two differ.

    So a second reviewer reads the text without knowing what the first one found.
    """
    if not is_reviewer(actor, offices):
        return False
    return actor.program == FILES or is_own_second(actor, course) or course.state == "disputed"


def may_find_stale(actor: Actor) -> bool:
    """Only the look at a new version."""
    return actor.program == LOOK


def may_name_speakers(actor: Actor, offices: Offices) -> bool:
    """The secretariat, and the command line."""
    return actor.program == FILES or actor.holds(offices.observatory, "secretariat")


def allow(actor: Actor, course: Course, act: Act, offices: Offices) -> None:
    """Let an act pass, or say why it may not.

    Raises:
        NotAllowed: the predicate of its kind does not hold.
    """
    cell = course.cell
    match act.kind:
        case "decide":
            allowed = may_decide(actor, course, offices)
            expected = "a second reviewer" if is_own_second(actor, course) else "a reviewer"
        case "adjudicate":
            allowed = may_adjudicate(actor, course, offices)
            expected = "a third person" if is_own_second(actor, course) else "the secretariat or the chair"
        case "withdraw":
            allowed, expected = may_withdraw(actor, course, offices), "who gave the review"
        case "stale":
            allowed, expected = may_find_stale(actor), "the look at a new version"
        case _:  # replies and declarations
            allowed, expected = speaks(actor, offices), f"who speaks for {cell.provider}"
    if not allowed:
        raise NotAllowed(f"{actor.name or 'nobody signed in'} may not {act.kind} on {cell}", expected=expected)
