"""The store of snapshots: every raw file that was seen, once, and the history that follows from them.

    <store>/<provider>/<document>/snapshots/<sha256>.html     the raw bytes, as they came
                                 /versions/0001.md            the text of each version, for reading
                                 /history.jsonl               what was seen, when, and what had changed

A version is a text that was not there before; a wall, a stub and a text that came back are seen but are no versions.
The history is computed from the raw files alone. When extraction or a declared selector changes it is computed anew,
so that a change of ours is never taken for one of the provider's.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any

from cop.kernel.errors import Refused, Where
from cop.terms.changes import Change, Tracker
from cop.terms.documents import Document, from_bytes
from cop.terms.extraction import WHOLE, Passage

EXTRACTION = 2
"""Number of the way in which texts are taken from raw files; another number makes histories be computed anew."""

_ENDINGS = {"html": ".html", "pdf": ".pdf", "docx": ".docx", "markdown": ".md", "text": ".txt"}


@dataclass(frozen=True, slots=True)
class Sighting:
    """One raw file as it was seen.

    Attributes:
        seen: when, ISO 8601; not the date that the text shows.
        sha256: of the raw bytes.
        file: the raw file, from the document's folder.
        name: what the file was called.
        address: where it was seen, "" where that is not known.
        version: number of the version whose text it holds, from 1; None for walls and stubs.
        change: what the text was beside the one before.
        page, language, words, warnings: of the document.
        etag, modified: what the site said for asking again; "" where it did not.
    """

    seen: str
    sha256: str
    file: str
    name: str
    address: str
    version: int | None
    change: dict[str, Any]
    page: str
    language: str
    words: int
    warnings: tuple[str, ...]
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    seen: str
    sha256: str
    file: str
    name: str
    address: str
    etag: str
    modified: str


class Shelf:
    """One document's place in the store; what was taken is written when the `with` block ends.

    Args:
        folder: `<store>/<provider>/<document>`.
        passage: how its pages are read.

    Raises:
        Refused: the history there is damaged.
    """

    def __init__(self, folder: Path, passage: Passage = WHOLE) -> None:
        self._folder = folder
        self._passage = passage
        self._made_by = [EXTRACTION, hashlib.sha256(repr(passage).encode()).hexdigest()[:16]]
        self.sightings: list[Sighting] = []
        self._tracker = Tracker()
        self._versions: dict[str, int] = {}
        self._late: list[_Seen] = []
        self._changed = False
        self._load()

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        if self._late:  # an older file came after newer ones: all that follows it may be something else
            self._compute(sorted((*map(_seen, self.sightings), *self._late), key=lambda s: s.seen))
            self._late = []
        if self._changed:
            self._save()

    @property
    def versions(self) -> int:
        """How many versions there are."""
        return len(self._versions)

    def take(self, data: bytes, *, name: str, seen: str, address: str = "", etag: str = "", modified: str = "") -> bool:
        """Keep a raw file, and what it is beside those before it; False where it is there already.

        Args:
            data: the raw bytes.
            name: the file's name; its ending decides between Markdown and plain text.
            seen: when it was seen, ISO 8601.
            address: where.
            etag: the header of that name.
            modified: the header Last-Modified.

        Raises:
            Refused, TooMuch: the bytes are no document; nothing is kept then.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        if any((s.seen, s.sha256, s.address) == (seen, sha256, address) for s in (*self.sightings, *self._late)):
            return False
        document = from_bytes(data, name=name, passage=self._passage, keep=True)
        file = f"snapshots/{sha256}{_ENDINGS[document.format]}"
        if not (self._folder / file).exists():
            _write(self._folder / file, data)
        new = _Seen(seen, sha256, file, name, address, etag, modified)
        if self._late or (self.sightings and seen < self.sightings[-1].seen):
            self._late.append(new)
        else:
            self._follow(document, new)
        self._changed = True
        return True

    def raw(self, sighting: Sighting) -> bytes:
        """The bytes of a snapshot.

        Raises:
            Refused: the file is not what it was.
        """
        path = self._folder / sighting.file
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != sighting.sha256:
            raise Refused("is not the file that was kept", where=Where(path), expected=f"SHA-256 {sighting.sha256}")
        return data

    def document(self, sighting: Sighting) -> Document:
        """The document of a snapshot, extracted anew."""
        return from_bytes(self.raw(sighting), name=sighting.name, passage=self._passage, keep=True)

    def newest(self) -> Sighting | None:
        """The last sighting that is a version, or None."""
        return next((s for s in reversed(self.sightings) if s.version is not None), None)

    def _follow(self, document: Document, seen: _Seen) -> Sighting:
        change = self._tracker.follow(document)
        version = self._version(document, change)
        sighting = Sighting(
            **asdict(seen), version=version, change=change.as_json(), page=document.page, language=document.language,
            words=document.words, warnings=document.warnings,
        )  # fmt: skip
        self.sightings.append(sighting)
        return sighting

    def _version(self, document: Document, change: Change) -> int | None:
        if document.stub or document.wall:
            return None
        known = self._versions.get(change.fingerprint)
        if known is None:
            known = self._versions[change.fingerprint] = len(self._versions) + 1
            _write(self._folder / f"versions/{known:04}.md", document.text.encode())
        return known

    def _compute(self, seen: Iterable[_Seen]) -> None:
        self.sightings, self._tracker, self._versions = [], Tracker(), {}
        for each in seen:
            data = (self._folder / each.file).read_bytes()
            self._follow(from_bytes(data, name=each.name, passage=self._passage, keep=True), each)
        for stale in sorted((self._folder / "versions").glob("*.md"))[self.versions :]:
            stale.unlink()

    def _load(self) -> None:
        path = self._folder / "history.jsonl"
        if not path.exists():
            return
        try:
            head, *rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            kept = [_sighting(row) for row in rows]
            made_by = head["made_by"]
        except (ValueError, TypeError, KeyError) as error:
            raise Refused("is damaged", where=Where(path), expected="the history as it was written") from error
        if made_by != self._made_by:
            self._compute(map(_seen, kept))
            self._save()
            return
        self.sightings = kept
        seen: dict[str, str] = {}
        for sighting in kept:
            seen.setdefault(sighting.change["fingerprint"], sighting.name)
            if sighting.version is not None:
                self._versions.setdefault(sighting.change["fingerprint"], sighting.version)
        last = {s.language: s for s in kept if s.version is not None}
        texts = [self.document(s) for s in sorted(last.values(), key=kept.index)]
        self._tracker = Tracker(seen, kept[-1].change["fingerprint"] if kept else None, texts)

    def _save(self) -> None:
        rows = (json.dumps(asdict(sighting), ensure_ascii=False) for sighting in self.sightings)
        lines = [json.dumps({"made_by": self._made_by}), *rows]
        _write(self._folder / "history.jsonl", ("\n".join(lines) + "\n").encode())


def shelf(store: Path, provider: str, document: str, passage: Passage = WHOLE) -> Shelf:
    """The place of a provider's document in a store; nothing is written before something is taken."""
    for part in (provider, document):
        if PurePath(part).name != part or part in ("", ".", ".."):
            raise Refused.value(part, "cannot name a folder", expected="a provider's or a document's id")
    return Shelf(store / provider / document, passage)


def _sighting(row: Mapping[str, Any]) -> Sighting:
    warnings: tuple[str, ...] = tuple(row["warnings"])
    fields: dict[str, Any] = {**row, "warnings": warnings}
    return Sighting(**fields)


def _seen(sighting: Sighting) -> _Seen:
    s = sighting
    return _Seen(s.seen, s.sha256, s.file, s.name, s.address, s.etag, s.modified)


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all: written beside its place, brought to the disk, then put there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    with beside.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    beside.replace(path)
