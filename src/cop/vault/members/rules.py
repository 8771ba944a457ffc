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


def allow(allowed: bool, actor: Actor, deed: str, *, expected: str) -> None:
    """Let a deed pass, or say why it may not.

    Raises:
        NotAllowed: the predicate did not hold.
    """
    if not allowed:
        raise NotAllowed(f"{actor.name or 'nobody signed in'} may not {deed}", expected=expected)
