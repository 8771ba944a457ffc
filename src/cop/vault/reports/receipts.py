"""Receipts: sixteen digits with which a reporter returns. Shown once, stored as something they cannot be read from.

Fifteen digits are random (49.8 bits), the last one checks them (ISO 7064, MOD 11,10: every wrong digit and nearly every
swap of neighbours is found), so that a slip of the hand is told from a receipt that does not exist. What is stored is
stretched by Argon2id under the observatory's secret: a hash to find the report by, and the public half of a key pair
whose private half exists only while somebody holds the receipt up.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass

from nacl.public import PrivateKey
from nacl.pwhash import argon2id

from cop.kernel.errors import Refused, Where
from cop.kernel.sealing import Recipient
from cop.vault.reports.keyed import digest

_RANDOM = 10**15
_LENGTH = 16
# one try costs half a millisecond and 1 MiB: nothing for who has the receipt, 15,000 years of one core for all of them
_OPERATIONS, _MEMORY = 1, 1 << 20


@dataclass(frozen=True, slots=True)
class Opened:
    """What a receipt becomes: the hash by which its report is found, and the key that opens questions."""

    hash: str
    private: PrivateKey

    @property
    def public(self) -> bytes:
        return bytes(self.private.public_key)


def new_receipt() -> str:
    """Sixteen digits nobody can guess."""
    return _checked(secrets.randbelow(_RANDOM))


def receipt_of_key(organisation: int, key: str) -> str:
    """The receipt that an organisation's idempotency key has, each time the same."""
    return _checked(int.from_bytes(digest("receipt of a key", organisation, key)) % _RANDOM)


def read_receipt(text: str) -> str:
    """The sixteen digits of what somebody typed, in any script's digits, with spaces and hyphens wherever they are.

    Raises:
        Refused: they are not sixteen, or one of them is wrong.
    """
    where = Where(field="receipt")
    kept = [c for c in text if not c.isspace() and unicodedata.category(c) not in {"Pd", "Cf"}]
    if len(kept) != _LENGTH or not all(c.isdecimal() for c in kept):
        raise Refused("this is not a receipt", where=where, expected="16 digits")
    digits = "".join(str(unicodedata.decimal(c)) for c in kept)
    if _check_digit(digits[:-1]) != digits[-1]:
        raise Refused("one of the digits is wrong", where=where, expected="the 16 digits as they were shown")
    return digits


def shown_receipt(digits: str) -> str:
    """In groups of four, as it is printed."""
    return " ".join(digits[n : n + 4] for n in range(0, _LENGTH, 4))


def open_receipt(digits: str) -> Opened:
    """Stretch a receipt."""
    salt = digest("receipt")[: argon2id.SALTBYTES]
    made = argon2id.kdf(64, digits.encode(), salt, opslimit=_OPERATIONS, memlimit=_MEMORY)
    return Opened(made[:32].hex(), PrivateKey(made[32:]))


def reporter(public: bytes) -> Recipient:
    """Who holds the receipt, as somebody to seal to."""
    return Recipient("reporter", public)


def _checked(number: int) -> str:
    digits = f"{number:015}"
    return digits + _check_digit(digits)


def _check_digit(digits: str) -> str:
    """ISO/IEC 7064, MOD 11,10."""
    product = 10
    for digit in digits:
        product = (((product + int(digit)) % 10 or 10) * 2) % 11
    return str((11 - product) % 10)
