"""`cop coding`: what the coding desk gives to others."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from cop.cli.shape import in_observatory, say
from cop.kernel.errors import Conflict, NotFound, Refused


@click.group("coding")
def command() -> None:
    """What the coding desk gives to others: reviewed records, for the coder to learn from.

    \b
    Example:
      cop coding export alpha --dir observatory -o reviews.jsonl
    """


@command.command()
@click.argument("organisation")
@in_observatory
@click.option("-o", "--output", type=click.Path(path_type=Path), help="New file, readable by you alone (default: -).")
@click.option(
    "--texts", "holder", metavar="EMAIL",
    help="Export narratives too, opened with this person's key; the passphrase is asked for. Needs --output.",
)  # fmt: skip
@click.option("--passphrase", envvar="COP_PASSPHRASE", help="Of the key; asked for when not given.", hidden=True)
def export(organisation: str, folder: Path, output: Path | None, holder: str | None, passphrase: str | None) -> None:
    """Export the reviewed records of ORGANISATION's desk as JSON lines, in the form that `cop coder` reads.

    Without --texts no narrative leaves the vault: enough for `cop coder drift --audit`. With it the file holds what
    people reported: keep it where reports are kept, and remove it when the coder has learnt.

    \b
    Examples:
      cop coding export alpha --dir observatory -o reviews.jsonl
      cop coding export alpha --dir observatory --texts analyst@alpha.example -o reviews.jsonl
      cop coder train --with reviews.jsonl
    """
    from cop.config.observatory import read_observatory
    from cop.config.start import start

    if holder and output is None:
        raise Refused("narratives are never printed", expected="--output FILE")
    if output is not None and output.exists():
        raise Conflict(f"{output} exists", expected="a new file")
    start(read_observatory(folder))
    from cop.vault.coding.operations import record_export
    from cop.vault.coding.queries import reviews
    from cop.vault.coding.rules import EXPORT
    from cop.vault.members import queries
    from cop.vault.members.rules import program
    from cop.vault.reports.keyed import digest

    actor = program(EXPORT)
    desk = queries.organisation(organisation).pk
    by, text_of = None, None
    if holder:
        by = queries.person_numbered(holder)
        text_of = _texts(by, desk, passphrase or click.prompt("Passphrase", hide_input=True, err=True))
    rows = reviews(actor=actor, organisation=desk, secret=digest("audit", "reviewer"))
    number = _write(rows, output, text_of)
    record_export(actor=actor, organisation=desk, records=number, opened_by=by)
    if output is not None:
        say(f"{number:,} reviewed records in {output}")


def _texts(person: int, desk: int, passphrase: str) -> Callable[[int], str | None]:
    """A report's narrative by its number, opened with a person's key; None where it is not kept."""
    from django.contrib.auth import get_user_model

    from cop.vault.members.keys import open_key_of, open_office
    from cop.vault.members.queries import actor_of
    from cop.vault.reports.queries import sealed_of

    actor = actor_of(get_user_model().objects.get(pk=person))
    private = open_key_of(actor=actor, passphrase=passphrase)
    opener = open_office(actor=actor, organisation=desk, private=private)

    def text(report: int) -> str | None:
        try:
            envelope = sealed_of(actor, report)
        except NotFound:
            return None
        return str(json.loads(opener.open(envelope))["narrative"])

    return text


def _write(rows: Iterator[dict[str, Any]], output: Path | None, text_of: Callable[[int], str | None] | None) -> int:
    """Write the rows, those without a text left out where texts are asked for; how many."""
    handle = sys.stdout
    if output is not None:
        handle = os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
    number = 0
    try:
        for row in rows:
            text = {} if text_of is None else {"text": text_of(int(row["id"]))}
            if text.get("text", "") is None:
                continue
            handle.write(json.dumps({**row, **text}, ensure_ascii=False) + "\n")
            number += 1
    finally:
        if output is not None:
            handle.close()
    return number
