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
    from django.db import OperationalError

    django.setup()
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        raise Unavailable(
            f"the vault's database cannot be opened: {error}", expected=observatory.vault.database
        ) from error
