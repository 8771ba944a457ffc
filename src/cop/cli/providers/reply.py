"""`cop providers reply`: what a provider says beside a finding."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from cop.cli.providers import acting
from cop.cli.shape import as_json
from cop.kernel.errors import NotFound, Where

if TYPE_CHECKING:
    from cop.terms.criteria import FindingName

FILED = "filed"


@click.command("reply")
@acting.folder
@acting.provider
@acting.criterion
@click.option("--contest", is_flag=True, help="The provider contests the finding; without it, it answers.")
@click.option("--file", "filed", type=click.Path(path_type=Path), metavar="FILE", help="A new text that it files.")
@click.option("--declare", type=click.Choice(["met", "partly", "not_met"]), help="What it declares of itself.")
@click.option("--text", required=True, help="Its words; published beside the finding.")
@acting.region
@acting.ages
@acting.by
@acting.day
@acting.seen
@as_json
def command(
    folder: Path, provider: str, criterion: str, contest: bool, filed: Path | None, declare: str | None, text: str,
    region: str, ages: str, by: str, day: str | None, seen: int, as_json: bool,
) -> None:  # fmt: skip
    """Keep what a provider says on a criterion: an answer, a contest, a new text, or its own declaration.

    It is published beside the finding, and changes none. A filed text is kept in DIR/filed: to be watched, name it as a
    version of its document.

    \b
    Example:
      cop providers reply observatory brinecast OWN-1 --contest --by "Brinecast, legal" --seen 2 \\
        --text "The clause has no effect in most countries."
    """
    if sum((contest, filed is not None, declare is not None)) > 1:
        raise click.UsageError("--contest, --file and --declare are three replies")
    road = acting.start(folder)
    from cop.vault.providers import operations
    from cop.vault.providers.course import Cell
    from cop.vault.providers.rules import Actor

    cell, actor, on = Cell(provider, criterion, region, ages), Actor(by, "provider", provider), acting.as_day(day)
    road.reopen()
    if declare is not None:
        finding = cast("FindingName", declare)
        course = operations.declare(cell=cell, finding=finding, text=text, actor=actor, on=on, seen=seen)
    else:
        sha256 = _keep(folder, filed) if filed is not None else ""
        kind = "contest" if contest else "new_text" if sha256 else "answer"
        course = operations.reply(cell=cell, kind=kind, text=text, actor=actor, on=on, seen=seen, filed=sha256)
    acting.tell(course, as_json=as_json)


def _keep(folder: Path, path: Path) -> str:
    """Keep a filed text under its hash; the hash."""
    from cop.terms.documents import from_bytes

    if not path.is_file():
        raise NotFound("there is no such file", where=Where(path))
    data = path.read_bytes()
    from_bytes(data, name=path.name)  # refuses what nobody could read
    sha256 = hashlib.sha256(data).hexdigest()
    (folder / FILED).mkdir(exist_ok=True)
    (folder / FILED / f"{sha256[:16]}{path.suffix.lower()}").write_bytes(data)
    return sha256
