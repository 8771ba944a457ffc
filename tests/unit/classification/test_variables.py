"""The disaggregating variables: what they hold, and how a broken file is refused."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from cop.classification.scheme import load_scheme
from cop.classification.variables import Match, Variables, load_variables
from cop.kernel.errors import NotFound, Refused
from cop.kernel.languages import OFFICIAL
from cop.kernel.resources import resource
from cop.vault.reports import schemas


@pytest.fixture(scope="module")
def variables() -> Variables:
    return load_variables()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalogue that a test may break."""
    return Path(shutil.copytree(resource("catalogue/threats"), tmp_path / "threats"))


def broken(folder: Path, old: str, new: str) -> str:
    """The refusal after one change to the file."""
    path = folder / "variables.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        load_variables(folder)
    return str(refused.value)


def test_the_variables_stand_in_their_groups(variables: Variables) -> None:
    assert {g.id: [v.id for v in variables.variables if v.group == g.id] for g in variables.groups} == {
        "event": ["count_unit", "event_date", "report_date", "duplicate_of", "duplicate_rule", "status", "attempted_completed", "legality", "urgency", "channel_of_report", "source_type", "reporter"],
        "child": ["age_band", "sex", "n_children", "disability", "at_risk", "country_of_child"],
        "alleged_perpetrator": ["relation", "age_status", "n_perpetrators"],
        "means": ["platform_type", "service_feature", "medium", "genai", "live", "encrypted", "anonymising_network", "monetisation", "cross_border", "language", "campaign_id"],
        "response": ["action_taken", "referred_to", "time_to_removal", "outcome"],
        "coding": ["code", "secondary", "scheme_version", "coder", "prob", "class_set", "threshold_version", "review", "agreement"],
    }  # fmt: skip


def test_not_recorded_and_unknown_belong_to_optional_variables_only(variables: Variables) -> None:
    assert [term.id for term in variables.missing] == ["_N", "_U"]
    assert variables.values("sex") == ("GIRL", "BOY", "OTHER", "_N", "_U")
    assert variables.values("count_unit") == ("REPORT", "EVENT", "URL", "FILE", "ACCOUNT", "CHILD", "CONTACT")
    assert [v.id for v in variables.variables if not v.optional] == ["count_unit", "code", "scheme_version", "coder"]
    missing = {"_N", "_U", "UNKNOWN", "NOT_RECORDED"}
    assert [(v.id, i.id) for v in variables.variables for i in v.items if i.id in missing] == []


def test_age_bands_roll_up_to_under_13_and_13_to_17(variables: Variables) -> None:
    items = variables.variable("age_band").items

    assert {i.id: i.parent for i in items} == {
        "Y0T12": None, "Y0T2": "Y0T12", "Y3T6": "Y0T12", "Y7T9": "Y0T12", "Y10T12": "Y0T12",
        "Y13T17": None, "Y13T15": "Y13T17", "Y16T17": "Y13T17",
    }  # fmt: skip
    assert {i.id: i.correspondences for i in items}["Y13T15"] == (
        Match("iwf", "r", "11-13", verified=True),
        Match("iwf", "<", "14-15", verified=False),
        Match("insafe", ">", "12-18", verified=True),
    )


def test_a_target_is_verified_when_each_of_its_values_is(variables: Variables) -> None:
    matches = [m for v in variables.variables for i in v.items for m in i.correspondences]

    assert {t.id: t.verified for t in variables.targets} == {
        t.id: all(m.verified for m in matches if m.target == t.id) for t in variables.targets
    }


def test_ids_are_safe_for_sdmx_and_names_are_in_the_six_languages(variables: Variables) -> None:
    items = [item for variable in variables.variables for item in variable.items]

    assert [i.id for i in items if not re.fullmatch(r"[A-Z][A-Z0-9_]*", i.id)] == []
    named = [*items, *variables.missing, *variables.groups, *variables.variables]
    assert [x.id for x in named if set(x.name) != set(OFFICIAL)] == []


def test_no_name_or_definition_calls_a_child_an_offender(variables: Variables) -> None:
    texts = [
        text
        for x in (*variables.variables, *variables.groups, *(i for v in variables.variables for i in v.items))
        for text in (*x.name.values(), *getattr(x, "definition", {}).values())
    ]
    words = re.compile(r"offender|perpetrator|délinquant|infractor|правонаруш|مجرم|罪犯|犯罪者", re.IGNORECASE)

    assert [text for text in texts if words.search(text)] == []
    assert (
        variables.variable("age_status").items[0].name["en"] == "under 18: a child who has displayed harmful behaviour"
    )


def test_referrals_are_those_of_the_classification(variables: Variables) -> None:
    listed = {body for node in load_scheme().nodes for body in node.refer}

    assert {i.id for i in variables.variable("referred_to").items} == listed


@pytest.mark.parametrize(
    ("name", "recorded"),
    [
        ("platform_type", schemas.PLATFORMS),
        ("sex", schemas.SEXES),
        ("channel_of_report", schemas.CHANNELS),
        ("reporter", schemas.REPORTERS),
    ],
)
def test_a_report_records_the_same_values(name: str, recorded: tuple[str, ...], variables: Variables) -> None:
    assert tuple(i.id.lower() for i in variables.variable(name).items) == recorded[:-2]
    assert recorded[-2:] == ("not_recorded", "unknown")


def test_a_report_records_the_same_age_bands(variables: Variables) -> None:
    bands = [i.id for i in variables.variable("age_band").items if i.parent]

    assert [band[1:].replace("T", "-") for band in bands] == list(schemas.AGE_BANDS[:-2])


def test_a_variable_that_is_not_there_is_not_found(variables: Variables) -> None:
    with pytest.raises(NotFound) as missing:
        variables.variable("shoe_size")

    assert str(missing.value) == "shoe_size is no variable of the classification"


def test_a_variable_without_a_codelist_has_no_values(variables: Variables) -> None:
    assert variables.variable("event_date").items == ()
    with pytest.raises(Refused) as refused:
        variables.values("event_date")

    assert str(refused.value) == '"event_date" has no codelist (expected a variable of the kind codelist)'


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "variables.schema.json").unlink()
    with pytest.raises(NotFound) as missing:
        load_variables(folder)

    assert str(missing.value) == "variables.schema.json is missing from the classification"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  - id: _U", "  - id: _N", 'variables.yaml, field missing.id: "_N" is used twice (expected an id once)'),
        ("  - id: misp", "  - id: dsa", 'variables.yaml, field targets.id: "dsa" is used twice (expected an id once)'),
        ("  - id: child", "  - id: event", 'variables.yaml, field groups.id: "event" is used twice (expected an id once)'),
        ("  - id: sex", "  - id: age_band", 'variables.yaml, field variables.id: "age_band" is used twice (expected an id once)'),
        ("  - id: relation\n    items:", "  - id: sex\n    items:", 'variables.yaml, field codelists.id: "sex" is used twice (expected an id once)'),
        ("id: BOY\n", "id: GIRL\n", 'variables.yaml, field sex.items.id: "GIRL" is used twice (expected an id once)'),
        ("parent: Y13T17", "parent: Y13T19", 'variables.yaml, field age_band.Y13T15.parent: "Y13T19" is no item to roll up into (expected an item of the list without a parent)'),
        ("parent: Y13T17", "parent: Y16T17", 'variables.yaml, field age_band.Y13T15.parent: "Y16T17" is no item to roll up into (expected an item of the list without a parent)'),
        ("target: insafe", "target: ins", 'variables.yaml, field age_band.Y3T6.correspondences: "ins" is no target (expected dsa, insafe, iwf, misp)'),
        ("codelist: sex", "codelist: sexes", 'variables.yaml, field sex.codelist: "sexes" is no codelist (expected the id of a codelist of the file)'),
        ("group: child", "group: kid", 'variables.yaml, field age_band.group: "kid" is no group (expected event, child, alleged_perpetrator, means, response, coding)'),
        ("codelist: sex", "codelist: yes_no", 'variables.yaml, field codelists.id: "sex" is a codelist of no variable (expected a variable that uses it)'),
        ("kind: date", "kind: day", "variables.yaml, field variables.1.kind: 'day' is not one of ['codelist', 'integer', 'number', 'date', 'code', 'list'] (expected what variables.schema.json says)"),
        ("    codelist: sex\n", "", "variables.yaml, field variables.13: 'codelist' is a required property (expected what variables.schema.json says)"),
        ("id: BOY\n", "id: Boy\n", "variables.yaml, field codelists.8.items.1.id: 'Boy' does not match '^[A-Z][A-Z0-9_]*$' (expected what variables.schema.json says)"),
    ],
)  # fmt: skip
def test_a_broken_file_names_the_field(old: str, new: str, message: str, folder: Path) -> None:
    assert broken(folder, old, new) == message
