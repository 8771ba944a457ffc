"""How often a detector cries wolf: counts in which nothing happens, made with a seed, and the share with an alarm.

Counts are Poisson or negative binomial about exp(season and trend), as in the simulations of Noufaily et al. (2013),
section 4; the grid of means, dispersions, seasons and trends is this project's own. An alarm in them is a false one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product

import numpy as np

from cop.kernel.progress import SILENT, Progress
from cop.measurement.warning import ewma, farrington
from cop.measurement.warning.baseline import first_period
from cop.measurement.warning.glm import Floats
from cop.measurement.warning.settings import EwmaSettings, Settings

METHOD = (
    "Poisson (dispersion 1) and negative binomial counts, mean exp(growth * years + season * cos(2 pi year)) times mean"
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of series in which nothing happens.

    Attributes:
        mean: counts a period at the end of the series, season aside.
        dispersion: variance over mean; 1 is Poisson.
        season: amplitude of the yearly wave on the log scale.
        growth: a year, on the log scale.
    """

    mean: float
    dispersion: float
    season: float
    growth: float


SCENARIOS = tuple(
    Scenario(mean, dispersion, season, growth)
    for mean, dispersion, season, growth in product((1.0, 5.0, 20.0, 100.0), (1.0, 1.5, 3.0), (0.0, 0.5), (0.0, 0.1))
)
FLAT = tuple(scenario for scenario in SCENARIOS if not scenario.season and not scenario.growth)
"""Without season and trend: what an EWMA is made for."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Share of assessed periods that raised a false alarm, and the standard error of it (series are the units)."""

    scenario: Scenario
    rate: float
    se: float


def simulate(scenario: Scenario, *, series: int, periods: int, frequency: int, seed: int) -> Floats:
    """(series, periods) counts in which nothing happens; the same seed gives the same counts."""
    rng = np.random.default_rng(seed)
    time = np.arange(periods) / frequency
    log = scenario.growth * (time - time[-1]) + scenario.season * np.cos(2 * np.pi * time)
    mean = np.broadcast_to(scenario.mean * np.exp(log), (series, periods))
    if scenario.dispersion > 1:
        return rng.negative_binomial(mean / (scenario.dispersion - 1), 1 / scenario.dispersion).astype(np.float64)
    return rng.poisson(mean).astype(np.float64)


def false_alarms(
    settings: Settings | EwmaSettings,
    *,
    scenarios: Sequence[Scenario] | None = None,
    series: int = 100,
    periods: int | None = None,
    seed: int = 1,
    progress: Progress = SILENT,
) -> list[Rate]:
    """The rate of false alarms in each scenario.

    Args:
        settings: of either detector; an EWMA is tried on monthly counts.
        scenarios: all of `SCENARIOS` by default, those of `FLAT` for an EWMA.
        series: of each scenario.
        periods: assessed at the end of each series; a year by default.
        seed: of the first scenario; the next has the next.
        progress: told of each scenario.
    """
    frequency = settings.frequency if isinstance(settings, Settings) else 12
    scenarios = scenarios or (SCENARIOS if isinstance(settings, Settings) else FLAT)
    watched = periods or frequency
    before = first_period(settings) if isinstance(settings, Settings) else settings.in_control_periods
    found: list[Rate] = []
    progress.total(len(scenarios))
    for number, scenario in enumerate(scenarios):
        counts = simulate(scenario, series=series, periods=before + watched, frequency=frequency, seed=seed + number)
        assessed = (
            farrington.assess(counts, settings) if isinstance(settings, Settings) else ewma.assess(counts, settings)
        )
        alarms = assessed.alarm.mean(axis=1)
        found.append(Rate(scenario, float(alarms.mean()), float(alarms.std(ddof=1) / np.sqrt(series))))
        progress.advance()
    return found


def as_data(rates: Sequence[Rate], *, series: int, periods: int, seed: int) -> Mapping[str, object]:
    """The rates as `false_alarms` of a settings file holds them."""
    return {
        "method": METHOD,
        "seed": seed,
        "series": series,
        "periods": periods,
        "rate": round(float(np.mean([r.rate for r in rates])), 5),
        "scenarios": [{**asdict(r.scenario), "rate": round(r.rate, 5)} for r in rates],
    }
