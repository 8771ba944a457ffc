"""Who may do what with codes; each predicate names the organisation that owns the record."""

from __future__ import annotations

from typing import Final

from cop.vault.members.rules import Actor

WORKER: Final = "work"
EXPORT: Final = "coding export"

DAILY_CAP: Final = 60
"""Records that a person opens on a day; more is not asked of anybody."""
BREAK_AFTER_RECORDS: Final = 15
BREAK_AFTER_MINUTES: Final = 50
"""When a break is proposed, whichever comes first."""
HOLD_MINUTES: Final = 20
"""How long an opened record is kept for who opened it."""
AUDIT_RATE: Final = 0.05
"""The share of records that goes to blind double coding, by default (notes on the classification, 5.3)."""


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
