"""Make the synthetic tables of this folder: the same bytes every time. Nothing in them was copied from a real record.

python examples/measure/protect/make.py [--into FOLDER]
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Sequence
from itertools import product
from pathlib import Path

HERE = Path(__file__).resolve().parent
CODES = {"A01": 30, "A02": 9, "B01": 60, "B02": 14, "B03": 3}
QUARTERS = ("2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4")
AGES = {"0-8": 0.4, "9-12": 4, "13-15": 6, "16-17": 3}
SEXES = {"F": 7, "M": 4}
TOTAL = "_T"
KEY = 1 << 64


def records(rng: random.Random) -> list[dict[str, str | int]]:
    """Synthetic reports, each with a key."""
    found: list[dict[str, str | int]] = []
    for code, often in CODES.items():
        for _ in range(round(often * rng.uniform(3, 5))):
            age, sex = (rng.choices(list(d), list(d.values()))[0] for d in (AGES, SEXES))
            facts = {"code": code, "period": rng.choice(QUARTERS), "age": age, "sex": sex}
            found.append({**facts, "key": rng.randrange(KEY)})
    return found


def under(row: dict[str, str | int], name: str) -> tuple[str | int, ...]:
    """The codes that a report counts under."""
    return (row[name], str(row[name])[0]) if name == "code" else (row[name],)


def table(rows: Sequence[dict[str, str | int]], levels: dict[str, Sequence[str]]) -> list[dict[str, object]]:
    """Counts over all combinations of codes, totals included."""
    found: list[dict[str, object]] = []
    for codes in product(*levels.values()):
        asked = dict(zip(levels, codes, strict=True))
        there = [row for row in rows if all(code in (TOTAL, *under(row, name)) for name, code in asked.items())]
        found.append({**asked, "reports": len(there), "cell_key": sum(int(r["key"]) for r in there) % KEY})
    return found


def write(path: Path, rows: Sequence[dict[str, object]]) -> None:
    """As CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Write both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=HERE)
    into = parser.parse_args().into
    reports = records(random.Random(20261128))
    codes = [TOTAL, "A", "B", *CODES]
    write(into / "by-quarter.csv", table(reports, {"code": codes, "period": [TOTAL, *QUARTERS]}))
    ages = {"code": [TOTAL, "A", "B"], "age": [TOTAL, *AGES], "sex": [TOTAL, *SEXES]}
    write(into / "by-age-sex.csv", table(reports, ages))


if __name__ == "__main__":
    main()
