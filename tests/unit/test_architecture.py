"""The contracts of the house hold, and a planted violation of each kind is found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    command = [str(program), "--config", str(folder / "pyproject.toml"), "--no-cache"]
    return subprocess.run(
        command,
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def house(tmp_path: Path, root: Path) -> Path:
    shutil.copytree(
        root / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.svg", "*.po", "share")
    )
    shutil.copy(root / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


def test_the_house_keeps_its_contracts(house: Path) -> None:
    kept = lint(house)

    assert kept.returncode == 0, kept.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        (
            "publication/charts/planted.py",
            "import cop.vault.reports.operations",
            "The window reads editions and nothing else",
        ),
        ("kernel/planted.py", "import django", "Libraries know no framework"),
        ("terms/planted.py", "import cop.measurement.catalogue", "Floors: each room knows only those below it"),
        (
            "vault/release/planted.py",
            "import cop.vault.coding.models",
            "Only coding imports the models of coding",
        ),
        ("vault/reports/planted.py", "import cop.vault.release.operations", "The door stands above the vault's apps"),
        ("vault/coding/planted.py", "import cop.publication.site", "The vault knows no window"),
    ],
)
def test_a_planted_violation_is_found(house: Path, module: str, line: str, contract: str) -> None:
    (house / "src/cop" / module).write_text(f"{line}  # noqa: F401\n")

    broken = lint(house)

    assert broken.returncode == 1
    assert any(contract in said and "BROKEN" in said for said in broken.stdout.splitlines()), broken.stdout
