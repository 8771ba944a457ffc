"""A run of `cop classify` into a folder that is killed ends, when it goes on, in the same bytes as an undisturbed one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

Cop = Callable[..., Any]

ROWS, PART = 1_850, 250
WHOLE = -(-ROWS // PART)
WAIT = 120.0
"""Seconds after which a run that makes no progress is a failed test."""


def corpus_texts(root: Path) -> Iterator[str]:
    """Every third text of the corpus."""
    for path in sorted((root / "corpus").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines()[::3]:
            yield json.loads(line)["text"]


@pytest.fixture(scope="module")
def records(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to code."""
    path = tmp_path_factory.mktemp("records") / "reports.jsonl"
    texts = list(islice(corpus_texts(root), ROWS))
    lines = [json.dumps({"ref": f"r{n}", "text": f"{texts[n % len(texts)]} {n}"}) for n in range(ROWS)]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def arguments(records: Path, folder: Path, workers: int) -> list[str]:
    how = ["--id", "ref", "--part-rows", str(PART), "--workers", str(workers), "--resume"]
    return ["classify", str(records), "-o", str(folder), *how]


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def undisturbed(cop: Cop, records: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a run in one go writes."""
    folder = tmp_path_factory.mktemp("undisturbed") / "coded"
    done = cop(*arguments(records, folder, 1), cold=True)
    assert done.code == 0, done.err
    return content(folder)


def until(true: Callable[[], bool]) -> None:
    limit = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < limit, "the run made no progress"
        time.sleep(0.002)


def kill_when(command: list[str], seen: Callable[[], bool]) -> None:
    """Start the run and kill it, with no time to say farewell, once that is seen in its folder."""
    program = Path(sys.executable).parent / "cop"
    with subprocess.Popen([program, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
        try:
            until(lambda: seen() or run.poll() is not None)
        finally:
            run.kill()
        _, said = run.communicate()
    assert run.returncode == -9, f"the run had ended before it was killed: {said}"


def named(folder: Path) -> int:
    """The parts that the manifest names."""
    manifest = folder / "_manifest.json"
    return len(json.loads(manifest.read_text(encoding="utf-8"))["parts"]) if manifest.exists() else 0


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_is_killed_at_five_moments_ends_in_the_same_bytes(
    cop: Cop, records: Path, undisturbed: dict[str, bytes], tmp_path: Path, workers: int
) -> None:
    folder = tmp_path / "coded"
    command = arguments(records, folder, workers)
    moments: list[Callable[[], bool]] = [
        folder.exists,
        (folder / "_manifest.json").exists,
        lambda: (folder / "_part-00000.parquet.part").exists() or (folder / "part-00000.parquet").exists(),
        (folder / "part-00002.parquet").exists,
        lambda: named(folder) >= 5,
    ]
    for seen in moments:
        kill_when(command, seen)
    before = named(folder)
    done = cop(*command, "--json")

    assert 5 <= before < WHOLE
    assert (done.code, done.json["records"], done.json["before"], done.json["parts"]) == (0, ROWS, before * PART, WHOLE)
    assert content(folder) == undisturbed
