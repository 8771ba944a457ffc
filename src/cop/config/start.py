"""Start Django for one observatory, its database up to date."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from cop.config.observatory import Observatory
from cop.kernel.errors import Conflict, Unavailable

_LOCK = 0x434F5001
"""The number of the advisory lock under which a PostgreSQL database is migrated."""


def start(observatory: Observatory, *, migrate: bool = True) -> None:
    """Make the vault's apps usable: settings, connection, migrations.

    Of several processes that start at once, one migrates and the others wait.

    Args:
        observatory: whose vault it is.
        migrate: bring the database up to date; otherwise it stays as it is found.

    Raises:
        Unavailable: the database cannot be opened.
        Conflict: Django was started for another observatory in this process.
    """
    folder = str(observatory.folder.resolve())
    if os.environ.setdefault("COP_OBSERVATORY", folder) != folder:
        raise Conflict("this process serves another observatory", expected=os.environ["COP_OBSERVATORY"])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop.config.settings")
    import django
    from django.core.management import call_command
    from django.db import DatabaseError

    django.setup()
    if not migrate:
        return
    place = None if "://" in observatory.vault.database else observatory.path(observatory.vault.database).parent
    if place:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        if pending():
            with _alone(place):
                call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise Unavailable(
            f"the vault's database cannot be opened: {error}", expected=without_credentials(observatory.vault.database)
        ) from error


def pending() -> list[str]:
    """The migrations that the database lacks, as `app.name`, in order."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


@contextmanager
def _alone(place: Path | None) -> Generator[None]:
    """Nobody else migrates meanwhile: a lock on a file beside a SQLite database, an advisory lock in PostgreSQL."""
    if place:
        with (place / "migrating.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        return
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def without_credentials(address: str) -> str:
    """A database's address as it may be shown."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}" if rest else address
