"""Who may do what with reports: named predicates, asked by operations and queries themselves."""

from __future__ import annotations

from typing import Final

from cop.vault.members.rules import Actor

API: Final = "partner api"
"""The program that speaks for a partner organisation; the door has seen its token."""


def may_submit(actor: Actor, origin: str, organisation: int) -> bool:
    """Anybody on the public form; a partner's program for its own organisation; an analyst for the office's."""
    if origin == "form":
        return True
    if origin == "api":
        return speaks_for(actor, organisation)
    return actor.holds(organisation, "analyst", "reviewer")


def speaks_for(actor: Actor, organisation: int | None) -> bool:
    """A partner's program, for the organisation whose token it brought."""
    return organisation is not None and actor.program == program_of(organisation)


def program_of(organisation: int) -> str:
    """What the program of a partner organisation acts as."""
    return f"{API} {organisation}"


def may_see(actor: Actor, organisation: int | None) -> bool:
    """The facts of a report without its text: who works with it, and auditors."""
    return may_read(actor, organisation) or (organisation is not None and actor.anywhere("auditor"))


def may_read(actor: Actor, organisation: int | None) -> bool:
    """The sealed text: analysts, reviewers and key custodians of the organisation, and nobody else."""
    return actor.holds(organisation, "analyst", "reviewer", "key_custodian")


def may_write(actor: Actor, organisation: int | None) -> bool:
    """Ask the reporter, say what a report's variables are: analysts and reviewers of the organisation."""
    return actor.holds(organisation, "analyst", "reviewer")
