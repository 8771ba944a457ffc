"""Disclosure control: what an attacker finds, seconds, and suppressions beside the fewest possible.

Run from the project's root: `.venv/bin/python benchmarks/disclosure.py [--seeds N]` (a CPU minute). Counts by
country are read from ../shared/data/statistics and left out where that is not there.
"""

from __future__ import annotations

import argparse
import time
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

from cop.measurement.disclosure.audit import Audit, audit
from cop.measurement.disclosure.cells import distinct
from cop.measurement.disclosure.hierarchy import TOTAL, Dimension
from cop.measurement.disclosure.primary import mark
from cop.measurement.disclosure.protection import Protected, protect
from cop.measurement.disclosure.rules import standard_rules

COUNTRIES = Path(__file__).resolve().parents[2] / "shared/data/statistics/admin/ocse-reports-per-country.csv"
STATUSES = ("obs_status", "conf_status")


def cube(values: np.ndarray, names: str, *, table: str = "t", every: str = "") -> pl.DataFrame:
    """A table of counts with all its margins."""
    full = values
    for axis in range(values.ndim):
        full = np.concatenate([full, full.sum(axis=axis, keepdims=True)], axis=axis)
    rows: list[dict[str, object]] = []
    for place in product(*(range(n) for n in full.shape)):
        codes = {n: f"{n}{i}" for n, i, size in zip(names, place, values.shape, strict=True) if i < size}
        rows.append({n: codes.get(n, TOTAL) for n in every or names} | {"value": int(full[place])})
    return pl.DataFrame(rows).with_columns(table=pl.lit(table), measure=pl.lit("reports"), counted=pl.lit(value=True))


def linked(seed: int, shape: tuple[int, int, int]) -> pl.DataFrame:
    """Two tables of the same units: a x b x c, and a x b x d."""
    chance = np.random.default_rng(seed)
    counts = chance.poisson(5 * chance.gamma(1, 1, shape))
    other = np.array([[chance.multinomial(n, [0.6, 0.4]) for n in row] for row in counts.sum(axis=2)])
    return pl.concat([cube(counts, "abc", table="abc", every="abcd"), cube(other, "abd", table="abd", every="abcd")])


def protected(frame: pl.DataFrame, names: list[str], *, threshold: int, exact: bool | None = None) -> Protected:
    """The table as it may be published."""
    rules = standard_rules().at(threshold)
    return protect(mark(frame, rules), [Dimension(n) for n in names], rules, exact=exact)


def attacked(found: Protected, names: list[str], *, threshold: int) -> Audit:
    """What an outsider makes of it."""
    shown = found.frame.select("table", "measure", *names, "value", "counted", *STATUSES)
    cells = distinct(shown, names, release="benchmark", threshold=threshold, plain=True)
    return audit([Dimension(n) for n in names], cells)


def countries() -> None:
    """Reports by country and year (NCMEC, 2019 to 2022): cells under 10 are protected."""
    if not COUNTRIES.is_file():
        print("countries: ../shared/data/statistics is absent")
        return
    wide = pl.read_csv(COUNTRIES, infer_schema=False)
    years = [name for name in wide.columns if name.isdigit()]
    values = wide.select(pl.col(y).str.replace_all(",", "").cast(pl.Int64).fill_null(0) for y in years).to_numpy()
    frame = cube(values, "ay")
    small = ((values > 0) & (values < 10)).sum(axis=0)
    began = time.process_time()
    found = protected(frame, ["a", "y"], threshold=10)
    seconds = time.process_time() - began
    seen = attacked(found, ["a", "y"], threshold=10)
    print(f"countries: {len(values)} x {len(years)}, cells under 10 a year {small.tolist()}; {found.primary} primary,"
          f" {found.secondary} secondary, {seconds:.1f} CPU s; {len(seen.findings)} recovered")  # fmt: skip


def random_links(seeds: int) -> None:
    """Linked three-way tables, together and one at a time."""
    names, together, apart = list("abcd"), 0, 0
    for seed in range(seeds):
        frame = linked(seed, (3, 3, 2))
        together += len(attacked(protected(frame, names, threshold=5), names, threshold=5).findings)
        parts = [protected(p, names, threshold=5) for p in frame.partition_by("table", maintain_order=True)]
        alone = pl.concat([p.frame for p in parts])
        shown = distinct(alone.select("table", "measure", *names, "value", "counted", *STATUSES), names,
                         release="alone", threshold=5, plain=True)  # fmt: skip
        apart += bool(audit([Dimension(n) for n in names], shown).findings)
    print(f"linked three-way tables: {seeds}, {together} cells recovered; protected one at a time {apart} are unsafe")


def large() -> None:
    """30 x 8 x 12 with all margins."""
    for seed, mean in ((1, 20), (2, 60), (3, 5)):
        chance = np.random.default_rng(seed)
        frame = cube(chance.poisson(mean * chance.gamma(1, 1, (30, 8, 12))), "abc")
        began = time.process_time()
        found = protected(frame, list("abc"), threshold=5)
        seconds = time.process_time() - began
        began = time.process_time()
        seen = attacked(found, list("abc"), threshold=5)
        print(f"30 x 8 x 12, mean {mean}: {found.primary} primary, {found.secondary} secondary (at least"
              f" {found.bound:.0f}), {seconds:.1f} CPU s; audit {time.process_time() - began:.1f} s,"
              f" {len(seen.findings)} recovered")  # fmt: skip


def optimum(seeds: int) -> None:
    """The search for large systems on tables that can be solved exactly."""
    ours = best = 0
    for seed in range(seeds):
        chance = np.random.default_rng(100 + seed)
        frame = cube(chance.poisson(9 * chance.gamma(1, 1, (4, 3))), "ab")
        exact = protected(frame, list("ab"), threshold=5, exact=True)
        if exact.exact:
            best += exact.secondary
            ours += protected(frame, list("ab"), threshold=5, exact=False).secondary
    print(f"beside the optimum: {ours} complements where {best} are the fewest, {ours / best:.2f} times")


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=12)
    seeds = parser.parse_args().seeds
    countries()
    optimum(seeds)
    random_links(seeds)
    large()


if __name__ == "__main__":
    main()
