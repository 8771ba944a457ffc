"""An edition's counts, made up: what the monitor reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pytest

from cop.editions.tables import TOTAL
from cop.measurement.warning.counts import period_of
from cop.measurement.warning.monitor import KEYS, Published

NAMES = {
    "A": "Sexual abuse material",
    "B": "Solicitation",
    "B03": "Sexual extortion",
    "XAL": "Alvemere",
    "XBR": "Brennovia",
}
PARENTS = {"B03": "B"}


def small_withheld(frame: pl.DataFrame, threshold: int = 5) -> pl.DataFrame:
    """The counts with small ones withheld and no others: these series are not parts of one another."""
    small = pl.col("value").is_between(1, threshold - 1)
    return frame.with_columns(
        pl.when(small).then(None).otherwise(pl.col("value")).alias("value"),
        pl.when(small).then(pl.lit("Q")).otherwise(pl.lit("A")).alias("obs_status"),
        pl.when(small).then(pl.lit("C")).otherwise(pl.lit("F")).alias("conf_status"),
    )


def cells(table: str, values: Sequence[float], **key: str) -> list[dict[str, object]]:
    """One series, month by month from January 2020."""
    full = {name: key.get(name, TOTAL) for name in KEYS}
    return [
        {"table": table, "measure": "reports", **full, "period": period_of("month", 24240 + month), "value": int(value)}
        for month, value in enumerate(values)
    ]


@pytest.fixture
def published() -> Callable[..., Published]:
    """An edition with these series, small counts withheld."""

    def make(*rows: list[dict[str, object]], draft: bool = False, changed: tuple[str, ...] = ()) -> Published:
        frame = pl.DataFrame([row for part in rows for row in part])
        shown = small_withheld(frame)
        return Published("2025-01", shown, 5, NAMES, PARENTS, draft, changed)

    return make


@pytest.fixture
def steady() -> Callable[..., list[float]]:
    """Counts about a mean, the last one as given."""

    def make(mean: float, last: float, *, months: int = 60, seed: int = 1) -> list[float]:
        counts = np.random.default_rng(seed).poisson(mean, months).astype(float).tolist()
        return [*counts[:-1], last]

    return make
