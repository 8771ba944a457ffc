"""`cop providers queue`: what waits for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cop.cli.providers import acting
from cop.cli.shape import as_json, say, say_json


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
    from cop.vault.providers.seeing import waiting

    rows: list[dict[str, Any]] = [
        {**acting.cell_facts(w.cell), "state": w.state, "seen": w.number, "proposed": w.proposed}
        for w in waiting(watched())
    ]
    if as_json:
        say_json(rows)
        return
    for row in rows:
        place = "/".join(filter(None, (row["provider"], row["criterion"], row["region"], row["ages"])))
        say(f"{row['state']:<13} {place:<28} proposed {row['proposed']}, acts: {row['seen']}")
    say(f"{len(rows)} cells wait")
