"""A folder of parts: what counts as whole, what is gone on with, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from cop.classification.coder.arrow import CODED_SCHEMA
from cop.classification.coder.parts import MANIFEST, Parts, Run, open_parts
from cop.kernel.errors import Conflict, NotFound, Refused
from cop.kernel.hashing import file_sha256

RUN = Run(
    input_format="csv",
    input_sha256="a" * 64,
    id=None,
    text="text",
    all_scores=False,
    model="coder-1",
    model_sha256="b" * 64,
    scheme="1.0",
    fast=False,
    part_rows=4,
)
NAMES = [MANIFEST, "part-00000.parquet", "part-00001.parquet", "part-00002.parquet"]


def batch(first: int, count: int) -> pa.RecordBatch:
    """Codes of so many records, every third closed by software."""
    same = {"code": "A01", "section": "A", "probability": 0.5, "class_set": ["A01"], "urgency": 1}
    rows = [
        {
            **same,
            "id": str(n),
            "route": "review" if n % 3 else "auto",
            "language": "en",
            "scheme": "1.0",
            "model": "coder-1",
        }
        for n in range(first, first + count)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=CODED_SCHEMA)


def write(folder: Path, *, records: int = 10, resume: bool = False, run: Run = RUN) -> int:
    """Write that many records two by two, from where the folder is; how many were there before."""
    with open_parts(folder, run, resume=resume) as parts:
        before = parts.before
        if not parts.finished:
            for n in range(before, records, 2):
                parts.write(batch(n, min(2, records - n)))
    return before


def content(folder: Path) -> dict[str, bytes]:
    """Every file and its bytes."""
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A folder that was written in one go."""
    write(tmp_path / "whole")
    return tmp_path / "whole"


def test_parts_have_their_rows_in_order_and_a_manifest_that_tells_their_bytes(whole: Path) -> None:
    told = json.loads((whole / MANIFEST).read_text(encoding="utf-8"))

    assert sorted(content(whole)) == NAMES
    assert [pq.read_metadata(whole / p["name"]).num_rows for p in told["parts"]] == [4, 4, 2]
    assert [(p["name"], p["rows"], p["auto"], p["sha256"]) for p in told["parts"]] == [
        (name, rows, auto, file_sha256(whole / name))
        for name, rows, auto in zip(NAMES[1:], (4, 4, 2), (2, 1, 1), strict=True)
    ]
    assert (told["format"], told["finished"], told["rows"]) == ("cop-coded/1", True, 10)
    assert told["run"]["input_sha256"] == "a" * 64


def test_the_folder_is_one_table_for_whoever_reads_it(whole: Path) -> None:
    table = ds.dataset(whole, format="parquet").to_table()

    assert table.schema == CODED_SCHEMA
    assert table.column("id").to_pylist() == [str(n) for n in range(10)]


def interrupted(folder: Path, after: int) -> None:
    """A run that ends without a word after so many records."""
    with pytest.raises(KeyboardInterrupt), open_parts(folder, RUN, resume=True) as parts:
        for n in range(parts.before, after, 2):
            parts.write(batch(n, 2))
        raise KeyboardInterrupt


@pytest.mark.parametrize(("after", "kept"), [(0, 0), (2, 0), (4, 4), (6, 4), (8, 8), (10, 8)])
def test_a_run_that_was_stopped_goes_on_after_the_last_whole_part(
    tmp_path: Path, whole: Path, after: int, kept: int
) -> None:
    folder = tmp_path / "stopped"
    interrupted(folder, after)

    assert json.loads((folder / MANIFEST).read_text())["finished"] is False
    assert write(folder, resume=True) == kept
    assert content(folder) == content(whole)


def damaged_bytes(folder: Path) -> None:
    path = folder / NAMES[2]
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def lost(folder: Path) -> None:
    (folder / NAMES[2]).unlink()


def half_written(folder: Path) -> None:
    interrupted_at = json.loads((folder / MANIFEST).read_text())
    interrupted_at.update(parts=interrupted_at["parts"][:1], rows=4, finished=False)
    (folder / MANIFEST).write_text(json.dumps(interrupted_at))
    (folder / NAMES[2]).rename(folder / f"_{NAMES[2]}.part")
    (folder / NAMES[3]).unlink()
    (folder / f"_{NAMES[2]}.part").write_bytes(b"PAR1")
    (folder / f"{MANIFEST}.part").write_bytes(b"{")


def not_named_yet(folder: Path) -> None:
    half_written(folder)
    (folder / f"_{NAMES[2]}.part").rename(folder / NAMES[2])


@pytest.mark.parametrize("harm", [damaged_bytes, lost, half_written, not_named_yet])
def test_parts_from_the_first_that_is_not_whole_on_are_written_again(
    tmp_path: Path, whole: Path, harm: Callable[[Path], None]
) -> None:
    folder = tmp_path / "harmed"
    write(folder)
    harm(folder)

    assert write(folder, resume=True) == 4
    assert content(folder) == content(whole)


def test_a_finished_run_has_nothing_to_do(whole: Path) -> None:
    before = content(whole)

    assert write(whole, resume=True) == 10
    assert content(whole) == before


def test_what_comes_before_a_refused_record_is_kept_and_not_called_finished(tmp_path: Path, whole: Path) -> None:
    folder = tmp_path / "refused"
    for kept in (0, 4):
        with pytest.raises(Refused, match="mend it"), open_parts(folder, RUN, resume=True) as parts:
            assert parts.before == kept
            for n in range(parts.before, 6, 2):
                parts.write(batch(n, 2))
            raise Refused("mend it")
        told = json.loads((folder / MANIFEST).read_text())
        assert ([p["rows"] for p in told["parts"]], told["finished"]) == ([4, 2], False)
    write(folder, resume=True)

    assert content(folder) == content(whole)


def test_nothing_is_left_when_the_first_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "new"):
        with pytest.raises(Refused, match="mend it"), open_parts(tmp_path / name, RUN, resume=False):
            raise Refused("mend it")

    assert [p.name for p in tmp_path.iterdir()] == ["empty"]
    assert list((tmp_path / "empty").iterdir()) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"input_sha256": "c" * 64}, "input_sha256 was aaaaaaaaaaaa, now cccccccccccc"),
        ({"input_format": "jsonl"}, 'input_format was "csv", now "jsonl"'),
        ({"id": "ref", "text": "body"}, 'id was null, now "ref"; text was "text", now "body"'),
        ({"model": "coder-2"}, 'model was "coder-1", now "coder-2"'),
        ({"model_sha256": "c" * 64}, "model_sha256 was bbbbbbbbbbbb, now cccccccccccc"),
        ({"scheme": "2.0"}, 'scheme was "1.0", now "2.0"'),
        ({"all_scores": True}, "all_scores was false, now true"),
        ({"fast": True}, "fast was false, now true"),
        ({"part_rows": 5}, "part_rows was 4, now 5"),
    ],
)
def test_another_run_is_not_gone_on_with(whole: Path, change: dict[str, Any], said: str) -> None:
    before = content(whole)
    with pytest.raises(Conflict) as refused:
        write(whole, resume=True, run=replace(RUN, **change))

    expected = "(expected the same input, columns and model, or another folder)"
    assert str(refused.value) == f"the folder {whole} holds the codes of another run: {said} {expected}"
    assert content(whole) == before


def test_an_earlier_run_is_not_written_over(whole: Path) -> None:
    with pytest.raises(Conflict, match="holds the codes of an earlier run"):
        write(whole)


def test_other_files_and_other_writers_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("x")
    (tmp_path / "file").write_text("x")
    with pytest.raises(Conflict, match="holds other files"):
        write(tmp_path / "other", resume=True)
    with pytest.raises(Conflict, match="is a file"):
        write(tmp_path / "file")
    with pytest.raises(NotFound, match="there is no folder"):
        write(tmp_path / "none" / "coded")

    def second(parts: Parts) -> None:
        with pytest.raises(Conflict, match="another process writes to the folder"):
            write(parts.folder, resume=True)

    with open_parts(tmp_path / "held", RUN, resume=False) as parts:
        parts.write(batch(0, 2))
        second(parts)
    assert pq.read_table(tmp_path / "held" / NAMES[1]).num_rows == 2


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "cop-coded/2"}', '{"format": "cop-coded/1", "run": 1}'])
def test_a_manifest_that_cannot_be_read_is_one_line(whole: Path, text: str) -> None:
    (whole / MANIFEST).write_text(text)
    with pytest.raises(Refused, match=r"cannot be read \(expected a manifest of cop-coded/1\)"):
        write(whole, resume=True)
