"""The figures of R's survey package (Lumley, 4.1-1) on its own example data, ../shared/data/statistics/api.

Each expected pair is a line of R_survey_reference.txt; the intervals and design effects are its printed digits.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

Estimated = Callable[..., pl.DataFrame]
Compared = Callable[..., pl.DataFrame]

STYPE = {"stype": {"column": "stype"}}
POPULATION = [{"by": "stype", "totals": {"E": 4421, "H": 755, "M": 1018}}]
STRAT = {"strata": "stype", "fpc": "fpc"}
CLUS1 = {"psu": "dnum", "fpc": "fpc"}
ONE_STAGE = {"psu": "dnum"}
TWO_STAGE = {"psu": "dnum", "fpc": ["fpc1", "fpc2"]}

MEAN = {"code": "ACC.MEAN", "kind": "mean", "variable": "api00"}
ENROLLED = {"code": "ACC.MEAN2", "kind": "mean", "variable": "enroll"}
TOTAL = {"code": "ACC.TOTAL", "kind": "total", "variable": "enroll"}
RATIO = {"code": "ACC.RATIO", "kind": "ratio", "numerator": '"api.stu"', "denominator": "enroll"}
SHARE = {"code": "ACC.SHARE", "kind": "proportion", "numerator": "stype = 'E'"}

LINES = [
    ("strat_mean_api00", "apistrat", STRAT, MEAN, "_T"),
    ("strat_tot_enroll", "apistrat", STRAT, TOTAL, "_T"),
    ("strat_ratio", "apistrat", STRAT, RATIO, "_T"),
    ("clus1_mean_api00", "apiclus1", CLUS1, MEAN, "_T"),
    ("clus1_tot_enroll", "apiclus1", CLUS1, TOTAL, "_T"),
    ("clus1_nofpc_mean", "apiclus1", ONE_STAGE, MEAN, "_T"),
    ("clus1_nofpc_mean_E", "apiclus1", ONE_STAGE, MEAN, "E"),
    ("clus1_nofpc_mean_H", "apiclus1", ONE_STAGE, MEAN, "H"),
    ("clus1_nofpc_mean_M", "apiclus1", ONE_STAGE, MEAN, "M"),
    ("clus2_mean_api00", "apiclus2", TWO_STAGE, MEAN, "_T"),
    ("clus2_tot_enroll_narm", "apiclus2", TWO_STAGE, TOTAL, "_T"),
    ("clus2_mean_api00", "apiclus2", TWO_STAGE | {"ssu": "snum"}, MEAN, "_T"),
    ("clus2_tot_enroll_narm", "apiclus2", TWO_STAGE | {"ssu": "snum"}, TOTAL, "_T"),
    ("clus2_wr_mean", "apiclus2", ONE_STAGE, MEAN, "_T"),
    ("clus2_wr_enroll_mean_narm", "apiclus2", ONE_STAGE, ENROLLED, "_T"),
    ("clus2_wr_enroll_tot_narm", "apiclus2", ONE_STAGE, TOTAL, "_T"),
    ("clus1_JK1_mean", "apiclus1", ONE_STAGE | {"variance": "jk1"}, MEAN, "_T"),
    ("strat_JKn_mean", "apistrat", {"strata": "stype", "psu": "snum", "variance": "jkn"}, MEAN, "_T"),
    ("strat_JKn_E", "apistrat", {"strata": "stype", "psu": "snum", "variance": "jkn"}, MEAN, "E"),
    ("strat_JKn_H", "apistrat", {"strata": "stype", "psu": "snum", "variance": "jkn"}, MEAN, "H"),
    ("strat_JKn_M", "apistrat", {"strata": "stype", "psu": "snum", "variance": "jkn"}, MEAN, "M"),
]


@pytest.fixture(scope="session")
def folder(shared: Path) -> Path:
    return shared / "data/statistics/api"


@pytest.fixture(scope="session")
def printed(folder: Path) -> dict[str, tuple[float, float]]:
    lines = (folder / "R_survey_reference.txt").read_text().splitlines()
    rows = [line.split(",") for line in lines if line.count(",") == 2 and line[:4] in {"stra", "clus"}]
    return {name: (float(value), float(se)) for name, value, se in rows}


def run(
    estimated: Estimated, folder: Path, file: str, design: dict[str, Any], *what: dict[str, Any], **given: Any
) -> Any:
    design = {"weights": "pw"} | design
    return estimated(folder / f"{file}.csv", list(what), design=design, missing=["", "NA"], **given)


@pytest.mark.parametrize(("line", "file", "design", "what", "stype"), LINES)
def test_estimate_and_standard_error_equal_r(
    line: str, file: str, design: dict[str, Any], what: dict[str, Any], stype: str,
    estimated: Estimated, folder: Path, printed: dict[str, tuple[float, float]],
) -> None:  # fmt: skip
    domains = {"domains": {"stype": {"column": "stype"}}, "breakdowns": [[], ["stype"]]}
    found = run(estimated, folder, file, design, what, **domains).filter(stype=stype).row(0, named=True)

    assert found["estimate"] == pytest.approx(printed[line][0], rel=1e-8)
    assert found["se"] == pytest.approx(printed[line][1], rel=1e-8)


@pytest.mark.parametrize(("line", "what"), [("clus1_cal_mean", MEAN), ("clus1_cal_tot", TOTAL)])
def test_post_stratification_equals_r(
    line: str, what: dict[str, Any], estimated: Estimated, folder: Path, printed: dict[str, tuple[float, float]]
) -> None:
    found = run(estimated, folder, "apiclus1", CLUS1, what, domains=STYPE, calibration=POPULATION).row(0, named=True)

    assert (found["estimate"], found["se"]) == pytest.approx(printed[line], rel=1e-8)


def test_every_line_is_tested(printed: dict[str, tuple[float, float]]) -> None:
    calibrated = {"clus1_cal_mean", "clus1_cal_tot"}  # the test above

    assert {line for line, *_ in LINES} | calibrated == set(printed)


@pytest.mark.parametrize(
    ("p", "quantile", "low", "high", "se"),
    [(0.25, 552, 491, 628, 31.9379080381), (0.5, 652, 559, 715, 36.3672529485), (0.75, 719, 696, 777, 18.8829967232)],
)
def test_quantiles_and_woodruffs_intervals_equal_svyquantile(
    p: float, quantile: float, low: float, high: float, se: float, estimated: Estimated, folder: Path
) -> None:
    asked = {"code": "ACC.QUANTILE", "kind": "quantile", "variable": "api00", "p": p}
    found = run(estimated, folder, "apiclus1", ONE_STAGE, asked).row(0, named=True)

    assert (found["estimate"], found["ci_low"], found["ci_high"], found["df"]) == (quantile, low, high, 14)
    assert found["se"] == pytest.approx(se, rel=1e-8)


def test_a_median_is_the_quantile_at_one_half(estimated: Estimated, folder: Path) -> None:
    median = {"code": "ACC.MEDIAN", "kind": "median", "variable": "api00"}
    half = {"code": "ACC.QUANTILE", "kind": "quantile", "variable": "api00", "p": 0.5}
    one, other = run(estimated, folder, "apiclus1", ONE_STAGE, median, half).drop("indicator").rows()

    assert one == other


def test_the_difference_of_two_domains_equals_svyttest(compared: Compared, folder: Path) -> None:
    elementary = {"stype": {"column": "stype"}, "e": {"expression": "CASE WHEN stype = 'E' THEN 'E' ELSE 'other' END"}}
    contrast = {"name": "elementary less other", "of": {"e": "E"}, "against": {"e": "other"}, "df_less": 1}
    found = run(compared, folder, "apiclus1", ONE_STAGE, MEAN, domains=elementary, contrast=[contrast])
    row = found.row(0, named=True)

    assert row["estimate"] == pytest.approx(22.047542735, rel=1e-9)
    assert row["statistic"] == pytest.approx(1.601650361, rel=1e-8)
    assert (row["df"], row["p_value"]) == (13, pytest.approx(0.133242679, rel=1e-8))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((-7.6910453131, 51.7861307832), rel=1e-9)


def test_the_association_of_two_domains_equals_svychisq(compared: Compared, folder: Path) -> None:
    domains = STYPE | {"target": {"column": "sch.wide"}}
    asked = {"domains": domains, "association": [{"of": "target", "by": "stype"}]}
    row = run(compared, folder, "apiclus1", ONE_STAGE, MEAN, **asked).row(0, named=True)

    assert row["statistic"] == pytest.approx(5.090462615, rel=1e-8)
    assert (row["df"], row["df2"]) == pytest.approx((1.494639778, 20.924956888), rel=1e-9)
    assert row["p_value"] == pytest.approx(0.0230716168, rel=1e-8)


@pytest.mark.parametrize(
    ("ci", "low", "high", "digits"), [("logit", 66.988443, 87.044, 4e-4), ("beta", 66.741550, 87.887, 4e-4)]
)
def test_intervals_of_a_proportion_equal_svyciprop(
    ci: str, low: float, high: float, digits: float, estimated: Estimated, folder: Path
) -> None:
    found = run(estimated, folder, "apiclus1", ONE_STAGE | {"ci": ci, "df": "domain"}, SHARE).row(0, named=True)

    assert found["ci_low"] == pytest.approx(low, abs=6e-7)
    assert found["ci_high"] == pytest.approx(high, abs=digits)


def test_the_design_effect_is_without_replacement_for_population_weights(estimated: Estimated, folder: Path) -> None:
    found = run(estimated, folder, "apiclus1", ONE_STAGE, SHARE).row(0, named=True)

    assert (found["estimate"], found["se"]) == pytest.approx((78.688524590, 4.680257161), rel=1e-9)
    assert found["deff"] == pytest.approx(2.44969, abs=5e-6)


def test_the_design_effect_of_a_mean_loses_the_sampling_fraction(estimated: Estimated, folder: Path) -> None:
    # R prints 9.2531 for deff = "replace"; without replacement the same variance is set against a smaller one
    population = run(estimated, folder, "apiclus1", ONE_STAGE, MEAN).row(0, named=True)
    normalised = run(estimated, folder, "apiclus1", ONE_STAGE | {"weights_kind": "normalised"}, MEAN).row(0, named=True)

    assert normalised["deff"] == pytest.approx(9.2531, abs=5e-5)
    assert population["deff"] == pytest.approx(normalised["deff"] / (1 - 183 / 6194), rel=1e-8)
