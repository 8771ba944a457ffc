"""A small edition with one of everything, and its signer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from cop.editions.tables import COUNTS, ESTIMATES, SERIES
from cop.editions.write import Contents, write_edition
from cop.kernel.signing import Seal, read_or_make_seal

ABOUT = {
    "observatory": {
        "id": "t",
        "title": "T",
        "organisation": "O",
        "group": "T-CP",
        "note": "",
        "synthetic": True,
        "languages": ["en"],
    },
    "date": "2026-01-15",
    "period": "2024-01/2025-12",
    "threshold": 5,
    "areas": {"XAL": "Alpha", "XBR": "Beta"},
    "code": {"version": "0", "sha256": "00"},
}


LABELS = {"F": "Girls", "M": "Boys"}


def count(code: str, area: str, period: str, value: int | None) -> dict[str, object]:
    """A cell of the counts; withheld where the value is None."""
    status = ("A", "F") if value is not None else ("Q", "C")
    return {
        "table": "class-month", "measure": "reports", "code": code, "area": area, "period": period, "age_band": "_T",
        "sex": "_T", "platform": "_T", "language": "_T", "value": value, "obs_status": status[0],
        "conf_status": status[1], "lineage": "counts",
    }  # fmt: skip


def estimate(domain: str, value: float | None) -> dict[str, object]:
    """An estimate; withheld where the value is None."""
    se = None if value is None else 0.5
    status = ("A", "F") if value is not None else ("Q", "C")
    return {
        "indicator": "THR.CYBERBULLY_12M", "survey": "s", "area": "XAL", "period": "2025", "domain": domain,
        "estimate": value, "se": se, "ci_low": se, "ci_high": se, "cv": se, "n": None if value is None else 100,
        "deff": se, "df": se, "unit": "percent", "flag": "ok", "flag_reason": "", "obs_status": status[0],
        "conf_status": status[1], "lineage": "survey:s:THR.CYBERBULLY_12M",
    }  # fmt: skip


COUNT_ROWS = [
    count("B01", "XAL", "2025-01", 12),
    count("B01", "XBR", "2025-01", None),
    count("B", "_T", "2025-01", 19),
    count("_T", "_T", "_T", 140),
]
ESTIMATE_ROWS = [estimate("_T", 15.9), estimate("sex=F;age_band=13-15", 20.125), estimate("sex=M", None)]
OBSERVATION = {
    "dataset": "d", "flow": "A:F(1.0)", "key": "A.XAL", "dims": "{}", "area": "XAL", "period": "2024", "value": 1.5,
    "unit": "percent", "obs_status": "A", "attributes": "{}", "lineage": "series:d",
}  # fmt: skip


def contents(
    counts: list[dict[str, object]] | None = None, estimates: list[dict[str, object]] | None = None, **metadata: object
) -> Contents:
    """The small edition, or it with other rows and metadata."""
    facts = {
        "counts": pa.Table.from_pylist(COUNT_ROWS if counts is None else counts, schema=COUNTS),
        "estimates": pa.Table.from_pylist(ESTIMATE_ROWS if estimates is None else estimates, schema=ESTIMATES),
        "series": pa.Table.from_pylist([OBSERVATION], schema=SERIES),
    }
    said: dict[str, object] = {
        "classification": {"version": "1", "nodes": [{"code": "B01", "name": {"en": "Class B01"}}]},
        "indicators": [{"code": "THR.CYBERBULLY_12M", "name": {"en": "Bullied online"}}],
        "surveys": [
            {
                "id": "s",
                "title": "Survey S",
                "domains": {"sex": {"title": "Sex", "labels": {"F": "Girls", "M": "Boys"}}},
            }
        ],
    }
    return Contents(ABOUT, facts, {**said, **metadata})


@pytest.fixture(scope="session")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    """A signing key."""
    return read_or_make_seal(tmp_path_factory.mktemp("keys") / "signing.key", "observatory t")


@pytest.fixture
def write(tmp_path: Path, seal: Seal) -> Callable[..., Path]:
    """Write the small edition (or other contents) under an id."""

    def write(given: Contents | None = None, *, folder: Path = tmp_path, edition_id: str | None = "2026-01") -> Path:
        return write_edition(given or contents(), folder=folder, edition_id=edition_id, seal=seal)

    return write


@pytest.fixture
def small() -> Callable[..., Contents]:
    """Make contents; `count` and `estimate` rows come from the fixtures of those names."""
    return contents


@pytest.fixture
def count_row() -> Callable[..., dict[str, object]]:
    """Make a row of counts."""
    return count


@pytest.fixture
def count_rows() -> list[dict[str, object]]:
    """The rows of counts of the small edition."""
    return [dict(row) for row in COUNT_ROWS]
