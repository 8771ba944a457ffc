"""The note of the last backup, beside the vault: when, into which archive, and where the ledger stood."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cop.kernel.errors import Refused, Where

NOTE = Path("vault") / "last-backup.json"


@dataclass(frozen=True, slots=True)
class BackupNote:
    """What is remembered of a backup. `at` is in UTC, `head` the ledger's last hash in it."""

    at: datetime
    sha256: str
    bytes: int
    entries: int
    head: str


def last_backup(folder: Path) -> BackupNote | None:
    """The last backup of an observatory; None when none was made.

    Raises:
        Refused: the note is not one.
    """
    path = folder / NOTE
    if not path.is_file():
        return None
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        return BackupNote(datetime.fromisoformat(facts.pop("at")), **facts)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused("this is no note of a backup", where=Where(path), expected="what `cop backup` wrote") from error


def note_backup(folder: Path, note: BackupNote) -> None:
    """Remember a backup in the place of the one before."""
    path = folder / NOTE
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps({**asdict(note), "at": note.at.isoformat()}) + "\n", encoding="utf-8")
    part.replace(path)
