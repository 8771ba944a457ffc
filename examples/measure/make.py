"""Make the synthetic figures of this folder: the same bytes every time. Nothing in them was copied from a real record.

python examples/measure/make.py [--into FOLDER]
"""

from __future__ import annotations

import argparse
import csv
import math
import random
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
DISTRICTS = (
    "Alderwick", "Barrowmere", "Calder Bay", "Dunhollow", "Eastmarch", "Fenwold", "Greyharbour", "Hartsea", "Inverlake",
    "Juniper Hill", "Kestrel Down", "Larkmoor", "Mossgate", "Northquay", "Oldfield", "Pinecombe", "Quarry Bank",
    "Redcliff", "Stonebrook", "Thistledale", "Underwood", "Valehead", "Westmarsh", "Yarrowby",
)  # fmt: skip
REGIONS = ("North", "East", "South", "West")


def index() -> list[dict[str, object]]:
    """24 districts and eight indicators; one hosts far more than its share, six values are missing."""
    rng = random.Random(20261127)
    rows: list[dict[str, object]] = []
    for number, name in enumerate(DISTRICTS):
        safe = rng.gauss(0, 1)
        children = round(rng.lognormvariate(9.5, 0.7))
        hosted = 38.0 if name == "Greyharbour" else rng.lognormvariate(0.6 - 0.2 * safe, 0.7)
        rows.append(
            {
                "district": f"D{number + 1:02d}",
                "name": name,
                "region": REGIONS[number % 4],
                "children": children,
                "bullied": round(18 - 3.0 * safe + rng.gauss(0, 2.5), 1),
                "contacted": round(11 - 1.5 * safe + rng.gauss(0, 2), 1),
                "reports": max(1, round(children / 1000 * hosted)),
                "skills": round(55 + 6 * safe + rng.gauss(0, 6), 1),
                "rules": round(62 + 3 * safe + rng.gauss(0, 7), 1),
                "schools": round(min(100.0, max(5.0, 60 + 9 * safe + rng.gauss(0, 14))), 1),
                "takedown": round(max(0.2, rng.lognormvariate(0.9 - 0.35 * safe, 0.6)), 1),
                "helpline": max(1, round(children / 10_000 * max(0.2, rng.gauss(3 + 0.7 * safe, 0.9)))),
            }
        )
    for place, column in ((3, "contacted"), (11, "skills"), (17, "takedown"), (20, "rules"), (20, "skills")):
        rows[place][column] = ""
    rows[20]["schools"] = ""
    return rows


def two_period() -> list[dict[str, object]]:
    """Survey estimates with standard errors, 20 districts, six waves; lessons in half of them that change nothing."""
    rng = random.Random(4)
    rows: list[dict[str, object]] = []
    for number, name in enumerate(DISTRICTS[:20]):
        level = rng.gauss(17, 3)
        for year in range(2020, 2026):
            se = rng.uniform(0.5, 1.1)
            share = level + 0.4 * (year - 2020) + rng.gauss(0, se)
            rows.append({"district": name, "lessons": "yes" if number < 10 else "no", "year": year,
                         "bullied": round(share, 2), "se": round(se, 2)})  # fmt: skip
    return rows


def staggered() -> list[dict[str, object]]:
    """40 districts, eight years; counsellors in schools from 2021 or 2023, or never; calls go up by 6 and 4."""
    rng = random.Random(8)
    rows: list[dict[str, object]] = []
    for number in range(40):
        first = 2021 if number < 12 else 2023 if number < 24 else 0
        level = rng.gauss(30, 6)
        for year in range(2018, 2026):
            lift = (6.0 if first == 2021 else 4.0) if first and year >= first else 0.0
            calls = level + 1.2 * (year - 2018) + lift + rng.gauss(0, 2.2)
            rows.append(
                {"district": f"D{number + 1:02d}", "year": year, "first": first or "", "calls": round(calls, 2)}
            )
    return rows


def synthetic() -> list[dict[str, object]]:
    """One province that made providers answer within a day from 2018, and 24 that did not."""
    rng = random.Random(15)
    weights = (0.5, 0.3, 0.2)
    years = range(2004, 2026)
    paths: list[list[float]] = []
    for _ in range(24):
        level, slope, swing = rng.uniform(60, 110), rng.uniform(-1.6, 0.8), rng.uniform(0, 9)
        paths.append([level + slope * t + swing * math.sin(t / 3) + rng.gauss(0, 1.0) for t in range(len(years))])
    own = [sum(w * paths[k][t] for k, w in enumerate(weights)) + rng.gauss(0, 0.8) for t in range(len(years))]
    own = [value - (3.0 * min(t - 13, 5) if t > 13 else 0.0) for t, value in enumerate(own)]
    rows: list[dict[str, object]] = []
    for name, path in (("Harrowdale", own), *((f"P{k + 1:02d}", path) for k, path in enumerate(paths))):
        rows += [{"province": name, "year": year, "hours": round(v, 2)} for year, v in zip(years, path, strict=True)]
    return rows


def interrupted() -> list[dict[str, object]]:
    """84 months of a hotline's reports, with a season and more spread than chance; a campaign did little."""
    rng = random.Random(16)
    rows: list[dict[str, object]] = []
    for month in range(84):
        year, of_year = 2019 + month // 12, month % 12 + 1
        children = 512_000 + 900 * month
        rate = 3.1e-4 * math.exp(0.004 * month + 0.16 * math.sin(2 * math.pi * of_year / 12))
        rate *= math.exp(0.04 if month >= 52 else 0.0)
        reports = round(rng.gammavariate(40, children * rate / 40))
        rows.append({"month": f"{year}-{of_year:02d}", "reports": reports, "children": children})
    return rows


TABLES = {
    "index.csv": index,
    "impact-two-period.csv": two_period,
    "impact-staggered.csv": staggered,
    "impact-synthetic.csv": synthetic,
    "impact-interrupted.csv": interrupted,
}


def write(path: Path, rows: Sequence[dict[str, object]]) -> None:
    """A CSV of the rows."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        out = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def main() -> None:
    """Write every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=HERE)
    folder = parser.parse_args().into
    for name, make in TABLES.items():
        write(folder / name, make())


if __name__ == "__main__":
    main()
