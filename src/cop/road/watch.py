"""The stages that read what providers promise: versions of documents to changes, findings and standings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from cop.config.observatory import NAME
from cop.kernel.errors import NotFound, Refused, Where
from cop.kernel.periods import parse_date
from cop.kernel.progress import Progress
from cop.road.stages import Input, Stage

if TYPE_CHECKING:
    from cop.config.observatory import ProviderSource
    from cop.road.build import Road
    from cop.terms.changes import Change
    from cop.terms.documents import Document
    from cop.terms.extraction import Passage
    from cop.terms.findings import Finding
    from cop.vault.providers.grounds import Held, Texts
    from cop.vault.providers.operations import StandingFacts, VersionFacts

_TITLES = {"tos": "Terms of Service", "privacy": "Privacy Policy"}
_NAME = re.compile(r"(?P<prefix>.+)__(?P<kind>tos|privacy)__(?P<day>\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Copy:
    """A file that holds one version of one document."""

    document: str  # provider/kind[/region]
    kind: str
    title: str
    language: str
    day: date
    file: Input
    passage: Passage | None = None  # None: the whole page


def provider_stages(road: Road) -> Iterator[Stage]:
    """A stage per provider."""
    for source in road.observatory.providers:
        copies = sorted(_copies(road, source), key=_order)
        for earlier, later in pairwise(copies):
            if (earlier.document, earlier.language, earlier.day) == (later.document, later.language, later.day):
                raise Refused.value(
                    str(later.day),
                    f"is given twice for {later.document}",
                    file=road.observatory.folder / NAME,
                    field=f"providers.{source.id}.documents",
                    expected="one version a day",
                )
        decisions = _decisions(road, source)
        yield road.stage(
            f"provider:{source.id}",
            f"Terms: {source.name}",
            parameters={**source.model_dump(mode="json"), "keeps": "texts"},
            inputs=[*(c.file for c in copies), *_declaration(road, source), *([decisions] if decisions else [])],
            work=_worker(source, copies, decisions),
            makes=lambda _: road.vault_files(),
        )


def _order(copy: Copy) -> tuple[str, str, date]:
    return copy.document, copy.language, copy.day


def _decisions(road: Road, source: ProviderSource) -> Input | None:
    if source.decisions is None:
        return None
    [path] = road.observatory.files(source.decisions, field=f"providers.{source.id}.decisions")
    return road.input(path)


def _copies(road: Road, source: ProviderSource) -> Iterator[Copy]:
    for document in source.documents:
        name = "/".join(filter(None, (source.id, document.kind, document.region)))
        for version in document.versions:
            [path] = road.observatory.files(version.file, field=f"providers.{source.id}.documents")
            yield Copy(name, document.kind, document.title, document.language, version.date, road.input(path))
    if source.declaration is not None:
        yield from _watched(road, source, source.declaration)
    if source.folder is None:
        return
    for path in road.observatory.files(
        f"{source.folder}/{source.prefix or source.id}__*", field=f"providers.{source.id}.folder"
    ):
        named = _NAME.fullmatch(path.stem)
        if named is None:
            raise Refused.value(
                path.name, "does not name document and day", expected="prefix__tos__2026-07-01.md", file=path
            )
        kind = named["kind"]
        try:
            day = parse_date(named["day"])
        except Refused as error:
            raise Refused(error.problem, where=Where(path, field="name"), expected=error.expected) from error
        yield Copy(f"{source.id}/{kind}", kind, _TITLES[kind], "", day, road.input(path))


def _declaration(road: Road, source: ProviderSource) -> list[Input]:
    if source.declaration is None:
        return []
    return [
        road.input(p) for p in road.observatory.files(source.declaration, field=f"providers.{source.id}.declaration")
    ]


def _watched(road: Road, source: ProviderSource, name: str) -> Iterator[Copy]:
    """What a declared provider's store holds: of each document the last file that was seen on a day."""
    from cop.terms.watch.declarations import read
    from cop.terms.watch.store import shelf

    [path] = road.observatory.files(name, field=f"providers.{source.id}.declaration")
    declaration = read(path)
    store = road.observatory.path(source.store) if source.store else path.parent.parent / "store"
    found = False
    for document in declaration.documents:
        seen = {s.seen[:10]: s for s in shelf(store, declaration.id, document.id, document.passage).sightings}
        found |= bool(seen)
        title = _TITLES[document.kind]
        named = "/".join(filter(None, (source.id, document.kind, document.region)))
        for day, sighting in seen.items():
            file = road.input(store / declaration.id / document.id / sighting.file)
            file = replace(file, name=f"{file.name}@{day}")  # a text that came back is the same file on another day
            yield Copy(named, document.kind, title, document.language or "", parse_date(day), file, document.passage)
    if not found:
        raise NotFound(
            f"nothing of {declaration.name} is in the store",
            where=Where(road.observatory.folder / NAME, field=f"providers.{source.id}.declaration"),
            expected=f"documents that `cop terms ingest` or `cop terms fetch` kept in {store.name}/{declaration.id}",
        )


def _worker(source: ProviderSource, copies: Sequence[Copy], decisions: Input | None):  # noqa: ANN202 - a stage's work
    def work(key: str, progress: Progress) -> None:
        from django.db import transaction

        from cop.vault.providers.grounds import Texts
        from cop.vault.providers.operations import YoungUsers, record_provider

        progress.total(len(copies))
        versions: list[VersionFacts] = []
        held: list[Held] = []
        read: list[tuple[Copy, Document]] = []
        for copy, change, one, found in _versions(copies):
            versions.append(_version(source, copy, one.content, change, found, key))
            held.append(one)
            read.append((copy, one.content))
            progress.advance()
        young = source.young_users
        with transaction.atomic():
            record_provider(
                slug=source.id,
                name=source.name,
                family=source.family,
                homepage=source.homepage,
                key=key,
                versions=versions,
                standings=_standings(source, read),
                young_users=YoungUsers(young.number, young.source) if young else None,
            )
            _record_decisions(source, decisions, Texts(held), key)

    return work


def _record_decisions(source: ProviderSource, file: Input | None, texts: Texts, key: str) -> None:
    """Take in what the provider's file of decisions holds, and look at what stands with the versions that came."""
    from cop.road.intake import file_facts
    from cop.vault.providers.operations import record_entries
    from cop.vault.providers.schemas import read_entries
    from cop.vault.registers.operations import record_register

    entries = read_entries(file.path, provider=source.id, texts=texts) if file else []
    where = Where(file.path) if file else Where(NAME, field=f"providers.{source.id}.decisions")
    record_entries(provider=source.id, entries=entries, texts=texts, file=where)
    if file:
        facts = file_facts("provider", source.id, file, key)
        record_register(facts=facts, rows=len(entries), refused=(), accepted=True, recipients=())


def _versions(copies: Sequence[Copy]) -> Iterator[tuple[Copy, Change, Held, list[Finding]]]:
    """Every version, in order of document and day, beside those before it, with what is found in it."""
    from cop.terms.changes import history
    from cop.terms.documents import read
    from cop.terms.extraction import WHOLE
    from cop.terms.findings import check
    from cop.vault.providers.grounds import Held

    for _, group in groupby(copies, key=lambda c: (c.document, c.language)):
        same = list(group)
        contents = [read(c.file.path, passage=c.passage or WHOLE, keep=c.passage is not None) for c in same]
        for copy, content, change in zip(same, contents, history(contents), strict=True):
            found = check(content)
            held = Held(copy.document, copy.day, content, {f.criterion: f.finding for f in found})
            yield copy, change, held, found


def _version(
    source: ProviderSource, copy: Copy, content: Document, change: Change, found: Sequence[Finding], key: str
) -> VersionFacts:
    from cop.road.intake import file_facts
    from cop.vault.providers.operations import FindingFacts, VersionFacts

    readability = next((f.readability for f in found if f.readability is not None), None)
    return VersionFacts(
        file=file_facts("provider", source.id, copy.file, key),
        document=copy.document,
        kind=copy.kind,
        title=copy.title,
        language=copy.language or content.language,
        version=copy.day,
        content=content,
        change=change.change_class,
        silent=bool(change.silent),
        grade=readability.grade if readability else None,
        long_sentences=readability.long_sentences if readability else None,
        minutes=readability.minutes if readability else None,
        findings=[
            FindingFacts(
                f.criterion, f.finding, f.confidence, [e.as_json() for e in f.evidence], f.why, f.region or "",
                f.ages or "",
            )
            for whole in found
            for f in _answers(whole)
        ],
    )  # fmt: skip


def _answers(whole: Finding) -> tuple[Finding, ...]:
    """What a text says to a criterion, once for each audience; what it says to all stands for the whole where it is."""
    for_all = any(part.region is None and part.ages is None for part in whole.parts)
    return whole.parts if for_all else (whole, *whole.parts)


def _standings(source: ProviderSource, read: Sequence[tuple[Copy, Document]]) -> list[StandingFacts]:
    """Where the provider stands on each criterion over its newest documents, and the document that decides."""
    from cop.terms.provider import Version, judge
    from cop.vault.providers.operations import StandingFacts

    # under the document's name, not the file's: files of two folders may be called the same
    versions = [
        Version(source.id, f"{c.document} {c.language}".strip(), c.day, replace(content, name=c.document))
        for c, content in read
    ]
    return [
        StandingFacts(
            criterion=f.criterion,
            finding=f.finding,
            document=next((row.document for row in f.findings if row.finding == f.finding), ""),
            confidence=f.confidence,
        )
        for f in judge(source.id, versions)
    ]
