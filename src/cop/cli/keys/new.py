"""`cop keys new`: a key pair in a file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from cop.cli.shape import say
from cop.kernel.errors import Conflict


@click.command("new")
@click.argument("name")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="File for the wrapped private key (mode 0600).",
)
@click.password_option("--passphrase", help="Asked for twice when not given; it cannot be recovered.")
def command(name: str, output: Path, passphrase: str) -> None:
    """Make a key pair for NAME: the private key, wrapped under a passphrase, into a file; the public line to print.

    The printed line goes under [vault] recipients in observatory.toml, so that what comes by files is sealed to it, and
    under [backup] for backups. People of the desk make their keys there.

    \b
    Example:
      cop keys new "Analyst One" -o analyst-one.key
    """
    from cop.kernel.sealing import new_recipient

    if output.exists():
        raise Conflict(f"{output} exists", expected="a new file: a key is never overwritten")
    recipient, wrapped = new_recipient(name, passphrase)
    with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(wrapped + "\n")
    say(recipient.line())
