"""`cop keys ceremony`: the escrow's key is made, printed as shares, proved, and forgotten."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click

from cop.cli.shape import in_observatory, say
from cop.kernel.errors import Conflict


@click.command("ceremony")
@in_observatory
@click.option("--threshold", type=click.IntRange(2, 16), default=2, show_default=True, help="Shares that are needed.")
@click.option("--shares", type=click.IntRange(2, 16), default=3, show_default=True, help="Shares that are printed.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="A new folder for the pages (mode 0700); on a medium that can be destroyed.",
)
@click.option("--replace", is_flag=True, help="Make a new escrow in the place of one whose shares were lost or seen.")
def command(folder: Path, threshold: int, shares: int, output: Path, replace: bool) -> None:
    """Make the escrow: one PDF page per share into a folder; any THRESHOLD of them open everything, fewer nothing.

    The private key is put together again from the finished pages before its public key is kept; it is stored nowhere.
    Print the pages, give each to another person, destroy the folder.

    \b
    Example:
      cop keys ceremony observatory --threshold 2 --shares 3 -o shares/
    """
    from cop.config.observatory import read_observatory
    from cop.config.start import start

    observatory = read_observatory(folder)
    start(observatory)
    from nacl.public import PrivateKey

    from cop.cli.keys.sheets import Sheet, sheet_pdf
    from cop.kernel.escrow import split
    from cop.kernel.hashing import text_sha256
    from cop.vault.members import keys
    from cop.vault.members.keys.rules import PROGRAM
    from cop.vault.members.rules import program

    there = keys.escrow_in_use()
    if there is not None and not replace:
        raise Conflict(
            f"there is an escrow of {there.threshold} of {there.shares} shares since {there.created:%Y-%m-%d}",
            expected="--replace, if its shares were lost or seen",
        )
    if output.exists():
        raise Conflict(f"{output} exists", expected="a new folder")
    private = PrivateKey.generate()
    public = bytes(private.public_key)
    about = observatory.observatory
    sheets = [
        Sheet(
            words=line,
            number=number,
            shares=shares,
            threshold=threshold,
            observatory=about.title,
            set=text_sha256(public.hex())[:8],
            languages=about.languages,
        )
        for number, line in enumerate(split(private, threshold=threshold, shares=shares), 1)
    ]
    pages = [sheet_pdf(sheet) for sheet in sheets]
    _prove(pages, threshold, public)
    _write(pages, output)
    try:
        keys.establish_escrow(
            actor=program(PROGRAM), public=public, threshold=threshold, shares=shares, replace=replace
        )
    except BaseException:
        shutil.rmtree(output)
        raise
    for path in sorted(output.iterdir()):
        say(str(path))
    say(f"Print each page, give it to another person, destroy {output}: any {threshold} pages open every report.")
    if there is not None:
        say("Now a holder of each organisation's key adds it to the new escrow and rotates it (cop keys status).")


def _prove(pages: list[bytes], threshold: int, public: bytes) -> None:
    """Put the key together from what the pages say, each page in turn among those that are used."""
    from cop.cli.keys.sheets import words_on
    from cop.kernel.escrow import combine

    lines = [words_on(page) for page in pages]
    for first in range(len(lines)):
        some = [lines[(first + step) % len(lines)] for step in range(threshold)]
        if bytes(combine(some).public_key) != public:
            raise Conflict("the pages do not give the key back", expected="to run the ceremony again")


def _write(pages: list[bytes], output: Path) -> None:
    output.mkdir(mode=0o700, parents=True)
    for number, page in enumerate(pages, 1):
        path = output / f"share-{number}-of-{len(pages)}.pdf"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(page)
