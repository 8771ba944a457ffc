"""Make the synthetic records of this folder: the same bytes every time. Nothing in them was copied from a real report.

python examples/measure/records/make.py [--into FOLDER]
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
CODES = ("A041", "B01", "B031", "C01", "E01", "F01")
SHARES = (0.03, 0.09, 0.13, 0.45, 0.18, 0.12)
REPORTS = 3000


def reports() -> list[dict[str, object]]:
    """Coded reports of two years, with what people would have said of each in `truth`."""
    rng = random.Random(20260115)
    rows: list[dict[str, object]] = []
    for number in range(REPORTS):
        truth = rng.choices(CODES, SHARES)[0]
        sure = rng.betavariate(7, 2)
        others = [code for code in CODES if code != truth]
        code = truth if rng.random() < sure else rng.choice(others)
        month = number * 24 // REPORTS
        rows.append(
            {
                "id": f"S{number + 1:05d}",
                "date": f"{2024 + month // 12}-{month % 12 + 1:02d}-{rng.randint(1, 28):02d}",
                "area": "XAL" if rng.random() < 0.7 else "XBR",
                "address": f"h{rng.randint(1, 2200):04d}",
                "code": code,
                "probability": f"{sure:.3f}",
                "route": "review" if sure < 0.6 else "auto",
                "model": "cop-1.0" if month < 14 else "cop-1.1",
                "source": "hotline",
                "truth": truth,
            }
        )
    return rows


def audit(rows: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """A random sample of each route, coded by people: one in four of those closed by software, half of the others."""
    rng = random.Random(7)
    drawn: list[dict[str, object]] = []
    for route, share in (("auto", 0.25), ("review", 0.5)):
        part = [row for row in rows if row["route"] == route]
        drawn += rng.sample(part, round(len(part) * share))
    return [{"id": row["id"], "code": row["truth"]} for row in sorted(drawn, key=lambda row: str(row["id"]))]


def children() -> list[dict[str, object]]:
    """Populations of areas that do not exist, and of both together."""
    people = {"XAL": 210_000, "XBR": 92_000, "_T": 302_000}
    return [{"area": a, "period": p, "value": n} for a, n in people.items() for p in ("2024", "2025", "_T")]


def write(path: Path, rows: Sequence[dict[str, object]], leave_out: str = "") -> None:
    """A CSV of the rows without one of their columns."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        names = [name for name in rows[0] if name != leave_out]
        out = csv.DictWriter(stream, fieldnames=names, lineterminator="\n", extrasaction="ignore")
        out.writeheader()
        out.writerows(rows)


def main() -> None:
    """Write every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=HERE)
    folder = parser.parse_args().into
    rows = reports()
    write(folder / "coded.csv", rows, leave_out="truth")
    write(folder / "audit.csv", audit(rows))
    write(folder / "children.csv", children())


if __name__ == "__main__":
    main()
