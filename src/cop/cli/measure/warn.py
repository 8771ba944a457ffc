"""`cop measure warn`: counts that are higher than their own past explains."""

from __future__ import annotations

import sys

import click

from cop.cli.shape import as_json, say_json, told


@click.command("warn")
@click.argument("counts", metavar="COUNTS")
@click.option(
    "--settings", "name", metavar="NAME|FILE",
    help="noufaily, original (weekly), monthly, or a YAML file. Default: noufaily for weeks, monthly for months.",
)  # fmt: skip
@click.option("--by", multiple=True, metavar="COLUMN", help="Tells series apart; give it once a column.")
@click.option("--period", default="period", show_default=True, metavar="COLUMN", help="2025-W07, 2025-03 or 1, 2, 3.")
@click.option("--count", default="observed", show_default=True, metavar="COLUMN", help="Whole numbers of 0 or more.")
@click.option("--last", type=click.IntRange(min=1), help="Only so many periods at the end of each series.")
@click.option(
    "-o", "--output", metavar="FILE", help="CSV, JSONL or Parquet by its ending (default: CSV to standard output)."
)
@as_json
def command(
    counts: str, name: str | None, by: tuple[str, ...], period: str, count: str, last: int | None, output: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Say which counts of COUNTS are higher than the past of their series explains (the Farrington algorithms).

    Each row gets expected, upperbound, score, pvalue and alarm; all five are empty for a row without enough years
    before it. COUNTS is CSV, JSONL or Parquet with one row a period and series, no period left out: one without cases
    is a 0.

    \b
    Examples:
      cop measure warn weekly.csv -o warned.csv
      cop measure warn counts.csv --by code --by area --settings monthly --last 3
    """
    from cop.kernel.tables import open_writer
    from cop.measurement.warning.counts import read
    from cop.measurement.warning.settings import load
    from cop.measurement.warning.table import DEFAULT, warn

    table = read(counts, keys=by, period=period, count=count)
    settings = load(name or DEFAULT[table.unit])
    with told("Assessing counts") as progress:
        warned = warn(table, settings, last=last, progress=progress)
    if as_json:
        say_json(warned.rows)
    else:
        with open_writer(output, kind=None if output else "csv") as writer:
            writer.write(warned.rows)
    said = f"{warned.assessed:,} rows of {len(table.series):,} series assessed with {settings.id}"
    said += f", {warned.alarms:,} alarms"
    if warned.short:
        said += f"; {warned.short:,} series are too short ({settings.years} years and more are needed)"
    if settings.false_alarms:
        rate = float(settings.false_alarms["rate"])
        said += f"; in simulated series where nothing happens {100 * rate:.1f} % of rows raise one"
    sys.stderr.write(said + "\n")
