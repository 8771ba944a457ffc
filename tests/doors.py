"""What tests of the doors need: an office that can be sealed to, and a submission that is accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from nacl.public import PrivateKey

from vaults import Vault

if TYPE_CHECKING:
    from cop.vault.reports.submission import Submission

TOLD = "Somebody my daughter met in an online game asks her for pictures of herself and threatens to tell everybody."


def seal_to(vault: Vault, *slugs: str) -> dict[str, PrivateKey]:
    """Give these organisations a key, and the vault an escrow; the private keys by name, `escrow` among them."""
    from cop.vault.members.models import Escrow, OfficeKey
    from cop.vault.reports import door

    door._recipients_of.clear()  # another vault may have been there in this process
    keys = {name: PrivateKey.generate() for name in (*slugs, "escrow")}
    for slug in slugs:
        OfficeKey.objects.create(
            organisation_id=vault.organisations[slug], version=1, public=bytes(keys[slug].public_key)
        )
    Escrow.objects.create(public=bytes(keys["escrow"].public_key), threshold=2, shares=3)
    return keys


def submission(organisation: int, **given: Any) -> Submission:
    """A submission through the form, in all but what is given."""
    from cop.vault.reports.submission import Submission

    facts: dict[str, Any] = {"origin": "form", "narrative": TOLD, "date": date(2026, 1, 2), "language": "en"}
    return Submission(organisation=organisation, **{**facts, **given})


def token_of(vault: Vault, slug: str) -> str:
    """A token for an organisation's programs."""
    from cop.vault.members.operations import issue_token

    return issue_token(
        actor=vault.actor("administrator@office"), organisation=vault.organisations[slug], name="case system"
    )


Events = Callable[[], list[Any]]


def events(kind: str) -> list[Any]:
    """Entries of the ledger of that kind; the whole ledger is checked."""
    from cop.kernel.ledger import check
    from cop.vault.registers import queries

    check(queries.events())
    return [e for e in queries.events() if e.kind == kind]
