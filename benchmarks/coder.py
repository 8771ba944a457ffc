"""The coder's figures: quality on held-out writers and independent summaries, posts, agreement, throughput.

Run from the project's root: `.venv/bin/python benchmarks/coder.py [--seeds 3]`.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from cop.classification.coder import Coded, Coder
from cop.classification.coder.agreement import agreement, as_table, read_judgements
from cop.classification.coder.bulk import code_batches
from cop.classification.coder.corpus import read_corpus
from cop.classification.coder.encoder import single_thread
from cop.classification.coder.general import LEAST, average_precision, read_general, read_posts
from cop.classification.coder.train import Recipe, rehearse
from cop.classification.scheme import load_scheme
from cop.kernel.tables import open_rows

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
RECORDS = 10_000
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


def unseen(coder: Coder) -> None:
    """Texts of writers who came after the model was trained: two in three lie at a boundary of the classes."""
    rows = read_corpus(ROOT / "corpus" / "unseen", load_scheme())
    right = [c.code == r.code for c, r in zip(coder.code([r.text for r in rows]), rows, strict=True)]
    print(f"\nwriters who came after training: {sum(right) / len(rows):.4f} of {len(rows)} texts")
    for name in ("writer", "language", "hard"):
        groups = sorted({str(getattr(r, name)) for r in rows})
        shares = {g: [ok for ok, r in zip(right, rows, strict=True) if str(getattr(r, name)) == g] for g in groups}
        print(f"{'by ' + name:28} " + ", ".join(f"{g} {sum(v) / len(v):.3f} ({len(v)})" for g, v in shares.items()))


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


def throughput(coder: Coder, quick: Coder, texts: list[str]) -> None:
    """The whole model, the cascade and the fast tier alone, in one run, on texts changed so that no memory helps."""
    some = [f"{texts[n % len(texts)]} {n}" for n in range(RECORDS)]
    batches = [some[start : start + BATCH] for start in range(0, RECORDS, BATCH)]
    speed: dict[str, float] = {}
    for name, which in (("whole model", coder), ("cascade", quick)):
        for workers in (1, 2):
            started = list(code_batches(batches[: 2 * workers], coder=which, workers=workers))  # load, apart
            start = time.perf_counter()
            routes = Counter(c.route for coded in code_batches(batches, coder=which, workers=workers) for c in coded)
            seconds = time.perf_counter() - start
            speed[f"{name} {workers}"] = RECORDS / seconds
            print(f"{name}, {workers} worker(s): {RECORDS / seconds:,.0f} records/s, {dict(routes)}", flush=True)
            del started
    fast, pieces, reserved = coder.fitted.fast, coder.fitted.vocabulary, coder.fitted.reserved
    start = time.perf_counter()
    with single_thread():
        answered = sum(int(fast.answers(batch, pieces, reserved)[2].sum()) for batch in batches)
    seconds = time.perf_counter() - start
    print(f"fast tier alone, one core: {RECORDS / seconds:,.0f} records/s, answers {answered / RECORDS:.3f} of them")
    ratio = speed["cascade 2"] / speed["whole model 2"]
    print(f"ratio of the cascade to the whole model, two workers: {ratio:.2f}")


def cascade_cost(coder: Coder, quick: Coder) -> None:
    """Accuracy of the whole model and of the cascade on the same independent texts."""
    gold = SHARED / "data" / "threats" / "report_summaries_dev.jsonl"
    if gold.is_file():
        records = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines()]
        texts = [r["text"] for r in records]
        right = [{r["code"], *r["alternatives"]} for r in records]
        whole, fast = (
            sum(c.code in ok for c, ok in zip(which.code(texts), right, strict=True)) / len(texts)
            for which in (coder, quick)
        )
        print(f"accuracy on independent summaries: whole {whole:.4f}, cascade {fast:.4f}, lost {whole - fast:.4f}")


def posts() -> None:
    table = SHARED / "data" / "threats" / "threat_text.parquet"
    folder = ROOT / "models" / "general-1.0"
    if not table.is_file():
        print("posts: ../shared is absent")
        return
    general = read_general(folder)
    measured = average_precision(general, read_posts(table, "dev", general.labels))
    for label, facts in measured.items():
        print(f"  {label:20} AUPRC {facts['auprc']:.4f}  ({facts['positive']} positive of {facts['rows']})")
    areas = [facts["auprc"] for facts in measured.values() if facts["positive"] >= LEAST]
    print(f"  mean over {len(areas)} labels with at least {LEAST} positives: {sum(areas) / len(areas):.4f}")


def seeds(number: int) -> None:
    """Train anew with other seeds, without the held-out writers; measured on these and on the independent summaries."""
    scheme = load_scheme()
    corpus = read_corpus(ROOT / "corpus", scheme)
    for seed in range(number):
        found = rehearse(corpus, scheme, recipe=Recipe(seed=seed))
        print(f"seed {seed}: {json.dumps(found.evaluation.measures())}", flush=True)
        scored(Coder(found.model("coder-0.0", scheme), {}, ROOT))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=0, help="train so many models anew (some 25 minutes each)")
    options = parser.parse_args()
    start = time.perf_counter()
    coder = Coder.load()
    first: Coded = coder.code(["A man posing as fifteen asked my daughter to keep their chats secret."])[0]
    print(f"{coder.model}: loaded and first text in {time.perf_counter() - start:.2f} s ({first.code})")
    print("\nheld-out writers")
    print(json.dumps(coder.card["measures"], indent=1))
    print("\nindependent summaries, through tools/score_coder.py")
    scored(coder)
    unseen(coder)
    quick = Coder.load(fast=True)
    cascade_cost(coder, quick)
    harbour(coder)
    print("\nposts: heads for general labels, dev split")
    posts()
    print("\nagreement of three codings of 200 corpus texts (the writer, and two blind coders)")
    print("\n".join(as_table(agreement(read_judgements(ROOT / "benchmarks" / "recoding.csv", load_scheme())))))
    corpus = sorted((ROOT / "corpus").glob("*.jsonl"))
    texts = [json.loads(x)["text"] for p in corpus for x in p.read_text(encoding="utf-8").splitlines()]
    print(f"\nthroughput, {RECORDS:,} records of {sum(map(len, texts)) / len(texts):.0f} characters")
    throughput(coder, quick, texts)
    seeds(options.seeds)


if __name__ == "__main__":
    main()
