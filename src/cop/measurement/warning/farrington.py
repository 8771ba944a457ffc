"""The Farrington algorithms, original and flexible: is the present count higher than the past explains?

Sources: Farrington et al. (1996); Noufaily et al. (2013). Every series is compared with its own past alone, in a
log-linear quasi-Poisson regression with seasonal groups and, where it holds, a trend; past outbreaks get less weight.

Results equal those of `farringtonFlexible` in the R package surveillance 1.20.3 to 1e-4 where the settings say
`mean_variance: working`. After reweighting that package finds the uncertainty of the fitted mean (and of the trend)
with a dispersion of working residuals, which is the model's own divided by about the mean: intervals are a little short
where counts are high and a little long where they are low. `mean_variance: model` is the papers'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from threadpoolctl import threadpool_limits

from cop.kernel.progress import SILENT, Progress
from cop.measurement.warning import glm
from cop.measurement.warning.baseline import baseline, first_period
from cop.measurement.warning.glm import Fit, Flags, Floats
from cop.measurement.warning.settings import Settings
from cop.measurement.warning.thresholds import threshold

LEAST_YEARS_FOR_TREND = 3


@dataclass(frozen=True, slots=True)
class Assessed:
    """Series by periods, all (s, k).

    Attributes:
        expected: the fitted mean; nan where nothing could be said.
        upperbound: the largest count that chance explains.
        score: (count - expected) / (upperbound - expected); above 1 the bound is passed.
        pvalue: the chance of such a count or a higher one.
        alarm: the bound is passed and there are enough cases.
        enough: there are enough cases in the latest periods for an alarm at all.
        trend: whether a trend was in the regression.
    """

    expected: Floats
    upperbound: Floats
    score: Floats
    pvalue: Floats
    alarm: Flags
    enough: Flags
    trend: Flags

    @property
    def known(self) -> Flags:
        """Where there is an assessment at all."""
        return np.isfinite(self.score)


def assess(
    counts: Floats, settings: Settings, *, periods: range | None = None, progress: Progress = SILENT
) -> Assessed:
    """Assess periods of many series of the same length.

    Args:
        counts: (s, t) counts in order of period; nan where one is not known.
        settings: of the algorithm.
        periods: which to assess, as places 0 to t - 1; all that have their whole baseline, by default.
        progress: told of each period.

    Raises:
        ValueError: a period has not its whole baseline before it.
    """
    periods = periods if periods is not None else range(min(first_period(settings), counts.shape[1]), counts.shape[1])
    shape = (len(counts), len(periods))
    found = Assessed(
        *(np.full(shape, np.nan) for _ in range(4)), *(np.zeros(shape, bool) for _ in range(3))
    )  # fmt: skip
    progress.total(len(periods))
    with threadpool_limits(1):  # the matrices are small: threads only wait for one another
        for column, present in enumerate(periods):
            _assess(counts, present, settings, found, column)
            progress.advance()
    return found


def _assess(counts: Floats, present: int, settings: Settings, found: Assessed, column: int) -> None:
    past = baseline(present, settings)
    seen = counts[:, past.rows]
    known = np.isfinite(seen)
    seen = np.where(known, seen, 0.0)
    weights = known.astype(np.float64)
    mean, log_se, dispersion = (np.full(len(counts), np.nan) for _ in range(3))
    with_trend = np.zeros(len(counts), bool)
    if settings.trend:
        design, now = past.design(trend=True)
        fitted, phi = _fit(design, seen, weights, settings)
        predicted = np.exp(np.clip(fitted.coefficients @ now, -300.0, 300.0))
        kept = _significant(fitted, _spread(fitted, phi, settings, held=False), settings)
        with_trend = fitted.converged & (predicted <= seen.max(axis=1)) & kept
        if settings.years < LEAST_YEARS_FOR_TREND:
            with_trend[:] = False
        _take(fitted, now, phi, with_trend, settings, into=(mean, log_se, dispersion))
    rest = np.flatnonzero(~with_trend)
    if len(rest):
        design, now = past.design(trend=False)
        fitted, phi = _fit(design, seen[rest], weights[rest], settings)
        parts = tuple(array[rest] for array in (mean, log_se, dispersion))
        _take(fitted, now, phi, fitted.converged, settings, into=(parts[0], parts[1], parts[2]))
        mean[rest], log_se[rest], dispersion[rest] = parts
    count = counts[:, present]
    own = weights * (past.group == past.groups - 1)
    none_seen = (own * seen).sum(axis=1) == 0
    highest = np.where(none_seen, -np.log(settings.alpha) / np.maximum(own.sum(axis=1), 1.0), np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        bound, chance = threshold(
            mean=mean, log_se=log_se, dispersion=dispersion, count=count, highest=highest, settings=settings
        )
        score = (count - mean) / (bound - mean)
    recent = counts[:, max(present - settings.minimum_periods + 1, 0) : present + 1]
    enough = np.nansum(recent, axis=1) >= settings.minimum_cases
    found.expected[:, column], found.upperbound[:, column] = mean, bound
    found.score[:, column], found.pvalue[:, column] = score, chance
    found.enough[:, column], found.trend[:, column] = enough, with_trend
    found.alarm[:, column] = enough & (score > 1)


def _fit(design: Floats, seen: Floats, weights: Floats, settings: Settings) -> tuple[Fit, Floats]:
    """The regression, a second time with reweighted counts where the settings say so, and its dispersion from 1 up."""
    fitted = glm.fit(design, seen, weights)
    phi = np.fmax(fitted.dispersion, 1.0)
    if settings.reweight:
        residuals = glm.anscombe(seen, fitted, phi)
        fitted = glm.fit(design, seen, _reweighted(residuals, weights, settings.weights_threshold))
        phi = np.fmax(fitted.dispersion, 1.0)
    return fitted, phi


def _reweighted(residuals: Floats, weights: Floats, limit: float) -> Floats:
    """Weights of 1 / s^2 for residuals s above the limit and 1 for others, scaled to add up to the number of rows."""
    used = weights > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = np.where(residuals > limit, residuals**-2.0, 1.0)
    raw = np.where(used, raw, 0.0)
    return raw * (used.sum(axis=1) / np.maximum(raw.sum(axis=1), 1e-300))[:, None]


def _spread(fitted: Fit, phi: Floats, settings: Settings, *, held: bool) -> Floats:
    """The dispersion in the variance of coefficients; `held` at 1 or above where it is the model's own."""
    if settings.reweight and settings.mean_variance == "working":
        return fitted.working_dispersion
    return phi if held else fitted.dispersion


def _significant(fitted: Fit, spread: Floats, settings: Settings) -> Flags:
    """Whether the last coefficient differs from 0 at the level of the settings."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stats.t.sf(np.abs(fitted.coefficients[:, -1]) / np.sqrt(spread * fitted.inverse[:, -1, -1]), fitted.df)
    return np.asarray(p < settings.trend_p)


def _take(
    fitted: Fit, now: Floats, phi: Floats, which: Flags, settings: Settings, *, into: tuple[Floats, Floats, Floats]
) -> None:
    """The prediction of the present period where `which` is true: mean, standard error of its logarithm, dispersion."""
    mean, log_se, dispersion = into
    spread = _spread(fitted, phi, settings, held=True)[which]
    mean[which] = np.exp(fitted.coefficients[which] @ now)
    log_se[which] = np.sqrt(spread * np.einsum("i,sij,j->s", now, fitted.inverse[which], now))
    dispersion[which] = phi[which]
