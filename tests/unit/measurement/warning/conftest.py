"""An edition's counts, made up: what the monitor reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pytest

from cop.editions.tables import TOTAL
from cop.measurement.disclosure import suppress
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
        shown, _ = suppress(frame, threshold=5)
        return Published("2025-01", shown, 5, NAMES, PARENTS, draft, changed)

    return make


@pytest.fixture
def steady() -> Callable[..., list[float]]:
    """Counts about a mean, the last one as given."""

    def make(mean: float, last: float, *, months: int = 60, seed: int = 1) -> list[float]:
        counts = np.random.default_rng(seed).poisson(mean, months).astype(float).tolist()
        return [*counts[:-1], last]

    return make
