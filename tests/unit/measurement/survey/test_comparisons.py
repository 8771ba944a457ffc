"""Calibration and comparisons against the same figures computed row by row, and the traps of both."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from cop.kernel.errors import Refused
from cop.measurement.catalogue import Catalogue
from cop.measurement.survey.compare import changes
from cop.measurement.survey.cube import Cube
from cop.measurement.survey.linear import difference
from cop.measurement.survey.trend import trend

Estimated = Callable[..., pl.DataFrame]
Counted = Callable[..., Cube]
Floats = npt.NDArray[np.float64]

MEAN = {"code": "ACC.MEAN", "kind": "mean", "variable": "y"}
SECOND = {"code": "ACC.MEAN2", "kind": "mean", "variable": "v"}
SHARE = {"code": "ACC.SHARE", "kind": "proportion", "numerator": "y > 4"}
TOTAL = {"code": "ACC.TOTAL", "kind": "total", "variable": "y"}
DOMAINS: dict[str, Any] = {"g": {"column": "g"}, "k": {"column": "k"}}
DESIGNS: dict[str, dict[str, str]] = {"clusters": {"strata": "h", "psu": "psu"}, "rows": {"strata": "h"}}
MARGINS = [{"by": "g", "totals": {"1": 400, "2": 600}}, {"by": "k", "totals": {"1": 300, "2": 500, "3": 200}}]


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    random = np.random.default_rng(11)
    n = 160
    y = random.normal(5, 2, n)
    y[random.random(n) < 0.1] = np.nan
    return pl.DataFrame(
        {
            "h": random.integers(1, 5, n), "psu": random.integers(1, 5, n), "w": random.uniform(1, 9, n), "y": y,
            "v": random.normal(3, 1, n) + random.integers(0, 2, n), "g": random.integers(1, 3, n),
            "k": random.integers(1, 4, n),
        }
    )  # fmt: skip


@pytest.fixture
def file(frame: pl.DataFrame, tmp_path: Path) -> Path:
    frame.write_parquet(tmp_path / "survey.parquet")
    return tmp_path / "survey.parquet"


def array(frame: pl.DataFrame, name: str) -> Floats:
    return frame[name].cast(pl.Float64).to_numpy()


def by(frame: pl.DataFrame, design: str) -> tuple[Floats, Floats | None]:
    return array(frame, "h"), array(frame, "psu") if design == "clusters" else None


# --- the plain computation that the grouped one must equal


def variance(z: Floats, strata: Floats, psus: Floats | None, fraction: float = 0.0) -> float:
    """The variance of the total of z: Särndal et al., formula 4.3.6 in each stratum; rows are PSUs where none is given."""
    found = 0.0
    units = psus if psus is not None else np.arange(len(z), dtype=np.float64)
    for h in np.unique(strata):
        inside = strata == h
        totals = np.array([z[inside & (units == u)].sum() for u in np.unique(units[inside])])
        n = len(totals)
        found += (1 - fraction) * n / (n - 1) * float(((totals - totals.mean()) ** 2).sum())
    return found


def mean(w: Floats, y: Floats, member: Floats) -> tuple[float, Floats]:
    """The mean of y over a domain and its linearised variable, weighted, (n_row,); missing answers are nan."""
    valid = (member > 0) & ~np.isnan(y)
    size = float(w[valid].sum())
    value = float((w[valid] * y[valid]).sum()) / size
    return value, np.where(valid, w * (np.nan_to_num(y) - value), 0.0) / size


def raked(w: Floats, margins: list[tuple[Floats, dict[float, float]]], rounds: int = 400) -> Floats:
    """Weights by iterative proportional fitting, row by row."""
    g = w.copy()
    for _ in range(rounds):
        for codes, totals in margins:
            for code, total in totals.items():
                g[codes == code] *= total / g[codes == code].sum()
    return g


def residual(z: Floats, w: Floats, g: Floats, margins: list[tuple[Floats, dict[float, float]]]) -> Floats:
    """The linearised variable z (weighted by g) less its regression on the margins by the weights w, weighted by g."""
    x = np.column_stack([(codes == code) * 1.0 for codes, totals in margins for code in totals])
    root = np.sqrt(w)
    fitted = x @ np.linalg.lstsq(x * root[:, None], z / g * root, rcond=None)[0]
    return z - g * fitted


# --- contrasts


@pytest.mark.parametrize("design", list(DESIGNS))
@pytest.mark.parametrize(
    ("of", "against"),
    [({"g": "1"}, {"g": "2"}), ({"g": "1"}, {}), ({"g": "1"}, {"k": "3"}), ({"g": "1", "k": "2"}, {"k": "2"})],
)
def test_a_contrast_has_the_variance_of_the_difference_of_its_rows(
    design: str, of: dict[str, str], against: dict[str, str], frame: pl.DataFrame, file: Path, compared: Estimated
) -> None:
    asked = {"name": "c", "of": of, "against": against}
    found = compared(file, [MEAN], design=DESIGNS[design], domains=DOMAINS, contrast=[asked]).row(0, named=True)
    w, y = array(frame, "w"), array(frame, "y")
    sides = [
        np.prod([array(frame, n) == int(c) for n, c in side.items()] or [np.ones(len(w))], axis=0)
        for side in (of, against)
    ]
    (one, z1), (two, z2) = (mean(w, y, side) for side in sides)

    assert found["estimate"] == pytest.approx(one - two, rel=1e-12)
    assert found["se"] == pytest.approx(math.sqrt(variance(z1 - z2, *by(frame, design))), rel=1e-10)
    assert found["statistic"] == pytest.approx(found["estimate"] / found["se"], rel=1e-12)


@pytest.mark.parametrize("design", list(DESIGNS))
def test_two_indicators_are_compared_with_their_covariance(
    design: str, frame: pl.DataFrame, file: Path, compared: Estimated
) -> None:
    asked = {"name": "c", "indicators": ["ACC.MEAN2"], "other": "ACC.MEAN", "of": {"g": "2"}}
    found = compared(file, [MEAN, SECOND], design=DESIGNS[design], domains=DOMAINS, contrast=[asked]).row(0, named=True)
    w = array(frame, "w")
    one, z1 = mean(w, array(frame, "v"), (array(frame, "g") == 2) * 1.0)
    two, z2 = mean(w, array(frame, "y"), np.ones(len(w)))

    assert found["estimate"] == pytest.approx(one - two, rel=1e-12)
    assert found["se"] == pytest.approx(math.sqrt(variance(z1 - z2, *by(frame, design))), rel=1e-10)


def test_a_ratio_of_domains_is_linearised_and_tested_on_its_logarithm(
    frame: pl.DataFrame, file: Path, compared: Estimated
) -> None:
    asked = {"name": "r", "kind": "ratio", "of": {"g": "1"}, "against": {"g": "2"}}
    found = compared(file, [MEAN], design=DESIGNS["clusters"], domains=DOMAINS, contrast=[asked]).row(0, named=True)
    w, y, g = (array(frame, name) for name in ("w", "y", "g"))
    (one, z1), (two, z2) = (mean(w, y, (g == code) * 1.0) for code in (1, 2))
    se = math.sqrt(variance(z1 / two - z2 * one / two**2, *by(frame, "clusters")))

    assert (found["estimate"], found["se"]) == pytest.approx((one / two, se), rel=1e-10)
    assert found["ci_low"] * found["ci_high"] == pytest.approx((one / two) ** 2, rel=1e-12)
    assert found["statistic"] == pytest.approx(math.log(one / two) / (se * two / one), rel=1e-10)


def test_the_whole_covariance_holds_over_domains_and_indicators(
    frame: pl.DataFrame, file: Path, counted: Counted
) -> None:
    cube = counted(file, [MEAN, SECOND], design=DESIGNS["clusters"], domains=DOMAINS, breakdowns=[["g"], ["k"]])
    figures, z = [], []
    for place, name in enumerate(("y", "v")):
        for names in ("g", "k"):
            part = cube.required((names,))
            for number, cell in enumerate(cube.parts[part].cells):
                figures.append(cube.figure(place, part, number))
                member = (array(frame, names) == int(cell.codes[names])) * 1.0
                z.append(mean(array(frame, "w"), array(frame, name), member)[1])
    covariance = cube.covariance([figure for figure in figures if figure is not None])

    assert covariance.shape == (10, 10)
    for i in range(10):
        for j in range(10):
            both = variance(z[i] + z[j], *by(frame, "clusters"))
            apart = variance(z[i] - z[j], *by(frame, "clusters"))
            assert covariance[i, j] == pytest.approx((both - apart) / 4, rel=1e-9, abs=1e-14)


def test_an_empty_domain_has_a_reason_and_no_number(frame: pl.DataFrame, tmp_path: Path, compared: Estimated) -> None:
    frame.filter(pl.col("k") != 3).write_parquet(tmp_path / "f.parquet")
    domains = {"k": {"column": "k", "labels": {"1": "A", "2": "B", "3": "C"}}}
    asked = {"name": "c", "of": {"k": "C"}, "against": {"k": "A"}}
    found = compared(tmp_path / "f.parquet", [MEAN], design=DESIGNS["clusters"], domains=domains, contrast=[asked])

    assert found.select("estimate", "se", "p_value", "reason").rows() == [
        (None, None, None, "no valid answers in one of the domains")
    ]


def test_a_code_that_a_domain_has_not_is_refused(file: Path, compared: Estimated) -> None:
    asked = {"name": "c", "of": {"k": "9"}, "against": {"k": "1"}}
    with pytest.raises(Refused, match=r'"9" is no code of k \(expected one of 1, 2, 3\)'):
        compared(file, [MEAN], domains=DOMAINS, contrast=[asked])


def test_a_domain_whose_answers_are_all_missing_has_no_estimate(
    frame: pl.DataFrame, tmp_path: Path, estimated: Estimated
) -> None:
    hollow = frame.with_columns(pl.when(pl.col("k") == 2).then(None).otherwise("y").alias("y"))
    hollow.write_parquet(tmp_path / "f.parquet")
    found = estimated(tmp_path / "f.parquet", [MEAN], design=DESIGNS["clusters"], domains=DOMAINS, breakdowns=[["k"]])
    row = found.row(1, named=True)

    assert (row["k"], row["n"], row["estimate"], row["se"], row["ci_low"]) == ("2", 0, None, None, None)
    assert (row["flag"], row["flag_reason"]) == ("not published", "no valid answers")


@pytest.mark.parametrize("design", list(DESIGNS))
def test_an_indicator_and_a_domain_are_tested_as_their_table_is(
    design: str, frame: pl.DataFrame, file: Path, compared: Estimated
) -> None:
    high = {"expression": "CASE WHEN y > 4 THEN 1 WHEN y <= 4 THEN 0 END"}
    given = {"design": DESIGNS[design], "domains": DOMAINS | {"high": high}}
    asked = [{"of": "ACC.SHARE", "by": "k"}, {"of": "high", "by": "k"}]
    one, two = compared(file, [SHARE], association=asked, **given).iter_rows(named=True)

    assert one["df"] > 1
    for name in ("statistic", "df", "df2", "p_value"):
        assert one[name] == pytest.approx(two[name], rel=1e-9)


# --- calibration


@pytest.mark.parametrize("design", list(DESIGNS))
@pytest.mark.parametrize("margins", [1, 2])
def test_calibrated_figures_equal_those_computed_row_by_row(
    design: str, margins: int, frame: pl.DataFrame, file: Path, estimated: Estimated
) -> None:
    asked = MARGINS[:margins]
    found = estimated(
        file, [MEAN, TOTAL], design=DESIGNS[design], domains=DOMAINS, breakdowns=[[], ["k"]], calibration=asked
    )
    w, y = array(frame, "w"), array(frame, "y")
    known = [(array(frame, str(m["by"])), {float(c): float(t) for c, t in dict(m["totals"]).items()}) for m in asked]  # type: ignore[call-overload]
    g = raked(w, known)
    for row in found.iter_rows(named=True):
        member = np.ones(len(w)) if row["k"] == "_T" else (array(frame, "k") == int(row["k"])) * 1.0
        value, z = mean(g, y, member)
        if row["indicator"] == "ACC.TOTAL":
            z = np.where((member > 0) & ~np.isnan(y), g * np.nan_to_num(y), 0.0)
            value = float(z.sum())
        expected = math.sqrt(variance(residual(z, w, g, known), *by(frame, design)))
        assert (row["estimate"], row["se"]) == pytest.approx((value, expected), rel=1e-8)


def test_calibrated_weights_may_come_normalised(file: Path, estimated: Estimated) -> None:
    population = estimated(file, [TOTAL], domains=DOMAINS, calibration=MARGINS)
    normalised = estimated(file, [TOTAL], domains=DOMAINS, calibration=MARGINS, design={"weights_kind": "normalised"})

    assert population.equals(normalised)


def test_the_jackknife_calibrates_each_replicate_by_itself(
    frame: pl.DataFrame, file: Path, estimated: Estimated
) -> None:
    design = DESIGNS["clusters"] | {"variance": "jkn"}
    found = estimated(file, [MEAN], design=design, domains=DOMAINS, calibration=MARGINS[:1]).row(0, named=True)
    w, y, h, psu = (array(frame, name) for name in ("w", "y", "h", "psu"))
    known = [(array(frame, "g"), {1.0: 400.0, 2.0: 600.0})]
    values, factors = [], []
    for stratum in np.unique(h):
        own = np.unique(psu[h == stratum])
        for unit in own:
            left = np.where(
                (h == stratum) & (psu == unit), 0.0, np.where(h == stratum, w * len(own) / (len(own) - 1), w)
            )
            values.append(mean(raked(left, known, 1), y, np.ones(len(w)))[0])
            factors.append((len(own) - 1) / len(own))
    apart = np.array(values) - np.mean(values)

    assert found["se"] == pytest.approx(math.sqrt(float((np.array(factors) * apart**2).sum())), rel=1e-9)


@pytest.mark.parametrize(
    ("calibration", "message"),
    [
        ([{"by": "g", "totals": {"1": 400}}], 'calibration[0].totals: "2" is in the data and has no population'),
        ([{"by": "g", "totals": {"1": 4, "2": 6, "3": 1}}], '"3" has a population and no rows'),
        ([MARGINS[0], {"by": "k", "totals": {"1": 1, "2": 2, "3": 3}}], "adds up to 6, and calibration[0] to 1,000"),
    ],
)
def test_margins_that_do_not_fit_are_refused(
    calibration: list[dict[str, Any]], message: str, file: Path, estimated: Estimated
) -> None:
    with pytest.raises(Refused) as refusal:
        estimated(file, [MEAN], domains=DOMAINS, calibration=calibration)

    assert message in str(refusal.value)


def test_a_row_without_a_code_to_calibrate_by_is_refused(
    frame: pl.DataFrame, tmp_path: Path, estimated: Estimated
) -> None:
    holes = frame.with_row_index().with_columns(pl.when(pl.col("index") == 6).then(None).otherwise("g").alias("g"))
    holes.write_parquet(tmp_path / "f.parquet")
    with pytest.raises(Refused, match=r"f\.parquet row 7, field g: \"\" is missing or has no code"):
        estimated(tmp_path / "f.parquet", [MEAN], domains=DOMAINS, calibration=MARGINS)


def test_raking_to_impossible_margins_is_refused(tmp_path: Path, estimated: Estimated) -> None:
    # the two codes are the same rows, and the populations differ
    pl.DataFrame({"w": [1.0, 2.0, 3.0, 4.0], "y": [1, 2, 3, 4], "g": [1, 1, 2, 2], "k": [1, 1, 2, 2]}).write_parquet(
        tmp_path / "f.parquet"
    )
    margins = [{"by": "g", "totals": {"1": 4, "2": 6}}, {"by": "k", "totals": {"1": 6, "2": 4}}]
    with pytest.raises(Refused, match="raking does not come to rest"):
        estimated(tmp_path / "f.parquet", [MEAN], domains=DOMAINS, calibration=margins)


# --- changes


def test_a_change_adds_the_variances_and_degrees_of_freedom(
    frame: pl.DataFrame, file: Path, counted: Counted, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    later = frame.with_columns(y=pl.col("y") + 1, renumbered=pl.col("y") + 1).drop("y")
    later.write_parquet(tmp_path / "later.parquet")
    given: dict[str, Any] = {"design": DESIGNS["clusters"], "domains": DOMAINS, "breakdowns": [[], ["g"]]}
    before = counted(file, [SHARE, TOTAL], **given)
    after = counted(tmp_path / "later.parquet", [SHARE | {"numerator": "renumbered > 4"}], **given)
    found = changes(after, before, units=small_catalogue)
    one, two = after.figure(0, 0, 0), before.figure(0, 0, 0)
    assert one is not None
    assert two is not None

    assert [(r["indicator"], r["domain"]) for r in found] == [("ACC.SHARE", d) for d in ("_T", "g=1", "g=2")]
    assert found[0]["estimate"] == pytest.approx(100 * (one.value - two.value), rel=1e-12)
    assert found[0]["se"] == pytest.approx(100 * math.sqrt(after.variance(one) + before.variance(two)), rel=1e-12)
    assert found[0]["df"] == after.frame.df + before.frame.df
    assert difference(one, two).value > 0


# --- trends


def test_a_trend_along_two_waves_is_the_change_of_the_log_odds(file: Path, counted: Counted, tmp_path: Path) -> None:
    # without adjustment two waves are fitted exactly: the polynomial of two points is -1, 1 over the root of 2
    pl.read_parquet(file).with_columns(pl.col("y") + 1).write_parquet(tmp_path / "later.parquet")
    before, after = (counted(f, [SHARE], design=DESIGNS["clusters"]) for f in (file, tmp_path / "later.parquet"))
    one, two = before.figure(0, 0, 0), after.figure(0, 0, 0)
    assert one is not None
    assert two is not None
    fitted = trend([before, after], "ACC.SHARE")
    odds = [math.log(f.value / (1 - f.value)) for f in (one, two)]
    variance = sum(c.variance(f) / (f.value * (1 - f.value)) ** 2 for c, f in ((before, one), (after, two)))

    assert fitted.coefficients == pytest.approx([(odds[1] - odds[0]) / math.sqrt(2)], rel=1e-9)
    assert fitted.errors == pytest.approx([math.sqrt(variance / 2)], rel=1e-9)
    assert fitted.df == before.frame.df + after.frame.df - 1


def test_a_trend_needs_its_breakdown_linearised_variances_and_both_answers(file: Path, counted: Counted) -> None:
    cube = counted(file, [SHARE], design=DESIGNS["clusters"], domains=DOMAINS)
    jackknife = counted(file, [SHARE], design={"psu": "psu", "variance": "jk1"})
    certain = counted(file, [SHARE | {"numerator": "y > -99"}], design=DESIGNS["clusters"])
    with pytest.raises(Refused, match="has no breakdown by g"):
        trend([cube, cube], "ACC.SHARE", adjust=["g"])
    with pytest.raises(Refused, match="a trend needs linearised variances"):
        trend([jackknife, jackknife], "ACC.SHARE")
    with pytest.raises(Refused, match="the trend's fit does not come to rest"):
        trend([certain, cube], "ACC.SHARE")
