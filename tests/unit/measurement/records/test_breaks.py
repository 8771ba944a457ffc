from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from cop.kernel.errors import Refused
from cop.measurement.records.breaks import Break, declared, find, jumps, marked


def records(*rows: tuple[str, str, str, str, int]) -> pl.DataFrame:
    schema = {"period": pl.String, "area": pl.String, "model": pl.String, "source": pl.String, "value": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_source_that_comes_or_goes_breaks_its_area_and_the_whole() -> None:
    found = find(records(
        ("2025-01", "XAL", "1.0", "police", 50), ("2025-01", "XBB", "1.0", "hotline", 50),
        ("2025-02", "XAL", "1.0", "police", 40), ("2025-02", "XAL", "1.0", "school", 20),
        ("2025-02", "XBB", "1.0", "hotline", 50),
    ))  # fmt: skip

    assert found == (
        Break("_T", "2025-02", "coverage", "hotline+police", "hotline+police+school"),
        Break("XAL", "2025-02", "coverage", "police", "police+school"),
    )


def test_a_few_stragglers_of_the_old_coder_are_no_state_of_their_own() -> None:
    found = find(records(
        ("2025-01", "XAL", "1.0", "s", 500), ("2025-02", "XAL", "1.1", "s", 495), ("2025-02", "XAL", "1.0", "s", 5),
        ("2025-03", "XAL", "1.1", "s", 500),
    ).drop("area"))  # fmt: skip

    assert found == (Break("_T", "2025-02", "coder", "1.0", "1.1"),)


def test_a_gap_breaks_nothing() -> None:
    assert find(records(("2025-01", "XAL", "1.0", "s", 9), ("2025-07", "XAL", "1.0", "s", 9))) == ()


def test_a_break_marks_its_period_its_year_and_its_area_only() -> None:
    counts = pl.DataFrame(
        [("XAL", "2025-02"), ("XBB", "2025-02"), ("_T", "2025-02"), ("XAL", "2025"), ("XAL", "2025-03"), ("XAL", "_T")],
        schema=["area", "period"], orient="row",
    )  # fmt: skip
    found = marked(counts, (Break("XAL", "2025-02", "coder", "1.0", "1.1"),))

    assert found["break"].to_list() == ["coder: 1.0 to 1.1", "", "", "coder: 1.0 to 1.1", "", ""]
    everywhere = marked(counts, declared(pl.DataFrame({"period": ["2025-02"], "reason": ["new form"]})))
    assert everywhere["break"].to_list() == ["declared: new form"] * 4 + ["", ""]


def test_a_declared_break_without_a_reason_is_refused() -> None:
    with pytest.raises(Refused, match="row 1: a declared break has no period or reason"):
        declared(pl.DataFrame({"period": ["2025"], "reason": [None]}))


def test_the_clearing_houses_jumps_of_coverage_are_found(shared: Path) -> None:
    # NCMEC CyberTipline by year: x4.0 in 2015, x1.9 in 2016, x1.8 in 2018, breaks in coverage and not in prevalence
    with (shared / "data/statistics/admin/ocse-reports-per-year.csv").open(encoding="utf-8") as file:
        series = {row["year"]: float(row["reports"]) for row in csv.DictReader(file)}
    found = {jump.period: round(jump.ratio, 1) for jump in jumps(series) if jump.period >= "2011"}

    assert found == {"2014": 2.2, "2015": 4.0, "2016": 1.9, "2018": 1.8}
