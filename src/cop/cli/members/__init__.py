"""`cop members`: organisations and people of the desk, one module per verb."""

from __future__ import annotations

import click

from cop.cli.lazy import Lazy

VERBS = {
    "organisations": "Add an organisation; list them.",
    "invite": "Make the link that lets a person in.",
    "list": "Who holds which post.",
    "remove": "Take a post away, or let a person in no more.",
    "token": "Make or revoke the token of an organisation's program.",
}


@click.group("members", cls=Lazy, package="cop.cli.members", verbs=VERBS)
def command() -> None:
    """Organisations and people of the desk: the first of them are added here, the others in the desk itself.

    \b
    Example:
      cop members organisations add office "Observatory office" --kind observatory --dir observatory
      cop members invite office administrator admin@example.org "Ada Admin" --dir observatory
    """
