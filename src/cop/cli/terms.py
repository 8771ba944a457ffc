"""`cop terms`: what the documents of providers promise."""

from __future__ import annotations

from pathlib import Path

import click

from cop.cli.shape import as_json, say, say_json, told


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
    """Propose a finding for every criterion in each FILE (HTML, PDF, DOCX, Markdown, text), with the words it rests on.

    Offsets count characters of the document's text; for Markdown and plain text that is the file itself. --json adds
    where each passage stands in the raw file. A finding is a proposal: a person decides.

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


@command.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--criterion", required=True, metavar="CODE", help="The criterion, for instance LIC-2.")
@click.option("--top", default=3, show_default=True, type=click.IntRange(1, 50), help="How many passages.")
@as_json
def rank(file: Path, criterion: str, top: int, as_json: bool) -> None:
    """Show the passages of FILE that bear most on one criterion, weightiest first, whatever they decide.

    \b
    Example:
      cop terms rank terms.md --criterion LIC-2 --top 3
    """
    from cop.kernel.errors import Refused
    from cop.terms.criteria import criteria
    from cop.terms.documents import read
    from cop.terms.findings import rank as passages

    if criterion not in criteria():
        raise Refused.value(criterion, "is no criterion", expected=", ".join(criteria()), field="--criterion")
    rows = passages(read(file), criterion, top=top)
    if as_json:
        say_json([row.as_json() for row in rows])
        return
    for row in rows:
        say(f'{row.score:.2f}  [{row.start}:{row.end}] "{" ".join(row.quote.split())}"')


@command.command()
@click.argument("old", metavar="OLD", type=click.Path(path_type=Path))
@click.argument("new", metavar="NEW", type=click.Path(path_type=Path))
@as_json
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Compare two versions of a document clause by clause: inserted, removed, edited, moved, and the criteria touched.

    \b
    Example:
      cop terms diff terms-2025.html terms-2026.html --json
    """
    from cop.terms.comparison import compare
    from cop.terms.documents import read

    found = compare(read(old, keep=True), read(new, keep=True))
    if as_json:
        say_json(found.as_json())
        return
    silent = "  silent: the date that the text shows did not change" if found.change.silent else ""
    say(f"{found.new}  {found.change.change_class}{silent}")
    for clause in found.clauses:
        say(f"{clause.kind:<9} {' '.join(clause.criteria)}".rstrip())
        for sign, passage in (("-", clause.old), ("+", clause.new)):
            if passage is not None:
                say(f'  {sign} [{passage.start}:{passage.end}] "{" ".join(passage.text.split())}"')


@command.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@as_json
def history(folder: Path, as_json: bool) -> None:
    """Class the change of each document in FOLDER beside those before it, in order of name.

    Files named PROVIDER__DOCUMENT__DATE are told apart by provider and document; others are versions of one document.

    \b
    Example:
      cop terms history versions/ --json
    """
    from cop.terms.histories import histories

    rows = list(histories(folder))
    if as_json:
        say_json([row.as_json() for row in rows])
        return
    for row in rows:
        change = row.change
        words = f"  +{change.inserted} -{change.removed} words" if change.inserted + change.removed else ""
        back = f"  as in {change.reverts_to}" if change.reverts_to else ""
        say(f"{change.file}  {change.change_class}{back}{words}{'  silent' if change.silent else ''}")


@command.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option("--store", metavar="DIR", type=click.Path(path_type=Path), help="The store (default: FOLDER/store).")
@as_json
def ingest(folder: Path, store: Path | None, as_json: bool) -> None:
    """Take the files of FOLDER into the store of snapshots, and say what became of each document.

    FOLDER holds declarations, providers/ID.toml, with the files that they name, or a tree of Open Terms Archive. Files
    that cannot be read are listed; the others are kept.

    \b
    Example:
      cop terms ingest watch/ --json
    """
    from cop.terms.watch.ingestion import ingest as take_in

    with told("Taking in documents") as progress:
        done = take_in(folder, store or folder / "store", progress=progress)
    if as_json:
        say_json(done.as_json())
        return
    for taken in done.documents:
        say(f"{taken.provider}/{taken.document}  {taken.new} new of {taken.sightings} seen, {taken.versions} versions")
    for error in done.rejects:
        say(f"rejected: {error}")


@command.command()
@click.argument("declaration", metavar="DECLARATION", type=click.Path(path_type=Path))
@click.option("--store", metavar="DIR", type=click.Path(path_type=Path), help="Default: store/ beside providers/.")
@click.option("--enable", is_flag=True, help="Fetch although the declaration does not enable it.")
@click.option("--contact", metavar="WHO", help="Who asks: e-mail address or page, where the declaration has none.")
@as_json
def fetch(declaration: Path, store: Path | None, enable: bool, contact: str | None, as_json: bool) -> None:
    """Fetch the documents of a DECLARATION into the store, where the operator has enabled it.

    robots.txt is respected, requests are spaced, the site is told who asks, and what did not change is not sent again.

    \b
    Example:
      cop terms fetch watch/providers/pebble.toml --json
    """
    from cop.terms.watch.declarations import read as read_declaration
    from cop.terms.watch.fetching import fetch as get

    declared = read_declaration(declaration)
    with told(f"Fetching documents of {declared.name}") as progress:
        rows = get(
            declared, store or declaration.parent.parent / "store", enable=enable, contact=contact, progress=progress
        )
    if as_json:
        say_json([row.as_json() for row in rows])
    else:
        for row in rows:
            say(f"{row.document}  {row.outcome}  {row.change or ''}{row.error or ''}".rstrip())
    if all(row.outcome == "failed" for row in rows):
        raise click.exceptions.Exit(2)


@command.command("read")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@as_json
def read_(file: Path, as_json: bool) -> None:
    """Say whether a reader of thirteen could read FILE, what would have to change, and plainer words for its clauses.

    Plainer words are made by rules of the catalogue and marked "suggested": a person reviews them.

    \b
    Example:
      cop terms read terms.md --json
    """
    from cop.terms.clauses import split
    from cop.terms.documents import read
    from cop.terms.plain import for_passage
    from cop.terms.readability import readable_at

    document = read(file)
    clauses = split(document.text, markdown=document.markdown)
    reach = readable_at(13, clauses, document.language)
    suggested = [placed.as_json() for placed in for_passage(clauses, document.language)]
    if as_json:
        said = {"document": document.name, "language": document.language, "page": document.page}
        say_json({**said, "reach": reach.as_json(), "suggestions": suggested})
        return
    say(f"{document.name}  readable at {reach.age}: {reach.verdict or 'not reviewed'}  {reach.why}")
    for way in reach.ways:
        say(f"    {way.limit:<6} {way.why}")
    for section in reach.sections:
        say(
            f"    section {section.section!r}: {section.words} words, grade {section.grade}, "
            f"the document without it {section.without}"
        )
    for row in suggested:
        say(f"    [{row['start']}:{row['end']}] {row['status']}: {row['text']}")
