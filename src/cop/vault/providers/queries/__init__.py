"""What other apps may ask of providers."""

from __future__ import annotations

from cop.vault.providers.queries.courses import all_courses, course
from cop.vault.providers.queries.published import (
    documents,
    estimates,
    findings,
    list_about,
    provider_history,
    provider_list,
    providers,
)
from cop.vault.providers.queries.speaking import SpeakerFacts, offices, speakers, spoken_for
from cop.vault.providers.queries.texts import evidence, filed_text, proposed, texts_of
from cop.vault.providers.queries.watching import Proposal, Watched, watched

__all__ = [
    "Proposal",
    "SpeakerFacts",
    "Watched",
    "all_courses",
    "course",
    "documents",
    "estimates",
    "evidence",
    "filed_text",
    "findings",
    "list_about",
    "offices",
    "proposed",
    "provider_history",
    "provider_list",
    "providers",
    "speakers",
    "spoken_for",
    "texts_of",
    "watched",
]
