"""Tokens of partner organisations: keys to the service, kept as hashes."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone

from cop.kernel.errors import NotFound
from cop.vault.members.models import Token
from cop.vault.members.operations.checking import managed, name_of
from cop.vault.members.queries import hashed
from cop.vault.members.rules import Actor, allow, may_manage_tokens
from cop.vault.registers.operations import record_event


@transaction.atomic
def issue_token(*, actor: Actor, organisation: int, name: str) -> str:
    """Make a key to the service for an organisation's programs; it is shown this once and kept only as a hash.

    Raises:
        NotAllowed: the actor does not manage people there.
        NotFound: there is no such organisation, or it is closed, or it is none of the actor's.

    Effects: one `Token`, one event `token.issued`.
    """
    found = managed(actor, organisation)
    allow(may_manage_tokens(actor, organisation), actor, "issue a token", expected="a focal point")
    token = f"cop_{secrets.token_urlsafe(32)}"
    made = Token.objects.create(organisation=found, name=name_of(name, most=100), hash=hashed(token))
    record_event(kind="token.issued", subject=f"token/{made.pk}", details={**actor.doer, "organisation": organisation})
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
    managed(actor, found.organisation_id, active=False)
    found.revoked = timezone.now()
    found.save(update_fields=["revoked"])
    record_event(kind="token.revoked", subject=f"token/{token}", details=actor.doer)


@transaction.atomic
def note_use(*, token: int) -> None:
    """Remember that a token was used today; the day and no more. No event: it is no decision of anybody's."""
    today = timezone.now().date()
    Token.objects.filter(pk=token).exclude(used=today).update(used=today)
