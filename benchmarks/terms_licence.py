"""LIC-2 and LIC-3 by rules alone, over quotes that people collected: precision, recall, F1.

Run from the project's root: `.venv/bin/python benchmarks/terms_licence.py [--quotes CSV]` (half a CPU minute). A quote
carries one case there and often speaks of several, so three counts are printed: the single labels as they stand; the
same without the quotes of the sister criteria among the negatives; and the labels read anew, quote by quote, for every
quote with a licence case or a hit (`tests/specimens/terms/licence_labels.csv`, by the number of the quote).
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections.abc import Iterable
from pathlib import Path

from cop.terms.clauses import split
from cop.terms.rules import readings
from cop.terms.surroundings import places

CODES = ("LIC-2", "LIC-3")
SISTERS = {"LIC-1", "LIC-2", "LIC-3", "OWN-1"}
LEAST = 0.4
LABELS = Path("tests/specimens/terms/licence_labels.csv")


def told(name: str, pairs: Iterable[tuple[bool, bool]]) -> None:
    """`pairs` are (found, true)."""
    kept = list(pairs)
    right = sum(found and true for found, true in kept)
    precision = right / max(1, sum(found for found, _ in kept))
    recall = right / max(1, sum(true for _, true in kept))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    print(
        f"  {name:<42} P {precision:.2f} R {recall:.2f} F1 {f1:.2f}  ({sum(t for _, t in kept)} of {len(kept)} quotes)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quotes", type=Path, default=Path("../shared/data/terms/clauses_tosdr_dev.csv.gz"))
    options = parser.parse_args()
    with LABELS.open(encoding="utf-8") as file:
        read = {row["id"]: row for row in csv.DictReader(file)}
    with gzip.open(options.quotes, "rt", encoding="utf-8") as file:
        quotes = list(csv.DictReader(file))
    found: list[dict[str, bool]] = []
    for quote in quotes:
        held = places(split(quote["text"], markdown=False))
        found.append({c: any(hit.weight >= LEAST for hit in readings()[c].hits(held)) for c in CODES})
    for code in CODES:
        rows = [(hit[code], quote["criterion"] == code, quote) for quote, hit in zip(quotes, found, strict=True)]
        print(code)
        told("single labels", ((hit, true) for hit, true, _ in rows))
        told("without sister criteria as negatives",
             ((hit, true) for hit, true, q in rows if true or q["criterion"] not in SISTERS))  # fmt: skip
        told("labels read anew", ((hit, q["id"] in read and read[q["id"]][code] == "1") for hit, _, q in rows))
        told("labels read anew, or the single label",
             ((hit, true or (q["id"] in read and read[q["id"]][code] == "1")) for hit, true, q in rows))  # fmt: skip


if __name__ == "__main__":
    main()
