"""`cop scheme diff` and `cop scheme recode`: what changed between versions, and codes and counts carried across."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cop.cli.shape import as_json, say, say_json
from cop.kernel.errors import Conflict, CopError, NotFound, Refused, Where
from cop.kernel.tables import Row, RowWriter, open_rows, open_writer

if TYPE_CHECKING:
    from cop.classification.recode import Recoded
    from cop.classification.records import Recoder
    from cop.classification.versions import History

_BATCH = 500
_ADDED = ("se", "converted")


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@as_json
def diff(old: str, new: str, as_json: bool) -> None:
    """Say what changed between two versions of the classification: splits, merges, moves, new and retired codes first.

    A rename, a change of urgency or a sharpened note leaves every count where it is. From a newer version to an older
    one, each change is shown the other way round.

    \b
    Example:
      cop scheme diff 0.1 1.0
    """
    from cop.classification.history import load_history
    from cop.classification.versions import diff as compare

    history = load_history()
    found = compare(history, old, new)
    kinds: dict[str, int] = {}
    for difference in found:
        kinds[difference.change.kind] = kinds.get(difference.change.kind, 0) + 1
    names = [history.version(name).name for name in (old, new)]
    if as_json:
        say_json({"from": names[0], "to": names[1], "kinds": kinds, "changes": [d.as_json() for d in found]})
        return
    for difference in found:
        say(str(difference))
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    say(f"{names[0]} to {names[1]}: {counted or 'no change'}")


@click.command("recode")
@click.argument("source", metavar="INPUT")
@click.option("--from", "old", metavar="VERSION", required=True, help="The version that the codes are of.")
@click.option("--to", "new", metavar="VERSION", required=True, help="The version to carry them to.")
@click.option(
    "-o", "--output", metavar="OUTPUT", help="JSONL, CSV or Parquet by its ending (default: JSONL to standard output)."
)
@click.option("--code", "column", default="code", show_default=True, help="The column that holds the code.")
@click.option("--counts", is_flag=True, help="INPUT holds counts: a code and a count a row, other columns are groups.")
@click.option("--format", "kind", type=click.Choice(["csv", "jsonl"]), help="The format of standard input (INPUT -).")
@as_json
def recode(
    source: str, old: str, new: str, output: str | None, column: str, counts: bool, kind: str | None, as_json: bool
) -> None:
    """Carry coded records, or counts by code, from one version of the classification to another.

    A record gets the code that its own became. Where that is several codes or none, its code is left empty for a
    person, with candidates to choose from; the summary says for what share of the records. The columns secondary,
    class_set, scores, section, urgency and scheme follow the code where there are any; old_code, candidates and
    decision are added.

    Counts are converted with standard errors. Counts that cannot be converted (a split whose weights are not known, a
    code that is no more) stay at their code with converted false. Errors of one split are shared by all groups: use
    the totals of the summary (--json) and do not add the groups' errors.

    \b
    Examples:
      cop scheme recode coded.jsonl --from 0.1 --to 1.0 -o coded-1.0.jsonl
      cop scheme recode by-month.csv --counts --from 1.0 --to 0.1 -o by-month-0.1.csv --json
    """
    if source == "-" and kind is None:
        raise click.UsageError("standard input needs --format csv or --format jsonl", ctx=click.get_current_context())
    if output and output != "-" and source != "-" and Path(output).resolve() == Path(source).resolve():
        raise Conflict("INPUT and OUTPUT are the same file", expected="another file for the codes")
    from cop.classification.history import load_history

    history = load_history()
    work = _recode_counts if counts else _recode_records
    with open_rows(source, kind=kind) as rows:
        if rows.columns is not None:
            for needed in (column, *(["count"] if counts else [])):
                _check_column(needed, rows.columns, rows.name)
        facts, told = work(history, old, new, iter(rows), rows.name, column, output)
    summary = {
        "from": history.version(old).name, "to": history.version(new).name, **facts, "output": output or "-",
    }  # fmt: skip
    if as_json and output and output != "-":
        say_json(summary)
    else:
        sys.stderr.write(told + "\n")


Facts = tuple[dict[str, Any], str]


def _recode_records(
    history: History, old: str, new: str, rows: Iterator[Row], name: str, column: str, output: str | None
) -> Facts:
    from cop.classification.recode import Decisions
    from cop.classification.records import Recoder

    recoder = Recoder.between(history, old, new, column)
    undecided: dict[str, int] = {}
    batch: list[dict[str, object]] = []
    columns: tuple[str, ...] = ()
    seen = 0
    with open_writer(output, types=_types(column)) as writer:
        try:
            for row in rows:
                out = _portable(_in_row(row, name, recoder), output)
                columns = columns or tuple(out)
                batch.append(_even(out, columns, row, name))
                seen += 1
                if out["decision"]:
                    undecided[str(out["old_code"])] = undecided.get(str(out["old_code"]), 0) + 1
                if len(batch) == _BATCH:
                    _write(writer, batch, name)
                    batch = []
        except CopError as error:
            _write(writer, batch, name)
            kept = "1 record before it is" if seen == 1 else f"{seen:,} records before it are"
            raise error.noting(f"the {kept} kept in {output or 'the output'}") if seen else error from error
        _write(writer, batch, name)
        if not seen:
            raise Refused("the file has no record", where=Where(name), expected="at least one")
    found = Decisions(seen, undecided)
    number = sum(undecided.values())
    told = f"{seen:,} records recoded, {number:,} of them ({found.share:.1%}) for a person to decide"
    return {"records": seen, "decisions": number, "share": found.share, "by_code": undecided}, told


def _types(column: str) -> dict[str, Any]:
    """The types that Parquet cannot tell from rows in which these columns are empty."""
    import pyarrow as pa

    codes = ("candidates", "secondary", "secondary_undecided", "class_set")
    texts = (column, "section")
    return {**dict.fromkeys(codes, pa.list_(pa.string())), **dict.fromkeys(texts, pa.string()), "urgency": pa.int64()}


def _write(writer: RowWriter, rows: list[dict[str, object]], name: str) -> None:
    from pyarrow import ArrowException

    try:
        writer.write(rows)
    except ArrowException as error:
        problem = "a column does not hold one kind of value"
        raise Refused(problem, where=Where(name), expected="such columns, or an OUTPUT in JSONL or CSV") from error


def _even(out: dict[str, object], columns: tuple[str, ...], row: Row, name: str) -> dict[str, object]:
    """A record with the columns of the first one."""
    for column in out:
        if column not in columns:
            raise Refused(
                "the first record has no such field", where=Where(name, row.number, column),
                expected="the same fields in every record",
            )  # fmt: skip
    return {column: out.get(column) for column in columns}


def _portable(values: Mapping[str, object], output: str | None) -> dict[str, object]:
    """Dates and whatever else only Parquet can hold as such, as text."""
    if _parquet(output):
        return dict(values)
    plain = (str, int, float, list, dict, type(None))
    return {k: v if isinstance(v, plain) else str(v) for k, v in values.items()}


def _in_row(row: Row, name: str, recoder: Recoder) -> dict[str, object]:
    """A recoded record; what is refused is named by file and row."""
    if row.fault is not None:
        raise row.fault
    try:
        return recoder(row.values)
    except (Refused, NotFound) as error:
        field = (error.where and error.where.field) or recoder.column
        raise Refused(error.problem, where=Where(name, row.number, field), expected=error.expected) from error


def _recode_counts(
    history: History, old: str, new: str, rows: Iterator[Row], name: str, column: str, output: str | None
) -> Facts:
    from cop.classification.recode import recode_counts

    route, version = history.route(old, new), history.version(old)
    groups: dict[str, tuple[dict[str, object], dict[str, Fraction]]] = {}
    total: dict[str, Fraction] = {}
    for row in rows:
        code, count, group = _counted(row, name, column)
        if code not in version.by_code:
            raise Refused.value(
                code, "is no code of its version", expected=f"a code of version {version.name}",
                file=name, row=row.number, field=column,
            )  # fmt: skip
        counts = groups.setdefault(json.dumps(group, default=str), (group, {}))[1]
        if code in counts:
            raise Refused.value(
                code, "is counted twice in one group", expected="a row by code and group",
                file=name, row=row.number, field=column,
            )  # fmt: skip
        counts[code] = count
        total[code] = total.get(code, Fraction()) + count
    if not groups:
        raise Refused("the file has no count", where=Where(name), expected="at least one")
    with open_writer(output) as writer:
        for group, counts in groups.values():
            lines = _lines(recode_counts(counts, route), column, whole=not _parquet(output))
            _write(writer, [_portable({**group, **line}, output) for line in lines], name)
    found = recode_counts(total, route)
    facts = {
        "groups": len(groups), "total": _plain(found.total), "converted": _plain(found.converted),
        "unconverted": _plain(found.unconverted), "totals": list(_lines(found, column)),
        "stayed": [{"code": s.code, "version": s.version, "reason": s.reason} for s in found.stayed],
    }  # fmt: skip
    told = f"{_plain(found.converted):,} of {_plain(found.total):,} converted, in {len(groups):,} groups"
    left = "".join(f"; {s.code} stayed: {s.reason}" for s in found.stayed)
    return facts, told + left


def _lines(found: Recoded, column: str, *, whole: bool = True) -> Iterator[dict[str, object]]:
    """A row by code; a count that stayed has its old code and is not converted. `whole` keeps whole numbers whole."""
    kept = [(s.code, s.estimate, False) for s in found.stayed]
    for code, estimate, converted in (*((c, e, True) for c, e in found.counts.items()), *kept):
        count = _plain(estimate.count) if whole else float(estimate.count)
        yield {column: code, "count": count, "se": estimate.se, "converted": converted}


def _counted(row: Row, name: str, column: str) -> tuple[str, Fraction, dict[str, object]]:
    """The code, the count and the other columns of a row of counts."""
    if row.fault is not None:
        raise row.fault
    values: Mapping[str, object] = row.values
    for needed in (column, "count"):
        _check_column(needed, tuple(values), name, row.number)
    if values.get("se") not in (None, "", "0", "0.0", 0, 0.0) or str(values.get("converted", True)).lower() != "true":
        raise Refused(
            "the count was recoded before, and is an estimate or stayed",
            where=Where(name, row.number, "count"), expected="the counts as they were first coded",
        )  # fmt: skip
    text = str(values["count"]).strip()
    if not re.fullmatch(r"\d{1,18}(\.\d{1,18})?([eE][+-]?\d{1,2})?", text):
        raise Refused.value(
            values["count"], "is no count", expected="a number of zero or more", file=name, row=row.number,
            field="count",
        )  # fmt: skip
    group = {key: value for key, value in values.items() if key not in (column, "count", *_ADDED)}
    return str(values[column]).strip(), Fraction(text), group


def _check_column(needed: str, columns: tuple[str, ...], name: str, row: int | None = None) -> None:
    if needed not in columns:
        raise Refused(
            "the column is missing", where=Where(name, row, needed), expected=f"one of {', '.join(columns) or 'none'}"
        )


def _parquet(output: str | None) -> bool:
    return bool(output and output.lower().endswith(".parquet"))


def _plain(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)
