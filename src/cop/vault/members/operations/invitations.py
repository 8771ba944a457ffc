"""Invitations: a link that lets one person into one post, once."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from cop.kernel.errors import NotFound, Refused, Where
from cop.kernel.languages import OFFICIAL
from cop.vault.members.models import Invitation, Person
from cop.vault.members.operations.checking import check_role, managed, name_of
from cop.vault.members.operations.people import give
from cop.vault.members.queries import hashed
from cop.vault.members.rules import ANONYMOUS, Actor, Role, allow, may_give
from cop.vault.registers.operations import record_event

INVITATION_DAYS: Final = 7


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
    found = managed(actor, organisation)
    check_role(found, role)
    allow(may_give(actor, organisation, role), actor, f"invite a person as {role}", expected="an administrator")
    address = _email(email)
    Invitation.objects.filter(email=address, organisation=found, role=role, used=None).delete()
    token = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        token=hashed(token),
        email=address,
        name=name_of(name),
        organisation=found,
        role=role,
        by_id=actor.id or None,
        expires=timezone.now() + timedelta(days=INVITATION_DAYS),
    )
    record_event(
        kind="invitation.made",
        subject=f"invitation/{made.pk}",
        details={**actor.doer, "organisation": organisation, "role": role},
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
    managed(actor, found.organisation_id)
    found.delete()
    record_event(kind="invitation.withdrawn", subject=f"invitation/{invitation}", details=actor.doer)


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
    give(person, found.organisation, found.role)
    found.used = timezone.now()
    found.save(update_fields=["used"])
    record_event(
        kind="invitation.accepted",
        subject=f"person/{person.pk}",
        details={"invitation": found.pk, "organisation": found.organisation_id, "role": found.role},
    )
    return person.pk


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
