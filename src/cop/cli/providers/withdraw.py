"""`cop providers withdraw`: take back a review that waits for a second one."""

from __future__ import annotations

from pathlib import Path

import click

from cop.cli.providers import acting
from cop.cli.shape import as_json


@click.command("withdraw")
@acting.folder
@acting.provider
@acting.criterion
@click.option("--reason", required=True, help="Why; kept beside the review, published nowhere.")
@acting.region
@acting.ages
@acting.by
@acting.day
@acting.seen
@as_json
def command(
    folder: Path, provider: str, criterion: str, reason: str, region: str, ages: str, by: str, day: str | None,
    seen: int, as_json: bool,
) -> None:  # fmt: skip
    """Take back one's review while it waits for a second reviewer; the review and this stay in the course.

    \b
    Example:
      cop providers withdraw observatory brinecast LIC-3 --seen 1 --by "Reviewer A" --reason "I read an older text."
    """
    road = acting.start(folder)
    from cop.vault.providers.course import Cell
    from cop.vault.providers.operations import withdraw

    road.reopen()
    cell = Cell(provider, criterion, region, ages)
    course = withdraw(actor=acting.who(by), cell=cell, reason=reason, on=acting.as_day(day), seen=seen)
    acting.tell(course, as_json=as_json)
