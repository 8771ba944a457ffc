from __future__ import annotations

import csv
import filecmp
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any


def test_the_example_is_counted_and_corrected(cop: Callable[..., Any], root: Path, tmp_path: Path) -> None:
    example = root / "examples/measure/records"
    done = cop("measure", "records", example / "hotline.toml")
    rows = list(csv.DictReader(StringIO(done.out)))
    whole = {r["code"]: r for r in rows if r["period"] == r["area"] == "_T"}

    assert done.code == 0
    assert done.err == "108 counts of 3,000 records, 831 of them audited; 0 counts uncorrected\n"
    assert {float(whole[c]["corrected"]) for c in ("_T",)} == {3000.0}
    # the generator made 3 % of the reports A041 and 45 % C01; the coder took 215 and 1,155
    assert float(whole["A04"]["raw"]) == 215
    assert float(whole["A04"]["ci_low"]) < 0.03 * 3000 < float(whole["A04"]["ci_high"])
    assert float(whole["C01"]["ci_low"]) < 0.45 * 3000 < float(whole["C01"]["ci_high"])
    assert {r["break"] for r in rows if r["period"] == "2025"} == {"coder: cop-1.0 to cop-1.1"}


def test_a_fault_is_one_line(cop: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_text('id = "x"\ntitle = "X"\nfile = "no.csv"\n[[table]]\nname = "t"\ndimensions = []\n')
    done = cop("measure", "records", tmp_path / "d.toml")

    assert (done.code, done.refusal) == (2, "d.toml, field file: no.csv is not there (expected a path from this file's "
                                            "folder)")  # fmt: skip


def test_the_examples_files_are_what_its_maker_makes(root: Path, tmp_path: Path) -> None:
    example = root / "examples/measure/records"
    subprocess.run([sys.executable, example / "make.py", "--into", tmp_path], check=True)
    names = ["coded.csv", "audit.csv", "children.csv"]

    assert filecmp.cmpfiles(example, tmp_path, names, shallow=False) == (names, [], [])
