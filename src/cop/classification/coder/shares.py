"""Shares in a weighted sample, with an interval that holds for few records.

Source: Clopper and Pearson (1934), with the effective number of records in place of the number (Korn and Graubard
1998); the effective number is Kish's, (sum w)^2 / sum w^2. With equal weights the interval is the exact one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """A weighted share with its 95 % interval, of `records` that count as `effective` ones."""

    value: float
    low: float
    high: float
    records: int
    effective: float


def effective_size(weights: NDArray[np.float64]) -> float:
    """How many records of equal weight say as much as these."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def share(flags: Sequence[bool] | NDArray[np.bool_], weights: Sequence[float] | NDArray[np.float64]) -> Share | None:
    """The weighted share of records with the flag; None without a record."""
    marked, weight = np.asarray(flags, bool), np.asarray(weights, np.float64)
    if not len(marked):
        return None
    size = effective_size(weight)
    value = min(float(weight[marked].sum() / weight.sum()), 1.0)
    hits, tail = size * value, (1 - CONFIDENCE) / 2
    low = float(stats.beta.ppf(tail, hits, size - hits + 1)) if marked.any() else 0.0
    high = float(stats.beta.ppf(1 - tail, hits + 1, size - hits)) if not marked.all() else 1.0
    return Share(value, low, high, len(marked), size)
