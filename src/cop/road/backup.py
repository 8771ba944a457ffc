"""A backup of an observatory: one archive, sealed to keys that are kept elsewhere.

It holds the vault's database as of one moment, the editions, the ledger's published heads, the keys but for the one
that signs, and the description. Its first entry, `manifest.json`, says how many rows each table has and where the
ledger stands, so that who restores it can tell that nothing is missing.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from cop.config.observatory import NAME, Observatory
from cop.config.start import pending, start
from cop.kernel.archive_sealing import SealedWriter
from cop.kernel.backups import BackupNote, note_backup
from cop.kernel.errors import Conflict, Refused
from cop.kernel.hashing import file_sha256
from cop.kernel.provenance import code_version
from cop.kernel.sealing import Recipient
from cop.road.build import EDITIONS, KEYS
from cop.road.databases import Copy, copy_database

AUDIT = "audit"
ROOMS = (KEYS, EDITIONS, AUDIT)
"""The folders of an observatory that a backup holds: its keys, what it published, the heads of its ledger."""
MANIFEST = "manifest.json"
DATABASE = "database"
SIGNING = "signing.key"
SUFFIX = ".cop-backup"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written."""

    path: Path
    note: BackupNote
    rows: dict[str, int]
    files: int


def backup(
    observatory: Observatory, path: Path | None, recipients: Sequence[Recipient], *, signing_key: bool = False
) -> Backup:
    """Write a backup while the observatory is in use.

    Args:
        observatory: whose.
        path: the archive to write; None puts one named by the time into the folder of `[backup]`, where the oldest
            beyond `keep` are removed.
        recipients: who can open it; their private keys do not belong on this machine.
        signing_key: put the key that signs editions in as well.

    Effects: the archive, the note of the last backup, one event `backup.written`.

    Raises:
        Refused: nobody is named to whom it is sealed.
        Conflict: the archive exists.
        Unavailable: the database cannot be copied.
    """
    if not recipients:
        raise Refused("a backup is sealed to somebody", expected="--to, or recipients under [backup]")
    now = datetime.now(UTC)
    own = observatory.path(observatory.backup.folder)
    target = path or own / f"{observatory.observatory.id}-{now:%Y%m%dT%H%M%SZ}{SUFFIX}"
    if target.exists():
        raise Conflict(f"{target} exists", expected="a new name: a backup is never overwritten")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = list(_files(observatory, signing_key=signing_key))
    part = target.with_name(f".part-{target.name}")
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as scratch:
            copied = Path(scratch) / DATABASE
            copy = copy_database(observatory.vault.database, observatory.folder, copied)
            _write(part, recipients, _manifest(observatory, copy, len(files), now), [(copied, DATABASE), *files])
        os.link(part, target)  # refuses where somebody was quicker
    except FileExistsError as error:
        raise Conflict(f"{target} exists", expected="a new name: a backup is never overwritten") from error
    finally:
        part.unlink(missing_ok=True)
    note = BackupNote(now, file_sha256(target), target.stat().st_size, copy.entries, copy.head)
    _remember(observatory, note)
    if path is None:
        for old in sorted(own.glob(f"*{SUFFIX}"))[: -observatory.backup.keep]:
            old.unlink()
    return Backup(target, note, copy.rows, len(files))


def _files(observatory: Observatory, *, signing_key: bool) -> Iterator[tuple[Path, str]]:
    """Every file beside the database, with its name in the archive; what is just being written is left out."""
    yield observatory.folder / NAME, NAME
    for room in ROOMS:
        root = observatory.folder / room
        for file in sorted(root.rglob("*")):
            name = file.relative_to(root)
            unfinished = any(part.startswith(".") or part.endswith(".part") for part in name.parts)
            if file.is_file() and not unfinished and (signing_key or (room, str(name)) != (KEYS, SIGNING)):
                yield file, f"{room}/{name.as_posix()}"


def _manifest(observatory: Observatory, copy: Copy, files: int, now: datetime) -> bytes:
    facts = {
        "observatory": observatory.observatory.id,
        "at": now.isoformat(timespec="seconds"),
        "code": code_version(),
        "files": files,
        **asdict(copy),
    }
    return json.dumps(facts, indent=1).encode() + b"\n"


def _write(path: Path, recipients: Sequence[Recipient], manifest: bytes, files: list[tuple[Path, str]]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as target:
        with (
            SealedWriter(target, recipients) as sealed,
            tarfile.open(fileobj=sealed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(manifest)
            tar.addfile(entry, io.BytesIO(manifest))
            for file, name in files:
                tar.add(file, name, recursive=False, filter=_nobodys)
        target.flush()
        os.fsync(target.fileno())


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """An entry without the names and numbers of whoever owns the file here."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def _remember(observatory: Observatory, note: BackupNote) -> None:
    start(observatory, migrate=False)
    from cop.vault.registers.operations import record_event

    note_backup(observatory.folder, note)
    if pending():  # before an upgrade the ledger may lack what an entry needs
        return
    record_event(
        kind="backup.written",
        subject=f"backup/{note.sha256[:16]}",
        details={"program": "backup", "sha256": note.sha256, "entries": note.entries, "head": note.head},
    )
