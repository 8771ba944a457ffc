"""The microdata file of a survey as a source for an engine: CSV, Parquet, SPSS and Stata."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from cop.kernel.errors import Refused, Where
from cop.measurement.engines.contract import Source
from cop.measurement.survey.description import Survey

FORMATS = (".csv", ".parquet", ".sav", ".zsav", ".dta")


def source(survey: Survey) -> Source:
    """Where an engine finds the rows.

    CSV and Parquet are scanned where they lie. SPSS (.sav, .zsav) and Stata (.dta) files are read into memory as codes,
    not labels; what the file declares missing has no value.

    Raises:
        Refused: no such file, an unknown format, or a file that is not what its name says.
    """
    path = survey.data
    if not path.is_file():
        raise Refused(
            f"{survey.file} is not there",
            where=Where(survey.path, field="file"),
            expected="a path from this file's folder",
        )
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise Refused.value(path.name, "is no format that is read", file=survey.path, field="file",
                            expected=f"a file ending in {', '.join(FORMATS)}")  # fmt: skip
    if path.stat().st_size == 0:
        raise Refused("is empty", where=Where(path), expected="a header and at least one row")
    if suffix in {".csv", ".parquet"}:
        return Source(path=path, missing=survey.missing, delimiter=survey.delimiter)
    return Source(table=_statistical(path), origin=path)


def _statistical(path: Path) -> pa.Table:
    import pyreadstat

    reader: Any = pyreadstat.read_dta if path.suffix.lower() == ".dta" else pyreadstat.read_sav  # pyright: ignore[reportUnknownMemberType]
    try:
        columns, _ = reader(str(path), output_format="dict")
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError) as error:
        raise Refused(f"cannot be read: {error}", where=Where(path), expected="an SPSS or Stata file") from error
    return pa.table({name: _array(values) for name, values in columns.items()})


def _array(values: Iterable[object]) -> pa.Array:
    listed = list(values)
    if any(isinstance(value, str) for value in listed):
        # these formats have no missing text but the empty one
        return pa.array([value if isinstance(value, str) and value else None for value in listed], pa.string())
    return pa.array(listed, from_pandas=True)
