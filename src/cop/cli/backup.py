"""`cop backup`: one sealed archive of an observatory, made while it is in use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cop.cli.shape import as_json, in_observatory, say, say_json

if TYPE_CHECKING:
    from cop.kernel.sealing import Recipient


@click.command("backup")
@in_observatory
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The archive (default: by the time, under [backup] folder)."
)
@click.option(
    "--to",
    "to",
    multiple=True,
    metavar="RECIPIENT",
    help="Who can open it: a line that `cop keys new` printed, or a file with such lines (default: [backup]).",
)
@click.option("--signing-key", is_flag=True, help="Put the private key that signs editions in as well.")
@as_json
def command(folder: Path, output: Path | None, to: tuple[str, ...], signing_key: bool, as_json: bool) -> None:
    """Write the vault's database, the editions, the keys and the description into one archive, sealed to RECIPIENTs.

    Reports may come in meanwhile. Keep the archive and the recipients' private keys off this machine.

    \b
    Example:
      cop backup observatory -o 2026-01-15.cop-backup --to backup-office.pub
    """
    from cop.config.observatory import read_observatory
    from cop.kernel.sealing import Recipient
    from cop.road.backup import backup

    observatory = read_observatory(folder)
    lines = [line for word in to for line in _lines(word)] or list(observatory.backup.recipients)
    recipients: list[Recipient] = [Recipient.parse(line) for line in lines]
    made = backup(observatory, output, recipients, signing_key=signing_key)
    if as_json:
        facts = {"path": str(made.path), "at": made.note.at.isoformat(), "sha256": made.note.sha256}
        counts = {"bytes": made.note.bytes, "files": made.files, "rows": made.rows}
        say_json({**facts, **counts, "entries": made.note.entries, "head": made.note.head})
        return
    say(f"{made.path}  {made.note.bytes:,} bytes, {sum(made.rows.values()):,} rows, {made.files} files")
    say(f"ledger   {made.note.entries:,} entries, head {made.note.head or 'none'}")
    say(f"sealed   to {', '.join(r.name for r in recipients)}")


def _lines(word: str) -> list[str]:
    """A recipient as it stands, or the lines of the file of that name."""
    if word.startswith("cop-recipient "):
        return [word]
    return [line for line in Path(word).read_text(encoding="utf-8").splitlines() if line.strip()]
