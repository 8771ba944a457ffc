"""What other apps and the desk may ask of organisations and people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone

from cop.kernel.errors import NotFound
from cop.vault.members.models import Invitation, Organisation, Person, Token
from cop.vault.members.rules import (
    ANONYMOUS,
    ROLES,
    Actor,
    Post,
    Role,
    allow,
    may_manage_organisations,
    may_manage_people,
)


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """An organisation as lists show it."""

    id: int
    slug: str
    name: str
    kind: str
    area: str
    active: bool


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person as those who manage people see one: `roles` are those held in the organisation asked for."""

    id: int
    name: str
    email: str
    active: bool
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class InvitationFacts:
    """An invitation that nobody has taken up; `open` until it is out of date."""

    id: int
    organisation: str
    email: str
    name: str
    role: Role
    expires: datetime
    open: bool


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """A token of an organisation's programs, never what it is."""

    id: int
    name: str
    created: datetime
    used: date | None
    revoked: datetime | None


@dataclass(frozen=True, slots=True)
class Partner:
    """The organisation whose program calls, and the number of the token it called with."""

    token: int
    organisation: int
    slug: str
    name: str


def hashed(token: str) -> str:
    """How a secret that we made is kept: 256 random bits need no salt."""
    return sha256(token.encode()).hexdigest()


def actor_of(person: AbstractBaseUser | AnonymousUser) -> Actor:
    """The person as an actor, with the posts in organisations that are active; nobody where the account is not."""
    if not isinstance(person, Person) or not person.is_active:
        return ANONYMOUS
    posts = person.posts.filter(organisation__active=True).values_list("organisation_id", "role")
    return Actor(person.pk, person.name, frozenset(Post(where, cast("Role", role)) for where, role in posts))


def actor_numbered(number: int) -> Actor:
    """The person of that number as an actor, for the command line; nobody where there is none."""
    found = Person.objects.filter(pk=number).first()
    return ANONYMOUS if found is None else actor_of(found)


def organisation(slug: str) -> Organisation:
    """The organisation of that short name.

    Raises:
        NotFound: there is none.
    """
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(f"there is no organisation {slug}", expected="one that `cop members organisations` shows")
    return found


def the_observatory() -> int | None:
    """The number of the organisation that is the observatory; None where it is not set up."""
    return Organisation.objects.filter(kind="observatory", active=True).values_list("pk", flat=True).first()


def organisations(actor: Actor) -> list[OrganisationFacts]:
    """Those whose people the actor manages, by short name: all for administrators, one's own for focal points."""
    found = Organisation.objects.all()
    if not may_manage_organisations(actor):
        found = found.filter(pk__in=actor.organisations("focal_point"))
    return [_facts(o) for o in found.order_by("slug")]


def managed(actor: Actor, number: int) -> OrganisationFacts:
    """An organisation whose people the actor manages.

    Raises:
        NotFound: there is none, or the actor holds no post in it.
        NotAllowed: the actor does not manage people.
    """
    office = may_manage_organisations(actor)
    found = Organisation.objects.filter(pk=number).first() if office or actor.holds(number) else None
    if found is None:
        raise NotFound("there is no such organisation")
    expected = "an administrator, or a focal point of the organisation"
    allow(office or may_manage_people(actor, number), actor, "manage people", expected=expected)
    return _facts(found)


def names(numbers: Iterable[int]) -> dict[int, str]:
    """The names of organisations by their numbers."""
    return dict(Organisation.objects.filter(pk__in=set(numbers)).values_list("pk", "name"))


def names_of_people(numbers: Iterable[int]) -> dict[int, str]:
    """The names of people by their numbers, for pages on which they are said to have acted."""
    return dict(Person.objects.filter(pk__in=set(numbers)).values_list("pk", "name"))


def person_numbered(email: str) -> int:
    """The number of the active person with that address, for the command line.

    Raises:
        NotFound: there is none.
    """
    found = Person.objects.filter(email=email.strip().lower(), is_active=True).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound("there is no person with this address", expected="one that `cop members list` shows")
    return found


def people(actor: Actor, number: int) -> list[PersonFacts]:
    """Everybody with a post in an organisation, by name.

    Raises:
        NotFound: there is none, or the actor holds no post in it.
        NotAllowed: the actor does not manage people.
    """
    managed(actor, number)
    held: dict[int, list[Role]] = {}
    found = Person.objects.filter(posts__organisation=number)
    for pk, role in found.values_list("pk", "posts__role").filter(Q(posts__organisation=number)):
        held.setdefault(pk, []).append(cast("Role", role))
    return [
        PersonFacts(p.pk, p.name, p.email, p.is_active, tuple(sorted(held[p.pk], key=ROLES.index)))
        for p in found.distinct().order_by("name", "pk")
    ]


def colleagues(organisation: int, *roles: Role) -> dict[int, str]:
    """Names of active people with one of these roles in an organisation, by number."""
    found = Person.objects.filter(posts__organisation=organisation, is_active=True)
    return dict((found.filter(posts__role__in=roles) if roles else found).values_list("pk", "name"))


def invitations(actor: Actor, number: int) -> list[InvitationFacts]:
    """Invitations to an organisation that nobody has taken up.

    Raises:
        NotFound: there is no such organisation, or the actor holds no post in it.
        NotAllowed: the actor does not manage people.
    """
    managed(actor, number)
    found = Invitation.objects.filter(organisation=number, used=None).select_related("organisation")
    return [_invitation(i) for i in found.order_by("expires")]


def invitation_of(token: str) -> InvitationFacts:
    """The invitation that a link holds.

    Raises:
        NotFound: the link is unknown, used or out of date.
    """
    found = Invitation.objects.filter(token=hashed(token), used=None).select_related("organisation").first()
    if found is None or found.expires <= timezone.now() or not found.organisation.active:
        raise NotFound("this link is not valid any more", expected="a new invitation")
    return _invitation(found)


def has_account(email: str) -> bool:
    """Whether somebody signs in with this address."""
    return Person.objects.filter(email=email).exists()


def tokens(actor: Actor, number: int) -> list[TokenFacts]:
    """The tokens of an organisation's programs, the newest first.

    Raises:
        NotFound: there is no such organisation, or the actor holds no post in it.
        NotAllowed: the actor does not manage people.
    """
    managed(actor, number)
    found = Token.objects.filter(organisation=number).order_by("-pk")
    return [TokenFacts(t.pk, t.name, t.created, t.used, t.revoked) for t in found]


def organisation_of_token(token: str) -> Partner | None:
    """The organisation that a token was issued to; None where it is unknown, revoked, or the organisation closed."""
    found = (
        Token.objects.filter(hash=hashed(token), revoked=None, organisation__active=True)
        .select_related("organisation")
        .first()
    )
    if found is None:
        return None
    return Partner(found.pk, found.organisation_id, found.organisation.slug, found.organisation.name)


def _facts(found: Organisation) -> OrganisationFacts:
    return OrganisationFacts(found.pk, found.slug, found.name, found.kind, found.area, found.active)


def _invitation(found: Invitation) -> InvitationFacts:
    return InvitationFacts(
        found.pk,
        found.organisation.name,
        found.email,
        found.name,
        cast("Role", found.role),
        found.expires,
        found.expires > timezone.now(),
    )
