"""The finding machine's figures: quotes, whole documents, OPP-115, calibration, speed.

Run from the project's root: `.venv/bin/python benchmarks/terms.py [--skip-training] [--documents 1000]`. Everything
learned is cross-fitted in five folds over families of providers; the rules are the same in all of them, and were mended
with the documents and judged sentences in view. Sentences judged afresh: also `benchmarks/terms_flagged.py`.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cop.terms.clauses import split
from cop.terms.documents import from_bytes, read
from cop.terms.findings import check
from cop.terms.ranking import ranker
from cop.terms.ranking.examples import CODES
from cop.terms.ranking.figures import calibration, judged, quoted, score
from cop.terms.ranking.fitting import matrix, scorer
from cop.terms.ranking.passages import Passages, passages
from cop.terms.ranking.train import Rehearsal, gather, rehearse
from terms_flagged import draws, rows

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "terms"
SPECIMENS = ROOT / "tests" / "specimens" / "terms"
LIKELY = 0.25

# Human pairwise F1 of OPP-115's annotators: provider-terms-notes.md, section 3.3.
HUMAN = {
    "MKT-1": 0.68, "MKT-3": 0.82, "MKT-2 opt-out": 0.68, "MKT-2 opt-in": 0.48, "DEL-0 access/edit/delete": 0.75,
    "DEL-1": 0.42, "DEL-2": 0.56, "AGE-2": 0.92, "CHG-1": 0.74,
}  # fmt: skip


def quotes(run: Rehearsal) -> None:
    """Criteria on ToS;DR quotes: every label above one threshold, chosen on the other folds."""
    for name, completed in (
        ("one label a quote, as collected", None),
        ("LIC-2 and LIC-3 as marked again (see decision record 0009)", SPECIMENS / "licence_quotes.csv"),
    ):
        at, labels = quoted(run.examples, completed)
        folds = np.array([run.examples[i].fold for i in at])
        chances = run.chances[at] * labels.any(axis=0)  # three criteria have no case in ToS;DR
        said = np.zeros_like(labels)
        for part in sorted(set(folds.tolist())):
            inside, there = folds != part, folds == part
            grid = np.arange(0.1, 0.8, 0.05)
            best = max(grid, key=lambda t: score(chances[inside] >= t, labels[inside]).f1)
            said[there] = chances[there] >= best
        total = score(said, labels)
        print(f"\nquotes, {name}: P {total.precision:.3f} R {total.recall:.3f} micro F1 {total.f1:.3f} (n {total.n})")
        for j, code in enumerate(CODES):
            row = score(said[:, j], labels[:, j])
            if row.n:
                print(f"  {code:6} n {row.n:4}  P {row.precision:.2f} R {row.recall:.2f} F1 {row.f1:.2f}")


def quotes_alone(run: Rehearsal) -> None:
    """The same scorers fitted to quotes alone with the one label each has, as the baseline of the notes was."""
    at, labels = quoted(run.examples)
    rows, known = matrix([run.examples[i].text for i in at]), labels.astype(np.int8)
    folds = np.array([run.examples[i].fold for i in at])
    scores = np.zeros(labels.shape)
    for part in sorted(set(folds.tolist())):
        inside, there = np.flatnonzero(folds != part), folds == part
        model = scorer(rows[inside], known[inside], np.ones(len(inside), np.float32))
        scores[there] = model.scores(model.sums([run.examples[i].text for i in at[there]]))
    for name, said in (
        ("every score above -0.3", scores >= -0.3),
        ("the highest score above -0.3", (scores >= -0.3) & (scores == scores.max(axis=1, keepdims=True))),
    ):
        total = score(said, labels)
        print(f"\nfitted to quotes alone, {name}: P {total.precision:.3f} R {total.recall:.3f} micro F1 {total.f1:.3f}")


def noise(run: Rehearsal) -> None:
    """What the labels allow: a sample of disagreements with the quotes, read one by one, carried to all of them."""
    with (SPECIMENS / "label_noise.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    speaks = {
        origin: np.mean([row["verdict"] == "speaks" for row in rows if row["origin"] == origin])
        for origin in ("proposed", "labelled")
    }
    at, labels = quoted(run.examples)
    said = (run.chances[at] * labels.any(axis=0)) >= 0.35
    licence = np.array([code.startswith("LIC-") for code in CODES])
    both = (said & labels).sum()
    extra = (said & ~labels & ~(licence & (labels & licence).any(axis=1, keepdims=True))).sum()
    missed = (labels & ~said).sum()
    true = both + extra * speaks["proposed"]
    left = extra * (1 - speaks["proposed"])
    lost = missed * speaks["labelled"]
    print(f"\nlabel noise: {len(rows)} disagreements read; of proposals without a label {speaks['proposed']:.2f} speak")
    print(f"  of the criterion, of labels without a proposal {speaks['labelled']:.2f}")
    print(f"  micro F1 if these shares hold throughout: {2 * true / (2 * true + left + lost):.3f} (an estimate)")


def sentences(run: Rehearsal) -> None:
    """Precision of flagged sentences: judged one by one on whole documents, before and after the ranker."""
    chance, codes, right = judged(run.examples, run.chances)
    kept = chance >= LIKELY
    print(f"\nflagged sentences judged: {len(right)}; right {right.mean():.3f}")
    print(f"  let stand by the ranker: {kept.sum()}; right {right[kept].mean():.3f}; ", end="")
    print(f"of the right ones {right[kept].sum() / right.sum():.3f} stand")
    for code in CODES:
        mine = np.array([c == code for c in codes])
        if mine.any():
            stand = mine & kept
            after = f"{right[stand].mean():.2f}" if stand.any() else "none"
            print(f"  {code:6} {mine.sum():3} right {right[mine].mean():.2f}; stand {stand.sum():3} right {after}")


def confidences(run: Rehearsal) -> None:
    """Right findings by confidence, cross-fitted."""
    right = np.array([case.right for case in run.cases])
    kinds = np.array([case.kind for case in run.cases])
    for name in ("quote", "cell", "draft"):
        there = kinds == name
        print(f"\nconfidence, {name}: {there.sum()} proposals, right {right[there].mean():.3f}")
        for band, (n, mean, share) in calibration(run.sure[there], right[there]).items():
            print(f"  {band:12} n {n:4}  mean {mean:.3f}  right {share:.3f}")


def drafts() -> None:
    """Deciding sentences and findings of the draft findings, by the tool of the data folder."""
    gold = DATA / "gold_findings_dev.csv"
    with gold.open(encoding="utf-8", newline="") as file:
        names = sorted({row["file"] for row in csv.DictReader(file)})
    rows = [finding.as_json() for name in names for finding in check(read(DATA / "documents" / name))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "check.json"
        path.write_text(json.dumps(rows), encoding="utf-8")
        tool = DATA.parent.parent / "tools" / "score_terms.py"
        command = [sys.executable, str(tool), str(gold), str(path), "--documents", str(DATA / "documents")]
        print("\ndraft findings (the rules were written with these in view):")
        print(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _top(found: Passages, *codes: str) -> float:
    """The highest chance of any of the criteria anywhere in a segment."""
    columns = [found.ranker.codes.index(code) for code in codes]
    return float(found.chances[:, columns].max(initial=0.0))


def _hit(found: Passages, code: str, names: Sequence[str]) -> float:
    return max((found.chance(code, h.start) for h in found.hits[code] if h.rule.name in names), default=0.0)


SCORES: dict[str, Callable[[Passages], float]] = {
    "MKT-1": lambda p: _top(p, "MKT-1"),
    "MKT-3": lambda p: _top(p, "MKT-1", "MKT-3"),
    "MKT-2 opt-out": lambda p: _top(p, "MKT-2"),
    "MKT-2 opt-in": lambda p: max(_hit(p, "MKT-2", ("opt in",)), _hit(p, "MKT-1", ("only with consent",))),
    "DEL-0 access/edit/delete": lambda p: _top(p, "DEL-1"),
    "DEL-1": lambda p: _hit(p, "DEL-1", ("content and account", "on request", "deleting erases", "close the account")),
    "DEL-2": lambda p: _top(p, "DEL-2"),
    "AGE-2": lambda p: _top(p, "AGE-1", "AGE-2", "AGE-3"),
    "CHG-1": lambda p: _top(p, "CHG-1"),
}


def privacy_policies() -> None:
    """OPP-115, for evaluation only: what ships, with no training on it. Labels are two votes of three."""
    path = DATA / "noncommercial" / "segments_opp115_dev.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    model = ranker()
    found = [passages(split(row["text"], markdown=False), model) for row in rows]
    votes = [json.loads(row["criteria_votes_of_3"]) for row in rows]
    parts = np.array([sum(row["policy"].encode()) % 5 for row in rows])
    print(f"\nOPP-115: {len(rows)} segments, labels by two votes of three; thresholds from the other policies")
    reached = [0, 0]
    for label, human in HUMAN.items():
        true = np.array([v.get(label, 0) >= 2 for v in votes])
        value = np.array([SCORES[label](p) for p in found])
        fixed = score(value >= 0.5, true).f1
        fitted = score(_by_other_policies(value, true, parts), true).f1
        reached[0] += fixed >= human
        reached[1] += fitted >= human
        print(f"  {label:25} n {true.sum():4}  at 0.5 {fixed:.2f}  threshold {fitted:.2f}  human {human}")
    print(f"  at or above human: {reached[0]} of 9 at 0.5, {reached[1]} of 9 with a threshold only")


def _by_other_policies(
    value: NDArray[np.float64], true: NDArray[np.bool_], parts: NDArray[np.int64]
) -> NDArray[np.bool_]:
    said = np.zeros_like(true)
    for part in sorted(set(parts.tolist())):
        inside = parts != part
        grid = np.quantile(value[inside], np.arange(0.5, 1, 0.005))
        best = max(grid, key=lambda t: score(value[inside] >= max(t, 0.005), true[inside]).f1)
        said[~inside] = value[~inside] >= max(best, 0.005)
    return said


def _checked(item: tuple[str, bytes]) -> int:
    return len(check(from_bytes(item[1], name=item[0])))


def speed(count: int) -> None:
    """Documents of about 7,000 words from bytes to findings on two processes; memory at the first tenth and the end."""
    pages: list[bytes] = []
    for path in sorted((DATA / "documents").glob("*.md")):
        words = path.read_text(encoding="utf-8").split(" ")
        if len(words) >= 5000:
            pages.append(" ".join(words[:7000]).encode())
    items = ((f"x{i}__tos__2026-01-01.md", pages[i % len(pages)] + f"\n\nCopy {i}.".encode()) for i in range(count))
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_checked, islice(items, 10)))
        begun, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        marks: list[float] = []
        done = 0
        while batch := list(islice(items, 100)):
            done += len(list(pool.map(_checked, batch, chunksize=10)))
            marks.append(_resident())
        wall = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - used
    print(f"\nspeed: {done} documents in {wall:.1f} s, {done / wall:.1f} a second by the clock of this machine; ")
    print(f"  {used:.1f} s of processor: {2 * done / max(used, 0.01):.1f} a second on two whole cores")
    print(f"  memory of the processes: {marks[0]:.0f} MB after the first batch, {marks[-1]:.0f} MB at the end")


def _resident() -> float:
    """Resident megabytes of this process's children, from /proc."""
    children = Path("/proc/self/task").glob("*/children")
    total = 0
    for listed in children:
        for child in listed.read_text().split():
            status = Path(f"/proc/{child}/statm")
            if status.exists():
                total += int(status.read_text().split()[1]) * 4096
    return total / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--skip-training", action="store_true", help="only what the shipped machine gives")
    parser.add_argument("--documents", type=int, default=1000)
    args = parser.parse_args()
    drafts()
    print("\nflagged sentences that had not been judged when they were flagged:")
    draws(rows("fresh.csv"))
    if not args.skip_training:
        run = rehearse(DATA, gather(DATA))
        quotes(run)
        quotes_alone(run)
        noise(run)
        sentences(run)
        confidences(run)
    privacy_policies()
    speed(args.documents)


if __name__ == "__main__":
    main()
