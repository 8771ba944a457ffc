"""Rounding and cell keys: unbiased, the same wherever a cell stands, and of the stated size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from adversary import cube

from cop.kernel.errors import Refused
from cop.measurement.disclosure.cell_key import (
    counted,
    entropic,
    perturbed,
    read_perturbation,
    record_keys,
    standard_perturbation,
)
from cop.measurement.disclosure.rounding import deviation, rounded

SECRET = b"sixteen bytes or more"


def test_rounding_is_unbiased_and_of_the_stated_size() -> None:
    frame = pl.DataFrame({"cell": [f"c{n}" for n in range(20_000)], "value": [n % 5 for n in range(20_000)]})
    error = (rounded(frame, ["cell"], base=5, secret=SECRET)["value"] - frame["value"]).to_numpy()

    assert abs(error.mean()) < 4 * error.std() / np.sqrt(len(error))
    assert error.std() == pytest.approx(deviation(5), rel=0.02)
    assert np.abs(error).max() == 4


def test_a_cell_is_rounded_alike_in_every_table_and_a_multiple_stays() -> None:
    frame = cube(np.array([[3, 20], [41, 0]]), "ab").with_columns(
        pl.when(pl.col("a") == "a9").then(None).otherwise(pl.col("value")).alias("value")
    )
    one = rounded(frame, ["a", "b"], base=5, secret=SECRET)
    other = rounded(frame.reverse().with_columns(table=pl.lit("u")), ["a", "b"], base=5, secret=SECRET)

    assert one["value"].to_list() == other.reverse()["value"].to_list()
    assert one.filter(pl.col("value") % 5 != 0).is_empty()
    assert one.filter(pl.col("a") == "a0", pl.col("b") == "b1")["value"].to_list() == [20]


def test_a_null_is_not_rounded_and_a_short_secret_is_refused() -> None:
    frame = pl.DataFrame({"cell": ["x"], "value": [None]}, {"cell": pl.String, "value": pl.Int64})

    assert rounded(frame, ["cell"], base=5, secret=SECRET)["value"].to_list() == [None]
    with pytest.raises(Refused, match="secret is too short"):
        rounded(frame.with_columns(value=pl.lit(3)), ["cell"], base=5, secret=b"short")


def test_the_kept_table_of_noise_is_the_one_its_source_says() -> None:
    kept, made = standard_perturbation(), entropic(5, 3.0, id_="x", source="x")

    assert np.abs(np.array(kept.rows) - np.array(made.rows)).max() < 1e-10


def test_noise_has_mean_zero_the_stated_variance_and_leaves_zeros() -> None:
    table = standard_perturbation()
    keys = record_keys((str(n) for n in range(40_000)), SECRET)
    for value in (1, 3, 50):
        noise = table.noise(np.full(len(keys), value), keys)
        assert abs(noise.mean()) < 4 * np.sqrt(3 / len(keys))
        assert noise.var() == pytest.approx(3, rel=0.05)
        assert noise.min() >= -min(value, 5)
        assert noise.max() <= 5
    assert not table.noise(np.zeros(len(keys), np.int64), keys).any()


def test_the_same_records_get_the_same_noise_wherever_they_are_counted() -> None:
    """All of b0 are in a0: cell and margin hold the same records, and cannot be subtracted."""
    records = pl.DataFrame({"a": ["a0"] * 7 + ["a1"] * 9, "b": ["b0"] * 7 + ["b1"] * 9})
    keys = record_keys((str(n) for n in range(16)), SECRET)
    noisy = perturbed(counted(records, ["a", "b"], keys), standard_perturbation())
    shown = {(a, b): v for a, b, v in noisy.select("a", "b", "value").rows()}

    assert shown["a0", "b0"] == shown["_T", "b0"] == shown["a0", "_T"]


@pytest.mark.parametrize(
    ("row", "said"),
    [("[0.5, 0.5, 0.5]", "no distribution"), ("[0.5, 0.0, 0.5]", "turn negative"), ("[0, 0.5, 0.5]", "has mean")],
)
def test_a_table_of_noise_that_is_biased_is_refused(tmp_path: Path, row: str, said: str) -> None:
    (tmp_path / "t.toml").write_text(f'id = "x"\nsource = "s"\nvariance = 1.0\nmaximum = 1\nrows = [{row}]\n')
    with pytest.raises(Refused, match=said):
        read_perturbation(tmp_path / "t.toml")
