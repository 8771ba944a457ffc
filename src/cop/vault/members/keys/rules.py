"""Who may do what with keys, as predicates of an actor and an organisation."""

from __future__ import annotations

from cop.kernel.errors import NotFound
from cop.vault.members.rules import DESK_ROLES, Actor, is_signed_in

PROGRAM = "cop keys"
"""The verb that holds the ceremony and recovers keys from its shares."""


def may_have_a_key(actor: Actor) -> bool:
    """Whoever has a post: a key alone opens nothing."""
    return is_signed_in(actor)


def may_open(actor: Actor, organisation: int | None) -> bool:
    """Analysts, reviewers and key custodians, what was sealed to their own organisation."""
    return actor.holds(organisation, *DESK_ROLES)


def may_keep_keys(actor: Actor, organisation: int | None) -> bool:
    """Key custodians create, revoke and rotate the key of their own organisation."""
    return actor.holds(organisation, "key_custodian")


def may_see_states(actor: Actor) -> bool:
    """The state of every organisation's key: administrators, auditors, and the command line."""
    return actor.anywhere("administrator", "auditor") or actor.program == PROGRAM


def may_hold_the_ceremony(actor: Actor) -> bool:
    """The command line alone: the shares are printed beside whoever types."""
    return actor.program == PROGRAM


def within(actor: Actor, organisation: int) -> None:
    """Let an actor name an organisation that is its own.

    Raises:
        NotFound: it is another's, or there is none: which of the two is not told.
    """
    if not actor.holds(organisation) and not actor.program:
        raise NotFound("there is no such organisation", expected="one in which you hold a post")
