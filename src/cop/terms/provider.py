"""A provider's documents taken together: one proposed finding per criterion at the newest versions.

What the machine proposes announces nothing: a provider is listed, or found not to be, only by findings that people
decided (`cop.vault.providers.listing`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cop.kernel.errors import Refused
from cop.terms.criteria import FindingName, criteria
from cop.terms.documents import Document, read
from cop.terms.findings import GUESS, Finding, check

_NAME = re.compile(r"^(?P<provider>[a-z0-9][a-z0-9.-]*)__(?P<document>[a-z]+)__(?P<on>\d{4}-\d{2}-\d{2})$")
_ORDER: tuple[FindingName, ...] = ("not_met", "partly", "met")
# These ask of each document for itself: a readable policy does not make readable terms, so the worst counts.
_EACH = frozenset({"CHG-1", "CHG-2", "LNG-1"})
# What one document promises is promised: parents' consent, protections and a plain version need no second mention.
_ANY = frozenset({"AGE-2", "AGE-3", "LNG-2"})


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one document of a provider; `on` is the day it was seen, not the date it shows."""

    provider: str
    document: str
    on: date
    content: Document


@dataclass(frozen=True, slots=True)
class ProviderFinding:
    """What is proposed on one criterion over all newest documents of a provider, and what each of them says."""

    provider: str
    criterion: str
    finding: FindingName
    confidence: float
    why: str
    findings: tuple[Finding, ...]


def version(path: Path) -> Version:
    """The version in a file named `<provider>__<document>__<YYYY-MM-DD>.<ending>`.

    Raises:
        Refused: the name says something else. And what `cop.terms.documents.read` raises.
    """
    match = _NAME.match(path.stem)
    expected = "provider__tos__2026-07-01.md or provider__privacy__2026-07-01.html"
    if match is None:
        raise Refused.value(path.name, "does not name provider, document and day", expected=expected, file=path)
    try:
        on = date.fromisoformat(match["on"])
    except ValueError as error:
        raise Refused.value(match["on"], "is not a date", expected="YYYY-MM-DD", file=path, field="name") from error
    return Version(match["provider"], match["document"], on, read(path))


def newest(versions: Iterable[Version]) -> list[Version]:
    """The last version of each document of each provider, in order of provider and document."""
    last: dict[tuple[str, str], Version] = {}
    for item in versions:
        key = (item.provider, item.document)
        if key not in last or (item.on, item.content.name) >= (last[key].on, last[key].content.name):
            last[key] = item
    return [last[key] for key in sorted(last)]


def judge(provider: str, versions: Sequence[Version]) -> tuple[ProviderFinding, ...]:
    """What is proposed on a provider at its newest versions, in the order of the criteria.

    Args:
        provider: its name in `versions`; versions of other providers are passed over.
        versions: any number of versions of its documents, in any order.

    Raises:
        Refused: there is no version of this provider.
    """
    current = [item.content for item in newest(v for v in versions if v.provider == provider)]
    if not current:
        raise Refused.value(provider, "has no documents", expected="at least one version of one document")
    checked = [check(document) for document in current]
    return tuple(
        _joined(provider, code, _where_it_belongs(code, current, rows))
        for code, rows in zip(criteria(), zip(*checked, strict=True), strict=True)
    )


def _where_it_belongs(code: str, documents: Sequence[Document], rows: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings of the documents that a criterion is read in; of the others only while those are silent."""
    kinds = criteria()[code].documents
    proper = [
        row for document, row in zip(documents, rows, strict=True) if document.kind is None or document.kind in kinds
    ]
    return tuple(proper) if any(row.finding in _ORDER for row in proper) else tuple(rows)


def _joined(provider: str, code: str, rows: tuple[Finding, ...]) -> ProviderFinding:
    finding, why = join(code, rows)
    speaking = [row.confidence for row in rows if row.finding in _ORDER]
    confidence = min(speaking) if speaking else max((row.confidence for row in rows), default=0.0)
    return ProviderFinding(provider, code, finding, confidence, why, rows)


def join(code: str, rows: Sequence[Finding]) -> tuple[FindingName, str]:
    """One finding of several documents' findings, and why.

    Met needs that no document says less. A document that meets and one that does not contradict each other only where
    they speak to the same region and age band, and not on criteria that ask of each document for itself. What a
    document says to everyone counts before what it says to some; where it only speaks to some, the worse counts.
    Two ages that differ make AGE-1 partly met; a stated period says more on DEL-2 than "as long as needed" does; on
    AGE-2, AGE-3 and LNG-2 the best counts, of what is proposed with more than a guess. Documents that are silent or
    were not reviewed change nothing, unless all of them are.
    """
    answers = [part for row in rows for part in (row.parts or (row,))]
    speaking = [row for row in answers if row.finding in _ORDER or row.finding == "contradictory"]
    if not speaking:
        silent = [row.document for row in rows if row.finding == "not_addressed"]
        if silent:
            return "not_addressed", f"no passage on it was found; searched: {', '.join(silent)}"
        return "not_reviewed", rows[0].why if rows else "no document"
    if code == "DEL-2" and any(row.finding == "met" and row.value for row in speaking):
        speaking = [row for row in speaking if row.finding != "partly" or row.value]
    names = {row.finding for row in speaking}
    if "contradictory" in names or (code not in _EACH and _disagree(speaking)):
        return "contradictory", "; ".join(map(_told, speaking))
    if code == "AGE-1" and names == {"met"} and len({row.value for row in speaking if row.value}) > 1:
        return "partly", "; ".join(f"{row.document}: {row.value}" for row in speaking)
    general = [row for row in speaking if _for_everyone(row) or not any(map(_for_everyone, _beside(row, rows)))]
    order: Sequence[FindingName] = _ORDER
    if code in _ANY:
        order = _ORDER[::-1]
        general = [row for row in general if row.confidence > GUESS] or general
    taken: FindingName = next(name for name in order if any(row.finding == name for row in general))
    row = next(row for row in general if row.finding == taken)
    return taken, f"{row.document}{_for(row)}: {row.why}"


def _for_everyone(row: Finding) -> bool:
    return row.region is None and row.ages is None


def _beside(row: Finding, rows: Sequence[Finding]) -> tuple[Finding, ...]:
    """The answers of the document that an answer belongs to."""
    return next((whole.parts for whole in rows if row in whole.parts), (row,))


def _disagree(rows: Sequence[Finding]) -> bool:
    """Whether two documents give one region and age band opposite answers."""
    met = {(row.region, row.ages): row.document for row in rows if row.finding == "met"}
    return any(
        row.finding == "not_met" and met.get((row.region, row.ages), row.document) != row.document for row in rows
    )


def _for(row: Finding) -> str:
    named = ", ".join(filter(None, (row.region, row.ages)))
    return f" ({named})" if named else ""


def _told(row: Finding) -> str:
    return f"{row.document}{_for(row)}: {row.finding}"
