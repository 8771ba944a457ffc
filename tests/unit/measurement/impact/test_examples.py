"""The example programmes from the command line, and faults of a description."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cop.kernel.errors import Refused
from cop.measurement.impact.description import Programme, read
from cop.measurement.impact.evaluate import evaluate

Described = Callable[..., Programme]
TWO = {"method": "two-period", "treated": ["A"]}
ITS = {"method": "interrupted"}


@pytest.mark.parametrize(
    ("name", "verdict", "true"),
    [("two-period", "no-effect", 0.0), ("staggered", "worked", 5.25), ("interrupted", "cannot-tell", 4.1), ("synthetic", "worked", -11.25)],
)  # fmt: skip
def test_each_example_gets_its_verdict_and_its_interval_holds_the_truth(
    name: str, verdict: str, true: float, root: Path
) -> None:
    judged = evaluate(read(root / f"examples/measure/impact-{name}.toml"))
    _, low, high = judged.findings.effect.shown()

    assert judged.verdict.verdict == verdict
    assert low <= true <= high, "make.py says what was put in"
    assert "The figures are synthetic" in judged.markdown()


def test_the_verb_writes_the_page_and_everything(cop: Callable[..., Any], root: Path, tmp_path: Path) -> None:
    example = root / "examples/measure/impact-two-period.toml"
    done = cop("measure", "impact", example, "--json", "-o", tmp_path / "v.md")

    assert done.code == 0, done.err
    assert done.json["verdict"] == "no-effect" and done.json["tables"]["by_time"]
    assert (
        (tmp_path / "v.md")
        .read_text(encoding="utf-8")
        .startswith("# Online safety lessons in ten districts\n\n**No effect found.**")
    )
    assert done.err.splitlines()[-1] == "No effect found: Online safety lessons in ten districts"


def test_an_unknown_ending_is_refused_before_anything_is_estimated(
    cop: Callable[..., Any], root: Path, tmp_path: Path
) -> None:
    done = cop("measure", "impact", root / "examples/measure/impact-synthetic.toml", "-o", tmp_path / "v.pdf")

    assert done.code == 2
    assert done.refusal == '"v.pdf" has an ending that is not known (expected .md or .json)'


@pytest.mark.parametrize(
    ("comparison", "given", "message"),
    [
        ({"method": "magic"}, {}, "comparison"),
        (ITS, {"data": {"unit": "u"}}, "an interrupted series has no units"),
        (TWO, {"outcome": {"kind": "count"}}, "counts are modelled in an interrupted series only"),
        (ITS, {"outcome": {"kind": "count", "se": "s"}}, "a count has no standard error of its own"),
        (ITS, {"outcome": {"population": "p"}}, "the outcome is no count"),
        (TWO, {"data": {"kind": "microdata"}}, "weights belong to microdata, and microdata needs them"),
        ({"method": "staggered", "first": "f"}, {"data": {"kind": "microdata", "weights": "w"}}, "microdata is read for two-period only"),
        ({"method": "synthetic", "treated": "A"}, {"outcome": {"se": "s"}}, "a synthetic control weighs units"),
        (TWO, {"outcome": {"matters": 0.0}}, "field outcome.matters"),
        (ITS, {"outcome": {"kind": "count", "matters": 100.0}}, "a count cannot fall by 100 percent or more"),
        (TWO, {"start": "soon"}, 'field start: "soon" is not a period'),
        (TWO, {"verdict": "worked"}, "field verdict: is not a field of a programme's description"),
    ],
)  # fmt: skip
def test_a_fault_is_named(
    comparison: dict[str, Any], given: dict[str, Any], message: str, described: Described
) -> None:
    with pytest.raises(Refused) as refusal:
        described("u,t,y\n", comparison, **({"start": "2021"} | given))

    assert message in str(refusal.value)


def test_what_is_not_toml_or_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is not a file"):
        read(tmp_path / "none.toml")
    (tmp_path / "p.toml").write_text("id = ")
    with pytest.raises(Refused, match=r"^p\.toml: is not TOML"):
        read(tmp_path / "p.toml")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("Harrowdale,2010", "Nowhere,2010"), "Nowhere lacks 21 of 22 periods (expected every unit in every period)"),
        (('until = "2017"', 'until = "2019"'), 'comparison.predictor[2].until: "2019" is not a period before the start (expected up to 2017)'),
        (('treated = "Harrowdale"', 'treated = "Harrow"'), 'comparison.treated: "Harrow" is not a unit of the data'),
    ],
)  # fmt: skip
def test_a_synthetic_control_that_cannot_be_made_is_refused(
    change: tuple[str, str], message: str, root: Path, tmp_path: Path
) -> None:
    for suffix in ("toml", "csv"):
        text = (root / f"examples/measure/impact-synthetic.{suffix}").read_text(encoding="utf-8")
        (tmp_path / f"impact-synthetic.{suffix}").write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(Refused) as refusal:
        evaluate(read(tmp_path / "impact-synthetic.toml"))

    assert message in str(refusal.value)


def test_values_that_do_not_vary_are_refused(described: Described) -> None:
    text = "u,t,y\n" + "".join(f"{u},{t},5\n" for u in "ABCDEFGHIJ" for t in range(2018, 2023))
    programme = described(text, {"method": "two-period", "treated": list("ABCDE")}, start="2021")
    with pytest.raises(Refused, match="field y: is the same in every row"):
        evaluate(programme)


def test_the_examples_are_labelled_as_synthetic(root: Path) -> None:
    for path in sorted((root / "examples/measure").glob("*.toml")):
        assert path.read_text(encoding="utf-8").startswith("# SYNTHETIC EXAMPLE"), path.name
    assert (
        json.dumps([read(p).synthetic for p in sorted((root / "examples/measure").glob("impact-*.toml"))])
        == "[true, true, true, true]"
    )
