"""Rank intervals and indices where the answer is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cop.kernel.errors import Refused
from cop.measurement.composite.build import build
from cop.measurement.composite.description import Index
from cop.measurement.composite.uncertainty import ranks_of

Described = Callable[..., Index]
CLOSE = "unit,a,b,c,d\nv,10,1,5,5\nw,1,10,5,5\nx,5,5,10,1\ny,5,5,1,10\nz,0,0,0,0\n"
UNEVEN = "unit,a,b,c,d\nu,10,1,9,2\nv,6,5,5,6\nw,7,2,7,4\nx,5,5,3,7\ny,1,4,4,5\nz,0,0,0,0\n"


class Counted:
    def __init__(self) -> None:
        self.expected, self.done = 0, 0

    def total(self, units: int) -> None:
        self.expected = units

    def advance(self, units: int = 1) -> None:
        self.done += units


def test_ranks_share_the_better_place_and_skip_what_is_missing() -> None:
    assert ranks_of(np.array([3.0, 5, 5, 1])).tolist() == [3, 1, 1, 4]
    assert ranks_of(np.array([3.0, np.nan, 5])).tolist()[::2] == [2, 1]
    assert np.isnan(ranks_of(np.array([3.0, np.nan, 5]))[1])


def test_a_unit_that_is_worst_in_everything_keeps_its_rank_and_close_ones_do_not(described: Described) -> None:
    made = build(described(CLOSE, uncertainty={"seed": 3, "sample": 256, "weights": 0.5}))
    found = made.sensitivity
    worst = made.values.units.index("z")

    assert (found.low[-1, worst], found.high[-1, worst]) == (5, 5)
    assert found.by_unit[worst].first is None, "a rank that never moves is decided by nothing"
    assert (found.high[-1, :4] - found.low[-1, :4] >= 2).all()


def test_a_single_factor_decides_everything(described: Described) -> None:
    found = build(described(CLOSE, uncertainty={"seed": 3, "sample": 1024, "weights": 0.5})).sensitivity

    assert found.factors == ("weights",)
    for decided in found.by_unit[:4]:
        assert decided.first is not None and decided.total is not None
        assert decided.first["weights"] == pytest.approx(1, abs=0.1)
        assert decided.total["weights"] == pytest.approx(1, abs=0.1)


def test_a_factor_without_influence_has_no_share(described: Described) -> None:
    # without an outlier treatment changes nothing; the aggregation does
    asked = {"seed": 3, "sample": 512, "weights": 0.0, "treatments": ["winsorise"], "aggregations": ["geometric"]}
    found = build(described(UNEVEN, uncertainty=asked, aggregation={"method": "arithmetic", "floor": 1.0})).sensitivity

    assert found.factors == ("treatment", "aggregation")
    assert found.decided.total is not None and found.decided.first is not None
    assert found.decided.total["treatment"] == 0
    assert found.decided.first["aggregation"] == pytest.approx(1, abs=0.1)


def test_leaving_out_an_indicator_is_a_factor(described: Described) -> None:
    text = "unit,a,b\nx,10,0\ny,0,9\nz,5,8\n"
    found = build(described(text, uncertainty={"seed": 1, "sample": 256, "leave_one_out": True})).sensitivity

    # z is first with both (66), second with either alone; three ways, each with a third of the runs
    z = 2
    assert found.factors == ("left out",)
    assert (found.low[-1, z], found.median[-1, z], found.high[-1, z]) == (1, 2, 2)


def test_the_same_description_gives_the_same_figures_and_another_seed_others(described: Described) -> None:
    first, again, other = (
        build(described(UNEVEN, uncertainty={"seed": s, "sample": 64, "weights": 0.5})).sensitivity for s in (1, 1, 2)
    )

    assert first.decided == again.decided and first.margin == again.margin
    assert np.array_equal(first.low, again.low, equal_nan=True)
    assert first.shift != other.shift


def test_every_run_is_told(described: Described) -> None:
    progress = Counted()
    build(
        described(
            CLOSE,
            uncertainty={"seed": 1, "sample": 64, "weights": 0.5, "weightings": ["equal"], "normalisations": ["rank"]},
        ),
        progress=progress,
    )

    assert progress.done == progress.expected == 64 * (3 + 2)


def test_an_index_without_any_alternative_is_refused(described: Described) -> None:
    with pytest.raises(Refused, match="no choice has an alternative, so no rank has an interval"):
        build(described(CLOSE, uncertainty={"seed": 1}))


def test_a_unit_that_loses_its_only_value_has_no_rank_in_those_runs(described: Described) -> None:
    text = "unit,a,b\nv,10,1\nw,9,4\nx,3,3\ny,,9\nz,5,\n"
    policy = {"method": "available", "minimum_share": 0.5}
    found = build(
        described(text, missing=policy, uncertainty={"seed": 1, "sample": 64, "leave_one_out": True})
    ).sensitivity

    assert np.isfinite(found.shift)
    assert np.isfinite(found.low[-1]).all(), "from the runs in which it has one"
    assert found.by_unit[3].first is None
