"""`cop measure impact`: what a programme did, judged and said in plain words."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from cop.cli.shape import as_json, say, say_json, told


@click.command("impact")
@click.argument("description", metavar="PROGRAMME.toml", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(path_type=Path),
    help="The page as .md, or everything as .json (default: the page to standard output).",
)  # fmt: skip
@as_json
def command(description: Path, output: Path | None, as_json: bool) -> None:
    """Judge the programme that PROGRAMME.toml describes: worked, no effect found, harm, or cannot tell.

    Methods: two-period and staggered difference-in-differences, synthetic control with placebos, interrupted time
    series. The page says what was found, why the verdict, what would change it, and every check; --json holds all
    figures. A synthetic control fits every other unit once and can take minutes.

    \b
    Examples:
      cop measure impact examples/measure/impact-interrupted.toml
      cop measure impact programme.toml -o verdict.md
    """
    from cop.kernel.errors import NotFound, Refused

    if output is not None and output.suffix not in {".md", ".json"}:
        raise Refused.value(output.name, "has an ending that is not known", expected=".md or .json")
    if output is not None and not output.parent.is_dir():
        raise NotFound(f"there is no folder {output.parent}")
    from cop.measurement.impact.description import read
    from cop.measurement.impact.evaluate import evaluate

    programme = read(description)
    with told("Estimates and checks") as progress:
        judged = evaluate(programme, progress=progress)
    document = judged.document()
    if output is not None:
        text = (
            judged.markdown() if output.suffix == ".md" else json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        )
        output.write_text(text, encoding="utf-8")
    if as_json:
        say_json(document)
    elif output is None:
        say(judged.markdown().rstrip())
    sys.stderr.write(f"{document['said']}: {programme.title}\n")
