"""Counts of records as a description asks for them: counted, corrected, carried, marked, divided, flagged.

One scan counts the records; what the audit sample says is worked out in NumPy. Every cell of a table is estimated from
its own audited records: classes add up within it, and months differ from their year by less than their errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from cop.kernel.errors import Refused
from cop.kernel.progress import SILENT, Progress
from cop.measurement import quality
from cop.measurement.engines.contract import Engine
from cop.measurement.engines.duckdb import DuckDBEngine
from cop.measurement.records import backcast, breaks, cells, comparison, rates, reading
from cop.measurement.records.audit import ALIKE, PROBABILITY, TRUTH, VERSION, WEIGHT
from cop.measurement.records.cells import Cell, Version
from cop.measurement.records.counts import DIMENSIONS, TOTAL, CountTable, Dimension, Level, Scheme, periods
from cop.measurement.records.description import Records
from cop.measurement.records.reading import NUMBER, Read
from cop.measurement.records.score import Floats
from cop.measurement.survey import presentation

FIGURES = ("raw", "corrected", "ci_low", "ci_high")
"""What is divided by a population."""

SCHEMA: dict[str, pl.DataType] = {
    "table": pl.String(), "measure": pl.String(), **dict.fromkeys(DIMENSIONS, pl.String()), "raw": pl.Float64(),
    "raw_se": pl.Float64(), "corrected": pl.Float64(), "se": pl.Float64(), "ci_low": pl.Float64(),
    "ci_high": pl.Float64(), "audited": pl.Int64(), "status": pl.String(), "reason": pl.String(), "flag": pl.String(),
    "flag_reason": pl.String(), "confusion": pl.Float64(), "confusion_low": pl.Float64(),
    "confusion_high": pl.Float64(),
}  # fmt: skip
_NO_AUDIT = "no audit sample"
_CERTAIN = ("certain", "", "ok", "")


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts, and what is to be known of all of them.

    `summary` has `records`, `units` (with repeated, duplicates and so on where one row a unit was kept), `audited`,
    `alike`, `power` (lambda, by version of the classification, "" the present one), `rows`, `uncorrected`, `coverage`
    (by month, where the bodies that were to report are named) and `breaks`.
    """

    frame: pl.DataFrame
    summary: dict[str, Any]


def measure(
    asked: Records, scheme: Scheme, *, engine: Engine | None = None, progress: Progress = SILENT,
    rules: presentation.Rules | None = None,
) -> Counts:  # fmt: skip
    """Count records as the description asks.

    Args:
        asked: the description.
        scheme: the codes of the present version and what is above them; the description's own `codes` go before.
        engine: where records are counted; DuckDB by default.
        progress: told of cells.
        rules: presentation rules; the installed ones by default. Their least number of answers is the least number of
            audited records of a cell, too.

    Returns:
        One row per cell: `table`, `measure` (what is counted), the seven dimensions, `raw` (what the coder said; an
        estimate with `raw_se` where it was carried from another version), `corrected` with `se`, `ci_low` and
        `ci_high`, `audited` (records), `status` (corrected; uncorrected; certain, where no code is told apart) and
        `reason`, `flag` and `flag_reason`, `confusion` with its limits (for comparison), `break`, `obs_status` (B at a
        break; U where it is not corrected or its flag is not ok; else A) and, with denominators, `denominator` and the
        rates.

    Raises:
        Refused: the data does not fit the description; says file, row where it can be known, field and value.
    """
    engine = engine or DuckDBEngine()
    if asked.codes is not None:
        scheme = _scheme(asked)
    table = None
    if asked.backcast is not None:
        path = asked.beside(asked.backcast.file, "backcast.file")
        table = backcast.read(reading.table(path, asked.missing), name=path.name)
        _check_targets(table, scheme, path.name)
    known = Scheme({**dict.fromkeys(table.of if table else (), ()), **scheme.parents})
    read = reading.read(asked, known, engine)
    work = _Work.of(asked, scheme, read, table, rules or presentation.load())
    frame = pl.DataFrame(list(work.rows(progress)), schema=SCHEMA, orient="row")
    marks = breaks.find(_months(read.grouped)) if "period" in read.grouped.columns else ()
    if asked.breaks is not None:
        marks += breaks.declared(reading.table(asked.beside(asked.breaks, "breaks"), asked.missing))
    frame = breaks.marked(frame, marks).with_columns(
        pl.when(pl.col("break") != "").then(pl.lit("B"))
        .when((pl.col("flag") != "ok") | (pl.col("status") == "uncorrected")).then(pl.lit("U"))
        .otherwise(pl.lit("A")).alias("obs_status")
    )  # fmt: skip
    if asked.rates is not None:
        by, path = asked.rates, asked.beside(asked.rates.file, "rates.file")
        population = rates.read(reading.table(path, asked.missing), population=by.population, source=by.source,
                                step=by.step, name=path.name)  # fmt: skip
        frame = rates.rate(frame, population, per=by.per, figures=FIGURES, missing=by.missing)
    return Counts(frame, work.summary(frame, marks))


def _scheme(asked: Records) -> Scheme:
    """The codes of a file with `code` and `parent`."""
    path = asked.beside(asked.codes or "", "codes")
    rows = reading.table(path, asked.missing)
    for column in ("code", "parent"):
        if column not in rows.columns:
            raise Refused.value(column, "is missing", file=path.name, expected="columns code and parent")
    parent = {str(row["code"]): row["parent"] for row in rows.iter_rows(named=True)}
    lines: dict[str, tuple[str, ...]] = {}
    for code, first in parent.items():
        line: list[str] = []
        above = first
        while above:
            if above not in parent or above in line or above == code:
                raise Refused.value(above, f"cannot lie above {code}", file=path.name, field="parent",
                                    expected="a code of the file, without a circle")  # fmt: skip
            line.insert(0, above)
            above = parent[above]
        lines[code] = tuple(line)
    return Scheme(lines)


def _check_targets(table: backcast.Correspondence, scheme: Scheme, name: str) -> None:
    for code in table.targets:
        if code not in scheme.parents:
            raise Refused.value(code, "is not a code of the classification", file=name, field="new",
                                expected="a code of the present version")  # fmt: skip


def _months(grouped: pl.DataFrame) -> pl.DataFrame:
    keys = [c for c in ("area", *breaks.COLUMNS) if c in grouped.columns]
    return grouped.group_by(pl.col("period").str.slice(0, 7), *keys).agg(pl.col(NUMBER).sum().alias("value"))


@dataclass(frozen=True, slots=True)
class _Work:
    """All that cells are made of."""

    asked: Records
    scheme: Scheme
    read: Read
    versions: dict[str, Version]
    codes: tuple[str, ...]
    rules: presentation.Rules
    audited: pl.DataFrame
    comparisons: dict[Level, comparison.Comparison] = field(default_factory=dict)

    @classmethod
    def of(cls, asked: Records, scheme: Scheme, read: Read, table: backcast.Correspondence | None,
           rules: presentation.Rules) -> _Work:  # fmt: skip
        grouped = read.grouped
        audited = read.sample.frame if read.sample else _nobody(grouped)
        names = ["", *([asked.backcast.version] if asked.backcast else [])]
        versions = {
            name: cells.version(grouped.filter(pl.col(VERSION) == name), audited.filter(pl.col(VERSION) == name),
                                table if name else None)
            for name in names
        }  # fmt: skip
        for code in versions[""].codes:
            if code not in scheme.parents:
                raise Refused.value(code, "is not a code of the present version", file=asked.file, field="code",
                                    expected="one of its codes, or the version in the column scheme")  # fmt: skip
        codes = tuple(sorted({*versions[""].codes, *(table.targets if table else ())}))
        present = audited.filter(pl.col(VERSION) == "")
        total = float(grouped.filter(pl.col(VERSION) == "")[NUMBER].sum())
        levels: dict[Level, None] = dict.fromkeys(level for one in asked.table for level in one.levels)
        made: dict[Level, comparison.Comparison] = {}
        if present.height:
            made = {level: comparison.compare(present, versions[""].codes, level, scheme, total) for level in levels}
        return cls(asked, scheme, read, versions, codes, rules, audited, made)

    def rows(self, progress: Progress) -> Iterator[tuple[object, ...]]:
        """The rows of all tables."""
        jobs = [(table.counted, kept) for table in self.asked.table for kept in _kept(table.counted)]
        progress.total(len(jobs))
        for table, kept in jobs:
            yield from self._rows(table, kept)
            progress.advance()

    def _rows(self, table: CountTable, kept: tuple[Dimension, ...]) -> Iterator[tuple[object, ...]]:
        """The rows of one table that are broken down by `kept` and totals of its other dimensions."""
        names, members = cells.unions(self.codes, table, self.scheme)
        width = 4 if table.step == "year" else 7
        parts, audited = (_cut(frame, kept, width, table.name) for frame in (self.read.grouped, self.audited))
        by_cell, judged = (_parted(frame, kept) for frame in (parts, audited))
        for key in _keys(by_cell, kept, table):
            records, seen = by_cell.get(key), judged.get(key)
            cell = self._cell(records, seen)
            others = self._compared(table, records, whole=not kept)
            at = dict(zip(kept, key, strict=True))
            for row, figures in zip(names, self._figures(cell, names, members), strict=True):
                values = {**dict.fromkeys(DIMENSIONS, TOTAL), **at, "code": row}
                dimensions = [values[d] for d in DIMENSIONS]
                yield table.name, self.asked.unit.name, *dimensions, *figures, *others.get(row, comparison.NONE)

    def _cell(self, records: pl.DataFrame | None, seen: pl.DataFrame | None) -> Cell:
        empty, nobody = self.read.grouped.clear(), self.audited.clear()
        parts = [(records if records is not None else empty).filter(pl.col(VERSION) == v) for v in self.versions]
        audited = [(seen if seen is not None else nobody).filter(pl.col(VERSION) == v) for v in self.versions]
        least = self.rules.other.minimum_n
        return cells.cell(list(self.versions.values()), parts, audited, self.codes, least=least)

    def _figures(self, cell: Cell, names: Sequence[str], members: Floats) -> Iterator[tuple[object, ...]]:
        """What stands in a row from `raw` to `flag_reason`, for each code shown."""
        raw = members @ cell.raw
        raw_se = np.sqrt(np.maximum(np.einsum("rk,kl,rl->r", members, cell.raw_covariance, members), 0.0))
        reason = _NO_AUDIT if self.read.sample is None else cell.reason
        corrected = cell.estimate is not None and self.read.sample is not None
        found = cell.estimate.sums(members, self.asked.level) if corrected and cell.estimate else None
        for place, name in enumerate(names):
            counted = (float(raw[place]), float(raw_se[place]))
            if name == TOTAL or not cell.raw.any():
                # how many records there are is known, and none of no records is of any class
                number = counted[0]
                yield number, 0.0, number, 0.0, number, number, cell.audited, *_CERTAIN
            elif found is None:
                flag = ("use with caution", f"the coder's own count: {reason}")
                yield *counted, None, None, None, None, cell.audited, "uncorrected", reason, *flag
            else:
                total, se, low, high = (float(part[place]) for part in found)
                yield *counted, total, se, low, high, cell.audited, "corrected", "", *self._flag(cell, total, low, high)

    def _flag(self, cell: Cell, total: float, low: float, high: float) -> tuple[str, str]:
        """By the presentation rules, with the interval's own width: the standard error of few cases is too small."""
        z = float(stats.norm.ppf(0.5 + self.asked.level / 2))
        cv = (high - low) / (2 * z) / total if total > 0 else None
        flag = presentation.other(self.rules, cv=cv, n=cell.audited, df=cell.audited)
        alike = self.read.sample.alike if self.read.sample else None
        if flag[0] == "ok" and alike is not None and alike < ALIKE:
            return "use with caution", "the audit sample does not look like a random one of the records"
        return flag

    def _compared(self, table: CountTable, records: pl.DataFrame | None, *, whole: bool
                  ) -> dict[str, comparison.Limits]:  # fmt: skip
        if records is None or "code" not in table.dimensions or (records[VERSION] != "").any():
            return {}
        found: dict[str, comparison.Limits] = {}
        for level in table.levels:
            if level in self.comparisons and level != "total":
                found |= self.comparisons[level].figures(records, self.asked.level, whole=whole)
        return found

    def summary(self, frame: pl.DataFrame, marks: Sequence[breaks.Break]) -> dict[str, Any]:
        """What is to be known of all counts."""
        kept = self.read.units
        facts: dict[str, Any] = {"records": kept.reports if kept else int(self.read.grouped[NUMBER].sum())}
        if kept:
            facts |= {n: getattr(kept, n) for n in ("units", "duplicates", "repeated", "left_out", "disagreeing")}
        return facts | {
            "measure": self.asked.unit.name,
            "audited": self.audited.height,
            "alike": self.read.sample.alike if self.read.sample else None,
            "power": {name: version.power for name, version in self.versions.items()},
            "rows": frame.height,
            "uncorrected": frame.filter(pl.col("status") == "uncorrected").height,
            "coverage": self._coverage(),
            "breaks": [{"area": m.area, "period": m.period, "reason": m.reason} for m in marks],
        }

    def _coverage(self) -> list[dict[str, Any]]:
        """Which of the bodies that were to report did, by month; empty where none are named."""
        grouped = self.read.grouped
        if not self.asked.sources:
            return []
        for column in ("period", "source"):
            if column not in grouped.columns:
                raise Refused.value(column, "is missing", file=self.asked.file, field="sources",
                                    expected="the records' period and source")  # fmt: skip
        months = grouped.select(pl.col("period").str.slice(0, 7), "source")
        found = quality.coverage(months, self.asked.sources, sorted(months["period"].unique()))
        return [{"period": c.period, "share": c.share, "missing": list(c.missing)} for c in found]


def _nobody(grouped: pl.DataFrame) -> pl.DataFrame:
    more = {TRUTH: pl.String, WEIGHT: pl.Float64, PROBABILITY: pl.Float64}
    return grouped.clear().with_columns(pl.lit(None, kind).alias(name) for name, kind in more.items())


def _kept(table: CountTable) -> list[tuple[Dimension, ...]]:
    others: list[Dimension] = [d for d in table.dimensions if d != "code"]
    return [
        tuple(d for d, keep in zip(others, mask, strict=True) if keep)
        for mask in product((True, False), repeat=len(others))
    ]


def _cut(frame: pl.DataFrame, kept: Sequence[Dimension], width: int, table: str) -> pl.DataFrame:
    """The rows with their periods as long as the table's."""
    if "period" not in kept:
        return frame
    short = frame.filter(pl.col("period").str.len_chars() < width)
    if short.height:
        raise Refused.value(short["period"][0], "is too coarse for the table", field=f"{table}.period",
                            expected="a year" if width == 4 else "a month")  # fmt: skip
    return frame.with_columns(pl.col("period").str.slice(0, width))


def _parted(frame: pl.DataFrame, kept: Sequence[Dimension]) -> dict[tuple[Any, ...], pl.DataFrame]:
    return frame.partition_by(kept, as_dict=True) if kept else {(): frame}


def _keys(by_cell: dict[tuple[Any, ...], pl.DataFrame], kept: Sequence[Dimension], table: CountTable
          ) -> list[tuple[Any, ...]]:  # fmt: skip
    """The cells that have records, and between the first and the last period those of each series that have none."""
    found = sorted(by_cell)
    if "period" not in kept or not found:
        return found
    at = kept.index("period")
    values = [key[at] for key in found]
    steps = periods(min(values), max(values), table.step)
    series = dict.fromkeys((*key[:at], *key[at + 1 :]) for key in found)
    return [(*key[:at], step, *key[at:]) for key in series for step in steps]
