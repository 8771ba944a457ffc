from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.errors import Refused
from cop.measurement.series.ownership import Ownership, total

GROUP = Ownership({"All": "", "Owner": "All", "Brand": "Owner", "Other brand": "Owner", "Alone": "All"})


def test_without_a_table_nothing_is_added() -> None:
    with pytest.raises(Refused) as refusal:
        total([("Owner", 5.0), ("Brand", 3.0)], None)

    assert str(refusal.value) == (
        "field ownership: bodies are not added without a table of what is inside what (expected name and inside for "
        "every body, or a total that the publisher gives)"
    )


def test_a_brand_counts_with_its_owner_or_by_itself_and_never_twice() -> None:
    both = total([("Owner", 5.0), ("Brand", 3.0), ("Alone", 2.0)], GROUP)
    brands = total([("Owner", None), ("Brand", 3.0), ("Other brand", 1.0), ("Alone", 2.0)], GROUP)

    assert (both.total, both.of, both.within) == (7.0, ("Owner", "Alone"), {"Brand": "Owner"})
    assert (brands.total, brands.within) == (6.0, {})


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ([("Nobody", 1.0)], 'row 1, field name: "Nobody" is not in the ownership table (expected every body, with what '
         "it is inside or nothing)"),
        ([("Alone", 1.0), ("Alone", 2.0)],
         'row 2, field name: "Alone" is there twice (expected one figure, or repeated = "add")'),
        ([("Owner", 1.0), ("Brand", 2.0)], 'field inside: "2" is inside Owner, which has 1 (expected no more than the '
         "whole: one of them is not inside, or counts something else)"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_is_refused(figures: list[tuple[str, float]], message: str) -> None:
    with pytest.raises(Refused) as refusal:
        total(figures, GROUP)

    assert str(refusal.value) == message


def test_a_circle_of_owners_is_refused() -> None:
    with pytest.raises(Refused, match="without a circle"):
        Ownership({"A": "B", "B": "A"})


@given(st.lists(st.floats(0, 1e6), min_size=3, max_size=3))
def test_wherever_a_body_has_a_figure_what_is_inside_adds_nothing(values: list[float]) -> None:
    brand, other, alone = values
    owner = brand + other + 1
    parts = [("Brand", brand), ("Other brand", other), ("Owner", owner), ("Alone", alone)]

    assert total(parts, GROUP, tolerance=1e-9).total == pytest.approx(owner + alone)


# --- the clearing house's list of providers


@pytest.fixture(scope="module")
def listed(shared: Path) -> list[tuple[str, str, float | None]]:
    """(year, name, reports) as published: owners, brands and two totals in one list."""
    facts = json.loads((shared / "data/statistics/admin/ocse-reports-per-platform.json").read_text(encoding="utf-8"))
    return [(year, row[0], row[1]) for entry in facts["NCMEC"]["rows"] for year, row in entry.items()]


def owners(names: set[str]) -> Ownership:
    brands = {"Facebook": "Meta", "Instagram": "Meta", "WhatsApp": "Meta"}
    inside = {name: brands.get(name, "ESP Total") for name in names} | {"Meta": "ESP Total"}
    return Ownership(inside | {"ESP Total": "Total", "Total": ""})


def test_a_naive_sum_of_the_list_is_three_times_what_was_received(listed: list[tuple[str, str, float | None]]) -> None:
    naive = sum(value or 0 for year, _, value in listed if year == "2019")
    figures = [(name, value) for year, name, value in listed if year == "2019"]
    names = {name for _, name, _ in listed}

    assert naive == 50_452_375
    with pytest.raises(Refused):
        total(figures, None)
    assert total(figures, owners(names)).total == 16_987_361


@pytest.mark.parametrize(("year", "owner_given"), [("2019", True), ("2020", True), ("2021", False), ("2022", False)])
def test_owner_or_brands_each_year_stay_within_the_providers_total(
    listed: list[tuple[str, str, float | None]], year: str, owner_given: bool
) -> None:
    figures = [(name, value) for y, name, value in listed if y == year and "Total" not in name]
    published = next(value for y, name, value in listed if y == year and name == "ESP Total")
    found = total(figures, owners({name for _, name, _ in listed}), repeated="add")

    assert published is not None
    assert ("Meta" in found.of) == owner_given
    assert ("Facebook" in found.of) == (not owner_given)
    assert 0.98 * published < found.total <= published
