"""Where the level of a series of counts changed for good, and which of these changes were breaks in how it is counted.

The best segmentation under a penalty (`ruptures.Pelt`): counts are quasi-Poisson about one mean a segment, or their
logarithms follow one line a segment. A change at a declared break is marked as one: it says something of the counting
and nothing of children. Sources: Killick R, Fearnhead P, Eckley IA, J Am Stat Assoc 107 (2012); Truong C, Oudre L,
Vayatis N, Signal Processing 167 (2020); Zhang NR, Siegmund DO, Biometrics 63 (2007) for a penalty of 3 log n on twice
the log-likelihood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import ruptures
from numpy.typing import NDArray
from ruptures.base import BaseCost

from cop.kernel.errors import Refused, Where

Floats = NDArray[np.float64]
Form = Literal["level", "growth"]
_MEDIAN_OF_CHI_SQUARE = 0.4549364


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """The first period of a new segment.

    Attributes:
        period: that period.
        before: the fitted value of the period before it, as the old segment has it.
        after: the fitted value of this period.
        ratio: after over what the old segment leads to expect of this period.
        declared: why the counting changed here; empty where no break is declared.
    """

    period: str
    before: float
    after: float
    ratio: float
    declared: str = ""


Loss = Callable[[int, int], float]
"""What one segment, from a place up to another, loses: twice the log-likelihood against a perfect fit."""


class _Cost(BaseCost):
    """A loss as `ruptures` takes it."""

    min_size = 1

    def __init__(self, loss: Loss) -> None:
        self._loss = loss

    @property
    def model(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride] - declared as None, as are the others
        return "custom"

    def fit(self, signal: Floats) -> _Cost:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.signal = signal
        return self

    def error(self, start: int, end: int) -> float:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._loss(start, end)


def _one_mean(counts: Floats, spread: float) -> Loss:
    """Quasi-Poisson counts about one mean."""
    sums = np.concatenate([[0.0], np.cumsum(counts)])
    logs = np.concatenate([[0.0], np.cumsum(counts * np.log(np.where(counts > 0, counts, 1.0)))])

    def loss(start: int, end: int) -> float:
        total = sums[end] - sums[start]
        fitted = total * np.log(total / (end - start)) if total > 0 else 0.0
        return float(2 * (logs[end] - logs[start] - fitted) / spread)

    return loss


def _one_line(logs: Floats, variance: float) -> Loss:
    """Logarithms about one line."""

    def loss(start: int, end: int) -> float:
        y = logs[start:end]
        t = np.arange(len(y)) - (len(y) - 1) / 2
        rest = y - y.mean()
        slope = (t @ rest) / (t @ t) if len(y) > 1 else 0.0
        return float(((rest - slope * t) ** 2).sum() / variance)

    return loss


def change_points(
    periods: Sequence[str],
    counts: Sequence[float],
    *,
    form: Form = "level",
    shortest: int = 3,
    penalty: float | None = None,
    declared: Mapping[str, str] | None = None,
) -> list[ChangePoint]:
    """The points at which a series changed.

    Args:
        periods: in order, without gaps.
        counts: one a period, 0 or more; above 0 for growth.
        form: `level`: one mean a segment. `growth`: one rate of growth a segment, for series that grow all the time.
        shortest: periods a segment has at least.
        penalty: of each change, on the scale of twice the log-likelihood; 3 log n by default, and 4 log n for growth,
            whose segments have a parameter more.
        declared: period -> why the counting changed there: another classification, coder, source or law.

    Raises:
        Refused: too few periods, a count below 0 (growth: or of 0), or a declared break that is no period of these.
    """
    values = np.asarray(counts, np.float64)
    if len(values) != len(periods) or len(values) < 2 * shortest:
        raise Refused(
            f"{len(values)} periods are too few", where=Where(field="counts"), expected=f"{2 * shortest} or more"
        )
    if (values < 0).any() or (form == "growth" and (values == 0).any()):
        raise Refused("a count will not do", where=Where(field="counts"), expected="0 or more; above 0 for growth")
    if unknown := sorted(set(declared or {}) - set(periods)):
        raise Refused.value(unknown[0], "is none of the periods", field="declared", expected="a period of the series")
    factor = 3.0 if form == "level" else 4.0
    signal = values if form == "level" else np.log(values)
    loss = _one_mean(signal, dispersion(values)) if form == "level" else _one_line(signal, _noise(signal))
    search = ruptures.Pelt(custom_cost=_Cost(loss), min_size=shortest, jump=1).fit(signal[:, None])
    ends = [0, *search.predict(pen=penalty if penalty is not None else factor * np.log(len(values)))]
    segments = [_fitted(signal[a:b], form) for a, b in pairwise(ends)]
    found: list[ChangePoint] = []
    for place, start in enumerate(ends[1:-1]):
        old, new = segments[place], segments[place + 1]
        length = start - ends[place]
        expected, after = _at(old, length, form), _at(new, 0, form)
        ratio = after / expected if expected > 0 else np.inf
        why = (declared or {}).get(periods[start], "")
        found.append(ChangePoint(periods[start], _at(old, length - 1, form), after, ratio, why))
    return found


def dispersion(counts: Floats) -> float:
    """Variance over mean of counts, 1 or above, from neighbouring ones, so that changes of level hardly matter.

    The median of (x(t) - x(t-1))^2 / (x(t) + x(t-1)) over that of chi-square with one degree of freedom.
    """
    total = counts[1:] + counts[:-1]
    known = total > 0
    if not known.any():
        return 1.0
    ratio = np.diff(counts)[known] ** 2 / total[known]
    return max(float(np.median(ratio)) / _MEDIAN_OF_CHI_SQUARE, 1.0)


def _noise(values: Floats) -> float:
    """The variance of noise about a line, from second differences (whose own is six times as large)."""
    second = np.diff(values, 2)
    return max(float(np.median(second**2)) / (6 * _MEDIAN_OF_CHI_SQUARE), 1e-8)


def _fitted(values: Floats, form: Form) -> tuple[float, float]:
    """Level at the first period of a segment, and slope."""
    if form == "level":
        return float(values.mean()), 0.0
    slope, level = np.polyfit(np.arange(len(values)), values, 1)
    return float(level), float(slope)


def _at(segment: tuple[float, float], step: int, form: Form) -> float:
    value = segment[0] + segment[1] * step
    return value if form == "level" else float(np.exp(value))
