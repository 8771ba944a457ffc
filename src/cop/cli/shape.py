"""What the verbs share: the place of an observatory, how errors, results and progress are shown."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from cop.kernel.errors import CopError
from cop.kernel.progress import Progress
from cop.road.stages import Stage

F = TypeVar("F", bound=Callable[..., Any])


def in_observatory(function: F) -> F:
    """`DIR` or `--dir DIR`, the current folder by default, as the argument `folder`."""

    def settle(ctx: click.Context, _: click.Parameter, value: str | None) -> Path:
        option = ctx.params.pop("dir_option", None)
        if value and option and Path(value) != Path(option):
            raise click.UsageError("DIR and --dir name different folders")
        return Path(value or option or ".")

    function = click.argument("folder", metavar="[DIR]", required=False, callback=settle)(function)
    return click.option(
        "--dir", "dir_option", metavar="DIR", is_eager=True, help="The observatory's folder (default: the current one)."
    )(function)


as_json = click.option("--json", "as_json", is_flag=True, help="Answer as JSON on standard output.")


def wants_json() -> bool:
    """Whether the caller of the present verb asked for JSON."""
    context = click.get_current_context(silent=True)
    return bool(context and context.params.get("as_json")) or "--json" in sys.argv


def fail(error: CopError) -> NoReturn:
    """One line on standard error (and the same as JSON on standard output where asked), exit 2."""
    if wants_json():
        say_json(error.as_json())
    sys.stderr.write(f"{error}\n")
    sys.exit(2)


def say(text: str) -> None:
    """A line of the answer."""
    click.echo(text)


def say_json(value: Mapping[str, object] | list[Any]) -> None:
    """The answer as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


class TerminalProgress:
    """A bar per stage on a terminal; elsewhere one plain line when a stage begins and one when it ends."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._console = Console(stderr=True)
        self._bars = (
            Progress(
                TextColumn("{task.description:<34}"),
                BarColumn(bar_width=28),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=self._console,
            )
            if self._console.is_terminal
            else None
        )
        self._tasks: dict[str, Any] = {}
        self._began: dict[str, float] = {}

    def __enter__(self) -> TerminalProgress:
        if self._bars:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars:
            self._bars.stop()

    def begin(self, stage: Stage) -> _Bar:
        """A new stage."""
        self._began[stage.id] = time.monotonic()
        if self._bars is None:
            sys.stderr.write(f"{stage.title} ...\n")
            return _Bar(None, None)
        self._tasks[stage.id] = self._bars.add_task(stage.title, total=None)
        return _Bar(self._bars, self._tasks[stage.id])

    def end(self, stage: Stage) -> None:
        """The stage is done."""
        seconds = time.monotonic() - self._began[stage.id]
        if self._bars is None:
            sys.stderr.write(f"{stage.title}: done in {seconds:.1f} s\n")
            return
        task = self._tasks[stage.id]
        total = self._bars.tasks[task].total or 1
        self._bars.update(task, total=total, completed=total)


class _Bar:
    def __init__(self, bars: Any, task: Any) -> None:  # noqa: ANN401 - rich's, or None off a terminal
        self._bars, self._task = bars, task

    def total(self, units: int) -> None:
        if self._bars:
            self._bars.update(self._task, total=units)

    def advance(self, units: int = 1) -> None:
        if self._bars:
            self._bars.advance(self._task, units)


class Pace:
    """How far and how fast records go, once they have gone for two seconds: a bar, or a plain line twice a minute.

    Standard error has it. Without a known number of records there is no share. Where codes go to the same terminal,
    `quiet` leaves the screen to them.
    """

    def __init__(self, title: str, *, before: int = 0, total: int | None = None, quiet: bool = False) -> None:
        self._title, self._total, self._quiet = title, total, quiet
        self._done = before
        self._next = time.monotonic() + _PATIENCE
        self._first: tuple[int, float] | None = None
        self._bar: Any = None

    def __enter__(self) -> Pace:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, units: int) -> None:
        """So many more records are done."""
        self._done += units
        now = time.monotonic()
        if self._first is None:  # how long it took to begin says nothing of the pace
            self._first = self._done, now
            return
        if self._quiet or now < self._next:
            return
        if not sys.stderr.isatty():
            self._next = now + _EVERY
            sys.stderr.write(f"{self._title}: {self._said(*self._first, now)} ...\n")
            return
        self._bar = self._bar or _started_bar(self._title, self._total)
        [task] = self._bar.task_ids
        self._bar.update(task, completed=self._done, said=self._said(*self._first, now))

    def _said(self, first: int, began: float, now: float) -> str:
        number = f"{self._done:,}"
        if self._total:
            number += f" of {self._total:,} records ({100 * self._done // self._total} %)"
        else:
            number += " records"
        return f"{number}, {(self._done - first) / (now - began):,.0f} records/s"


_PATIENCE = 2.0
_EVERY = 30.0


def _started_bar(title: str, total: int | None) -> Any:  # noqa: ANN401 - rich's
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=28), TextColumn("{task.fields[said]}"))
    bar = Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True))
    bar.start()
    bar.add_task(title, total=total, said="")
    return bar


@contextmanager
def told(title: str) -> Generator[Progress]:
    """A bar on a terminal, elsewhere a line at either end, for the work of the block."""
    stage = Stage(title, title, None, (), (), lambda _: (), lambda *_: None)
    with TerminalProgress() as terminal:
        yield terminal.begin(stage)
        terminal.end(stage)
