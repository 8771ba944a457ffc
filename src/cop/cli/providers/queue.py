"""`cop providers queue`: what waits for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cop.cli.providers import acting
from cop.cli.shape import as_json, say, say_json

_ORDER = ("disputed", "second_needed", "stale", "contested", "undecided")


@click.command("queue")
@acting.folder
@as_json
def command(folder: Path, as_json: bool) -> None:
    """What waits for people: disputes, second reviews, stale decisions, contests, then core criteria not decided.

    \b
    Example:
      cop providers queue observatory --json
    """
    acting.start(folder)
    from cop.vault.providers.queries import watched

    rows: list[dict[str, Any]] = []
    for one in watched():
        for cell, course in one.cells():
            state = "contested" if course.contested and course.state == "decided" else course.state
            if state == "decided" or (state == "undecided" and cell.criterion not in one.place.open):
                continue
            proposed = one.proposals[cell.criterion].finding
            rows.append({**acting.cell_facts(cell), "state": state, "seen": course.number, "proposed": proposed})
    rows.sort(key=lambda r: (_ORDER.index(r["state"]), r["provider"], r["criterion"], r["region"], r["ages"]))
    if as_json:
        say_json(rows)
        return
    for row in rows:
        place = "/".join(filter(None, (row["provider"], row["criterion"], row["region"], row["ages"])))
        say(f"{row['state']:<13} {place:<28} proposed {row['proposed']}, acts: {row['seen']}")
    say(f"{len(rows)} cells wait")
