"""The road as far as a draft that the monitor alone reads: the site and the report stay those of the last build."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from cop.road.build import Road
from cop.road.stages import Stage

MONITOR = "monitor"


class Look(Road):
    """Takes inputs in as a build does, into the same vault, and writes its draft into the monitor's own folder."""

    @property
    def editions(self) -> Path:
        return self.folder / MONITOR / "editions"

    @cached_property
    def stages(self) -> list[Stage]:
        """The stages that take in, then the door."""
        return [*self.taking_in, replace(self._edition(self.taking_in), id="look")]

    def prune(self) -> None:
        """Remove every draft but the newest."""
        for path in self.editions.iterdir():
            if path.is_dir() and path != self.edition_path():
                shutil.rmtree(path)
