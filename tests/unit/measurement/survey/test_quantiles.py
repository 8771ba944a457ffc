"""Quantiles in domains, with calibration and with replicates, against a plain computation over the rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from cop.measurement.survey import intervals

Estimated = Callable[..., pl.DataFrame]
Floats = npt.NDArray[np.float64]
DOMAINS: dict[str, Any] = {
    "t": {"column": "t", "labels": {"a'b": "A", "c": "C", "d": "C"}},
    "k": {"expression": "CASE WHEN k > 0.5 THEN k ELSE NULL END"},
}


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    random = np.random.default_rng(8)
    n = 300
    y = np.round(random.normal(5, 2, n), 1)
    y[random.random(n) < 0.1] = np.nan
    return pl.DataFrame(
        {
            "h": random.integers(1, 4, n), "psu": random.integers(1, 6, n), "w": random.uniform(1, 9, n), "y": y,
            "t": random.choice(["a'b", "c", "d"], n), "k": random.choice([0.1, 0.7, 1.25], n),
            **{f"b{r}": random.uniform(0, 9, n) for r in range(12)},
        }
    )  # fmt: skip


def quantile(y: Floats, w: Floats, share: float) -> float:
    order = np.argsort(y)
    below = np.cumsum(w[order]) / w.sum()
    return float(y[order][np.searchsorted(below, share - 1e-12)])


@pytest.mark.parametrize("p", [0.2, 0.5, 0.75])
def test_a_quantile_in_every_domain_is_the_one_of_its_rows(
    p: float, frame: pl.DataFrame, estimated: Estimated, tmp_path: Path
) -> None:
    frame.write_parquet(tmp_path / "f.parquet")
    asked = {"code": "ACC.QUANTILE", "kind": "quantile", "variable": "y", "p": p, "where": "h <> 2"}
    found = estimated(
        tmp_path / "f.parquet", [asked], design={"strata": "h", "psu": "psu"}, domains=DOMAINS,
        breakdowns=[[], ["t"], ["k", "t"]],
    )  # fmt: skip
    w, y, h, psu = (frame[name].cast(pl.Float64).to_numpy() for name in ("w", "y", "h", "psu"))
    texts = frame["t"].replace({"a'b": "A", "c": "C", "d": "C"}).to_numpy()

    assert [(row["k"], row["t"]) for row in found.to_dicts()] == [
        ("_T", "_T"), ("_T", "A"), ("_T", "C"), ("0.7", "A"), ("0.7", "C"), ("1.25", "A"), ("1.25", "C"),
    ]  # fmt: skip
    for row in found.to_dicts():
        valid = ~np.isnan(y) & (h != 2)
        valid &= np.ones(len(y), bool) if row["t"] == "_T" else texts == row["t"]
        valid &= np.ones(len(y), bool) if row["k"] == "_T" else frame["k"].to_numpy() == float(row["k"])
        cut = quantile(y[valid], w[valid], p)
        share = float(w[valid & (y <= cut)].sum() / w[valid].sum())
        z = np.where(valid, w * ((y <= cut) - share), 0.0) / w[valid].sum()
        variance = 0.0
        for stratum in np.unique(h):
            totals = np.array([z[(h == stratum) & (psu == u)].sum() for u in np.unique(psu[h == stratum])])
            variance += len(totals) / (len(totals) - 1) * float(((totals - totals.mean()) ** 2).sum())
        student = intervals.quantile(0.95, 12)
        low, high = (quantile(y[valid], w[valid], share + sign * student * math.sqrt(variance)) for sign in (-1, 1))
        assert (row["n"], row["df"], row["estimate"]) == (int(valid.sum()), 12, cut)
        assert (row["ci_low"], row["ci_high"]) == (low, high)
        assert row["se"] == pytest.approx((high - low) / 2 / student, rel=1e-12)


def test_a_calibrated_median_is_that_of_the_calibrated_weights(
    frame: pl.DataFrame, estimated: Estimated, tmp_path: Path
) -> None:
    frame.write_parquet(tmp_path / "f.parquet")
    asked = {"code": "ACC.MEDIAN", "kind": "median", "variable": "y"}
    totals = {"A": 9000.0, "C": 300.0}
    [row] = estimated(
        tmp_path / "f.parquet", [asked], design={"strata": "h", "psu": "psu"}, domains=DOMAINS,
        calibration=[{"by": "t", "totals": totals}],
    ).to_dicts()  # fmt: skip
    code = frame["t"].replace({"a'b": "A", "c": "C", "d": "C"}).to_numpy()
    w, y = frame["w"].to_numpy().copy(), frame["y"].to_numpy()
    for one, total in totals.items():
        w[code == one] *= total / w[code == one].sum()
    valid = ~np.isnan(y)

    assert row["estimate"] == quantile(y[valid], w[valid], 0.5)
    assert row["ci_low"] <= row["estimate"] <= row["ci_high"]


def test_a_median_with_replicates_takes_the_shares_error_from_them(
    frame: pl.DataFrame, estimated: Estimated, tmp_path: Path
) -> None:
    frame.write_parquet(tmp_path / "f.parquet")
    asked = {"code": "ACC.MEDIAN", "kind": "median", "variable": "y"}
    design = {"replicates": {"method": "bootstrap", "weights": "b{0-11}"}}
    [row] = estimated(tmp_path / "f.parquet", [asked], design=design).to_dicts()
    w, y = frame["w"].to_numpy(), frame["y"].to_numpy()
    valid = ~np.isnan(y)
    cut = quantile(y[valid], w[valid], 0.5)
    share, *others = (
        float(np.average(y[valid] <= cut, weights=frame[n].to_numpy()[valid]))
        for n in ("w", *(f"b{r}" for r in range(12)))
    )
    half = intervals.quantile(0.95, 11) * float(np.std(others, ddof=1))

    assert (row["estimate"], row["df"]) == (cut, 11)
    assert (row["ci_low"], row["ci_high"]) == tuple(quantile(y[valid], w[valid], share + s * half) for s in (-1, 1))


def test_a_limit_outside_the_distribution_is_empty(estimated: Estimated, tmp_path: Path) -> None:
    pl.DataFrame({"w": [1.0] * 6, "y": [1, 2, 3, 4, 5, 6]}).write_parquet(tmp_path / "f.parquet")
    asked = {"code": "ACC.QUANTILE", "kind": "quantile", "variable": "y", "p": 0.1}
    [row] = estimated(tmp_path / "f.parquet", [asked]).to_dicts()

    assert (row["estimate"], row["ci_low"], row["se"], row["flag"]) == (1, None, None, "not published")
    assert row["ci_high"] > 1
