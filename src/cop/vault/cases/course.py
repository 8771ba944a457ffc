"""The course of a case and the time to removal, as pure functions over what was recorded.

Statuses, the ways between them and the reasons for each are data (`catalogue/cases/course.yaml`). Source: WG-CP/1
report, 7.13 (received, assessed, actioned, referred, closed), and the practice of hotlines to look again at what they
gave notice of until it is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from cop.kernel.documents import read_document
from cop.kernel.errors import Refused, Where
from cop.kernel.languages import Text, pick
from cop.kernel.resources import resource

STATUSES: Final = ("received", "assessed", "actioned", "referred", "closed")
CHANNELS: Final = ("sealed_file", "portal", "email", "phone", "letter", "in_person")
KINDS: Final = ("HOTLINE", "HELPLINE", "POLICE", "REGULATOR", "CONSUMER", "DPA", "CERT", "SCHOOL", "LABOUR")
"""Kinds of bodies: the referrals of the classification."""

SEEN: Final = ("up", "gone", "unknown")
"""What may be seen when somebody looks at an address again: `unknown` where it could not be looked at."""

BEFORE_SCHEDULED: Final = 2
"""The worker's step that is the last done of a report whose expiry is to be reckoned again (`steps.py`)."""


@dataclass(frozen=True, slots=True)
class Course:
    """Which ways are open, and the words of every code, by list and id, in six languages."""

    ways: Mapping[tuple[str, str], tuple[str, ...]]
    words: Mapping[str, Mapping[str, Text]]
    acknowledge_within: Mapping[int, int]
    first: str
    last: str

    def after(self, status: str) -> tuple[str, ...]:
        """The statuses that may follow."""
        return tuple(to for came, to in self.ways if came == status)

    def reasons(self, before: str, after: str) -> tuple[str, ...]:
        """The reasons that a way may have; none where there is no way."""
        return self.ways.get((before, after), ())

    def check(self, before: str, after: str, reason: str) -> None:
        """Let a move pass.

        Raises:
            Refused: there is no such way, or it has not that reason.
        """
        if (before, after) not in self.ways:
            ways = ", ".join(self.after(before)) or "nothing: it stays"
            raise Refused.value(after, f"does not follow {before}", field="status", expected=ways)
        if reason not in self.ways[before, after]:
            raise Refused.value(
                reason, f"is no reason to go from {before} to {after}", field="reason",
                expected=", ".join(self.ways[before, after]),
            )  # fmt: skip

    def word(self, part: str, code: str, language: str) -> str:
        """What a code is called; the code itself where the list lacks it."""
        text = self.words[part].get(code)
        return pick(text, language) if text else code


@cache
def course() -> Course:
    """The course as the catalogue has it.

    Raises:
        Refused: the file does not fit its schema or itself; names the field.
    """
    folder = resource("catalogue/cases")
    path = folder / "course.yaml"
    document = read_document(path, folder / "course.schema.json")
    parts = ("statuses", "reasons", "channels", "grounds", "lifts")
    words = {part: {entry["id"]: entry["name"] for entry in document[part]} for part in parts}
    if tuple(words["statuses"]) != STATUSES or tuple(words["channels"]) != CHANNELS:
        raise Refused("statuses or channels are not those of the vault", where=Where(path))
    ways = {(w["from"], w["to"]): tuple(w["reasons"]) for w in document["transitions"]}
    _check(ways, words, document, path)
    within = {int(urgency): hours for urgency, hours in document["acknowledge_within"].items()}
    return Course(ways, words, within, document["first"], document["last"])


def _check(
    ways: Mapping[tuple[str, str], tuple[str, ...]], words: Mapping[str, Any], document: Mapping[str, Any], path: Path
) -> None:
    named = {status for way in ways for status in way} | {document["first"], document["last"]}
    reasons = {reason for given in ways.values() for reason in given}
    if unknown := sorted((named - set(words["statuses"])) | (reasons - set(words["reasons"]))):
        raise Refused.value(unknown[0], "is defined nowhere in the file", file=path, expected="a status or reason")
    if len(ways) != len(document["transitions"]):
        raise Refused("a way stands twice", where=Where(path, field="transitions"), expected="each once")


# --- time to removal


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at a moment: `up`, `gone` or `unknown`."""

    at: datetime
    seen: str


@dataclass(frozen=True, slots=True)
class Removal:
    """How long what was given notice of stayed, in hours from the notice.

    Attributes:
        at_least: it was still up then (0.0 when nobody saw it up after the notice).
        at_most: it was gone then, and stayed gone; None while it is not.
    """

    at_least: float
    at_most: float | None


def removal(notice: datetime, looks: Iterable[Look]) -> Removal:
    """The time to removal from what was seen since the notice.

    What comes back is not removed: the first look that found it gone counts only if no later one found it up. Looks
    before the notice and looks that could not tell say nothing.
    """
    seen = sorted((look for look in looks if look.at >= notice and look.seen != "unknown"), key=lambda look: look.at)
    up = [look.at for look in seen if look.seen == "up"]
    gone = [look.at for look in seen if look.seen == "gone" and (not up or look.at > up[-1])]
    return Removal(_hours(notice, up[-1]) if up else 0.0, _hours(notice, gone[0]) if gone else None)


def _hours(begin: datetime, end: datetime) -> float:
    return round((end - begin).total_seconds() / 3600, 2)
