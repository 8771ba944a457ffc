"""Which database a description means, and how SQLite is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from cop.config.settings import database


def test_a_path_is_a_sqlite_file_in_the_observatory_that_survives_a_crash(tmp_path: Path) -> None:
    settings = database("vault/vault.sqlite3", tmp_path)

    assert settings["ENGINE"] == "django.db.backends.sqlite3"
    assert settings["NAME"] == tmp_path / "vault" / "vault.sqlite3"
    assert settings["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        assert f"PRAGMA {pragma}" in settings["OPTIONS"]["init_command"]


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_an_address_is_a_postgresql_database(tmp_path: Path, scheme: str) -> None:
    settings = database(f"{scheme}://keeper:secret@db.example.org:5433/cop?sslmode=require", tmp_path)

    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example.org", 5433, "cop")
    assert (settings["USER"], settings["PASSWORD"]) == ("keeper", "secret")
    assert settings["OPTIONS"] == {"sslmode": "require"}
