"""`cop measure survey`: figures from microdata."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cop.cli.shape import as_json, say_json


@click.command("survey")
@click.argument("description", metavar="DESCRIPTION.toml", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", metavar="FILE", help="CSV, JSONL or Parquet by its ending (default: CSV to standard output)."
)
@click.option(
    "--engine", type=click.Choice(["duckdb"]), default="duckdb", show_default=True, help="Where sums are computed."
)
@as_json
def command(description: Path, output: str | None, engine: str, as_json: bool) -> None:
    """Estimate what DESCRIPTION.toml asks of a survey's microdata.

    One row per indicator and domain: indicator, the domain columns (_T for all), estimate, se, ci_low, ci_high, cv, n,
    deff, df, unit, flag, flag_reason. These are the analyst's own figures: nothing is suppressed here.

    \b
    Examples:
      cop measure survey surveys/2025.toml -o estimates.parquet
      cop measure survey surveys/2025.toml | column -s, -t
    """
    from cop.kernel.tables import open_writer
    from cop.measurement.engines import engine_of
    from cop.measurement.survey.description import read
    from cop.measurement.survey.estimate import estimate

    frame = estimate(read(description), engine=engine_of(engine))
    rows = frame.to_dicts()
    if as_json:
        say_json(rows)
        return
    with open_writer(output, kind=None if output else "csv") as writer:
        writer.write(rows)
    sys.stderr.write(f"{len(rows):,} estimates of {frame['indicator'].n_unique()} indicators\n")
