"""A small file of coded records with an audit sample, invented."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from cop.measurement.records.counts import Scheme
from cop.measurement.records.description import Records, describe

SCHEME = Scheme({"A": (), "A01": ("A",), "A02": ("A",), "B": (), "B03": ("B",), "B031": ("B", "B03"),
                 "B032": ("B", "B03")})  # fmt: skip
CODES = ("A01", "A02", "B031", "B032")


@pytest.fixture(scope="session")
def coded() -> pl.DataFrame:
    """4,000 records of two areas and two years, with the truth beside the coder's code."""
    rng = np.random.default_rng(4)
    n = 4000
    truth = rng.choice(4, n, p=[0.5, 0.3, 0.15, 0.05])
    sure = rng.beta(6, 2, n)
    right = rng.random(n) < sure
    code = np.where(right, truth, (truth + rng.integers(1, 4, n)) % 4)
    return pl.DataFrame(
        {
            "id": [f"r{i}" for i in range(n)],
            "code": [CODES[c] for c in code],
            "truth": [CODES[c] for c in truth],
            "probability": sure.round(4),
            "date": [f"{2024 + int(y)}-{int(m):02d}-15" for y, m in zip(rng.integers(0, 2, n), rng.integers(1, 13, n),
                                                                       strict=True)],
            "area": rng.choice(["XAL", "XBB"], n, p=[0.8, 0.2]).tolist(),
            "route": rng.choice(["auto", "review"], n, p=[0.9, 0.1]).tolist(),
            "source": "hotline",
            "model": "cop-1.0",
        }
    )  # fmt: skip


@pytest.fixture
def asked(coded: pl.DataFrame, tmp_path: Path) -> Callable[..., Records]:
    """Describe records (those above unless others are given) and an audit of 600 of them, drawn by route."""

    def make(records: pl.DataFrame | None = None, audit: pl.DataFrame | None = None, **given: Any) -> Records:
        rows = coded if records is None else records
        rows.drop("truth", strict=False).write_csv(tmp_path / "coded.csv")
        if audit is None:
            drawn = [coded.filter(route=r).sample(300, seed=1) for r in ("auto", "review")]
            audit = pl.concat(drawn).select("id", pl.col("truth").alias("code"))
        audit.write_csv(tmp_path / "audit.csv")
        facts: dict[str, Any] = {
            "id": "small", "title": "Small", "file": "coded.csv",
            "audit": {"file": "audit.csv", "strata": ["route"]},
            "table": [{"name": "class-year-area", "dimensions": ["code", "period", "area"], "step": "year",
                       "levels": ["leaf", "class", "section", "total"]}],
        } | given  # fmt: skip
        facts = {name: value for name, value in facts.items() if value is not None}
        return describe(facts, tmp_path / "small.toml")

    return make


@pytest.fixture(scope="session")
def scheme() -> Scheme:
    return SCHEME
