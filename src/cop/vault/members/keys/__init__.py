"""Keys: who can open what was sealed to an organisation, how that is given and taken, and what is left if all fails.

A person's private key lies wrapped under a passphrase. An office's private key lies in grants: sealed to the keys of
persons, and to the escrow, whose own private key exists on printed shares alone. Whoever stores a narrative asks
`recipients_of`; whoever shows one asks `open_office` with the private key that the holder's request has opened.
"""

from __future__ import annotations

from cop.vault.members.keys.escrow import establish_escrow, recover_office
from cop.vault.members.keys.offices import (
    OfficeOpener,
    create_office,
    grant,
    grant_escrow,
    open_office,
    recipients_of,
    revoke,
    withdraw,
)
from cop.vault.members.keys.persons import LEAST, change_passphrase, create_key, open_key_of, retire_key
from cop.vault.members.keys.queries import Holder, KeyState, OfficeState, escrow_in_use, key_state, office, offices
from cop.vault.members.keys.rotation import Envelopes, Resealed, envelopes_in, reseal_all, rotate_office

__all__ = [
    "LEAST",
    "Envelopes",
    "Holder",
    "KeyState",
    "OfficeOpener",
    "OfficeState",
    "Resealed",
    "change_passphrase",
    "create_key",
    "create_office",
    "envelopes_in",
    "escrow_in_use",
    "establish_escrow",
    "grant",
    "grant_escrow",
    "key_state",
    "office",
    "offices",
    "open_key_of",
    "open_office",
    "recipients_of",
    "recover_office",
    "reseal_all",
    "retire_key",
    "revoke",
    "rotate_office",
    "withdraw",
]
