"""`cop indicators`: what it says, and that it refuses in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cop = Callable[..., Any]  # tests/conftest.py


def test_an_indicator_is_shown_in_a_language_with_its_waves(cop: Cop) -> None:
    done = cop("indicators", "show", "thr.cyberbully_12m", "--language", "fr")

    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "THR.CYBERBULLY_12M  Cyberharcelés au cours des 12 derniers mois"
    assert "  wave            yrbs 2021: qn24" in lines
    assert "  wave            yrbs 2023: qn25" in lines
    told = cop("indicators", "show", "THR.CYBERBULLY_12M", "--json").json
    assert told["form"] == {"kind": "proportion", "numerator": "bullied_electronically"}
    assert set(told["name"]) == {"en", "fr", "es", "ru", "ar", "zh"}


def test_all_are_listed(cop: Cop) -> None:
    done = cop("indicators", "show")

    assert len(done.out.splitlines()) == 65
    assert len(cop("indicators", "show", "--json").json) == 65


def test_what_is_looked_for_is_found_or_not(cop: Cop) -> None:
    assert cop("indicators", "search", "性勒索", "--json").json[0]["code"] == "RSP.LAW_GROOMING"
    none = cop("indicators", "search", "zeppelin")
    assert (none.code, none.out, none.err) == (0, "", "no indicator found\n")


def test_an_unknown_code_is_one_line(cop: Cop) -> None:
    done = cop("indicators", "show", "ACC.NOTHING")

    assert (done.code, done.out) == (2, "")
    assert done.err == 'indicator "ACC.NOTHING" is not in the catalogue\n'


def test_the_installed_catalogue_is_valid_and_a_broken_one_is_not(cop: Cop, root: Path, tmp_path: Path) -> None:
    good = cop("indicators", "validate", "--json")
    assert (good.code, good.json["valid"], good.err) == (0, True, "")
    folder = root / "catalogue/indicators"
    (tmp_path / "indicator.schema.json").write_text((folder / "indicator.schema.json").read_text())
    text = (folder / "ACC.USE_3M.yaml").read_text(encoding="utf-8")
    (tmp_path / "ACC.USE_3M.yaml").write_text(
        text.replace("numerator: used_3m}", "numerator: used_3m + 1}"), encoding="utf-8"
    )

    done = cop("indicators", "validate", tmp_path)
    assert done.code == 2
    assert (
        'FAIL  indicators: ACC.USE_3M.yaml, field form.proportion.numerator: "used_3m + 1" is not a condition'
        in done.out
    )
    assert done.err == "1 of 2 checks failed: indicators\n"


def test_a_survey_is_held_against_its_wave(cop: Cop, root: Path, shared: Path) -> None:
    del shared  # the survey's file lies there
    survey = root / "tests/real/surveys/yrbs2021.toml"

    right = cop("indicators", "validate", "--survey", survey, "--wave", "yrbs/2021")
    wrong = cop("indicators", "validate", "--survey", survey, "--wave", "yrbs/2023")
    assert (right.code, wrong.code) == (0, 2)
    assert "ok    yrbs2021.toml against yrbs/2021: 2 of 2 indicators use the wave's columns" in right.out
    assert "the file is not that of yrbs 2023: qn107 is missing; qn63 is there" in wrong.out
    alone = cop("indicators", "validate", "--wave", "yrbs/2021")
    assert (
        alone.err == "cop indicators validate: --survey and --wave go together (see cop indicators validate --help)\n"
    )


@pytest.mark.parametrize(("form", "names"), [("csv", ["indicators.csv"]), ("all", ["indicators.csv", "indicators.json", "indicators.xml"])])  # fmt: skip
def test_the_catalogue_is_exported(cop: Cop, tmp_path: Path, form: str, names: list[str]) -> None:
    done = cop("indicators", "export", "--format", form, "-o", tmp_path / "out", "--json")

    assert (done.code, sorted(done.json["files"])) == (0, names)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
