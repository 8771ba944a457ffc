"""The ground under a decision: the versions that are held, and whether the accepted words still stand in the newest.

Versions are looked at in order of their day, so that a vault that saw each one come and a vault that is filled anew at
once say the same. What is no text of that document (a wall, a stub, a page in another language) changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cop.kernel.errors import NotFound, Refused
from cop.terms.changes import fingerprint
from cop.terms.documents import Document
from cop.terms.quotes import find
from cop.vault.providers.course import Basis, Decision, Quote

COMPUTED = frozenset({"LNG-1"})
"""Criteria that are measured on the whole text: the figure is the ground, the quoted sentences show it."""


@dataclass(frozen=True, slots=True)
class Held:
    """One version of one document with its text; `proposed` is what the machine finds in it, by criterion."""

    document: str
    version: date
    content: Document = field(repr=False)
    proposed: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def basis(self) -> Basis:
        return Basis(self.document, self.version, self.content.sha256)

    @property
    def readable(self) -> bool:
        return not (self.content.stub or self.content.wall)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the machine proposes for one newest version: its finding, how sure it is, why, and the passages."""

    document: str
    version: date
    language: str
    finding: str
    confidence: float
    why: str
    region: str
    ages: str
    evidence: tuple[Mapping[str, Any], ...]


class Texts:
    """The versions of a provider's documents, in order of document and day."""

    def __init__(self, held: Iterable[Held]) -> None:
        self.held = sorted(held, key=lambda h: (h.document, h.version))

    @property
    def documents(self) -> list[str]:
        return list(dict.fromkeys(h.document for h in self.held))

    def newest(self, day: date | None = None) -> list[Held]:
        """The newest version of each document in each language, as of the end of a day."""
        last = {(h.document, h.content.language): h for h in self.held if day is None or h.version <= day}
        return list(last.values())

    def at(self, document: str, version: date | None, *, day: date) -> Held:
        """One version of a document; without a date the newest one as of a day.

        Raises:
            NotFound: it is not held.
        """
        found = [h for h in self.held if h.document == document]
        if not found:
            raise NotFound(f'there is no document "{document}"', expected=", ".join(self.documents) or "a document")
        if version is None:
            found = [h for h in found if h.version <= day]
            if not found:
                raise NotFound(f"no version of {document} was seen by {day.isoformat()}", expected="a later day")
            return found[-1]
        for one in found:
            if one.version == version:
                return one
        days = ", ".join(h.version.isoformat() for h in found)
        raise NotFound(f"there is no version of {document} of {version.isoformat()}", expected=days)

    def of(self, basis: Basis) -> Held | None:
        """The version that a basis names, None where it is not held any more."""
        return next((h for h in self.held if h.basis == basis), None)


def quoted(held: Held, words: str) -> Quote:
    """Words of a version with their place: letter by letter, or but for case, marks and spaces.

    Raises:
        Refused: the text does not say them.
    """
    match = find(words, held.content)
    if match is None or not match.same:
        raise Refused.value(
            words, f"does not stand in {held.document} of {held.version.isoformat()}", field="quote",
            expected="words of that version, letter by letter",
        )  # fmt: skip
    said = held.content.text[match.start : match.end]
    return Quote(held.document, held.version, held.content.sha256, said, match.start, match.end)


def verify(quote: Quote, texts: Texts) -> None:
    """Whether a quote stands at its place.

    Raises:
        Refused: it does not, or its version is not held.
    """
    held = texts.of(Basis(quote.document, quote.version, quote.sha256))
    if held is None or held.content.text[quote.start : quote.end] != quote.quote:
        raise Refused.value(
            quote.quote, f"does not stand at {quote.start} to {quote.end} of {quote.document}", field="quote",
            expected="the words of the version that is held",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Break:
    """Why a decision does not stand any more, from which day, and by which version."""

    on: date
    why: str
    basis: tuple[Basis, ...]


def first_break(criterion: str, decision: Decision, texts: Texts, *, until: date | None = None) -> Break | None:
    """The first version, up to a day, that takes the ground from a decision; None while it stands."""
    breaks = [
        found
        for basis in decision.basis
        if (found := _document_break(criterion, decision, basis, texts, until)) is not None
    ]
    if decision.finding == "not_addressed":
        known = {b.document for b in decision.basis}
        breaks += [
            Break(h.version, f"{h.document} came after the decision", (h.basis,))
            for h in texts.held
            if h.document not in known and h.version > decision.on and _seen(h, until)
        ]
    return min(breaks, key=lambda b: (b.on, b.why), default=None)


def _seen(held: Held, until: date | None) -> bool:
    return held.readable and (until is None or held.version <= until)


def _document_break(criterion: str, decision: Decision, basis: Basis, texts: Texts, until: date | None) -> Break | None:
    before = texts.of(basis)
    if before is None:
        day = max((h.version for h in texts.held if until is None or h.version <= until), default=decision.on)
        return Break(max(day, decision.on), f"{basis.document} of {basis.version} is not held any more", ())
    quotes = [q for q in decision.quotes if q.document == basis.document and q.sha256 == basis.sha256]
    for held in texts.held:
        later = held.document == basis.document and held.version > basis.version
        if not later or not _seen(held, until) or held.content.language != before.content.language:
            continue
        why = _why(criterion, decision, before, held, quotes)
        if why:
            return Break(max(held.version, decision.on), why, (held.basis,))
    return None


def _why(criterion: str, decision: Decision, before: Held, held: Held, quotes: list[Quote]) -> str:
    """What a later version changed under a decision, in a clause; "" where nothing."""
    where = f"{held.document} of {held.version.isoformat()}"
    if criterion in COMPUTED:
        was, now = before.proposed.get(criterion), held.proposed.get(criterion)
        return f"{where} is measured as {now}, not {was}" if was != now else ""
    for number, quote in enumerate(quotes, 1):
        match = find(quote.quote, held.content, near=quote.start / max(len(before.content.text), 1))
        if match is None:
            return f"quote {number} is gone from {where}"
        if not match.same:
            return f"quote {number} reads differently in {where}"
    if decision.finding == "not_addressed" and fingerprint(held.content) != fingerprint(before.content):
        return f"{where} is a new text"
    return ""
