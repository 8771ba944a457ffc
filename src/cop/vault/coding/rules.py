"""Who may do what with codes; each predicate names the organisation that owns the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cop.vault.members.rules import Actor

WORKER: Final = "work"
EXPORT: Final = "coding export"

AUDIT_RATE: Final = 0.05
"""The share of records that goes to blind double coding, by default (notes on the classification, 5.3)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked of a person at most; an observatory may set others (`[coding]` of `observatory.toml`).

    Attributes:
        daily_cap: records that a person opens on a day; more is not asked of anybody.
        break_after_records: opened since the last break, when one is proposed, or
        break_after_minutes: since the last break, whichever comes first.
        hold_minutes: how long an opened record is kept for who opened it.
    """

    daily_cap: int = 60
    break_after_records: int = 15
    break_after_minutes: int = 50
    hold_minutes: int = 20


LIMITS: Final = Limits()


def may_code(actor: Actor, organisation: int | None) -> bool:
    """Analysts and reviewers, in their own organisation."""
    return actor.holds(organisation, "analyst", "reviewer")


def may_settle(actor: Actor, organisation: int | None) -> bool:
    """Reviewers, in their own organisation: escalated records, disagreements, rulings."""
    return actor.holds(organisation, "reviewer")


def may_watch(actor: Actor, organisation: int | None) -> bool:
    """Who sees figures of the work and no record: analysts and reviewers of the organisation, auditors everywhere."""
    return may_code(actor, organisation) or actor.anywhere("auditor")


def may_read_rulings(actor: Actor) -> bool:
    """Rulings bind everybody who codes, in any organisation, and auditors may follow them."""
    return actor.anywhere("analyst", "reviewer", "auditor")


def may_draw(actor: Actor) -> bool:
    """The worker alone draws the audit sample: nobody picks a record for it."""
    return actor.program == WORKER


def may_export(actor: Actor) -> bool:
    """The command of who runs the observatory's machine."""
    return actor.program == EXPORT
