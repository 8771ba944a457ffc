"""From a fitted mean to the largest count that chance explains, and how unlikely the count seen is.

Sources: Farrington et al. (1996), a prediction interval on a power scale; Noufaily et al. (2013), a quantile of the
negative binomial distribution with the fitted mean; Salmon M, Schumacher D, Höhle M, Monitoring count time series in R,
J Stat Softw 70(10), 2016, the three as `delta`, `nbPlugin`, `muan`.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from cop.measurement.warning.glm import Floats
from cop.measurement.warning.settings import Settings

EXPONENTS = {"none": 1.0, "1/2": 0.5, "2/3": 2 / 3}


def threshold(
    *, mean: Floats, log_se: Floats, dispersion: Floats, count: Floats, highest: Floats, settings: Settings
) -> tuple[Floats, Floats]:
    """Upper bounds and p-values.

    Args:
        mean: (s,) fitted means of the present period.
        log_se: (s,) standard errors of their logarithms.
        dispersion: (s,) at least 1; the variance over the mean.
        count: (s,) counts seen.
        highest: (s,) the largest mean that the past allows where it has no case in the present season (-log(alpha) over
            its periods), infinite elsewhere: a fitted mean of nothing has no finite standard error. Read by `muan`.
        settings: which method, at which one-sided `alpha`.

    Returns:
        (s,) bounds, the quantile at 1 - alpha (half a case above the mean where a quantile is not above it), and (s,)
        chances of a count as high as the one seen or higher.
    """
    if settings.threshold == "delta":
        return _power(mean, log_se, dispersion, count, settings)
    fitted = mean
    if settings.threshold == "muan":
        mean = np.fmin(mean * np.exp(np.minimum(stats.norm.isf(settings.alpha) * log_se, 300.0)), highest)
    bound, chance = _negative_binomial(mean, dispersion, count, settings.alpha)
    return np.where(bound > fitted, bound, fitted + 0.5), chance


def _power(
    mean: Floats, log_se: Floats, dispersion: Floats, count: Floats, settings: Settings
) -> tuple[Floats, Floats]:
    """On the scale of the count's power g the prediction is normal, with variance g^2 mean^(2g-1) tau.

    tau = dispersion + mean * log_se^2: the spread of the count and of the fitted mean.
    """
    power = EXPONENTS[settings.power]
    tau = dispersion + mean * log_se**2
    se = power * np.sqrt(mean ** (2 * power - 1) * tau)
    bound = (mean**power + stats.norm.isf(settings.alpha) * se) ** (1 / power)
    return bound, stats.norm.sf((count**power - mean**power) / se)


def _negative_binomial(mean: Floats, dispersion: Floats, count: Floats, alpha: float) -> tuple[Floats, Floats]:
    extra = dispersion > 1
    size = mean / np.where(extra, dispersion - 1, 1.0)
    chance = 1 / dispersion
    bound = np.where(extra, stats.nbinom.isf(alpha, size, chance), stats.poisson.isf(alpha, mean))
    tail = np.where(extra, stats.nbinom.sf(count - 1, size, chance), stats.poisson.sf(count - 1, mean))
    return bound, tail
