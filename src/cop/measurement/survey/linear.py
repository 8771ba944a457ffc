"""Figures that can be compared: a value with its linear form, or with its value in each replicate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cop.measurement.survey.sums import Floats


@dataclass(frozen=True, slots=True)
class Term:
    """One total in a linear form: the sum of a column over a cell, times a factor."""

    part: int
    cell: int
    column: str
    factor: float


@dataclass(frozen=True, slots=True)
class Figure:
    """An estimate that can be compared.

    Attributes:
        value: the estimate.
        terms: its linear form; empty where replicates are used.
        replicates: (R,) its value in each replicate, or None.
        n: valid answers.
    """

    value: float
    terms: tuple[Term, ...]
    replicates: Floats | None
    n: int


def combined(figures: Sequence[Figure], weights: Sequence[float], value: float) -> Figure:
    """A function of figures: its value, and their forms added with its gradient `weights`."""
    terms = tuple(
        replace(term, factor=term.factor * weight)
        for figure, weight in zip(figures, weights, strict=True)
        for term in figure.terms
    )
    return Figure(value, terms, None, sum(figure.n for figure in figures))


def difference(a: Figure, b: Figure) -> Figure:
    """The first less the second."""
    found = combined([a, b], [1.0, -1.0], a.value - b.value)
    if a.replicates is None or b.replicates is None:
        return found
    return replace(found, replicates=a.replicates - b.replicates)


def ratio(a: Figure, b: Figure) -> Figure:
    """The first divided by the second, which is not 0."""
    found = combined([a, b], [1 / b.value, -a.value / b.value**2], a.value / b.value)
    if a.replicates is None or b.replicates is None:
        return found
    with np.errstate(divide="ignore", invalid="ignore"):
        return replace(found, replicates=a.replicates / b.replicates)
