"""A vault's database as one file: copied while it is in use, put back elsewhere, counted.

SQLite by its online backup API in one step (a reader of a write-ahead log holds up nobody), PostgreSQL by `pg_dump`
in the snapshot in which its rows are counted. Counts and the ledger's head belong to the copy, not to the moment.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from cop.config.start import without_credentials
from cop.kernel.errors import Conflict, Unavailable

_HEAD = "SELECT seq, hash FROM registers_event ORDER BY seq DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy holds: rows by table, and where the ledger stands (number and hash of its last entry)."""

    kind: Literal["sqlite", "postgresql"]
    rows: dict[str, int]
    entries: int
    head: str


def copy_database(address: str, folder: Path, target: Path) -> Copy:
    """Copy an observatory's database to the file `target` while others read and write it.

    Raises:
        Unavailable: the database cannot be read, or a program that this needs is absent.
    """
    if "://" in address:
        return _dump(address, target)
    source = folder / address
    if not source.is_file():
        raise Unavailable(f"there is no database at {source}", expected="an observatory with a vault")
    try:
        with closing(sqlite3.connect(source, timeout=60)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        return count_sqlite(target)
    except sqlite3.Error as error:
        raise Unavailable(f"the database cannot be copied: {error}") from error


def restore_sqlite(dump: Path, target: Path) -> Copy:
    """Put a copy in its place; what it holds.

    Raises:
        Conflict: a database stands there, or the copy is damaged.
    """
    if target.exists():
        raise Conflict(f"{target} exists", expected="a place without a database: nothing is overwritten")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.parent.chmod(0o700)
    with closing(sqlite3.connect(dump)) as copy:
        said = integrity(copy)
    if said != "ok":
        raise Conflict(f"the copy of the database is damaged: {said}", expected="an earlier archive")
    shutil.move(dump, target)
    target.chmod(0o600)
    return count_sqlite(target)


def restore_postgresql(dump: Path, address: str) -> Copy:
    """Fill an empty PostgreSQL database from a dump; what it holds then.

    Raises:
        Conflict: it holds tables already.
        Unavailable: it cannot be reached, or `pg_restore` is absent or fails.
    """
    with _connected(address) as connection:
        if connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = current_schema()").fetchone():
            raise Conflict(
                f"the database {without_credentials(address)} holds tables",
                expected="an empty database: nothing is overwritten",
            )
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run("pg_restore", address, [*options, str(dump)])
    with _connected(address) as connection:
        return _count_postgresql(connection)


def integrity(connection: sqlite3.Connection) -> str:
    """What SQLite says of its file: `ok`, or the first thing that is wrong."""
    from django.db.backends.sqlite3._functions import register  # pyright: ignore[reportMissingImports]

    register(connection)  # the check evaluates constraints, and some of those ask Django's functions
    return str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])


def count_sqlite(path: Path) -> Copy:
    """What a SQLite file holds."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        names = [name for (name,) in connection.execute(listed)]
        rows = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608 - names from the database's own list
        head = connection.execute(_HEAD).fetchone()
    entries, last = head or (0, "")
    return Copy("sqlite", rows, int(entries), str(last))


def _dump(address: str, target: Path) -> Copy:
    with _connected(address) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        [snapshot] = connection.execute("SELECT pg_export_snapshot()").fetchone()
        copy = _count_postgresql(connection)
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}"]
        _run("pg_dump", address, options)
    return copy


def _count_postgresql(connection: Any) -> Copy:  # noqa: ANN401 - psycopg is an extra
    from psycopg import sql

    listed = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    names = [name for (name,) in connection.execute(listed)]
    count = sql.SQL("SELECT count(*) FROM {}")
    rows = {name: connection.execute(count.format(sql.Identifier(name))).fetchone()[0] for name in names}
    head = connection.execute(_HEAD).fetchone()
    entries, last = head or (0, "")
    return Copy("postgresql", rows, int(entries), str(last))


@contextmanager
def _connected(address: str) -> Generator[Any]:
    try:
        import psycopg
    except ImportError as error:
        raise Unavailable("the driver of PostgreSQL is absent", expected="cop-observatory[postgres]") from error
    try:
        connection = psycopg.connect(address)
    except psycopg.Error as error:
        raise Unavailable(
            f"the database {without_credentials(address)} does not answer", expected="a server that is up"
        ) from error
    with connection:
        yield connection


def _run(program: str, address: str, options: list[str]) -> None:
    """Run a client program of PostgreSQL; the password goes by the environment, where no other user sees it."""
    path = shutil.which(program) or next(iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))[-1:]), None)
    if path is None:
        raise Unavailable(f"{program} is absent", expected="PostgreSQL's client programs, of the server's version")
    parts = urlsplit(address)
    plain = parts._replace(netloc=f"{parts.username or ''}@{parts.netloc.rpartition('@')[2]}".lstrip("@")).geturl()
    environment = {**os.environ, **({"PGPASSWORD": unquote(parts.password)} if parts.password else {})}
    done = subprocess.run(
        [path, f"--dbname={plain}", *options], capture_output=True, check=False, text=True, env=environment
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Unavailable(f"{program} failed: {reason}", expected="programs of the server's version")
