"""Hashes under keys of this observatory's own: they say whether two are the same, and nothing to whoever has no key.

Each use has its own key, derived from the observatory's secret; without the secret receipts open nothing any more.
"""

from __future__ import annotations

import hmac
import unicodedata
from functools import cache
from hashlib import sha256
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings

Use = Literal["receipt", "receipt of a key", "idempotency", "submission", "address", "text", "audit"]

_MATCH = 32


@cache
def _key(use: Use, secret: str) -> bytes:
    return hmac.new(secret.encode(), f"cop reports: {use}".encode(), sha256).digest()


def digest(use: Use, *parts: str | int) -> bytes:
    """HMAC-SHA-256 of the parts; no two lists of parts look alike."""
    text = "".join(f"{len(str(p))}:{p}" for p in parts)
    return hmac.new(_key(use, settings.SECRET_KEY), text.encode(), sha256).digest()


def text_match(narrative: str) -> str:
    """Equal for texts that differ in case, accents' composition, punctuation or space alone; empty without a letter."""
    folded = unicodedata.normalize("NFKC", narrative).casefold()
    words = "".join(c if c.isalnum() else " " for c in folded).split()
    return digest("text", " ".join(words)).hex()[:_MATCH] if words else ""


def address_match(address: str) -> str:
    """Equal for addresses that differ in scheme, case of the host, a leading `www.`, a fragment or a closing slash."""
    if not address:
        return ""
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return digest("address", f"{host}{parts.path.rstrip('/')}{query}").hex()[:_MATCH]
