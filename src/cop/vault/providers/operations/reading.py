"""What is read of providers: versions with their texts, findings, standings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from cop.kernel.hashing import text_sha256
from cop.terms.documents import Document
from cop.vault.providers.models import Filed, Finding, Provider, Standing, Text, Version
from cop.vault.registers.operations import FileFacts, record_register


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """What a text says to a criterion. `evidence` is a list of {quote, start, end, score}."""

    criterion: str
    finding: str
    confidence: float
    evidence: Sequence[Mapping[str, object]]
    why: str
    region: str = ""
    ages: str = ""


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """One dated version of a document, with its text and its findings."""

    file: FileFacts
    document: str
    kind: str
    title: str
    language: str
    version: date
    content: Document
    change: str
    silent: bool
    grade: float | None
    long_sentences: float | None
    minutes: float | None
    findings: Sequence[FindingFacts]


@dataclass(frozen=True, slots=True)
class StandingFacts:
    """Where the provider stands on a criterion, as proposed."""

    criterion: str
    finding: str
    document: str
    confidence: float


@dataclass(frozen=True, slots=True)
class YoungUsers:
    """How many young users a provider has, and who says so."""

    number: int
    source: str


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
    young_users: YoungUsers | None = None,
) -> None:
    """Store a provider with all versions of its documents and their findings, in the place of what was known of it.

    A provider that stands under the same key is left as it is. What people did on it stays in any case.

    Effects: a `Register` and an event per file, one `Provider` with its `Version`s, `Finding`s and `Standing`s.
    """
    if Provider.objects.filter(slug=slug, key=key).exists():
        return
    forget_provider(slug=slug)
    provider = Provider.objects.create(
        slug=slug,
        name=name,
        family=family,
        homepage=homepage,
        key=key,
        young_users=young_users.number if young_users else None,
        young_users_source=young_users.source if young_users else "",
    )
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
            text=kept(facts.content.text),
            text_language=facts.content.language,
            format=facts.content.format,
            page=facts.content.page,
            words=facts.content.words,
            visible_date=facts.content.visible_date,
            change=facts.change,
            silent=facts.silent,
            grade=facts.grade,
            long_sentences=facts.long_sentences,
            minutes=facts.minutes,
            warnings=list(facts.content.warnings),
        )
        Finding.objects.bulk_create(
            Finding(
                version=version,
                criterion=f.criterion,
                region=f.region,
                ages=f.ages,
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
    """Remove a provider and what was read of it; its registers go with their own operation, acts stay."""
    texts = set(Version.objects.filter(provider__slug=slug).values_list("text", flat=True))
    Provider.objects.filter(slug=slug).delete()
    for model in (Version, Filed):
        texts -= set(model.objects.filter(text__in=texts).values_list("text", flat=True))
    Text.objects.filter(pk__in=texts).delete()


def kept(text: str) -> Text:
    """The row of a text; what a database cannot hold stands as one other character, so that places stay."""
    text = text.replace("\x00", "\ufffd")
    return Text.objects.get_or_create(sha256=text_sha256(text), defaults={"text": text})[0]
