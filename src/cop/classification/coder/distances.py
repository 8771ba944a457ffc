"""How far two mixes are apart, and how far chance alone would put them.

Source: population stability index, PSI = sum (q - p) ln(q / p), which is Jeffreys' divergence; its usual limits, 0.1
and 0.25, are a convention of credit scoring (Lewis 1994; Siddiqi 2006) and say nothing of the number of records. That
is why `chance` stands beside every value: for two samples of one mix PSI is distributed as
(1/n + 1/m) times chi-square with k - 1 degrees of freedom (Yurdakul 2018, "Statistical Properties of Population
Stability Index"). The Jensen-Shannon divergence is a smooth function of the same differences: for small ones it is
PSI / 8 in nats (both are f-divergences, with second derivatives 2 and 1/4 at 1).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from math import inf, log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Array = NDArray[np.float64]
_EMPTY = 0.5
_SURE = 0.95


def _counts(reference: Mapping[Hashable, int], current: Mapping[Hashable, int]) -> tuple[Array, Array]:
    cells = sorted((c for c in {*reference, *current} if reference.get(c) or current.get(c)), key=str)
    one, two = (np.array([mix.get(c, 0) for c in cells], np.float64) for mix in (reference, current))
    return one, two


def psi(reference: Mapping[Hashable, int], current: Mapping[Hashable, int]) -> float:
    """Population stability index of two mixes of counts, 0 for equal ones; an empty cell counts half a record.

    Both must hold at least one record.
    """
    one, two = _counts(reference, current)
    p, q = (np.where(c > 0, c, _EMPTY) / c.sum() for c in (one, two))
    return float(((q - p) * np.log(q / p)).sum())


def jensen_shannon(reference: Mapping[Hashable, int], current: Mapping[Hashable, int]) -> float:
    """Jensen-Shannon distance of two mixes of counts, base 2: 0 for equal ones, 1 where they share no category.

    Both must hold at least one record.
    """
    p, q = (c / c.sum() for c in _counts(reference, current))
    middle = (p + q) / 2
    divergence = float(special.rel_entr(p, middle).sum() + special.rel_entr(q, middle).sum()) / 2
    return sqrt(min(max(divergence / log(2), 0.0), 1.0))


def chance_psi(reference: Mapping[Hashable, int], current: Mapping[Hashable, int]) -> float:
    """The PSI that two samples of one mix pass in 5 % of cases; infinite where one of them is empty."""
    n, m = sum(reference.values()), sum(current.values())
    if not n or not m:
        return inf
    cells = len(_counts(reference, current)[0])
    return float(stats.chi2.ppf(_SURE, cells - 1)) * (1 / n + 1 / m) if cells > 1 else 0.0


def chance_jensen_shannon(reference: Mapping[Hashable, int], current: Mapping[Hashable, int]) -> float:
    """The Jensen-Shannon distance that two samples of one mix pass in 5 % of cases."""
    return sqrt(chance_psi(reference, current) / (8 * log(2)))


def tenths(values: Mapping[int, int]) -> tuple[int, ...]:
    """Upper edges of bins that hold a tenth of the values each, as near as repeated values allow.

    Args:
        values: number of records by value.
    """
    ordered = sorted(values)
    reached = np.cumsum([values[v] for v in ordered])
    ends = np.searchsorted(reached, reached[-1] * np.arange(1, 10) / 10) if ordered else []
    return tuple(sorted({ordered[int(e)] for e in ends}))


def binned(values: Mapping[int, int], edges: Sequence[int]) -> Counter[Hashable]:
    """Records by bin; a value on an edge lies below it."""
    bins: Counter[Hashable] = Counter()
    for value, count in values.items():
        bins[bisect_left(edges, value)] += count
    return bins
