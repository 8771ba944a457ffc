"""The moving average: run lengths against what can be worked out by hand and against simulation, and what it finds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cop.measurement.warning import ewma
from cop.measurement.warning.settings import load_ewma

SETTINGS = load_ewma("ewma-monthly")


@pytest.mark.parametrize(("mean", "dispersion"), [(10.0, 1.0), (3.0, 2.0)])
def test_with_all_weight_on_the_newest_count_run_lengths_are_geometric(mean: float, dispersion: float) -> None:
    limit = mean + 3 * np.sqrt(dispersion * mean)
    if dispersion > 1:
        passed = stats.nbinom.sf(np.floor(limit), mean / (dispersion - 1), 1 / dispersion)
    else:
        passed = stats.poisson.sf(np.floor(limit), mean)
    found = ewma.average_run_length(mean, dispersion, weight=1, limit=3)

    assert found == pytest.approx(1 / passed, rel=1e-6)


@pytest.mark.parametrize(
    ("mean", "dispersion", "weight", "limit"), [(4.0, 1.0, 0.3, 2.2), (20.0, 2.5, 0.2, 2.0), (0.8, 1.4, 0.3, 2.4)]
)
def test_the_run_length_is_that_of_a_simulation(mean: float, dispersion: float, weight: float, limit: float) -> None:
    rng = np.random.default_rng(7)
    runs, steps = 1500, 4000
    border = mean + limit * np.sqrt(dispersion * mean * weight / (2 - weight))
    average, length = np.full(runs, mean), np.zeros(runs)
    running = np.ones(runs, bool)
    for _ in range(steps):
        size = mean / (dispersion - 1) if dispersion > 1 else 0
        x = rng.negative_binomial(size, 1 / dispersion, runs) if size else rng.poisson(mean, runs)
        average = np.maximum(mean, weight * x + (1 - weight) * average)
        length[running] += 1
        running &= average <= border
        if not running.any():
            break
    assert not running.any()
    error = length.std() / np.sqrt(runs)

    assert abs(ewma.average_run_length(mean, dispersion, weight=weight, limit=limit) - length.mean()) < 4 * error


def test_the_limit_is_the_one_that_was_asked_for() -> None:
    limit = ewma.limit_for(6.0, 1.3, weight=0.3, run_length=500.0)

    assert ewma.average_run_length(6.0, 1.3, weight=0.3, limit=limit) >= 500
    assert ewma.average_run_length(6.0, 1.3, weight=0.3, limit=limit - 0.05) < 500


def test_a_small_lasting_rise_is_found_and_the_average_starts_again() -> None:
    rng = np.random.default_rng(2)
    counts = rng.poisson(10, (1, 30)).astype(float)
    counts[0, 24:] = 17
    found = ewma.assess(counts, SETTINGS)

    assert found.alarm.shape == (1, 18)
    assert not found.alarm[0, :12].any()
    assert found.alarm[0, 12:15].any()
    after = int(np.flatnonzero(found.alarm[0])[0]) + 1
    assert found.upperbound[0, after] == found.upperbound[0, 0]  # as in the first watched period
    assert np.isnan(found.pvalue).all()


def test_the_upper_bound_is_the_count_at_which_the_alarm_goes() -> None:
    counts = np.random.default_rng(5).poisson(6, (1, 20)).astype(float)
    bound = ewma.assess(counts, SETTINGS).upperbound[0, -1]
    alarms = []
    for last in (np.floor(bound), np.floor(bound) + 1):
        counts[0, -1] = last
        alarms.append(bool(ewma.assess(counts, SETTINGS).alarm[0, -1]))

    assert alarms == [False, True]


def test_too_short_a_series_or_too_little_of_its_first_year_is_not_assessed() -> None:
    counts = np.full((2, 15), 4.0)
    counts[0, :7] = np.nan
    found = ewma.assess(counts, SETTINGS)

    assert found.known[:, 0].tolist() == [False, True]
    assert ewma.assess(counts[:, :12], SETTINGS).score.shape == (2, 0)
