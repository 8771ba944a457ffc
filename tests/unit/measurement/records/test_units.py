from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.errors import Refused
from cop.measurement.records.units import Unit, one_per_unit

REPORTS = pl.DataFrame(
    {
        "id": ["r1", "r2", "r3", "r4", "r5"],
        "date": ["2025-02-01", "2025-01-09", "2025-02-03", "2025-02-03", "2025-03-01"],
        "address": ["x", "x", "y", None, "y"],
        "repeats": [None, None, "r1", None, "r3"],
        "code": ["A01", "A02", "B03", "A01", "B03"],
    }
)


def test_every_report_counts_unless_another_unit_is_named() -> None:
    found = one_per_unit(REPORTS, Unit())

    assert found.frame.drop("reports").equals(REPORTS)
    assert (found.reports, found.units, found.duplicates, found.repeated) == (5, 5, 0, 0)


def test_an_address_is_counted_where_it_was_first_reported() -> None:
    found = one_per_unit(REPORTS, Unit("addresses", "address", without="own"))

    assert found.frame.select("id", "reports").rows() == [("r2", 2), ("r3", 2), ("r4", 1)]
    assert (found.units, found.repeated, found.left_out, found.disagreeing) == (3, 2, 0, 1)


def test_a_row_without_a_unit_is_refused_unless_it_is_said_what_it_is() -> None:
    with pytest.raises(Refused) as refusal:
        one_per_unit(REPORTS, Unit("addresses", "address"))

    assert str(refusal.value) == (
        'records row 4, field address: the row has no unit (expected an identifier, or without = "own" or "leave out")'
    )
    left = one_per_unit(REPORTS, Unit("addresses", "address", without="leave out"))
    assert (left.units, left.left_out) == (2, 1)


def test_a_duplicate_counts_with_the_report_that_it_repeats_however_far_back() -> None:
    found = one_per_unit(REPORTS, Unit("reports", duplicate_of="repeats"))

    assert found.frame.select("id", "reports").rows() == [("r1", 3), ("r2", 1), ("r4", 1)]
    assert (found.units, found.duplicates, found.repeated) == (3, 2, 0)


def test_a_duplicate_is_of_the_unit_of_what_it_repeats() -> None:
    found = one_per_unit(REPORTS, Unit("addresses", "address", duplicate_of="repeats", without="own"))

    # r3 and r5 say y and repeat r1, which is of x
    assert found.frame.select("id", "reports").rows() == [("r2", 4), ("r4", 1)]


@pytest.mark.parametrize(
    ("of", "message"),
    [
        ([None, None, "r9", None, None], 'records row 3, field repeats: "r9" is no report of the file (expected the id '
         "of the report that it repeats)"),
        (["r2", "r1", None, None, None], 'records row 1, field repeats: "r2" leads back to the row itself (expected '
         "the id of the report that it repeats)"),
    ],
)  # fmt: skip
def test_a_duplicate_of_nothing_is_refused(of: list[str | None], message: str) -> None:
    with pytest.raises(Refused) as refusal:
        one_per_unit(REPORTS.with_columns(pl.Series("repeats", of, pl.String)), Unit(duplicate_of="repeats"))

    assert str(refusal.value) == message


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(Refused, match='"child" is not a column of the records'):
        one_per_unit(REPORTS, Unit("children", "child"))


@given(st.lists(st.tuples(st.sampled_from(["x", "y", "z", None]), st.integers(1, 28)), min_size=1, max_size=30))
def test_nothing_is_lost_between_reports_and_units(rows: list[tuple[str | None, int]]) -> None:
    frame = pl.DataFrame([(u, f"2025-01-{d:02d}", "A") for u, d in rows],
                         schema={"u": pl.String, "date": pl.String, "code": pl.String}, orient="row")  # fmt: skip
    for without in ("own", "leave out"):
        found = one_per_unit(frame, Unit("things", "u", without=without))  # type: ignore[arg-type]
        assert found.reports == found.units + found.duplicates + found.repeated + found.left_out
        assert found.frame["reports"].sum() == found.reports - found.left_out
        assert found.frame.height == found.units
