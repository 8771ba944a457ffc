"""What `cop doctor` finds: one line each, and exit 2 where something is wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cop.config.observatory import Observatory
from cop.kernel.backups import BackupNote, note_backup

Cop = Callable[..., Any]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, cop: Cop, inside: Callable[..., Any]) -> Path:
    """An observatory with a vault and one entry in its ledger."""
    folder = tmp_path_factory.mktemp("kept") / "o"
    assert cop("init", folder).code == 0
    inside(folder, entered)
    return folder


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(kept, tmp_path / "o"))


def entered(observatory: Observatory) -> None:
    from cop.vault.registers.operations import record_event

    record_event(kind="test.first", subject="test/1", details={})
    record_event(kind="test.second", subject="test/2", details={})


def found(cop: Cop, folder: Path) -> tuple[int, dict[str, tuple[str, str]]]:
    done = cop("doctor", folder, "--json")
    assert done.json["well"] == (done.code == 0)
    return done.code, {f["about"]: (f["state"], f["text"]) for f in done.json["findings"]}


def test_an_observatory_in_order_is_a_line_per_thing(cop: Cop, folder: Path) -> None:
    note_backup(folder, BackupNote(datetime.now(UTC), "0" * 64, 1000, 2, "0" * 64))
    done = cop("doctor", folder)
    lines = [line.split(maxsplit=2)[:2] for line in done.out.splitlines()]

    assert (done.code, done.err) == (0, "")
    assert [about for _, about in lines] == [
        "settings", "python", "libraries", "disk", "permissions", "database", "migrations", "escrow", "ledger", "clock",
        "backup",
    ]  # fmt: skip
    assert {state for state, about in lines if about not in {"libraries", "disk"}} == {"ok"}
    assert found(cop, folder)[0] == 0


def test_settings_that_will_not_do_are_said_alone(cop: Cop, folder: Path) -> None:
    (folder / "observatory.toml").write_text("[observatory]\nid = 3\n")
    code, said = found(cop, folder)

    assert (code, set(said), said["settings"][0]) == (2, {"settings"}, "fault")


@pytest.mark.parametrize(
    ("desk", "state"),
    [
        ('hosts = ["observatory.example.org"]', "fault"),
        ('hosts = ["*"]\nhttps = true', "fault"),
        ('hosts = ["observatory.example.org"]\nhttps = true', "warning"),
        ('hosts = ["observatory.example.org"]\nhttps = true\nproxies = 1', "ok"),
    ],
)
def test_a_desk_on_the_network_wants_tls_names_and_its_proxy(cop: Cop, folder: Path, desk: str, state: str) -> None:
    path = folder / "observatory.toml"
    path.write_text(f"{path.read_text()}\n[desk]\n{desk}\n")

    assert found(cop, folder)[1]["settings"][0] == state


def test_keys_and_a_vault_that_others_can_read_are_named(cop: Cop, folder: Path) -> None:
    (folder / "vault").chmod(0o755)
    (folder / "keys" / "secret.key").chmod(0o644)
    code, said = found(cop, folder)

    assert (code, said["permissions"][0]) == (2, "fault")
    assert said["permissions"][1].endswith(f"chmod go-rwx {folder}/keys/secret.key {folder}/vault")


def test_a_damaged_database_is_found_and_what_asks_it_left_out(cop: Cop, folder: Path) -> None:
    path = folder / "vault" / "vault.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [(page,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event_kind'").fetchall()
        [(size,)] = connection.execute("PRAGMA page_size").fetchall()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(bytes(content))
    code, said = found(cop, folder)

    assert (code, said["database"][0]) == (2, "fault")
    assert "ledger" not in said


def test_migrations_that_are_missing_or_of_a_later_version_are_told_apart(cop: Cop, folder: Path) -> None:
    path = folder / "vault" / "vault.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('reports', '0999_later', '2030-01-01')"
        )
        connection.commit()
    later = found(cop, folder)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM django_migrations WHERE name = '0999_later' OR app = 'release'")
        connection.commit()
    missing = found(cop, folder)

    assert (later[0], later[1]["migrations"]) == (
        2,
        ("fault", "the database is of a later version of cop: reports.0999_later"),
    )
    assert (missing[0], missing[1]["migrations"][0]) == (2, "fault")
    assert "pending" in missing[1]["migrations"][1]


def test_an_altered_entry_of_the_ledger_is_named(cop: Cop, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "vault" / "vault.sqlite3")) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE registers_event SET subject = 'test/other' WHERE seq = 1")
        connection.commit()
    code, said = found(cop, folder)

    assert (code, said["ledger"]) == (2, ("fault", "broken at entry 1: cop audit verify says more"))


def test_an_old_backup_and_none_at_all_are_warnings(cop: Cop, folder: Path) -> None:
    none = found(cop, folder)
    note_backup(folder, BackupNote(datetime.now(UTC) - timedelta(hours=30), "0" * 64, 1000, 2, "0" * 64))
    old = found(cop, folder)

    assert (none[0], none[1]["backup"]) == (0, ("warning", "none was made: cop backup"))
    assert (old[0], old[1]["backup"][0]) == (0, "warning")
    assert old[1]["backup"][1].startswith("30.0 hours old (at most 26)")
