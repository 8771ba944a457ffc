"""How far a measurement has got, told on standard error."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from cop.cli.shape import TerminalProgress
from cop.kernel.progress import Progress
from cop.road.stages import Stage


@contextmanager
def told(title: str) -> Generator[Progress]:
    """A bar on a terminal, elsewhere a line at either end, for the work of the block."""
    stage = Stage(title, title, None, (), (), lambda _: (), lambda *_: None)
    with TerminalProgress() as terminal:
        yield terminal.begin(stage)
        terminal.end(stage)
