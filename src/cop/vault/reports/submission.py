"""A report on its way in: what it may hold, checked before anything is done with it. It lives in memory only."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from cop.kernel.areas import Areas
from cop.kernel.errors import Refused, Where
from cop.kernel.languages import OFFICIAL
from cop.vault.reports.schemas import COUNT_UNITS, NARRATIVE_LIMIT, is_formula, is_imagery
from cop.vault.reports.variables import check_variables

Origin = Literal["form", "api", "desk"]

NOTE_LIMIT: Final = 5_000
"""The longest question, answer or added fact, in characters."""
ADDRESS_LIMIT: Final = 2_000
REF_LIMIT: Final = 100
KEY_LIMIT: Final = 200

_FIRST_DATE: Final = date(1990, 1, 1)
_BIDI: Final = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PLAIN: Final = "plain text: letters, digits and punctuation"


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody reports to an organisation.

    Attributes:
        organisation: the number of the one that it is for.
        origin: the door it came through.
        narrative: what happened, in the reporter's words.
        date: the day the body that holds the report received it.
        address: of what was seen, where there is one; sealed with the narrative.
        ref: the sender's own number.
        count_unit: what one record stands for.
        variables: by the catalogue's ids; absent is not recorded, `_U` is unknown.
        language: of the page it was written on; empty without one.
        key: the sender's idempotency key; empty for none.
    """

    organisation: int
    origin: Origin
    narrative: str = field(repr=False)
    date: date
    address: str = field(default="", repr=False)
    ref: str = field(default="", repr=False)
    count_unit: str = "REPORT"
    variables: Mapping[str, object] = field(default_factory=dict[str, object], repr=False)
    language: str = ""
    key: str = field(default="", repr=False)


def check_submission(given: Submission, areas: Areas, *, today: date) -> Submission:
    """The submission as it may be stored: texts stripped, variables by the catalogue.

    Raises:
        Refused: names the field and what was expected; what was given is never quoted.
    """
    _date(given.date, today)
    if given.count_unit not in COUNT_UNITS:
        raise _refused("count_unit", "is not in the code list", ", ".join(COUNT_UNITS))
    if given.language and given.language not in OFFICIAL:
        raise _refused("language", "is not one of the six", ", ".join(OFFICIAL))
    return replace(
        given,
        narrative=check_text("narrative", given.narrative, NARRATIVE_LIMIT),
        address=check_address(given.address),
        ref=_label("ref", given.ref, REF_LIMIT),
        key=_label("Idempotency-Key", given.key, KEY_LIMIT),
        variables=check_variables(given.variables, areas),
    )


def check_text(name: str, text: str, limit: int) -> str:
    """A text that somebody wrote, without the space around it.

    Raises:
        Refused: it is empty, too long, holds what is no text, or begins like what a spreadsheet runs.
    """
    text = text.strip()
    if not text:
        raise _refused(name, "is empty", "some words")
    if len(text) > limit:
        raise _refused(name, f"has {len(text):,} characters", f"at most {limit:,}")
    if _CONTROL.search(text) or not _encodes(text):
        raise _refused(name, "holds characters that are no text", _PLAIN)
    if _BIDI.search(text):
        raise _refused(name, "holds characters that turn the writing around", _PLAIN)
    if is_formula(text):
        raise _refused(name, "begins like a spreadsheet formula", "plain text")
    if is_imagery(text):
        raise _refused(name, "holds encoded data", "text only: no file or picture is ever accepted here")
    return text


def check_address(text: str) -> str:
    """An address on the network; empty for none.

    Raises:
        Refused: it is not one.
    """
    text = text.strip()
    if not text:
        return ""
    expected = "http:// or https:// and a host"
    if len(text) > ADDRESS_LIMIT:
        raise _refused("address", f"has {len(text):,} characters", f"at most {ADDRESS_LIMIT:,}")
    if not text.isprintable() or any(c.isspace() for c in text) or is_imagery(text):
        raise _refused("address", "is not an address", expected)
    try:
        parts = urlsplit(text)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        whole = False
    if not whole:
        raise _refused("address", "is not an address", expected)
    return text


def known_areas() -> Areas:
    """The areas of the observatory that this process serves."""
    return settings.OBSERVATORY.known_areas if settings.OBSERVATORY else Areas()


def latest_today() -> date:
    """The day that it is already where the day begins first (UTC+14)."""
    return (timezone.now() + timedelta(hours=14)).date()


def narrative_envelope(narrative: str, address: str) -> str:
    """What an envelope of a report holds, whichever way the report came."""
    return json.dumps({"narrative": narrative, "url": address}, ensure_ascii=False)


def without_marks(text: str) -> str:
    """A text without the invisible characters that telephones put around names: who types cannot see them."""
    return _BIDI.sub("", text)


def _label(name: str, text: str, limit: int) -> str:
    text = text.strip()
    if len(text) > limit or not text.isprintable() or is_formula(text) or not _encodes(text):
        raise _refused(name, "cannot be a reference", f"at most {limit} printable characters, no formula")
    return text


def _date(day: date, today: date) -> None:
    if not _FIRST_DATE <= day <= today:
        raise _refused("date", "is not a day on which a report can have come", f"{_FIRST_DATE} to {today}")


def _encodes(text: str) -> bool:
    return not any(unicodedata.category(c) == "Cs" for c in text) if not text.isascii() else True


def _refused(name: str, problem: str, expected: str) -> Refused:
    return Refused(problem, where=Where(field=name), expected=expected)
