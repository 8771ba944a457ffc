"""`cop classify`: texts in, codes out, one record per record, in order."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pyarrow as pa

from cop.cli.shape import as_json, say_json
from cop.kernel.errors import Conflict, CopError, Refused, Where
from cop.kernel.tables import Row, open_rows, open_writer

_BATCH = 500
_TEXT_LIMIT = 20_000


@click.command("classify")
@click.argument("source", metavar="INPUT")
@click.option(
    "-o", "--output", metavar="OUTPUT", help="JSONL, CSV or Parquet by its ending (default: JSONL to standard output)."
)
@click.option("--text", "text_column", default="text", show_default=True, help="The column that holds the text.")
@click.option(
    "--id",
    "id_column",
    default=None,
    help="The column that names a record (default: id where there is one, else the row's number).",
)
@click.option("--from", "kind", type=click.Choice(["csv", "jsonl"]), help="The format of standard input (INPUT -).")
@click.option("--all-scores", is_flag=True, help="Add scores: the probability of every code.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=None,
    help="Processes to use (default: all cores, for long inputs).",
)
@as_json
def command(
    source: str,
    output: str | None,
    text_column: str,
    id_column: str | None,
    kind: str | None,
    all_scores: bool,
    workers: int | None,
    as_json: bool,
) -> None:
    """Give each text of INPUT (CSV, JSONL, Parquet, or - for standard input) a code of the classification.

    One record comes out per record that goes in, in order: id, code, section, probability, class_set (the codes it may
    be, at 90 % coverage), route (auto or review), urgency, language, scheme, model. With -o and --json, a summary
    follows on standard output.

    \b
    Examples:
      cop classify reports.csv --text summary --id ref -o coded.jsonl
      zcat reports.jsonl.gz | cop classify - --from jsonl --text body | jq .code
    """
    if source == "-" and kind is None:
        raise click.UsageError("standard input needs --from csv or --from jsonl", ctx=click.get_current_context())
    from cop.classification.coder import Coder
    from cop.classification.coder.bulk import code_batches

    coder = Coder.load()
    waiting: list[list[str]] = []
    refused: list[CopError] = []
    counts: dict[str, int] = {"records": 0, "auto": 0, "review": 0}

    def texts(rows: Iterator[Row], name: str) -> Iterator[list[str]]:
        """Batches up to the first row that is refused: what comes before it is coded and kept."""
        names, batch = list[str](), list[str]()
        try:
            for row in rows:
                batch.append(_text(row, text_column, name))
                names.append(_name(row, id_column))
                if len(batch) == _BATCH:
                    waiting.append(names)
                    yield batch
                    names, batch = [], []
        except CopError as error:
            refused.append(error)
        if batch:
            waiting.append(names)
            yield batch

    if output and output != "-" and source != "-" and Path(output).resolve() == Path(source).resolve():
        raise Conflict("INPUT and OUTPUT are the same file", expected="another file for the codes")
    with open_rows(source, kind=kind) as rows, open_writer(output, types={"urgency": pa.int64()}) as writer:
        _check_columns(rows.columns, text_column, id_column, rows.name)
        for coded in code_batches(texts(iter(rows), rows.name), coder=coder, workers=workers, all_scores=all_scores):
            writer.write([{"id": name, **c.as_json()} for name, c in zip(waiting.pop(0), coded, strict=True)])
            counts["records"] += len(coded)
            counts["auto"] += sum(c.route == "auto" for c in coded)
        if refused and counts["records"]:
            before = (
                "1 record before it is" if counts["records"] == 1 else f"{counts['records']:,} records before it are"
            )
            raise refused[0].noting(f"the {before} kept in {output or 'the output'}")
        if refused:
            raise refused[0]
        if not counts["records"]:
            raise Refused("the file has no record", where=Where(rows.name), expected="at least one")
    counts["review"] = counts["records"] - counts["auto"]
    summary = {**counts, "model": coder.model, "scheme": coder.scheme, "output": output or "-"}
    if as_json and output and output != "-":
        say_json(summary)
    else:
        routes = f"{counts['auto']:,} auto, {counts['review']:,} for review"
        sys.stderr.write(f"{counts['records']:,} records coded, {routes} ({coder.model})\n")


def _check_columns(columns: tuple[str, ...] | None, text_column: str, id_column: str | None, name: str) -> None:
    for column in (text_column, id_column):
        if columns is not None and column is not None and column not in columns:
            raise Refused(
                "the column is missing", where=Where(name, field=column), expected=f"one of {', '.join(columns)}"
            )


def _name(row: Row, id_column: str | None) -> str:
    return str(row.values.get(id_column or "id", row.number))


def _text(row: Row, column: str, name: str) -> str:
    if row.fault is not None:
        raise row.fault
    if column not in row.values:
        raise Refused("the field is missing", where=Where(name, row.number, column), expected=f"a text under {column}")
    value = row.values[column]
    if value is not None and not isinstance(value, (str, int, float)):
        problem = f"a {type(value).__name__} cannot be a text"
        raise Refused(problem, where=Where(name, row.number, column), expected="text")
    text = "" if value is None else str(value)
    if len(text) > _TEXT_LIMIT:
        raise Refused(
            f"the text has {len(text):,} characters",
            where=Where(name, row.number, column),
            expected=f"at most {_TEXT_LIMIT:,}",
        )
    if "\0" in text:
        raise Refused("the text holds a NUL character", where=Where(name, row.number, column), expected="text")
    return text
