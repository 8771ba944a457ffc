"""What is written of an index: never a score without its indicators."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cop.kernel.errors import Refused
from cop.measurement.composite.build import Composite, build
from cop.measurement.composite.description import Index
from cop.measurement.composite.rows import COLUMNS, document, rows, sensitivity_rows

TEXT = "unit,a,b,c,d\nw,1,10,3,\nx,2,20,1,7\ny,4,10,2,5\nz,3,15,9,6\n"
MISSING = {"method": "median", "minimum_share": 0.5}


@pytest.fixture
def made(described: Callable[..., Index]) -> Composite:
    return build(described(TEXT, missing=MISSING))


def test_every_unit_has_its_indicators_then_the_scores_above_them(made: Composite) -> None:
    found = rows(made)

    assert [row["code"] for row in found[:7]] == ["a", "b", "c", "d", "P", "Q", "I"]
    assert [row["kind"] for row in found[:7]] == ["indicator"] * 4 + ["score"] * 2 + ["index"]
    assert tuple(found[0]) == COLUMNS
    assert found[3]["raw"] is None and found[3]["imputed"] is True and found[3]["treated"] == 6
    index = found[6]
    assert index["rank_low"] <= index["rank_high"] and index["weight"] == 1
    assert sum(row["weight"] for row in found[:4]) == pytest.approx(1)


@pytest.mark.parametrize(
    "codes", [["I"], ["P"], ["I", "a", "b", "c"], ["P", "Q", "I"], ["a", "b", "c", "d", "Q", "P", "I", "X"]]
)
def test_a_score_without_its_indicators_is_refused(codes: list[str], made: Composite) -> None:
    with pytest.raises(Refused, match=r"would stand without|is not in the index"):
        rows(made, codes=codes)


def test_a_pillar_with_its_own_indicators_and_indicators_alone_may_be_written(made: Composite) -> None:
    assert [row["code"] for row in rows(made, codes=["P", "a", "b"])[:3]] == ["a", "b", "P"]
    assert {row["code"] for row in rows(made, codes=["c"])} == {"c"}


def test_the_document_says_who_is_in_it_and_what_decides(made: Composite) -> None:
    found = document(made)

    assert found["missing"]["method"] == "median" and found["runs"] == 128
    assert json.loads(json.dumps(found, allow_nan=False))["sensitivity"][0]["unit"] == "_T"
    assert {row["factor"] for row in sensitivity_rows(made)} == {"weights"}


def test_the_example_is_made_from_the_command_line(cop: Callable[..., Any], root: Path, tmp_path: Path) -> None:
    example = root / "examples/measure/index.toml"
    done = cop("measure", "index", example, "-o", tmp_path / "i.csv", "--sensitivity", tmp_path / "s.csv")

    assert done.code == 0, done.err
    assert "23 units, 1 left out (D21); ranks move" in done.err
    with (tmp_path / "i.csv").open(encoding="utf-8") as stream:
        found = list(csv.DictReader(stream))
    assert len(found) == 23 * 12
    assert {row["kind"] for row in found} == {"indicator", "score", "index"}
    assert (tmp_path / "s.csv").read_text().startswith("index,unit,factor,first,total,")
    alone = cop("measure", "index", example, "--code", "INDEX", "-o", tmp_path / "alone.csv")
    assert alone.code == 2 and not (tmp_path / "alone.csv").exists()
    assert alone.err.startswith("index.toml: the score INDEX would stand without 8 of its indicators (BULLIED, ")


def test_the_examples_figures_are_what_their_maker_makes(root: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    subprocess.run([sys.executable, root / "examples/measure/make.py", "--into", tmp_path], check=True)
    for path in sorted(tmp_path.glob("*.csv")):
        assert path.read_bytes() == (root / "examples/measure" / path.name).read_bytes(), path.name
