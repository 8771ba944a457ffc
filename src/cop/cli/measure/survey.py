"""`cop measure survey`: figures from microdata."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cop.cli.shape import as_json, say_json

if TYPE_CHECKING:
    from cop.measurement.engines.contract import Engine
    from cop.measurement.survey.cube import Cube
    from cop.measurement.survey.description import Survey


@click.command("survey")
@click.argument("description", metavar="DESCRIPTION.toml", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", metavar="FILE", help="CSV, JSONL or Parquet by its ending (default: CSV to standard output)."
)
@click.option(
    "--comparisons",
    metavar="FILE",
    help="The contrasts, changes, associations and trends of the description, CSV, JSONL or Parquet.",
)
@click.option(
    "--cube",
    "keep",
    metavar="FILE.parquet",
    type=click.Path(path_type=Path),
    help="Keep the sufficient statistics; the file can be given later in the description's place.",
)
@click.option("--indicator", "indicators", metavar="CODE", multiple=True, help="Only this indicator (repeatable).")
@click.option(
    "--by", "breakdowns", metavar="DOMAINS", multiple=True, help='Only this breakdown: "sex,age"; "" is everybody.'
)
@click.option(
    "--engine",
    metavar="NAME",
    default="duckdb",
    show_default=True,
    help="Where sums are computed: duckdb, spark (this machine) or spark://HOST:PORT.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Of DuckDB, for large Parquet files; any number above 1 gives the same digits.",
)
@as_json
def command(
    description: Path,
    output: str | None,
    comparisons: str | None,
    keep: Path | None,
    indicators: tuple[str, ...],
    breakdowns: tuple[str, ...],
    engine: str,
    threads: int,
    as_json: bool,
) -> None:
    """Estimate what DESCRIPTION.toml asks of a survey's microdata.

    One row per indicator and domain: indicator, the domain columns (_T for all), estimate, se, ci_low, ci_high, cv, n,
    deff, df, unit, flag, flag_reason. These are the analyst's own figures: nothing is suppressed here. A cube that was
    kept may stand in the description's place; the microdata is then not read.

    \b
    Examples:
      cop measure survey surveys/2025.toml -o estimates.parquet --comparisons changes.csv
      cop measure survey surveys/2025.toml --cube 2025.parquet
      cop measure survey 2025.parquet --indicator THR.CYBERBULLY_12M --by sex
    """
    from cop.kernel.tables import open_writer
    from cop.measurement.engines import engine_of
    from cop.measurement.survey.estimate import measure

    computing = engine_of(engine, threads=threads)
    cube = _cube(description, computing)
    if keep is not None:
        from cop.measurement.survey.store import write

        write(cube, keep)
    wanted = [tuple(name.strip() for name in text.split(",") if name.strip()) for text in breakdowns]
    frame = measure(cube, engine=computing, indicators=indicators, breakdowns=wanted)
    rows = frame.to_dicts()
    whole = as_json and not indicators and not breakdowns
    compared = _compared(cube, computing) if comparisons is not None or whole else []
    if comparisons is not None:
        with open_writer(comparisons) as writer:
            writer.write(compared)
    if as_json:
        say_json({"estimates": rows, "comparisons": compared} if compared else rows)
        return
    with open_writer(output, kind=None if output else "csv") as writer:
        writer.write(rows)
    said = f"{len(rows):,} estimates of {frame['indicator'].n_unique()} indicators"
    sys.stderr.write(f"{said}, {len(compared):,} comparisons\n" if comparisons is not None else f"{said}\n")
    if cube.kept:
        _say_left_out(cube.survey)


def _say_left_out(survey: Survey) -> None:
    """What a description asks for and a cube cannot answer."""
    left = [m.code for m in survey.indicator if m.share is not None]
    left += ["changes"] * bool(survey.change) + ["trends"] * bool(survey.trend)
    if left:
        sys.stderr.write(f"not in a cube: {', '.join(left)}\n")


def _cube(path: Path, engine: Engine) -> Cube:
    if path.suffix.lower() == ".parquet":
        from cop.measurement.survey.store import read as read_cube

        return read_cube(path)
    from cop.measurement.survey.description import read
    from cop.measurement.survey.estimate import count

    return count(read(path), engine=engine)


def _compared(cube: Cube, engine: Engine) -> list[dict[str, Any]]:
    from dataclasses import replace

    from cop.measurement.survey.compare import compare
    from cop.measurement.survey.estimate import waves

    if cube.kept:
        # changes and trends need the earlier waves' microdata
        cube = replace(cube, survey=cube.survey.model_copy(update={"change": (), "trend": ()}))
    return compare(cube, earlier=waves(cube.survey, engine=engine)).to_dicts()
