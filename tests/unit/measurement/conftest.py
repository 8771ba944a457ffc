"""What the tests of this room share: a small catalogue, and surveys described in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cop.measurement.catalogue import Catalogue, load
from cop.measurement.survey import description
from cop.measurement.survey.compare import compare
from cop.measurement.survey.cube import Cube
from cop.measurement.survey.estimate import count, estimate

MEASURES = {
    "ACC.MEAN": ("mean", "score"), "ACC.MEAN2": ("mean", "score"), "ACC.TOTAL": ("total", "children"),
    "ACC.RATIO": ("ratio", "ratio"), "ACC.SHARE": ("proportion", "percent"), "ACC.MEDIAN": ("median", "score"),
    "ACC.QUANTILE": ("quantile", "score"),
}  # fmt: skip

Estimated = Callable[..., pl.DataFrame]


@pytest.fixture(scope="session")
def small_catalogue() -> Catalogue:
    """One indicator per kind of measure, without meaning."""
    base = load()["ACC.TIME_ONLINE"]
    named = {code: replace(base, code=code, measure=m, unit=u) for code, (m, u) in MEASURES.items()}
    return Catalogue(named)


@pytest.fixture
def described(small_catalogue: Catalogue, tmp_path: Path) -> Callable[..., description.Survey]:
    """A survey of a file: `design` and whatever else is given over weights "w" that count a population."""

    def make(file: Path | str, indicator: list[dict[str, Any]], **given: Any) -> description.Survey:
        design = {"weights": "w", "weights_kind": "population"} | given.pop("design", {})
        facts = {
            "id": "test", "title": "A test", "area": "XAA", "period": "2025", "file": str(file), "design": design,
            "indicator": indicator,
        }  # fmt: skip
        return description.describe(facts | given, tmp_path / "survey.toml", catalogue=small_catalogue)

    return make


@pytest.fixture
def estimated(described: Callable[..., description.Survey], small_catalogue: Catalogue) -> Estimated:
    """The estimates of a survey described in place."""

    def run(file: Path | str, indicator: list[dict[str, Any]], **given: Any) -> pl.DataFrame:
        return estimate(described(file, indicator, **given), catalogue=small_catalogue)

    return run


@pytest.fixture
def counted(described: Callable[..., description.Survey]) -> Callable[..., Cube]:
    """The cube of a survey described in place."""

    def run(file: Path | str, indicator: list[dict[str, Any]], **given: Any) -> Cube:
        return count(described(file, indicator, **given))

    return run


@pytest.fixture
def compared(counted: Callable[..., Cube], small_catalogue: Catalogue) -> Callable[..., pl.DataFrame]:
    """The comparisons of a survey described in place."""

    def run(file: Path | str, indicator: list[dict[str, Any]], **given: Any) -> pl.DataFrame:
        return compare(counted(file, indicator, **given), catalogue=small_catalogue)

    return run
