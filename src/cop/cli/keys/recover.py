"""`cop keys recover`: an organisation's key for a new holder, from the printed shares."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cop.cli.shape import in_observatory, say
from cop.kernel.errors import CopError


@click.command("recover")
@in_observatory
@click.option("--organisation", metavar="SLUG", required=True, help="Whose key.")
@click.option("--to", "email", metavar="EMAIL", required=True, help="Who becomes a holder: has a post and a key there.")
@click.option(
    "--share",
    "files",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A file with the words of one share; asked for when not given.",
)
def command(folder: Path, organisation: str, email: str, files: tuple[Path, ...]) -> None:
    """Give an organisation's key to a person from the shares of the escrow, when every holder is gone.

    The words are asked for share by share and checked at once. Afterwards the new holder rotates the key, and a new
    ceremony replaces the shares that were typed here.

    \b
    Example:
      cop keys recover observatory --organisation hotline --to custodian@hotline.example
    """
    from cop.config.observatory import read_observatory
    from cop.config.start import start

    start(read_observatory(folder))
    from cop.kernel.escrow import combine
    from cop.vault.members import keys, queries
    from cop.vault.members.keys.rules import PROGRAM
    from cop.vault.members.rules import program

    office, person = queries.organisation(organisation), queries.person_numbered(email)
    lines = [path.read_text(encoding="utf-8") for path in files] or _asked()
    given = keys.recover_office(actor=program(PROGRAM), organisation=office.pk, escrow=combine(lines), person=person)
    say(f"{email} holds the key of {organisation} now ({given} versions).")
    say("The holder rotates it in the desk; then hold a new ceremony: cop keys ceremony --replace")


def _asked() -> list[str]:
    """Shares from whoever types them, as many as the first one says; the screen is cleared afterwards."""
    from cop.kernel.escrow import read_share

    lines: list[str] = []
    needed = 1
    while len(lines) < needed:
        line = click.prompt(f"Words of share {len(lines) + 1}", err=True)
        try:
            share = read_share(line)
        except CopError as error:
            sys.stderr.write(f"{error}\n")
            continue
        lines.append(share.words)
        needed = share.threshold
    if sys.stdout.isatty():
        click.clear()
    return lines
