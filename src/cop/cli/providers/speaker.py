"""`cop providers speaker`: which organisations speak for a provider."""

from __future__ import annotations

from pathlib import Path

import click

from cop.cli.providers import acting
from cop.cli.shape import as_json, say, say_json


@click.command("speaker")
@acting.folder
@acting.provider
@click.argument("organisation", required=False)
@click.option("--remove", is_flag=True, help="Let it speak for the provider no more.")
@click.option("--by", default="", metavar="ADDRESS", help="The e-mail address of the person of the secretariat.")
@as_json
def command(folder: Path, provider: str, organisation: str | None, remove: bool, by: str, as_json: bool) -> None:
    """Let the delegates and focal points of a Sector Member speak for a provider at the desk; without one, list them.

    \b
    Example:
      cop providers speaker observatory brinecast brinecast-group
    """
    road = acting.start(folder)
    from cop.vault.providers.operations import name_speaker, remove_speaker
    from cop.vault.providers.queries import speakers, watched

    watched(provider)
    if organisation is not None:
        road.reopen()
        (remove_speaker if remove else name_speaker)(actor=acting.who(by), provider=provider, slug=organisation)
    found = speakers(provider)
    if as_json:
        say_json([{"organisation": s.slug, "name": s.name} for s in found])
        return
    for one in found:
        say(f"{one.slug:<24} {one.name}")
    say(f"{len(found)} organisations speak for {provider}")
