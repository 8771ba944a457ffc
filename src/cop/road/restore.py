"""A backup put back elsewhere, and the proof that it is whole."""

from __future__ import annotations

import json
import os
import re
import shutil
import tarfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from nacl.public import PrivateKey

from cop.config.observatory import NAME, Observatory, read_observatory
from cop.config.start import start
from cop.kernel.archive_sealing import SealedReader
from cop.kernel.errors import Conflict, NotAllowed, Refused, Where
from cop.road.backup import DATABASE, MANIFEST, ROOMS
from cop.road.build import KEYS
from cop.road.databases import Copy, restore_postgresql, restore_sqlite

SAMPLE = 20
"""Narratives that are opened to see whether a key still opens them."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was put back and verified: every table counted, the ledger walked from its first entry."""

    folder: Path
    at: datetime
    rows: dict[str, int]
    entries: int
    head: str
    files: int


def restore(path: Path, folder: Path, private: PrivateKey, *, database: str | None = None) -> Restored:
    """Put a backup back into a new folder and verify it; what fails leaves no folder behind.

    Args:
        path: the archive.
        folder: where the observatory shall lie; new or empty.
        private: the key of one of the archive's recipients.
        database: the empty PostgreSQL database for a backup of one; the description then names it.

    Raises:
        NotAllowed: the key does not open the archive.
        Refused: the archive is no backup, was altered, or needs a database of the other kind.
        Conflict: something stands where it shall go, or the restored vault is not what the manifest says.
        Unavailable: the database cannot be filled.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(f"{folder} is not empty", expected="a new folder: nothing is overwritten")
    existed = folder.is_dir()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("rb") as source, SealedReader(source, private) as sealed:
            manifest, files = _unpack(sealed, folder, Where(path))
        _name_database(folder, manifest, database)
        observatory = read_observatory(folder)
        copy = _fill(observatory, folder / DATABASE)
        _verify(observatory, manifest, copy, files)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        if existed:
            folder.mkdir()
        raise
    return Restored(folder, datetime.fromisoformat(manifest["at"]), copy.rows, copy.entries, copy.head, files)


def _unpack(sealed: SealedReader, folder: Path, where: Where) -> tuple[dict[str, Any], int]:
    """Write the archive's files below the folder; the manifest, and how many files there were beside the database."""
    manifest: dict[str, Any] | None = None
    files = 0
    try:
        with tarfile.open(fileobj=sealed, mode="r|") as tar:
            for entry in tar:
                content = tar.extractfile(entry) if entry.isfile() else None
                if content is None:
                    raise Refused("the archive holds what is no file", where=where, expected="what `cop backup` wrote")
                if manifest is None:
                    manifest = _manifest(entry, content, where)
                    continue
                files += entry.name != DATABASE
                _place(folder, entry, content, where)
        while sealed.read(1 << 20):  # to the end, where the archive says that it is whole
            pass
    except (tarfile.TarError, EOFError) as error:
        raise Refused("the archive is no backup", where=where, expected="what `cop backup` wrote") from error
    if manifest is None:
        raise Refused("the archive is empty", where=where, expected="what `cop backup` wrote")
    return manifest, files


def _manifest(entry: tarfile.TarInfo, content: IO[bytes], where: Where) -> dict[str, Any]:
    try:
        facts = json.load(content) if entry.name == MANIFEST else {}
        return {**facts, "rows": facts["rows"], "head": facts["head"], "at": facts["at"], "kind": facts["kind"]}
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("the archive has no manifest", where=where, expected="what `cop backup` wrote") from error


def _place(folder: Path, entry: tarfile.TarInfo, content: IO[bytes], where: Where) -> None:
    parts = Path(entry.name).parts
    if entry.name not in {NAME, DATABASE} and (parts[0] not in ROOMS or ".." in parts):
        raise Refused("the archive holds a file of no place", where=where, expected="what `cop backup` wrote")
    target = folder.joinpath(*parts)
    private = parts[0] in {KEYS, DATABASE}
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
    mode = 0o600 if private else 0o666
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as handle:
        shutil.copyfileobj(content, handle, 1 << 20)
        os.fsync(handle.fileno())


def _name_database(folder: Path, manifest: dict[str, Any], database: str | None) -> None:
    """Have the description name the database that this restoring fills."""
    if (manifest["kind"] == "postgresql") != (database is not None):
        expected = "--database postgresql://..." if database is None else "no --database: the file comes with it"
        raise Refused(f"the backup is of a {manifest['kind']} database", expected=expected)
    path = folder / NAME
    text = path.read_text(encoding="utf-8")
    named = read_observatory(folder).vault.database
    wanted = database or (named if not Path(named).is_absolute() else "vault/vault.sqlite3")
    if wanted != named:
        line = re.compile(r"^(\s*database\s*=\s*).*$", re.MULTILINE)
        new, found = line.subn(lambda match: f"{match[1]}{json.dumps(wanted)}", text, count=1)
        path.write_text(new, encoding="utf-8")
        if not found or read_observatory(folder).vault.database != wanted:
            raise Refused("the description's database cannot be replaced", expected="a line database = under [vault]")


def _fill(observatory: Observatory, dump: Path) -> Copy:
    address = observatory.vault.database
    if "://" not in address:
        return restore_sqlite(dump, observatory.path(address))
    copy = restore_postgresql(dump, address)
    dump.unlink()
    return copy


def _verify(observatory: Observatory, manifest: dict[str, Any], copy: Copy, files: int) -> None:
    for name, here, there in [
        ("rows", copy.rows, manifest["rows"]),
        ("last entry of the ledger", copy.head, manifest["head"]),
        ("entries of the ledger", copy.entries, manifest["entries"]),
        ("files", files, manifest["files"]),
    ]:
        if here != there:
            raise Conflict(f"the {name} restored are not those of the manifest", expected=str(there)[:200])
    start(observatory)
    from cop.vault.registers.queries import verify_ledger

    if copy.entries and verify_ledger().hash != copy.head:
        raise Conflict("the ledger restored does not end where the manifest says", expected=copy.head)


def opened_by(observatory: Observatory, email: str, passphrase: str) -> tuple[int, int]:
    """How many of the newest narratives somebody's key opens, of how many tried, in the offices that granted theirs.

    Effects: the vault is started; one event says that the key was opened.

    Raises:
        NotFound: nobody of that address has a key. NotAllowed: the passphrase is not the right one.
    """
    start(observatory, migrate=False)
    from django.contrib.auth import get_user_model

    from cop.vault.members.keys import open_key_of, open_office
    from cop.vault.members.queries import actor_of, person_numbered
    from cop.vault.reports.queries import listed, sealed_of

    actor = actor_of(get_user_model().objects.get(pk=person_numbered(email)))
    private = open_key_of(actor=actor, passphrase=passphrase)
    opened, tried = 0, 0
    for organisation in sorted(actor.organisations("analyst", "reviewer", "key_custodian")):
        opener = open_office(actor=actor, organisation=organisation, private=private)
        for facts in listed(actor, organisation, limit=SAMPLE):
            if facts.kept:
                tried += 1
                try:
                    opener.open(sealed_of(actor, facts.id))
                except NotAllowed:
                    continue
                opened += 1
    return opened, tried
