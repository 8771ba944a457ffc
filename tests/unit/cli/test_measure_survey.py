"""`cop measure survey`: comparisons, a kept cube, engines."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

Cop = Callable[..., Any]
TOML = """id = "wave-{year}"
title = "A wave"
area = "XAA"
period = "{year}"
file = "{year}.csv"
breakdowns = [[], ["sex"]]
{more}
[design]
weights = "w"
weights_kind = "normalised"
strata = "h"
psu = "p"
[domains.sex]
column = "s"
labels = {{ 1 = "F", 2 = "M" }}
[[indicator]]
code = "THR.CYBERBULLY_12M"
kind = "proportion"
numerator = "{item} = 1"
"""
MORE = """change = [{ since = "2023.toml" }]
contrast = [{ name = "girls less boys", of = { sex = "F" }, against = { sex = "M" } }]
association = [{ of = "THR.CYBERBULLY_12M", by = "sex" }]
trend = [{ waves = ["2023.toml"], indicator = "THR.CYBERBULLY_12M", adjust = ["sex"] }]
"""


@pytest.fixture
def wave(tmp_path: Path) -> Path:
    """Two waves; the item has another number in each."""
    chance = random.Random(4)
    for year, item, more in ((2023, "q25", ""), (2025, "q24", MORE)):
        (tmp_path / f"{year}.toml").write_text(TOML.format(year=year, item=item, more=more))
        lines = [f"h,p,w,s,{item}"]
        lines += [
            f"{i % 3},{i % 4},{chance.uniform(1, 3):.3f},{i % 2 + 1},{1 + (chance.random() < 0.7)}" for i in range(240)
        ]
        (tmp_path / f"{year}.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "2025.toml"


def test_comparisons_are_written_beside_the_estimates(cop: Cop, wave: Path, tmp_path: Path) -> None:
    done = cop("measure", "survey", wave, "-o", tmp_path / "e.csv", "--comparisons", tmp_path / "c.csv")
    rows = list(csv.DictReader(StringIO((tmp_path / "c.csv").read_text())))
    asked = [(r["comparison"], r["kind"], r["domain"]) for r in rows]

    assert (done.code, done.err) == (0, "3 estimates of 1 indicators, 6 comparisons\n")
    assert asked == [
        ("girls less boys", "difference", "sex=F"), ("2023 -> 2025", "change", "_T"), ("2023 -> 2025", "change", "sex=F"),
        ("2023 -> 2025", "change", "sex=M"), ("THR.CYBERBULLY_12M by sex", "association", "THR.CYBERBULLY_12M"),
        ("degree 1: 2023, 2025", "trend", "sex"),
    ]  # fmt: skip
    assert {r["df"] for r in rows if r["kind"] == "change"} == {"18.0"}
    assert all(0 < float(r["p_value"]) <= 1 for r in rows)


def test_a_kept_cube_answers_in_the_descriptions_place(cop: Cop, wave: Path, tmp_path: Path) -> None:
    first = cop("measure", "survey", wave, "--cube", tmp_path / "cube.parquet")
    (tmp_path / "2025.csv").unlink()
    again = cop("measure", "survey", tmp_path / "cube.parquet")
    one = cop(
        "measure", "survey", tmp_path / "cube.parquet", "--by", "sex", "--indicator", "THR.CYBERBULLY_12M", "--json"
    )

    assert (first.code, again.code) == (0, 0)
    assert again.out == first.out
    assert again.err == "3 estimates of 1 indicators\nnot in a cube: changes, trends\n"
    assert [row["sex"] for row in json.loads(one.out)] == ["F", "M"]


def test_json_holds_the_comparisons_too(cop: Cop, wave: Path) -> None:
    said = cop("measure", "survey", wave, "--json").json

    assert [len(said["estimates"]), len(said["comparisons"])] == [3, 6]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--engine", "polars"], '"polars" is no engine (expected duckdb, spark, spark://HOST:PORT)'),
        (["--by", "age"], "2025.toml: no breakdown by age was kept (expected one of everybody; sex)"),
        (["--indicator", "THR.X"], '2025.toml: "THR.X" is not an indicator of the survey (expected one of THR.CYBERBULLY_12M)'),
    ],
)  # fmt: skip
def test_what_is_not_there_is_one_line(options: list[str], message: str, cop: Cop, wave: Path) -> None:
    done = cop("measure", "survey", wave, *options)

    assert (done.code, done.refusal) == (2, message)
