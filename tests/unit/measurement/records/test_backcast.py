from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cop.kernel.errors import Refused
from cop.measurement.records.backcast import Allocation, Correspondence, carry, logit, read

SPLIT = Correspondence({"P": Allocation({"A": 0.7, "B": 0.3}, 50), "Q": Allocation({"B": 1.0})})


def test_what_a_split_adds_is_what_simulation_finds() -> None:
    # shares estimated on 50 records; 400 records, themselves known to a standard error of 20
    rng = np.random.default_rng(6)
    whole = np.round(rng.normal(400, 20, 200_000)).astype(int)
    share = rng.beta(50 * 0.7, 50 * 0.3, len(whole))
    part = rng.binomial(whole, share)
    found = carry(["P", "Q"], np.array([400.0, 100.0]), np.diag([400.0, 0.0]), SPLIT)

    assert found.codes == ("A", "B")
    assert found.total == pytest.approx([280, 220])
    assert np.sqrt(found.covariance[0, 0]) == pytest.approx(part.std(), rel=0.01)
    assert found.covariance[0, 1] == pytest.approx(np.cov(part, whole - part)[0, 1], rel=0.02)


def test_totals_are_kept_and_parts_that_meet_again_have_no_error_left() -> None:
    found = carry(["P", "Q"], np.array([400.0, 100.0]), np.zeros((2, 2)), SPLIT)
    total, se, low, high = found.sums(np.array([[1.0, 1.0], [1.0, 0.0]]))

    assert (total[0], se[0]) == pytest.approx((500, 0), abs=1e-5)
    assert low[1] < 280 < high[1]
    back = Correspondence({"A": Allocation({"P": 1.0}), "B": Allocation({"P": 1.0})})
    again = carry(found.codes, found.total, found.covariance, back)
    assert again.covariance == pytest.approx(np.zeros((1, 1)), abs=1e-9)


def test_it_says_what_the_classifications_own_recoding_says() -> None:
    # the same formula in exact fractions, in a room that this one does not know: w (1 - w) N (N + n) / (n + 1)
    found = carry(["P", "Q"], np.array([400.0, 0.0]), np.zeros((2, 2)), SPLIT)

    assert found.covariance[0, 0] == pytest.approx(0.7 * 0.3 * 400 * 450 / 51)


def test_certain_shares_leave_only_the_chance_with_which_records_fall() -> None:
    certain = Correspondence({"P": Allocation({"A": 0.7, "B": 0.3})})
    found = carry(["P"], np.array([400.0]), np.zeros((1, 1)), certain)

    assert found.covariance[0, 0] == pytest.approx(400 * 0.7 * 0.3)


def test_intervals_of_back_cast_counts_hold_as_often_as_they_say() -> None:
    rng = np.random.default_rng(9)
    held = []
    for _ in range(2000):
        share = 0.25
        seen = rng.binomial(80, share)
        weight = min(max(seen, 1), 79) / 80
        table = Correspondence({"P": Allocation({"A": weight, "B": 1 - weight}, 80)})
        _, _, [low], [high] = carry(["P"], np.array([600.0]), np.zeros((1, 1)), table).sums(np.array([[1.0, 0.0]]))
        held.append(low <= rng.binomial(600, share) <= high)

    assert 0.935 <= np.mean(held) <= 0.965


def test_limits_at_the_ends_stay_in_the_range() -> None:
    low, high = logit(np.array([0.0, 10.0, 5.0]), np.array([1.0, 1.0, 0.0]), 10.0, 0.95)

    assert low == pytest.approx([0, 10 - 1.96, 5], abs=0.001)
    assert high == pytest.approx([1.96, 10, 5], abs=0.001)


def table(*rows: tuple[str, str, str | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["old", "new", "weight", "sample"], orient="row")


def test_a_code_that_became_one_needs_no_weight() -> None:
    assert read(table(("P", "A", None, None))) == Correspondence({"P": Allocation({"A": 1.0})})


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("P", "A", None, None), ("P", "B", None, None)], 'correspondence, field weight: "P" became several codes and '
         "not all have a weight (expected weights estimated on records coded in both versions; a count is not split by "
         "guess)"),
        ([("P", "A", "0.5", None), ("P", "B", "0.4", None)],
         'correspondence, field weight: "P" has weights that sum to 0.9 (expected 1)'),
        ([("P", "A", "1.5", None)],
         'correspondence row 1, field weight: "1.5" is no weight (expected above 0 and at most 1)'),
        ([("P", "A", "0.5", "10"), ("P", "B", "0.5", "20")], 'correspondence row 2, field sample: "20" is another '
         "sample than P has above (expected the same in every row of a code)"),
        ([("P", "A", "1", None), ("P", "A", "1", None)],
         'correspondence row 2: "P A" is there twice (expected each pair once)'),
    ],
)  # fmt: skip
def test_a_wrong_correspondence_is_refused(rows: list[tuple[str, str, str | None, str | None]], message: str) -> None:
    with pytest.raises(Refused) as refusal:
        read(table(*rows))

    assert str(refusal.value) == message


def test_a_count_without_an_entry_is_refused() -> None:
    with pytest.raises(Refused, match='"R" has no entry in the correspondence'):
        carry(["R"], np.array([3.0]), np.zeros((1, 1)), SPLIT)
