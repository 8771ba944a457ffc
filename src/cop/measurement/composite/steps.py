"""The steps from raw values to one scale: denominate, impute, treat outliers, normalise.

Each takes and returns (n_indicator, n_unit) float64 with NaN for what is missing. Formulas and thresholds follow COINr
(Becker and others, 2022): skewness and kurtosis are those of type 2 (as Excel's), winsorising moves the end that the
sign of the skewness points to, a tie is moved together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import stats

from cop.kernel.errors import Refused, Where
from cop.measurement.composite.description import Imputation, Index, Measured, Normalisation, Outliers, Treatment
from cop.measurement.composite.values import Floats, Values

_ENOUGH = 4
"""Values that a kurtosis needs."""


def denominate(index: Index, values: Values) -> Floats:
    """Each indicator divided by its denominator, times `per`."""
    per = np.array([one.per for one in index.indicator])[:, None]
    return values.raw / values.denominators * per


def screened(index: Index, values: Values, x: Floats) -> npt.NDArray[np.bool_]:
    """(n_unit,) whether a unit has enough of its indicators.

    Raises:
        Refused: one has not, and the description refuses it.
    """
    share = np.mean(~np.isnan(x), axis=0)
    kept = share >= index.missing.minimum_share
    if not kept.all() and index.missing.below == "refuse":
        worst = int(np.argmin(share))
        raise Refused(
            f"{values.units[worst]} has {share[worst]:.0%} of its indicators",
            where=Where(index.data), expected=f"{index.missing.minimum_share:.0%} (missing.minimum_share)",
        )  # fmt: skip
    if kept.sum() < 3:
        raise Refused(f"{int(kept.sum())} units have enough indicators", where=Where(index.data), expected="3 or more")
    return kept


def impute(x: Floats, method: Imputation, groups: Sequence[str], index: Index) -> Floats:
    """Missing values filled in by the method.

    Raises:
        Refused: a value is missing and the method is `refuse`, or there is nothing to fill in from.
    """
    gaps = np.isnan(x)
    if method == "available" or not gaps.any():
        return x
    if method == "refuse":
        at = int(np.flatnonzero(gaps.any(axis=1))[0])
        raise Refused(
            f"{int(gaps[at].sum())} of {x.shape[1]} values are missing",
            where=Where(index.data, field=index.indicator[at].source),
            expected="none (missing.method is refuse)",
        )
    label = np.array(groups if method.startswith("group") else [""] * x.shape[1])
    filled = x.copy()
    middle = np.mean if method.endswith("mean") else np.median
    for i in np.flatnonzero(gaps.any(axis=1)):
        for group in np.unique(label[gaps[i]]):
            inside = label == group
            there = x[i, inside & ~gaps[i]]
            if not len(there):
                among = f" among the units of group {group}" if group else ""
                raise Refused(
                    f"no value is there{among}", where=Where(index.data, field=index.indicator[i].source),
                    expected=f"one at least, to fill in by {method}",
                )  # fmt: skip
            filled[i, inside & gaps[i]] = middle(there)
    return filled


def treat(x: Floats, method: Outliers, rule: Treatment, indicators: Sequence[Measured]) -> Floats:
    """Outliers treated, in the indicators that have them and may be treated."""
    if method == "none":
        return x
    out = x.copy()
    for i, one in enumerate(indicators):
        there = ~np.isnan(x[i])
        if one.treat:
            out[i, there] = _treated(x[i, there], method, rule)
    return out


def _treated(x: Floats, method: Outliers, rule: Treatment) -> Floats:
    if passes(x, rule):
        return x
    if method != "log":
        moved = winsorised(x, rule)
        if method == "winsorise" or passes(moved, rule):
            return moved
    return np.log(x - x.min() + 0.01 * (x.max() - x.min()))


def passes(x: Floats, rule: Treatment) -> bool:
    """Whether skewness or kurtosis is within its threshold; too few or equal values have neither."""
    if len(x) < _ENOUGH or x.min() == x.max():
        return True
    return bool(abs(skewness(x)) < rule.skew or stats.kurtosis(_spread(x), bias=False) < rule.kurtosis)


def skewness(x: Floats) -> float:
    """Of type 2; 0 where all values are equal."""
    return float(stats.skew(_spread(x), bias=False)) if x.min() < x.max() else 0.0


def _spread(x: Floats) -> Floats:
    """From 0 to 1, so that neither tiny nor huge values lose their moments."""
    return (x - x.min()) / (x.max() - x.min())


def winsorised(x: Floats, rule: Treatment) -> Floats:
    """The most extreme value set to the next, until the thresholds are met or `points` values are moved."""
    x = x.copy()
    moved = 0
    while moved < rule.points and not passes(x, rule):
        end = x.max() if skewness(x) >= 0 else x.min()
        at = x == end
        rest = x[~at]
        x[at] = rest.max() if end > rest.max() else rest.min()
        moved = int(at.sum())
    return x


def normalise(x: Floats, rule: Normalisation, index: Index) -> Floats:
    """All indicators on one scale, the better end high.

    Raises:
        Refused: an indicator has the same value everywhere, and the scale is made of what there is.
    """
    out = np.empty_like(x)
    for i, one in enumerate(index.indicator):
        lowest, highest = np.nanmin(x[i]), np.nanmax(x[i])
        if lowest == highest and rule.method != "goalposts":
            raise Refused("is the same for every unit, and tells none from another",
                          where=Where(index.data, field=one.source), expected="two values at least")  # fmt: skip
        share = _share(x[i], one, rule)
        if one.direction == "lower_better":
            share = 1 - share
        out[i] = rule.low + (rule.high - rule.low) * share
    return out


def _share(x: Floats, one: Measured, rule: Normalisation) -> Floats:
    """Where each value lies from the lowest (0) to the highest (1); a z-score of 5 is half the range."""
    if rule.method == "zscore":
        return 0.5 + (x - np.nanmean(x)) / np.nanstd(x, ddof=1) / 10
    if rule.method == "rank":
        return (stats.rankdata(x, nan_policy="omit") - 1) / (np.sum(~np.isnan(x)) - 1)
    if rule.method == "goalposts":
        low, high = one.goalposts or (0.0, 1.0)
        return np.clip((x - low) / (high - low), 0, 1)
    return (x - np.nanmin(x)) / (np.nanmax(x) - np.nanmin(x))
