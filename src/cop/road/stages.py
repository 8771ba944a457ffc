"""Stages of work named by the content they depend on.

A stage's key is the hash of its name, its parameters, the files it reads and the keys of the stages before it. It is
done when its marker in `work/done/` holds that key and everything it makes is there; so a second run with nothing
changed does nothing, a changed input redoes what depends on it, and a run that was killed goes on where it stopped.
A stage's work must be safe to repeat: its marker is removed first and written last.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cop.kernel.errors import Refused
from cop.kernel.hashing import canonical_json, file_sha256, text_sha256
from cop.kernel.progress import Progress


@dataclass(frozen=True, slots=True)
class Input:
    """A file a stage reads, under the name it has in the observatory, with its hash."""

    path: Path
    name: str
    sha256: str


def read_input(path: Path, root: Path) -> Input:
    """An input with its hash.

    Its name is the path within the observatory; of a file outside it the last three parts, so that the same inputs
    have the same names wherever they lie.
    """
    resolved, inside = path.resolve(), root.resolve()
    name = resolved.relative_to(inside) if resolved.is_relative_to(inside) else Path(*resolved.parts[-3:])
    return Input(path, name.as_posix(), file_sha256(path))


@dataclass(frozen=True, slots=True)
class Stage:
    """One piece of the road.

    Attributes:
        id: for instance `survey:xal`; unique on the road.
        title: what a person reads beside the bar.
        parameters: everything but files that its result depends on, as JSON.
        inputs: the files it reads.
        after: the stages whose results it needs.
        makes: the paths that exist once it is done.
        work: does it; told its own key and given a progress to report to.
    """

    id: str
    title: str
    parameters: object
    inputs: Sequence[Input]
    after: Sequence[Stage]
    makes: Callable[[str], Sequence[Path]]
    work: Callable[[str, Progress], None]
    key: str = field(init=False)

    def __post_init__(self) -> None:
        facts = {
            "id": self.id,
            "parameters": self.parameters,
            "inputs": [[i.name, i.sha256] for i in self.inputs],
            "after": [[s.id, s.key] for s in self.after],
        }
        object.__setattr__(self, "key", text_sha256(canonical_json(facts)))


class Listener(Protocol):
    """Hears of stages as they go by."""

    def begin(self, stage: Stage) -> Progress: ...

    def end(self, stage: Stage) -> None: ...


class Markers:
    """The record of what is done, one small file a stage, in `work/done/`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, stage: Stage) -> Path:
        plain = re.sub(r"[^A-Za-z0-9.-]+", "_", stage.id)[-60:]  # for who looks into the folder; the hash tells apart
        return self._folder / f"{plain}-{text_sha256(stage.id)[:12]}.json"

    def done(self, stage: Stage) -> bool:
        """Whether the stage stands done under its present key, with all it makes."""
        try:
            marker = json.loads(self._path(stage).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return marker == {"id": stage.id, "key": stage.key} and all(p.exists() for p in stage.makes(stage.key))

    def mark(self, stage: Stage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(stage)
        part = path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as handle:
            handle.write(canonical_json({"id": stage.id, "key": stage.key}))
            handle.flush()
            os.fsync(handle.fileno())
        part.rename(path)

    def clear(self, stage: Stage) -> None:
        """Count the stage as not done, before its work begins: half of it may undo what an older marker says."""
        self._path(stage).unlink(missing_ok=True)

    def keep_only(self, stages: Iterable[Stage]) -> None:
        """Forget every stage that is not one of these, so that it is done anew should it come back."""
        kept = {self._path(stage) for stage in stages}
        for path in self._folder.glob("*.json"):
            if path not in kept:
                path.unlink()


def all_different(stages: Sequence[Stage]) -> Sequence[Stage]:
    """The stages, each under an id of its own.

    Raises:
        Refused: two have the same, as when a file or a survey is named twice: one would take the other's place.
    """
    ids = [s.id for s in stages]
    if double := next((i for i in ids if ids.count(i) > 1), None):
        raise Refused.value(double, "is named twice in the description", expected="each file and each survey once")
    return stages


def to_do(stages: Iterable[Stage], markers: Markers) -> list[Stage]:
    """The stages that are not done, in order."""
    return [s for s in stages if not markers.done(s)]


def run(stages: Iterable[Stage], markers: Markers, listener: Listener) -> list[Stage]:
    """Do these stages, in order; what was done."""
    did: list[Stage] = []
    for stage in stages:
        markers.clear(stage)
        progress = listener.begin(stage)
        stage.work(stage.key, progress)
        markers.mark(stage)
        listener.end(stage)
        did.append(stage)
    return did
