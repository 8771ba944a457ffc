"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
REQUIRE_ALL = os.environ.get("COP_REQUIRE_ALL") == "1"


def absent(what: str) -> None:
    """Skip with one line, or fail where nothing may be skipped."""
    if REQUIRE_ALL:
        pytest.fail(f"{what} is absent, and COP_REQUIRE_ALL=1 allows no skip")
    pytest.skip(f"{what} is absent")


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project, which a user's machine does not have."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        absent("../shared")
    return folder
