"""`cop retention`: what is erased, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cop.cli.shape import as_json, in_observatory, say, say_json

if TYPE_CHECKING:
    from cop.config.observatory import Observatory
    from cop.vault.cases.expiry import Erased


@click.group("retention")
def command() -> None:
    """Erase the reports whose time has come, by the rules of retention.

    \b
    Example:
      cop retention plan observatory && cop retention run observatory
    """


_on = click.option("--date", "on", metavar="DATE", help="The day to reckon for, YYYY-MM-DD (default: today).")


@command.command()
@in_observatory
@_on
@as_json
def plan(folder: Path, on: str | None, as_json: bool) -> None:
    """Say what a run would erase, by rule, and how much a legal hold keeps. Nothing is changed.

    \b
    Example:
      cop retention plan observatory --date 2027-01-01 --json
    """
    observatory, day = _started(folder), _day(on)
    from cop.vault.cases import expiry

    _tell(expiry.plan(rules=observatory.retention_rules, on=day), day, done=False, as_json=as_json)


@command.command()
@in_observatory
@click.option("--dry-run", is_flag=True, help="Say what would be erased, and do nothing: `plan` for today.")
@click.option("--no-vacuum", is_flag=True, help="Leave the space of erased rows to the database: old bytes may stay.")
@as_json
def run(folder: Path, dry_run: bool, no_vacuum: bool, as_json: bool) -> None:
    """Erase what is due today: rows, envelopes, histories; then write the database anew without them.

    Each report is reckoned again first, by the rules as they are now. What is on hold stays. Counts stay where the rule
    says so. With PostgreSQL the tables are locked while they are written anew: run it when the desk is quiet.

    \b
    Example:
      cop retention run observatory --json
    """
    observatory, day = _started(folder), _day(None)
    from cop.vault.cases import expiry
    from cop.vault.cases.vacuum import vacuum
    from cop.vault.members.rules import program

    rules = observatory.retention_rules
    if dry_run:
        _tell(expiry.plan(rules=rules, on=day), day, done=False, as_json=as_json)
        return
    erased = expiry.run(actor=program("retention"), rules=rules, on=day)
    if erased.total and not no_vacuum:
        vacuum()
    _tell(erased, day, done=True, as_json=as_json)


@command.command()
@in_observatory
@as_json
def reckon(folder: Path, as_json: bool) -> None:
    """Let the worker set every report's day anew, after the rules of retention were changed.

    \b
    Example:
      cop retention reckon observatory && cop work observatory --once
    """
    _started(folder)
    from cop.vault.cases.course import BEFORE_SCHEDULED
    from cop.vault.reports.leases import again

    number = again(after=BEFORE_SCHEDULED)
    if as_json:
        say_json({"waiting": number})
    else:
        say(f"{number:,} reports wait for the worker")


def _started(folder: Path) -> Observatory:
    from cop.config.observatory import read_observatory
    from cop.config.start import start

    observatory = read_observatory(folder)
    start(observatory)
    return observatory


def _day(text: str | None) -> date:
    from cop.kernel.periods import parse_date

    return parse_date(text) if text else datetime.now(UTC).date()


def _tell(found: Erased, day: date, *, done: bool, as_json: bool) -> None:
    if as_json:
        say_json({
            "date": day.isoformat(), "dry_run": not done, "erased" if done else "due": found.total,
            "by_rule": found.by_rule, "held": found.held,
        })  # fmt: skip
        return
    for rule, number in found.by_rule.items():
        say(f"{rule:<30} {number:>10,}")
    held = f"; {found.held:,} more are due and on hold" if found.held else ""
    say(f"{found.total:,} reports {'erased' if done else f'would be erased on {day}'}{held}")
