"""Progress of long work, told by libraries to whoever listens (the terminal, the desk, nobody)."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """One stage of work. `total` may come late or never; `advance` counts units done (rows, pages, documents)."""

    def total(self, units: int) -> None: ...

    def advance(self, units: int = 1) -> None: ...


class Silent:
    """Listens to nothing: the default of every library call."""

    def total(self, units: int) -> None:
        del units

    def advance(self, units: int = 1) -> None:
        del units


SILENT: Progress = Silent()
