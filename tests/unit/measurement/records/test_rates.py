from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from cop.kernel.errors import Refused
from cop.measurement.records.rates import rate, read

COUNTS = pl.DataFrame(
    {
        "area": ["XAL", "XAL", "XBB"], "period": ["2025-01", "2025", "2025"], "age_band": ["_T"] * 3, "sex": ["_T"] * 3,
        "corrected": [30.0, 400.0, None], "ci_high": [40.0, 500.0, None],
    }
)  # fmt: skip


def population(*rows: tuple[object, ...], columns: tuple[str, ...] = ("area", "period", "value"), **given: str
               ) -> object:  # fmt: skip
    table = pl.DataFrame(rows, schema=list(columns), orient="row")
    return read(table, population="children aged 0 to 17", source="invented", **given)  # type: ignore[arg-type]


def test_a_month_is_divided_by_its_year_only_where_that_is_declared() -> None:
    rows = (("XAL", "2025", 80_000), ("XBB", "2025", 20_000))
    with pytest.raises(Refused) as refusal:
        rate(COUNTS, population(*rows), figures=["corrected"])  # type: ignore[arg-type]
    found = rate(COUNTS, population(*rows, step="year"), figures=["corrected", "ci_high"])  # type: ignore[arg-type]

    assert str(refusal.value) == (
        'field denominators: there is no population of "XAL 2025-01" (expected a row for every area, period of the '
        "table; nothing is taken from a neighbour)"
    )
    assert found["rate_corrected"].to_list() == [37.5, 500.0, None]
    assert found["rate_ci_high"].to_list() == [50.0, 625.0, None]
    assert found["period"].to_list() == COUNTS["period"].to_list()


def test_a_cell_without_a_population_has_no_rate_where_that_may_be() -> None:
    by = population(("XAL", "2025", 80_000))
    found = rate(COUNTS, by, figures=["corrected"], missing="leave empty")  # type: ignore[arg-type]

    assert found["denominator"].to_list() == [None, 80_000, None]
    assert found["rate_corrected"].to_list() == [None, 500.0, None]


def test_a_breakdown_that_the_population_does_not_have_is_refused() -> None:
    by = population(("XAL", 80_000), ("XBB", 20_000), columns=("area", "value"))
    with pytest.raises(Refused, match='"period" breaks the counts down and not the population'):
        rate(COUNTS, by, figures=["corrected"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("XAL", "2025", "0")], 'denominators row 1, field value: "0" is no population (expected a number above 0)'),
        ([("XAL", "2025", "x")], 'denominators row 1, field value: "x" is no population (expected a number above 0)'),
        ([("XAL", "25", "9")], 'denominators row 1, field period: "25" is not a period (expected a period such as '
         "2025, 2025-Q3, 2025-03 or 2025-03-14)"),
        ([("XAL", "2025", "9"), ("XAL", "2025", "8")],
         'denominators row 2: "XAL 2025" is there twice (expected each cell once)'),
    ],
)  # fmt: skip
def test_a_wrong_population_is_refused(rows: list[tuple[str, str, str]], message: str) -> None:
    with pytest.raises(Refused) as refusal:
        population(*rows)

    assert str(refusal.value) == message


def test_published_rates_per_capita_are_found_again(shared: Path) -> None:
    folder = shared / "data/statistics/admin"
    with (folder / "ocse-reports-per-year-country-capita.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["reports_per_capita"]]
    counts = pl.DataFrame({
        "area": [r["iso3"] for r in rows], "period": [r["year"] for r in rows], "age_band": "_T", "sex": "_T",
        "raw": [float(r["reports"]) for r in rows],
    })  # fmt: skip
    people = pl.DataFrame({"area": counts["area"], "period": counts["period"],
                           "value": [r["population"] for r in rows]})  # fmt: skip
    by = read(people, population="everybody", source="World Population Prospects 2022")
    found = rate(counts, by, per=1, figures=["raw"])

    assert found.height > 900
    assert found["rate_raw"].to_list() == pytest.approx([float(r["reports_per_capita"]) for r in rows])
