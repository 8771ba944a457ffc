"""`cop init`: the folder of a new observatory."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from cop.cli.shape import as_json, say, say_json
from cop.kernel.errors import Conflict

_FOLDERS = ("reports", "surveys", "series", "providers", "meetings", "report")
_IGNORED = "# what cop makes, and what must never be shared\nvault/\nwork/\nkeys/signing.key\n"


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@as_json
def command(folder: Path, as_json: bool) -> None:
    """Make DIR with a commented observatory.toml and the folders for its inputs.

    Nothing that is there already is touched.

    \b
    Example:
      cop init observatory
    """
    description = folder / "observatory.toml"
    if description.exists():
        raise Conflict(f"{description} exists", expected="a folder without an observatory")
    for name in _FOLDERS:
        (folder / "inputs" / name).mkdir(parents=True, exist_ok=True)
    template = files("cop.config") / "template" / "observatory.toml"
    description.write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
    if not (folder / ".gitignore").exists():
        (folder / ".gitignore").write_text(_IGNORED, encoding="utf-8")
    if as_json:
        say_json({"folder": str(folder), "description": str(description), "inputs": [f"inputs/{n}" for n in _FOLDERS]})
    else:
        say(f"{description} is ready: fill it in, put the inputs under {folder / 'inputs'}, then: cop build {folder}")
