"""Differences of two measures of the same units: what a provider says it sent and what the clearing house received.

Both sides are counts that are published, not samples, so there is no interval.
"""

from __future__ import annotations

import polars as pl

from cop.kernel.errors import Refused, Where, shown
from cop.measurement.measures.forms import Count, Difference


def differences(form: Difference, table: pl.DataFrame) -> pl.DataFrame:
    """The difference of each row.

    Args:
        form: a difference of two counts, which are columns of the table.
        table: one row a unit (a provider and a year).

    Returns:
        The table with `estimate`: first less second, in percent of the second where `relative`. Null where either is
        missing (one side did not disclose); null too where it is relative to nothing and both are not zero.

    Raises:
        Refused: a side is not a count, a column is missing, or a count is negative.
    """
    names: list[str] = []
    for side in (form.first, form.second):
        if not isinstance(side, Count):
            raise Refused.value(side.kind, "cannot be taken from a table of counts", expected="count", field="form")
        if side.events not in table.columns:
            raise Refused(f"column {shown(side.events)} is missing", where=Where("table"))
        negative = (table[side.events] < 0).fill_null(value=False).arg_true()
        if len(negative):
            raise Refused("is below zero", where=Where("table", row=negative[0] + 1, field=side.events))
        names.append(side.events)
    first, second = (pl.col(name).cast(pl.Float64) for name in names)
    value = first - second
    if form.relative:
        value = pl.when(second > 0).then(100 * value / second).when((first == 0) & (second == 0)).then(0.0)
    return table.with_columns((value.abs() if form.absolute else value).alias("estimate"))
