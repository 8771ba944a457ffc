"""`cop rejects`: the rows that were refused."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from cop.cli.shape import as_json, in_observatory, say, say_json


@click.command("rejects")
@in_observatory
@as_json
def command(folder: Path, as_json: bool) -> None:
    """List the rows of an observatory's inputs that were refused: file, row, field, problem, what was expected.

    \b
    Example:
      cop rejects observatory --json
    """
    from cop.config.observatory import read_observatory
    from cop.config.start import start

    start(read_observatory(folder))
    from cop.vault.registers.queries import rejects

    rows = [asdict(r) for r in rejects()]
    if as_json:
        say_json(rows)
        return
    for r in rows:
        say(f"{r['file']} row {r['row']}, field {r['field'] or '-'}: {r['problem']} (expected {r['expected'] or '-'})")
    say(f"{len(rows):,} refused rows")
