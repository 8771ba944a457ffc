"""`cop work`: the worker."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cop.cli.shape import as_json, in_observatory, say, say_json

if TYPE_CHECKING:
    from cop.vault.reports.leases import Backlog


@click.command("work")
@in_observatory
@click.option("--once", is_flag=True, help="Stop when nothing waits any more; without it, wait for more.")
@click.option("--status", is_flag=True, help="Say what waits, and do nothing.")
@as_json
def command(folder: Path, once: bool, status: bool, as_json: bool) -> None:
    """Take every report through what is to be done with it: audit lot, likely duplicates, day of expiry.

    Several may run at once. One that is killed loses nothing: its records are taken up again within a minute. On TERM
    it ends after the record in hand.

    \b
    Examples:
      cop work observatory
      cop work observatory --status --json
    """
    from cop.config.observatory import read_observatory
    from cop.config.start import start
    from cop.kernel.errors import Unavailable

    observatory = read_observatory(folder)
    start(observatory)
    from cop.vault.cases.steps import steps
    from cop.vault.cases.worker import Worker
    from cop.vault.members.rules import program
    from cop.vault.reports.leases import backlog

    course = steps(observatory.retention_rules, actor=program("work"), audit_rate=observatory.coding.audit_rate)
    if status:
        _tell(backlog(), [step.name for step in course], as_json=as_json)
        return
    worker = Worker(course)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop.set())
    worker.run(once=once)
    if as_json:
        say_json({"done": worker.done, "put_off": worker.failed, "taken_over": worker.lost})
    else:
        say(f"{worker.done:,} records done, {worker.failed:,} put off")
    if once and worker.failed:
        raise Unavailable(f"{worker.failed:,} records were put off", expected="another run, after a look at the log")


def _tell(found: Backlog, names: list[str], *, as_json: bool) -> None:
    waits = {names[step] if step < len(names) else str(step): n for step, n in found.waiting.items()}
    age = round((datetime.now(UTC) - found.oldest).total_seconds()) if found.oldest else None
    if as_json:
        say_json({
            "backlog": found.total, "waits_for": waits, "oldest_seconds": age, "leased": found.leased,
            "leases_expired": found.expired,
        })  # fmt: skip
        return
    waiting = ", ".join(f"{n:,} for {name}" for name, n in waits.items())
    say(
        f"backlog {found.total:,}{f' ({waiting})' if waiting else ''}; oldest {'-' if age is None else f'{age:,} s'}; "
        f"leased {found.leased:,}; leases expired {found.expired:,}"
    )
