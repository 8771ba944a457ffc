from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cop.kernel.errors import NotFound, Refused
from cop.kernel.languages import OFFICIAL
from cop.measurement.catalogue import Catalogue, load
from cop.measurement.catalogue.check import code_faults
from cop.measurement.catalogue.codes import load_codelists
from cop.measurement.measures.forms import KINDS
from cop.measurement.survey.presentation import load as load_rules

OWN = {
    "THR.SCHOOL_BULLY_12M", "MED.TOLD_PARENT", "RSP.REPORTS_BY_CLASS", "RSP.CLEARINGHOUSE_REPORTS", "RSP.PROVIDER_TERMS",
}  # fmt: skip
"""Indicators that are not in the list of sixty: asked by a survey we read, or taken from what we hold."""


DIMENSIONS = {
    "Access & use": "access", "Threats & exposure": "threats", "Harm": "harm", "Vulnerability": "vulnerability",
    "Skills & resilience": "skills", "Mediation": "mediation", "Protection response": "response",
}  # fmt: skip
UNITS = {
    "percent": "percent", "percentage points": "percentage points", "hours/day": "hours per day", "hours": "hours",
    "ratio": "ratio", "index 0-100": "index 0-100", "score 0-5": "score 0-5", "score 0-1": "score 0-1",
    "count; per 100 000": "per 100,000 children", "per million": "per million users",
}  # fmt: skip
SOURCES = {
    "survey_households": ("survey", "household_survey"), "survey_children": ("survey", "child_survey"),
    "survey_school": ("survey", "school_survey"), "survey_parents": ("survey", "parent_survey"),
    "survey_paired": ("survey", "paired_survey"), "admin": ("administrative", None),
    "transparency_reports": ("transparency", None), "expert_coding": ("coding", None), "derived": ("derived", None),
}  # fmt: skip
CUTS = {
    "sex": "sex", "age group (9-11|12-14|15-17)": "age_band", "urban/rural": "urban_rural", "region": "region",
    "wealth/SES": "wealth", "disability": "disability", "migrant status": "migrant_status", "device": "device",
    "school type": "school_type", "risk type": "risk_type", "sex of victim": "sex", "age group of victim": "age_band",
    "offence/threat type": "code", "channel": "channel", "month": "period", "year": "period", "country": "area",
    "provider": "provider", "hosting country": "hosting_area", "notifier": "notifier", "offence": "offence",
    "service": "service", "dimension": "dimension",
}  # fmt: skip
AVAILABLE = {"YES": "now", "module": "module", "where recorded": "where_recorded", "new": "new"}
RECEIVED = "RSP.HOTLINE_REPORTS"
"""Kept as the official series that hotlines publish, a year at a time; the list has the records behind it."""
AVOIDED = {
    "en": ["child porn", "child prostitut", "sex tourism", "sextort", "revenge porn", "child sex worker", "kiddie"],
    "fr": ["pédoporno", "pornographie enfantine", "pornographie infantile", "prostitution infantile", "sextorsion",
           "tourisme sexuel", "pédophil"],
    "es": ["pornografía infantil", "prostitución infantil", "sextorsión", "turismo sexual", "pornovenganza"],
    "ru": ["детская порнография", "детской порнографии", "детская проституция", "секс-туризм", "порноместь"],
    "ar": ["إباحية", "بغاء", "سياحة جنسية", "السياحة الجنسية"],
    "zh": ["儿童色情", "儿童卖淫", "雏妓", "性旅游", "色情报复"],
}  # fmt: skip
"""Words that the Terminology Guidelines of 2025 advise against, and that the classification keeps in its index only."""


@pytest.fixture(scope="module")
def listed(shared: Path) -> dict[str, dict[str, str]]:
    with (shared / "knowledge/indicators.csv").open(encoding="utf-8", newline="") as stream:
        return {row["code"]: row for row in csv.DictReader(stream)}


def test_the_catalogue_holds_the_sixty_and_our_own(listed: dict[str, dict[str, str]]) -> None:
    catalogue = load()

    assert len(listed) == 60
    assert set(catalogue.indicators) == set(listed) | OWN
    assert Counter(i.dimension for i in catalogue if i.code in listed) == {
        "access": 9, "threats": 18, "harm": 6, "vulnerability": 4, "skills": 5, "mediation": 5, "response": 13,
    }  # fmt: skip


def test_every_fact_is_that_of_the_list(listed: dict[str, dict[str, str]]) -> None:
    for code, row in listed.items():
        one = load()[code]
        source, collection = SOURCES[row["source_type"]]
        if code == RECEIVED:
            assert (one.source_kind, one.unit, one.periodicity) == ("series", "reports", "yearly")
        else:
            assert (one.source_kind, one.unit) == (source, UNITS[row["unit"]]), code
            assert one.periodicity == {"2-4 years": "every 2-4 years"}.get(row["periodicity"], row["periodicity"]), code
        assert collection in {None, one.collection}, code
        assert one.dimension == DIMENSIONS[row["dimension"]], code
        assert one.risk_class == (row["risk_class_4c"] or None), code
        assert one.polarity == row["polarity"].partition(" ")[0], code
        assert {CUTS[cut] for cut in row["disaggregations"].split("; ")} <= set(one.disaggregations), code
        assert (
            one.availability == AVAILABLE[row["measurable_now"].split(" (")[0].removesuffix(" where helpline exists")]
        )


def test_every_text_is_in_six_languages_and_each_is_its_own() -> None:
    for one in load():
        for field in ("name", "definition", "population", "numerator", "denominator"):
            text = getattr(one, field)
            if text is None:
                assert field == "denominator"
                continue
            assert set(text) == set(OFFICIAL), (one.code, field)
            assert len(set(text.values())) == 6, (one.code, field)
            for language, script in (("ru", "\u0400-\u04ff"), ("ar", "\u0600-\u06ff"), ("zh", "\u4e00-\u9fff")):
                assert re.search(f"[{script}]", text[language]), (one.code, field, language)
                if field == "definition":
                    assert not re.search("[a-z]{4,}", re.sub("LGBTQ", "", text[language])), (one.code, language)
            if field != "name":
                ends = [words.rstrip('»"”')[-1] for words in text.values()]
                assert set(ends) <= set(".。"), (one.code, field, ends)


def test_no_text_has_a_word_to_be_avoided() -> None:
    for one in load():
        for field in ("name", "definition", "population", "numerator", "denominator"):
            for language, text in (getattr(one, field) or {}).items():
                assert [word for word in AVOIDED[language] if word in text.casefold()] == [], (one.code, field)


def test_the_words_to_be_avoided_are_found_where_they_are_kept(root: Path) -> None:
    index = (root / "catalogue/threats/A.yaml").read_text(encoding="utf-8").casefold()

    assert [language for language, words in AVOIDED.items() if not any(word in index for word in words)] == []


def test_code_and_data_name_the_same_things(root: Path) -> None:
    properties = json.loads((root / "catalogue/indicators/indicator.schema.json").read_text())["properties"]
    lists = load_codelists()

    for name in (
        "measure",
        "unit",
        "source_kind",
        "collection",
        "polarity",
        "periodicity",
        "availability",
        "dimension",
    ):
        assert set(properties[name]["enum"]) == {code.id for code in lists[name].codes}, name
    assert {x for x in properties["risk_class"]["enum"] if x} == {code.id for code in lists["risk_class"].codes}
    assert set(properties["disaggregations"]["items"]["enum"]) == {code.id for code in lists["disaggregation"].codes}
    assert set(properties["form"]["properties"]["kind"]["enum"]) == set(KINDS)
    assert list(code_faults(load(), lists)) == []


def test_a_code_that_no_list_has_is_found() -> None:
    lists, one = load_codelists(), load()["ACC.USE_3M"]
    wrong = replace(one, unit="bananas", dimension="harm", disaggregations=("shoe_size",))

    assert list(code_faults(Catalogue({one.code: wrong}), lists)) == [
        "ACC.USE_3M: unit bananas is in no list",
        "ACC.USE_3M: disaggregation shoe_size is in no list",
        "ACC.USE_3M: the codes of dimension harm begin with HRM",
    ]


def test_definitions_are_in_our_own_words(listed: dict[str, dict[str, str]]) -> None:
    assert {row["definition"].strip() for row in listed.values()}.isdisjoint(i.definition["en"] for i in load())


def test_the_schemas_are_schemas(root: Path) -> None:
    for name in (
        "indicators/indicator.schema.json", "presentation/presentation.schema.json", "waves/waves.schema.json",
        "codelists/codelists.schema.json",
    ):  # fmt: skip
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
        ('  zh: "使用互联网的儿童"\n', "", "ACC.USE_3M.yaml, field name: 'zh' is a required property"),
        ("measure: proportion", "measure: mean", 'ACC.USE_3M.yaml, field measure: "mean" is not how a proportion is'),
        ("kind: proportion", "kind: guess", "ACC.USE_3M.yaml, field form.kind: 'guess' is not one of"),
        ("numerator: used_3m}", "numerator: used_3m + 1}", "ACC.USE_3M.yaml, field form.proportion.numerator: "),
        ("numerator: used_3m}", "numerator: read('x')}", "ACC.USE_3M.yaml"),
        (
            "numerator: used_3m}",
            "numerator: used_3m, colour: red}",
            "ACC.USE_3M.yaml, field form.proportion.colour: is",
        ),
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
