"""Intervals of a total that is put together from shares of several groups: sum over g of c_g p_g, x_g of n_g seen.

Every group g is a part of the records (those that the coder gave one code to, within one stratum) of which n_g were
drawn at random and x_g of these turned out to belong. The interval holds the totals t that a score test does not
refuse: (estimate - t)^2 <= z^2 V(t), where V(t) takes the shares at their likeliest values given the total t, not at
the observed ones. With one group it is Wilson's interval. A group without a single case still adds what it could hide:
the plain interval (estimate plus and minus z standard errors) has no width there and covers far less than it says.

Sources: Wilson, JASA 22 (1927); Miettinen and Nurminen, Statistics in Medicine 4 (1985), for two groups; Martin Andres,
Alvarez Hernandez and Herranz Tejedor, Inferences about a linear combination of proportions, Stat. Methods Med. Res. 20
(2011).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

_STEPS = 56
_FARTHEST = 45.0
"""Of the multiplier, as a natural logarithm: shares are at 0 or 1 long before."""


def interval(size: Floats, cases: Floats, drawn: Floats, unseen: Floats, level: float) -> tuple[Floats, Floats]:
    """The limits of many totals at once.

    Args:
        size: (n_total, n_group) records of each group, or (n_group,) where all totals are of the same groups.
        cases: (n_total, n_group) those drawn that belong; need not be whole, for weighted draws.
        drawn: as `size`, above 0: records drawn, or the effective number.
        unseen: as `size`: the share of the group that was not drawn, 1 - n/N (the finite population correction).
        level: of the interval.

    Returns:
        (n_total,) lower and (n_total,) upper limits, between 0 and the sum of the sizes.
    """
    size, drawn, unseen = (np.broadcast_to(part, cases.shape).astype(np.float64) for part in (size, drawn, unseen))
    z = float(stats.norm.ppf(0.5 + level / 2))
    limits = (_limit(size, cases, drawn, unseen, z, sign) for sign in (1.0, -1.0))
    low, high = limits
    return low, high


def _limit(size: Floats, cases: Floats, drawn: Floats, unseen: Floats, z: float, sign: float) -> Floats:
    """One limit each: below the estimate where `sign` is 1, above it where it is -1.

    The likeliest shares given a total are a curve in one multiplier, along which the total falls; the limit is where
    the distance from the estimate passes z standard errors of the shares there.
    """
    estimate = (size * cases / drawn).sum(axis=1)
    whole = size.sum(axis=1)
    used = np.where(size > 0, size, np.nan)
    scale = np.nan_to_num(np.nanmax(drawn / used, axis=1), nan=1.0) if size.size else np.ones(len(size))
    near, far = np.full(len(size), -_FARTHEST), np.full(len(size), _FARTHEST)
    for _ in range(_STEPS):
        middle = (near + far) / 2
        share = _likeliest(sign * scale * np.exp(middle), size, cases, drawn)
        total = (size * share).sum(axis=1)
        spread = np.sqrt((size**2 * share * (1 - share) / drawn * unseen).sum(axis=1))
        outside = np.abs(total - estimate) > z * spread
        near, far = np.where(outside, near, middle), np.where(outside, middle, far)
    share = _likeliest(sign * scale * np.exp(near), size, cases, drawn)
    return np.clip((size * share).sum(axis=1), 0.0, whole)


def _likeliest(multiplier: Floats, size: Floats, cases: Floats, drawn: Floats) -> Floats:
    """The shares that solve x/p - (n-x)/(1-p) = m c: the smaller root of m c p^2 - (m c + n) p + x = 0."""
    pull = multiplier[:, None] * size
    root = np.sqrt(np.maximum((pull - drawn) ** 2 + 4 * pull * (drawn - cases), 0.0))
    total = pull + drawn
    with np.errstate(divide="ignore", invalid="ignore"):
        positive = 2 * cases / (total + root)
        negative = (total - root) / (2 * pull)
    share = np.where(total > 0, positive, negative)
    return np.clip(np.where(pull == 0, cases / drawn, share), 0.0, 1.0)
