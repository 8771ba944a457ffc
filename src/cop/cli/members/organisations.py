"""`cop members organisations`: add an organisation; list them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from cop.cli.members import acting
from cop.cli.shape import as_json, say, say_json

KINDS = ("observatory", "member_state", "sector_member", "delegation", "hotline", "helpline")


@click.group("organisations")
def command() -> None:
    """Organisations: the observatory's own office, Member States, Sector Members, delegations, hotlines, helplines.

    \b
    Example:
      cop members organisations list --dir observatory
    """


@command.command()
@click.argument("slug")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What it is.")
@click.option("--area", default="", help="Its country, ISO 3166-1 alpha-3; none where it is of no one country.")
@acting.folder
@as_json
def add(slug: str, name: str, kind: str, area: str, folder: Path, as_json: bool) -> None:
    """Add the organisation NAME under the short name SLUG.

    \b
    Example:
      cop members organisations add safe-line "Safe Line" --kind hotline --area XAL --dir observatory
    """
    _, actor = acting.begin(folder)
    from cop.vault.members.operations import add_organisation

    number = add_organisation(actor=actor, slug=slug, name=name, kind=kind, area=area)  # type: ignore[arg-type]
    if as_json:
        say_json({"id": number, "slug": slug, "name": name, "kind": kind, "area": area})
        return
    say(f"added {slug}")


@command.command("list")
@acting.folder
@as_json
def listed(folder: Path, as_json: bool) -> None:
    """List the organisations: short name, kind, country, name.

    \b
    Example:
      cop members organisations list --dir observatory --json
    """
    _, actor = acting.begin(folder)
    from cop.vault.members.queries import organisations

    found = organisations(actor)
    if as_json:
        say_json([asdict(o) for o in found])
        return
    for o in found:
        say(f"{o.slug:<20} {o.kind:<14} {o.area or '-':<4} {o.name}{'' if o.active else ' (closed)'}")
