"""A site over the synthetic edition, served on the loopback, and a browser to walk it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from cop.editions.read import open_edition
from cop.publication.site.write import write_site

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; one line is skipped where it is absent, and nothing under COP_REQUIRE_ALL=1."""
    if not CHROMIUM.is_file():
        if os.environ.get("COP_REQUIRE_ALL") == "1":
            pytest.fail(f"{CHROMIUM} is absent, and COP_REQUIRE_ALL=1 allows no skip")
        pytest.skip(f"{CHROMIUM} is absent")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The written site of the small synthetic edition."""
    path = Path(__file__).resolve().parents[1] / "editions_fixture" / "build.py"
    spec = importlib.util.spec_from_file_location("editions_fixture_build", path)
    assert spec is not None and spec.loader is not None
    builder = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = builder
    spec.loader.exec_module(builder)
    base = tmp_path_factory.mktemp("walked")
    write_site(open_edition(builder.write(base)), base / "site")
    return base / "site"


@pytest.fixture(scope="session")
def site_url(site_folder: Path) -> Iterator[str]:
    """The address of the served site."""
    command = [Path(sys.executable).parent / "cop", "serve", site_folder.parent, "--site-only", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().split()[0]
        server.terminate()
