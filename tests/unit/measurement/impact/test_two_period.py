"""Two-period difference-in-differences, by hand, against the library, and over simulated samples."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cop.kernel.errors import Refused
from cop.measurement.impact import two_period
from cop.measurement.impact.description import Programme
from cop.measurement.impact.findings import Findings, detectable
from cop.measurement.impact.rules import load
from cop.measurement.impact.table import read_table

Described = Callable[..., Programme]
RULES = load()
FOUR = "u,t,y,s\nA,2020,10,0.5\nA,2021,11,0.4\nA,2022,7,0.5\nB,2020,20,0.3\nB,2021,20.5,0.4\nB,2022,21,0.6\n"


def run(programme: Programme) -> Findings:
    return two_period.estimate(programme, read_table(programme), RULES)


def panel(rng: np.random.Generator, units: int, effect: float, drift: float = 0.0) -> str:
    lines = ["u,t,y"]
    for unit in range(units):
        level, treated = rng.normal(0, 3), unit < units // 2
        for year in range(2018, 2024):
            y = level + 0.3 * (year - 2018) + treated * (effect * (year >= 2021) + drift * (year - 2020)) + rng.normal()
            lines.append(f"{unit},{year},{y:.6f}")
    return "\n".join(lines) + "\n"


def treated(units: int) -> dict[str, Any]:
    return {"method": "two-period", "treated": [str(unit) for unit in range(units // 2)]}


def test_a_table_of_estimates_by_hand(described: Described) -> None:
    found = run(described(FOUR, {"method": "two-period", "treated": ["A"]}, start="2022", outcome={"se": "s"}))

    def before(rows: list[tuple[float, float]]) -> tuple[float, float]:
        weights = [1 / s**2 for _, s in rows]
        return sum(w * y for w, (y, _) in zip(weights, rows, strict=True)) / sum(weights), 1 / sum(weights)

    # with two units the period effect before is shared; the estimate is a generalised least squares one
    w = np.diag(1 / np.array([0.5, 0.4, 0.5, 0.3, 0.4, 0.6]) ** 2)
    y = np.array([10, 11, 7, 20, 20.5, 21.0])
    x = np.array(
        [[0, 1, 0, 0, 0], [0, 1, 0, 1, 0], [1, 1, 0, 0, 1], [0, 0, 1, 0, 0], [0, 0, 1, 1, 0], [0, 0, 1, 0, 1.0]]
    )
    covariance = np.linalg.inv(x.T @ w @ x)
    beta = covariance @ x.T @ w @ y
    spread = max(1.0, float((y - x @ beta) @ w @ (y - x @ beta)))
    assert found.notes["inference"] == "sampling"
    assert found.effect.estimate == pytest.approx(beta[0])
    assert found.effect.se == pytest.approx(math.sqrt(covariance[0, 0] * spread))
    [pretrend] = [check for check in found.checks if check.name == "pretrend"]
    # (10 - 11) - (20 - 20.5) against the sum of the four variances
    z = -0.5 / math.sqrt(0.25 + 0.16 + 0.09 + 0.16)
    assert pretrend.figures["p"] == pytest.approx(2 * stats.norm.sf(abs(z)))


def test_a_balanced_panel_without_errors_is_the_difference_of_differences(described: Described) -> None:
    rng = np.random.default_rng(1)
    text = panel(rng, 12, -2.0)
    found = run(described(text, treated(12), start="2021"))
    rows = [line.split(",") for line in text.split()[1:]]

    def mean(side: bool, after: bool) -> float:
        return float(np.mean([float(y) for u, t, y in rows if (int(u) < 6) == side and (int(t) >= 2021) == after]))

    assert found.effect.estimate == pytest.approx(
        mean(True, True) - mean(True, False) - mean(False, True) + mean(False, False)
    )
    assert found.effect.df == 11
    assert found.detectable == pytest.approx((stats.t.ppf(0.975, 11) + stats.t.ppf(0.8, 11)) * (found.effect.se or 0))
    kinds = {one.kind for one in found.alternatives}
    assert kinds == {"without", "since", "without_period"}
    assert sum(one.kind == "without" for one in found.alternatives) == 12


def test_intervals_cover_and_the_pretrend_test_keeps_its_level(described: Described) -> None:
    rng = np.random.default_rng(2)
    covered = rejected = 0
    for _ in range(120):
        programme = described(panel(rng, 30, -0.5), treated(30), start="2021")
        table = read_table(programme)
        sides, table = two_period._sides(programme, programme.comparison, table)  # type: ignore[arg-type]
        effect = two_period._effect(programme, table, sides, "clustered", RULES)
        by_time = two_period._by_time(programme, table, sides, "clustered")
        n = len(by_time.before)
        check = two_period.pretrend(by_time.beta[:n], by_time.covariance[:n, :n], by_time.df, RULES)
        covered += effect.low <= -0.5 <= effect.high
        rejected += check.passed is False

    assert covered >= 106, "95 % of 120, less three standard deviations"
    assert rejected <= 14


def test_groups_that_drift_apart_before_are_seen(described: Described) -> None:
    found = run(described(panel(np.random.default_rng(3), 30, 0.0, drift=1.0), treated(30), start="2021"))
    [pretrend] = [check for check in found.checks if check.name == "pretrend"]

    assert pretrend.passed is False
    assert found.robustness is not None and found.robustness.breakdown is not None


def microdata(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for district in range(12):
        for year in (2020, 2021, 2022):
            for psu in range(6):
                shift = rng.normal(0, 0.6)
                for _ in range(8):
                    y = 5 + 0.2 * district + shift - 1.0 * (district < 6 and year == 2022) + rng.normal(0, 2)
                    stratum = f"{district % 4}-{year}"
                    rows.append(
                        (f"D{district}", year, round(y, 6), round(rng.uniform(0.5, 2), 4), stratum, f"{district}-{psu}")
                    )
    return pd.DataFrame(rows, columns=["u", "t", "y", "w", "h", "psu"])


DESIGNED = {"kind": "microdata", "weights": "w", "strata": "h", "psu": "psu"}


def test_microdata_by_its_design_as_the_library_has_it(described: Described) -> None:
    from diff_diff import DifferenceInDifferences, SurveyDesign

    frame = microdata(np.random.default_rng(4))
    treated = {"method": "two-period", "treated": [f"D{d}" for d in range(6)]}
    found = run(described(frame.to_csv(index=False), treated, start="2022", data=DESIGNED))
    theirs_data = frame.assign(
        treated=frame["u"].isin(treated["treated"]).astype(int), post=(frame["t"] >= 2022).astype(int)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = DifferenceInDifferences().fit(
            theirs_data, outcome="y", treatment="treated", post="post", fixed_effects=["t"],
            survey_design=SurveyDesign(weights="w", strata="h", psu="psu", nest=True),
        )  # fmt: skip

    assert found.notes["inference"] == "design"
    assert found.effect.estimate == pytest.approx(theirs.att, rel=1e-8)
    assert found.effect.se == pytest.approx(theirs.se, rel=1e-6)
    assert found.effect.df == 12 * 6 * 3 - 12


def test_a_stratum_with_one_psu_is_refused(described: Described) -> None:
    frame = microdata(np.random.default_rng(4))
    frame.loc[0, "h"] = "alone"
    with pytest.raises(Refused, match="field psu: stratum alone has one PSU"):
        run(
            described(
                frame.to_csv(index=False), {"method": "two-period", "treated": ["D1"]}, start="2022", data=DESIGNED
            )
        )


def test_few_units_without_standard_errors_fail_the_check(described: Described) -> None:
    found = run(described(panel(np.random.default_rng(5), 6, -2.0), treated(6), start="2021"))
    [units] = [check for check in found.checks if check.name == "units"]

    assert units.passed is False and units.figures["treated"] == 3


def test_one_period_before_leaves_the_pretrend_untested(described: Described) -> None:
    found = run(described(FOUR.replace("A,2020,10,0.5\n", "").replace("B,2020,20,0.3\n", ""),
                          {"method": "two-period", "treated": ["A"]}, start="2022", outcome={"se": "s"}))  # fmt: skip
    [pretrend] = [check for check in found.checks if check.name == "pretrend"]

    assert pretrend.passed is None and found.robustness is None


@pytest.mark.parametrize(
    ("text", "given", "message"),
    [
        (
            FOUR,
            {"comparison": {"method": "two-period", "treated": ["Z"]}},
            'p.toml, field comparison.treated: "Z" is not a unit',
        ),
        (
            FOUR,
            {"comparison": {"method": "two-period", "treated": ["A", "B"]}},
            "no untreated unit has a value before 2022",
        ),
        (FOUR, {"start": "2020"}, 'field start: "2020" is not a period of the data with one before it'),
        (FOUR + "A,2022,8,0.5\n", {}, "p.csv: A has 2022 twice (expected one row a unit and period in a panel)"),
        (
            FOUR.replace("A,2021,11", "A,2021,eleven"),
            {},
            'p.csv row 2, field y: "eleven" will not do (expected a number)',
        ),
        (FOUR.replace("11,0.4", "11,0"), {}, 'p.csv row 2, field s: "0" will not do (expected a number above 0)'),
        (FOUR.replace("A,2021", "A,21"), {}, 'p.csv row 2, field t: "21" is not a period'),
        (FOUR.replace("B,2022", "B,2022-01"), {}, "p.csv: holds periods of two kinds"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, given: dict[str, Any], message: str, described: Described) -> None:
    comparison = given.pop("comparison", {"method": "two-period", "treated": ["A"]})
    with pytest.raises(Refused) as refusal:
        run(described(text, comparison, **({"start": "2022", "outcome": {"se": "s"}} | given)))

    assert message in str(refusal.value)


def test_the_detectable_effect_is_found_with_its_power() -> None:
    rng = np.random.default_rng(6)
    se, effect = 0.7, detectable(0.7, level=0.95, power=0.8)
    draws = rng.normal(effect, se, 200_000)

    assert np.mean(np.abs(draws / se) > stats.norm.ppf(0.975)) == pytest.approx(0.8, abs=0.005)
