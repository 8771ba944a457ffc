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

    data = _read(filed) if filed is not None else b""
    cell, actor, on = Cell(provider, criterion, region, ages), acting.who(by), acting.as_day(day)
    road.reopen()
    if declare is not None:
        finding = cast("FindingName", declare)
        course = operations.declare(actor=actor, cell=cell, finding=finding, text=text, on=on, seen=seen)
    elif filed is not None:
        course = operations.file_text(actor=actor, cell=cell, data=data, name=filed.name, text=text, on=on, seen=seen)
        _keep(folder, filed, data)
    else:
        kind = "contest" if contest else "answer"
        course = operations.reply(actor=actor, cell=cell, kind=kind, text=text, on=on, seen=seen)
    acting.tell(course, as_json=as_json)


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise NotFound("there is no such file", where=Where(path))
    return path.read_bytes()


def _keep(folder: Path, path: Path, data: bytes) -> None:
    """Keep a filed file under its hash."""
    sha256 = hashlib.sha256(data).hexdigest()
    (folder / FILED).mkdir(exist_ok=True)
    (folder / FILED / f"{sha256[:16]}{path.suffix.lower()}").write_bytes(data)
