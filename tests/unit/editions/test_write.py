"""Writing an edition: whole or not at all, the same bytes for the same facts, never another text under the same id."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from cop.editions.tables import METADATA, TABLES
from cop.editions.verify import verify
from cop.editions.write import Contents, write_edition
from cop.kernel.errors import Refused
from cop.kernel.signing import Seal, read_or_make_seal

Write = Callable[..., Path]
Make = Callable[..., Contents]
SIGNED = {"SHA256SUMS.sig", "signer.pub"}


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_an_edition_holds_what_its_reference_page_names(write: Write) -> None:
    expected = {
        "edition.json", "SHA256SUMS", "SHA256SUMS.sig", "signer.pub", "sdmx/structures.xml", "sdmx/counts.csv",
        "sdmx/estimates.csv", *(f"facts/{n}.parquet" for n in TABLES), *(f"metadata/{n}.json" for n in METADATA),
    }  # fmt: skip

    assert set(tree(write())) == expected


def test_the_same_contents_twice_are_the_same_bytes(write: Write, tmp_path: Path) -> None:
    assert tree(write(folder=tmp_path / "one")) == tree(write(folder=tmp_path / "two"))


def test_another_key_changes_nothing_but_the_signature_and_the_key(write: Write, small: Make, tmp_path: Path) -> None:
    other = read_or_make_seal(tmp_path / "other.key", "another")
    ours = tree(write(folder=tmp_path / "one"))
    theirs = tree(write_edition(small(), folder=tmp_path / "two", edition_id="2026-01", seal=other))

    assert {name for name in ours if ours[name] != theirs[name]} == SIGNED


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_and_columns_as_given_does_not_matter(
    write: Write, small: Make, count_rows: list[dict[str, object]], tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    rows = chance.sample(count_rows, len(count_rows))
    given = small(counts=rows)
    names = chance.sample(list(given.facts["counts"].column_names), len(given.facts["counts"].column_names))
    shuffled = Contents(given.about, {**given.facts, "counts": given.facts["counts"].select(names)}, given.metadata)

    assert tree(write(shuffled, folder=tmp_path / "shuffled")) == tree(write(folder=tmp_path / "plain"))


def test_a_draft_is_named_by_its_content(
    write: Write, small: Make, count_row: Callable[..., dict[str, object]]
) -> None:
    first, again = write(edition_id=None), write(edition_id=None)
    other = write(small(counts=[count_row("B01", "XAL", "2025-01", 13)]), edition_id=None)

    assert first == again
    assert first.name.startswith("draft-")
    assert other != first


def test_a_draft_of_other_facts_about_itself_has_another_name(write: Write, small: Make) -> None:
    given = small()
    later = Contents({**given.about, "date": "2026-02-15"}, given.facts, given.metadata)

    assert write(later, edition_id=None) != write(given, edition_id=None)


def test_writing_a_release_again_with_the_same_contents_leaves_it_alone(write: Write, tmp_path: Path) -> None:
    path = write()
    before = {p: p.stat().st_mtime_ns for p in path.rglob("*")}

    assert write() == path
    assert {p: p.stat().st_mtime_ns for p in path.rglob("*")} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["2026-01"]


def test_an_id_used_again_for_other_contents_is_refused_and_nothing_changes(
    write: Write, small: Make, count_row: Callable[..., dict[str, object]], tmp_path: Path
) -> None:
    before = tree(write())

    with pytest.raises(Refused) as refused:
        write(small(counts=[count_row("B01", "XAL", "2025-01", 13)]))

    assert str(refused.value) == (
        "2026-01: an edition of that id exists with other content, and editions are immutable "
        "(expected another --release id)"
    )
    assert tree(tmp_path / "2026-01") == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["2026-01"]


def test_a_table_with_other_columns_is_refused_and_nothing_is_left(write: Write, small: Make, tmp_path: Path) -> None:
    given = small()
    wrong = given.facts["counts"].drop_columns(["sex"]).append_column("gender", pa.array(["x"] * 4))

    with pytest.raises(Refused) as refused:
        write(Contents(given.about, {"counts": wrong}, given.metadata), folder=tmp_path / "editions")

    assert str(refused.value).startswith("facts table counts has other columns: gender, sex (expected table, measure,")
    assert tree(tmp_path / "editions") == {}
    assert [p.name for p in tmp_path.glob("editions/*")] == []


def test_metadata_of_an_unknown_name_is_refused(write: Write, small: Make) -> None:
    with pytest.raises(Refused, match=r"unknown metadata gossip \(expected classification, "):
        write(small(gossip={}))


def test_the_part_that_a_killed_writer_left_does_no_harm(write: Write, tmp_path: Path) -> None:
    part = tmp_path / ".part-4194305"
    (part / "facts").mkdir(parents=True)
    (part / "facts" / "counts.parquet").write_bytes(b"half")

    path = write()

    assert verify(path).whole
    assert path.name == "2026-01"


def test_a_part_under_the_writers_own_number_does_not_get_into_its_edition(write: Write, tmp_path: Path) -> None:
    import os

    part = tmp_path / f".part-{os.getpid()}"
    (part / "facts").mkdir(parents=True)
    (part / "facts" / "stray.parquet").write_bytes(b"half")

    assert "facts/stray.parquet" not in tree(write())


def test_a_folder_that_is_no_edition_is_not_overwritten(write: Write, tmp_path: Path) -> None:
    (tmp_path / "2026-01").mkdir()
    (tmp_path / "2026-01" / "mine.txt").write_text("keep me")

    with pytest.raises(Refused, match="exists with other content"):
        write()

    assert tree(tmp_path) == {"2026-01/mine.txt": b"keep me"}


def test_the_signing_key_is_for_its_owner_alone_and_is_kept(tmp_path: Path) -> None:
    first = read_or_make_seal(tmp_path / "k" / "signing.key", "one")

    assert (tmp_path / "k" / "signing.key").stat().st_mode & 0o777 == 0o600
    assert read_or_make_seal(tmp_path / "k" / "signing.key", "two") == first
    assert isinstance(first, Seal)
