"""What the desk, the command line and other apps may ask of keys: who holds what, what is missing, what is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cop.kernel.errors import NotFound
from cop.vault.members.keys.rules import may_open, may_see_states
from cop.vault.members.models import Escrow, Grant, OfficeKey, Organisation, PersonKey, Post
from cop.vault.members.rules import DESK_ROLES, Actor, allow


@dataclass(frozen=True, slots=True)
class EscrowState:
    """The escrow in use: how many shares there are and how many give it back."""

    id: int
    threshold: int
    shares: int
    created: datetime


@dataclass(frozen=True, slots=True)
class KeyState:
    """A person's own key."""

    id: int
    public: bytes
    created: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who reads narratives of an organisation, with a key or without, and the office's granted or not."""

    person: int
    name: str
    has_key: bool
    holds: bool


@dataclass(frozen=True, slots=True)
class OfficeState:
    """An organisation's key and what is to be done about it.

    Attributes:
        organisation: its number.
        slug: its short name.
        name: its name.
        version: of the key in use; 0 where there is none.
        created: when that version was made.
        people: who reads narratives there, by name; holders first.
        escrowed: the escrow in use holds every version.
        exposed: since when somebody has known the key who may not any more: rotation is due.
        resealed: nothing is left that was sealed to an older version.
    """

    organisation: int
    slug: str
    name: str
    version: int
    created: datetime | None
    people: tuple[Holder, ...]
    escrowed: bool
    exposed: datetime | None
    resealed: bool

    @property
    def holders(self) -> tuple[Holder, ...]:
        return tuple(p for p in self.people if p.holds)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong, as words that the desk and the command line put into sentences."""
        if not self.version:
            return ("no key",)
        found = {
            "no holder": not self.holders,
            "one holder": len(self.holders) == 1,
            "not escrowed": not self.escrowed,
            "rotation due": self.exposed is not None,
            "re-sealing due": not self.resealed,
        }
        return tuple(word for word, holds in found.items() if holds)


def escrow_in_use() -> EscrowState | None:
    """The escrow, if there was a ceremony."""
    found = Escrow.objects.filter(retired=None).first()
    return EscrowState(found.pk, found.threshold, found.shares, found.created) if found else None


def key_state(actor: Actor) -> KeyState | None:
    """The actor's own key in use."""
    key = PersonKey.objects.filter(person_id=actor.id, retired=None).first()
    return KeyState(key.pk, bytes(key.public), key.created) if key else None


def office(actor: Actor, organisation: int) -> OfficeState:
    """The key of one of the actor's organisations.

    Raises:
        NotFound: the actor reads no narratives there.
    """
    found = Organisation.objects.filter(pk=organisation).first()
    if found is None or not may_open(actor, organisation):
        raise NotFound("there is no such organisation", expected="one whose narratives you read")
    return next(iter(_states([found])))


def offices(actor: Actor) -> list[OfficeState]:
    """The key of every organisation in which somebody reads narratives or which has a key, by short name.

    Raises:
        NotAllowed: the actor oversees no keys.
    """
    allow(may_see_states(actor), actor, "see every organisation's key", expected="an administrator or auditor")
    reading = Post.objects.filter(role__in=DESK_ROLES, person__is_active=True).values("organisation_id")
    keyed = OfficeKey.objects.values("organisation_id")
    rows = Organisation.objects.filter(active=True).order_by("slug")
    return list(_states((rows.filter(pk__in=reading) | rows.filter(pk__in=keyed)).distinct()))


def _states(organisations: Iterable[Organisation]) -> Iterable[OfficeState]:
    escrow = escrow_in_use()
    for organisation in organisations:
        key = OfficeKey.objects.filter(organisation=organisation, retired=None).first()
        versions = OfficeKey.objects.filter(organisation=organisation)
        held = Grant.objects.filter(key__organisation=organisation, escrow_id=escrow.id) if escrow else None
        yield OfficeState(
            organisation=organisation.pk,
            slug=organisation.slug,
            name=organisation.name,
            version=key.version if key else 0,
            created=key.created if key else None,
            people=_people(organisation, key),
            escrowed=held is not None and held.count() == versions.count(),
            exposed=key.exposed if key else None,
            resealed=key is None or key.resealed is not None,
        )


def _people(organisation: Organisation, key: OfficeKey | None) -> tuple[Holder, ...]:
    posts = Post.objects.filter(organisation=organisation, role__in=DESK_ROLES, person__is_active=True)
    people = dict(posts.values_list("person_id", "person__name"))
    keyed = set(PersonKey.objects.filter(person__in=people, retired=None).values_list("person_id", flat=True))
    grants = Grant.objects.filter(key=key, holder__retired=None, holder__person__in=people) if key else None
    holding = set(grants.values_list("holder__person_id", flat=True)) if grants is not None else set()
    rows = [Holder(number, name, number in keyed, number in holding) for number, name in people.items()]
    return tuple(sorted(rows, key=lambda h: (not h.holds, h.name, h.person)))
