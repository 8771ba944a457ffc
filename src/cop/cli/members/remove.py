"""`cop members remove`: take a post away, or let a person in no more."""

from __future__ import annotations

from pathlib import Path

import click

from cop.cli.members import acting
from cop.cli.shape import as_json, say, say_json


@click.command("remove")
@click.argument("email")
@click.option("--post", nargs=2, metavar="ORGANISATION ROLE", help="Only this post; without it, the person altogether.")
@acting.folder
@as_json
def command(email: str, post: tuple[str, str] | None, folder: Path, as_json: bool) -> None:
    """Take one post of the person with that address away, or all of them and the way in.

    What the person did stays in the ledger. Replace the key of an office that the person held: cop keys --help.

    \b
    Example:
      cop members remove ana@example.org --post safe-line reviewer --dir observatory
      cop members remove ana@example.org --dir observatory
    """
    _, actor = acting.begin(folder)
    from cop.vault.members import operations, queries

    person = queries.person_numbered(email)
    if post:
        number = queries.organisation(post[0]).pk
        operations.remove_post(actor=actor, person=person, organisation=number, role=post[1])  # type: ignore[arg-type]
    else:
        operations.deactivate(actor=actor, person=person)
    if as_json:
        say_json({"person": person, "post": list(post) if post else None})
        return
    say(f"{email} is not {post[1]} of {post[0]} any more" if post else f"{email} is let in no more")
