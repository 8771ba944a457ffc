"""The only writer of providers, versions, findings and of what people did on them."""

from __future__ import annotations

from cop.vault.providers.operations.acting import adjudicate, decide, declare, file_text, reply, withdraw
from cop.vault.providers.operations.filing import look_again, record_entries
from cop.vault.providers.operations.reading import (
    FindingFacts,
    StandingFacts,
    VersionFacts,
    YoungUsers,
    forget_provider,
    record_provider,
)
from cop.vault.providers.operations.speaking import name_speaker, remove_speaker

__all__ = [
    "FindingFacts",
    "StandingFacts",
    "VersionFacts",
    "YoungUsers",
    "adjudicate",
    "decide",
    "declare",
    "file_text",
    "forget_provider",
    "look_again",
    "name_speaker",
    "record_entries",
    "record_provider",
    "remove_speaker",
    "reply",
    "withdraw",
]
