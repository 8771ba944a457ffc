from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_the_example_is_protected_and_withstands_an_audit(cop: Callable[..., Any], root: Path, tmp_path: Path) -> None:
    done = cop("measure", "protect", root / "examples/measure/protect/tables.toml", "-o", tmp_path / "r", "--json")
    said = done.json

    assert done.code == 0
    assert [t["table"] for t in said["tables"]] == ["by-age-sex", "by-quarter"]
    assert said["primary"] == sum(t["suppressed"] - t["secondary"] for t in said["tables"]) == 7
    assert said["lower_bound"] <= said["secondary"] <= 1.2 * said["lower_bound"]

    done = cop("measure", "audit", tmp_path / "r", "--json")
    assert done.code == 0
    assert done.json["reports-2025"]["safe"]
    assert done.json["reports-2025"]["findings"] == []


def test_a_cell_that_is_given_away_is_named_with_its_bounds(
    cop: Callable[..., Any], root: Path, tmp_path: Path
) -> None:
    example = root / "examples/measure/protect/tables.toml"
    assert cop("measure", "protect", example, "-o", tmp_path / "r").code == 0
    table = tmp_path / "r/by-quarter.csv"
    true = (root / "examples/measure/protect/by-quarter.csv").read_text().splitlines()
    values = {tuple(line.split(",")[:2]): line.split(",")[2] for line in true}
    lines = [line.split(",") for line in table.read_text().splitlines()]
    shown = [[*c[:2], values[c[0], c[1]], "A", "F"] if c[-1] == "D" else c for c in lines]
    table.write_text("\n".join(",".join(cells) for cells in shown) + "\n")
    done = cop("measure", "audit", tmp_path / "r")

    assert done.code == 2
    assert "code=B03, period=2025-Q1 is 3:" in done.out
    assert "known more exactly than the rule allows" in done.err


def test_a_fault_is_one_line(cop: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text('id = "x"\n')
    done = cop("measure", "protect", tmp_path / "t.toml")

    assert done.code == 2
    assert "dimensions: is missing" in done.refusal


def test_the_examples_files_are_what_its_maker_makes(root: Path, tmp_path: Path) -> None:
    example = root / "examples/measure/protect"
    subprocess.run([sys.executable, example / "make.py", "--into", tmp_path], check=True)

    for name in ("by-quarter.csv", "by-age-sex.csv"):
        assert (tmp_path / name).read_bytes() == (example / name).read_bytes()
