"""Distances of mixes: zero for equal ones, the textbook's value, and limits of chance that hold in simulation."""

from __future__ import annotations

from collections import Counter
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import distance

from cop.classification.coder.distances import (
    binned,
    chance_jensen_shannon,
    chance_psi,
    jensen_shannon,
    psi,
    tenths,
)

MIXES = st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 500), min_size=1)


@given(MIXES, st.integers(1, 9))
def test_equal_mixes_are_no_distance_apart_whatever_their_size(mix: dict[str, int], times: int) -> None:
    larger = {cell: count * times for cell, count in mix.items()}

    assert psi(mix, larger) == pytest.approx(0, abs=1e-12)
    assert jensen_shannon(mix, larger) == pytest.approx(0, abs=1e-7)


@given(MIXES, MIXES)
def test_distances_are_symmetric_bounded_and_agree_with_scipy(one: dict[str, int], two: dict[str, int]) -> None:
    cells = sorted({*one, *two})
    p, q = ([mix.get(c, 0) for c in cells] for mix in (one, two))

    assert psi(one, two) == pytest.approx(psi(two, one))
    assert psi(one, two) >= -1e-12
    assert 0 <= jensen_shannon(one, two) <= 1
    assert jensen_shannon(one, two) == pytest.approx(float(distance.jensenshannon(p, q, base=2)), abs=1e-7)


def test_the_index_is_the_sum_of_its_definition() -> None:
    expected = (0.6 - 0.5) * log(0.6 / 0.5) + (0.4 - 0.5) * log(0.4 / 0.5)

    assert psi({"a": 50, "b": 50}, {"a": 60, "b": 40}) == pytest.approx(expected)


def test_mixes_without_a_common_category_are_as_far_apart_as_can_be() -> None:
    assert jensen_shannon({"a": 3}, {"b": 7}) == 1.0
    assert psi({"a": 300}, {"b": 700}) > 5


def test_chance_is_passed_in_one_stable_month_of_twenty() -> None:
    random = np.random.default_rng(0)
    shares = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
    above = [0, 0]
    for _ in range(2000):
        one, two = (Counter(dict(enumerate(random.multinomial(n, shares).tolist()))) for n in (1500, 600))
        above[0] += psi(one, two) > chance_psi(one, two)
        above[1] += jensen_shannon(one, two) > chance_jensen_shannon(one, two)

    assert [0.035 < n / 2000 < 0.065 for n in above] == [True, True]


def test_the_two_limits_are_those_of_the_same_small_difference() -> None:
    assert [round(sqrt(limit / (8 * log(2))), 3) for limit in (0.1, 0.25)] == [0.134, 0.212]


def test_chance_of_nothing_is_boundless_and_of_one_category_nothing() -> None:
    assert chance_psi({"a": 3}, {}) == float("inf")
    assert chance_psi({"a": 3}, {"a": 1}) == 0.0


def test_tenths_hold_a_tenth_each_and_repeated_values_share_a_bin() -> None:
    even = Counter(dict.fromkeys(range(100), 1))

    assert tenths(even) == tuple(range(9, 99, 10))
    assert list(binned(even, tenths(even)).values()) == [10] * 10
    assert tenths({7: 99, 8: 1}) == (7,)
    assert binned({7: 99, 8: 1}, (7,)) == {0: 99, 1: 1}
    assert tenths({}) == ()
