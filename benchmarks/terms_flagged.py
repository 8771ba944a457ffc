"""Precision of flagged sentences that were judged after they were flagged, and of all that is flagged now.

Run from the project's root: `.venv/bin/python benchmarks/terms_flagged.py [--folder DOCUMENTS]` (half a CPU minute
over 75 documents). `tests/specimens/terms/fresh.csv` holds two draws of evidence that had not been judged before, by
offsets, hash and verdict; `docs/reference/terms-criteria.md` says how they were drawn. Only `right` counts.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from cop.terms.criteria import criteria
from cop.terms.documents import read
from cop.terms.findings import check

SPECIMENS = Path(__file__).resolve().parent.parent / "tests" / "specimens" / "terms"
UNFLAGGED = ("LNG-1", "CHG-2")
"""What is measured or a date line: no sentence is picked there."""

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    """A file of verdicts."""
    with (SPECIMENS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def share(verdicts: Iterable[str]) -> str:
    """How many are right, and of how many."""
    given = list(verdicts)
    right = sum(verdict == "right" for verdict in given)
    return f"{right:>3} of {len(given):>3}  {right / len(given):.3f}" if given else "none"


def words(quote: str) -> str:
    """A quote without links and marks: the same sentence in two versions of a document is one."""
    return " ".join(re.findall(r"\w+", re.sub(r"\]\([^)]*\)", "]", quote.lower())))


def draws(fresh: list[Row]) -> None:
    """The two draws and both together, by criterion; what was like a sentence in view apart from what was not."""
    strict = [row for row in fresh if row["draw"] == "1" or row["alike"] == "no"]
    second = [row for row in fresh if row["draw"] == "2"]
    print(f"first draw                             {share(r['verdict'] for r in fresh if r['draw'] == '1')}")
    print(f"second draw, all that was left         {share(r['verdict'] for r in second)}")
    print(f"  unlike anything in view              {share(r['verdict'] for r in second if r['alike'] == 'no')}")
    print(f"  like one in view or another drawn    {share(r['verdict'] for r in second if r['alike'] != 'no')}")
    print(f"first draw and unlike ones of second   {share(r['verdict'] for r in strict)}")
    print(f"both draws                             {share(r['verdict'] for r in fresh)}")
    again = [row for row in fresh if row["second"]]
    print(f"read again by the second reader        {share(r['second'] for r in again)}, "
          f"the first reader {share(r['verdict'] for r in again)}; "
          f"agreed {sum(r['second'] == r['verdict'] for r in again)}")  # fmt: skip
    print("\nby criterion: both draws; first and unlike ones of second")
    for code in criteria():
        both = [row["verdict"] for row in fresh if row["criterion"] == code]
        if both:
            print(f"  {code:6}  {share(both)};  {share(r['verdict'] for r in strict if r['criterion'] == code)}")


def flagged(folder: Path, verdicts: list[Row]) -> None:
    """All evidence of all findings as the machine stands: each sentence of a provider once, with its verdict."""
    placed: dict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
    worded: dict[tuple[str, str, str], str] = {}
    for row in verdicts:
        placed[row["sha256"], row["criterion"]].append((int(row["start"]), int(row["end"]), row["verdict"]))
    found: dict[tuple[str, str, str], str | None] = {}
    for path in sorted(folder.glob("*.md")):
        document, provider = read(path), path.name.split("__")[0]
        for (sha, code), spans in placed.items():
            if sha == document.sha256:
                for start, end, verdict in spans:
                    worded[provider, code, words(document.text[start:end])] = verdict
        for finding in check(document):
            if finding.criterion in UNFLAGGED:
                continue
            spans = placed[document.sha256, finding.criterion]
            for piece in finding.evidence:
                key = provider, finding.criterion, words(piece.quote)
                shared = [(min(e, piece.end) - max(s, piece.start), v) for s, e, v in spans]
                overlap, verdict = max(shared, default=(0, None))
                found[key] = found.get(key) or (verdict if overlap > 0 else None)
    given = [verdict or worded.get(key) for key, verdict in found.items()]
    known = [verdict for verdict in given if verdict]
    print(f"\nall that is flagged now: {len(given)} different sentences, {len(known)} with a verdict: {share(known)}")
    print("  (most of them were in view when the rules were mended: kind)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("../shared/data/terms/documents"))
    options = parser.parse_args()
    fresh = rows("fresh.csv")
    draws(fresh)
    flagged(options.folder, [*rows("judged.csv"), *fresh])


if __name__ == "__main__":
    main()
