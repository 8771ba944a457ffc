"""Official series in: SDMX-ML and SDMX-CSV through libraries, plain CSV by a declared mapping. One public reader.

Nothing is joined, scaled or filled: unit multipliers stay attributes, an empty value stays null.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from cop.kernel.errors import Refused, TooMuch, Where, shown
from cop.kernel.periods import EXPECTED as EXPECTED_PERIOD
from cop.kernel.periods import is_period
from cop.kernel.tables.readers import open_rows
from cop.measurement.messages import Message, Observed, read_message

Format = Literal["sdmx-ml", "sdmx-csv", "csv"]
MAX_BYTES: Mapping[Format, int] = {"sdmx-ml": 64 << 20, "sdmx-csv": 256 << 20, "csv": 256 << 20}
"""The largest file that is opened; SDMX-ML grows some tenfold in memory."""
ALL_AREAS = "_T"

SCHEMA: dict[str, pl.DataType] = {
    "dataset": pl.String(), "flow": pl.String(), "key": pl.String(), "dims": pl.String(), "area": pl.String(),
    "period": pl.String(), "value": pl.Float64(), "unit": pl.String(), "obs_status": pl.String(),
    "attributes": pl.String(),
}  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a plain CSV mean.

    Long: `period` and `value` name columns. Wide: `period_columns` are the periods and the names of their columns.
    `area` names the column of area codes; `missing_area` is the code for rows without one (they are refused where it
    is None). `dimensions` are kept as they are. `thousands` is taken out of values ("163,120").
    """

    area: str | None = None
    period: str | None = None
    value: str | None = None
    period_columns: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    thousands: str = ""
    missing_area: str | None = None
    missing: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True)
class SeriesSpec:
    """One official series: where it lies, how it is read and where it came from.

    `unit` overrides the message's own UNIT_MEASURE or UNIT. Without `area_dimension` (SDMX) or `mapping.area` (CSV) the
    series is of all areas together, `_T`.
    """

    id: str
    title: str
    file: Path
    format: Format
    structure: Path | None = None
    mapping: Columns | None = None
    source: str = ""
    licence: str = ""
    unit: str = ""
    area_dimension: str | None = None


def read_series(spec: SeriesSpec) -> pl.DataFrame:
    """Read a series.

    Returns:
        One row per observation: `dataset` (the spec's id), `flow` (agency:id(version) of an SDMX message), `key` (the
        dimensions but time, joined by dots), `dims` (the same as a JSON object), `area`, `period`, `value` (null where
        there is none), `unit`, `obs_status` (as given, else A, or M where the value is missing), `attributes` (JSON).

    Raises:
        Refused: the file is not what its format says, does not fit the structure, or a value, period or area is wrong;
            an XML document with a DOCTYPE, which could name entities or other files. TooMuch: it is too large.
    """
    if not spec.file.is_file():
        raise Refused("is not a file", where=Where(spec.file), expected=f"the series {spec.id}")
    _sized(spec.file, MAX_BYTES[spec.format])
    if spec.format == "csv":
        return _frame(spec, "", _plain(spec, spec.mapping or Columns()))
    message = read_message(spec.file, spec.format, spec.structure)
    if spec.area_dimension and spec.area_dimension not in message.dimensions:
        raise Refused.value(
            spec.area_dimension, "is not a dimension of the message", file=spec.file, field="area_dimension",
            expected=f"one of {', '.join(message.dimensions)}",
        )  # fmt: skip
    return _frame(spec, message.flow, _told(spec, message))


def _sized(path: Path, limit: int) -> None:
    size = path.stat().st_size
    if size > limit:
        raise TooMuch(
            f"{size >> 20} MiB are more than are read", where=Where(path), expected=f"at most {limit >> 20} MiB"
        )
    if size == 0:
        raise Refused("is empty", where=Where(path), expected="at least one observation")


def _told(spec: SeriesSpec, message: Message) -> Iterator[Observed]:
    for observed in message.observations:
        area = observed.dims[spec.area_dimension] if spec.area_dimension else ALL_AREAS
        unit = next((observed.attributes[n] for n in ("UNIT_MEASURE", "UNIT") if observed.attributes.get(n)), "")
        unit = unit or observed.dims.get("UNIT_MEASURE", observed.dims.get("UNIT", ""))
        yield Observed(observed.dims, observed.period, observed.value, observed.attributes, area, unit, observed.row)


def _frame(spec: SeriesSpec, flow: str, observed: Iterable[Observed]) -> pl.DataFrame:
    rows: list[tuple[str | float | None, ...]] = []
    seen: set[tuple[str, str]] = set()
    for one in observed:
        where = Where(spec.file, one.row)
        if not is_period(one.period):
            raise Refused(f"{shown(one.period)} is not a period", where=where, expected=EXPECTED_PERIOD)
        if not one.area:
            raise Refused("the area is missing", where=where, expected="an area code, or missing_area in the mapping")
        value = _number(one.value, where)
        key = ".".join(one.dims.values())
        if (key, one.period) in seen:
            raise Refused(
                f"{shown(f'{key} {one.period}')} is there twice", where=where, expected="one observation each"
            )
        seen.add((key, one.period))
        attributes = dict(one.attributes)
        status = attributes.get("OBS_STATUS") or ("M" if value is None else "A")
        if status.startswith("["):
            status = json.loads(status)[0]  # several statuses: the first leads, all stay among the attributes
        else:
            attributes.pop("OBS_STATUS", None)
        rows.append(
            (spec.id, flow, key, _json(one.dims), one.area, one.period, value, spec.unit or one.unit, status,
             _json(attributes))
        )  # fmt: skip
    if not rows:
        raise Refused("has no observations", where=Where(spec.file), expected="at least one")
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("key", "period", maintain_order=True)


def _json(facts: Mapping[str, str]) -> str:
    return json.dumps(dict(facts), ensure_ascii=False)


def _number(text: str, where: Where) -> float | None:
    if text in {"", "NaN"}:
        return None  # SDMX-ML writes NaN for a value that is missing
    if not _NUMBER.fullmatch(text):
        raise Refused(f"{shown(text)} is not a number", where=where, expected="digits, with a point for decimals")
    return float(text)


def _plain(spec: SeriesSpec, columns: Columns) -> Iterator[Observed]:
    wide = bool(columns.period_columns)
    if wide == (columns.period is not None and columns.value is not None):
        raise Refused("the mapping is neither long nor wide", where=Where(field=f"series.{spec.id}.mapping"),
                      expected="period and value, or period_columns")  # fmt: skip
    used = [n for n in (columns.area, columns.period, columns.value) if n] if not wide else [columns.area or ""]
    used = [*filter(None, used), *columns.period_columns, *columns.dimensions]
    with open_rows(spec.file, kind="csv") as table:
        known = table.columns or ()
        for name in used:
            if name not in known:
                raise Refused.value(
                    name, "is not a column of the file", file=spec.file, field=f"series.{spec.id}.mapping",
                    expected=f"one of {', '.join(known)}",
                )  # fmt: skip
        for row in table:
            if row.fault is not None:
                raise row.fault
            values = {name: str(value).strip() for name, value in row.values.items()}
            area = values[columns.area] if columns.area else ALL_AREAS
            area = area or columns.missing_area or ""
            dims = ({"area": area} if columns.area else {}) | {name: values[name] for name in columns.dimensions}
            pairs = (
                [(period, values[period]) for period in columns.period_columns]
                if wide
                else [(values[columns.period or ""], values[columns.value or ""])]
            )
            for period, text in pairs:
                clean = "" if text in columns.missing else text
                if columns.thousands:
                    clean = _without_thousands(clean, columns.thousands)
                yield Observed(dims, period, clean, {}, area, "", row.number)


def _without_thousands(text: str, mark: str) -> str:
    """The number without its marks; one that is not grouped by threes is left, to be refused as no number."""
    grouped = re.fullmatch(rf"[+-]?\d{{1,3}}({re.escape(mark)}\d{{3}})+(\.\d+)?", text)
    return text.replace(mark, "") if grouped else text
