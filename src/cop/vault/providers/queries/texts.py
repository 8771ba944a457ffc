"""The texts that the vault keeps, and what the machine proposes for them."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from cop.kernel.errors import NotFound
from cop.terms.criteria import DocumentKind
from cop.terms.documents import Document, Page
from cop.terms.extraction import Format
from cop.vault.providers.grounds import Held, Proposed, Texts
from cop.vault.providers.models import Filed, Finding, Version


def texts_of(provider: str) -> Texts:
    """Every version of a provider's documents, as it was read."""
    rows = Version.objects.filter(provider__slug=provider).select_related("text").prefetch_related("finding_set")
    return Texts(_held(row) for row in rows)


def _held(row: Version) -> Held:
    content = Document(
        name=row.document,
        sha256=row.sha256,
        text=row.text.text,
        kind=cast("DocumentKind", row.kind),
        language=row.text_language,
        visible_date=row.visible_date,
        words=row.words,
        warnings=tuple(row.warnings),
        format=cast("Format", row.format),
        page=cast("Page", row.page),
    )
    proposed = {f.criterion: f.finding for f in row.finding_set.all() if not f.region and not f.ages}
    return Held(row.document, row.version, content, proposed)


def filed_text(provider: str, sha256: str) -> str:
    """A text that a provider filed, as it reads.

    Raises:
        NotFound: it filed none of that hash.
    """
    found = Filed.objects.filter(provider=provider, sha256=sha256).select_related("text").first()
    if found is None:
        raise NotFound(f"{provider} filed no text {sha256[:16]}")
    return found.text.text


def proposed(provider: str, criterion: str) -> list[Proposed]:
    """What is proposed on a criterion for the newest version of each document in each language."""
    rows = Finding.objects.filter(version__provider__slug=provider, criterion=criterion).select_related("version")
    newest: dict[tuple[str, str], date] = {}
    for f in rows:
        key = (f.version.document, f.version.text_language)
        newest[key] = max(f.version.version, newest.get(key, date.min))
    return [
        Proposed(
            f.version.document,
            f.version.version,
            f.version.text_language,
            f.finding,
            f.confidence,
            f.why,
            f.region,
            f.ages,
            tuple(f.evidence),
        )
        for f in rows
        if newest[f.version.document, f.version.text_language] == f.version.version
    ]


def evidence(provider: str, criterion: str) -> list[dict[str, Any]]:
    """The passages that the proposals for the newest versions rest on: document, version, quote, start, end."""
    newest: dict[str, date] = {}
    for document, day in Version.objects.filter(provider__slug=provider).values_list("document", "version"):
        newest[document] = max(day, newest.get(document, day))
    rows = Finding.objects.filter(version__provider__slug=provider, criterion=criterion).select_related("version")
    found = [
        {"document": f.version.document, "version": f.version.version.isoformat(), **e}
        for f in rows
        if newest[f.version.document] == f.version.version
        for e in f.evidence
    ]
    unique = {(e["document"], e["start"], e["end"]): e for e in reversed(found)}
    return sorted(unique.values(), key=lambda e: (-e["score"], e["document"], e["start"]))
