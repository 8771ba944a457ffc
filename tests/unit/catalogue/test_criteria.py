"""The criteria as data: 19 files that keep their schema, and a machine that reads every one of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cop.kernel.errors import Refused
from cop.kernel.languages import OFFICIAL
from cop.kernel.resources import resource
from cop.measurement.catalogue import load as load_indicators
from cop.terms.criteria import criteria, list_rule, load
from cop.terms.documents import from_bytes
from cop.terms.findings import check
from cop.terms.rules import readings

CORE = {"OWN-1", "LIC-1", "LIC-2", "LIC-3", "DEL-1", "DEL-2", "MKT-1", "MKT-2", "CHG-1", "LNG-1"}


def test_there_are_nineteen_criteria_ten_of_them_core() -> None:
    assert len(criteria()) == 19
    assert {code for code, criterion in criteria().items() if criterion.core} == CORE


def test_the_catalogue_names_the_criteria_of_the_source(shared: Path) -> None:
    source = (shared / "knowledge" / "provider-criteria.json").read_text(encoding="utf-8")
    assert set(criteria()) == {row["code"] for row in yaml.safe_load(source)}


def test_every_criterion_is_read_by_rules_or_computed() -> None:
    assert set(criteria()) == set(readings()) | {"LNG-1"}


def test_every_criterion_can_be_found_met_partly_and_not_met_by_some_rule() -> None:
    never = {
        (code, name)
        for code, reading in readings().items()
        for name in ("met", "partly", "not_met")
        if name not in {rule.finding for rule in reading.rules}
    }
    # AGE-1 differs between documents, CHG-2 is measured, LNG-2 has no text that says there is none.
    assert never == {
        ("AGE-1", "partly"), ("AGE-1", "not_met"), ("CHG-2", "partly"), ("CHG-2", "not_met"),
        ("LNG-2", "not_met"),
    }  # fmt: skip


def test_the_list_takes_core_criteria_met_or_partly_met_by_decision() -> None:
    rule = list_rule()
    assert (set(rule.criteria), rule.acceptable, rule.decided, rule.version) == (CORE, {"met", "partly"}, True, 1)


@pytest.mark.parametrize("code", sorted(criteria()))
def test_the_example_of_what_would_be_met_is_in_six_languages_and_is_found_met(code: str) -> None:
    criterion = criteria()[code]
    kind = criterion.documents[0]
    pad = "You agree to these terms of service when you use the service. " * 40
    assert criterion.example is not None
    text = f"# {'Terms of Service' if kind == 'tos' else 'Privacy Policy'}\n\n{pad}\n\n{criterion.example['en']}\n"
    found = check(from_bytes(text.encode(), name=f"p__{kind}__2025-01-01.md"))

    assert set(criterion.example) == set(OFFICIAL)
    assert [f.finding for f in found if f.criterion == code] == ["met"]


def test_the_indicator_of_the_list_has_the_core_criteria_as_its_elements() -> None:
    form = load_indicators()["RSP.PROVIDER_TERMS"].form

    assert {e.replace("_", "-").upper() for e in form.asked()} == CORE


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("criterion.schema.json", "OWN-1.yaml"):
        (tmp_path / name).write_bytes((resource("catalogue/criteria") / name).read_bytes())
    return tmp_path


def test_a_missing_field_is_refused_with_the_file(copy: Path) -> None:
    path = copy / "OWN-1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("core: true\n", ""), encoding="utf-8")
    with pytest.raises(Refused, match=r"OWN-1.yaml: 'core' is a required property"):
        load(copy)


def test_a_code_that_is_not_the_files_name_is_refused(copy: Path) -> None:
    (copy / "OWN-1.yaml").rename(copy / "OWN-2.yaml")
    with pytest.raises(Refused, match='field code: "OWN-1" is not the file\'s name'):
        load(copy)


def test_an_unknown_group_is_refused_with_its_field(copy: Path) -> None:
    path = copy / "OWN-1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("group: ownership", "group: other"), encoding="utf-8")
    with pytest.raises(Refused, match="field group"):
        load(copy)


def test_broken_yaml_is_refused(copy: Path) -> None:
    (copy / "OWN-1.yaml").write_text("code: [", encoding="utf-8")
    with pytest.raises(Refused, match="is not YAML"):
        load(copy)
