"""Who a person is when acting, and the predicates that every other app's rules are made of.

An actor holds posts: a role in an organisation. A role in one organisation says nothing of another: whoever asks a
predicate names the organisation that owns what is to be seen or changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from cop.kernel.errors import NotAllowed

Role = Literal[
    "delegate",
    "focal_point",
    "analyst",
    "reviewer",
    "key_custodian",
    "secretariat",
    "chair",
    "auditor",
    "administrator",
]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

Kind = Literal["observatory", "member_state", "sector_member", "delegation", "hotline", "helpline"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Post:
    """A role in an organisation, by the organisation's number."""

    organisation: int
    role: Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person with posts. `id` 0 is nobody who signed in; `program` names a command or the worker."""

    id: int
    name: str
    posts: frozenset[Post] = frozenset()
    program: str = ""

    @property
    def doer(self) -> dict[str, object]:
        """Who acted, as an event of the ledger says it: the number of a person, or the name of a program."""
        return {"by": self.id} if self.id else {"program": self.program}

    def organisations(self, *roles: Role) -> frozenset[int]:
        """Where the actor holds one of these roles; any role where none is named."""
        return frozenset(p.organisation for p in self.posts if not roles or p.role in roles)

    def holds(self, organisation: int | None, *roles: Role) -> bool:
        """Whether the actor holds one of these roles in that organisation."""
        return organisation is not None and organisation in self.organisations(*roles)

    def anywhere(self, *roles: Role) -> bool:
        """Whether the actor holds one of these roles in any organisation."""
        return bool(self.organisations(*roles))


ANONYMOUS: Final = Actor(0, "")


def program(name: str) -> Actor:
    """The actor that a command or the worker is: it holds no post, and operations say which programs may call them."""
    return Actor(0, name, program=name)


def is_signed_in(actor: Actor) -> bool:
    """A person with at least one post: who lost the last one sees nothing."""
    return actor.id > 0 and bool(actor.posts)


def may_manage_people(actor: Actor, organisation: int) -> bool:
    """Administrators of the observatory everywhere; focal points in their own organisation."""
    return actor.anywhere("administrator") or actor.holds(organisation, "focal_point")


PROGRAM: Final = "cop members"
"""The verb with which whoever keeps the machine adds organisations and people."""

OFFICE_ROLES: Final[frozenset[Role]] = frozenset({"secretariat", "chair", "auditor", "administrator"})
"""Held in the observatory alone."""

DESK_ROLES: Final[frozenset[Role]] = frozenset({"analyst", "reviewer", "key_custodian"})
"""Those who read reports."""

_OF_STATES: Final[frozenset[Role]] = frozenset({"delegate", "focal_point"})
ROLES_IN: Final[dict[str, frozenset[Role]]] = {
    "observatory": OFFICE_ROLES | DESK_ROLES | {"focal_point"},
    "member_state": _OF_STATES,
    "delegation": _OF_STATES,
    "sector_member": _OF_STATES,
    "hotline": _OF_STATES | DESK_ROLES,
    "helpline": _OF_STATES | DESK_ROLES,
}
"""Which roles there are in each kind of organisation."""

APART: Final[frozenset[Role]] = frozenset({"auditor", "administrator"})
"""Who sees how the desk works, or who works at it, reads no report: never held together with a desk role."""


def may_manage_organisations(actor: Actor) -> bool:
    """Administrators of the observatory, and the command line."""
    return actor.program == PROGRAM or actor.anywhere("administrator")


def may_read_ledger(actor: Actor) -> bool:
    """Auditors: it tells who did what to which record, and nothing of what a record says."""
    return actor.anywhere("auditor")


def may_give(actor: Actor, organisation: int, role: Role) -> bool:
    """Give or take a role: the observatory's roles by administrators, the others by those who manage people there."""
    if actor.program == PROGRAM or actor.anywhere("administrator"):
        return True
    return role not in OFFICE_ROLES and actor.holds(organisation, "focal_point")


def may_manage_tokens(actor: Actor, organisation: int) -> bool:
    """Keys of an organisation's programs: whoever manages its people."""
    return may_manage_organisations(actor) or may_manage_people(actor, organisation)


def allow(allowed: bool, actor: Actor, deed: str, *, expected: str) -> None:
    """Let a deed pass, or say why it may not.

    Raises:
        NotAllowed: the predicate did not hold.
    """
    if not allowed:
        raise NotAllowed(f"{actor.name or 'nobody signed in'} may not {deed}", expected=expected)
