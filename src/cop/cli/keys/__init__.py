"""`cop keys`: the keys that narratives are sealed to, one module per verb."""

from __future__ import annotations

import click

from cop.cli.lazy import Lazy

VERBS = {
    "status": "Who holds which key, and what is to be done.",
    "ceremony": "Make the escrow: print its shares, keep its public key.",
    "recover": "Give an organisation's key to a new holder, from the printed shares.",
    "office": "Create, grant, revoke and rotate an organisation's key; seal older reports anew.",
    "new": "Make a key pair in a file, for what is sealed outside the desk.",
}


@click.group("keys", cls=Lazy, package="cop.cli.keys", verbs=VERBS)
def command() -> None:
    """Make and use the keys that narratives are sealed to.

    \b
    Example:
      cop keys ceremony observatory --threshold 2 --shares 3 -o shares/
    """
