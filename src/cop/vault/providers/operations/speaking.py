"""Which organisations speak for a provider."""

from __future__ import annotations

from django.db import transaction

from cop.kernel.errors import Conflict, NotFound, Refused, Where
from cop.vault.members.queries import organisation
from cop.vault.members.rules import Actor
from cop.vault.members.rules import allow as may
from cop.vault.providers.models import Speaker
from cop.vault.providers.operations.appending import check_watched
from cop.vault.providers.queries import offices
from cop.vault.providers.rules import may_name_speakers
from cop.vault.registers.operations import record_event


@transaction.atomic
def name_speaker(*, actor: Actor, provider: str, slug: str) -> None:
    """Let the delegates and focal points of an organisation speak for a provider.

    Raises:
        NotAllowed: the actor is not the secretariat. NotFound: no such provider or organisation.
        Refused: the organisation is no Sector Member. Conflict: it is named already.

    Effects: one event `provider.speaker`.
    """
    may(may_name_speakers(actor, offices(provider)), actor, "say who speaks for a provider", expected="the secretariat")
    check_watched(provider)
    found = organisation(slug)
    if found.kind != "sector_member":
        raise Refused.value(slug, "is no Sector Member", field="organisation", expected="a Sector Member")
    _, created = Speaker.objects.get_or_create(provider=provider, organisation_id=found.pk)
    if not created:
        raise Conflict(f"{slug} speaks for {provider} already")
    record_event(
        kind="provider.speaker", subject=provider, details={"organisation": found.pk, "speaks": True, **actor.doer}
    )


@transaction.atomic
def remove_speaker(*, actor: Actor, provider: str, slug: str) -> None:
    """Let an organisation speak for a provider no more; what it said stays.

    Raises:
        NotAllowed: the actor is not the secretariat. NotFound: the organisation does not speak for it.

    Effects: one event `provider.speaker`.
    """
    may(may_name_speakers(actor, offices(provider)), actor, "say who speaks for a provider", expected="the secretariat")
    found = organisation(slug)
    if not Speaker.objects.filter(provider=provider, organisation_id=found.pk).delete()[0]:
        raise NotFound(f"{slug} does not speak for {provider}", where=Where(field="organisation"))
    record_event(
        kind="provider.speaker", subject=provider, details={"organisation": found.pk, "speaks": False, **actor.doer}
    )
