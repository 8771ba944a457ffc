from __future__ import annotations

import pytest

from cop.kernel.errors import Refused
from cop.measurement.disclosure.hierarchy import Dimension, Relation


def test_a_list_adds_up_to_its_total() -> None:
    assert Dimension("sex").relations(["F", "M", "_T"]) == [Relation("_T", ("F", "M"))]


def test_a_tree_adds_up_level_by_level_and_over_levels_that_are_not_shown() -> None:
    parents = {"B01": "B", "B02": "B", "B021": "B02"}
    tree = Dimension("code", "tree", parents=parents, open=frozenset({"B"}))

    assert tree.relations(["B", "B01", "B02", "B021", "_T"]) == [
        Relation("B", ("B01", "B02"), rest=True), Relation("B02", ("B021",)), Relation("_T", ("B",)),
    ]  # fmt: skip
    assert tree.relations(["B", "B021", "_T"]) == [Relation("B", ("B021",), rest=True), Relation("_T", ("B",))]


def test_periods_lie_in_one_another_across_tables_and_releases() -> None:
    codes = ["2024", "2024-Q1", "2024-01", "2024-02", "2024-03", "2024-04/2024-12"]

    assert Dimension("period", "periods").relations(codes) == [
        Relation("2024", ("2024-Q1", "2024-04/2024-12")), Relation("2024-Q1", ("2024-01", "2024-02", "2024-03")),
    ]  # fmt: skip


def test_a_longer_period_than_the_last_release_had_is_the_last_one_and_a_part_nobody_shows() -> None:
    [longer] = Dimension("period", "periods").relations(["2024-01/2024-06", "2024-01/2024-09"])

    assert longer == Relation("2024-01/2024-09", ("2024-01/2024-06",), rest=True)


def test_overlapping_age_bands_are_sums_of_pieces_that_no_table_shows() -> None:
    found = Dimension("age", "ages").relations(["9-12", "11-15", "13-17", "16-17", "9-17"])

    assert found == [
        Relation("11-15", ("~11-13", "~13-16")), Relation("13-17", ("~13-16", "16-17")),
        Relation("9-12", ("~9-11", "~11-13")), Relation("9-17", ("9-12", "13-17")),
    ]  # fmt: skip


def test_two_names_of_one_interval_are_one() -> None:
    assert Dimension("age", "ages").relations(["9", "9-9"]) == [Relation("9-9", ("9",))]


def test_the_total_of_intervals_holds_what_is_not_known() -> None:
    assert Dimension("age", "ages").relations(["9-12", "13-17", "_U", "_T"]) == [
        Relation("_T", ("9-12", "13-17", "_U"))
    ]


def test_further_sums_link_codes_that_a_list_does_not() -> None:
    waves = Dimension("wave", sums={"2021+2023": ["2021", "2023"]}, additive=True)

    assert Relation("2021+2023", ("2021", "2023")) in waves.relations(["2021", "2023", "2021+2023"])


def test_where_units_count_twice_nothing_adds_up() -> None:
    assert Dimension("platform", additive=False).relations(["a", "b", "_T"]) == []


@pytest.mark.parametrize(
    ("kind", "code"), [("ages", "young"), ("ages", "12-9"), ("periods", "2024-W01"), ("periods", "x")]
)
def test_a_code_that_is_no_interval_is_refused(kind: str, code: str) -> None:
    with pytest.raises(Refused):
        Dimension("d", kind).relations([code, "_T"])  # type: ignore[arg-type]
