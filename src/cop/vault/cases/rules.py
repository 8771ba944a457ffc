"""Who may do what with cases: named predicates, asked by every operation and query of this app."""

from __future__ import annotations

from cop.vault.members.rules import Actor

WORKERS = ("work", "retention")
"""The programs that act on records by themselves."""


def may_see_cases(actor: Actor, organisation: int | None) -> bool:
    """Analysts, reviewers and key custodians, those of their own organisation."""
    return actor.holds(organisation, "analyst", "reviewer", "key_custodian")


def may_work_cases(actor: Actor, organisation: int | None) -> bool:
    """Analysts and reviewers move cases of their organisation, refer them, and record what came of it."""
    return actor.holds(organisation, "analyst", "reviewer")


def may_hold(actor: Actor, organisation: int | None) -> bool:
    """Reviewers and key custodians put a legal hold on a report of their organisation, and lift it."""
    return actor.holds(organisation, "reviewer", "key_custodian")


def may_keep_bodies(actor: Actor, organisation: int | None) -> bool:
    """Reviewers and key custodians say which bodies there are and vouch for their keys."""
    return actor.holds(organisation, "reviewer", "key_custodian")


def is_worker(actor: Actor) -> bool:
    """The worker and the retention run, which no person is."""
    return actor.id == 0 and actor.program in WORKERS
