"""The classification as data: what its files and schemas promise, and how a broken file is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cop.classification.scheme import Scheme, load_scheme
from cop.kernel.errors import NotFound, Refused
from cop.kernel.languages import OFFICIAL
from cop.kernel.resources import resource


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return load_scheme()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalogue that a test may break."""
    return Path(shutil.copytree(resource("catalogue/threats"), tmp_path / "threats"))


def broken(folder: Path, name: str, old: str, new: str) -> str:
    """The refusal after one change to one file."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        load_scheme(folder)
    return str(refused.value)


def test_there_are_nine_sections_43_leaves_and_five_administrative_codes(scheme: Scheme) -> None:
    assert [n.code for n in scheme.nodes if n.level == "section"] == list("ABCDEFGHZ")
    assert sum(code[0] != "Z" for code in scheme.leaves) == 43
    assert [code for code in scheme.leaves if code[0] == "Z"] == ["Z01", "Z02", "Z03", "Z04", "Z05"]


def test_the_codes_and_urgencies_are_those_of_the_draft(scheme: Scheme, shared: Path) -> None:
    draft = json.loads((shared / "knowledge" / "threat-classification-draft.json").read_text(encoding="utf-8"))
    classes = {n.code: n.urgency for n in scheme.nodes if n.level != "section" and n.code[0] != "Z"}

    assert classes == {c["code"]: c["urgency"] for c in draft["classes"] if c["code"][0] != "Z"}


def test_every_class_has_a_name_and_index_terms_in_the_six_languages(scheme: Scheme) -> None:
    for node in scheme.nodes:
        assert set(node.name) == set(OFFICIAL), node.code
        if node.level != "section":
            assert set(node.index) == set(OFFICIAL), node.code


def test_urgency_is_set_for_threats_and_only_for_threats(scheme: Scheme) -> None:
    for node in scheme.nodes:
        assert (node.urgency in {1, 2, 3}) == (node.level != "section" and node.code[0] != "Z"), node.code


def test_a_section_file_out_of_its_schema_names_the_file_and_the_field(folder: Path) -> None:
    message = broken(folder, "B.yaml", "urgency: 1", "urgency: 7")

    assert message.startswith("B.yaml, field classes.0.urgency: 7 is not one of [1, 2, 3, None]")


def test_an_exclusion_must_point_to_a_living_code(folder: Path) -> None:
    message = broken(folder, "B.yaml", "see: D03", "see: D77")

    assert (
        message
        == 'B.yaml, field B01.excludes.see: "D77" is no other code of the classification (expected a code that takes the case)'
    )


def test_a_code_cannot_be_used_twice(folder: Path) -> None:
    assert (
        broken(folder, "B.yaml", "code: B02", "code: B01")
        == 'B.yaml, field code: "B01" is used twice (expected a code once)'
    )


def test_a_subclass_cannot_stand_without_its_class(folder: Path) -> None:
    assert '"B031" stands without its parent' in broken(folder, "B.yaml", "code: B03\n", "code: B07\n")


def test_an_index_term_cannot_lead_to_two_classes(folder: Path) -> None:
    message = broken(folder, "B.yaml", '["unsolicited nude",', '["Grooming", "unsolicited nude",')

    assert (
        message
        == 'B.yaml, field B02.index.en: "Grooming" leads to B01 and to B02 (expected a term in the index of one class)'
    )


def test_a_missing_section_file_is_named(folder: Path) -> None:
    (folder / "C.yaml").unlink()

    with pytest.raises(NotFound, match=r"C\.yaml is missing"):
        load_scheme(folder)
