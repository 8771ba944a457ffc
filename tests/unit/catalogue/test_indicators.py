from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cop.kernel.errors import NotFound, Refused
from cop.measurement.catalogue import load
from cop.measurement.survey.presentation import load as load_rules

OWN = {"THR.SCHOOL_BULLY_12M", "MED.TOLD_PARENT", "RSP.REPORTS_BY_CLASS", "RSP.CLEARINGHOUSE_REPORTS"}
"""Indicators that are not in the list of sixty: asked by a survey we read, or counted from what we hold."""


def test_the_catalogue_holds_what_the_road_measures() -> None:
    catalogue = load()

    assert len(catalogue) == 23
    assert {i.source_kind for i in catalogue} == {"survey", "records", "series"}
    assert {"THR.CYBERBULLY_12M", *OWN} <= set(catalogue.indicators)


def test_codes_are_those_of_the_list_or_our_own(shared: Path) -> None:
    with (shared / "knowledge/indicators.csv").open(encoding="utf-8", newline="") as stream:
        listed = {row["code"] for row in csv.DictReader(stream)}

    assert {i.code for i in load()} - listed == OWN


def test_definitions_are_in_our_own_words(shared: Path) -> None:
    with (shared / "knowledge/indicators.csv").open(encoding="utf-8", newline="") as stream:
        listed = {row["definition"].strip() for row in csv.DictReader(stream)}

    assert listed.isdisjoint(i.definition["en"] for i in load())


def test_the_schemas_are_schemas(root: Path) -> None:
    for name in ("indicators/indicator.schema.json", "presentation/presentation.schema.json"):
        Draft202012Validator.check_schema(json.loads((root / "catalogue" / name).read_text()))


def test_presentation_rules_carry_their_source() -> None:
    rules = load_rules()

    assert (rules.proportion.minimum_n, rules.proportion.width_never_shown, rules.proportion.minimum_df) == (30, 0.3, 8)
    assert "Vital Health Stat 2(175)" in rules.source


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("measure: proportion", "measure: guess", "ACC.USE_3M.yaml, field measure: 'guess' is not one of"),
        ("unit: percent\n", "", "ACC.USE_3M.yaml: 'unit' is a required property"),
        ("unit: percent", "unit: percent\ncolour: red", "ACC.USE_3M.yaml: Additional properties are not allowed"),
        ("unit: percent", "unit: percent\nunit: score", "ACC.USE_3M.yaml: is not YAML: the key 'unit' is given twice"),
        ("code: ACC.USE_3M", "code: ACC.OTHER", 'ACC.USE_3M.yaml, field code: "ACC.OTHER" is not the file\'s name'),
        ("measure: proportion", "measure: series", 'ACC.USE_3M.yaml, field denominator: "series" does not go with'),
        ("code:", "code: !!python/object:os.system", "ACC.USE_3M.yaml: is not YAML"),
    ],
)
def test_a_fault_is_named_with_file_and_field(old: str, new: str, message: str, root: Path, tmp_path: Path) -> None:
    source = root / "catalogue/indicators"
    text = (source / "ACC.USE_3M.yaml").read_text()
    assert old in text
    (tmp_path / "indicator.schema.json").write_text((source / "indicator.schema.json").read_text())
    (tmp_path / "ACC.USE_3M.yaml").write_text(text.replace(old, new))
    with pytest.raises(Refused) as refusal:
        load(tmp_path)

    assert str(refusal.value).startswith(message)


def test_a_folder_without_indicators_is_not_a_catalogue(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load(tmp_path)


def test_an_unknown_code_is_not_found() -> None:
    with pytest.raises(NotFound, match=r'"ACC\.NOTHING" is not in the catalogue'):
        load()["ACC.NOTHING"]
