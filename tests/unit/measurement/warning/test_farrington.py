"""The Farrington algorithms where no reference says what is right: windows, missing counts, pasts without a case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from cop.kernel.errors import NotFound, Refused
from cop.measurement.warning import farrington
from cop.measurement.warning.baseline import baseline, first_period
from cop.measurement.warning.settings import Settings, load, load_ewma, names
from cop.measurement.warning.simulation import Scenario, simulate

MONTHLY = load("monthly")


def counts(series: int = 5, periods: int = 60, mean: float = 8.0, seed: int = 1) -> np.ndarray:
    return simulate(Scenario(mean, 1.5, 0.3, 0.1), series=series, periods=periods, frequency=12, seed=seed)


def test_the_windows_and_groups_of_a_month_are_those_of_the_calendar() -> None:
    past = baseline(45, MONTHLY)  # three years back: 9, 21, 33, each with a month either side

    own = past.rows[past.group == past.groups - 1]
    assert own.tolist() == [8, 9, 10, 20, 21, 22, 32, 33, 34]
    # the nine months between two windows make three groups; January 45 itself and the two before it are left out
    assert past.rows.tolist() == list(range(8, 43))
    assert [past.rows[past.group == g].tolist()[:3] for g in range(3)] == [[11, 12, 13], [14, 15, 16], [17, 18, 19]]


def test_a_design_tells_groups_and_time() -> None:
    design, now = baseline(45, MONTHLY).design(trend=True)

    assert design.shape == (35, 5)
    assert design[0].tolist() == [1, 0, 0, 1, 0]  # the first window
    assert now.tolist() == [1, 0, 0, 1, 37]  # 37 months after it


def test_a_period_without_its_whole_past_is_not_assessed() -> None:
    assert first_period(MONTHLY) == 37
    assert farrington.assess(counts(periods=37), MONTHLY).score.shape == (5, 0)
    assert farrington.assess(counts(periods=39), MONTHLY).score.shape == (5, 2)
    with pytest.raises(ValueError, match="no 3 years before it"):
        farrington.assess(counts(periods=39), MONTHLY, periods=range(36, 39))


@pytest.mark.parametrize("name", names())
def test_many_series_at_once_are_the_same_as_one_by_one(name: str) -> None:
    settings = load(name)
    length = first_period(settings) + 3
    many = simulate(Scenario(3, 2, 0.5, 0.1), series=8, periods=length, frequency=settings.frequency, seed=9)
    together = farrington.assess(many, settings)

    for place in range(8):
        alone = farrington.assess(many[place : place + 1], settings)
        for column in ("expected", "upperbound", "score", "pvalue"):
            assert getattr(together, column)[place] == pytest.approx(getattr(alone, column)[0], rel=1e-9)


def test_an_outbreak_raises_an_alarm_and_an_old_one_is_weighted_down() -> None:
    quiet = counts(series=1, periods=61)
    outbreak = quiet.copy()
    outbreak[0, -1] = 60
    old = quiet.copy()
    old[0, 36] = 60  # two years back, in the window
    periods = range(60, 61)
    heeded = farrington.assess(old, replace(MONTHLY, reweight=False), periods=periods)
    weighted = farrington.assess(old, MONTHLY, periods=periods)
    without = farrington.assess(quiet, MONTHLY, periods=periods)

    assert not without.alarm.any()
    assert farrington.assess(outbreak, MONTHLY, periods=periods).alarm.all()
    raised = [found.upperbound[0, 0] - without.upperbound[0, 0] for found in (heeded, weighted)]
    assert raised[0] > 0.5 * without.upperbound[0, 0]
    assert 0 <= raised[1] < 0.5 * raised[0]


def test_a_missing_count_is_left_out_and_not_taken_for_nothing() -> None:
    whole = counts(series=1)
    gap, zero = whole.copy(), whole.copy()
    gap[0, 47], zero[0, 47] = np.nan, 0
    periods = range(59, 60)
    expected = [farrington.assess(c, MONTHLY, periods=periods).expected[0, 0] for c in (whole, gap, zero)]

    assert abs(expected[1] - expected[0]) < abs(expected[2] - expected[0])
    gap[0, 59] = np.nan
    unknown = farrington.assess(gap, MONTHLY, periods=periods)
    assert not unknown.known.any()
    assert not unknown.alarm.any()


def test_a_series_of_which_a_whole_season_is_missing_cannot_be_assessed() -> None:
    hole = counts(series=2)
    past = baseline(59, MONTHLY)
    hole[0, past.rows[past.group == 1]] = np.nan
    found = farrington.assess(hole, MONTHLY, periods=range(59, 60))

    assert found.known[:, 0].tolist() == [False, True]
    assert not found.alarm[0].any()


def test_a_past_without_a_case_still_has_a_threshold() -> None:
    none = np.zeros((2, 60))
    none[0, -1], none[1, -1] = 6, 1
    found = farrington.assess(none, MONTHLY, periods=range(59, 60))

    # nine months without a case: at the level 0.005 the mean is at most -log(0.005) / 9 = 0.59
    assert found.upperbound[:, 0].tolist() == [stats.poisson.isf(0.005, -np.log(0.005) / 9)] * 2
    assert found.alarm[:, 0].tolist() == [True, False]  # one case is fewer than five in four months


def test_fewer_cases_than_the_minimum_raise_no_alarm() -> None:
    rare = np.zeros((1, 60))
    rare[0, [3, 20, 40]] = 1
    rare[0, -1] = 4
    lenient, strict = replace(MONTHLY, minimum_cases=0), replace(MONTHLY, minimum_cases=5)

    assert farrington.assess(rare, lenient, periods=range(59, 60)).alarm.all()
    assert not farrington.assess(rare, strict, periods=range(59, 60)).alarm.any()


def test_a_falling_series_is_compared_with_its_trend_and_a_trend_never_passes_what_was_seen() -> None:
    time = np.arange(61)
    falling = np.round(80 * np.exp(-time / 25))[None, :]
    rising = np.round(3 * np.exp(time / 12))[None, :]
    fall = farrington.assess(falling, MONTHLY, periods=range(60, 61))
    rise = farrington.assess(rising, MONTHLY, periods=range(60, 61))

    assert fall.trend.all()
    assert fall.expected[0, 0] == pytest.approx(falling[0, -1], rel=0.15)
    assert not rise.trend.any()  # the line would reach beyond the highest count of the past
    assert not farrington.assess(falling, replace(MONTHLY, years=2), periods=range(60, 61)).trend.any()


@pytest.mark.parametrize("power", ["none", "1/2", "2/3"])
def test_the_power_scale_gives_back_its_own_level(power: str) -> None:
    settings = replace(MONTHLY, threshold="delta", power=power, minimum_cases=0)
    found = farrington.assess(counts(), settings, periods=range(59, 60))
    seen = counts()
    seen[:, -1] = found.upperbound[:, 0]
    again = farrington.assess(seen, settings, periods=range(59, 60))

    assert again.score[:, 0] == pytest.approx(np.ones(5))
    assert again.pvalue[:, 0] == pytest.approx(np.full(5, settings.alpha))


def test_the_quantile_thresholds_are_ordered_and_hold_their_level() -> None:
    plugin = farrington.assess(counts(), replace(MONTHLY, threshold="nbPlugin"), periods=range(59, 60))
    muan = farrington.assess(counts(), replace(MONTHLY, threshold="muan"), periods=range(59, 60))

    assert (muan.upperbound >= plugin.upperbound).all()
    assert (muan.upperbound > plugin.upperbound).any()
    seen = counts()
    seen[:, -1] = plugin.upperbound[:, 0] + 1
    beyond = farrington.assess(seen, replace(MONTHLY, threshold="nbPlugin"), periods=range(59, 60))
    assert (beyond.pvalue <= MONTHLY.alpha).all()
    assert beyond.alarm.all()


def test_settings_of_a_file_are_checked(tmp_path: Path, root: Path) -> None:
    text = (root / "catalogue/warning/monthly.yaml").read_text(encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text(text.replace("id: monthly", "id: own").replace("alpha: 0.005", "alpha: 0.01"), encoding="utf-8")

    assert load(str(own)) == replace(MONTHLY, id="own", alpha=0.01)
    own.write_text(text.replace("id: monthly", "id: own").replace("half_window: 1", "half_window: 6"), encoding="utf-8")
    with pytest.raises(Refused, match="the window is longer than a year"):
        load(str(own))
    own.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match="is not the file's name"):
        load(str(own))
    with pytest.raises(NotFound, match=r"there are no settings .*monthly, noufaily, original"):
        load("unheard-of")
    with pytest.raises(Refused, match="are not of farrington"):
        load("ewma-monthly")


def test_every_settings_file_says_how_often_it_cries_wolf() -> None:
    found: list[Settings | object] = [*(load(name) for name in names()), *(load_ewma(name) for name in names("ewma"))]

    assert len(found) == 4
    for settings in found:
        rates = [scenario["rate"] for scenario in settings.false_alarms["scenarios"]]
        assert settings.false_alarms["rate"] == pytest.approx(np.mean(rates), abs=2e-5)
        assert settings.source
