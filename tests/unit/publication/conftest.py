"""A small synthetic edition, and its site written once for the tests of a session."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from cop.editions.read import Edition, open_edition
from cop.publication.language import Language, read_language
from cop.publication.site.write import write_site


def load_builder() -> ModuleType:
    """The builder of `tests/editions_fixture`, by its path: test folders are not packages."""
    path = Path(__file__).resolve().parents[2] / "editions_fixture" / "build.py"
    spec = importlib.util.spec_from_file_location("editions_fixture_build", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def builder() -> ModuleType:
    return load_builder()


@pytest.fixture(scope="session")
def edition(builder: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return open_edition(builder.write(tmp_path_factory.mktemp("editions")))


@pytest.fixture(scope="session")
def site(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("window") / "site"
    write_site(edition, folder)
    return folder


@pytest.fixture(scope="session")
def english() -> Language:
    return read_language("en")
