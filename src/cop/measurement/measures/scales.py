"""How well the items of a scale hang together, which is published beside its mean.

Source: Cronbach, Coefficient alpha and the internal structure of tests, Psychometrika 16 (1951).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from cop.kernel.errors import Refused, Where, shown
from cop.measurement.measures.forms import Scale


def reliability(form: Scale, answers: pl.DataFrame, *, weight: str | None = None) -> tuple[float | None, int]:
    """Cronbach's alpha of the units that answered every item, and how many they are.

    Args:
        form: the scale; items in `reversed` are turned round first.
        answers: one row a unit, one column an item; values outside the scale's range are no answers.
        weight: the column of weights; without it every unit counts the same.

    Returns:
        None for alpha where the total does not vary or fewer than two units answered everything.

    Raises:
        Refused: a column is missing, or a weight is missing or negative.
    """
    for name in (*form.items, *([weight] if weight else [])):
        if name not in answers.columns:
            raise Refused(f"column {shown(name)} is missing", where=Where("answers"), expected=", ".join(form.items))
    low, high = form.answers
    matrix = np.column_stack([answers[name].cast(pl.Float64).to_numpy() for name in form.items])
    matrix = np.where((matrix >= low) & (matrix <= high), matrix, np.nan)
    turned = np.array([name in form.reversed for name in form.items])
    matrix = np.where(turned, low + high - matrix, matrix)
    w = np.ones(len(answers)) if weight is None else answers[weight].cast(pl.Float64).to_numpy()
    if not np.all(np.isfinite(w) & (w >= 0)):
        row = int(np.flatnonzero(~(np.isfinite(w) & (w >= 0)))[0]) + 1
        raise Refused("is not a weight", where=Where("answers", row=row, field=weight), expected="zero or more")
    whole = ~np.isnan(matrix).any(axis=1) & (w > 0)
    n = int(whole.sum())
    if n < 2:
        return None, n
    kept, w = matrix[whole], w[whole]
    total = _variance(kept.sum(axis=1), w)
    if total <= 0:
        return None, n
    k = len(form.items)
    parts = sum(_variance(kept[:, place], w) for place in range(k))
    return float(k / (k - 1) * (1 - parts / total)), n


def _variance(values: npt.NDArray[np.float64], w: npt.NDArray[np.float64]) -> float:
    """The weighted variance; its divisor cancels in alpha."""
    mean = float(np.average(values, weights=w))
    return float(np.average((values - mean) ** 2, weights=w))
