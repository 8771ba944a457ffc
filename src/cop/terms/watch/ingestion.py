"""Files that are there already, into the store: those of declared documents, and folders of Open Terms Archive.

Open Terms Archive publishes versions as Markdown, `<service>/<terms type>/<YYYY-MM-DDTHH-MM-SSZ>.md`, and declarations
as `declarations/<service>.json` (engine 14, "Dataset format" of its releases). Its types that are neither terms of
service nor privacy policies are passed over. A file that cannot be read is put on record, and the others are kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any, cast

from cop.kernel.errors import CopError, NotFound, Refused, Where
from cop.kernel.progress import SILENT, Progress
from cop.terms.criteria import DocumentKind
from cop.terms.documents import ENDINGS
from cop.terms.extraction import WHOLE, Passage
from cop.terms.watch.declarations import Declaration, DeclaredDocument, read_all
from cop.terms.watch.store import Sighting, shelf

_WHEN = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?:T(\d\d)[-:](\d\d)(?:[-:](\d\d))?Z?)?(?!\d)")
_TYPES: dict[str, DocumentKind] = {"terms of service": "tos", "privacy policy": "privacy"}
_NOT_SERVICES = frozenset({"providers", "declarations", "store", "files"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """One file to take in: of which provider and document, when it was seen, and where."""

    provider: str
    document: str
    path: Path
    seen: str
    address: str
    passage: Passage = WHOLE


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one document: sightings in the store, how many of them are new, versions among them."""

    provider: str
    document: str
    sightings: int
    new: int
    versions: int
    last: Sighting | None = field(repr=False, default=None)

    def as_json(self) -> dict[str, Any]:
        """The same for a program."""
        last = self.last.change["change_class"] if self.last else None
        return {
            "provider": self.provider, "document": self.document, "sightings": self.sightings, "new": self.new,
            "versions": self.versions, "last_change": last,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a folder: its documents in order, and the files that could not be read with the reason."""

    documents: tuple[Taken, ...]
    rejects: tuple[CopError, ...]

    def as_json(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "documents": [taken.as_json() for taken in self.documents],
            "rejects": [error.as_json() for error in self.rejects],
        }  # fmt: skip


def ingest(folder: Path, store: Path, *, progress: Progress = SILENT) -> Ingested:
    """Take every file of a folder into a store.

    Args:
        folder: holds `providers/*.toml` and the files that they name, or a tree of Open Terms Archive, or both.
        store: where snapshots and histories are kept.
        progress: told of each file.

    Raises:
        NotFound: there is no such folder. Refused: a declaration is wrong, or there is nothing to take in.
    """
    if not folder.is_dir():
        raise NotFound("there is no such folder", where=Where(folder))
    rejects: list[CopError] = []
    incoming = list(_declared(folder, rejects)) + list(_archived(folder, store))
    if not incoming and not rejects:
        raise Refused(
            "holds nothing to take in", where=Where(folder),
            expected="providers/<id>.toml with files, or <service>/<terms type>/<date>.md",
        )  # fmt: skip
    progress.total(len(incoming))
    groups: dict[tuple[str, str], list[Incoming]] = {}
    for each in sorted(incoming, key=lambda i: (i.provider, i.document, i.seen, i.path.name)):
        groups.setdefault((each.provider, each.document), []).append(each)
    taken = [_taken(store, group, rejects, progress) for group in groups.values()]
    return Ingested(tuple(taken), tuple(rejects))


def _taken(store: Path, group: list[Incoming], rejects: list[CopError], progress: Progress) -> Taken:
    first = group[0]
    new = 0
    with shelf(store, first.provider, first.document, first.passage) as place:
        for each in group:
            try:
                new += place.take(each.path.read_bytes(), name=each.path.name, seen=each.seen, address=each.address)
            except CopError as error:  # this file is at fault, not those beside it
                rejects.append(error)
            progress.advance()
    last = place.sightings[-1] if place.sightings else None
    return Taken(first.provider, first.document, len(place.sightings), new, place.versions, last)


def when(path: Path) -> str:
    """The day or the second in a file's name, ISO 8601.

    Raises:
        Refused: there is none.
    """
    found = _WHEN.search(path.stem)
    try:
        if found is None:
            raise ValueError
        day = date(int(found[1]), int(found[2]), int(found[3]))
        if found[4] is None:
            return day.isoformat()
        return f"{day.isoformat()}T{time(int(found[4]), int(found[5]), int(found[6] or 0)).isoformat()}Z"
    except ValueError as error:
        raise Refused(
            "does not say when it was seen", where=Where(path, field="name"), expected="a day such as 2026-07-01"
        ) from error


def _declared(folder: Path, rejects: list[CopError]) -> Iterator[Incoming]:
    for declaration in read_all(folder / "providers"):
        for document in declaration.documents:
            for path in _files(folder, declaration, document):
                try:
                    seen = when(path)
                except Refused as error:
                    rejects.append(error)
                    continue
                address = document.address or ""
                yield Incoming(declaration.id, document.id, path, seen, address, document.passage)


def _files(folder: Path, declaration: Declaration, document: DeclaredDocument) -> list[Path]:
    pattern = document.files or f"files/{declaration.id}__{document.id}__*"
    return sorted(p for p in folder.glob(pattern) if p.is_file() and p.suffix.lower() in ENDINGS)


def _archived(folder: Path, store: Path) -> Iterator[Incoming]:
    for service in sorted(p for p in folder.iterdir() if p.is_dir() and p.name not in _NOT_SERVICES and p != store):
        for terms_type in sorted(p for p in service.iterdir() if p.is_dir()):
            kind = _TYPES.get(terms_type.name.lower())
            if kind is None:
                continue
            address = _archive_address(folder / "declarations" / f"{service.name}.json", terms_type.name)
            for path in sorted(terms_type.glob("*.md")):
                if _WHEN.search(path.stem):
                    yield Incoming(_slug(service.name), kind, path, when(path), address)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.") or "service"


def _archive_address(path: Path, terms_type: str) -> str:
    """Where Open Terms Archive fetched a document, "" where its declaration does not say."""
    if not path.is_file():
        return ""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Refused("is not JSON", where=Where(path), expected="a declaration of Open Terms Archive") from error
    if not isinstance(fields, dict):
        raise Refused("is not an object", where=Where(path), expected="a declaration of Open Terms Archive")
    declared = cast("dict[str, Any]", fields)
    terms = declared.get("terms") or declared.get("documents") or {}
    entry = terms.get(terms_type) if isinstance(terms, dict) else None
    address = entry.get("fetch") if isinstance(entry, dict) else None
    return address if isinstance(address, str) else ""
