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


def test_every_line_that_linearisation_and_the_jackknife_cover_is_tested(
    printed: dict[str, tuple[float, float]],
) -> None:
    calibrated = {"clus1_cal_mean", "clus1_cal_tot"}  # calibration is not here yet

    assert {line for line, *_ in LINES} == set(printed) - calibrated


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
