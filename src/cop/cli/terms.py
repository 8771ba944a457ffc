"""`cop terms`: what the documents of providers promise."""

from __future__ import annotations

from pathlib import Path

import click

from cop.cli.shape import as_json, say, say_json


@click.group("terms")
def command() -> None:
    """What the documents of providers promise, with quoted evidence.

    \b
    Example:
      cop terms check terms.html privacy.html --json
    """


@command.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@as_json
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Propose a finding for every criterion in each FILE (HTML, PDF, Markdown, text), with the words it rests on.

    Offsets count characters of the document's text; for Markdown and plain text that is the file itself. A finding is a
    proposal: a person decides.

    \b
    Example:
      cop terms check terms.md privacy.md --json > findings.json
    """
    from cop.terms.documents import read
    from cop.terms.findings import check as find

    rows = [finding for path in files for finding in find(read(path))]
    if as_json:
        say_json([r.as_json() for r in rows])
        return
    for row in rows:
        say(f"{row.document}  {row.criterion:<6} {row.finding:<14} {row.confidence:.2f}  {row.why}")
        for evidence in row.evidence:
            say(f'    [{evidence.start}:{evidence.end}] "{" ".join(evidence.quote.split())}"')
