"""The values of an index's indicators, read from its file: one row a unit, one column an indicator."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cop.kernel.errors import Refused, Where
from cop.kernel.tables import Row, open_rows
from cop.measurement.composite.description import Index

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Values:
    """What the file says, in its order. A missing value is NaN.

    Attributes:
        units: codes.
        names: of the units; the codes where the description names no column.
        groups: the group of each unit, or empty texts.
        raw: (n_indicator, n_unit), in the description's order of indicators.
        denominators: (n_indicator, n_unit); 1 where nothing is divided.
    """

    units: tuple[str, ...]
    names: tuple[str, ...]
    groups: tuple[str, ...]
    raw: Floats
    denominators: Floats

    def only(self, kept: npt.NDArray[np.bool_]) -> Values:
        """These units alone."""
        at = np.flatnonzero(kept)
        return Values(
            tuple(self.units[i] for i in at), tuple(self.names[i] for i in at), tuple(self.groups[i] for i in at),
            self.raw[:, kept], self.denominators[:, kept],
        )  # fmt: skip


def read_values(index: Index) -> Values:
    """Read the file of an index.

    Raises:
        NotFound: it is not there.
        Refused: a column is missing, a unit is given twice or not at all, a value is no number, a denominator is 0.
    """
    wanted = [
        index.unit,
        *([index.name] if index.name else []),
        *([index.missing.group] if index.missing.group else []),
    ]
    wanted += [one.source for one in index.indicator]
    wanted += [one.denominator for one in index.indicator if one.denominator is not None]
    units: list[str] = []
    names: list[str] = []
    groups: list[str] = []
    raw: list[list[float]] = []
    denominators: list[list[float]] = []
    with open_rows(index.data) as rows:
        for row in rows:
            if row.fault is not None:
                raise row.fault
            lacking = next((name for name in wanted if name not in row.values), None)
            if lacking is not None:
                raise Refused(
                    "is not a column", where=Where(index.data, field=lacking), expected=f"as {index.path.name}"
                )
            unit = str(row.values[index.unit] or "").strip()
            if not unit or unit in units:
                problem = "is a unit that an earlier row has" if unit else "is no unit"
                raise Refused.value(unit, problem, file=index.data, row=row.number, field=index.unit,
                                    expected="each unit once")  # fmt: skip
            units.append(unit)
            names.append(str(row.values[index.name] or unit) if index.name else unit)
            groups.append(str(row.values[index.missing.group] or "") if index.missing.group else "")
            raw.append([_number(row, one.source, index) for one in index.indicator])
            denominators.append([_divisor(row, one.denominator, index) for one in index.indicator])
    if len(units) < 3:
        raise Refused(f"has {len(units)} units", where=Where(index.data), expected="three or more to compare")
    return Values(
        tuple(units), tuple(names), tuple(groups),
        np.array(raw, dtype=np.float64).T.copy(), np.array(denominators, dtype=np.float64).T.copy(),
    )  # fmt: skip


def _number(row: Row, column: str, index: Index) -> float:
    value = row.values[column]
    if value is None or (isinstance(value, str) and value.strip() in index.missing.texts):
        return math.nan
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Refused.value(value, "is not a number", file=index.data, row=row.number, field=column,
                            expected="a number, or one of missing.texts")  # fmt: skip
    return number


def _divisor(row: Row, column: str | None, index: Index) -> float:
    if column is None:
        return 1.0
    number = _number(row, column, index)
    if number <= 0:
        raise Refused.value(row.values[column], "cannot be divided by", file=index.data, row=row.number, field=column,
                            expected="a number above 0")  # fmt: skip
    return number
