"""Changes between waves: the figures of R's `survey`, and what a joint test and an adjustment must satisfy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from cop.kernel.errors import Refused
from cop.measurement.trends.changes import Wave, change, changes, equal, holm


@pytest.fixture(scope="module")
def waves(shared: Path) -> dict[str, list[Wave]]:
    """Bullied electronically (eb) and at school (sb), YRBS 2017 to 2021, as R survey 4.1-1 estimates them."""
    frame = pl.read_csv(shared / "data/statistics/yrbs/R_survey_reference.csv").filter(pl.col("domain") == "Total")
    return {
        var: [Wave(str(r["year"]), r["pct"], r["se"], r["df"]) for r in part.sort("year").iter_rows(named=True)]
        for (var,), part in frame.group_by("var")
    }


def test_every_change_between_waves_of_r_is_reproduced(waves: dict[str, list[Wave]], shared: Path) -> None:
    reference = pl.read_csv(shared / "data/statistics/yrbs/R_trend_contrast_reference.csv")
    rows = reference.filter(pl.col("test") == "change_between_waves").rows(named=True)
    by_period = {(var, w.period): w for var, found in waves.items() for w in found}

    assert len(rows) == 6
    for row in rows:
        before, after = row["detail"].split("->")
        found = change(by_period[row["var"], before], by_period[row["var"], after])
        got = [found.difference, found.se, found.statistic, found.df, found.pvalue]
        assert got == pytest.approx([row[k] for k in ("est", "se", "stat", "df", "p")], rel=1e-7)


def test_school_bullying_fell_and_electronic_bullying_showed_no_change(waves: dict[str, list[Wave]]) -> None:
    found = {var: [(c.before, c.after, c.verdict()) for c in changes(w)] for var, w in waves.items()}

    assert found["eb"] == [(a, b, "no change shown") for a, b in (("2017", "2019"), ("2019", "2021"), ("2017", "2021"))]
    assert found["sb"] == [
        ("2017", "2019", "no change shown"),
        ("2019", "2021", "fell"),
        ("2017", "2021", "fell"),
    ]
    assert equal(waves["eb"]).pvalue > 0.05
    assert equal(waves["sb"]).pvalue < 0.001


def test_two_waves_are_tested_alike_alone_and_jointly() -> None:
    pair = [Wave("2019", 15.7, 0.56, 37), Wave("2021", 17.9, 0.44, 41)]
    alone, joint = change(*pair), equal(pair)

    assert (joint.df, joint.df2) == (1, 78)
    assert joint.statistic == pytest.approx(alone.statistic**2)
    assert joint.pvalue == pytest.approx(alone.pvalue)
    assert [alone.low, alone.high] == pytest.approx([2.2 - 1.990847 * alone.se, 2.2 + 1.990847 * alone.se], rel=1e-6)


def test_waves_that_share_units_change_with_less_error() -> None:
    before, after = Wave("2019", 15.7, 0.6, 37), Wave("2021", 17.9, 0.5, 41)
    shared = change(before, after, covariance=0.2)
    joint = equal([before, after], covariance=np.array([[0.36, 0.2], [0.2, 0.25]]))

    assert shared.se == pytest.approx(np.sqrt(0.36 + 0.25 - 0.4))
    assert shared.df == 37
    assert joint.pvalue == pytest.approx(shared.pvalue)
    with pytest.raises(Refused, match="is no covariance of these waves"):
        change(before, after, covariance=0.31)


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_adjusted_p_values_are_those_of_holm(pvalues: list[float]) -> None:
    assert holm(pvalues) == pytest.approx(multipletests(pvalues, method="holm")[1].tolist())


@pytest.mark.parametrize(
    ("waves_", "message"),
    [
        ([Wave("2019", 1.0, 0.1, 9)], "fewer than two waves"),
        ([Wave("2021", 1.0, 0.1, 9), Wave("2019", 1.0, 0.1, 9)], '"2019" does not come after "2021"'),
        ([Wave("2019", 1.0, 0.0, 9), Wave("2021", 1.0, 0.1, 9)], '"2019" has no standard error'),
        ([Wave("2019", float("nan"), 0.1, 9), Wave("2021", 1.0, 0.1, 9)], '"2019" has no standard error'),
    ],
)
def test_waves_that_cannot_be_compared_are_refused(waves_: list[Wave], message: str) -> None:
    with pytest.raises(Refused, match=message):
        changes(waves_)
    with pytest.raises(Refused, match=message):
        equal(waves_)
