"""R's svrepdesign on NHANES II (BRR and jackknife weights), ../shared/data/statistics/replicates.

Every row of R_reference_replicates.csv: estimate and standard error, about the estimate (mse) and about the mean.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

Estimated = Callable[..., pl.DataFrame]
BRR = {"method": "brr", "weights": "brr_{1-32}"}
JACKKNIFE = {"method": "jkn", "weights": "jkw_{1-62}", "rscales": 0.5}
SETS = {
    "nhanes2brr": ("nhanes2brr_subset.csv", BRR, 31),
    "nhanes2jk(scale=1,rscales=0.5)": ("nhanes2jk_subset.csv", JACKKNIFE, 31),
}
ASKED = {
    "mean_weight": {"code": "ACC.MEAN", "kind": "mean", "variable": "weight"},
    "mean_height": {"code": "ACC.MEAN2", "kind": "mean", "variable": "height"},
    "total_weight": {"code": "ACC.TOTAL", "kind": "total", "variable": "weight"},
    "ratio_weight_height": {"code": "ACC.RATIO", "kind": "ratio", "numerator": "weight", "denominator": "height"},
}


@pytest.fixture(scope="session")
def folder(shared: Path) -> Path:
    return shared / "data/statistics/replicates"


@pytest.mark.parametrize("mse", [True, False])
@pytest.mark.parametrize("name", list(SETS))
def test_every_figure_of_r_is_reproduced(name: str, mse: bool, estimated: Estimated, folder: Path) -> None:
    file, replicates, df = SETS[name]
    reference = pl.read_csv(folder / "R_reference_replicates.csv").filter(set=name, mse=mse)
    design: dict[str, Any] = {"weights": "finalwgt", "replicates": replicates | {"mse": mse}}
    found = estimated(folder / file, [ASKED[stat] for stat in reference["stat"]], design=design)

    assert len(found) == {"nhanes2brr": 4}.get(name, 2)
    assert found["estimate"].to_list() == pytest.approx(reference["est"].to_list(), rel=1e-9)
    assert found["se"].to_list() == pytest.approx(reference["se"].to_list(), rel=1e-8)
    assert set(found["df"]) == {df}


def test_jackknife_weights_in_columns_give_the_figure_of_the_printed_reference(
    estimated: Estimated, folder: Path
) -> None:
    # clus1_JK1_mean of api/R_survey_reference.txt, "JK1 scale 0.933333333333 nrep 15"
    design = {"weights": "pw", "replicates": {"method": "jk1", "weights": "{1-15}"}}
    mean = {"code": "ACC.MEAN", "kind": "mean", "variable": "api00"}
    row = estimated(folder / "apiclus1_jk1.csv", [mean], design=design).row(0, named=True)

    assert (row["estimate"], row["se"]) == pytest.approx((644.1693989, 26.59416136), rel=1e-9)
    assert row["df"] == 14
