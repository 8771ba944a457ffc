"""The only writer of providers, versions and findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from cop.vault.providers.models import Finding, Provider, Standing, Version
from cop.vault.registers.operations import FileFacts, record_register


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """What a text says to a criterion. `evidence` is a list of {quote, start, end, score}."""

    criterion: str
    finding: str
    confidence: float
    evidence: Sequence[Mapping[str, object]]
    why: str


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """One dated version of a document, with its findings."""

    file: FileFacts
    document: str
    kind: str
    title: str
    language: str
    version: date
    words: int
    visible_date: date | None
    change: str
    silent: bool
    grade: float | None
    long_sentences: float | None
    minutes: float | None
    warnings: Sequence[str]
    findings: Sequence[FindingFacts]


@dataclass(frozen=True, slots=True)
class StandingFacts:
    """Where the provider stands on a criterion."""

    criterion: str
    finding: str
    document: str
    confidence: float


@transaction.atomic
def record_provider(
    *,
    slug: str,
    name: str,
    family: str,
    homepage: str,
    key: str,
    versions: Sequence[VersionFacts],
    standings: Sequence[StandingFacts],
) -> None:
    """Store a provider with all versions of its documents and their findings, in the place of what was known of it.

    A provider that stands under the same key is left as it is.

    Effects: a `Register` and an event per file, one `Provider` with its `Version`s, `Finding`s and `Standing`s.
    """
    if Provider.objects.filter(slug=slug, key=key).exists():
        return
    forget_provider(slug=slug)
    provider = Provider.objects.create(slug=slug, name=name, family=family, homepage=homepage, key=key)
    for facts in versions:
        record_register(facts=facts.file, rows=1, refused=(), accepted=True, recipients=())
        version = Version.objects.create(
            provider=provider,
            document=facts.document,
            kind=facts.kind,
            title=facts.title,
            language=facts.language,
            version=facts.version,
            sha256=facts.file.sha256,
            words=facts.words,
            visible_date=facts.visible_date,
            change=facts.change,
            silent=facts.silent,
            grade=facts.grade,
            long_sentences=facts.long_sentences,
            minutes=facts.minutes,
            warnings=list(facts.warnings),
        )
        Finding.objects.bulk_create(
            Finding(
                version=version,
                criterion=f.criterion,
                finding=f.finding,
                confidence=f.confidence,
                evidence=list(f.evidence),
                why=f.why,
            )
            for f in facts.findings
        )
    Standing.objects.bulk_create(
        Standing(
            provider=provider, criterion=s.criterion, finding=s.finding, document=s.document, confidence=s.confidence
        )
        for s in standings
    )


@transaction.atomic
def forget_provider(*, slug: str) -> None:
    """Remove a provider and all that hangs on it; its registers go with their own operation."""
    Provider.objects.filter(slug=slug).delete()
