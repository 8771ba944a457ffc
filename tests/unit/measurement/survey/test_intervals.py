from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cop.measurement.survey import intervals, presentation

RULES = presentation.load()


def test_the_quantile_is_students() -> None:
    assert intervals.quantile(0.95, 36) == pytest.approx(2.0280940009804502, rel=1e-12)


@given(st.integers(1, 60), st.integers(61, 120))
def test_beta_at_the_plain_sample_size_is_clopper_and_pearson(successes: int, n: int) -> None:
    low, high = intervals.beta(successes / n, float(n), 0.95)
    exact = stats.binomtest(successes, n).proportion_ci(0.95, "exact")

    assert (low, high) == pytest.approx((exact.low, exact.high), rel=1e-9)


@given(st.floats(0.01, 0.99), st.floats(0.001, 0.2), st.integers(1, 200))
def test_a_logit_interval_lies_between_0_and_1_around_the_estimate(p: float, se: float, df: int) -> None:
    low, high = intervals.logit(p, se, df, 0.95)

    assert low is not None
    assert high is not None
    assert 0 <= low < p < high <= 1


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_without_variation_there_is_no_logit_interval(p: float) -> None:
    assert intervals.logit(p, 0.0, 10, 0.95) == (None, None)
    assert intervals.effective_n(p, 0.0, 100, 10, 0.95) is None


def test_without_degrees_of_freedom_there_is_no_interval() -> None:
    assert intervals.wald(0.5, 0.1, 0, 0.95) == (None, None)


@pytest.mark.parametrize(
    ("p", "se", "n", "df", "flag", "reason"),
    [
        (0.5, 0.01, 29, 40, "not published", "fewer than 30 answers"),
        (0.5, 0.5 / math.sqrt(20), 200, 40, "not published", "effective sample size under 30"),
        (0.5, 0.08, 400, 40, "not published", "interval 30 points wide or wider"),
        (0.04, 0.016, 400, 40, "not published", "interval wider than 130 % of the estimate"),
        (0.96, 0.016, 400, 40, "use with caution", "interval wider than 130 % of the complement"),
        (0.5, 0.03, 400, 7, "use with caution", "fewer than 8 degrees of freedom"),
        (0.01, 0.004, 4000, 40, "ok", ""),
        (0.5, 0.03, 400, 40, "ok", ""),
        (0.0, 0.0, 400, 40, "use with caution", "no answer differs from the others: no interval can be estimated"),
    ],
)
def test_each_presentation_rule_decides(p: float, se: float, n: int, df: int, flag: str, reason: str) -> None:
    assert presentation.proportion(RULES, estimate=p, se=se, n=n, rows=n, df=df) == (flag, reason)


@pytest.mark.parametrize(
    ("cv", "n", "df", "flag"),
    [(0.1, 29, 40, "not published"), (0.3, 400, 40, "not published"), (None, 400, 40, "not published"),
     (0.1, 400, 5, "use with caution"), (0.1, 400, 0, "not published"), (0.29, 400, 40, "ok")],
)  # fmt: skip
def test_means_and_totals_are_flagged_by_their_variation(cv: float | None, n: int, df: int, flag: str) -> None:
    assert presentation.other(RULES, cv=cv, n=n, df=df)[0] == flag
