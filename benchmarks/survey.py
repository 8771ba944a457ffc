"""Survey estimates at size: CPU seconds beside those of R's `survey`, peak memory, and queries of a kept cube.

The sample has 200 strata of 20 PSUs in random order, 20 domains and yes-or-no items; every measurement is a process of
its own. Where Rscript and its packages `survey` and `jsonlite` are installed, R runs on the same rows; elsewhere its
recorded seconds (R 4.2.2, survey 4.1-1) stand beside ours, and the table says so. R's seconds leave out reading the
file, ours read it. Prints a table; exit 1 when a target is missed.

    .venv/bin/python benchmarks/survey.py [--rows 1000000 10000000] [--sixty 10000000] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STRATA, PSUS, DOMAINS, REPLICATES, ITEMS = 200, 20, 20, 80, 60
CHUNK = 500_000
RECORDED = {"mean 1,000,000": 19.1, "mean 10,000,000": 127.9, "replicates 500,000": 16.5}
"""CPU seconds of R: svydesign and svyby (5.5 + 13.6; 127.9 in all), svrepdesign and svyby (6.8 + 9.7)."""

R_SCRIPT = """
suppressMessages(library(survey))
a <- commandArgs(TRUE)
d <- read.csv(a[1])
t0 <- proc.time()
if (a[2] == "mean") {
  s <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = d, nest = TRUE)
} else {
  s <- svrepdesign(weights = ~w, repweights = "^r[0-9]+$", type = "Fay", rho = 0.5, data = d, combined.weights = TRUE)
}
b <- svyby(~y0, ~domain, s, svymean)
t <- proc.time() - t0
cat(jsonlite::toJSON(list(cpu = unname(t[1] + t[2]), estimate = b$y0, se = SE(b)), digits = 15))
"""


def sample(path: Path, rows: int, *, items: int, replicates: int = 0) -> None:
    """A synthetic sample, made a chunk at a time."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(2010)
    writer = None
    for start in range(0, rows, CHUNK):
        n = min(CHUNK, rows - start)
        table: dict[str, Any] = {
            name: random.integers(0, most, n).astype("int32")
            for name, most in (("stratum", STRATA), ("psu", PSUS), ("domain", DOMAINS))
        }
        table["w"] = random.uniform(50, 500, n)
        table |= {f"y{item}": (random.random(n) < 0.05 + item / 100).astype("int8") for item in range(items)}
        for number in range(replicates):
            table[f"r{number + 1}"] = table["w"] * np.where(random.random(n) < 0.5, 0.5, 1.5)
        made = pa.table(table)
        writer = writer or pq.ParquetWriter(path, made.schema)
        writer.write_table(made, row_group_size=122_880)
    if writer is not None:
        writer.close()


def described(path: Path, items: int, *, replicates: bool = False) -> Any:  # noqa: ANN401 - a survey and its catalogue
    """The description, and a catalogue of as many shares."""
    from dataclasses import replace

    from cop.measurement.catalogue import Catalogue, load
    from cop.measurement.survey.description import describe

    base = load()["THR.CYBERBULLY_12M"]
    codes = [f"THR.ITEM_{item}" for item in range(items)]
    catalogue = Catalogue({code: replace(base, code=code) for code in codes})
    design: dict[str, Any] = {"weights": "w", "weights_kind": "population"}
    if replicates:
        design["replicates"] = {"method": "fay", "rho": 0.5, "weights": f"r{{1-{REPLICATES}}}"}
    else:
        design |= {"strata": "stratum", "psu": "psu"}
    facts = {
        "id": "size", "title": "Size", "area": "XAA", "period": "2025", "file": str(path), "design": design,
        "domains": {"d": {"column": "domain"}}, "breakdowns": [["d"]],
        "indicator": [{"code": c, "kind": "proportion", "numerator": f"y{i} = 1"} for i, c in enumerate(codes)],
    }  # fmt: skip
    return describe(facts, path.with_suffix(".toml"), catalogue=catalogue), catalogue


# --- what a process of its own measures


def estimating(
    path: Path, *, items: int = 1, replicates: bool = False, threads: int = 1, times: int = 3
) -> dict[str, Any]:
    from cop.measurement.engines.duckdb import DuckDBEngine
    from cop.measurement.survey.estimate import estimate

    survey, catalogue = described(path, items, replicates=replicates)
    engine = DuckDBEngine(threads=threads)
    cpu, wall, frame = [], [], None
    for _ in range(times):
        began, clock = time.process_time(), time.monotonic()
        frame = estimate(survey, engine=engine, catalogue=catalogue)
        cpu.append(time.process_time() - began)
        wall.append(time.monotonic() - clock)
    assert frame is not None
    first = frame.filter(indicator="THR.ITEM_0")
    figures = {"estimate": (first["estimate"] / 100).to_list(), "se": (first["se"] / 100).to_list()}
    return {"cpu": min(cpu), "wall": min(wall), "rows": len(frame), **figures}


def querying(path: Path) -> dict[str, Any]:
    """Milliseconds of an estimate with its error, of every domain's, and of a difference with its covariance."""
    from cop.measurement.survey import store
    from cop.measurement.survey.estimate import count, measure
    from cop.measurement.survey.linear import difference

    survey, catalogue = described(path, 10)
    kept = path.with_name("cube.parquet")
    began = time.process_time()
    store.write(count(survey), kept)
    made = time.process_time() - began
    took: dict[str, list[float]] = {"one": [], "domains": [], "difference": []}
    for item in range(10):
        for name, times in took.items():
            began = time.process_time()
            cube = store.read(kept)  # opening the file is part of a query
            part = cube.required(("d",))
            if name == "domains":
                assert len(measure(cube, catalogue=catalogue, indicators=[f"THR.ITEM_{item}"])) == DOMAINS
            else:
                one, other = (cube.figure(item, part, cell) for cell in (item, item + 1))
                assert one is not None
                assert other is not None
                assert cube.variance(one if name == "one" else difference(one, other)) > 0
            times.append((time.process_time() - began) * 1000)
    size = kept.stat().st_size / 2**20
    return {"made": made, "size": size, **{name: sorted(values)[len(values) // 2] for name, values in took.items()}}


CHILDREN: dict[str, Callable[[Path], dict[str, Any]]] = {
    "mean": estimating,
    "replicates": lambda path: estimating(path, replicates=True),
    "cube": querying,
    "sixty": lambda path: estimating(path, items=ITEMS, threads=2, times=1),
}


def child(name: str, path: Path) -> dict[str, Any]:
    """One measurement in a process of its own, with its largest resident memory in MB."""
    settings = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, __file__, "--child", name, str(path)], env={**os.environ, **settings},
                          capture_output=True, text=True, check=False)  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr)
    return dict(json.loads(done.stdout))


def by_r(path: Path, what: str) -> dict[str, Any] | None:
    """R's CPU seconds and figures on the same rows; None where R or its packages are absent."""
    program = shutil.which("Rscript")
    if program is None:
        return None
    wanted = (
        "quit(status = !(requireNamespace('survey', quietly = TRUE) && requireNamespace('jsonlite', quietly = TRUE)))"
    )
    if subprocess.run([program, "-e", wanted], check=False, capture_output=True).returncode:
        return None
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    text, script = path.with_suffix(".csv"), path.with_suffix(".R")
    pc.write_csv(pq.read_table(path), text)
    script.write_text(R_SCRIPT)
    done = subprocess.run([program, str(script), str(text), what], capture_output=True, text=True, check=True)
    text.unlink()
    answer = json.loads(done.stdout)
    return {name: value[0] if name == "cpu" and isinstance(value, list) else value for name, value in answer.items()}


def beside(name: str, path: Path, what: str, target: float, memory: float | None) -> bool:
    """Our seconds and R's in one line; whether the targets are met."""
    ours, theirs = child(what, path), by_r(path, what)
    seconds = theirs["cpu"] if theirs is not None else RECORDED.get(name)
    if seconds is None:
        print(f"{name:24} {ours['cpu']:8.3f} {'-':>10} {'-':>8} {ours['peak']:8.0f}   no recorded seconds of R")
        return True
    said = "R here" if theirs is not None else "R recorded"
    if theirs is not None:
        apart = max(abs(a / b - 1) for k in ("estimate", "se") for a, b in zip(ours[k], theirs[k], strict=True))
        said += f", figures within {apart:.0e}"
    ratio = seconds / ours["cpu"]
    print(f"{name:24} {ours['cpu']:8.3f} {seconds:10.1f} {ratio:7.0f}x {ours['peak']:8.0f}   {said} (target {target:g}x"
          + (f", {memory:g} MB)" if memory else ")"), flush=True)  # fmt: skip
    return ratio >= target and (memory is None or ours["peak"] <= memory)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--sixty", type=int, default=10_000_000, help="rows for 60 indicators; 0 leaves it out")
    parser.add_argument("--keep", type=Path, help="a folder for the samples, kept")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        answer = CHILDREN[given.child[0]](Path(given.child[1]))
        print(json.dumps(answer | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
        return 0
    folder = given.keep or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return measured(folder, given.rows, given.sixty)
    finally:
        if given.keep is None:
            shutil.rmtree(folder)


def measured(folder: Path, sizes: list[int], sixty: int) -> int:
    met = []
    print(f"{'':24} {'CPU s':>8} {'R CPU s':>10} {'ratio':>8} {'peak MB':>8}")
    for rows in sizes:
        path = folder / f"mean-{rows}.parquet"
        if not path.exists():
            sample(path, rows, items=10 if rows <= 1_000_000 else 1)
        met.append(beside(f"mean {rows:,}", path, "mean", 100, 300))
    path = folder / "replicates.parquet"
    if not path.exists():
        sample(path, 500_000, items=1, replicates=REPLICATES)
    met.append(beside("replicates 500,000", path, "replicates", 15, None))
    small = (
        folder / f"mean-{min(sizes)}.parquet" if sizes and min(sizes) <= 1_000_000 else folder / "cube-sample.parquet"
    )
    if not small.exists():
        sample(small, 1_000_000, items=10)
    found = child("cube", small)
    met.append(max(found["one"], found["domains"], found["difference"]) <= 50)
    print(f"cube of 10 x 20 x {STRATA * PSUS:,}: made in {found['made']:.2f} CPU s, {found['size']:.1f} MB; a query, "
          f"opening the file included: an estimate {found['one']:.0f} ms, 20 domains {found['domains']:.0f} ms, a "
          f"difference {found['difference']:.0f} ms (CPU; target 50)")  # fmt: skip
    if sixty:
        path = folder / f"sixty-{sixty}.parquet"
        if not path.exists():
            sample(path, sixty, items=ITEMS)
        found = child("sixty", path)
        met.append(found["wall"] <= 15)
        halved = f"{found['cpu']:.1f} CPU s, which is {found['cpu'] / 2:.1f} s on two cores"
        print(f"60 indicators x 20 domains, {sixty:,} rows, two threads: {found['wall']:.1f} s, and {halved}; "
              f"peak {found['peak']:.0f} MB (target 15 s)")  # fmt: skip
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
