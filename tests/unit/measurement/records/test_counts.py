from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.kernel.errors import Refused
from cop.measurement.records.counts import STANDARD, CountTable, Scheme, count

SCHEME = Scheme({"A": (), "A01": ("A",), "B": (), "B03": ("B",), "B031": ("B", "B03"), "B032": ("B", "B03")})
MONTHS = CountTable("class-month", ("code", "period"))

RECORDS = pl.DataFrame(
    {
        "code": ["A01", "B031", "B032", "B03", "B"],
        "date": [date(2025, 1, 3), date(2025, 1, 31), date(2025, 3, 1), date(2025, 3, 1), date(2025, 3, 9)],
        "area": ["XAL", "XAL", "XBB", "XBB", None],
    }
)


def cells(frame: pl.DataFrame, *columns: str) -> dict[tuple[str, ...], int]:
    return {tuple(row[:-1]): row[-1] for row in frame.select(*columns, "value").iter_rows()}


def test_a_report_counts_at_every_level_it_was_coded_to() -> None:
    found = cells(count(RECORDS, [MONTHS], SCHEME), "code", "period")

    assert {key: value for key, value in found.items() if key[1] == "_T"} == {
        ("A", "_T"): 1, ("A01", "_T"): 1, ("B", "_T"): 4, ("B03", "_T"): 3, ("_T", "_T"): 5,
    }  # fmt: skip


def test_codes_above_from_the_class_up_are_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="the codes above B032 do not run from the section down"):
        Scheme({"B": (), "B03": ("B",), "B032": ("B03", "B")})


def test_a_series_has_no_gaps() -> None:
    found = cells(count(RECORDS, [MONTHS], SCHEME), "code", "period")

    assert {period: found["B", period] for period in ("2025-01", "2025-02", "2025-03", "_T")} == {
        "2025-01": 1, "2025-02": 0, "2025-03": 3, "_T": 4,
    }  # fmt: skip


def test_the_leaves_are_the_codes_that_were_given_with_what_lies_below() -> None:
    table = CountTable("leaves", ("code",), levels=("leaf", "class", "total"))
    found = cells(count(RECORDS, [table], SCHEME), "code")

    assert found == {("A01",): 1, ("B",): 4, ("B03",): 3, ("B031",): 1, ("B032",): 1, ("_T",): 5}


def test_an_empty_dimension_is_unknown_and_never_lost() -> None:
    table = CountTable("areas", ("area", "period"), step="year")

    assert cells(count(RECORDS, [table], SCHEME), "area", "period") == {
        ("XAL", "2025"): 2, ("XAL", "_T"): 2, ("XBB", "2025"): 2, ("XBB", "_T"): 2, ("_U", "2025"): 1, ("_U", "_T"): 1,
        ("_T", "2025"): 5, ("_T", "_T"): 5,
    }  # fmt: skip


def test_a_file_a_frame_and_an_arrow_table_count_alike(tmp_path: Path) -> None:
    RECORDS.write_parquet(tmp_path / "r.parquet")
    RECORDS.write_csv(tmp_path / "r.csv")
    expected = count(RECORDS, [MONTHS], SCHEME)

    for given_as in (RECORDS.lazy(), RECORDS.to_arrow(), tmp_path / "r.parquet", tmp_path / "r.csv"):
        assert count(given_as, [MONTHS], SCHEME).equals(expected)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("code", "Q9", 'records row 2, field code: "Q9" is not a code of the classification (expected one of its '
         "codes)"),
        ("code", None, 'records row 2, field code: "" is not a code of the classification (expected one of its codes)'),
        ("period", "2025-13", 'records row 2, field period: "2025-13" is not a period (expected a period such as 2025, '
         "2025-Q3, 2025-03 or 2025-03-14)"),
        ("period", "2025-Q1", 'records row 2, field period: "2025-Q1" is not a period (expected a period such as 2025, '
         "2025-Q3, 2025-03 or 2025-03-14)"),
        ("area", "_T", 'records row 2, field area: "_T" stands for all (expected the value of one report)'),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_its_row(column: str, value: str | None, message: str) -> None:
    records = RECORDS.with_columns(pl.col("date").dt.to_string("%Y-%m").alias("period"))
    values = records[column].to_list()
    records = records.with_columns(pl.Series(column, [values[0], value, *values[2:]], dtype=pl.String))
    with pytest.raises(Refused) as refusal:
        count(records, [CountTable("all", ("code", "period", "area"))], SCHEME)

    assert str(refusal.value) == message


def test_a_missing_column_is_refused() -> None:
    with pytest.raises(Refused, match='records: "age_band" is not a column of the table'):
        count(RECORDS, STANDARD, SCHEME)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(SCHEME.parents)), st.dates(date(2024, 11, 1), date(2025, 2, 28)),
            st.sampled_from(["XAL", "XBB", None]), st.sampled_from(["girl", "boy"]),
        ),
        min_size=1, max_size=40,
    )
)  # fmt: skip
def test_every_total_is_the_sum_of_its_parts(rows: list[tuple[str, date, str | None, str]]) -> None:
    records = pl.DataFrame(rows, schema=["code", "date", "area", "sex"], orient="row")
    records = records.with_columns(pl.lit("en").alias("language"), pl.lit("social").alias("platform"),
                                   pl.lit("10-12").alias("age_band"))  # fmt: skip
    found = count(records, STANDARD, SCHEME)
    by_area = found.filter(table="section-month-area")
    parts = (
        by_area.filter(pl.col("area") != "_T")
        .group_by("code", "period")
        .agg(pl.col("value").sum())
        .sort("code", "period")
    )
    totals = by_area.filter(area="_T").select("code", "period", "value").sort("code", "period")
    sections = by_area.filter((pl.col("code") != "_T") & (pl.col("area") == "_T") & (pl.col("period") == "_T"))

    assert parts.equals(totals)
    assert sections["value"].sum() == len(rows)
    assert found.filter(code="_T", period="_T", area="_T", sex="_T", age_band="_T", platform="_T", language="_T")[
        "value"
    ].to_list() == [len(rows)] * len(STANDARD)
