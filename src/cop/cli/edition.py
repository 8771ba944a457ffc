"""`cop edition`: show, verify and compare editions."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cop.cli.shape import as_json, say, say_json


@click.group("edition")
def command() -> None:
    """Show, verify and compare editions.

    \b
    Example:
      cop edition verify observatory/editions/2026-01
    """


@command.command()
@click.argument("edition", metavar="EDITION", type=click.Path(path_type=Path))
@as_json
def show(edition: Path, as_json: bool) -> None:
    """Say what an edition is and how much it holds.

    \b
    Example:
      cop edition show observatory/editions/2026-01 --json
    """
    from cop.editions.read import open_edition
    from cop.editions.tables import TABLES

    opened = open_edition(edition)
    rows = {name: opened.table(name).height for name in TABLES}
    if as_json:
        say_json({**opened.about, "rows": rows})
        return
    about = opened.about
    title = about["observatory"]["title"]
    say(f"{title}, edition {opened.id} ({about['status']}), {about['date']}, period {about['period']}")
    for name, count in rows.items():
        say(f"  {name:<10} {count:>9,} rows")


@command.command()
@click.argument("edition", metavar="EDITION", type=click.Path(path_type=Path))
@click.option(
    "--known",
    type=click.Path(path_type=Path),
    help="Folder of public keys to trust (default: keys/known beside the editions).",
)
@as_json
def verify(edition: Path, known: Path | None, as_json: bool) -> None:
    """Check the files of an edition against its sums, the sums against their signature, the signer against those known.

    Exit 0 when the edition is whole, 2 when a file was changed, added or removed, or the signature does not hold.

    \b
    Example:
      cop edition verify observatory/editions/2026-01 --known ~/trusted-keys
    """
    from cop.editions.verify import known_signers
    from cop.editions.verify import verify as check

    found = check(edition, known=known_signers(known or edition.resolve().parent.parent / "keys" / "known"))
    if as_json:
        say_json(found.as_json())
    else:
        for word, names in (("changed", found.changed), ("added", found.added), ("removed", found.removed)):
            for name in names:
                say(f"{word}: {name}")
        say(
            f"signature: {found.signature}"
            + (f", by {found.signer} ({'known' if found.known else 'not known'})" if found.signer else "")
        )
        say("whole" if found.whole else "NOT whole")
    sys.exit(0 if found.whole else 2)


@command.command()
@click.argument("old", metavar="OLD", type=click.Path(path_type=Path))
@click.argument("new", metavar="NEW", type=click.Path(path_type=Path))
@as_json
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Say which facts differ between two editions, table by table.

    \b
    Example:
      cop edition diff observatory/editions/2025-01 observatory/editions/2026-01
    """
    from cop.editions.diff import compare
    from cop.editions.read import open_edition

    changes = compare(open_edition(old), open_edition(new))
    if as_json:
        say_json(changes.as_json())
        return
    for table in changes.tables:
        say(f"{table.name:<10} {table.added:>7,} added {table.removed:>7,} removed {table.changed:>7,} changed")
        for line in table.examples:
            say(f"    {line}")
    for name in changes.metadata:
        say(f"metadata {name} differs")
    if changes.same:
        say("the same facts")
