"""`cop members list`: who holds which post."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from cop.cli.members import acting
from cop.cli.shape import as_json, say, say_json


@click.command("list")
@acting.folder
@as_json
def command(folder: Path, as_json: bool) -> None:
    """List everybody with a post, by organisation, with open invitations and tokens.

    \b
    Example:
      cop members list --dir observatory --json
    """
    _, actor = acting.begin(folder)
    from cop.vault.members import queries

    found = []
    for o in queries.organisations(actor):
        parts = {
            "people": [asdict(p) for p in queries.people(actor, o.id)],
            "invitations": [asdict(i) for i in queries.invitations(actor, o.id)],
            "tokens": [asdict(t) for t in queries.tokens(actor, o.id)],
        }
        found.append({"organisation": o.slug, **parts})
    if as_json:
        say_json(_plain(found))
        return
    for one in found:
        say(str(one["organisation"]))
        for p in one["people"]:
            say(f"  {', '.join(p['roles']):<28} {p['email']}  {p['name']}{'' if p['active'] else ' (let in no more)'}")
        for i in one["invitations"]:
            say(f"  {i['role']:<28} {i['email']}  invited{'' if i['open'] else ', out of date'}")
        for t in one["tokens"]:
            say(f"  token {t['id']:<22} {t['name']}{' (revoked)' if t['revoked'] else ''}")


def _plain(value: object) -> list[object]:
    """Dates and times as ISO text."""
    import json

    made: list[object] = json.loads(json.dumps(value, default=str))
    return made
