"""Whose posts count on a provider, and who speaks for it."""

from __future__ import annotations

from dataclasses import dataclass

from cop.vault.members.queries import the_observatory
from cop.vault.members.rules import Actor
from cop.vault.providers.models import Speaker
from cop.vault.providers.rules import SPEAKERS, Offices


def offices(provider: str) -> Offices:
    """Whose posts count on a provider."""
    speaking = Speaker.objects.filter(provider=provider).values_list("organisation", flat=True)
    return Offices(the_observatory(), frozenset(speaking))


@dataclass(frozen=True, slots=True)
class SpeakerFacts:
    """An organisation that speaks for a provider."""

    slug: str
    name: str


def speakers(provider: str) -> list[SpeakerFacts]:
    """The organisations that speak for a provider, by short name."""
    rows = Speaker.objects.filter(provider=provider).order_by("organisation__slug")
    return [SpeakerFacts(*facts) for facts in rows.values_list("organisation__slug", "organisation__name")]


def spoken_for(actor: Actor) -> list[str]:
    """The providers that somebody speaks for, by short name."""
    rows = Speaker.objects.filter(organisation__in=actor.organisations(*SPEAKERS)).order_by("provider")
    return list(rows.values_list("provider", flat=True).distinct())
