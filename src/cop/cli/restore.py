"""`cop restore`: put a backup back elsewhere, and prove that it is whole."""

from __future__ import annotations

from pathlib import Path

import click

from cop.cli.shape import as_json, say, say_json


@click.command("restore")
@click.argument("archive", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--key",
    "key",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The wrapped private key of one of the archive's recipients.",
)
@click.option("--passphrase", help="Of the key; asked for when not given.", prompt=True, hide_input=True)
@click.option("--database", metavar="ADDRESS", help="The empty PostgreSQL database for a backup of one.")
@click.option("--holder", metavar="EMAIL", help="Open a sample of narratives with the key of this person of the desk.")
@click.option("--holder-passphrase", help="Of that person's key; asked for when not given.")
@as_json
def command(
    archive: Path,
    folder: Path,
    key: Path,
    passphrase: str,
    database: str | None,
    holder: str | None,
    holder_passphrase: str | None,
    as_json: bool,
) -> None:
    """Restore FILE into the new folder DIR, count every table, walk the ledger from its first entry to its head.

    Nothing is ever overwritten. A part that fails leaves no folder behind.

    \b
    Example:
      cop restore 2026-01-15.cop-backup restored --key backup-office.key
    """
    from cop.config.observatory import read_observatory
    from cop.kernel.sealing import unlock
    from cop.road.restore import opened_by, restore

    private = unlock(key.read_text(encoding="utf-8"), passphrase)
    done = restore(archive, folder, private, database=database)
    opened, tried = None, None
    if holder:
        words = holder_passphrase or click.prompt(f"Passphrase of {holder}", hide_input=True, err=True)
        opened, tried = opened_by(read_observatory(folder), holder, words)
    if as_json:
        facts = {"folder": str(done.folder), "at": done.at.isoformat(), "files": done.files, "rows": done.rows}
        say_json({**facts, "entries": done.entries, "head": done.head, "opened": opened, "tried": tried})
        return
    say(f"{done.folder}  as of {done.at:%Y-%m-%d %H:%M} UTC: {sum(done.rows.values()):,} rows, {done.files} files")
    say(f"ledger   whole, {done.entries:,} entries, head {done.head or 'none'}")
    if tried is not None:
        say(f"opened   {opened} of {tried} narratives")
