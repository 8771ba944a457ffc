"""`cop build`: the whole road."""

from __future__ import annotations

import fcntl
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import click

from cop.cli.shape import TerminalProgress, as_json, in_observatory, say, say_json
from cop.config.observatory import read_observatory
from cop.kernel.errors import Conflict, Refused
from cop.road.build import REPORT, SITE, WORK, Road
from cop.road.stages import Stage


@click.command("build")
@in_observatory
@click.option(
    "--engine", type=click.Choice(["duckdb"]), default="duckdb", show_default=True, help="Where sums are computed."
)
@click.option(
    "--release", metavar="ID", help="Release the edition under this id; it can never change again. Without it, a draft."
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@as_json
def command(folder: Path, engine: str, release: str | None, dry_run: bool, as_json: bool) -> None:
    """Take an observatory from its inputs to an edition, a site and a report, doing again only what changed.

    A build that is stopped, even killed, goes on where it was when it is started again, and ends in the same edition.

    \b
    Examples:
      cop build observatory
      cop build observatory --release 2026-01
    """
    began = time.monotonic()
    if release is not None and not _fit(release):
        raise Refused.value(
            release,
            "cannot be an edition's id",
            field="--release",
            expected="letters, digits, dots and hyphens, not draft-...",
        )
    road = Road(read_observatory(folder), engine=engine, release=release)
    waiting = road.to_do()
    if dry_run or not waiting:
        _tell(road, [s.id for s in waiting] if dry_run else [], began, as_json=as_json, dry_run=dry_run)
        return
    did = run(road)
    _tell(road, [s.id for s in did], began, as_json=as_json, dry_run=False)


def run(road: Road) -> list[Stage]:
    """Do what is not done on a road, alone in its observatory; what was done."""
    from cop.config.start import start

    with _alone(road.folder):
        for stage in road.to_do():
            road.markers.clear(stage)  # a vault that was deleted is there again, and empty, once it is started
        start(road.observatory)
        with TerminalProgress() as progress:
            return road.run(progress)


def _fit(release: str) -> bool:
    plain = release.replace("-", "").replace(".", "")
    return plain.isalnum() and plain.isascii() and not release.startswith((".", "-", "draft-")) and len(release) <= 60


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Hold the observatory: two builds at once would write over one another."""
    (folder / WORK).mkdir(parents=True, exist_ok=True)
    with (folder / WORK / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("another build of this observatory is running", expected="one at a time") from error
        yield


def _tell(road: Road, stages: list[str], began: float, *, as_json: bool, dry_run: bool) -> None:
    seconds = round(time.monotonic() - began, 1)
    if as_json:
        made = not dry_run
        say_json(
            {
                "dry_run": dry_run,
                "stages": stages,
                "edition": str(road.edition_path()) if made else None,
                "site": str(road.folder / SITE) if made else None,
                "report": str(road.folder / REPORT) if made else None,
                "seconds": seconds,
            }
        )
        return
    if dry_run:
        say("\n".join(["To do:", *(f"  {s}" for s in stages)]) if stages else "Nothing to do: nothing changed.")
        return
    if not stages:
        say(f"Nothing changed: no stage was done ({seconds} s).")
    else:
        sys.stderr.flush()
        say(f"{len(stages)} stages done in {seconds} s.")
    say(f"edition  {road.edition_path()}")
    say(f"site     {road.folder / SITE / 'index.html'}")
    say(f"report   {road.folder / REPORT / 'annual-report.pdf'}  and .docx")
