"""`cop scheme`: the classification itself: look into it, convert counts, export it, check it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cop.cli.scheme_versions import diff, recode
from cop.cli.shape import TerminalProgress, as_json, say, say_json
from cop.kernel.errors import NotFound, Refused, Where
from cop.kernel.languages import OFFICIAL, pick
from cop.road.stages import Stage

if TYPE_CHECKING:
    from cop.classification.conversion import Converted
    from cop.classification.correspondences import Correspondence
    from cop.classification.scheme import Scheme

_FORMATS = ("all", "xkos", "jsonld", "sdmx", "misp", "csv", "sssom", "prompts")
_LANGUAGES = click.Choice(sorted(OFFICIAL))
_COUNT = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")


@click.group("scheme")
def command() -> None:
    """The classification itself: look into it, convert counts, export it, check it.

    \b
    Example:
      cop scheme search sextortion
    """


@command.command()
@click.option("--format", "form", type=click.Choice(_FORMATS), default="all", show_default=True, help="Which form.")
@click.option(
    "-o", "--output", metavar="DIR", type=click.Path(path_type=Path), default=Path("classification"),
    show_default=True, help="Folder to write to; it is made where it is missing.",
)  # fmt: skip
@as_json
def export(form: str, output: Path, as_json: bool) -> None:
    """Write the classification in the forms that others read.

    xkos (SKOS and XKOS as Turtle), jsonld (the same as JSON-LD), sdmx (SDMX-ML 3.0: codelists, hierarchy, maps), misp
    (taxonomy and manifest), csv (a row a code), sssom (a table a correspondence), prompts (pages and an output contract
    for language models). The same classification gives the same bytes. Correspondences that are not to be published are
    left out.

    \b
    Example:
      cop scheme export --format sdmx -o registry
    """
    from cop.classification.exports.files import FORMS, load_source
    from cop.classification.exports.files import export as write

    source = load_source()
    forms = tuple(FORMS) if form == "all" else (form,)
    with TerminalProgress() as progress:
        stage = _stage("export", "Exports")
        written = write(forms, source, folder=output, progress=progress.begin(stage))
        progress.end(stage)
    left_out = [table.target for table in source.correspondences if not table.published]
    if as_json:
        version, released = source.scheme.version, source.released.isoformat()
        say_json({"folder": str(output), "version": version, "date": released, "files": written, "left_out": left_out})
        return
    for name, size in written.items():
        say(f"{output / name}  {size:,} bytes")
    if left_out and {"all", "xkos", "jsonld", "sdmx", "sssom"} & {form}:
        say(f"not published, left out: {', '.join(left_out)}")


@command.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@as_json
def validate(folder: Path | None, as_json: bool) -> None:
    """Check the classification in DIR (default: the installed one) and everything that is made from it.

    Schemas and rules of its files; then the exports as they would be written: shapes, both writings of the graph,
    SDMX-ML schemas, the MISP taxonomy, the prompts' contract, the table. One line a check; exit 2 when one fails.

    \b
    Example:
      cop scheme validate catalogue/threats
    """
    from cop.classification.exports.check import check

    if folder is not None and not folder.is_dir():
        raise NotFound(f"there is no folder {folder}")
    with TerminalProgress() as progress:
        stage = _stage("validate", "Checks")
        bar = progress.begin(stage)
        done = []
        for one in check(folder):
            done.append(one)
            bar.advance()
        progress.end(stage)
    failed = [one for one in done if not one.holds]
    if as_json:
        checks = [{"check": c.name, "holds": c.holds, "about": c.about, "faults": list(c.faults)} for c in done]
        say_json({"valid": not failed, "checks": checks})
    else:
        for one in done:
            say(f"{'ok  ' if one.holds else 'FAIL'}  {one.name}: {one.about if one.holds else one.faults[0]}")
            for fault in one.faults[1:]:
                say(f"      {fault}")
    if failed:
        sys.stderr.write(f"{len(failed)} of {len(done)} checks failed: {', '.join(c.name for c in failed)}\n")
        sys.exit(2)


@command.command()
@click.argument("words", metavar="WORDS...", nargs=-1, required=True)
@click.option("--language", type=_LANGUAGES, help="Look in this language only (default: in all).")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="The most classes to give.")
@as_json
def search(words: tuple[str, ...], language: str | None, limit: int, as_json: bool) -> None:
    """Find classes by WORDS in names, index terms and notes, or by a code; best first, with the text that matched.

    \b
    Examples:
      cop scheme search loot box
      cop scheme search --language ru шантаж --json
    """
    from cop.classification.scheme import load_scheme
    from cop.classification.search import search as find

    hits = find(load_scheme(), " ".join(words), language=language, limit=limit)
    if as_json:
        say_json([hit.as_json() for hit in hits])
        return
    for hit in hits:
        say(f"{hit.code:<5} {hit.score:.2f}  {hit.name}")
        say(f'      {hit.field} ({hit.language}): "{hit.text}"')
    if not hits:
        sys.stderr.write("no class found\n")


@command.command()
@click.argument("code", metavar="CODE")
@click.option(
    "--language", type=_LANGUAGES, default="en", show_default=True, help="Language of the texts, English where missing."
)
@as_json
def show(code: str, language: str, as_json: bool) -> None:
    """Say what a code is: definition, notes, urgency, referral, rulings, and the terms of other schemes.

    \b
    Example:
      cop scheme show B03.2 --language fr
    """
    from cop.classification.exports.files import load_source
    from cop.classification.search import lookup

    source = load_source()
    scheme = source.scheme
    node = scheme.node(lookup(scheme, code) or code)
    rulings = [r for r in source.rulings if r.status == "in force" and node.code in r.codes]
    matches = [(table, match) for table in source.correspondences for match in table.of(node.code)]
    if as_json:
        say_json(
            {
                **node.as_json(),
                "rulings": [{"number": r.number, "question": r.question, "ruling": r.ruling} for r in rulings],
                "matches": [
                    {
                        "target": t.target, "predicate": m.predicate, "term": m.term.id, "label": m.term.label,
                        "confidence": m.confidence, "verified": m.term.verified, "comment": m.comment,
                    }
                    for t, m in matches
                ],
            }
        )  # fmt: skip
        return
    say(f"{node.code}  {pick(node.name, language)}")
    say(pick(node.definition, language))
    if node.urgency is not None:
        say(f"urgency {node.urgency}, refer to {', '.join(node.refer)}")
    for title, notes in (("includes", node.includes), ("excludes", node.excludes), ("examples", node.examples)):
        for note in notes:
            say(f"  {title:<9} {pick(note, language)}" + (f" -> {note['see']}" if "see" in note else ""))
    for ruling in rulings:
        say(f"  {ruling.number:<9} {pick(ruling.question, language)} {pick(ruling.ruling, language)}")
    for table, match in matches:
        doubt = "" if match.term.verified else " (not verified)"
        say(f"  {table.target:<10} {match.predicate:<7} {match.term.label or match.term.id}{doubt}")


@command.command()
@click.argument("counts", metavar="COUNTS")
@click.option("--to", "target", metavar="TARGET", required=True, help="The other scheme, for instance dsa or insafe.")
@as_json
def convert(counts: str, target: str, as_json: bool) -> None:
    """Convert counts by class into the terms of another scheme, and say what is lost.

    COUNTS (CSV, JSONL, Parquet) has the columns code and count. A count goes to the one term that covers its class, or
    by the table's weights; never over a related or narrower term. What was converted and what was not add up.

    \b
    Example:
      cop scheme convert counts.csv --to dsa --json
    """
    from cop.classification.conversion import convert as turn
    from cop.classification.correspondences import load_correspondence
    from cop.classification.scheme import load_scheme

    scheme = load_scheme()
    table = load_correspondence(target, scheme)
    converted = turn(_counts(counts, scheme), table, scheme)
    if as_json:
        say_json({**converted.as_json(), "verified": table.verified, "note": table.note["en"]})
        return
    _say_converted(converted, table)


def _say_converted(converted: Converted, table: Correspondence) -> None:
    labels = {term.id: term.label or term.id for term in table.terms}
    for term, count in converted.terms.items():
        say(f"{_number(count):>12}  {term}  {labels[term]}")
    say(f"{_number(converted.converted):>12}  converted")
    say(f"{_number(converted.unconverted):>12}  not converted")
    say(f"{_number(converted.total):>12}  in all")
    for kept in converted.kept:
        say(f"lost: {kept.code} ({_number(kept.count)}) is not converted, {kept.reason}")
    for merged in converted.merged:
        say(f"lost: {', '.join(merged.codes)} cannot be told apart in {merged.term}")
    for inexact in converted.inexact:
        say(f"lost: {inexact.term} is a {inexact.predicate} match of {inexact.code} ({_number(inexact.count)})")
    if not table.verified:
        say("the terms of this scheme were not compared with their source")


def _counts(path: str, scheme: Scheme) -> dict[str, Fraction]:
    """Counts by code from a table; every row is checked in its place."""
    from cop.classification.conversion import check_counts
    from cop.kernel.tables import open_rows

    counts: dict[str, Fraction] = {}
    with open_rows(path) as rows:
        for row in rows:
            if row.fault is not None:
                raise row.fault
            where = Where(rows.name, row.number)
            code, count = (_field(row.values, name, where) for name in ("code", "count"))
            if code in counts:
                raise Refused.value(
                    code, "has a count already", expected="a row a code", file=rows.name, row=row.number, field="code"
                )
            if not _COUNT.fullmatch(count):
                raise Refused.value(
                    count, "is no count", expected="a number of zero or more", file=rows.name, row=row.number,
                    field="count",
                )  # fmt: skip
            counts[code] = Fraction(count)
            try:
                check_counts({code: counts[code]}, scheme)
            except Refused as error:
                place = Where(rows.name, row.number, "code")
                raise Refused(error.problem, where=place, expected=error.expected) from error
        if not counts:
            raise Refused("the file has no row", where=Where(rows.name), expected="at least one")
        name = rows.name
    try:
        check_counts(counts, scheme)
    except Refused as error:
        raise Refused(error.problem, where=Where(name, field="code"), expected=error.expected) from error
    return counts


def _field(values: Mapping[str, object], name: str, where: Where) -> str:
    value: Any = values.get(name)
    if value is None or not str(value).strip():
        raise Refused(
            "the field is missing or empty", where=Where(where.file, where.row, name), expected="columns code and count"
        )
    return str(value).strip()


def _number(count: Fraction) -> str:
    return f"{int(count):,}" if count.denominator == 1 else f"{float(count):,.2f}"


def _stage(name: str, title: str) -> Stage:
    return Stage(name, title, None, (), (), lambda _: (), lambda *_: None)


command.add_command(diff)
command.add_command(recode)
