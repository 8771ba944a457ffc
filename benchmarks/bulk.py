"""Coding in bulk, end to end through `cop classify` into a folder of parts: throughput and memory.

Run from the project's root: `.venv/bin/python benchmarks/bulk.py [RECORDS]` (default 1,000,000; some fifteen minutes).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
MOST = 1_000_000
PACE = 20_000
"""Records for the comparison of one worker with two."""

BATCH = 50_000
PLANNED = 10_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of the program: its summary, its seconds, the largest resident memory of one of its processes in MiB."""

    summary: dict[str, Any]
    seconds: float
    peak: float

    @property
    def pace(self) -> float:
        return float(self.summary["records"]) / self.seconds


def reports(texts: list[str]) -> Iterator[tuple[str, str]]:
    """Ids and texts without end: those of the corpus, each with its numbers changed, so that no two are the same."""
    number = 0
    while True:
        for text in texts:
            number += 1
            changed = re.sub(r"\d+", lambda found, n=number: str(int(found[0]) + n % 89), text)
            yield f"r{number}", f"{changed} {number}"


def written(path: Path, count: int, texts: list[str]) -> None:
    """A Parquet file of so many reports, made a batch at a time."""
    schema = pa.schema([("ref", pa.string()), ("summary", pa.string())])
    source = islice(reports(texts), count)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while rows := list(islice(source, BATCH)):
            writer.write_table(pa.table([list(column) for column in zip(*rows, strict=True)], schema=schema))


def run(path: Path, folder: Path, workers: int | None) -> Measured:
    """Code the file into the folder."""
    command = [Path(sys.executable).parent / "cop", "classify", path, "--text", "summary", "--id", "ref"]
    command += ["-o", f"{folder}/", "--json", "--fast", *(["--workers", str(workers)] if workers else [])]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    return Measured(json.loads(said), time.perf_counter() - start, usage.ru_maxrss / 1024)


def throughput(place: Path, texts: list[str]) -> None:
    path = place / "pace.parquet"
    written(path, PACE, texts)
    cores = len(os.sched_getaffinity(0))
    print(f"\nthroughput, {PACE:,} records, start of the program included, {cores} cores")
    print("| workers | records/s | peak MiB of a process |\n|---|---|---|")
    for workers in (1, 2):
        found = run(path, place / f"pace-{workers}", workers)
        print(f"| {workers} | {found.pace:,.0f} | {found.peak:,.0f} |")


def memory(place: Path, texts: list[str], most: int) -> None:
    """Peak memory must not grow; the last run is the one that is measured end to end."""
    sizes = sorted({min(10_000, most), min(100_000, most), most})
    print("\nend to end into a folder of parts, all cores")
    heads = ("records", "minutes", "records/s", "peak MiB of a process", "parts", "input MB", "codes MB", "auto")
    print(f"| {' | '.join(heads)} | hours for 10 M |")
    print("|---|---|---|---|---|---|---|---|---|")
    for count in sizes:
        path, folder = place / f"{count}.parquet", place / f"coded-{count}"
        written(path, count, texts)
        found = run(path, folder, None)
        total = sum(pq.read_metadata(p).num_rows for p in sorted(folder.glob("part-*.parquet")))
        if not total == found.summary["records"] == count:
            raise SystemExit(f"{total:,} records came out, {count:,} went in")
        size = sum(p.stat().st_size for p in folder.iterdir()) / 1e6
        auto = found.summary["auto"] / count
        cells = [
            f"{count:,}",
            f"{found.seconds / 60:.1f}",
            f"{found.pace:,.0f}",
            f"{found.peak:,.0f}",
            f"{found.summary['parts']:,}",
            f"{path.stat().st_size / 1e6:,.1f}",
            f"{size:,.1f}",
            f"{auto:.1%}",
            f"{PLANNED / found.pace / 3600:.1f}",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)
        path.unlink()


def main() -> None:
    most = int(sys.argv[1].replace(",", "").replace("_", "")) if len(sys.argv) > 1 else MOST
    lines = [x for p in sorted((ROOT / "corpus").glob("*.jsonl")) for x in p.read_text(encoding="utf-8").splitlines()]
    texts = [json.loads(line)["text"] for line in lines]
    print(f"texts of {sum(map(len, texts)) / len(texts):.0f} characters on average, from {len(texts):,} of the corpus")
    with tempfile.TemporaryDirectory() as folder:
        throughput(Path(folder), texts)
        memory(Path(folder), texts, most)


if __name__ == "__main__":
    main()
