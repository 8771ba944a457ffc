"""The shape of a proportion over waves: R's contrasts, least squares by another hand, and shapes that are known."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from cop.kernel.errors import Refused
from cop.measurement.trends.changes import Wave, equal
from cop.measurement.trends.polynomial import contrasts, shape


def test_contrasts_are_those_of_r() -> None:
    # contr.poly(3), contr.poly(5) and contr.poly(4, scores = c(2015, 2017, 2019, 2023)) of R 4.2.2
    three = [[-0.7071068, 0.4082483], [0, -0.8164966], [0.7071068, 0.4082483]]
    five = [-0.6324555, -0.3162278, 0, 0.3162278, 0.6324555]

    assert contrasts([2017, 2019, 2021], 2) == pytest.approx(np.array(three), abs=1e-7)
    assert contrasts([1, 2, 3, 4, 5], 1)[:, 0] == pytest.approx(five, abs=1e-7)
    uneven = contrasts([2015, 2017, 2019, 2023], 2)
    assert uneven[:, 0] == pytest.approx(np.array([-3.5, -1.5, 0.5, 4.5]) / np.sqrt(35), abs=1e-9)
    assert uneven.T @ uneven == pytest.approx(np.eye(2), abs=1e-12)
    assert uneven.sum(axis=0) == pytest.approx(np.zeros(2), abs=1e-12)


def waves(*shares: float, se: float = 0.01) -> list[Wave]:
    return [Wave(str(2015 + 2 * place), p, se, 40) for place, p in enumerate(shares)]


def test_the_fit_is_that_of_least_squares_with_known_variances() -> None:
    found = waves(0.15, 0.16, 0.19, 0.18, se=0.012)
    p = np.array([w.estimate for w in found])
    design = np.hstack([np.ones((4, 1)), contrasts([2015, 2017, 2019, 2021], 2)])
    variance = (0.012 / (p * (1 - p))) ** 2
    other = sm.GLS(np.log(p / (1 - p)), design, sigma=variance).fit(cov_type="fixed scale")
    got = shape(found, [2015, 2017, 2019, 2021], degree=2)

    assert [part.coefficient for part in got.parts] == pytest.approx(other.params[1:])
    assert [part.se for part in got.parts] == pytest.approx(other.bse[1:])
    assert (got.df, got.left_df) == (160, 1)
    assert got.left == pytest.approx(float((other.resid**2 / variance).sum()))


def test_a_straight_line_of_log_odds_is_linear_and_nothing_else() -> None:
    logit = -1.5 + 0.3 * np.arange(4)
    found = shape(waves(*(1 / (1 + np.exp(-logit)))), [0, 1, 2, 3], degree=3)

    assert found.parts[0].coefficient == pytest.approx(0.3 * np.sqrt(5))
    assert [part.coefficient for part in found.parts[1:]] == pytest.approx([0, 0], abs=1e-9)
    assert (found.left, found.left_pvalue) == (0, 1)


def test_a_turn_leaves_something_that_a_line_cannot_say() -> None:
    turned = waves(0.20, 0.15, 0.20)
    line, curve = (shape(turned, [2017, 2019, 2021], degree=d) for d in (1, 2))

    assert line.parts[0].pvalue > 0.5
    assert line.left_pvalue < 0.001
    assert curve.parts[1].pvalue < 0.001
    assert curve.parts[1].coefficient > 0
    assert list(curve.fitted) == pytest.approx([0.20, 0.15, 0.20])


def test_between_two_waves_the_line_says_what_the_change_says() -> None:
    pair = waves(0.150, 0.152)
    found = shape(pair, [2015, 2017])

    assert found.parts[0].pvalue == pytest.approx(equal(pair).pvalue, abs=0.002)


def test_a_covariance_between_waves_is_heeded() -> None:
    pair = waves(0.15, 0.20, se=0.02)
    apart = shape(pair, [0, 1]).parts[0].se
    together = shape(pair, [0, 1], covariance=np.array([[4e-4, 3e-4], [3e-4, 4e-4]])).parts[0].se

    assert together < 0.6 * apart


@pytest.mark.parametrize(
    ("shares", "times", "degree", "message"),
    [
        ((0.1, 0.2), (2015, 2015), 1, "two waves have the same time"),
        ((0.1, 0.2), (2015, 2017), 2, "is no degree for so many waves"),
        ((0.0, 0.2), (2015, 2017), 1, "not between 0 and 1"),
        ((15.0, 16.0), (2015, 2017), 1, "not between 0 and 1"),
    ],
)
def test_what_has_no_shape_is_refused(
    shares: tuple[float, ...], times: tuple[float, ...], degree: int, message: str
) -> None:
    with pytest.raises(Refused, match=message):
        shape(waves(*shares), times, degree=degree)
