"""`cop measure audit`: what an attacker makes of a release."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cop.cli.shape import as_json, say, say_json, told

if TYPE_CHECKING:
    from cop.kernel.progress import Progress
    from cop.measurement.disclosure.audit import Audit


@click.command("audit")
@click.argument("release", metavar="RELEASE", type=click.Path(path_type=Path))
@click.option(
    "--past", metavar="RELEASE", multiple=True, type=click.Path(path_type=Path),
    help="An edition released before, oldest first; may be given again. Other releases name theirs.",
)  # fmt: skip
@as_json
def command(release: Path, past: tuple[Path, ...], as_json: bool) -> None:
    """Bound every suppressed cell of RELEASE from all that is published, and refuse what gives a cell away (exit 2).

    RELEASE is a folder that `cop measure protect` wrote, the folder of an edition, or a TABLES.toml that describes
    published tables. The auditor uses values, totals, shares with their base, statuses and earlier releases; it needs
    no true values.

    \b
    Examples:
      cop measure audit release-2025
      cop measure audit editions/2026-1 --past editions/2025-1
    """
    from cop.measurement.disclosure.audit import refusal

    with told("Attacking the release") as progress:
        work = _edition if (release / "edition.json").is_file() else _tables
        audits = work(release, past, progress)
    if as_json:
        say_json({name: {**asdict(found), "safe": found.safe} for name, found in audits.items()})
    else:
        for name, found in audits.items():
            count = f"{found.suppressed:,} suppressed cells, {found.checked:,} bounds, {len(found.findings):,} found"
            say(f"{name}: {count}")
            for finding in found.findings[:_SHOWN]:
                say(f"  {finding}")
            if len(found.findings) > _SHOWN:
                say(f"  and {len(found.findings) - _SHOWN:,} more (--json has them)")
    for name, found in audits.items():
        if not found.safe:
            sys.stderr.write(f"{refusal(name, found)}\n")
            sys.exit(2)


_SHOWN = 20


def _edition(release: Path, past: tuple[Path, ...], progress: Progress) -> dict[str, Audit]:
    from cop.editions.read import open_edition
    from cop.measurement.disclosure.published import Published, audit_edition

    before = [Published.of(open_edition(path)) for path in past]
    return audit_edition(Published.of(open_edition(release)), before, progress=progress)


def _tables(release: Path, past: tuple[Path, ...], progress: Progress) -> dict[str, Audit]:
    from cop.kernel.errors import Refused
    from cop.measurement.disclosure.description import RELEASE, read
    from cop.measurement.disclosure.release import audit_release

    if past:
        raise Refused("--past is for editions", expected="past releases named in the release's own description")
    described = read(release / RELEASE if release.is_dir() else release)
    return {described.id: audit_release(described, progress=progress)}
