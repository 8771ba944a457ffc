"""What the verbs of `cop providers` share: their arguments, the vault, and what is told of a cell."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cop.cli.shape import say, say_json

if TYPE_CHECKING:
    from cop.road.build import Road
    from cop.vault.members.rules import Actor
    from cop.vault.providers.course import Act, Cell, Course

folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
provider = click.argument("provider", metavar="PROVIDER")
criterion = click.argument("criterion", metavar="CRITERION")
region = click.option("--region", default="", help="For whom the text says it, where it differs by region.")
ages = click.option("--ages", default="", help="For whom the text says it, where it differs by age.")
by = click.option(
    "--by", required=True, metavar="WHO", help="Who acts: a name, a role, or the address of a person of the desk."
)
day = click.option("--date", "day", metavar="DATE", help="The day of the act, YYYY-MM-DD (default: today).")
seen = click.option(
    "--seen", type=int, required=True, metavar="N", help="How many acts on the cell you have seen (`show` says it)."
)


def start(folder: Path) -> Road:
    """The observatory's road, with its vault started."""
    from cop.config.observatory import read_observatory
    from cop.config.start import start
    from cop.road.build import Road

    observatory = read_observatory(folder)
    start(observatory)
    return Road(observatory)


def who(by: str) -> Actor:
    """Whoever acts: a person of the desk with the posts one holds, by an address; else somebody with that name.

    Raises:
        NotFound: nobody at the desk has this address.
    """
    from cop.vault.members.queries import actor_numbered, person_numbered
    from cop.vault.providers.rules import named

    return actor_numbered(person_numbered(by)) if "@" in by else named(by)


def as_day(text: str | None) -> date:
    """The day that was given, today without one."""
    from cop.kernel.periods import parse_date

    return parse_date(text) if text else datetime.now(UTC).date()


def cell_facts(cell: Cell) -> dict[str, str]:
    """A cell as JSON has it."""
    return {"provider": cell.provider, "criterion": cell.criterion, "region": cell.region, "ages": cell.ages}


def act_facts(act: Act) -> dict[str, Any]:
    """An act as JSON has it."""
    quotes = [
        {"document": q.document, "version": q.version.isoformat(), "quote": q.quote, "start": q.start, "end": q.end}
        for q in act.quotes
    ]
    return {
        "act": act.kind, "date": act.on.isoformat(), "by": act.by, "finding": act.finding, "text": act.text,
        "quotes": quotes, "filed": act.filed, "source": act.source,
    }  # fmt: skip


def tell(course: Course, *, as_json: bool) -> None:
    """Where an act led."""
    finding = course.standing.finding if course.standing else None
    if as_json:
        facts = {"state": course.state, "seen": course.number, "finding": finding, "contested": course.contested}
        say_json({**cell_facts(course.cell), **facts})
        return
    say(f"{course.cell}: {course.state}, {finding or 'no decision stands'}; acts: {course.number}")
