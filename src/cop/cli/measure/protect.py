"""`cop measure protect`: tables made safe to publish."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cop.cli.shape import as_json, say, say_json, told


@click.command("protect")
@click.argument("description", metavar="TABLES.toml", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", metavar="FOLDER", type=click.Path(path_type=Path),
    help="Where the protected tables go (default: a folder named after the release, beside TABLES.toml).",
)  # fmt: skip
@as_json
def command(description: Path, output: Path | None, as_json: bool) -> None:
    """Protect all tables of a release together, with what was published before.

    By the method that TABLES.toml names: cells are suppressed (small ones, and the fewest others that would give them
    away), rounded at random to a base, or perturbed by the keys of their records. Suppressed tables are attacked before
    they are put in their place: one that gives a cell away is refused (exit 2). A withheld value is empty, with
    obs_status Q and conf_status C (primary) or D (secondary); a missing one has obs_status M.

    \b
    Examples:
      cop measure protect tables.toml -o release-2025
      cop measure protect tables.toml --json
    """
    from cop.measurement.disclosure.description import read
    from cop.measurement.disclosure.release import protect_release

    release = read(description)
    folder = output or description.parent / release.id
    with told("Protecting the tables") as progress:
        said = protect_release(release, folder, progress=progress)
    if as_json:
        say_json({"folder": str(folder), **said})
        return
    for table in said["tables"]:
        facts = ", ".join(f"{value:,} {key}" for key, value in table.items() if key != "table")
        say(f"{table['table']}: {facts}")
    if said["method"] == "suppress":
        least = "the fewest possible" if said["fewest"] else f"{said['lower_bound']:g} would be needed at least"
        say(f"{said['primary']:,} primary and {said['secondary']:,} secondary cells ({least}); audited: nothing found")
    sys.stderr.write(f"{folder}\n")
