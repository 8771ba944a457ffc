"""Start Django for one observatory, its database up to date."""

from __future__ import annotations

import os

from cop.config.observatory import Observatory
from cop.kernel.errors import Conflict, Unavailable


def start(observatory: Observatory) -> None:
    """Make the vault's apps usable: settings, connection, migrations.

    Raises:
        Unavailable: the database cannot be opened.
        Conflict: Django was started for another observatory in this process.
    """
    folder = str(observatory.folder.resolve())
    if os.environ.setdefault("COP_OBSERVATORY", folder) != folder:
        raise Conflict("this process serves another observatory", expected=os.environ["COP_OBSERVATORY"])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop.config.settings")
    if "://" not in observatory.vault.database:
        observatory.path(observatory.vault.database).parent.mkdir(parents=True, exist_ok=True)
    import django
    from django.core.management import call_command
    from django.db import DatabaseError

    django.setup()
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise Unavailable(
            f"the vault's database cannot be opened: {error}", expected=_without_credentials(observatory.vault.database)
        ) from error


def _without_credentials(address: str) -> str:
    """An address as it may be shown."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}" if rest else address
