"""Starting a vault: of several that start at once one migrates, and what cannot be opened is said without secrets."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cop.config.start import without_credentials
from served import environment

_START = """
import sys
from pathlib import Path
from cop.config.observatory import read_observatory
from cop.config.start import pending, start
start(read_observatory(Path(sys.argv[1])))
print(pending())
"""


def test_of_several_that_start_at_once_one_migrates(observatory: Callable[..., Path], database: str) -> None:
    folder = observatory(database=database)
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", _START, str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        for _ in range(3)
    ]
    said = [(program.communicate()[0].strip(), program.returncode) for program in programs]

    assert said == [("[]", 0)] * 3


def test_the_vault_s_folder_is_its_owner_s_alone(observatory: Callable[..., Path]) -> None:
    folder = observatory()
    subprocess.run([sys.executable, "-c", _START, str(folder)], check=True, capture_output=True, env=environment())

    assert oct((folder / "vault").stat().st_mode & 0o777) == "0o700"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("vault/vault.sqlite3", "vault/vault.sqlite3"),
        ("postgresql://keeper:secret@db.example.org:5433/cop?password=secret", "postgresql://db.example.org:5433/cop"),
        ("postgresql://db.example.org/cop", "postgresql://db.example.org/cop"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert without_credentials(address) == shown
