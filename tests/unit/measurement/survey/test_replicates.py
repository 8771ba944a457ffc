"""Replicate weights in columns: each method's formula on a design worked out by hand, and designs that are refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from cop.kernel.errors import Refused
from cop.measurement.survey.design import Design, Replicates

Estimated = Callable[..., pl.DataFrame]
MEAN = {"code": "ACC.MEAN", "kind": "mean", "variable": "y"}
SHARE = {"code": "ACC.SHARE", "kind": "proportion", "numerator": "y > 4"}
FRAME = pl.DataFrame(
    {
        "y": [3.0, 5.0, 4.0, 10.0, 8.0, 1.0], "g": ["a", "a", "b", "b", "a", "b"], "w": [2.0, 2.0, 2.0, 3.0, 3.0, 3.0],
        "r1": [4.0, 0.0, 2.0, 3.0, 6.0, 0.0], "r2": [0.0, 4.0, 2.0, 3.0, 0.0, 6.0],
        "r3": [2.0, 2.0, 2.0, 4.0, 3.0, 2.0], "r4": [2.0, 2.0, 2.0, 2.0, 3.0, 4.0],
    }
)  # fmt: skip
COLUMNS = ["r1", "r2", "r3", "r4"]


def means(frame: pl.DataFrame = FRAME) -> tuple[float, list[float]]:
    y = frame["y"].to_numpy()
    one, *others = (float(np.average(y, weights=frame[name].to_numpy())) for name in ("w", *COLUMNS))
    return one, others


def written(folder: Path, frame: pl.DataFrame = FRAME) -> Path:
    frame.write_parquet(folder / "survey.parquet")
    return folder / "survey.parquet"


@pytest.mark.parametrize(
    ("given", "factors", "df"),
    [
        ({"method": "brr"}, [0.25] * 4, 3),
        ({"method": "brr", "mse": True}, [0.25] * 4, 3),
        ({"method": "fay", "rho": 0.3}, [1 / (4 * 0.49)] * 4, 3),
        ({"method": "fay", "rho": 0.3, "mse": True}, [1 / (4 * 0.49)] * 4, 3),
        ({"method": "jk1"}, [0.75] * 4, 3),
        ({"method": "jkn", "rscales": [0.5, 0.5, 0.5, 0.5]}, [0.5] * 4, 2),
        ({"method": "bootstrap"}, [1 / 3] * 4, 3),
        ({"method": "bootstrap", "mse": True}, [0.25] * 4, 3),
        ({"method": "bootstrap", "scale": 0.0065365334, "mse": True}, [0.0065365334] * 4, 3),
        ({"method": "sdr", "mse": True}, [1.0] * 4, 3),
        ({"method": "custom", "scale": 2.0, "rscales": [0.1, 0.2, 0.0, 0.3], "df": 17}, [0.2, 0.4, 0.0, 0.6], 17),
    ],
)
def test_each_method_scales_the_squares_as_it_says(
    given: dict[str, Any], factors: list[float], df: int, estimated: Estimated, tmp_path: Path
) -> None:
    design = {"replicates": {"weights": COLUMNS} | given}
    row = estimated(written(tmp_path), [MEAN], design=design).row(0, named=True)
    estimate, others = means()
    counted = [value for value, factor in zip(others, factors, strict=True) if factor > 0]
    centre = estimate if given.get("mse") else sum(counted) / len(counted)
    variance = sum(f * (value - centre) ** 2 for f, value in zip(factors, others, strict=True))

    assert row["estimate"] == pytest.approx(estimate, rel=1e-12)
    assert row["se"] == pytest.approx(math.sqrt(variance), rel=1e-10)
    assert row["df"] == df


def test_a_domain_and_a_contrast_take_their_own_replicates(
    estimated: Estimated, compared: Estimated, tmp_path: Path
) -> None:
    given: dict[str, Any] = {
        "design": {"replicates": {"weights": COLUMNS, "method": "brr"}}, "domains": {"g": {"column": "g"}},
        "breakdowns": [["g"]], "contrast": [{"name": "c", "of": {"g": "a"}, "against": {"g": "b"}}],
    }  # fmt: skip
    (one, a), (two, b) = (means(FRAME.filter(g=code)) for code in ("a", "b"))
    apart = np.array(a) - np.array(b)
    found = compared(written(tmp_path), [MEAN], **given).row(0, named=True)
    rows = estimated(written(tmp_path), [MEAN], **given)["se"].to_list()

    assert rows == pytest.approx([float(np.std(a)), float(np.std(b))], rel=1e-10)
    assert (found["estimate"], found["se"]) == pytest.approx((one - two, float(np.std(apart))), rel=1e-10)


def test_jackknife_weights_made_by_hand_give_the_built_in_jackknife(estimated: Estimated, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    frame = pl.DataFrame({"h": random.integers(1, 4, 60), "psu": random.integers(1, 4, 60), "w": random.uniform(1, 9, 60),
                          "y": random.normal(5, 2, 60)})  # fmt: skip
    columns, scales = {}, []
    for h, psu in frame.select("h", "psu").unique().sort("h", "psu").rows():
        n = frame.filter(h=h)["psu"].n_unique()
        left = pl.when((pl.col("h") == h) & (pl.col("psu") == psu)).then(0.0)
        columns[f"j{len(scales)}"] = left.when(pl.col("h") == h).then(pl.col("w") * n / (n - 1)).otherwise(pl.col("w"))
        scales.append((n - 1) / n)
    file = written(tmp_path, frame.with_columns(**columns))
    replicates = {"method": "jkn", "weights": f"j{{0-{len(scales) - 1}}}", "rscales": scales}
    given = estimated(file, [MEAN, SHARE], design={"replicates": replicates})
    made = estimated(file, [MEAN, SHARE], design={"strata": "h", "psu": "psu", "variance": "jkn"})

    for name in ("estimate", "se", "df", "ci_low", "deff"):
        assert given[name].to_list() == pytest.approx(made[name].to_list(), rel=1e-10)


def test_a_calibrated_replicate_is_calibrated_by_itself(estimated: Estimated, tmp_path: Path) -> None:
    totals = {"a": 30.0, "b": 20.0}
    by_code = FRAME.with_columns(
        **{name: pl.when(g="a").then(pl.col(name) * 30 / FRAME.filter(g="a")[name].sum())
           .otherwise(pl.col(name) * 20 / FRAME.filter(g="b")[name].sum()) for name in ("w", *COLUMNS)}
    )  # fmt: skip
    estimate, others = means(by_code)
    row = estimated(
        written(tmp_path), [MEAN], design={"replicates": {"weights": COLUMNS, "method": "brr"}},
        domains={"g": {"column": "g"}}, calibration=[{"by": "g", "totals": totals}],
    ).row(0, named=True)  # fmt: skip

    assert (row["estimate"], row["se"]) == pytest.approx((estimate, float(np.std(others))), rel=1e-10)


# --- what is refused


def test_a_replicate_design_run_as_a_plain_one_is_refused(estimated: Estimated, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        estimated(written(tmp_path), [MEAN])

    assert str(refusal.value) == (
        "survey.toml, field design: has no strata, PSUs or replicates, and r1 to r4 are replicate weights (expected "
        "[design.replicates], or ignore_replicates = true)"
    )


def test_a_plain_design_may_be_stated_over_replicate_weights(estimated: Estimated, tmp_path: Path) -> None:
    row = estimated(written(tmp_path), [MEAN], design={"ignore_replicates": True}).row(0, named=True)
    w, y = FRAME["w"].to_numpy(), FRAME["y"].to_numpy()
    z = w * (y - np.average(y, weights=w)) / w.sum()

    assert row["se"] == pytest.approx(math.sqrt(6 / 5 * float((z**2).sum())), rel=1e-12)


def test_numbered_answers_are_no_replicate_weights(estimated: Estimated, tmp_path: Path) -> None:
    answers = FRAME.rename({"r1": "q1", "r2": "q2", "r3": "q3"}).drop("r4")
    answers = answers.with_columns(q1=pl.lit(1), q2=pl.lit(2), q3=pl.lit(1), q4=pl.lit(2), q5=pl.lit(30))

    assert estimated(written(tmp_path, answers), [MEAN]).row(0, named=True)["n"] == 6


def test_normalised_weights_that_call_themselves_a_population_give_no_totals(
    estimated: Estimated, tmp_path: Path
) -> None:
    total = {"code": "ACC.TOTAL", "kind": "total", "variable": "y"}
    normalised = FRAME.select("y", w=pl.col("w") / pl.col("w").mean())
    with pytest.raises(Refused) as refusal:
        estimated(written(tmp_path, normalised), [MEAN, total])

    assert str(refusal.value) == (
        "survey.toml, field design.weights_kind: the weights of 6 rows add up to 6: they are normalised, and give no "
        "totals (expected weights that add up to the population)"
    )


def test_a_census_has_totals(estimated: Estimated, tmp_path: Path) -> None:
    total = {"code": "ACC.TOTAL", "kind": "total", "variable": "y"}
    row = estimated(written(tmp_path, FRAME.select("y", w=pl.lit(1.0))), [total]).row(0, named=True)

    assert row["estimate"] == 31


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_a_replicate_weight_that_is_none_is_refused_with_its_row(
    value: float | None, estimated: Estimated, tmp_path: Path
) -> None:
    frame = FRAME.with_columns(r3=pl.Series([2.0, 2.0, value, 4.0, 3.0, 2.0]))
    with pytest.raises(
        Refused, match=r"survey\.parquet row 3, field r1 to r4: a replicate weight is missing or not finite"
    ):
        estimated(written(tmp_path, frame), [MEAN], design={"replicates": {"weights": COLUMNS, "method": "brr"}})


def test_a_replicate_column_that_is_not_there_is_refused(estimated: Estimated, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r'field design\.replicates\.weights: "r5" is not a column of the table'):
        estimated(written(tmp_path), [MEAN], design={"replicates": {"weights": "r{1-5}", "method": "brr"}})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"method": "fay"}, "rho goes with fay, and fay needs it"),
        ({"method": "brr", "rho": 0.5}, "rho goes with fay, and fay needs it"),
        ({"method": "jkn"}, "jkn takes rscales"),
        ({"method": "custom", "scale": 1.0}, "custom takes rscales and scale"),
        ({"method": "sdr", "scale": 1.0}, "sdr takes neither scale nor rscales"),
        ({"method": "jkn", "rscales": [0.5, 0.5]}, "rscales has 2 numbers"),
        ({"method": "brr", "weights": ["r1"]}, "weights names 1 columns"),
    ],
)
def test_a_method_that_lacks_its_numbers_is_refused(given: dict[str, Any], said: str) -> None:
    facts = {"weights": COLUMNS} | given
    with pytest.raises(ValidationError, match=said):
        Replicates.model_validate({name: tuple(v) if isinstance(v, list) else v for name, v in facts.items()})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"psu": "p"}, "replicate weights carry the design"),
        ({"df": "domain"}, "replicate weights have the df of the design"),
        ({"variance": "taylor"}, 'variance = "replicates" goes with the table'),
        ({"weights": "r1"}, "weights is one of the replicates"),
    ],
)
def test_a_design_that_contradicts_its_replicates_is_refused(given: dict[str, Any], said: str) -> None:
    facts = {"weights": "w", "weights_kind": "population", "replicates": {"method": "brr", "weights": COLUMNS}}
    with pytest.raises(ValidationError, match=said):
        Design.model_validate(facts | given)


def test_columns_are_named_by_a_range() -> None:
    def named(text: str) -> tuple[str, ...]:
        return Replicates.model_validate({"method": "brr", "weights": text}).weights

    assert named("w{9-11}x") == ("w9x", "w10x", "w11x")
    assert named("rw{08-11}") == ("rw08", "rw09", "rw10", "rw11")
