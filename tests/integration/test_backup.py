"""A backup made under load, restored elsewhere: every row, the ledger's head, narratives that open; nothing in the clear."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from databases import postgres_database
from served import PASSPHRASE, Founded, Reporter, Server, founded, stored

Cop = Callable[..., Any]
KEY_PASSPHRASE = "an off-server passphrase for backups"
CANARY = "canaryphrasethatsings"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Founded]:
    folder = tmp_path_factory.mktemp("backed-up") / "o"
    if request.param == "sqlite":
        yield founded(folder)
        return
    with postgres_database() as address:
        yield founded(folder, address)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, cop: Cop) -> tuple[Path, Path]:
    """The key of whoever keeps backups, made on another machine: private file, file of the public line."""
    folder = tmp_path_factory.mktemp("elsewhere")
    done = cop("keys", "new", "Backup office", "-o", folder / "backup.key", "--passphrase", KEY_PASSPHRASE)
    (folder / "backup.pub").write_text(done.out)
    return folder / "backup.key", folder / "backup.pub"


@pytest.fixture
def empty(made: Founded) -> Iterator[tuple[object, ...]]:
    """The options that name where a backup of this kind is restored to."""
    if "postgresql" not in (made.folder / "observatory.toml").read_text():
        yield ()
        return
    with postgres_database() as address:
        yield "--database", address


def test_a_backup_under_load_restores_to_what_it_says(
    made: Founded, office: tuple[Path, Path], empty: tuple[object, ...], cop: Cop, tmp_path: Path
) -> None:
    (made.folder / "keys" / "signing.key").write_text("ed25519-seed canary of the signing key")
    (made.folder / "editions" / "e1").mkdir(parents=True, exist_ok=True)
    (made.folder / "editions" / "e1" / "facts.parquet").write_bytes(b"facts" * 1000)
    end, receipts = threading.Event(), list[str]()

    def report(number: int, port: int) -> None:
        with closing(Reporter(port, made.token)) as reporter:
            for turn in range(10_000):
                if end.is_set():
                    return
                text = f"A stranger wrote to a child of 11 in a game: {CANARY} {number} {turn}."
                status, receipt = reporter.service(text, f"{CANARY}-{tmp_path.name}-{number}-{turn}")
                assert status == 201, receipt
                receipts.append(receipt)

    with Server(made.folder) as server:
        threads = [threading.Thread(target=report, args=(n, server.port)) for n in range(4)]
        for thread in threads:
            thread.start()
        while len(receipts) < 8:
            assert any(thread.is_alive() for thread in threads)
            threading.Event().wait(0.1)
        before = list(receipts)
        backed_up = cop("backup", made.folder, "-o", tmp_path / "b1", "--to", office[1], "--json")
        after = len(receipts)
        end.set()
        for thread in threads:
            thread.join()
    assert backed_up.code == 0, backed_up.err
    restored = cop(
        "restore", tmp_path / "b1", tmp_path / "r", "--key", office[0], "--passphrase", KEY_PASSPHRASE, *empty,
        "--holder", "analyst@alpha.example", "--holder-passphrase", PASSPHRASE, "--json",
    )  # fmt: skip
    assert restored.code == 0, restored.err
    said, there = backed_up.json, restored.json

    assert (there["rows"], there["head"], there["entries"]) == (said["rows"], said["head"], said["entries"])
    assert len(before) <= there["rows"]["reports_report"]
    assert there["tried"] == min(20, there["rows"]["reports_report"])
    assert there["opened"] == there["tried"] >= 8
    held = stored(tmp_path / "r", before)
    assert {held["hashes"][receipt] for receipt in before} <= {receipt for receipt, _ in held["stored"]}
    assert after >= len(before)
    assert not (tmp_path / "r" / "keys" / "signing.key").exists()
    assert (tmp_path / "r" / "editions" / "e1" / "facts.parquet").read_bytes() == b"facts" * 1000
    assert (tmp_path / "r" / "keys" / "secret.key").read_bytes() == (made.folder / "keys" / "secret.key").read_bytes()
    archive = (tmp_path / "b1").read_bytes()
    assert [
        word
        for word in (CANARY.encode(), b"signing key", b"analyst@alpha", b"SQLite format", b"PGDMP", b"[vault]")
        if word in archive
    ] == []
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []


def test_a_restored_observatory_serves_and_takes_reports(
    made: Founded, office: tuple[Path, Path], empty: tuple[object, ...], cop: Cop, tmp_path: Path
) -> None:
    assert cop("backup", made.folder, "-o", tmp_path / "b", "--to", office[1]).code == 0
    done = cop("restore", tmp_path / "b", tmp_path / "r", "--key", office[0], "--passphrase", KEY_PASSPHRASE, *empty)
    assert done.code == 0, done.err

    with Server(tmp_path / "r", ("--workers", "1")) as server, closing(Reporter(server.port, made.token)) as reporter:
        assert reporter.service("Somebody asked a child of 9 to keep a secret from the parents.", "after")[0] == 201


def started(_: object) -> None:
    """The vault of an observatory is made by whoever asks for it first."""


@pytest.fixture(scope="module")
def archive(
    tmp_path_factory: pytest.TempPathFactory, office: tuple[Path, Path], cop: Cop, inside: Callable[..., Any]
) -> tuple[Path, Path]:
    """A small observatory of files alone, and its backup."""
    folder = tmp_path_factory.mktemp("small")
    assert cop("init", folder / "o").code == 0
    inside(folder / "o", started)
    assert cop("backup", folder / "o", "-o", folder / "b", "--to", office[1]).code == 0
    return folder / "o", folder / "b"


def test_nothing_is_ever_overwritten(
    archive: tuple[Path, Path], office: tuple[Path, Path], cop: Cop, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("mine")
    again = cop("backup", archive[0], "-o", archive[1], "--to", office[1])
    over = cop("restore", archive[1], tmp_path / "there", "--key", office[0], "--passphrase", KEY_PASSPHRASE)

    assert (again.code, "a backup is never overwritten" in again.refusal) == (2, True)
    assert (over.code, over.refusal) == (
        2,
        f"{tmp_path / 'there'} is not empty (expected a new folder: nothing is overwritten)",
    )
    assert (tmp_path / "there" / "file").read_text() == "mine"


def test_another_key_a_cut_and_an_altered_archive_are_one_line_and_leave_nothing(
    archive: tuple[Path, Path], office: tuple[Path, Path], cop: Cop, tmp_path: Path
) -> None:
    cop("keys", "new", "Another", "-o", tmp_path / "other.key", "--passphrase", "another long passphrase")
    whole = archive[1].read_bytes()
    (tmp_path / "cut").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "altered").write_bytes(whole[:-500] + bytes([whole[-500] ^ 1]) + whole[-499:])
    (tmp_path / "none").write_bytes(b"not an archive")

    def refusal(name: Path, key: Path = office[0], passphrase: str = KEY_PASSPHRASE) -> str:
        done = cop("restore", name, tmp_path / "r", "--key", key, "--passphrase", passphrase)
        assert (done.code, (tmp_path / "r").exists()) == (2, False)
        return str(done.refusal)

    assert refusal(archive[1], tmp_path / "other.key", "another long passphrase").startswith("this key does not open")
    assert refusal(archive[1], passphrase="wrong").startswith("the passphrase does not open this key")
    assert refusal(tmp_path / "cut").startswith("the sealed archive was altered or is cut short")
    assert refusal(tmp_path / "altered").startswith("the sealed archive was altered or is cut short")
    assert refusal(tmp_path / "none").startswith("this is no sealed archive")


def test_a_backup_is_for_somebody(archive: tuple[Path, Path], cop: Cop, tmp_path: Path) -> None:
    done = cop("backup", archive[0], "-o", tmp_path / "b")

    assert (done.code, done.refusal) == (
        2,
        "a backup is sealed to somebody (expected --to, or recipients under [backup])",
    )


def test_the_settings_say_where_to_whom_and_how_many(
    archive: tuple[Path, Path], office: tuple[Path, Path], cop: Cop
) -> None:
    folder = archive[0]
    text = (folder / "observatory.toml").read_text()
    line = office[1].read_text().strip()
    (folder / "observatory.toml").write_text(f'{text}\n[backup]\nfolder = "kept"\nrecipients = ["{line}"]\nkeep = 2\n')
    try:
        for number in range(3):
            (folder / "kept").mkdir(exist_ok=True)
            (folder / "kept" / f"my-observatory-2020010{number}T000000Z.cop-backup").write_bytes(b"old")
        done = cop("backup", folder, "--json")
    finally:
        (folder / "observatory.toml").write_text(text)

    kept = sorted(p.name for p in (folder / "kept").iterdir())
    assert done.code == 0, done.err
    assert kept == ["my-observatory-20200102T000000Z.cop-backup", Path(done.json["path"]).name]
    assert oct((folder / "kept" / kept[1]).stat().st_mode & 0o777) == "0o600"
    note = json.loads((folder / "vault" / "last-backup.json").read_text())
    assert (note["sha256"], note["bytes"]) == (done.json["sha256"], done.json["bytes"])
