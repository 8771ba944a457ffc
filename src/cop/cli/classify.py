"""`cop classify`: texts in, codes out, one record per record, in order."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click
import pyarrow as pa

from cop.cli.shape import Pace, as_json, say_json
from cop.kernel.errors import Conflict, CopError, Refused, Where
from cop.kernel.tables import RowWriter, open_writer

if TYPE_CHECKING:
    from cop.classification.coder import Coder
    from cop.classification.coder.server import ServerCoder


@click.command("classify")
@click.argument("source", metavar="INPUT")
@click.option(
    "-o",
    "--output",
    metavar="OUTPUT",
    help="JSONL, CSV or Parquet by its ending, or a folder of parts (default: JSONL to standard output).",
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
@click.option(
    "--fast", is_flag=True, help="Let the fast tier answer where it is certain; the card says what that costs."
)
@click.option(
    "--scheme",
    metavar="VERSION",
    default=None,
    help="Answer in the codes of that version of the classification (default: the coder's own).",
)
@click.option(
    "--server",
    metavar="SETTINGS",
    type=click.Path(path_type=Path),
    default=None,
    help="Ask the operator's own language-model server (docs/guide/language-model.md).",
)
@click.option("--resume", is_flag=True, help="Go on with the parts that OUTPUT, a folder, has already.")
@click.option(
    "--part-rows",
    type=click.IntRange(1, 10_000_000),
    default=20_000,
    show_default=True,
    help="Records in a part, where OUTPUT is a folder.",
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
    fast: bool,
    scheme: str | None,
    server: Path | None,
    resume: bool,
    part_rows: int,
    as_json: bool,
) -> None:
    """Give each text of INPUT (CSV, JSONL, Parquet, or - for standard input) a code of the classification.

    One record comes out per record that goes in, in order: id, code, section, probability, class_set (the codes it may
    be, at 90 % coverage), route (auto or review), urgency, language, scheme, model. With -o and --json, a summary
    follows on standard output.

    An OUTPUT that is a folder, or has no ending, or ends in / gets numbered Parquet parts and a manifest. A run into a
    folder that was stopped, even killed, goes on after the last whole part when it is called again with --resume, and
    ends in the same bytes.

    \b
    Examples:
      cop classify reports.csv --text summary --id ref -o coded.jsonl
      zcat reports.jsonl.gz | cop classify - --from jsonl --text body | jq .code
      cop classify reports.parquet -o coded/ --resume
    """
    if source == "-" and kind is None:
        raise click.UsageError("standard input needs --from csv or --from jsonl", ctx=click.get_current_context())
    from cop.classification.coder import Coder

    if output and output != "-" and source != "-" and Path(output).resolve() == Path(source).resolve():
        raise Conflict("INPUT and OUTPUT are the same file", expected="another file for the codes")
    local = Coder.load(fast=fast, scheme=scheme)
    coder: Coder | ServerCoder = local
    if server is not None:
        from cop.classification.coder.server import from_settings

        if workers or resume or fast or scheme or _is_folder(output, resume=False):
            raise click.UsageError("--server takes no --workers, --resume, --fast or --scheme, and no folder")
        coder = from_settings(server, local)
    ask = _Asked(source, kind, id_column, text_column, all_scores, workers)
    if _is_folder(output, resume=resume):
        found = _into_folder(ask, local, Path(str(output)), resume=resume, part_rows=part_rows)
    else:
        found = _into_file(ask, coder, output)
    summary: dict[str, object] = {**found, "model": coder.model, "scheme": coder.scheme, "output": output or "-"}
    if not isinstance(coder, Coder):
        summary["server"] = coder.summary
    if as_json and output and output != "-":
        say_json(summary)
        return
    before = f" ({found['before']:,} of them before)" if found.get("before") else ""
    routes = f"{found['auto']:,} auto, {found['review']:,} for review"
    sys.stderr.write(f"{found['records']:,} records coded{before}, {routes} ({coder.model})\n")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be coded, and how."""

    source: str
    kind: str | None
    id: str | None
    text: str
    all_scores: bool
    workers: int | None


class _Sink(Protocol):
    """Where codes go: the records it has, and how many of them need no person."""

    @property
    def rows(self) -> int: ...

    @property
    def auto(self) -> int: ...

    def write(self, batch: pa.RecordBatch) -> None: ...


class _Table:
    """One file of rows, or standard output."""

    def __init__(self, writer: RowWriter) -> None:
        self._writer = writer
        self.rows, self.auto = 0, 0

    def write(self, batch: pa.RecordBatch) -> None:
        rows = batch.to_pylist(maps_as_pydicts="strict")
        self._writer.write(rows)
        self.rows += len(rows)
        self.auto += sum(r["route"] == "auto" for r in rows)


def _is_folder(output: str | None, *, resume: bool) -> bool:
    """Whether the codes go to a folder of parts.

    Raises:
        Refused: they do not, and cannot be gone on with.
    """
    if output and output != "-" and (output.endswith("/") or Path(output).is_dir() or not Path(output).suffix):
        return True
    if resume:
        raise Refused("only a folder of parts can be gone on with", expected="--resume with -o FOLDER/")
    return False


def _into_file(ask: _Asked, coder: Coder | ServerCoder, output: str | None) -> dict[str, int]:
    with open_writer(output, types={"urgency": pa.int64()}) as writer:
        sink = _Table(writer)
        quiet = output in (None, "-") and sys.stdout.isatty()
        _code(ask, coder, sink, kept=output or "the output", quiet=quiet)
    return _counts(sink)


def _into_folder(ask: _Asked, coder: Coder, folder: Path, *, resume: bool, part_rows: int) -> dict[str, int]:
    from cop.classification.coder.parts import open_parts, run_of

    if ask.source == "-":
        raise Refused("standard input cannot be read again", expected="a file as INPUT for a folder of parts")
    run = run_of(
        Path(ask.source),
        coder,
        kind=ask.kind,
        id=ask.id,
        text=ask.text,
        all_scores=ask.all_scores,
        part_rows=part_rows,
    )
    with open_parts(folder, run, resume=resume) as parts:
        if not parts.finished:
            _code(ask, coder, parts, kept=str(folder), every=part_rows)
    return {**_counts(parts), "before": parts.before, "parts": len(parts.parts)}


def _counts(sink: _Sink) -> dict[str, int]:
    return {"records": sink.rows, "auto": sink.auto, "review": sink.rows - sink.auto}


def _code(
    ask: _Asked,
    coder: Coder | ServerCoder,
    sink: _Sink,
    *,
    kept: str,
    every: int | None = None,
    quiet: bool = False,
) -> None:
    """Code what the sink does not have yet; what comes before a record that is refused is kept."""
    from cop.classification.coder import Coder
    from cop.classification.coder.arrow import code_records
    from cop.classification.coder.bulk import code_arrow_batches
    from cop.classification.coder.inputs import open_inputs

    before = sink.rows
    done = before
    try:
        with (
            open_inputs(ask.source, kind=ask.kind, id=ask.id, text=ask.text, after=before, every=every) as inputs,
            Pace(f"Coding {inputs.name}", before=before, total=inputs.rows, quiet=quiet) as pace,
        ):
            batches = inputs.batches
            answers = (
                code_arrow_batches(batches, coder=coder, workers=ask.workers, all_scores=ask.all_scores)
                if isinstance(coder, Coder)
                else (code_records(coder, batch, all_scores=ask.all_scores) for batch in batches)
            )
            for coded in answers:
                sink.write(coded)
                done += coded.num_rows
                pace.advance(coded.num_rows)
            if not done:
                raise Refused("the file has no record", where=Where(inputs.name), expected="at least one")
    except CopError as error:
        if not done:
            raise
        them = "1 record before it is" if done == 1 else f"{done:,} records before it are"
        raise error.noting(f"the {them} kept in {kept}") from error
