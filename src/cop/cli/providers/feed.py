"""`cop providers feed`: the changes as an Atom feed."""

from __future__ import annotations

from pathlib import Path

import click

from cop.cli.providers import acting
from cop.cli.shape import as_json, say, say_json


@click.command("feed")
@acting.folder
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: standard output.")
@as_json
def command(folder: Path, output: Path | None, as_json: bool) -> None:
    """The changes of the list and of findings as an Atom feed, newest first.

    \b
    Example:
      cop providers feed observatory -o list.atom
    """
    from cop.publication.language import read_language
    from cop.publication.providers import atom_feed

    road = acting.start(folder)
    from cop.vault.providers.queries import provider_history, providers

    history = provider_history()
    if as_json:
        say_json(history)
        return
    names = {p["id"]: p["name"] for p in providers()}
    about = road.observatory.observatory
    written = atom_feed(
        history, names, {"id": about.id, "title": about.title, "organisation": about.organisation},
        read_language("en"), updated=road.observatory.release.date.isoformat(), base_url=None,
    )  # fmt: skip
    if output is None:
        click.echo(written.decode(), nl=False)
        return
    output.write_bytes(written)
    say(f"{len(history)} changes in {output}")
