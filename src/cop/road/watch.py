"""The stages that read what providers promise: versions of documents to changes, findings and standings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from cop.config.observatory import NAME
from cop.kernel.errors import Refused, Where
from cop.kernel.periods import parse_date
from cop.kernel.progress import Progress
from cop.road.stages import Input, Stage

if TYPE_CHECKING:
    from cop.config.observatory import ProviderSource
    from cop.road.build import Road
    from cop.terms.changes import Change
    from cop.terms.documents import Document
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


def provider_stages(road: Road) -> Iterator[Stage]:
    """A stage per provider."""
    for source in road.observatory.providers:
        copies = sorted(_copies(road, source), key=lambda c: (c.document, c.language, c.day))
        for earlier, later in pairwise(copies):
            if (earlier.document, earlier.language, earlier.day) == (later.document, later.language, later.day):
                raise Refused.value(
                    str(later.day),
                    f"is given twice for {later.document}",
                    file=road.observatory.folder / NAME,
                    field=f"providers.{source.id}.documents",
                    expected="one version a day",
                )
        yield road.stage(
            f"provider:{source.id}",
            f"Terms: {source.name}",
            parameters=source.model_dump(mode="json"),
            inputs=[c.file for c in copies],
            work=_worker(source, copies),
            makes=lambda _: road.vault_files(),
        )


def _copies(road: Road, source: ProviderSource) -> Iterator[Copy]:
    for document in source.documents:
        name = "/".join(filter(None, (source.id, document.kind, document.region)))
        for version in document.versions:
            [path] = road.observatory.files(version.file, field=f"providers.{source.id}.documents")
            yield Copy(name, document.kind, document.title, document.language, version.date, road.input(path))
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


def _worker(source: ProviderSource, copies: Sequence[Copy]):  # noqa: ANN202 - a stage's work
    def work(key: str, progress: Progress) -> None:
        from cop.vault.providers.operations import record_provider

        progress.total(len(copies))
        versions: list[VersionFacts] = []
        read: list[tuple[Copy, Document]] = []
        for _, group in groupby(copies, key=lambda c: (c.document, c.language)):
            for copy, content, change in _read(list(group)):
                versions.append(_version(source, copy, content, change, key))
                read.append((copy, content))
                progress.advance()
        record_provider(
            slug=source.id,
            name=source.name,
            family=source.family,
            homepage=source.homepage,
            key=key,
            versions=versions,
            standings=_standings(source, read),
        )

    return work


def _read(copies: list[Copy]) -> Iterator[tuple[Copy, Document, Change]]:
    """The versions of one document, in order of day, each beside those before it."""
    from cop.terms.changes import history
    from cop.terms.documents import read

    contents = [read(copy.file.path) for copy in copies]
    yield from zip(copies, contents, history(contents), strict=True)


def _version(source: ProviderSource, copy: Copy, content: Document, change: Change, key: str) -> VersionFacts:
    from cop.road.intake import file_facts
    from cop.terms.findings import check
    from cop.vault.providers.operations import FindingFacts, VersionFacts

    found = check(content)
    readability = next((f.readability for f in found if f.readability is not None), None)
    return VersionFacts(
        file=file_facts("provider", source.id, copy.file, key),
        document=copy.document,
        kind=copy.kind,
        title=copy.title,
        language=copy.language or content.language,
        version=copy.day,
        words=content.words,
        visible_date=content.visible_date,
        change=change.change_class,
        silent=bool(change.silent),
        grade=readability.grade if readability else None,
        long_sentences=readability.long_sentences if readability else None,
        minutes=readability.minutes if readability else None,
        warnings=content.warnings,
        findings=[
            FindingFacts(f.criterion, f.finding, f.confidence, [e.as_json() for e in f.evidence], f.why) for f in found
        ],
    )


def _standings(source: ProviderSource, read: Sequence[tuple[Copy, Document]]) -> list[StandingFacts]:
    """Where the provider stands on each criterion over its newest documents, and the document that decides."""
    from cop.terms.provider import Version, judge
    from cop.vault.providers.operations import StandingFacts

    # under the document's name, not the file's: files of two folders may be called the same
    versions = [
        Version(source.id, f"{c.document} {c.language}".strip(), c.day, replace(content, name=c.document))
        for c, content in read
    ]
    standing = judge(source.id, versions)
    return [
        StandingFacts(
            criterion=f.criterion,
            finding=f.finding,
            document=next((row.document for row in f.findings if row.finding == f.finding), ""),
            confidence=f.confidence,
        )
        for f in standing.findings
    ]
