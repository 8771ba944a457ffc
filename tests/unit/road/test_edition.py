"""The stage of the edition: it is done again when what is watched changes, and not for whom the monitor tells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cop.config.observatory import read_observatory
from cop.kernel.errors import Refused
from cop.road.build import Road


def key(folder: Path, monitor: str) -> str:
    (folder / "monitor.toml").write_text(monitor, encoding="utf-8")
    return Road(read_observatory(folder))._edition([]).key


def test_what_is_watched_is_a_parameter_of_the_edition_and_the_webhook_is_not(
    observatory: Callable[..., Path],
) -> None:
    folder = observatory()
    plain = key(folder, "")

    assert key(folder, '[webhook]\nurl = "https://hook.example.org/x"\n') == plain
    assert key(folder, "last = 3\n") != plain
    assert key(folder, 'short = ""\n') != plain


def test_a_fault_in_what_is_watched_stops_the_build_before_it_begins(observatory: Callable[..., Path]) -> None:
    folder = observatory()

    with pytest.raises(Refused, match=r"monitor\.toml, field last"):
        key(folder, "last = 0\n")
