"""The coder's figures: quality on independent summaries, cross-validated quality, throughput, memory.

Run from the project's root: `.venv/bin/python benchmarks/coder.py`.
"""

from __future__ import annotations

import csv
import json
import resource as system
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cop.classification.coder import Coded, Coder
from cop.classification.coder.bulk import code_batches
from cop.kernel.tables import open_rows

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
RECORDS = 100_000
BATCH = 500


def scored(coder: Coder) -> None:
    gold = SHARED / "data" / "threats" / "report_summaries_dev.jsonl"
    if not gold.is_file():
        print("independent summaries: ../shared is absent")
        return
    records = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines()]
    coded = coder.code([r["text"] for r in records], all_scores=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "predictions.jsonl"
        lines = [json.dumps({"id": r["id"], **c.as_json()}) for r, c in zip(records, coded, strict=True)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [sys.executable, str(SHARED / "tools" / "score_coder.py"), str(gold), str(path)]
        print(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    heard = sum(r["language"] == c.language for r, c in zip(records, coded, strict=True))
    print(f"{'language right':28} {heard / len(records):.4f}")


def harbour(coder: Coder) -> None:
    folder = ROOT / "examples" / "harbour"
    if not (folder / "truth.csv").is_file():
        print("harbour: truth.csv is absent")
        return
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as handle:
        truth = {row["id"]: row["code"] for row in csv.DictReader(handle)}
    texts: dict[str, str] = {}
    for path in sorted((folder / "inputs" / "reports").iterdir()):
        with open_rows(path) as rows:
            for row in rows:
                name = next((v for v in row.values.values() if str(v) in truth), None)
                if name is not None:
                    texts[str(name)] = max((str(v) for v in row.values.values()), key=len)
    names = list(texts)
    coded = coder.code([texts[n] for n in names])
    right: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for name, said in zip(names, coded, strict=True):
        for key in ("all", said.language):
            seen[key] += 1
            right[key] += said.code == truth[name]
    covered = sum(truth[n] in c.class_set for n, c in zip(names, coded, strict=True)) / len(names)
    print(f"harbour: {len(names)} of {len(truth)} records found, class sets cover {covered:.4f}")
    for key in sorted(seen):
        print(f"  {key:4} {seen[key]:6} leaf {right[key] / seen[key]:.4f}")


def batches(texts: list[str]) -> Iterator[list[str]]:
    """RECORDS texts in batches; each is changed a little, so that no memory of an equal text helps."""
    for start in range(0, RECORDS, BATCH):
        yield [f"{texts[n % len(texts)]} {n}" for n in range(start, start + BATCH)]


def throughput(coder: Coder, texts: list[str]) -> None:
    for workers in (1, 2):
        start = time.perf_counter()
        routes = Counter[str]()
        for coded in code_batches(batches(texts), coder=coder, workers=workers):
            routes.update(c.route for c in coded)
        seconds = time.perf_counter() - start
        whose = (system.RUSAGE_SELF, system.RUSAGE_CHILDREN)
        peak = max(system.getrusage(who).ru_maxrss for who in whose) / 1024
        speed = f"{RECORDS / seconds:,.0f} records/s"
        print(f"{workers} worker(s): {speed}, peak memory of a process {peak:,.0f} MiB, {dict(routes)}")


def main() -> None:
    start = time.perf_counter()
    coder = Coder.load()
    first: Coded = coder.code(["A man posing as fifteen asked my daughter to keep their chats secret."])[0]
    print(f"{coder.model}: loaded and first text in {time.perf_counter() - start:.2f} s ({first.code})")
    print("\ncross-validated on the corpus")
    print(json.dumps(coder.card["measures"], indent=1))
    print("\nindependent summaries, through tools/score_coder.py")
    scored(coder)
    harbour(coder)
    corpus = sorted((ROOT / "corpus").glob("*.jsonl"))
    texts = [json.loads(x)["text"] for p in corpus for x in p.read_text(encoding="utf-8").splitlines()]
    print(f"\nthroughput, {RECORDS:,} records of {sum(map(len, texts)) / len(texts):.0f} characters")
    throughput(coder, texts)


if __name__ == "__main__":
    main()
