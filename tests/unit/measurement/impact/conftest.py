"""Small programmes described in place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cop.measurement.impact.description import Programme, describe

Described = Callable[..., Programme]


@pytest.fixture
def described(tmp_path: Path) -> Described:
    """A programme of the CSV text (or file) given, with its comparison; other tables are merged into defaults."""

    def make(text: str | Path, comparison: dict[str, Any], **given: Any) -> Programme:
        if isinstance(text, Path):
            file = str(text)
        else:
            (tmp_path / "p.csv").write_text(text, encoding="utf-8")
            file = "p.csv"
        outcome = {"name": "Harm", "unit": "points", "column": "y", "better": "lower", "matters": 1.0}
        data: dict[str, Any] = {"file": file, "period": "t"}
        if comparison["method"] != "interrupted":
            data["unit"] = "u"
        facts: dict[str, Any] = {
            "id": "test", "title": "A test", "what": "Something", "where": "Here", "whom": "Children",
            "outcome": outcome | given.pop("outcome", {}), "data": data | given.pop("data", {}),
            "comparison": {"whom": "Others"} | comparison,
        }  # fmt: skip
        return describe(facts | given, tmp_path / "p.toml")

    return make
