"""The list over watched providers: how many cells the machine fills as a careful reader does, per criterion.

Run from the project's root: `.venv/bin/python benchmarks/terms_list.py [--folder DOCUMENTS] [--record]` (one CPU minute
over 75 documents). The reader's finding of every cell stands in `tests/specimens/terms/cells.csv`, by one reader who
read both newest documents of each provider; `--record` writes the machine's proposal and the verdict beside it.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from pathlib import Path

from cop.terms.provider import judge, version

CELLS = Path("tests/specimens/terms/cells.csv")
COLUMNS = ["provider", "criterion", "finding", "verdict", "reader"]
_WEIGHED = ("not_met", "partly", "met")


def proposed(folder: Path) -> dict[tuple[str, str], str]:
    """The proposal for each provider and criterion at the newest versions."""
    versions = [version(path) for path in sorted(folder.glob("*.md"))]
    return {
        (provider, found.criterion): found.finding
        for provider in sorted({v.provider for v in versions})
        for found in judge(provider, versions)
    }


def kind(machine: str, reader: str) -> str:
    """What sort of error it is."""
    if machine == "not_addressed":
        return "passage missed"
    if reader == "not_addressed":
        return "finding from a passage that does not decide"
    if machine in _WEIGHED and reader in _WEIGHED:
        return "too strict" if _WEIGHED.index(machine) < _WEIGHED.index(reader) else "too kind"
    return f"{machine} for {reader}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("../shared/data/terms/documents"))
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    with CELLS.open(encoding="utf-8") as file:
        cells = list(csv.DictReader(file))
    machine = proposed(options.folder)
    right: dict[str, list[bool]] = defaultdict(list)
    errors: Counter[str] = Counter()
    for cell in cells:
        finding = cell["finding"] = machine[cell["provider"], cell["criterion"]]
        cell["verdict"] = "right" if finding == cell["reader"] else "wrong"
        right[cell["criterion"]].append(finding == cell["reader"])
        if finding != cell["reader"]:
            errors[kind(finding, cell["reader"])] += 1
            print(f"{cell['provider']:<11} {cell['criterion']}: {finding}, the reader says {cell['reader']}")
    for code, verdicts in sorted(right.items()):
        print(f"{code}  {sum(verdicts):>3} of {len(verdicts)}")
    wrong = sum(errors.values())
    addressed = [c for c in cells if c["reader"] != "not_addressed"]
    kept = sum(c["verdict"] == "right" for c in addressed)
    print(f"all    {len(cells) - wrong} of {len(cells)} cells: error rate {wrong / len(cells):.3f}; "
          f"{kept} of {len(addressed)} where the reader found a passage")  # fmt: skip
    for name, count in errors.most_common():
        print(f"  {count:>3} {name}")
    if options.record:
        with CELLS.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(cells)


if __name__ == "__main__":
    main()
