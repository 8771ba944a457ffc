"""`cop measure index`: a composite index with its indicators and rank intervals."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cop.cli.shape import as_json, say_json, told


@click.command("index")
@click.argument("description", metavar="DESCRIPTION.toml", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", metavar="FILE", help="CSV, JSONL or Parquet by its ending (default: CSV to standard output)."
)
@click.option("--code", "codes", multiple=True, help="Write only this indicator or score; may be given again.")
@click.option("--sensitivity", metavar="FILE", help="Also write what decides each rank (Sobol indices).")
@as_json
def command(
    description: Path, output: str | None, codes: tuple[str, ...], sensitivity: str | None, as_json: bool
) -> None:
    """Make the composite index that DESCRIPTION.toml describes.

    One row per unit and code, indicators first: index, period, unit, unit_name, code, code_name, kind, parent, raw,
    denominated, imputed, treated, score, weight, rank, rank_low, rank_high. A score is refused without the indicators
    it is made of, and a rank is given with its interval over the alternative choices.

    \b
    Examples:
      cop measure index examples/measure/index.toml -o index.csv --sensitivity decides.csv
      cop measure index index.toml --code THREATS --code BULLY --code CONTACT
    """
    from cop.kernel.tables import open_writer
    from cop.measurement.composite.build import build
    from cop.measurement.composite.description import read
    from cop.measurement.composite.rows import document, rows, sensitivity_rows, whole
    from cop.measurement.composite.tree import Tree

    index = read(description)
    whole(Tree(index), codes)
    with told("Ranks under other choices") as progress:
        made = build(index, progress=progress)
    if as_json:
        say_json(document(made))
    else:
        with open_writer(output, kind=None if output else "csv") as writer:
            writer.write(rows(made, codes=codes or None))
    if sensitivity is not None:
        with open_writer(sensitivity) as writer:
            writer.write(sensitivity_rows(made))
    left = f", {len(made.excluded)} left out ({', '.join(made.excluded)})" if made.excluded else ""
    sys.stderr.write(
        f"{len(made.values.units)} units{left}; ranks move {made.sensitivity.shift:.1f} places on average "
        f"over {made.sensitivity.runs:,} runs\n"
    )
