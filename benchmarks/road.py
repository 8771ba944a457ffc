"""The whole road at size: 100,000 reports, what it takes in time and memory, and a second run with nothing changed.

Reports are resampled from the harbour example's files, each text made different by its case number. Prints a table;
exit 1 when a target is missed.

    .venv/bin/python benchmarks/road.py [--records 100000] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HARBOUR = ROOT / "examples" / "harbour"
COP = Path(sys.executable).parent / "cop"
FIELDS = ("summary", "received", "platform", "age_band", "sex", "reporter")
TOML = """[observatory]
id = "size"
title = "Size"
organisation = "Nobody"
group = "T-CP"
synthetic = true
[release]
date = 2026-01-15
period = "2024-01/2025-12"
[areas]
XAL = "Alvemere Isles"
[[reports]]
id = "hotline"
title = "Hotline"
files = ["inputs/*.csv"]
columns = { narrative = "summary", date = "received" }
defaults = { country = "XAL", channel = "hotline" }
"""


@dataclass(frozen=True, slots=True)
class Run:
    """A program that ended: wall and CPU seconds, the largest memory of it and its children together, in MB."""

    wall: float
    cpu: float
    peak: float
    out: str
    err: str


def run(*arguments: object) -> Run:
    """Call `cop` and measure it."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    peak = 0.0
    process = subprocess.Popen([COP, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def watch() -> None:
        nonlocal peak
        while process.poll() is None:
            peak = max(peak, memory(process.pid))
            time.sleep(0.1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, err = process.communicate()
    watcher.join()
    if process.returncode != 0:
        sys.exit(f"cop {' '.join(map(str, arguments))} ended with {process.returncode}:\n{err}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(time.monotonic() - began, cpu, peak, out, err)


def memory(pid: int) -> float:
    """Resident memory of a process and all below it, in MB; pages that several share are counted for each."""
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            pages = int(Path(f"/proc/{one}/statm").read_text().split()[1])
            waiting += [
                int(p) for t in Path(f"/proc/{one}/task").iterdir() for p in (t / "children").read_text().split()
            ]
        except (OSError, IndexError):
            continue
        total += pages * os.sysconf("SC_PAGESIZE")
    return total / 2**20


def make(folder: Path, records: int) -> Path:
    """An observatory with that many reports, in five files."""
    rows: list[dict[str, str]] = []
    for name in ("xal-2024.csv", "xal-2025.csv"):
        with (HARBOUR / "inputs" / "reports" / name).open(encoding="utf-8", newline="") as handle:
            rows += list(csv.DictReader(handle))
    chance = random.Random(100)
    (folder / "inputs").mkdir(parents=True)
    (folder / "observatory.toml").write_text(TOML, encoding="utf-8")
    number = 0
    for part in range(5):
        with (folder / "inputs" / f"{part}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, FIELDS, extrasaction="ignore", restval="")
            writer.writeheader()
            for _ in range(records // 5):
                number += 1
                row = chance.choice(rows)
                writer.writerow({**row, "summary": f"{row['summary']} (case {number})"})
    return folder


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="build here and keep it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = make(options.keep or Path(scratch) / "size", options.records)
        first = run("build", folder, "--json")
        again = run("build", folder, "--json")
        stages = len(json.loads(again.out)["stages"])
        table = folder / "all.csv"
        with table.open("w", encoding="utf-8") as out:
            for part in sorted((folder / "inputs").glob("*.csv")):
                lines = part.read_text(encoding="utf-8").splitlines(keepends=True)
                out.writelines(lines if part.name == "0.csv" else lines[1:])
        few = folder / "few.csv"
        with table.open(encoding="utf-8", newline="") as source, few.open("w", encoding="utf-8", newline="") as out:
            rows = csv.reader(source)
            csv.writer(out).writerows(row for _, row in zip(range(options.records // 5 + 1), rows, strict=False))
        coded = {
            n: run("classify", table, "--text", "summary", "-o", folder / "o.jsonl", "--workers", n) for n in (1, 2)
        }
        small = run("classify", few, "--text", "summary", "-o", folder / "few.jsonl", "--workers", 1)
        if options.keep is None:
            shutil.rmtree(folder)

    n = options.records
    print(f"{'':44}{'wall s':>9}{'CPU s':>9}{'records/s':>11}{'peak MB':>9}")
    lines = [(f"cop build, {n:,} reports", first, n), ("cop build again, nothing changed", again, 0)]
    lines += [(f"cop classify, {n:,} records, {w} worker{'s'[: w - 1]}", r, n) for w, r in coded.items()]
    lines.append((f"cop classify, {n // 5:,} records, 1 worker", small, n // 5))
    for what, r, records in lines:
        rate = f"{records / r.wall:,.0f}" if records else ""
        print(f"{what:44}{r.wall:>9.1f}{r.cpu:>9.1f}{rate:>11}{r.peak:>9,.0f}")
    print("\nstages of the first build:")
    for line in first.err.splitlines():
        if ": done in " in line:
            print(f"  {line}")
    targets = {
        "the build takes under 5 minutes": first.wall < 300,
        "the build takes under 2 GB": first.peak < 2048,
        "a second build does nothing, in under 2 s": stages == 0 and again.wall < 2,
        "the memory of classify does not grow with its input (50 MB)": coded[1].peak - small.peak < 50,
    }
    print()
    for what, met in targets.items():
        print(f"{'met   ' if met else 'MISSED'}  {what}")
    sys.exit(0 if all(targets.values()) else 1)


if __name__ == "__main__":
    main()
