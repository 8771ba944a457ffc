from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cop.kernel.errors import Refused
from cop.measurement.series.harmonise import Given, Target, beside, harmonise
from cop.measurement.series.reading import SCHEMA, Columns, SeriesSpec, read_series

PERCENT = Target("percent", "children aged 9 to 17")
CHILDREN = "children aged 9 to 17"


def observed(dataset: str, *rows: tuple[str, str, float | None, str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [(dataset, "", "", "{}", area, period, value, unit, "A", attributes) for area, period, value, unit, attributes
         in rows], schema=SCHEMA, orient="row",
    )  # fmt: skip


def test_a_unit_is_changed_by_a_declared_factor_and_what_was_given_stays() -> None:
    found = harmonise(
        observed("s", ("XAL", "2024", 0.31, "share", "{}"), ("XAL", "2025", None, "share", "{}")), PERCENT,
        Given(CHILDREN, {"share": 100.0}),
    )  # fmt: skip

    assert found["value"].to_list() == [31.0, None]
    assert found.select("unit", "value_given", "unit_given", "factor", "population").row(0) == (
        "percent", 0.31, "share", 100.0, CHILDREN,
    )  # fmt: skip


def test_a_power_of_ten_among_the_attributes_counts() -> None:
    given = observed("s", ("XAL", "2024", 2.5, "persons", '{"UNIT_MULT": "3"}'))
    found = harmonise(given, Target("persons", "everybody"), Given("everybody"))

    assert found["value"].to_list() == [2500.0]


def test_a_unit_without_a_factor_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        harmonise(observed("s", ("XAL", "2024", 1.0, "households", "{}")), PERCENT, Given(CHILDREN))

    assert str(refusal.value) == 'field s.unit: "households" has no factor (expected one to "percent", or that unit)'


def test_a_population_is_never_converted() -> None:
    with pytest.raises(Refused) as refusal:
        harmonise(observed("s", ("XAL", "2024", 1.0, "percent", "{}")), PERCENT, Given("households"))

    assert str(refusal.value) == (
        'field s.population: "households" is not the population that s is wanted for (expected "children aged 9 to '
        '17"; a population is not converted)'
    )


def of(dataset: str, *rows: tuple[str, str, float | None]) -> pl.DataFrame:
    given = observed(dataset, *((a, p, v, "percent", "{}") for a, p, v in rows))
    return harmonise(given, PERCENT, Given(CHILDREN))


def test_series_that_overlap_are_not_joined_until_it_is_said_which_leads() -> None:
    one = of("one", ("XAL", "2023", 40.0), ("XAL", "2024", 42.0))
    two = of("two", ("XAL", "2024", 47.0), ("XAL", "2025", 49.0))
    with pytest.raises(Refused) as refusal:
        beside([one, two])
    found = beside([one, two], lead=["two", "one"])

    assert str(refusal.value) == "one, two have values for XAL 2024 (expected lead to say which of them leads)"
    assert found.select("dataset", "period", "value", "leads").rows() == [
        ("one", "2023", 40.0, True), ("one", "2024", 42.0, False), ("two", "2024", 47.0, True),
        ("two", "2025", 49.0, True),
    ]  # fmt: skip


def test_a_missing_value_gives_way_to_one_that_is_there() -> None:
    found = beside([of("one", ("XAL", "2024", None)), of("two", ("XAL", "2024", 47.0))])

    assert found["leads"].to_list() == [False, True]


def test_several_series_of_one_dataset_are_not_chosen_among() -> None:
    with pytest.raises(Refused, match='"XAL 2024" has several series in one'):
        beside([of("one", ("XAL", "2024", 1.0), ("XAL", "2024", 2.0))])


def test_two_units_side_by_side_are_refused() -> None:
    persons = harmonise(observed("two", ("XBB", "2024", 9.0, "persons", "{}")), Target("persons", CHILDREN),
                        Given(CHILDREN))  # fmt: skip
    with pytest.raises(Refused, match='the series have several of unit: "percent", "persons"'):
        beside([of("one", ("XAL", "2024", 1.0)), persons])


def test_the_clearing_houses_countries_add_up_to_its_total(shared: Path) -> None:
    # NCMEC CyberTipline by country; totals of its annual reports
    folder = shared / "data/statistics/admin"
    years = ("2019", "2020", "2021", "2022")
    countries = read_series(SeriesSpec(
        "countries", "Reports by country", folder / "ocse-reports-per-country.csv", "csv", unit="reports",
        mapping=Columns(area="iso3", period_columns=years, dimensions=("country",), thousands=",", missing_area="_U"),
    ))  # fmt: skip
    totals = read_series(SeriesSpec(
        "totals", "Reports by year", folder / "ocse-reports-per-year.csv", "csv", unit="reports",
        mapping=Columns(period="year", value="reports"),
    ))  # fmt: skip
    one = Target("reports", "reports received")
    by_country = harmonise(countries, one, Given("reports received"))
    whole = dict(harmonise(totals, one, Given("reports received")).select("period", "value").iter_rows())

    sums = dict(by_country.group_by("period").agg(pl.col("value").sum()).iter_rows())
    assert sums == {year: whole[year] for year in years}
    assert sums == {"2019": 16_987_361, "2020": 21_751_085, "2021": 29_397_681, "2022": 32_059_029}
