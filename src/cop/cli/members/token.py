"""`cop members token`: the tokens with which an organisation's programs call the service."""

from __future__ import annotations

from pathlib import Path

import click

from cop.cli.members import acting
from cop.cli.shape import as_json, say, say_json


@click.group("token")
def command() -> None:
    """Tokens of programs: each names its organisation, and only its hash is kept.

    \b
    Example:
      cop members token new safe-line "case system" --dir observatory
    """


@command.command()
@click.argument("organisation")
@click.argument("name")
@acting.folder
@as_json
def new(organisation: str, name: str, folder: Path, as_json: bool) -> None:
    """Make a token for a program of ORGANISATION and show it this once; NAME says what it is for.

    \b
    Example:
      cop members token new safe-line "case system" --dir observatory
    """
    _, actor = acting.begin(folder)
    from cop.vault.members import operations, queries

    number = queries.organisation(organisation).pk
    token = operations.issue_token(actor=actor, organisation=number, name=name)
    if as_json:
        say_json({"organisation": organisation, "name": name, "token": token})
        return
    say(token)


@command.command()
@click.argument("number", type=int)
@acting.folder
@as_json
def revoke(number: int, folder: Path, as_json: bool) -> None:
    """Make the token of that NUMBER void, at once: `cop members list` shows the numbers.

    \b
    Example:
      cop members token revoke 3 --dir observatory
    """
    _, actor = acting.begin(folder)
    from cop.vault.members.operations import revoke_token

    revoke_token(actor=actor, token=number)
    if as_json:
        say_json({"token": number, "revoked": True})
        return
    say(f"token {number} is void")
