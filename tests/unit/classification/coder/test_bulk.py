"""Batches over processes: the same answers, in order, a bounded number ahead, and what precedes a refusal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest

from cop.classification.coder import Coder, bulk
from cop.classification.coder.bulk import code_arrow_batches, code_batches
from cop.classification.coder.inputs import Record, in_batches
from cop.kernel.errors import Refused

WORDS = ["A child was insulted in a chat.", "", "Quelqu'un a pris le compte de ma fille.", "孩子的游戏账号被盗了。"]


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder.load()


def some(count: int, *, fault: bool = False) -> Iterator[Record]:
    """So many records, and perhaps a refusal."""
    for n in range(count):
        yield f"r{n}", f"{WORDS[n % 4]} {n}"
    if fault:
        raise Refused("no more")


def test_processes_give_the_same_batches_in_order_and_read_ahead_by_little(coder: Coder) -> None:
    taken: list[int] = []

    def source() -> Iterator[pa.RecordBatch]:
        for number, batch in enumerate(in_batches(some(220), every=20)):
            taken.append(number)
            yield batch

    answers = code_arrow_batches(source(), coder=coder, workers=2, all_scores=True)
    first = next(answers)
    ahead = len(taken)
    everything = [first, *answers]

    assert ahead <= 4
    assert len(everything) == 11
    assert everything == list(
        code_arrow_batches(in_batches(some(220), every=20), coder=coder, workers=1, all_scores=True)
    )


@pytest.mark.parametrize("workers", [None, 1, 2])
def test_what_comes_before_a_refusal_is_coded_wherever_it_is_coded(coder: Coder, workers: int | None) -> None:
    found: list[str] = []
    with pytest.raises(Refused, match="no more"):
        for batch in code_arrow_batches(in_batches(some(30, fault=True), every=10), coder=coder, workers=workers):
            found += batch.column("id").to_pylist()

    assert found == [f"r{n}" for n in range(30)]


def test_a_long_input_goes_to_all_cores_unless_told_otherwise(coder: Coder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PAYS_FROM", 25)
    monkeypatch.setattr(bulk, "_cores", lambda: 2)
    started: list[int] = []
    real: Callable[..., Iterator[object]] = bulk._in_processes

    def counted(*given: object) -> Iterator[object]:
        started.append(1)
        yield from real(*given)

    monkeypatch.setattr(bulk, "_in_processes", counted)
    texts = [[text for _, text in some(8)]] * 5

    few = list(code_batches(texts[:3], coder=coder))
    assert started == []
    many = list(code_batches(texts, coder=coder))
    assert started == [1]
    assert (few, many) == ([coder.code(texts[0])] * 3, [coder.code(texts[0])] * 5)


def test_a_worker_uses_one_thread(coder: Coder) -> None:
    code = """import json, sys
from pathlib import Path
from threadpoolctl import threadpool_info
from cop.classification.coder import bulk
bulk._start(Path(sys.argv[1]), False, None)
bulk._worker[0].code(["A text."])
print(json.dumps([found["num_threads"] for found in threadpool_info()]))
"""
    kept = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    command = [sys.executable, "-c", code, str(coder.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=kept)

    assert set(json.loads(done.stdout)) == {1}
