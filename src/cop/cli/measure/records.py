"""`cop measure records`: counts of coded records, corrected for the coder's errors."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cop.cli.shape import as_json, say_json


@click.command("records")
@click.argument("description", metavar="DESCRIPTION.toml", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", metavar="FILE", help="CSV, JSONL or Parquet by its ending (default: CSV to standard output)."
)
@click.option(
    "--engine", type=click.Choice(["duckdb"]), default="duckdb", show_default=True, help="Where records are counted."
)
@as_json
def command(description: Path, output: str | None, engine: str, as_json: bool) -> None:
    """Count coded records as DESCRIPTION.toml asks, corrected by an audit sample.

    One row per cell: table, measure, code, area, period, age_band, sex, platform, language (_T for all), raw (the
    coder's count), corrected with se, ci_low, ci_high, audited, status, reason, flag, flag_reason, confusion (the
    adjustment by confusion matrix, for comparison) with its limits, break, obs_status, and rates where populations are
    given. These are the analyst's own figures: nothing is suppressed here.

    \b
    Examples:
      cop measure records hotlines.toml -o counts.parquet
      cop measure records hotlines.toml --json
    """
    from cop.classification.scheme import load_scheme
    from cop.kernel.tables import open_writer
    from cop.measurement.engines import engine_of
    from cop.measurement.records.counts import Scheme
    from cop.measurement.records.description import read
    from cop.measurement.records.measure import measure

    asked = read(description)
    parents: dict[str, tuple[str, ...]] = {}
    if asked.codes is None:
        scheme = load_scheme()
        parents = {node.code: scheme.parents(node.code)[::-1] for node in scheme.nodes}
    counts = measure(asked, Scheme(parents), engine=engine_of(engine))
    rows = counts.frame.to_dicts()
    if as_json:
        say_json({"summary": counts.summary, "counts": rows})
        return
    with open_writer(output, kind=None if output else "csv") as writer:
        writer.write(rows)
    facts = counts.summary
    said = f"{len(rows):,} counts of {facts['records']:,} records, {facts['audited']:,} of them audited"
    sys.stderr.write(f"{said}; {facts['uncorrected']:,} counts uncorrected\n")
