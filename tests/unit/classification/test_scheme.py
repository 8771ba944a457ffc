"""The classification as a value: parents, sections, leaves, and its place in an edition."""

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


def test_parents_come_nearest_first(scheme: Scheme) -> None:
    assert (scheme.parents("B032"), scheme.parents("B01"), scheme.parents("B")) == (("B03", "B"), ("B",), ())


def test_the_section_of_a_section_is_itself(scheme: Scheme) -> None:
    assert [scheme.section(code) for code in ("B032", "B03", "B", "Z04")] == ["B", "B", "B", "Z"]


def test_a_leaf_has_no_children_and_every_class_without_children_is_a_leaf(scheme: Scheme) -> None:
    parents = {node.parent for node in scheme.nodes}
    assert set(scheme.leaves) == {n.code for n in scheme.nodes if n.level != "section"} - parents


def test_every_parent_stands_before_its_children(scheme: Scheme) -> None:
    places = {node.code: place for place, node in enumerate(scheme.nodes)}
    assert all(places[n.parent] < places[n.code] for n in scheme.nodes if n.parent is not None)


def test_a_code_of_another_version_is_not_found(scheme: Scheme) -> None:
    for ask in (scheme.parents, scheme.section, scheme.urgency, scheme.node):
        with pytest.raises(NotFound, match="X99 is no code of version"):
            ask("X99")


def test_an_edition_gets_every_node_with_every_field(scheme: Scheme) -> None:
    document = scheme.as_json()

    assert set(document) == {"version", "title", "unit_of_classification", "levels", "coding_rules", "nodes"}
    assert [node["code"] for node in document["nodes"]] == [node.code for node in scheme.nodes]
    assert set(document["nodes"][0]) == {
        "code", "level", "parent", "name", "definition", "includes", "excludes", "examples", "index", "urgency",
        "refer", "attributes",
    }  # fmt: skip
    assert json.loads(json.dumps(document)) == document


def test_there_are_two_linearisations_named_in_the_six_languages(scheme: Scheme) -> None:
    assert [(x.id, x.level) for x in scheme.linearisations] == [("full", "leaf"), ("core", "section")]
    assert [set(x.name) for x in scheme.linearisations] == [set(OFFICIAL)] * 2


def test_a_leaf_stands_as_it_is_in_the_full_list_and_by_its_section_in_the_core_list(scheme: Scheme) -> None:
    assert [scheme.linearise(code, "full") for code in scheme.leaves] == list(scheme.leaves)
    assert [scheme.linearise(code, "core") for code in scheme.leaves] == [code[0] for code in scheme.leaves]


@pytest.mark.parametrize(
    ("code", "full", "core"), [("E03", "E03", "E"), ("B98", "B98", "B"), ("A99", "A99", "A"), ("Z05", "Z05", "Z")]
)
def test_a_record_above_the_leaves_has_a_line_too(code: str, full: str, core: str, scheme: Scheme) -> None:
    assert (scheme.linearise(code, "full"), scheme.linearise(code, "core")) == (full, core)


def test_a_section_stands_in_the_core_list_only(scheme: Scheme) -> None:
    assert scheme.linearise("B", "core") == "B"
    with pytest.raises(Refused) as refused:
        scheme.linearise("B", "full")

    assert (
        str(refused.value)
        == 'field code: "B" is a section and no line of the list full (expected a class of the section, or B99)'
    )


def test_an_unknown_list_or_code_is_not_found(scheme: Scheme) -> None:
    for code, name, message in (
        ("B01", "short", f"short is no linearisation of version {scheme.version} of the classification (expected full, core)"),
        ("X98", "core", f"X98 is no code of version {scheme.version} of the classification"),
        ("B97", "full", f"B97 is no code of version {scheme.version} of the classification"),
    ):  # fmt: skip
        with pytest.raises(NotFound) as missing:
            scheme.linearise(code, name)
        assert str(missing.value) == message


def test_a_linearisation_stands_once(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(resource("catalogue/threats"), tmp_path / "threats"))
    path = folder / "scheme.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("  - id: core\n", "  - id: full\n"), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        load_scheme(folder)

    assert str(refused.value) == 'scheme.yaml, field linearisations.id: "full" is used twice (expected an id once)'
