"""The ASEM Sustainable Connectivity index: every step, the published scores and ranks of 51 countries.

Source: Becker, Dominguez-Torreiro, Neves, Tacao Moura and Saisana, Exploring the link between Asia and Europe
connectivity and sustainable development, Research in Globalization 3, 2021, as kept by the R package COINr (MIT). The
files are in ../shared/data/statistics/coinr.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from cop.measurement.composite import steps
from cop.measurement.composite.build import Composite, build
from cop.measurement.composite.description import Index, describe
from cop.measurement.composite.tree import Tree, aggregate
from cop.measurement.composite.uncertainty import ranks_of

TOLERANCE = 1e-9


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data/statistics/coinr"


@pytest.fixture(scope="module")
def index(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The published choices as a description: the raw step's values, denominators from the input data."""
    meta = pl.read_csv(folder / "ASEM_iMeta.csv", null_values="NA")
    order = pl.read_csv(folder / "ASEM_IndMeta.csv", null_values="NA")["IndCode"].to_list()
    known = {row["iCode"]: row for row in meta.iter_rows(named=True)}
    raw, given = (pl.read_csv(folder / f"ASEM_{name}.csv", null_values="NA") for name in ("step_Raw", "iData"))
    divisors = sorted({known[code]["Denominator"] for code in order} - {None})
    path = tmp_path_factory.mktemp("asem") / "asem.toml"
    columns = ["UnitCode", "UnitName", "Group_EurAsia", *order]
    raw.select(columns).with_columns(given[name] for name in divisors).write_csv(
        path.with_suffix(".csv"), null_value="NA"
    )
    indicators: list[dict[str, Any]] = []
    for code in order:
        one = known[code]
        direction = "higher_better" if one["Direction"] > 0 else "lower_better"
        indicators.append({"code": code, "name": one["iName"], "parent": one["Parent"], "direction": direction,
                           "weight": float(one["Weight"])})  # fmt: skip
        if one["Denominator"]:
            indicators[-1]["denominator"] = one["Denominator"]
    nodes: list[dict[str, Any]] = []
    for one in meta.filter(pl.col("Type") == "Aggregate").iter_rows(named=True):
        nodes.append({"code": one["iCode"], "name": one["iName"], "weight": float(one["Weight"])})
        if one["Parent"]:
            nodes[-1]["parent"] = one["Parent"]
    facts: dict[str, Any] = {
        "id": "asem", "title": "ASEM", "period": "2018", "file": "asem.csv", "unit": "UnitCode", "name": "UnitName",
        "missing": {"method": "group_mean", "group": "Group_EurAsia", "minimum_share": 0.5, "texts": ["NA"]},
        "treatment": {"method": "winsorise_log"}, "normalisation": {"method": "minmax"},
        "aggregation": {"method": "arithmetic", "floor": 1.0}, "node": nodes, "indicator": indicators,
        "uncertainty": {"seed": 1, "sample": 256, "weights": 0.25, "normalisations": ["zscore"], "treatments": ["none"],
                        "imputations": ["median"], "aggregations": ["geometric"]},
    }  # fmt: skip
    return describe(facts, path)


@pytest.fixture(scope="module")
def made(index: Index) -> Composite:
    return build(index)


@pytest.fixture(scope="module")
def published(folder: Path, index: Index) -> dict[str, Any]:
    """Each step as (n_indicator, n_unit)."""
    codes = [one.code for one in index.indicator]
    found: dict[str, Any] = {}
    for name in ("Denominated", "Imputed", "Treated", "Normalised", "Aggregated"):
        table = pl.read_csv(folder / f"ASEM_step_{name}.csv", null_values=["NA", ""])
        columns = codes if name != "Aggregated" else [node.code for node in Tree(index).nodes]
        found[name] = table.select(columns).to_numpy().T.astype(float).copy()
    return found


def test_denominators_divide_as_published(made: Composite, published: dict[str, Any]) -> None:
    # the raw step is published to ten digits, so the first step is compared relatively
    np.testing.assert_allclose(made.steps.denominated, published["Denominated"], rtol=TOLERANCE, atol=0)


def test_every_later_step_follows_from_the_one_before(index: Index, made: Composite, published: dict[str, Any]) -> None:
    groups = made.values.groups
    imputed = steps.impute(published["Denominated"], "group_mean", groups, index)
    treated = steps.treat(published["Imputed"], "winsorise_log", index.treatment, index.indicator)
    normalised = steps.normalise(published["Treated"], index.normalisation, index)
    weights = made.tree.weights("given")[:, None]
    scores = aggregate(made.tree, published["Normalised"], weights)[len(made.tree.leaves) :, 0]

    assert np.abs(imputed - published["Imputed"]).max() <= TOLERANCE
    assert np.abs(treated - published["Treated"]).max() <= TOLERANCE
    assert np.abs(normalised - published["Normalised"]).max() <= TOLERANCE
    assert np.abs(scores - published["Aggregated"]).max() <= TOLERANCE
    assert (published["Imputed"] != published["Treated"]).any(axis=1).sum() == 15, "15 indicators were winsorised"


def test_scores_to_two_decimals_and_all_ranks(made: Composite, folder: Path) -> None:
    scores = pl.read_csv(folder / "ASEM_results_score.csv")
    ranks = pl.read_csv(folder / "ASEM_results_rank.csv")
    at = [made.values.units.index(unit) for unit in ranks["UnitCode"]]

    assert len(at) == 51
    for node in made.tree.nodes:
        ours = made.scores[made.tree.at[node.code]][at]
        assert np.round(ours, 2).tolist() == scores[node.code].to_list(), node.code
        # published ranks are those of the rounded scores
        assert ranks_of(np.round(ours, 2)).tolist() == ranks[node.code].to_list(), node.code
    assert made.ranks[-1][at].tolist() == list(range(1, 52))
    assert scores["UnitName"][0] == "Switzerland" and round(made.scores[-1][at[0]], 2) == 68.38


def test_ranks_come_as_intervals_and_both_indices_for_each_factor(made: Composite) -> None:
    found = made.sensitivity

    assert found.runs == 512
    assert found.factors == ("imputation", "treatment", "normalisation", "aggregation", "weights")
    assert (found.low[-1] <= found.median[-1]).all() and (found.median[-1] <= found.high[-1]).all()
    assert (found.low[-1] >= 1).all() and (found.high[-1] <= 51).all()
    assert (found.high[-1] > found.low[-1]).mean() > 0.9
    assert found.decided.total is not None and found.decided.first is not None
    for factor in found.factors:  # a total index holds the first-order one, up to sampling error
        assert found.decided.total[factor] > found.decided.first[factor] - 0.1
    assert found.decided.total["aggregation"] > found.decided.total["imputation"]
