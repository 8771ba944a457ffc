"""Weighted shares: the exact interval where weights are equal, wider where they are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cop.classification.coder.shares import effective_size, share


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.floats(0.1, 50))
def test_with_equal_weights_the_interval_is_clopper_and_pearsons(flags: list[bool], weight: float) -> None:
    found = share(flags, [weight] * len(flags))
    exact = stats.binomtest(sum(flags), len(flags)).proportion_ci(0.95, method="exact")

    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((sum(flags) / len(flags), exact.low, exact.high))
    assert (found.records, found.effective) == (len(flags), pytest.approx(len(flags)))


def test_unequal_weights_count_as_fewer_records() -> None:
    even, uneven = share([True, False] * 20, [1.0] * 40), share([True, False] * 20, [1.0, 1.0, 9.0, 9.0] * 10)

    assert even is not None and uneven is not None
    assert (even.value, uneven.value) == (0.5, 0.5)
    assert uneven.effective == pytest.approx(200**2 / (20 * 1 + 20 * 81))
    assert uneven.high - uneven.low > even.high - even.low


def test_weights_move_the_share() -> None:
    found = share([True, False], [3.0, 1.0])

    assert found is not None
    assert found.value == 0.75


def test_nothing_has_no_share() -> None:
    assert share([], []) is None
    assert effective_size(np.array([])) == 0.0
