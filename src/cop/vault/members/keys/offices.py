"""An organisation's key: to whom its narratives are sealed, who holds it, and how a holder opens what was sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from nacl.public import PrivateKey

from cop.kernel.errors import Conflict, NotAllowed, NotFound, Refused, Unavailable
from cop.kernel.sealing import Recipient, open_key, recipient_of, seal_key, unseal
from cop.vault.members.keys.rules import may_keep_keys, may_open, within
from cop.vault.members.models import Escrow, Grant, OfficeKey, Organisation, PersonKey, Post
from cop.vault.members.rules import DESK_ROLES, Actor, allow
from cop.vault.registers.operations import record_event


@dataclass(frozen=True, slots=True)
class OfficeOpener:
    """Opens what was sealed to any version of an office's key; the newest version first. Never stored."""

    keys: tuple[PrivateKey, ...]

    def __repr__(self) -> str:
        return f"OfficeOpener({len(self.keys)} versions)"

    def open(self, envelope: bytes) -> str:
        """The text in an envelope.

        Raises:
            Refused: these bytes are not an envelope.
            NotAllowed: it was sealed to nobody of this office, or was altered.
        """
        sealed = bytes(envelope)
        for private in self.keys:
            try:
                return unseal(sealed, private)
            except NotAllowed:
                continue
        raise NotAllowed("no key of this organisation opens the envelope")


def recipients_of(organisation_id: int) -> tuple[Recipient, ...]:
    """To whom a narrative of this organisation is sealed: its key in use, and the escrow.

    Raises:
        Unavailable: there is no such key, or no escrow: nothing may be taken in that nobody could open again.
    """
    key = (
        OfficeKey.objects.filter(organisation_id=organisation_id, retired=None)
        .values_list("organisation__slug", "version", "public")
        .first()
    )
    if key is None:
        raise Unavailable("this organisation has no key yet", expected="a key custodian to create one")
    slug, version, public = key
    return Recipient(f"{slug} key {version}", bytes(public)), escrow_recipient()


def escrow_recipient() -> Recipient:
    """The escrow in use.

    Raises:
        Unavailable: there is none.
    """
    public = Escrow.objects.filter(retired=None).values_list("public", flat=True).first()
    if public is None:
        raise Unavailable("there is no escrow yet", expected="the ceremony of `cop keys ceremony`")
    return Recipient("escrow", bytes(public))


def open_office(*, actor: Actor, organisation: int, private: PrivateKey) -> OfficeOpener:
    """Every version of an office's key that was granted to the actor.

    Raises:
        NotFound: the organisation is another's.
        NotAllowed: the actor may not read narratives there, or nothing was granted to this key.
    """
    return OfficeOpener(
        tuple(key for _, key in opened_versions(actor=actor, organisation=organisation, private=private))
    )


def opened_versions(*, actor: Actor, organisation: int, private: PrivateKey) -> list[tuple[OfficeKey, PrivateKey]]:
    """Versions of an office's key with their private keys, newest first; raises as `open_office`."""
    within(actor, organisation)
    allow(
        may_open(actor, organisation),
        actor,
        "read what was sealed to this organisation",
        expected="an analyst, reviewer or key custodian of it",
    )
    grants = (
        Grant.objects.filter(key__organisation_id=organisation, holder__person_id=actor.id, holder__retired=None)
        .select_related("key", "holder")
        .order_by("-key__version")
    )
    if not grants:
        raise NotAllowed("the organisation's key was not granted to you", expected="a holder to grant it")
    return [(g.key, open_key(bytes(g.sealed), private, public=bytes(g.key.public))) for g in grants]


@transaction.atomic
def create_office(*, actor: Actor, organisation: int) -> int:
    """Make an organisation's first key, granted to the actor and to the escrow; its version.

    Effects: one `OfficeKey`, two `Grant`s, one event `office_key.created`.

    Raises:
        NotFound, NotAllowed: the actor is no key custodian there. Conflict: the organisation has a key.
        Unavailable: there is no escrow. Refused: the actor has no key of one's own.
    """
    within(actor, organisation)
    allow(may_keep_keys(actor, organisation), actor, "create this organisation's key", expected="its key custodian")
    Organisation.objects.select_for_update().get(pk=organisation)
    if OfficeKey.objects.filter(organisation_id=organisation).exists():
        raise Conflict("the organisation has a key", expected="to rotate it")
    holder = key_in_use(actor.id)
    key = add_version(organisation=organisation, version=1, private=PrivateKey.generate(), holders=[holder])
    key.resealed = key.created  # nothing was sealed before
    key.save(update_fields=["resealed"])
    record_event(
        kind="office_key.created",
        subject=f"organisation/{organisation}",
        details={"by": actor.id, "version": 1, "holders": [actor.id]},
    )
    return 1


@transaction.atomic
def grant(*, actor: Actor, organisation: int, person: int, private: PrivateKey) -> int:
    """Give somebody every version of the office's key that the actor holds; how many that were.

    Effects: `Grant`s, one event `office_key.granted`.

    Raises:
        NotFound, NotAllowed: as `open_office`. Refused: the person reads no narratives there, or has no key.
        Conflict: the person holds all of it.
    """
    versions = opened_versions(actor=actor, organisation=organisation, private=private)
    return give(versions, organisation=organisation, person=person, by={"by": actor.id})


def give(
    versions: Sequence[tuple[OfficeKey, PrivateKey]], *, organisation: int, person: int, by: dict[str, object]
) -> int:
    """Seal opened versions to a person's key, with the event; raises as `grant`."""
    if not Post.objects.filter(
        person_id=person, person__is_active=True, organisation_id=organisation, role__in=DESK_ROLES
    ).exists():
        raise Refused("this person reads no narratives here", expected="an analyst, reviewer or key custodian of it")
    holder = key_in_use(person)
    held = set(Grant.objects.filter(holder=holder).values_list("key_id", flat=True))
    missing = [(key, opened) for key, opened in versions if key.pk not in held]
    if not missing:
        raise Conflict("this person holds the key already", expected="somebody who does not")
    recipient = Recipient(f"person {person}", bytes(holder.public))
    Grant.objects.bulk_create(Grant(key=k, holder=holder, sealed=seal_key(p, recipient)) for k, p in missing)
    record_event(
        kind="office_key.granted",
        subject=f"organisation/{organisation}",
        details={**by, "person": person, "versions": sorted(k.version for k, _ in missing)},
    )
    return len(missing)


@transaction.atomic
def grant_escrow(*, actor: Actor, organisation: int, private: PrivateKey) -> int:
    """Give a new escrow every version of the office's key; how many it lacked.

    Effects: `Grant`s, one event `office_key.escrowed` if any were lacking.

    Raises:
        NotFound, NotAllowed: as `open_office`. Unavailable: there is no escrow.
    """
    versions = opened_versions(actor=actor, organisation=organisation, private=private)
    recipient = escrow_recipient()
    escrow = Escrow.objects.get(retired=None)
    held = set(Grant.objects.filter(escrow=escrow).values_list("key_id", flat=True))
    missing = [(key, opened) for key, opened in versions if key.pk not in held]
    if missing:
        Grant.objects.bulk_create(Grant(key=k, escrow=escrow, sealed=seal_key(p, recipient)) for k, p in missing)
        record_event(
            kind="office_key.escrowed",
            subject=f"organisation/{organisation}",
            details={"by": actor.id, "versions": sorted(k.version for k, _ in missing)},
        )
    return len(missing)


@transaction.atomic
def revoke(*, actor: Actor, organisation: int, person: int) -> None:
    """Take an office's key from somebody who stays; rotation is due from then on.

    Effects: `Grant`s gone, the key in use marked exposed, one event `office_key.revoked`.

    Raises:
        NotFound, NotAllowed: the actor is no key custodian there; or the person does not hold it.
        Conflict: the person is the last holder.
    """
    within(actor, organisation)
    allow(may_keep_keys(actor, organisation), actor, "revoke a grant", expected="the organisation's key custodian")
    Organisation.objects.select_for_update().get(pk=organisation)
    theirs = Grant.objects.filter(key__organisation_id=organisation, holder__person_id=person)
    if not theirs.exists():
        raise NotFound("this person does not hold the key", expected="a holder")
    others = Grant.objects.filter(key__organisation_id=organisation, key__retired=None, holder__isnull=False)
    if not others.exclude(holder__person_id=person).exists():
        raise Conflict("this person is the last holder of the key", expected="to grant it to somebody else first")
    _end(organisation=organisation, person=person, by={"by": actor.id})


@transaction.atomic
def withdraw(*, actor: Actor, person: int, organisation: int | None = None) -> int:
    """Take from somebody who lost the posts for it what was granted there; the operation that took the post calls this.

    Nothing is asked of the actor: what goes is only what the person may not have any more.

    Args:
        actor: who took the post.
        person: who lost it.
        organisation: where; everywhere when none is named.

    Returns:
        From how many organisations' keys the person was taken.

    Effects: `Grant`s gone, keys in use marked exposed, an event `office_key.revoked` for each organisation.
    """
    grants = Grant.objects.filter(holder__person_id=person)
    if organisation is not None:
        grants = grants.filter(key__organisation_id=organisation)
    where = sorted(set(grants.values_list("key__organisation_id", flat=True)))
    posts = Post.objects.filter(person_id=person, person__is_active=True, role__in=DESK_ROLES)
    kept = set(posts.values_list("organisation_id", flat=True))
    lost = [number for number in where if number not in kept]
    for number in lost:
        _end(organisation=number, person=person, by=actor.doer)
    return len(lost)


def _end(*, organisation: int, person: int, by: dict[str, object]) -> None:
    ended, _ = Grant.objects.filter(key__organisation_id=organisation, holder__person_id=person).delete()
    OfficeKey.objects.filter(organisation_id=organisation, retired=None, exposed=None).update(exposed=timezone.now())
    record_event(
        kind="office_key.revoked",
        subject=f"organisation/{organisation}",
        details={**by, "person": person, "grants_ended": ended},
    )


def key_in_use(person: int) -> PersonKey:
    """The person's key.

    Raises:
        Refused: there is none.
    """
    key = PersonKey.objects.filter(person_id=person, retired=None).first()
    if key is None:
        raise Refused("this person has no key yet", expected="a key of one's own first")
    return key


def add_version(*, organisation: int, version: int, private: PrivateKey, holders: Sequence[PersonKey]) -> OfficeKey:
    """A version of an office's key with its grants, to persons and to the escrow; within the caller's transaction."""
    recipient = escrow_recipient()
    escrow = Escrow.objects.get(retired=None)
    key = OfficeKey.objects.create(
        organisation_id=organisation, version=version, public=recipient_of(private, "office").key
    )
    grants = [
        Grant(key=key, holder=h, sealed=seal_key(private, Recipient(f"person {h.person_id}", bytes(h.public))))
        for h in holders
    ]
    Grant.objects.bulk_create([*grants, Grant(key=key, escrow=escrow, sealed=seal_key(private, recipient))])
    return key
