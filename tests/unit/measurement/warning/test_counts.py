"""Tables of counts: read whole, or refused with the row and what was expected; and the columns that are added."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.errors import Refused
from cop.measurement.warning.counts import ordinal, period_of, read
from cop.measurement.warning.settings import load
from cop.measurement.warning.table import COLUMNS, warn


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def write(*lines: str, name: str = "counts.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@given(st.sampled_from(["week", "month"]), st.integers(0, 2600))
def test_a_period_and_its_place_are_the_same_thing(unit: str, place: int) -> None:
    place += 20_000 if unit == "month" else 0

    assert ordinal(period_of(unit, place)) == (unit, place)  # type: ignore[arg-type]


def test_the_53rd_week_comes_before_the_first_and_december_before_january() -> None:
    weeks = [ordinal(p) for p in ("2020-W52", "2020-W53", "2021-W01")]
    months = [ordinal(p) for p in ("2024-12", "2025-01")]

    assert [w[1] - weeks[0][1] for w in weeks if w and weeks[0]] == [0, 1, 2]
    assert months == [("month", 24299), ("month", 24300)]
    assert [ordinal(p) for p in ("2025-W60", "2025-13", "2025-Q1", "")] == [None] * 4


def test_series_are_told_apart_and_put_in_order(table: Callable[..., Path]) -> None:
    path = table("code,period,n", "B,2025-02,5", "A,2025-01,1", "B,2025-01,4", "A,2025-02,2")
    found = read(path, keys=["code"], count="n")

    assert found.unit == "month"
    assert [(s.key, s.counts.tolist(), s.rows) for s in found.series] == [
        (("B",), [4, 5], (2, 0)),
        (("A",), [1, 2], (1, 3)),
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["period,observed", "2025-01,3", "2025-03,4"],
         'counts.csv row 2, field period: "2025-03" comes after "2025-01", and a period is left out '
         "(expected 2025-02; a period without cases is a row with 0)"),
        (["period,observed", "2025-W01,3", "2025-W03,4"],
         'counts.csv row 2, field period: "2025-W03" comes after "2025-W01", and a period is left out '
         "(expected 2025-W02; a period without cases is a row with 0)"),
        (["period,observed", "2025-01,3", "2025-01,4"],
         'counts.csv row 2, field period: the period "2025-01" is there twice (expected one row a period and series; '
         "name the columns that tell series apart with --by)"),
        (["period,observed", "2025-01,3", "2025-W02,4"],
         'counts.csv row 2, field period: "2025-W02" is another kind of period than those above (expected a month)'),
        (["period,observed", "2025-01,3", "2025-02,"],
         'counts.csv row 2, field observed: "" is not a count (expected a whole number of 0 or more)'),
        (["period,observed", "2025-01,-3"],
         'counts.csv row 1, field observed: "-3" is not a count (expected a whole number of 0 or more)'),
        (["period,observed", "2025-01,2.5"],
         'counts.csv row 1, field observed: "2.5" is not a count (expected a whole number of 0 or more)'),
        (["period,observed", "2025-Q1,2"],
         'counts.csv row 1, field period: "2025-Q1" is not a period (expected a week such as 2025-W07, a month such as '
         "2025-03, or a whole number)"),
        (["week,observed", "2025-01,2"],
         'counts.csv, field period: there is no column "period" (expected one of week, observed)'),
        (["period,observed"], "counts.csv: the table has no row (expected one row a period and series)"),
    ],
)  # fmt: skip
def test_a_fault_is_refused_with_its_place(lines: list[str], message: str, table: Callable[..., Path]) -> None:
    with pytest.raises(Refused) as caught:
        read(table(*lines))

    assert str(caught.value) == message


def monthly(series: int, months: int) -> list[str]:
    rows = ["code,period,observed"]
    for place in range(series):
        rows += [f"C{place},{period_of('month', 24000 + m)},{(m * 7 + place) % 11}" for m in range(months)]
    return rows


def test_five_columns_are_added_and_the_rows_stay_as_they_were(table: Callable[..., Path]) -> None:
    lines = monthly(2, 45)
    lines[-1] = "C1,2003-09,90"
    found = warn(read(table(*lines), keys=["code"]), load("monthly"))

    assert [list(row) for row in found.rows] == [["code", "period", "observed", *COLUMNS]] * 90
    assert [row["observed"] for row in found.rows] == [line.rpartition(",")[2] for line in lines[1:]]
    assert (found.assessed, found.alarms, found.short) == (16, 1, 0)
    assert found.rows[36]["alarm"] is None
    last = found.rows[-1]
    assert last["alarm"] is True
    assert last["score"] == pytest.approx((90 - last["expected"]) / (last["upperbound"] - last["expected"]))


def test_only_the_last_periods_are_assessed_where_that_is_asked(table: Callable[..., Path]) -> None:
    whole = warn(read(table(*monthly(2, 45)), keys=["code"]), load("monthly"))
    two = warn(read(table(*monthly(2, 45)), keys=["code"]), load("monthly"), last=2)

    assert two.assessed == 4
    assert [row for row in two.rows if row["alarm"] is not None] == [whole.rows[n] for n in (43, 44, 88, 89)]


def test_settings_for_another_kind_of_period_are_refused(table: Callable[..., Path]) -> None:
    with pytest.raises(Refused, match=r"noufaily are for 52 periods a year, and these are months"):
        warn(read(table(*monthly(1, 45)), keys=["code"]), load("noufaily"))
    with pytest.raises(Refused, match="the column is there already"):
        warn(read(table("period,observed,alarm", "2025-01,3,0")), load("monthly"))


def test_a_series_that_is_too_short_is_counted_and_left_empty(table: Callable[..., Path]) -> None:
    found = warn(read(table(*monthly(1, 30)), keys=["code"]), load("monthly"))

    assert (found.assessed, found.short) == (0, 1)
    assert {row["expected"] for row in found.rows} == {None}


def test_the_verb_adds_the_columns_to_a_table(cop: Callable[..., object], table: Callable[..., Path]) -> None:
    lines = monthly(2, 40)
    lines[-1] = lines[-1].rpartition(",")[0] + ",99"
    path = table(*lines)
    out = path.with_name("warned.parquet")
    done = cop("measure", "warn", path, "--by", "code", "-o", out)
    frame = pl.read_parquet(out)

    assert done.code == 0  # type: ignore[attr-defined]
    assert done.err.splitlines()[-1].startswith("6 rows of 2 series assessed with monthly, 1 alarms; in simulated")  # type: ignore[attr-defined]
    assert frame.columns == ["code", "period", "observed", *COLUMNS]
    assert frame.filter(pl.col("alarm"))["period"].to_list() == [frame["period"][-1]]
    refused = cop("measure", "warn", table("period,observed", "2025-01,3", "2025-03,4"))
    assert refused.code == 2  # type: ignore[attr-defined]
    assert "a period is left out" in refused.refusal  # type: ignore[attr-defined]
