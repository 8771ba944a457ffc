"""Coded records counted by month: what is counted, and that no narrative is kept or shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cop.classification.coder.tallies import Tally, mean_and_error, read_tallies, together
from cop.kernel.errors import Refused

RECORD: dict[str, Any] = {
    "date": "2026-01-31",
    "language": "fr",
    "code": "B01",
    "probability": 0.61234,
    "class_set": ["B01", "B02"],
    "route": "review",
}


def written(folder: Path, *records: dict[str, Any]) -> Path:
    path = folder / "coded.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def test_records_are_counted_by_month_in_order(tmp_path: Path) -> None:
    later = {
        **RECORD,
        "date": "2026-02-01",
        "language": "de",
        "text": "Zanzibarquux!",
        "class_set": '["C01"]',
        "code": "C01",
    }
    found = read_tallies(written(tmp_path, later, RECORD, {**RECORD, "length": 5, "route": "auto"}))

    assert list(found) == ["2026-01", "2026-02"]
    january, february = found.values()
    assert (january.records, january.languages, january.sizes) == (2, {"fr": 2}, {2: 2})
    assert (january.routes, january.lengths) == ({"review": 1, "auto": 1}, {5: 1})
    assert january.probabilities == {6123: 2}
    assert (february.languages, february.lengths, february.sections) == ({"und": 1}, {13: 1}, {"C": 1})
    assert "Zanzibarquux" not in repr(found)


def test_periods_together_are_as_if_counted_together(tmp_path: Path) -> None:
    months = read_tallies(written(tmp_path, RECORD, {**RECORD, "date": "2026-03-01", "code": "A01"}))
    whole = read_tallies(written(tmp_path, RECORD, {**RECORD, "code": "A01"}))["2026-01"]

    assert together(months.values()) == whole
    assert together([]) == Tally()


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"date": "January"}, 'field date: "January" is not a date (expected YYYY-MM-DD)'),
        ({"probability": None}, "field probability: is empty (expected a number from 0 to 1)"),
        ({"code": "a text of a child"}, "field code: a text of 17 characters is not allowed (expected the coder's code, such as B03)"),
        ({"length": -1}, 'field length: "-1" is not allowed (expected the text\'s number of characters)'),
    ],
)  # fmt: skip
def test_a_record_that_is_not_right_is_refused_with_its_place(
    tmp_path: Path, change: dict[str, Any], line: str
) -> None:
    with pytest.raises(Refused) as refused:
        read_tallies(written(tmp_path, RECORD, {**RECORD, **change}))

    assert str(refused.value) == f"coded.jsonl row 2, {line}"


def test_the_error_of_a_mean_is_that_of_its_sample() -> None:
    assert mean_and_error({1: 3, 0: 1}) == pytest.approx((0.75, (0.25 / 4) ** 0.5))
    assert mean_and_error({5: 1}) == (5.0, 0.0)
