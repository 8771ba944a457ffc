"""Items renumbered between waves: the wrong wave's column is never read. Real waves reproduce what was published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cop.kernel.errors import NotFound, Refused
from cop.measurement.catalogue import Catalogue, load
from cop.measurement.survey.description import Domain, Survey, describe
from cop.measurement.survey.estimate import estimate
from cop.measurement.waves import (
    Waves,
    base,
    check_description,
    contrasted,
    domain,
    load_waves,
    measured,
    read_waves,
    recognise,
    spelling,
    wave_faults,
)

SMALL = """
survey: small
title: "A small survey"
publisher: Nobody
waves:
  - wave: "1"
    reference: "made for this test"
    marks: {has: [old], lacks: [new]}
    items:
      upset_12m: {column: q1, label: "Bothered by something", positive: [1], negative: [2]}
      used_3m: {column: q2, positive: ["yes"], negative: ["no", "never"]}
  - wave: "2"
    reference: "made for this test"
    marks: {has: [new], lacks: []}
    items:
      upset_12m: {column: q2, label: "Bothered by something", positive: [1], negative: [2]}
      used_3m: {column: q3, positive: [1], negative: [2]}
      hours_school_day: {column: hours, low: 0, high: 24}
      main_reason_offline: {column: why, categories: {cost: [1], other: [2, 9]}}
      can_block_1to5: {column: s1, low: 0, high: 5}
    domains:
      sex: {column: q9, codes: {F: [1, Girl], M: [2, Boy]}, missing: [3]}
"""
FIRST, SECOND = ("q1", "q2", "old"), ("Q2", "q3", "hours", "why", "new", "s1", "q9")


@pytest.fixture
def written(tmp_path: Path, root: Path) -> Callable[..., Waves]:
    def write(old: str = "", new: str = "", name: str = "small") -> Waves:
        assert old in SMALL
        schema = "waves.schema.json"
        (tmp_path / schema).write_text((root / "catalogue/waves" / schema).read_text())
        (tmp_path / f"{name}.yaml").write_text(SMALL.replace(old, new) if old else SMALL, encoding="utf-8")
        return read_waves(tmp_path / f"{name}.yaml")

    return write


@pytest.fixture(scope="module")
def yrbs() -> Waves:
    return load_waves("yrbs")


# --- the trap


def test_one_item_is_another_column_in_another_wave(written: Callable[..., Waves]) -> None:
    waves, upset = written(), load()["HRM.BOTHERED_12M"]

    one, two = measured(upset, waves, "1", FIRST), measured(upset, waves, "2", SECOND)
    assert one.numerator == '(CASE WHEN ("q1" = 1) THEN TRUE WHEN ("q1" = 2) THEN FALSE ELSE NULL END)'
    assert (
        one.denominator
        == """(CASE WHEN ("q2" = 'yes') THEN TRUE WHEN ("q2" IN ('no', 'never')) THEN FALSE ELSE NULL END)"""
    )
    assert two.numerator == '(CASE WHEN ("Q2" = 1) THEN TRUE WHEN ("Q2" = 2) THEN FALSE ELSE NULL END)'


@pytest.mark.parametrize(
    ("wave", "found", "message"),
    [
        ("1", SECOND, "the file is not that of small 1: old is missing; new is there (expected the columns of 1); the columns are those of 2"),
        ("2", FIRST, "the file is not that of small 2: new is missing (expected the columns of 2); the columns are those of 1"),
        ("2", ("new", "q3"), 'column "q2" of item upset_12m is missing'),
    ],
)  # fmt: skip
def test_the_wrong_waves_file_is_refused(
    written: Callable[..., Waves], wave: str, found: tuple[str, ...], message: str
) -> None:
    with pytest.raises(Refused) as refusal:
        measured(load()["HRM.BOTHERED_12M"], written(), wave, found)

    assert message in str(refusal.value)


def test_a_wave_or_an_item_that_is_not_mapped_is_never_taken_from_another(written: Callable[..., Waves]) -> None:
    waves = written()

    with pytest.raises(NotFound, match=r'wave "3" of small is not mapped \(expected 1, 2\)'):
        measured(load()["HRM.BOTHERED_12M"], waves, "3", SECOND)
    with pytest.raises(Refused, match='small 1 has no item "hours_school_day"'):
        measured(load()["ACC.TIME_ONLINE"], waves, "1", FIRST)
    with pytest.raises(NotFound, match='no wave of survey "nothing" is mapped'):
        load_waves("nothing")


def test_what_the_file_calls_a_variable_is_compared(written: Callable[..., Waves]) -> None:
    waves, upset = written(), load()["HRM.BOTHERED_12M"]

    assert measured(upset, waves, "1", FIRST, labels={"q1": "bothered  by something", "q2": "whatever"})
    with pytest.raises(Refused, match='column "q1" is "Age" in the file, not what small 1 says of item upset_12m'):
        measured(upset, waves, "1", FIRST, labels={"q1": "Age"})


def test_numbers_have_a_range_and_scales_hold_their_items_to_it(written: Callable[..., Waves]) -> None:
    hours = measured(load()["ACC.TIME_ONLINE"], written(), "2", SECOND)

    assert (hours.kind, hours.variable) == ("mean", '(CASE WHEN ("hours" BETWEEN 0 AND 24) THEN "hours" ELSE NULL END)')
    with pytest.raises(Refused, match=r"item can_block_1to5 goes from 0 to 5 \(expected answers within 1 to 5\)"):
        measured(load()["SKL.INDEX"], written(), "2", SECOND)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("lacks: [new]}", "lacks: []}", "nothing in their marks tells 1 from 2"),
        ('wave: "2"', 'wave: "1"', '"1" is given twice'),
        ('negative: ["no", "never"]', 'negative: ["no", "YES"]', '"yes" means two things'),
        ("low: 0, high: 24", "low: 25, high: 24", "the range is empty"),
        ("other: [2, 9]", "other: [2, 1]", '"1" means two things'),
        ("survey: small", "survey: other", '"other" is not the file\'s name'),
        ("positive: [1], negative: [2]}", "yes: [1], no: [2]}", "is not valid under any of the given schemas"),
        ("missing: [3]", "missing: [Boy]", '"boy" means two things'),
    ],
)
def test_a_mapping_that_says_two_things_is_refused(
    written: Callable[..., Waves], old: str, new: str, message: str
) -> None:
    with pytest.raises(Refused) as refusal:
        written(old, new)

    assert message in str(refusal.value)
    assert str(refusal.value).startswith("small.yaml")


def test_items_that_no_indicator_asks_for_are_found(written: Callable[..., Waves]) -> None:
    waves = written("hours_school_day", "hours_schoolday")

    assert wave_faults(waves.waves.values(), load()) == ["small 2: no indicator asks for item hours_schoolday"]
    assert wave_faults(load_waves("yrbs").waves.values(), load()) == []


# --- labels


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Am Indian / Alaska Native", "Am Indian/Alaska Native", True),
        ("Native Hawaiian/other PI", "Native Hawaiian/Other PI", True),
        ("Hispanic / Latino", "hispanic/latino ", True),
        ("Multiple - Hispanic", "Multiple - Non-Hispanic", False),
        ("Asian", "Asian or Pacific", False),
    ],
)
def test_a_label_is_the_same_whatever_its_spaces_and_capitals(one: str, other: str, same: bool) -> None:
    assert (spelling(one) == spelling(other)) is same


@pytest.mark.parametrize("wave", ["2015", "2019", "2021", "2023"])
def test_either_spelling_of_a_group_is_the_same_code_in_every_wave(yrbs: Waves, wave: str) -> None:
    for label in ("Am Indian / Alaska Native", "Am Indian/Alaska Native", 1):
        assert domain(yrbs[wave], "ethnicity", [label, None]) == Domain(column="raceeth", labels={str(label): "AIAN"})
    with pytest.raises(Refused, match=f'"American Indian" has no code in yrbs {wave}'):
        domain(yrbs[wave], "ethnicity", ["American Indian"])


def test_declared_missing_values_have_no_code_and_undeclared_ones_are_refused(yrbs: Waves) -> None:
    assert domain(yrbs["2021"], "grade", [1, 2, 5]) == Domain(
        column="q3", labels={"1": "9", "2": "10"}, unlisted="missing"
    )
    with pytest.raises(Refused, match='"6" has no code'):
        domain(yrbs["2021"], "grade", [6])
    with pytest.raises(NotFound, match='yrbs 2021 has no domain "height"'):
        domain(yrbs["2021"], "height", [])


# --- the Youth Risk Behavior Survey

BULLYING = {"2015": ("qn24", "qn25"), "2017": ("qn23", "qn24"), "2019": ("qn23", "qn24"), "2021": ("qn23", "qn24"), "2023": ("qn24", "qn25")}  # fmt: skip


def test_bullying_items_have_the_numbers_of_each_wave(yrbs: Waves) -> None:
    assert {name: (wave.items["bullied_at_school"].column, wave.items["bullied_electronically"].column) for name, wave in yrbs.waves.items()} == BULLYING  # fmt: skip


def described(year: str, folder: Path, catalogue: Catalogue, **parts: Any) -> Survey:
    facts = {
        "id": f"yrbs-{year}", "title": "YRBS", "area": "USA", "period": year, "file": str(folder / f"yrbs{year}.parquet"),
        "design": {"weights": "weight", "weights_kind": "normalised", "strata": "stratum", "psu": "psu"},
    }  # fmt: skip
    return describe(facts | parts, folder / "survey.toml", catalogue=catalogue)


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data/statistics/yrbs"


@pytest.mark.parametrize(
    ("year", "electronic", "school"), [("2017", 14.9, None), ("2019", 15.7, 19.5), ("2021", 15.9, 15.0)]
)
def test_published_percentages_come_out_of_the_mapping(
    yrbs: Waves, folder: Path, year: str, electronic: float, school: float | None
) -> None:
    """MMWR Surveillance Summaries 67(8); MMWR Supplements 69(1) and 72(1)."""
    found = pl.read_parquet_schema(folder / f"yrbs{year}.parquet")
    codes = ["THR.CYBERBULLY_12M", "THR.SCHOOL_BULLY_12M", "VUL.OFFLINE_VIOLENCE"]
    entries = [measured(load()[code], yrbs, year, found) for code in codes]
    survey = described(year, folder, load(), indicator=[entry.model_dump(exclude_none=True) for entry in entries])
    figures = dict(estimate(survey).select("indicator", "estimate").iter_rows())

    assert round(figures["THR.CYBERBULLY_12M"], 1) == electronic
    assert school is None or round(figures["THR.SCHOOL_BULLY_12M"], 1) == school
    assert check_description(survey, yrbs[year], load().indicators) == 3


@pytest.mark.parametrize("year", ["2017", "2019", "2021"])
def test_each_real_file_is_recognised_as_its_own_wave_and_as_no_other(yrbs: Waves, folder: Path, year: str) -> None:
    found = pl.read_parquet_schema(folder / f"yrbs{year}.parquet")

    recognise(yrbs, year, found)
    for other in set(yrbs.waves) - {year}:
        with pytest.raises(Refused, match=f"the columns are those of {year}"):
            measured(load()["THR.CYBERBULLY_12M"], yrbs, other, found)


def test_the_gap_published_for_2017_comes_out_of_the_contrast(yrbs: Waves, folder: Path) -> None:
    """In 2017, 27.1 % of lesbian, gay and bisexual and 13.3 % of heterosexual students were bullied electronically."""
    gap = load()["VUL.GROUP_GAP"]
    parts = contrasted(gap, yrbs, "2017", pl.read_parquet_schema(folder / "yrbs2017.parquet"))
    survey = described("2017", folder, Catalogue({gap.code: base(gap)}), **parts)
    rows = {
        row["side"]: row["estimate"]
        for row in estimate(survey, catalogue=Catalogue({gap.code: base(gap)})).iter_rows(named=True)
    }

    assert {name: round(value, 1) for name, value in rows.items() if name != "_T"} == {"first": 27.1, "second": 13.3}
    assert parts["contrast"][0]["kind"] == "ratio"


def test_only_contrasts_are_contrasted(yrbs: Waves) -> None:
    with pytest.raises(Refused, match='"proportion" is no contrast of domains'):
        contrasted(load()["THR.CYBERBULLY_12M"], yrbs, "2017", [])
    with pytest.raises(Refused, match='"proportion" is no contrast of domains'):
        base(load()["THR.CYBERBULLY_12M"])


@pytest.mark.parametrize(
    ("numerator", "denominator", "message"),
    [
        ("qn25 = 1", "qn25 IN (1, 2)", "THR.CYBERBULLY_12M is estimated from qn25 (expected qn24 in yrbs 2021)"),
        ("qn24 = 1 OR qn25 = 1", None, "THR.CYBERBULLY_12M is estimated from qn24, qn25 (expected qn24 in yrbs 2021)"),
        ("qn24 = 2", "qn24 IN (1, 2)", "THR.CYBERBULLY_12M counts qn24 = 1 otherwise than yrbs 2021"),
        ("qn24 = 1", "qn24 = 1", "THR.CYBERBULLY_12M counts qn24 = 2 otherwise than yrbs 2021"),
        ("qn24 = 1 AND qn24 IS NOT NULL", None, "THR.CYBERBULLY_12M counts qn24 = blank otherwise than yrbs 2021"),
    ],
)
def test_a_description_that_reads_another_waves_item_is_refused(
    yrbs: Waves, folder: Path, numerator: str, denominator: str | None, message: str
) -> None:
    entry = {"code": "THR.CYBERBULLY_12M", "kind": "proportion", "numerator": numerator}
    survey = described(
        "2021", folder, load(), indicator=[entry | ({"denominator": denominator} if denominator else {})]
    )

    with pytest.raises(Refused) as refusal:
        check_description(survey, yrbs["2021"], load().indicators)

    assert message in str(refusal.value)
    assert "field indicator[0]" in str(refusal.value)
