"""The files of a description, read once: records grouped by all that matters, and the audited ones among them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cop.kernel.errors import Refused, Where
from cop.measurement.engines.contract import SET, Engine, GroupedSums, Named, Source
from cop.measurement.engines.duckdb import unknown_column
from cop.measurement.expression import ONE, Call, Column, Literal
from cop.measurement.records import audit, units
from cop.measurement.records.audit import CODED, PROBABILITY, STRATUM, TRUTH, VERSION, AuditSample
from cop.measurement.records.breaks import COLUMNS as TELLING
from cop.measurement.records.counts import DIMENSIONS, UNKNOWN, Check, Dimension, Scheme, source_of
from cop.measurement.records.description import Ours, Records

NUMBER, SURE = "n", "p"
"""Columns of grouped records: how many, and the sum of the coder's probabilities of the codes it gave."""


@dataclass(frozen=True, slots=True)
class Read:
    """The records of a description.

    Attributes:
        grouped: a row a group with the dimensions in use, `period` and `area` where the records have them, what tells
            of breaks, `_stratum`, `_version`, `n` and perhaps `p`. Periods are as fine as in the file.
        sample: the audited records; None where there is no audit.
        units: what became of repeated rows; None where every row is counted.
    """

    grouped: pl.DataFrame
    sample: AuditSample | None
    units: units.Units | None


def read(asked: Records, scheme: Scheme, engine: Engine) -> Read:
    """Read what is to be counted.

    Raises:
        Refused: a file, a column or a value is not as the description says.
    """
    path = asked.beside(asked.file, "file")
    source, found = Source(path=path, missing=asked.missing), None
    if asked.unit.column is not None or asked.unit.duplicate_of is not None:
        found = units.one_per_unit(_ours(asked, table(path, asked.missing)), asked.counted, name=path.name)
        source = source_of(found.frame, path.name)
    columns = _columns(asked, source, engine, path)
    strata = asked.audit.strata if asked.audit else ()
    keys = {**columns, **{f"_s{place}": name for place, name in enumerate(strata)}}
    known = engine.columns(source)
    for name in keys.values():
        if name not in known:
            raise unknown_column(name, known, path)
    sums = [Named(NUMBER, ONE)]
    sure = asked.theirs("probability")
    if asked.audit is not None and sure in known:
        _check_probabilities(source, engine, sure, path)
        sums.append(Named(SURE, Column(sure)))
    query = GroupedSums(source, tuple(Named(key, Column(name)) for key, name in keys.items()), tuple(sums))
    groups = pl.DataFrame(pl.from_arrow(engine.sums(query))).drop(SET)
    dimensions: list[Dimension] = [d for d in DIMENSIONS if d in columns]
    check = Check(engine, source, {d: columns[d] for d in dimensions}, scheme, path.name)
    grouped = _keyed(check.texts(groups, dimensions), asked, [key for key in keys if key.startswith("_s")])
    if asked.audit is None:
        return Read(grouped, None, found)
    sizes = dict(grouped.group_by(STRATUM).agg(pl.col(NUMBER).sum()).iter_rows())
    judged = _judged(asked, scheme)
    rows = found.frame if found else table(path, asked.missing, asked.theirs("id"), judged["id"].to_list())
    rows = _placed(asked, rows, columns, strata)
    joined = audit.joined(judged, rows, repeated=found is not None, name=asked.audit.file)
    weighed = audit.weighed(joined, sizes, strata, asked.audit.file)
    return Read(grouped, AuditSample(weighed, audit.alike(weighed, grouped)), found)


def table(path: Path, missing: tuple[str, ...] = ("",), column: str | None = None,
          among: list[str] | None = None) -> pl.DataFrame:  # fmt: skip
    """A small table, or the rows of a large one whose `column` is `among` these.

    Raises:
        Refused: it cannot be read as what it claims to be, or has no such column.
    """
    try:
        if path.suffix.lower() == ".parquet":
            lazy = pl.scan_parquet(path)
        else:
            lazy = pl.scan_csv(path, infer_schema=False, null_values=list(missing))
        if column is not None:
            names = lazy.collect_schema().names()
            if column not in names:
                raise unknown_column(column, dict.fromkeys(names, "other"), path)
            lazy = lazy.filter(pl.col(column).cast(pl.String).is_in(among or []))
        return lazy.collect()
    except pl.exceptions.PolarsError as error:
        raise Refused(f"cannot be read: {str(error).splitlines()[0]}", where=Where(path), expected="a table") from error


def _ours(asked: Records, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with what orders and tells units under our names too, and probabilities as numbers."""
    names: tuple[Ours, ...] = ("code", "date", "period")
    mapped = {ours: asked.theirs(ours) for ours in names if ours not in rows.columns}
    named = [pl.col(name).alias(ours) for ours, name in mapped.items() if name in rows.columns]
    sure = asked.theirs("probability")
    number = [pl.col(sure).cast(pl.Float64, strict=False)] if sure in rows.columns else []
    return rows.with_columns(*named, *number)


def _columns(asked: Records, source: Source, engine: Engine, path: Path) -> dict[str, str]:
    """Our names and theirs of what records are grouped by."""
    known = engine.columns(source)
    needed: list[Dimension] = [d for d in DIMENSIONS if d == "code" or any(d in one.dimensions for one in asked.table)]
    columns: dict[str, str] = {d: asked.theirs(d) for d in needed}
    dated: Ours = "period" if asked.theirs("period") in known else "date"
    if "period" in needed or asked.theirs(dated) in known:
        columns["period"] = asked.theirs(dated)
    telling: tuple[Ours, ...] = ("area", "scheme", "model", "source")
    for name in telling:
        if asked.theirs(name) in known:
            columns[name] = asked.theirs(name)
    if asked.backcast is not None and "scheme" not in columns:
        raise unknown_column(asked.theirs("scheme"), known, path)
    return columns


def _check_probabilities(source: Source, engine: Engine, sure: str, path: Path) -> None:
    """A record without a probability would be predicted otherwise than the audited ones."""
    wrong = Call("or", (Call("is null", (Column(sure),)), Call("not between", (Column(sure), Literal("0"), ONE))))
    found = engine.first(source, wrong, Column(sure))
    if found is not None:
        raise Refused.value("" if found[1] is None else found[1], "is no probability", file=path, row=found[0],
                            field=sure, expected="0 to 1 in every row, or the column left out")  # fmt: skip


def _keyed(rows: pl.DataFrame, asked: Records, strata: list[str]) -> pl.DataFrame:
    """Rows with their stratum and version; what tells of breaks as text."""
    version = pl.lit("")
    if asked.backcast is not None:
        old = pl.col("scheme").cast(pl.String) == asked.backcast.version
        version = pl.when(old).then(pl.lit(asked.backcast.version)).otherwise(pl.lit(""))
    telling = [pl.col(name).cast(pl.String).fill_null(UNKNOWN) for name in TELLING if name in rows.columns]
    return rows.with_columns(audit.stratum(strata), version.alias(VERSION), *telling)


def _judged(asked: Records, scheme: Scheme) -> pl.DataFrame:
    if asked.audit is None:
        raise ValueError("there is no audit")
    path = asked.beside(asked.audit.file, "audit.file")
    given = asked.audit
    found = audit.read(table(path, asked.missing), id=given.id, code=given.code, weight=given.weight, only=given.only,
                       name=path.name)  # fmt: skip
    for number, code in enumerate(found[TRUTH], start=1):
        if code not in scheme.parents:
            raise Refused.value(code, "is not a code of the classification", file=path.name, row=number,
                                field=given.code, expected="one of its codes")  # fmt: skip
    return found


def _placed(asked: Records, rows: pl.DataFrame, columns: dict[str, str], strata: tuple[str, ...]) -> pl.DataFrame:
    """The audited records with the same names and texts as the grouped ones."""
    id_ = asked.theirs("id")
    if id_ not in rows.columns:
        raise unknown_column(id_, dict.fromkeys(rows.columns, "other"), asked.path)

    def text(name: str) -> pl.Expr:
        return (
            pl.col(name).dt.to_string("%Y-%m-%d") if rows.schema[name].is_temporal() else pl.col(name).cast(pl.String)
        )

    known = [c for c in columns if c not in {CODED, "period"}]
    picked = [text(id_).alias("id"), text(columns[CODED]).alias(CODED)]
    picked += [text(columns[c]).fill_null(UNKNOWN).alias(c) for c in known]
    if "period" in columns:
        picked.append(text(columns["period"]).alias("period"))
    picked += [text(name).alias(f"_s{place}") for place, name in enumerate(strata)]
    sure = asked.theirs("probability")
    if sure in rows.columns:
        picked.append(pl.col(sure).cast(pl.Float64, strict=False).alias(PROBABILITY))
    return _keyed(rows.select(picked), asked, [f"_s{place}" for place in range(len(strata))])
