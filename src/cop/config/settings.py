"""Django's settings, from the observatory in `COP_OBSERVATORY` (an absolute path; without it a database in memory)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url

from cop.config.observatory import read_observatory

_SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # not trusted_schema=OFF: SQLite 3.40 then refuses json_valid() in the CHECK of every JSON column
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON",
}


def database(address: str, folder: Path) -> dict[str, Any]:
    """A database by its address: `postgresql://...`, or the path of a SQLite file from the observatory's folder."""
    if "://" in address:
        return {**dj_database_url.parse(address, conn_max_age=60, conn_health_checks=True)}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / address, "OPTIONS": _SQLITE}


def _databases() -> dict[str, dict[str, Any]]:
    folder = os.environ.get("COP_OBSERVATORY")
    if not folder:
        return {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    return {"default": database(read_observatory(Path(folder)).vault.database, Path(folder))}


DATABASES = _databases()
INSTALLED_APPS = [
    "cop.vault.registers",
    "cop.vault.reports",
    "cop.vault.coding",
    "cop.vault.library",
    "cop.vault.providers",
    "cop.vault.release",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
# nothing is signed or served yet: the desk brings its own key, kept beside the vault
SECRET_KEY = os.environ.get("COP_SECRET_KEY", "")
