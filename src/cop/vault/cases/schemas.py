"""What may stand in the few free fields that cases have: numbers of others, names of bodies, lines of keys."""

from __future__ import annotations

import re

from cop.kernel.errors import Refused

REFERENCE_LIMIT = 100
_REFERENCE = re.compile(r"[\w./:#() \-]*")


def plain(field: str, text: str, *, required: bool = False) -> str:
    """A number of another office, as it is kept: letters, digits and a few signs on one line.

    Raises:
        Refused: it holds anything else, is too long, or is missing though required.
    """
    text = " ".join(text.split())
    if required and not text:
        raise Refused.value(text, "is no reference", field=field, expected="the number of the order or request")
    if len(text) > REFERENCE_LIMIT or not text.isprintable() or not _REFERENCE.fullmatch(text):
        raise Refused.value(
            text, "cannot be a reference", field=field, expected=f"up to {REFERENCE_LIMIT} letters, digits and ./:#()-"
        )
    return text


def named(text: str) -> str:
    """A body's name: one line of up to 200 printable characters.

    Raises:
        Refused: it is not.
    """
    text = " ".join(text.split())
    if not text or len(text) > 200 or not text.isprintable() or text[0] in "=+@":
        raise Refused.value(text, "cannot be a name", field="name", expected="1 to 200 printable characters")
    return text
