"""`cop members invite`: the link that lets a person in."""

from __future__ import annotations

from pathlib import Path

import click

from cop.cli.members import acting
from cop.cli.shape import as_json, say, say_json

ROLES = (
    "delegate", "focal_point", "analyst", "reviewer", "key_custodian", "secretariat", "chair", "auditor",
    "administrator",
)  # fmt: skip


@click.command("invite")
@click.argument("organisation")
@click.argument("role", type=click.Choice(ROLES))
@click.argument("email")
@click.argument("name")
@click.option("--at", metavar="URL", help="Where people reach the desk (default: the first host of [desk]).")
@acting.folder
@as_json
def command(organisation: str, role: str, email: str, name: str, at: str | None, folder: Path, as_json: bool) -> None:
    """Invite NAME to a post in ORGANISATION; the link is shown this once and valid for seven days.

    Hand it over yourself: whoever opens it first sets the password. A person who has an account signs in to take it.

    \b
    Example:
      cop members invite safe-line analyst ana@example.org "Ana Lyst" --dir observatory
    """
    observatory, actor = acting.begin(folder)
    from cop.vault.members import operations, queries

    number = queries.organisation(organisation).pk
    token = operations.invite(actor=actor, organisation=number, email=email, name=name, role=role)  # type: ignore[arg-type]
    desk = observatory.desk
    base = at or (f"https://{desk.hosts[0]}" if desk.https else f"http://{desk.hosts[0]}:8765")
    link = f"{base.rstrip('/')}/desk/invitation/{token}/"
    if as_json:
        say_json({"organisation": organisation, "role": role, "link": link, "days": operations.INVITATION_DAYS})
        return
    say(link)
