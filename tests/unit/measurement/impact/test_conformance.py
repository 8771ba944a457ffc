"""Published effects: minimum wages and teen employment (staggered), and Sicily's smoking ban (interrupted).

Sources: Callaway and Sant'Anna, Journal of Econometrics 225(2), 2021, as the README of R's `did` prints them for
`mpdta`; Lopez Bernal, Cummins and Gasparrini, International Journal of Epidemiology 46(1), 2017. The files are in
../shared/data/statistics/impact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cop.measurement.impact import interrupted, staggered
from cop.measurement.impact.description import Programme
from cop.measurement.impact.evaluate import evaluate
from cop.measurement.impact.findings import Findings
from cop.measurement.impact.rules import load
from cop.measurement.impact.table import read_table

Described = Callable[..., Programme]
ATT = {
    "2004": {"2004": -0.0105, "2005": -0.0704, "2006": -0.1373, "2007": -0.1008},
    "2006": {"2004": 0.0065, "2005": -0.0028, "2006": -0.0046, "2007": -0.0412},
    "2007": {"2004": 0.0305, "2005": -0.0027, "2006": -0.0311, "2007": -0.0261},
}


@pytest.fixture
def wages(described: Described, shared: Path) -> Programme:
    return described(
        shared / "data/statistics/impact/mpdta.csv",
        {"method": "staggered", "first": "first.treat"},
        start="2004",
        outcome={"column": "lemp", "better": "higher", "matters": 0.02, "unit": "log points"},
        data={"unit": "countyreal", "period": "year"},
    )


@pytest.fixture
def sicily(described: Described, shared: Path) -> Callable[..., Findings]:
    def run(**comparison: Any) -> Findings:
        programme = described(
            shared / "data/statistics/impact/sicily.csv", {"method": "interrupted"} | comparison, start="2005-01",
            outcome={"column": "aces", "kind": "count", "population": "stdpop", "matters": 5.0},
            data={"period": ["year", "month"]},
        )  # fmt: skip
        return interrupted.estimate(programme, read_table(programme), load())

    return run


def test_all_twelve_group_time_effects_and_the_pretest(wages: Programme) -> None:
    found = staggered.estimate(wages, read_table(wages), load())
    ours = {(row["group"], row["period"]): round(row["estimate"], 4) for row in found.tables["att_gt"]}

    assert ours == {(group, year): att for group, years in ATT.items() for year, att in years.items()}
    [pretest] = [check for check in found.checks if check.name == "pretrend"]
    assert round(pretest.figures["p"], 5) == 0.16812
    assert pretest.passed and pretest.figures["tested"] == 5


def test_effects_by_group_and_overall(wages: Programme) -> None:
    found = staggered.estimate(wages, read_table(wages), load())

    groups = {row["group"]: round(row["estimate"], 4) for row in found.tables["by_group"]}
    assert groups == {"2004": -0.0797, "2006": -0.0229, "2007": -0.0261}
    after = {row["time"]: round(row["estimate"], 4) for row in found.tables["by_time"] if row["time"] >= 0}
    assert after == {0: -0.0199, 1: -0.0510, 2: -0.1373, 3: -0.1008}
    assert sum(after.values()) / 4 == pytest.approx(-0.0772, abs=5e-5)
    assert found.effect.estimate == pytest.approx(-0.0400, abs=5e-5), "the README's simple average"


def test_bounds_under_drift_equal_the_librarys(wages: Programme) -> None:
    import numpy as np
    from diff_diff import CallawaySantAnna
    from diff_diff.honest_did import HonestDiD

    table = read_table(wages)
    found = staggered.estimate(wages, table, load())
    comparison = wages.comparison
    assert isinstance(comparison, staggered.Staggered) and found.robustness is not None
    frame = staggered._frame(wages, comparison, table, staggered._first(wages, comparison, table))
    events = (
        CallawaySantAnna(estimation_method="reg", base_period="universal")
        .fit(frame, outcome="y", unit="unit", time="time", first_treat="first")
        .aggregate("event_study")
    )
    # treated county-years by years since the start: 20 + 40 + 131, 20 + 40, 20, 20
    honest = HonestDiD(method="relative_magnitude", l_vec=np.array([191, 60, 20, 20]) / 291)

    for m, low, high in found.robustness.rows:
        theirs = honest.fit(events, M=m)
        assert (low, high) == pytest.approx((theirs.ci_lb, theirs.ci_ub), rel=1e-6)
    assert found.robustness.breakdown == pytest.approx(honest.breakdown_value(events, tol=1e-4), abs=1e-3)


@pytest.mark.parametrize(
    ("comparison", "ratio", "low", "high"),
    [
        ({"inference": "model"}, 0.894, 0.865, 0.925),
        ({"inference": "quasi"}, 0.894, 0.839, 0.953),
        ({"inference": "quasi", "harmonics": 2}, 0.885, 0.839, 0.933),
    ],
)
def test_the_smoking_ban_in_sicily(
    comparison: dict[str, Any], ratio: float, low: float, high: float, sicily: Callable[..., Findings]
) -> None:
    found = sicily(**comparison)
    effect = found.effect

    assert [round(math.exp(v), 3) for v in (effect.estimate, effect.low, effect.high)] == [ratio, low, high]
    if not comparison.get("harmonics"):
        assert round(found.notes["dispersion"], 3) == 3.559


def test_autocorrelation_is_tested_and_the_widest_interval_decides(sicily: Callable[..., Findings]) -> None:
    found = sicily()

    by_name = {row["inference"]: row["high"] - row["low"] for row in found.tables["intervals"]}
    assert set(by_name) == {"model", "quasi", "hac"}
    estimate, low, high = found.effect.shown()
    assert high - low == pytest.approx(max(by_name.values()))
    assert estimate == pytest.approx(-10.6, abs=0.05)
    assert found.notes["autocorrelation_p"] < 0.01


def test_verdicts_on_published_programmes(wages: Programme, described: Described, shared: Path) -> None:
    judged = evaluate(wages)

    assert judged.verdict.verdict == "harm", "employment fell, where more is better"
    assert "0.446 times the largest step" in judged.markdown()
