"""The classification as a value: parents, sections, leaves, and its place in an edition."""

from __future__ import annotations

import json

import pytest

from cop.classification.scheme import Scheme, load_scheme
from cop.kernel.errors import NotFound


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
        "refer", "attributes", "correspondences",
    }  # fmt: skip
    assert json.loads(json.dumps(document)) == document
