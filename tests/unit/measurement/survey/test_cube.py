"""A cube that was kept answers as the microdata did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from cop.kernel.errors import NotFound, Refused
from cop.measurement.catalogue import Catalogue
from cop.measurement.survey import store
from cop.measurement.survey.compare import compare
from cop.measurement.survey.cube import Cube
from cop.measurement.survey.estimate import measure

Counted = Callable[..., Cube]
ASKED: list[dict[str, Any]] = [
    {"code": "ACC.MEAN", "kind": "mean", "variable": "y"},
    {"code": "ACC.SHARE", "kind": "proportion", "numerator": "y > 4"},
    {"code": "ACC.RATIO", "kind": "ratio", "numerator": "y", "denominator": "v"},
]
MEDIAN = {"code": "ACC.MEDIAN", "kind": "median", "variable": "y"}
GIVEN: dict[str, Any] = {
    "domains": {"g": {"column": "g"}, "k": {"column": "k", "labels": {"1": "A", "2": "B"}}},
    "breakdowns": [[], ["g"], ["g", "k"]],
    "contrast": [{"name": "c", "of": {"g": "1"}, "against": {"g": "2"}}],
    "association": [{"of": "g", "by": "k"}],
}
DESIGNS: dict[str, dict[str, Any]] = {
    "clusters": {"design": {"strata": "h", "psu": "psu"}},
    "two stages": {"design": {"strata": "h", "psu": "psu", "ssu": "ssu", "fpc": ["N", "M"]}},
    "rows": {"design": {"strata": "h"}},
    "jackknife": {"design": {"psu": "psu", "variance": "jk1"}},
    "replicates": {"design": {"replicates": {"method": "bootstrap", "weights": "b{1-8}"}}},
    "calibrated": {
        "design": {"strata": "h", "psu": "psu"},
        "calibration": [{"by": "g", "totals": {"1": 90, "2": 210}}],
    },
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = np.random.default_rng(5)
    n = 240
    frame = pl.DataFrame(
        {
            "h": random.integers(1, 4, n), "psu": random.integers(1, 5, n), "ssu": random.integers(1, 4, n),
            "w": random.uniform(1, 9, n), "y": random.normal(5, 2, n), "v": random.uniform(1, 2, n),
            "g": random.integers(1, 3, n), "k": random.integers(1, 3, n), "N": np.full(n, 40), "M": np.full(n, 9),
            **{f"b{r}": random.uniform(0, 9, n) for r in range(1, 9)},
        }
    )  # fmt: skip
    path = tmp_path_factory.mktemp("cube") / "survey.parquet"
    frame.write_parquet(path)
    return path


@pytest.mark.parametrize("design", list(DESIGNS))
def test_a_kept_cube_gives_the_same_bits(
    design: str, file: Path, counted: Counted, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    cube = counted(file, ASKED, **GIVEN, **DESIGNS[design])
    store.write(cube, tmp_path / "cube.parquet")
    kept = store.read(tmp_path / "cube.parquet")

    assert len(measure(cube, catalogue=small_catalogue)) == 3 * (1 + 2 + 4)
    assert measure(kept, catalogue=small_catalogue).equals(measure(cube, catalogue=small_catalogue))
    assert compare(kept, catalogue=small_catalogue).equals(compare(cube, catalogue=small_catalogue))
    assert [path.name for path in tmp_path.iterdir()] == ["cube.parquet"]


def test_a_query_reads_one_indicator_and_one_breakdown(
    file: Path, counted: Counted, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    cube = counted(file, ASKED, **GIVEN, **DESIGNS["clusters"])
    store.write(cube, tmp_path / "cube.parquet")
    kept = store.read(tmp_path / "cube.parquet")
    found = measure(kept, catalogue=small_catalogue, indicators=["ACC.SHARE"], breakdowns=[("k", "g")])
    whole = measure(cube, catalogue=small_catalogue).filter(pl.col("indicator") == "ACC.SHARE", pl.col("k") != "_T")

    assert found.equals(whole)
    with pytest.raises(Refused, match="no breakdown by h was kept"):
        measure(kept, catalogue=small_catalogue, breakdowns=[("h",)])


def test_a_cube_holds_no_medians_and_says_so(
    file: Path, counted: Counted, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    cube = counted(file, [*ASKED, MEDIAN], **GIVEN, **DESIGNS["clusters"])
    store.write(cube, tmp_path / "cube.parquet")
    kept = store.read(tmp_path / "cube.parquet")

    assert set(measure(kept, catalogue=small_catalogue)["indicator"]) == {"ACC.MEAN", "ACC.SHARE", "ACC.RATIO"}
    with pytest.raises(Refused, match=r'"ACC\.MEDIAN" is a median, which no cube holds'):
        measure(kept, catalogue=small_catalogue, indicators=["ACC.MEDIAN"])


def test_what_is_no_cube_is_refused(file: Path, tmp_path: Path) -> None:
    (tmp_path / "f.parquet").write_text("nothing")
    with pytest.raises(Refused, match=r"f\.parquet: is not a Parquet file"):
        store.read(tmp_path / "f.parquet")
    with pytest.raises(Refused, match=r"survey\.parquet: is not a cube of this version"):
        store.read(file)
    with pytest.raises(NotFound, match=r"none\.parquet: there is no such file"):
        store.read(tmp_path / "none.parquet")


def test_a_cube_names_neither_strata_nor_folders(file: Path, counted: Counted, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    store.write(counted(file, ASKED, **GIVEN, **DESIGNS["clusters"]), tmp_path / "cube.parquet")
    schema = pq.read_schema(tmp_path / "cube.parquet")
    meta = (schema.metadata or {})[b"cop.survey.cube"].decode()

    assert {"leaf", "group"} <= set(schema.names)
    assert str(tmp_path) not in meta.replace(str(file), "")
