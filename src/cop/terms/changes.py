"""What became of a text between two versions: two thirds of what a tracker records is no change of the promise.

A version is compared by the hash of its normalised text (link targets, marks, white space and case do not count)
with the one before and with all earlier ones, because sites flap between texts by region, language and trial group:
of 6,286 changes recorded over 41 providers, 48.5 % were format or links and 18.0 % went back to a text already seen.
A wall or a stub is no text: what comes after it is compared with the last text before it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Literal

from cop.terms.documents import Document

ChangeClass = Literal[
    "first",
    "format_or_link_only",
    "reverts_to_earlier_text",
    "tiny",
    "new_text",
    "mostly_replaced",
    "language_switch",
    "stub",
]

TINY_WORDS = 5
MOST_KEPT = 0.4
"""At most five words inserted or removed are tiny; with less than 40 % of the text kept it is mostly replaced."""

NEW: frozenset[ChangeClass] = frozenset({"tiny", "new_text", "mostly_replaced"})
"""Classes in which the text says something that it did not say before, in the same language."""

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"[*_#>`\\]")
_SHINGLE = 5


@dataclass(frozen=True, slots=True)
class Change:
    """One version beside the one before it.

    Attributes:
        file: name of the later version.
        change_class: what happened.
        reverts_to: name of the earliest version with the same text, for reverts.
        inserted, removed: words, counted by longest matching runs; 0 where the text is not new.
        silent: whether the text is new while the date it shows did not move; None where a date is missing.
        fingerprint: SHA-256 of the normalised text.
        against: name of the version that the words were counted against: the last text that was no stub, after a
            switch of language the last one in the same language; None where there is none.
    """

    file: str
    change_class: ChangeClass
    reverts_to: str | None
    inserted: int
    removed: int
    silent: bool | None
    shown_before: date | None
    shown_after: date | None
    fingerprint: str
    against: str | None = None

    def as_json(self) -> dict[str, str | int | bool | None]:
        """The same for a program."""
        return {
            "file": self.file, "change_class": self.change_class, "reverts_to": self.reverts_to,
            "inserted": self.inserted, "removed": self.removed, "silent": self.silent,
            "shown_before": self.shown_before.isoformat() if self.shown_before else None,
            "shown_after": self.shown_after.isoformat() if self.shown_after else None,
            "fingerprint": self.fingerprint, "against": self.against,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class SilentChange:
    """A text that changed while the date it shows did not: a finding of its own.

    `shown` is the date that both versions show; `inserted` and `removed` count words.
    """

    file: str
    against: str
    shown: date
    change_class: ChangeClass
    inserted: int
    removed: int

    @property
    def why(self) -> str:
        """One sentence for a reader."""
        return (
            f"the text says {self.shown.isoformat()} before and after, and {self.inserted} words were inserted, "
            f"{self.removed} removed"
        )

    def as_json(self) -> dict[str, str | int]:
        """The same for a program."""
        return {
            "file": self.file, "against": self.against, "shown": self.shown.isoformat(),
            "change_class": self.change_class, "inserted": self.inserted, "removed": self.removed, "why": self.why,
        }  # fmt: skip


def silent_changes(changes: Iterable[Change]) -> list[SilentChange]:
    """The silent ones among some changes, in order."""
    return [
        SilentChange(c.file, c.against, c.shown_after, c.change_class, c.inserted, c.removed)
        for c in changes
        if c.silent and c.against is not None and c.shown_after is not None
    ]


def normalised(document: Document) -> str:
    """The text as it counts for comparison: no link targets, no marks, single spaces, lower case."""
    text = document.text
    if document.markdown:
        text = _MARKS.sub("", _LINK.sub(r"\1", text))
    return " ".join(text.split()).lower()


def fingerprint(document: Document) -> str:
    """SHA-256 of the normalised text, in hexadecimal."""
    return hashlib.sha256(normalised(document).encode()).hexdigest()


class Tracker:
    """The history of one document, told version by version; it keeps fingerprints and one text a language.

    Args:
        seen: name of the earliest version by fingerprint, where the history began before.
        previous: fingerprint of the last version, stubs among them.
        texts: the last text of each language, the last of all at the end.
    """

    def __init__(
        self, seen: Mapping[str, str] | None = None, previous: str | None = None, texts: Sequence[Document] = ()
    ) -> None:
        self._seen = dict(seen or {})
        self._previous = previous
        self._texts = {document.language: document for document in texts}
        self._last = texts[-1] if texts else None

    def follow(self, document: Document) -> Change:
        """What the next version is beside those before it."""
        mark = fingerprint(document)
        kind = self._class(document, mark)
        before = self._last
        inserted = removed = 0
        if kind == "language_switch":
            before = self._texts.get(document.language)
            if before is not None:
                inserted, removed = _counted(before, document)
        elif kind is None:
            kind, inserted, removed = _compared(before, document)
        shown_before = before.visible_date if before is not None else None
        dated = kind in NEW and shown_before is not None and document.visible_date is not None
        change = Change(
            file=document.name, change_class=kind,
            reverts_to=self._seen.get(mark) if kind == "reverts_to_earlier_text" else None,
            inserted=inserted, removed=removed, silent=shown_before == document.visible_date if dated else None,
            shown_before=shown_before, shown_after=document.visible_date, fingerprint=mark,
            against=before.name if before is not None and kind not in ("first", "stub") else None,
        )  # fmt: skip
        self._seen.setdefault(mark, document.name)
        self._previous = mark
        if not (document.stub or document.wall):
            self._last = document
            self._texts[document.language] = document
        return change

    def _class(self, document: Document, mark: str) -> ChangeClass | None:
        """The class as far as it shows without comparing words."""
        if not self._seen:
            return "first"
        if mark == self._previous:
            return "format_or_link_only"
        if document.stub or document.wall:
            return "stub"
        if mark in self._seen:
            return "reverts_to_earlier_text"
        other = self._last is not None and document.language != self._last.language
        return "language_switch" if other else None


def follow(documents: Iterable[Document]) -> Iterator[Change]:
    """Each version of one document, in the order given, beside the versions before it; memory does not grow."""
    tracker = Tracker()
    for document in documents:
        yield tracker.follow(document)


def history(documents: Sequence[Document]) -> list[Change]:
    """Each version of one document, in the order given, beside the versions before it."""
    return list(follow(documents))


def between(old: Document, new: Document) -> Change:
    """The change from one version to the next, without knowledge of earlier ones."""
    return history([old, new])[1]


def _compared(before: Document | None, after: Document) -> tuple[ChangeClass, int, int]:
    """The class of a text that was not there before, words inserted and removed; `before` is None after walls only."""
    if before is None:
        return "mostly_replaced", len(normalised(after).split()), 0
    inserted, removed = _counted(before, after)
    if inserted + removed <= TINY_WORDS:
        return "tiny", inserted, removed
    return "mostly_replaced" if _kept(before, after) < MOST_KEPT else "new_text", inserted, removed


def _counted(before: Document, after: Document) -> tuple[int, int]:
    """Words inserted and removed. Equal beginnings and ends are cut off first: that is most of a text."""
    old, new = normalised(before).split(), normalised(after).split()
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    left, right = old[start : len(old) - end], new[start : len(new) - end]
    if not left or not right:
        return len(right), len(left)
    inserted = removed = 0
    # With autojunk, frequent words of long texts are not anchors: counts are then a little high, and the time stays
    # short.
    for tag, a, b, c, d in SequenceMatcher(None, left, right).get_opcodes():
        if tag != "equal":
            removed += b - a
            inserted += d - c
    return inserted, removed


def _kept(before: Document, after: Document) -> float:
    """Share of runs of five words that both texts hold, of the longer text's."""
    a, b = _runs(normalised(before).split()), _runs(normalised(after).split())
    return len(a & b) / max(len(a), len(b))


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + _SHINGLE]) for i in range(max(1, len(words) - _SHINGLE + 1))}
