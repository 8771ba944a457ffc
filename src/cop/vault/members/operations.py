"""The only writer of organisations, people, posts, invitations and tokens.

Events name people and organisations by their numbers: the ledger holds no name and no address.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from cop.kernel.errors import Conflict, NotFound, Refused, Where
from cop.kernel.languages import OFFICIAL
from cop.vault.members import keys
from cop.vault.members.models import Invitation, Organisation, Person, Post, Token
from cop.vault.members.queries import hashed
from cop.vault.members.rules import (
    ANONYMOUS,
    APART,
    DESK_ROLES,
    KINDS,
    ROLES,
    ROLES_IN,
    Actor,
    Kind,
    Role,
    allow,
    may_give,
    may_manage_organisations,
    may_manage_people,
    may_manage_tokens,
)
from cop.vault.registers.operations import record_event

INVITATION_DAYS: Final = 7
_SLUG: Final = 63


# --- organisations


@transaction.atomic
def add_organisation(*, actor: Actor, slug: str, name: str, kind: Kind, area: str = "") -> int:
    """Add an organisation; its number.

    Raises:
        NotAllowed: the actor is no administrator.
        Refused: a value is not what is expected.
        Conflict: the short name is taken, or there is an observatory already.

    Effects: one event `organisation.added`.
    """
    allow(may_manage_organisations(actor), actor, "add an organisation", expected="an administrator")
    if not slug or len(slug) > _SLUG or not all(c.isascii() and (c.islower() or c.isdigit() or c == "-") for c in slug):
        raise Refused.value(slug, "is no short name", field="slug", expected="a-z, 0-9 and -, at most 63")
    if kind not in KINDS:
        raise Refused.value(kind, "is no kind of organisation", field="kind", expected=", ".join(KINDS))
    if Organisation.objects.filter(slug=slug).exists():
        raise Conflict(f"there is an organisation {slug}", expected="another short name")
    if kind == "observatory" and Organisation.objects.filter(kind=kind).exists():
        raise Conflict("there is an observatory already", expected="another kind: an observatory has one office")
    made = Organisation.objects.create(slug=slug, name=_name(name), kind=kind, area=_area(area))
    record_event(
        kind="organisation.added",
        subject=f"organisation/{made.pk}",
        details={**_by(actor), "slug": slug, "kind": kind, "area": made.area},
    )
    return made.pk


@transaction.atomic
def rename_organisation(*, actor: Actor, organisation: int, name: str) -> None:
    """Give an organisation another name; its short name stays.

    Raises:
        NotAllowed: the actor is no administrator.
        NotFound: there is no such organisation.

    Effects: one event `organisation.renamed`.
    """
    allow(may_manage_organisations(actor), actor, "rename an organisation", expected="an administrator")
    found = _organisation(organisation)
    found.name = _name(name)
    found.save(update_fields=["name"])
    record_event(kind="organisation.renamed", subject=f"organisation/{organisation}", details=_by(actor))


@transaction.atomic
def close_organisation(*, actor: Actor, organisation: int) -> None:
    """Close an organisation: its posts and tokens give no right any more; what it recorded stays.

    Raises:
        NotAllowed: the actor is no administrator.
        NotFound: there is no such organisation.
        Conflict: it is the observatory itself.

    Effects: one event `organisation.closed`.
    """
    allow(may_manage_organisations(actor), actor, "close an organisation", expected="an administrator")
    found = _organisation(organisation)
    if found.kind == "observatory":
        raise Conflict("the observatory's own office cannot be closed")
    found.active = False
    found.save(update_fields=["active"])
    record_event(kind="organisation.closed", subject=f"organisation/{organisation}", details=_by(actor))


# --- invitations


@transaction.atomic
def invite(*, actor: Actor, organisation: int, email: str, name: str, role: Role) -> str:
    """Invite a person to a post; the secret of the link, which is shown this once and kept only as a hash.

    An earlier invitation of the same person to the same post is void from then on.

    Raises:
        NotAllowed: the actor may not give this role here.
        NotFound: there is no such organisation, or it is closed, or it is none of the actor's.
        Refused: the address or name is none, or the organisation has no such role.

    Effects: one `Invitation`, good for seven days; one event `invitation.made`.
    """
    found = _managed(actor, organisation)
    _check_role(found, role)
    allow(may_give(actor, organisation, role), actor, f"invite a person as {role}", expected="an administrator")
    address = _email(email)
    Invitation.objects.filter(email=address, organisation=found, role=role, used=None).delete()
    token = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        token=hashed(token),
        email=address,
        name=_name(name),
        organisation=found,
        role=role,
        by_id=actor.id or None,
        expires=timezone.now() + timedelta(days=INVITATION_DAYS),
    )
    record_event(
        kind="invitation.made",
        subject=f"invitation/{made.pk}",
        details={**_by(actor), "organisation": organisation, "role": role},
    )
    return token


@transaction.atomic
def withdraw_invitation(*, actor: Actor, invitation: int) -> None:
    """Make an invitation void.

    Raises:
        NotAllowed: the actor does not manage people there.
        NotFound: there is no open invitation of that number in an organisation of the actor's.

    Effects: one event `invitation.withdrawn`.
    """
    found = Invitation.objects.filter(pk=invitation, used=None).first()
    if found is None:
        raise NotFound("there is no such open invitation")
    _managed(actor, found.organisation_id)
    found.delete()
    record_event(kind="invitation.withdrawn", subject=f"invitation/{invitation}", details=_by(actor))


@transaction.atomic
def accept_invitation(*, token: str, password: str = "", language: str = "en", actor: Actor = ANONYMOUS) -> int:
    """Take the post that a link offers: a new person sets a password, one who has an account is signed in; the person.

    Raises:
        NotFound: the link is unknown, used, out of date, or its organisation is closed.
        NotAllowed: the address has an account, and its holder is not the one who is signed in.
        Refused: the password is too weak.

    Effects: a `Person` where there was none, a `Post`, the invitation used; one event `invitation.accepted`.
    """
    found = Invitation.objects.select_for_update().filter(token=hashed(token), used=None).first()
    if found is None or found.expires <= timezone.now() or not found.organisation.active:
        raise NotFound("this link is not valid any more", expected="a new invitation")
    person = Person.objects.filter(email=found.email).first()
    if person is None:
        person = Person(email=found.email, name=found.name, language=language if language in OFFICIAL else "en")
        _set_password(person, password)
    else:
        allow(person.is_active and actor.id == person.pk, actor, "take this post", expected="its holder, signed in")
    _give(person, found.organisation, found.role)
    found.used = timezone.now()
    found.save(update_fields=["used"])
    record_event(
        kind="invitation.accepted",
        subject=f"person/{person.pk}",
        details={"invitation": found.pk, "organisation": found.organisation_id, "role": found.role},
    )
    return person.pk


# --- people and posts


@transaction.atomic
def add_post(*, actor: Actor, person: int, organisation: int, role: Role) -> None:
    """Give a person who has an account one more post.

    Raises:
        NotAllowed: the actor may not give this role here, or is that person.
        NotFound: there is no such organisation, or no such person among those the actor manages.
        Refused: the organisation has no such role, or the person holds one that it does not go with.
        Conflict: the person holds it already.

    Effects: one `Post`, one event `post.added`.
    """
    found = _managed(actor, organisation)
    _check_role(found, role)
    allow(may_give(actor, organisation, role), actor, f"give the role {role}", expected="an administrator")
    allow(actor.id != person, actor, "give a post to oneself", expected="somebody else who manages people")
    holder = _person(actor, person)
    if holder.posts.filter(organisation=found, role=role).exists():
        raise Conflict(f"the person is {role} of {found.slug} already")
    _give(holder, found, role)
    record_event(kind="post.added", subject=f"person/{person}", details={**_by(actor), **_post(organisation, role)})


@transaction.atomic
def remove_post(*, actor: Actor, person: int, organisation: int, role: Role) -> None:
    """Take a post away; from the next request on it gives no right.

    Raises:
        NotAllowed: the actor may not take this role.
        NotFound: there is no such post in an organisation that the actor manages.

    Effects: one event `post.removed`.
    """
    _managed(actor, organisation, active=False)
    allow(may_give(actor, organisation, role), actor, f"take the role {role}", expected="an administrator")
    gone, _ = Post.objects.filter(person=person, organisation=organisation, role=role).delete()
    if not gone:
        raise NotFound("there is no such post")
    keys.withdraw(actor=actor, person=person, organisation=organisation)
    record_event(kind="post.removed", subject=f"person/{person}", details={**_by(actor), **_post(organisation, role)})


@transaction.atomic
def deactivate(*, actor: Actor, person: int) -> None:
    """Let a person in no more: every session ends with the next request; what was done under the name stays.

    Raises:
        NotAllowed: the actor is no administrator, or is that person.
        NotFound: there is no such person.

    Effects: all posts gone, one event `person.deactivated`.
    """
    allow(may_manage_organisations(actor), actor, "deactivate a person", expected="an administrator")
    allow(actor.id != person, actor, "deactivate oneself", expected="another administrator")
    found = _person(actor, person)
    found.is_active = False
    found.set_unusable_password()  # sessions are bound to the password: all end
    found.save(update_fields=["is_active", "password"])
    found.posts.all().delete()
    keys.withdraw(actor=actor, person=person)
    record_event(kind="person.deactivated", subject=f"person/{person}", details=_by(actor))


@transaction.atomic
def set_language(*, actor: Actor, language: str) -> None:
    """The language in which a person reads the desk.

    Raises:
        Refused: it is not one of the six.

    Effects: none in the ledger: it changes nothing for anybody else.
    """
    if language not in OFFICIAL:
        raise Refused.value(language, "is no language of the desk", field="language", expected=", ".join(OFFICIAL))
    Person.objects.filter(pk=actor.id).update(language=language)


# --- tokens of partner organisations


@transaction.atomic
def issue_token(*, actor: Actor, organisation: int, name: str) -> str:
    """Make a key to the service for an organisation's programs; it is shown this once and kept only as a hash.

    Raises:
        NotAllowed: the actor does not manage people there.
        NotFound: there is no such organisation, or it is closed, or it is none of the actor's.

    Effects: one `Token`, one event `token.issued`.
    """
    found = _managed(actor, organisation)
    allow(may_manage_tokens(actor, organisation), actor, "issue a token", expected="a focal point")
    token = f"cop_{secrets.token_urlsafe(32)}"
    made = Token.objects.create(organisation=found, name=_name(name, most=100), hash=hashed(token))
    record_event(kind="token.issued", subject=f"token/{made.pk}", details={**_by(actor), "organisation": organisation})
    return token


@transaction.atomic
def revoke_token(*, actor: Actor, token: int) -> None:
    """Make a token void.

    Raises:
        NotAllowed: the actor does not manage people there.
        NotFound: there is no such token in use in an organisation that the actor manages.

    Effects: one event `token.revoked`.
    """
    found = Token.objects.filter(pk=token, revoked=None).first()
    if found is None:
        raise NotFound("there is no such token in use")
    _managed(actor, found.organisation_id, active=False)
    found.revoked = timezone.now()
    found.save(update_fields=["revoked"])
    record_event(kind="token.revoked", subject=f"token/{token}", details=_by(actor))


@transaction.atomic
def note_use(*, token: int) -> None:
    """Remember that a token was used today; the day and no more. No event: it is no decision of anybody's."""
    today = timezone.now().date()
    Token.objects.filter(pk=token).exclude(used=today).update(used=today)


# --- what they share


def _by(actor: Actor) -> dict[str, object]:
    return {"program": actor.program} if actor.program else {"by": actor.id}


def _post(organisation: int, role: Role) -> dict[str, object]:
    return {"organisation": organisation, "role": role}


def _organisation(number: int) -> Organisation:
    found = Organisation.objects.filter(pk=number).first()
    if found is None:
        raise NotFound("there is no such organisation")
    return found


def _managed(actor: Actor, organisation: int, *, active: bool = True) -> Organisation:
    """The organisation whose people the actor manages; one that is none of the actor's is not there."""
    ours = may_manage_organisations(actor) or actor.holds(organisation)
    found = Organisation.objects.filter(pk=organisation).first() if ours else None
    if found is None or (active and not found.active):
        raise NotFound("there is no such organisation")
    managed = may_manage_organisations(actor) or may_manage_people(actor, organisation)
    allow(managed, actor, "manage people", expected="an administrator, or a focal point of the organisation")
    return found


def _person(actor: Actor, number: int) -> Person:
    """An active person whom the actor knows of: administrators all, focal points those of their organisation."""
    people = Person.objects.filter(pk=number, is_active=True)
    if not may_manage_organisations(actor):
        people = people.filter(posts__organisation__in=actor.organisations("focal_point"))
    found = people.first()
    if found is None:
        raise NotFound("there is no such person")
    return found


def _check_role(organisation: Organisation, role: str) -> None:
    known = ROLES_IN[organisation.kind]
    if role not in known:
        expected = ", ".join(r for r in ROLES if r in known)
        raise Refused.value(role, f"is no role in a {organisation.kind}", field="role", expected=expected)


def _give(person: Person, organisation: Organisation, role: str) -> None:
    held = set(person.posts.values_list("role", flat=True)) | {role}
    if held & APART and held & DESK_ROLES:
        raise Refused(
            "this role does not go with those the person holds",
            where=Where(field="role"),
            expected="administrators and auditors who read no reports",
        )
    Post.objects.get_or_create(person=person, organisation=organisation, role=role)


def _set_password(person: Person, password: str) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), where=Where(field="password")) from error
    person.set_password(password)
    person.save()


def _email(value: str) -> str:
    try:
        validate_email(value.strip())
    except ValidationError:
        raise Refused.value(value, "is no e-mail address", field="email", expected="name@example.org") from None
    return value.strip().lower()


def _name(value: str, *, most: int = 200) -> str:
    name = " ".join(value.split())
    if not name or len(name) > most or not name.isprintable():
        raise Refused.value(value, "is no name", field="name", expected=f"1 to {most} printable characters")
    return name


def _area(value: str) -> str:
    if value and (len(value) != 3 or not value.isalpha() or not value.isupper()):
        raise Refused.value(value, "is no country", field="area", expected="ISO 3166-1 alpha-3")
    return value
