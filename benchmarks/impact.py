"""Synthetic control of Proposition 99 at full precision beside the quick setting of the tests.

Four starts to a tolerance of 1e-8 against one start to 0.01: the error before the start, California's rank among 39
states and CPU time, side by side. Exit 1 when a published figure is missed (error at most 3.2, rank 1 of 39).

    .venv/bin/python benchmarks/impact.py [--quick]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from cop.measurement.impact.description import describe
from cop.measurement.impact.evaluate import evaluate

DATA = Path(__file__).resolve().parent.parent.parent / "shared/data/statistics/impact/prop99_smoking.csv"
PREDICTORS = [
    *({"column": name, "since": "1980", "until": "1988"} for name in ("lnincome", "retprice", "age15to24")),
    {"column": "beer", "since": "1984", "until": "1988"},
    *({"column": "cigsale", "since": year, "until": year} for year in ("1975", "1980", "1988")),
]
MSPE, UNITS = 3.2, 39


def programme(starts: int, tolerance: float) -> dict[str, Any]:
    return {
        "id": "proposition-99", "title": "Proposition 99", "what": "A tax on tobacco and a campaign.",
        "where": "California", "whom": "Everybody", "start": "1989",
        "outcome": {"name": "Cigarette sales", "unit": "packs a head", "column": "cigsale", "better": "lower",
                    "matters": 5.0},
        "data": {"file": str(DATA), "unit": "state", "period": "year"},
        "comparison": {"method": "synthetic", "whom": "38 other states", "treated": "California",
                       "predictor": PREDICTORS, "starts": starts, "tolerance": tolerance},
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave the full run out")
    settings = [("one start, 0.01", 1, 0.01), *([] if parser.parse_args().quick else [("four starts, 1e-8", 4, 1e-8)])]
    missed, base = False, 0.0
    print(f"{'setting':20} {'MSPE before':>12} {'effect':>8} {'rank':>8} {'CPU s':>8} {'ratio':>6}")
    for name, starts, tolerance in settings:
        began = time.process_time()
        found = evaluate(describe(programme(starts, tolerance), DATA)).findings
        seconds = time.process_time() - began
        base = base or seconds
        figures = {check.name: check.figures for check in found.checks}
        mspe, rank, units = figures["prefit"]["mspe"], figures["placebos"]["rank"], len(found.tables["placebos"])
        missed |= mspe > MSPE or rank != 1 or units != UNITS
        took = f"{seconds:8.1f} {seconds / base:6.1f}"
        print(f"{name:20} {mspe:12.3f} {found.effect.estimate:8.2f} {rank:>3} of {units} {took}")
    sys.exit(missed)


if __name__ == "__main__":
    main()
