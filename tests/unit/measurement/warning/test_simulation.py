"""Counts in which nothing happens, and the rates of false alarms that the settings keep."""

from __future__ import annotations

import numpy as np
import pytest

from cop.measurement.warning.settings import load, load_ewma
from cop.measurement.warning.simulation import FLAT, SCENARIOS, Scenario, as_data, false_alarms, simulate


def test_the_same_seed_gives_the_same_counts_and_another_one_others() -> None:
    first, again, other = (
        simulate(Scenario(5, 1.5, 0.5, 0.1), series=3, periods=40, frequency=12, seed=seed) for seed in (4, 4, 5)
    )

    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("dispersion", [1.0, 3.0])
def test_counts_have_the_mean_dispersion_season_and_growth_that_were_asked_for(dispersion: float) -> None:
    counts = simulate(Scenario(20, dispersion, 0.5, 0.2), series=20_000, periods=25, frequency=12, seed=1)
    mean, variance = counts.mean(axis=0), counts.var(axis=0)

    assert mean[24] == pytest.approx(20 * np.exp(0.5), rel=0.02)  # the top of the wave, at the end
    assert mean[18] == pytest.approx(20 * np.exp(-0.5 - 0.1), rel=0.02)  # its bottom, half a year before
    assert mean[24] / mean[12] == pytest.approx(np.exp(0.2), rel=0.02)
    assert variance / mean == pytest.approx(np.full(25, dispersion), rel=0.06)


@pytest.mark.parametrize("number", [3, 20, 43])
def test_the_rates_of_the_monthly_settings_are_what_simulation_gives(number: int) -> None:
    settings = load("monthly")
    kept = settings.false_alarms
    facts = kept["scenarios"][number]
    [rate] = false_alarms(
        settings, scenarios=[SCENARIOS[number]], series=kept["series"], periods=kept["periods"],
        seed=kept["seed"] + number,
    )  # fmt: skip

    assert {name: facts[name] for name in ("mean", "dispersion", "season", "growth")} == {
        name: getattr(SCENARIOS[number], name) for name in ("mean", "dispersion", "season", "growth")
    }
    assert round(rate.rate, 5) == facts["rate"]


def test_the_rates_of_the_weekly_settings_are_about_what_a_few_series_give() -> None:
    settings = load("noufaily")
    numbers = [1, 17, 30]
    kept = np.mean([settings.false_alarms["scenarios"][n]["rate"] for n in numbers])
    found = false_alarms(settings, scenarios=[SCENARIOS[n] for n in numbers], series=60, periods=20, seed=99)
    error = np.sqrt(sum(rate.se**2 for rate in found)) / len(found)

    assert abs(np.mean([rate.rate for rate in found]) - kept) < 4 * error
    assert settings.false_alarms["rate"] < 0.02


def test_the_moving_average_is_tried_without_season_and_trend() -> None:
    rates = false_alarms(load_ewma("ewma-monthly"), series=2, seed=3)
    data = as_data(rates, series=2, periods=12, seed=3)

    assert tuple(rate.scenario for rate in rates) == FLAT
    assert data["rate"] == round(float(np.mean([r.rate for r in rates])), 5)
