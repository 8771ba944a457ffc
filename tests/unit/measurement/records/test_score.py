from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from statsmodels.stats.proportion import proportion_confint

from cop.measurement.records.score import interval

ONE = np.array([1.0])


@settings(max_examples=60)
@given(st.integers(1, 3000), st.data())
def test_of_one_group_it_is_wilsons_interval(drawn: int, data: st.DataObject) -> None:
    cases = data.draw(st.integers(0, drawn))
    [low], [high] = interval(ONE, np.array([[float(cases)]]), np.array([float(drawn)]), ONE, 0.95)

    assert (low, high) == pytest.approx(proportion_confint(cases, drawn, method="wilson"), abs=1e-9)


GROUP = st.tuples(st.floats(10, 1e4), st.integers(1, 200), st.floats(0, 1))


@settings(max_examples=40)
@given(GROUP, GROUP)
def test_at_a_limit_the_distance_is_two_standard_errors_of_the_likeliest_shares(
    first: tuple[float, int, float], second: tuple[float, int, float]
) -> None:
    size, drawn, share = (np.array(part, np.float64) for part in zip(first, second, strict=True))
    cases = np.round(share * drawn)
    [low], [high] = interval(size, cases[None], drawn, np.ones(2), 0.95)
    estimate, whole = float((size * cases / drawn).sum()), float(size.sum())

    assert 0 <= low <= estimate + 1e-9 * whole
    assert estimate - 1e-9 * whole <= high <= whole
    for limit in (low, high):
        if 1e-6 * whole < limit < whole * (1 - 1e-6):
            spread = likeliest_spread(size, cases, drawn, limit)
            assert abs(limit - estimate) == pytest.approx(stats.norm.ppf(0.975) * spread, rel=0.01, abs=1e-6 * whole)


def likeliest_spread(size: np.ndarray, cases: np.ndarray, drawn: np.ndarray, total: float) -> float:
    """The standard error at the likeliest two shares with this total, tried one by one."""
    first = np.linspace(max(0.0, (total - size[1]) / size[0]), min(1.0, total / size[0]), 200_001)
    shares = np.array([first, np.clip((total - size[0] * first) / size[1], 0, 1)])
    x, n = cases[:, None], drawn[:, None]
    likelihood = (special.xlogy(x, shares) + special.xlog1py(n - x, -shares)).sum(axis=0)
    p = shares[:, np.argmax(likelihood)]
    return float(np.sqrt((size**2 * p * (1 - p) / drawn).sum()))


def test_a_group_without_a_case_adds_what_it_could_hide() -> None:
    size, drawn = np.array([500.0, 99_500.0]), np.array([10.0, 1990.0])
    alone = interval(size[:1], np.array([[9.0]]), drawn[:1], np.ones(1), 0.95)
    both = interval(size, np.array([[9.0, 0.0]]), drawn, np.ones(2), 0.95)

    assert both[0][0] == pytest.approx(alone[0][0], rel=0.02)
    assert both[1][0] > alone[1][0] + 100


def test_what_was_all_drawn_is_certain() -> None:
    low, high = interval(np.array([40.0]), np.array([[7.0]]), np.array([40.0]), np.zeros(1), 0.95)

    assert (low[0], high[0]) == pytest.approx((7.0, 7.0), abs=1e-6)


def test_it_covers_where_the_plain_interval_does_not() -> None:
    share, drawn, whole = 0.004, 500, 1000.0
    cases = np.random.default_rng(3).binomial(drawn, share, 4000).astype(np.float64)
    low, high = interval(np.array([whole]), cases[:, None], np.array([float(drawn)]), ONE, 0.95)
    half = stats.norm.ppf(0.975) * np.sqrt(cases / drawn * (1 - cases / drawn) / drawn) * whole
    plain = np.abs(cases / drawn * whole - share * whole) <= half

    assert plain.mean() < 0.90
    assert 0.94 <= ((low <= share * whole) & (share * whole <= high)).mean() <= 0.985
