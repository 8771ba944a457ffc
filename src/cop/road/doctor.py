"""An observatory looked over: what is well, what to look at, what is wrong, one line each."""

from __future__ import annotations

import platform
import re
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from cop.config.observatory import NAME, Observatory, read_observatory
from cop.config.start import pending, start, without_credentials
from cop.kernel.backups import last_backup
from cop.kernel.errors import CopError, NotFound
from cop.kernel.resources import resource
from cop.road.build import KEYS

State = Literal["ok", "warning", "fault"]
_TAIL = 1000
_GIB = 1 << 30
_PYTHONS = ((3, 11), (3, 14))


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one thing."""

    about: str
    state: State
    text: str


def examine(folder: Path) -> Iterator[Finding]:
    """Look an observatory over without changing it. What cannot be looked at is a fault of its own."""
    try:
        observatory = read_observatory(folder)
    except CopError as error:
        yield Finding("settings", "fault", str(error))
        return
    yield from _settings(observatory)
    yield from _versions()
    yield from _disk(observatory)
    yield from _permissions(observatory)
    try:
        start(observatory, migrate=False)
    except CopError as error:
        yield Finding("database", "fault", str(error))
        return
    checks: tuple[Callable[[Observatory], Iterator[Finding]], ...] = (_database, _migrations, _keys, _ledger, _backup)
    for check in checks:
        findings = list(_guarded(check, observatory))
        yield from findings
        if any(f.state == "fault" for f in findings) and check in {_database, _migrations}:
            return  # what follows asks the tables


def _guarded(check: Callable[[Observatory], Iterator[Finding]], observatory: Observatory) -> Iterator[Finding]:
    from django.db import DatabaseError

    try:
        yield from check(observatory)
    except (CopError, DatabaseError) as error:
        yield Finding(check.__name__.strip("_"), "fault", " ".join(str(error).split()))


def _settings(observatory: Observatory) -> Iterator[Finding]:
    desk, path = observatory.desk, observatory.folder / NAME
    local = {"localhost", "127.0.0.1", "[::1]"}
    away = sorted(set(desk.hosts) - local)
    if "*" in desk.hosts:
        yield Finding("settings", "fault", "[desk] hosts takes any name: list the names that people type")
    elif away and not desk.https:
        yield Finding("settings", "fault", f"[desk] is served as {', '.join(away)} without https = true")
    elif desk.https and not desk.proxies:
        yield Finding("settings", "warning", "[desk] proxies = 0: with TLS in front, all reporters share one limit")
    else:
        yield Finding("settings", "ok", f"{path}: {observatory.observatory.title}")


def _versions() -> Iterator[Finding]:
    python = sys.version_info[:2]
    known = _PYTHONS[0] <= python <= _PYTHONS[1]
    libraries = f"SQLite {sqlite3.sqlite_version}, PyNaCl {version('pynacl')} with its own libsodium"
    yield Finding("python", "ok" if known else "warning", f"Python {platform.python_version()}, {libraries}")
    try:
        lock = resource("requirements.lock").read_text(encoding="utf-8")
    except NotFound:
        yield Finding("libraries", "warning", "there is no requirements.lock to compare with: not a checkout")
        return
    named = re.findall(r"^([A-Za-z0-9_.-]+)==([^ \\;]+)", lock, flags=re.MULTILINE)
    have = [(name, wanted, _have(name)) for name, wanted in named]
    other = [f"{name} {found} (locked {wanted})" for name, wanted, found in have if _plain(found) != _plain(wanted)]
    if other:
        yield Finding("libraries", "warning", f"{len(other)} of {len(named)} are not as locked: {', '.join(other[:5])}")
    else:
        yield Finding("libraries", "ok", f"all {len(named)} as locked")


def _have(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _plain(release: str) -> str:
    """A version's number without the zeros that some put before its parts (2.012 is 2.12)."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", release)


def _disk(observatory: Observatory) -> Iterator[Finding]:
    usage = shutil.disk_usage(observatory.folder)
    text = f"{usage.free / _GIB:,.1f} GiB free of {usage.total / _GIB:,.1f}"
    yield Finding("disk", "fault" if usage.free < _GIB / 4 else "warning" if usage.free < 4 * _GIB else "ok", text)


def _permissions(observatory: Observatory) -> Iterator[Finding]:
    """Private keys and the vault are for their owner alone; the database may hold what is not sealed."""
    private = [p for p in (observatory.folder / KEYS).glob("*.key") if _others(p)]
    address = observatory.vault.database
    vault = observatory.path(address).parent if "://" not in address else observatory.folder / "vault"
    open_ = [*private, *([vault] if vault.is_dir() and _others(vault) else [])]
    if open_:
        names = " ".join(str(p) for p in open_)
        yield Finding("permissions", "fault", f"others of this machine can read it: chmod go-rwx {names}")
    else:
        yield Finding("permissions", "ok", "keys and vault are their owner's alone")


def _others(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _database(observatory: Observatory) -> Iterator[Finding]:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            path = observatory.path(observatory.vault.database)
            cursor.execute("PRAGMA integrity_check(1)")
            said = str(cursor.fetchone()[0])
            cursor.execute("PRAGMA journal_mode")
            mode = str(cursor.fetchone()[0])
            state: State = "ok" if (said, mode) == ("ok", "wal") else "fault"
            size = path.stat().st_size / (1 << 20)
            yield Finding("database", state, f"{path}: integrity {said}, journal {mode}, {size:,.1f} MiB")
            return
        settings = {}
        for name in ("server_version", "fsync", "full_page_writes", "synchronous_commit"):
            cursor.execute(f"SHOW {name}")
            settings[name] = str(cursor.fetchone()[0])
    unsafe = [name for name in settings if settings[name] == "off"]
    text = f"PostgreSQL {settings['server_version']} at {without_credentials(observatory.vault.database)}"
    if unsafe:
        yield Finding("database", "fault", f"{text}: {', '.join(unsafe)} off, so that a crash loses what was accepted")
    else:
        yield Finding("database", "ok", f"{text}: what is acknowledged is on the disk")


def _migrations(_: Observatory) -> Iterator[Finding]:
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    missing = pending()
    loader = MigrationLoader(connection)
    newer = sorted(set(loader.applied_migrations) - set(loader.disk_migrations))
    if newer:
        names = ", ".join(".".join(key) for key in newer[:3])
        yield Finding("migrations", "fault", f"the database is of a later version of cop: {names}")
    elif missing:
        yield Finding("migrations", "fault", f"{len(missing)} are pending: cop serve or cop build applies them")
    else:
        yield Finding("migrations", "ok", "none pending")


def _keys(_: Observatory) -> Iterator[Finding]:
    from cop.vault.members.keys import escrow_in_use, offices
    from cop.vault.members.keys.rules import PROGRAM
    from cop.vault.members.rules import program

    escrow, states = escrow_in_use(), offices(program(PROGRAM))
    if escrow:
        shares = f"any {escrow.threshold} of {escrow.shares} shares"
        yield Finding("escrow", "ok", f"{shares}, since {escrow.created:%Y-%m-%d}")
    elif states:
        yield Finding("escrow", "fault", "there is none, so no report can be taken in: cop keys ceremony")
    else:
        yield Finding("escrow", "ok", "none, and no organisation that takes reports in")
    for office in states:
        grave = {"no key", "no holder", "not escrowed"} & set(office.warnings)
        state: State = "fault" if grave else "warning" if office.warnings else "ok"
        said = ", ".join(office.warnings) or f"version {office.version}, {len(office.holders)} holders"
        yield Finding(f"key {office.slug}", state, said)


def _ledger(_: Observatory) -> Iterator[Finding]:
    from cop.kernel import ledger
    from cop.vault.registers.queries import events, head

    last = head()
    if last is None:
        yield Finding("ledger", "ok", "no entries yet")
        return
    before = None
    for entry in events(after=max(0, last.seq - _TAIL)):
        facts = {"seq": entry.seq, "at": entry.at, "kind": entry.kind, "subject": entry.subject}
        again = ledger.link(**facts, details=entry.details, previous=entry.previous)  # type: ignore[arg-type]
        if again.hash != entry.hash or (before and (before.seq + 1, before.hash) != (entry.seq, entry.previous)):
            yield Finding("ledger", "fault", f"broken at entry {entry.seq}: cop audit verify says more")
            return
        before = entry
    yield Finding("ledger", "ok", f"{last.seq:,} entries, the last {_TAIL:,} at most walked, head {last.hash[:12]}")
    now = datetime.now(UTC)
    behind = datetime.fromisoformat(last.at) - now
    if behind > timedelta(seconds=5):
        yield Finding("clock", "fault", f"the clock says {now:%Y-%m-%d %H:%M:%S} UTC, before the last entry, {last.at}")
    else:
        yield Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC, after the last entry of the ledger")


def _backup(observatory: Observatory) -> Iterator[Finding]:
    note = last_backup(observatory.folder)
    if note is None:
        yield Finding("backup", "warning", "none was made: cop backup")
        return
    age = datetime.now(UTC) - note.at
    late = age > timedelta(hours=observatory.backup.hours)
    text = f"{age.total_seconds() / 3600:,.1f} hours old (at most {observatory.backup.hours}), {note.bytes:,} bytes"
    yield Finding("backup", "warning" if late else "ok", text)
