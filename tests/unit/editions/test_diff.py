"""Comparing editions: each kind of change is found, counted and shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cop.editions.diff import KEYS, Changes, TableChanges, compare
from cop.editions.read import open_edition
from cop.editions.tables import TABLES
from cop.editions.write import Contents
from cop.kernel.errors import NotFound, Refused

Write = Callable[..., Path]
Make = Callable[..., Contents]
Rows = list[dict[str, object]]


def changes(write: Write, new: Contents, tmp_path: Path) -> Changes:
    """From the small edition to the new one."""
    return compare(open_edition(write(folder=tmp_path / "old")), open_edition(write(new, folder=tmp_path / "new")))


def table(result: Changes, name: str) -> TableChanges:
    """What changed in one table."""
    [found] = [t for t in result.tables if t.name == name]
    return found


def test_an_edition_does_not_differ_from_itself(write: Write, small: Make, tmp_path: Path) -> None:
    result = changes(write, small(), tmp_path)

    assert result.same
    assert [t for t in result.tables if t.examples] == []
    assert result.as_json()["same"] is True


def test_an_added_fact_is_counted(
    write: Write, small: Make, count_rows: Rows, count_row: Callable[..., dict[str, object]], tmp_path: Path
) -> None:
    result = changes(write, small(counts=[*count_rows, count_row("B02", "XAL", "2025-01", 7)]), tmp_path)

    assert table(result, "counts") == TableChanges("counts", 1, 0, 0, ())
    assert not result.same


def test_a_removed_fact_is_counted(write: Write, small: Make, count_rows: Rows, tmp_path: Path) -> None:
    assert table(changes(write, small(counts=count_rows[1:]), tmp_path), "counts") == TableChanges(
        "counts", 0, 1, 0, ()
    )


def test_a_changed_value_is_shown_from_what_to_what(
    write: Write, small: Make, count_rows: Rows, tmp_path: Path
) -> None:
    count_rows[0]["value"] = 14

    assert table(changes(write, small(counts=count_rows), tmp_path), "counts") == TableChanges(
        "counts", 0, 0, 1, ("class-month reports B01 XAL 2025-01: value 12 -> 14",)
    )


def test_a_value_that_is_withheld_now_is_a_change(write: Write, small: Make, count_rows: Rows, tmp_path: Path) -> None:
    count_rows[0] |= {"value": None, "obs_status": "Q", "conf_status": "C"}

    assert table(changes(write, small(counts=count_rows), tmp_path), "counts").examples == (
        "class-month reports B01 XAL 2025-01: value 12 -> None, obs_status A -> Q, conf_status F -> C",
    )


def test_a_value_that_is_withheld_in_both_is_no_change(
    write: Write, small: Make, count_rows: Rows, tmp_path: Path
) -> None:
    count_rows[2]["value"] = 20

    assert table(changes(write, small(counts=count_rows), tmp_path), "counts").changed == 1


def test_other_lineage_is_no_change_of_a_fact(write: Write, small: Make, count_rows: Rows, tmp_path: Path) -> None:
    count_rows[0]["lineage"] = "counts-2"

    assert changes(write, small(counts=count_rows), tmp_path).same


def test_changed_metadata_is_named(write: Write, small: Make, tmp_path: Path) -> None:
    result = changes(write, small(report={"to": "Council"}), tmp_path)

    assert result.metadata == ("report",)
    assert not result.same


def test_no_more_than_five_examples_are_shown(
    write: Write, small: Make, count_row: Callable[..., dict[str, object]], tmp_path: Path
) -> None:
    def rows(value: int) -> Rows:
        return [count_row("B01", "XAL", f"2025-{m:02d}", value) for m in range(1, 13)]

    old, new = write(small(counts=rows(5)), folder=tmp_path / "a"), write(small(counts=rows(6)), folder=tmp_path / "b")
    counts = table(compare(open_edition(old), open_edition(new)), "counts")

    assert (counts.changed, len(counts.examples)) == (12, 5)


def test_every_table_has_a_key_of_its_own_columns() -> None:
    assert list(KEYS) == list(TABLES)
    for name, key in KEYS.items():
        assert set(key) < set(TABLES[name].names), name


def test_a_folder_that_is_no_edition_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no edition at"):
        open_edition(tmp_path)


def test_an_edition_has_no_table_or_metadata_of_another_name(write: Write) -> None:
    edition = open_edition(write())

    with pytest.raises(NotFound, match="no table secrets in an edition"):
        edition.table("secrets")
    with pytest.raises(NotFound, match="no metadata secrets in an edition"):
        edition.metadata("secrets")


def test_what_was_written_reads_back(write: Write, small: Make) -> None:
    edition = open_edition(write())

    assert edition.about == {"format": "cop-edition/1", "id": "2026-01", "status": "released", **small().about}
    assert edition.metadata("surveys") == small().metadata["surveys"]
    assert edition.metadata("library") == {}
    for name in TABLES:
        expected = small().facts.get(name, TABLES[name].empty_table())
        assert edition.table(name).to_arrow().cast(TABLES[name]).num_rows == expected.num_rows
    assert sorted(edition.table("counts")["value"].to_list(), key=str) == [12, 140, 19, None]


def test_metadata_that_is_not_json_is_refused(write: Write) -> None:
    path = write()
    (path / "metadata" / "library.json").write_text("{")

    with pytest.raises(Refused) as refused:
        open_edition(path).metadata("library")

    assert str(refused.value) == "library.json: cannot be read as JSON (expected a file of an edition)"
