"""What in a narrative may name a person or a place on the network: counted, so that an analyst knows what a text holds.

Counts are all that stays readable: the text lies sealed and is never published, so nothing depends on finding all of
them. Patterns are linear in the text.
"""

from __future__ import annotations

import re
from typing import Final

# addresses first: what stands in one is counted once
_PATTERNS: Final = (
    ("url", re.compile(r"\b(?:https?://|www\.)[^\s<>\"']{1,2000}", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")),
    ("ip", re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")),
    ("phone", re.compile(r"(?<![\w+])\+?\(?\d(?:[ ()./-]{0,2}\d){6,14}(?!\w)")),
    ("handle", re.compile(r"(?<![\w@])@\w[\w.]{2,39}")),
)


def count_identifiers(text: str) -> dict[str, int]:
    """How many there are of each kind that occurs: url, email, ip, phone, handle."""
    found: dict[str, int] = {}
    for kind, pattern in _PATTERNS:
        text, number = pattern.subn(" ", text)
        if number:
            found[kind] = number
    return found
