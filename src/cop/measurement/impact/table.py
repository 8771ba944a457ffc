"""The outcome of a programme, read from its file as columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cop.kernel.errors import Refused, Where
from cop.kernel.periods import EXPECTED, is_period
from cop.kernel.tables import Row, open_rows
from cop.measurement.impact.description import Programme, Staggered, Synthetic

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of the file, complete ones only.

    Attributes:
        units: codes, in order of first appearance; one without a name where there are none.
        periods: in order.
        unit, period: (n,) numbers into them.
        start: the number of the first period with the programme.
        y: (n,) the outcome.
        numbers: further (n,) columns by name: standard errors, weights, population, predictors (NaN where empty).
        labels: further (n,) columns of texts: strata, PSUs, first periods.
        left_out: rows without an outcome.
    """

    units: tuple[str, ...]
    periods: tuple[str, ...]
    unit: Ints
    period: Ints
    start: int
    y: Floats
    numbers: Mapping[str, Floats]
    labels: Mapping[str, npt.NDArray[np.str_]]
    left_out: int

    @property
    def after(self) -> npt.NDArray[np.bool_]:
        """(n,) whether the row is of a period with the programme."""
        return self.period >= self.start

    def only(self, rows: npt.NDArray[np.bool_]) -> Table:
        """These rows alone; units and periods keep their numbers."""
        return Table(
            self.units, self.periods, self.unit[rows], self.period[rows], self.start, self.y[rows],
            {name: column[rows] for name, column in self.numbers.items()},
            {name: column[rows] for name, column in self.labels.items()}, self.left_out,
        )  # fmt: skip


def read_table(programme: Programme) -> Table:
    """Read the file of a programme.

    Raises:
        NotFound: it is not there.
        Refused: a column is missing, a value does not fit, a unit and period come twice in a panel, periods are of two
            kinds, or the start is not among them with a period before it.
    """
    outcome, data = programme.outcome, programme.data
    needed, optional, texts = _columns(programme)
    found: list[tuple[str, str, float]] = []
    numbers: dict[str, list[float]] = {name: [] for name in (*needed, *optional)}
    labels: dict[str, list[str]] = {name: [] for name in texts}
    left_out = 0
    with open_rows(programme.file) as rows:
        for row in rows:
            if row.fault is not None:
                raise row.fault
            _check_columns(row, programme, (*needed, *optional, *texts))
            y = _number(row, outcome.column, programme, empty=True)
            if math.isnan(y):
                left_out += 1
                continue
            unit = _text(row, data.unit) if data.unit else ""
            if data.unit and not unit:
                raise Refused("is empty", where=Where(programme.file, row.number, data.unit), expected="a unit's code")
            found.append((unit, _period(row, programme), y))
            for name in needed:
                numbers[name].append(_number(row, name, programme, empty=False))
            for name in optional:
                numbers[name].append(_number(row, name, programme, empty=True))
            for name in texts:
                labels[name].append(_text(row, name))
    return _table(programme, found, numbers, labels, left_out)


def _table(
    programme: Programme,
    found: Sequence[tuple[str, str, float]],
    numbers: Mapping[str, Sequence[float]],
    labels: Mapping[str, Sequence[str]],
    left_out: int,
) -> Table:
    units = tuple(dict.fromkeys(unit for unit, _, _ in found))
    periods = tuple(sorted({period for _, period, _ in found}))
    if len({len(period) for period in periods}) > 1:
        raise Refused(
            "holds periods of two kinds", where=Where(programme.file), expected="years, or quarters, or months"
        )
    if programme.start not in periods or periods.index(programme.start) == 0:
        raise Refused.value(
            programme.start, "is not a period of the data with one before it", file=programme.path, field="start",
            expected=f"a period after {periods[0]}, up to {periods[-1]}" if periods else "data",
        )  # fmt: skip
    keys = [(unit, period) for unit, period, _ in found]
    if programme.data.kind == "panel" and len(set(keys)) != len(keys):
        unit, period = next(key for key in keys if keys.count(key) > 1)
        raise Refused(f"{unit or 'the series'} has {period} twice", where=Where(programme.file),
                      expected="one row a unit and period in a panel")  # fmt: skip
    place = {unit: number for number, unit in enumerate(units)}
    when = {period: number for number, period in enumerate(periods)}
    return Table(
        units=units,
        periods=periods,
        unit=np.array([place[unit] for unit, _ in keys], dtype=np.int64),
        period=np.array([when[period] for _, period in keys], dtype=np.int64),
        start=periods.index(programme.start),
        y=np.array([y for _, _, y in found]),
        numbers={name: np.array(column, dtype=np.float64) for name, column in numbers.items()},
        labels={name: np.array(column, dtype=np.str_) for name, column in labels.items()},
        left_out=left_out,
    )


def _columns(programme: Programme) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The columns beside the outcome: numbers that must be there, numbers that may be empty, texts."""
    data, comparison = programme.data, programme.comparison
    needed = [programme.outcome.se, programme.outcome.population, data.weights]
    optional: list[str] = []
    texts = [data.strata, data.psu]
    if isinstance(comparison, Staggered):
        needed += comparison.covariates
        texts.append(comparison.first)
    if isinstance(comparison, Synthetic):
        optional = [one.column for one in comparison.predictor if one.column != programme.outcome.column]
    once = dict.fromkeys
    return (
        tuple(once(name for name in needed if name is not None)), tuple(once(optional)),
        tuple(once(name for name in texts if name is not None)),
    )  # fmt: skip


def _check_columns(row: Row, programme: Programme, names: Sequence[str]) -> None:
    data = programme.data
    periods = (data.period,) if isinstance(data.period, str) else data.period
    for name in (programme.outcome.column, *periods, *([data.unit] if data.unit else []), *names):
        if name not in row.values:
            raise Refused(
                "is not a column", where=Where(programme.file, field=name), expected=f"as {programme.path.name}"
            )


def _text(row: Row, column: str) -> str:
    value = row.values[column]
    return "" if value is None else str(value).strip()


def _number(row: Row, column: str, programme: Programme, *, empty: bool) -> float:
    text = _text(row, column)
    if empty and text in {"", "NA"}:
        return math.nan
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    positive = column in {programme.outcome.se, programme.outcome.population}
    if not math.isfinite(number) or (positive and number <= 0) or (column == programme.data.weights and number < 0):
        expected = "a number above 0" if positive else "a number"
        raise Refused.value(text, "will not do", file=programme.file, row=row.number, field=column, expected=expected)
    if programme.outcome.kind == "count" and column == programme.outcome.column and (number < 0 or number % 1):
        raise Refused.value(text, "is no count", file=programme.file, row=row.number, field=column,
                            expected="a whole number of 0 or more")  # fmt: skip
    return number


def _period(row: Row, programme: Programme) -> str:
    column = programme.data.period
    if isinstance(column, str):
        text = _text(row, column)
    else:
        year, month = (_text(row, name) for name in column)
        text = f"{year}-{month:0>2}"
    if not is_period(text):
        field = column if isinstance(column, str) else column[1]
        raise Refused.value(
            text, "is not a period", file=programme.file, row=row.number, field=field, expected=EXPECTED
        )
    return text
