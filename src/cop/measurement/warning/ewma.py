"""An exponentially weighted moving average of counts, for series too short for seasons: small lasting rises are found.

z(t) = max(mean, w x(t) + (1 - w) z(t-1)), z(0) = mean; an alarm when z passes the mean by L standard deviations of the
average, sqrt(dispersion * mean * w / (2 - w)), after which it starts again. L is set so that, while nothing changes,
false alarms are as far apart as asked. Overdispersed counts are taken as negative binomial.

Sources: Roberts SW, Technometrics 1 (1959); Borror CM, Champ CW, Rigdon SE, Poisson EWMA control charts, J Qual Technol
30 (1998); Brook D, Evans DA, Biometrika 59 (1972), run lengths as those of a Markov chain.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import stats
from threadpoolctl import threadpool_limits

from cop.measurement.warning.farrington import Assessed
from cop.measurement.warning.glm import Floats
from cop.measurement.warning.settings import EwmaSettings

STATES = 80
_LONGEST = 1e9


def average_run_length(mean: float, dispersion: float, *, weight: float, limit: float) -> float:
    """Periods until the first alarm, on average, while counts keep this mean and dispersion.

    Args:
        mean: of the counts, above 0.
        dispersion: variance over mean, 1 or above.
        weight: of the newest count, above 0 and at most 1.
        limit: L, in standard deviations of the average.
    """
    width = limit * np.sqrt(dispersion * mean * weight / (2 - weight)) / STATES
    edges = mean + width * np.arange(STATES + 1)
    centres = np.concatenate([[mean], edges[:-1] + width / 2])
    # state 0 is the mean itself, where low counts are held; state i the i-th of equal parts up to the limit
    reach = (edges[None, :] - (1 - weight) * centres[:, None]) / weight
    upto = _cumulative(np.floor(reach + 1e-9), mean, dispersion)
    moves = np.hstack([upto[:, :1], np.diff(upto, axis=1)])
    lengths = np.linalg.solve(np.eye(STATES + 1) - moves, np.ones(STATES + 1))
    # a run that hardly ever ends is beyond what the matrix can say
    return float(lengths[0]) if 0 < lengths[0] < _LONGEST else np.inf


@lru_cache(maxsize=10_000)
def limit_for(mean: float, dispersion: float, *, weight: float, run_length: float) -> float:
    """The smallest limit L with at least this average run length, to 0.01."""
    low, high = 0.0, 2.0
    while average_run_length(mean, dispersion, weight=weight, limit=high) < run_length:
        low, high = high, 2 * high
    while high - low > 0.01:
        middle = (low + high) / 2
        enough = average_run_length(mean, dispersion, weight=weight, limit=middle) >= run_length
        low, high = (low, middle) if enough else (middle, high)
    return high


def _cumulative(counts: Floats, mean: float, dispersion: float) -> Floats:
    """The chance of at most so many, of an array of whole numbers that lie close together."""
    low = min(int(counts.min()), -1)
    values = np.arange(low, int(counts.max()) + 1)
    if dispersion > 1:
        upto = stats.nbinom.cdf(values, mean / (dispersion - 1), 1 / dispersion)
    else:
        upto = stats.poisson.cdf(values, mean)
    return np.asarray(upto)[counts.astype(np.int64) - low]


def assess(counts: Floats, settings: EwmaSettings) -> Assessed:
    """Assess every period after the in-control ones, of many series of the same length.

    The first `in_control_periods` give mean and dispersion (the upper limit that the settings ask for, 1 or above).
    `expected` is that mean, `upperbound` the largest count that keeps the average under its limit, `score` the
    average's distance from the mean over the limit's. There is no p-value: the average has a memory.

    Args:
        counts: (s, t) in order of period; nan where one is not known: the average then stays where it is.
        settings: of the average.
    """
    first = min(settings.in_control_periods, counts.shape[1])
    s, k = len(counts), counts.shape[1] - first
    found = Assessed(*(np.full((s, k), np.nan) for _ in range(4)), *(np.zeros((s, k), bool) for _ in range(3)))
    if not k:
        return found
    with threadpool_limits(1):  # the matrices are small: threads only wait for one another
        for place, series in enumerate(counts):
            control = _in_control(series[:first], settings)
            if control is not None:
                _follow(series, first, *control, settings=settings, found=found, place=place)
    return found


def _in_control(past: Floats, settings: EwmaSettings) -> tuple[float, float] | None:
    """The mean, and the limit's distance in standard deviations of one count; None where too little is known."""
    past = past[np.isfinite(past)]
    if len(past) < settings.in_control_periods / 2:
        return None
    # half a case in all stands for a past without any
    mean = max(float(past.mean()), 0.5 / len(past))
    df = len(past) - 1
    upper = df / float(stats.chi2.ppf(1 - settings.dispersion_confidence, df))
    dispersion = max(upper * float(past.var(ddof=1)) / mean, 1.0)
    limit = limit_for(
        round(mean, 3), round(dispersion, 2), weight=settings.weight, run_length=settings.average_run_length
    )
    return mean, limit * float(np.sqrt(dispersion * mean))


def _follow(
    series: Floats, first: int, mean: float, spread: float, *, settings: EwmaSettings, found: Assessed, place: int
) -> None:
    w = settings.weight
    limit = mean + spread * np.sqrt(w / (2 - w))
    average = mean
    for column, count in enumerate(series[first:]):
        found.expected[place, column] = mean
        found.upperbound[place, column] = (limit - (1 - w) * average) / w
        present = first + column
        recent = series[max(present - settings.minimum_periods + 1, 0) : present + 1]
        found.enough[place, column] = np.nansum(recent) >= settings.minimum_cases
        if np.isnan(count):
            continue
        average = max(mean, w * count + (1 - w) * average)
        found.score[place, column] = (average - mean) / (limit - mean)
        if average > limit:
            found.alarm[place, column] = found.enough[place, column]
            average = mean
