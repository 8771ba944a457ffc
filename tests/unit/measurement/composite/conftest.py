"""Small indices described in place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cop.measurement.composite.description import Index, describe

Described = Callable[..., Index]


@pytest.fixture
def described(tmp_path: Path) -> Described:
    """An index of the CSV text given, with indicators "a", "b", ... under pillars "P" and "Q"; anything may be replaced."""

    def make(text: str, **given: Any) -> Index:
        (tmp_path / "index.csv").write_text(text, encoding="utf-8")
        columns = [c for c in text.splitlines()[0].split(",") if c not in {"unit", "group"} and not c.startswith("den")]
        half = (len(columns) + 1) // 2
        facts: dict[str, Any] = {
            "id": "test", "title": "A test", "period": "2025", "file": "index.csv", "unit": "unit",
            "missing": {"method": "refuse", "minimum_share": 0.5},
            "treatment": {"method": "none"},
            "normalisation": {"method": "minmax"},
            "aggregation": {"method": "arithmetic"},
            "uncertainty": {"seed": 1, "sample": 64, "weights": 0.25},
            "node": [{"code": "I", "name": "Index"}, {"code": "P", "name": "P", "parent": "I"},
                     {"code": "Q", "name": "Q", "parent": "I"}],
            "indicator": [{"code": c, "name": c, "parent": "P" if n < half else "Q", "direction": "higher_better"}
                          for n, c in enumerate(columns)],
        }  # fmt: skip
        return describe(facts | given, tmp_path / "index.toml")

    return make
