"""Each shape catches what it is there for; the small graph and the real one break none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rdflib import DCTERMS, RDF, SKOS, Graph, Literal, URIRef

from cop.classification.exports import iris, shapes
from cop.classification.exports.files import Source, graph
from cop.classification.exports.xkos import OURS, XKOS

Plant = Callable[[Graph], object]
V = "2.3"
A, A01, A02, A021, A022, B, B01 = (
    URIRef(iris.class_iri(V, c)) for c in ("A", "A01", "A02", "A021", "A022", "B", "B01")
)
SCHEME = URIRef(iris.scheme_iri(V))
LEVEL = {name: URIRef(iris.level_iri(V, name)) for name in ("section", "class", "subclass")}


def renamed(made: Graph, one: URIRef, code: str) -> None:
    made.set((one, SKOS.notation, Literal(code)))


def moved(made: Graph, one: URIRef, old: str, new: str) -> None:
    made.remove((LEVEL[old], SKOS.member, one))
    made.add((LEVEL[new], SKOS.member, one))


def without_members(made: Graph) -> None:
    for one in (A021, A022):
        made.remove((LEVEL["subclass"], SKOS.member, one))


VIOLATIONS: list[tuple[str, str, Plant]] = [
    ("Name", "A01", lambda g: g.add((A01, SKOS.prefLabel, Literal("second", lang="fr")))),
    ("Languages", "A01", lambda g: g.remove((A01, SKOS.prefLabel, Literal("name of A01", lang="ru")))),
    ("Languages", "B01", lambda g: g.add((SCHEME, DCTERMS.language, Literal("de")))),
    ("Definition", "A02", lambda g: g.remove((A02, SKOS.definition, None))),
    ("Notation", "A", lambda g: g.remove((A, SKOS.notation, None))),
    ("Notation", "A01", lambda g: g.add((A01, SKOS.notation, Literal("A09")))),
    ("NotationUnique", "A02", lambda g: renamed(g, A02, "A01")),
    ("NotationPattern", "B01", lambda g: renamed(g, B01, "B1")),
    ("NotationPattern", "A01", lambda g: renamed(g, A01, "A01.")),
    ("Level", "A01", lambda g: g.remove((LEVEL["class"], SKOS.member, A01))),
    ("Level", "A02", lambda g: g.add((LEVEL["section"], SKOS.member, A02))),
    ("Parent", "A01", lambda g: g.remove((A01, SKOS.broader, None))),
    ("Parent", "A021", lambda g: g.set((A021, SKOS.broader, A))),
    ("Parent", "B01", lambda g: g.add((B01, SKOS.broader, A))),
    ("Parent", "B", lambda g: g.add((B, SKOS.broader, A))),
    ("Parent", "B01", lambda g: moved(g, B01, "class", "subclass")),
    ("InScheme", "A022", lambda g: g.remove((A022, SKOS.inScheme, SCHEME))),
    ("InScheme", "A022", lambda g: g.set((A022, SKOS.inScheme, URIRef("urn:x:no-scheme")))),
    ("Exclusion", "A01", lambda g: g.add((A01, XKOS.exclusionNote, Literal("a case (C09)", lang="en")))),
    ("Exclusion", "A01", lambda g: g.add((A01, XKOS.exclusionNote, Literal("a case for somebody", lang="en")))),
    ("Exclusion", "A01", lambda g: g.add((A01, XKOS.exclusionNote, Literal("a case (A01)", lang="en")))),
    ("ExcludedTo", "A01", lambda g: g.add((A01, OURS.excludedTo, URIRef("urn:x:dead")))),
    ("Scheme", V, lambda g: g.set((SCHEME, XKOS.numberOfLevels, Literal(4)))),
    ("Scheme", V, lambda g: g.remove((SCHEME, DCTERMS.language, None))),
    ("Scheme", V, without_members),
    ("LevelHasMembers", "subclass", without_members),
    ("LevelHasMembers", "class", lambda g: g.remove((LEVEL["class"], XKOS.notationPattern, None))),
    ("Association", "A01:t.one", lambda g: g.remove((None, OURS.matchType, SKOS.exactMatch))),
    ("Association", "A01:t.one", lambda g: g.remove((URIRef("urn:x:other:t.one"), RDF.type, None))),
]  # fmt: skip


def planted(source: Source, plant: Plant) -> set[tuple[str, str]]:
    made = graph(source)
    plant(made)
    return {(shape, node) for shape, node, _ in shapes.faults(made)}


def test_a_sound_graph_breaks_no_shape(small: Source) -> None:
    assert shapes.faults(graph(small)) == []


def test_the_classification_breaks_no_shape(real: Source) -> None:
    assert shapes.faults(graph(real)) == []


@pytest.mark.parametrize(
    ("shape", "node", "plant"), VIOLATIONS, ids=[f"{s}-{n}-{i}" for i, (s, n, _) in enumerate(VIOLATIONS)]
)
def test_a_planted_fault_is_caught_by_its_shape_at_its_place(
    small: Source, shape: str, node: str, plant: Plant
) -> None:
    found = planted(small, plant)

    assert any(s == shape and n.endswith(f":{node}") for s, n in found), found


def test_every_shape_has_a_planted_fault() -> None:
    declared = {
        str(s).rpartition(":")[2]
        for s in Graph()
        .parse(shapes.SHAPES, format="turtle")
        .subjects(RDF.type, URIRef("http://www.w3.org/ns/shacl#NodeShape"))
    }

    assert {shape for shape, _, _ in VIOLATIONS} == declared
