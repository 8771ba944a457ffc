"""The classification as linked data: what it says, and that its two writings say the same in the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys

from rdflib import DCTERMS, RDF, SKOS, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.term import BNode

from cop.classification.exports import iris, rdf
from cop.classification.exports.files import Source, graph
from cop.classification.exports.xkos import OURS, XKOS

WRITE = (
    "import sys; from cop.classification.exports.files import load_source, make; s = load_source();"
    "[sys.stdout.buffer.write(b) for f in ('xkos', 'jsonld', 'sdmx', 'misp', 'csv', 'sssom', 'prompts')"
    " for b in make(f, s).values()]"
)


def texts(made: Graph, one: URIRef, predicate: URIRef) -> set[tuple[str, str | None]]:
    return {(str(o), o.language) for o in made.objects(one, predicate) if isinstance(o, Literal)}


def test_turtle_and_json_ld_are_the_graph(small: Source, real: Source) -> None:
    for source in (small, real):
        made = graph(source)
        turtle = rdf.read(rdf.turtle(made), form="turtle")
        jsonld = rdf.read(rdf.jsonld(made), form="json-ld")

        assert isomorphic(turtle, jsonld)
        assert isomorphic(turtle, made)


def test_there_is_no_blank_node(real: Source) -> None:
    assert [t for t in graph(real) if any(isinstance(part, BNode) for part in t)] == []


def test_a_class_says_what_the_scheme_says(small: Source) -> None:
    made, one = graph(small), URIRef(iris.class_iri("2.3", "A01"))

    assert texts(made, one, SKOS.prefLabel) == {("name of A01", lang) for lang in small.scheme.title}
    assert texts(made, one, SKOS.hiddenLabel) == {("word of A01", "en"), ("词A01", "zh")}
    assert texts(made, one, XKOS.coreContentNote) == {("a case of A01", "en")}
    assert texts(made, one, XKOS.additionalContentNote) == {("A01.", "en")}
    assert texts(made, one, XKOS.caseLaw) == {("R001: Who? A01.", "en")}
    assert texts(made, one, XKOS.exclusionNote) == {("a case for B01 (B01)", "en")}
    assert set(made.objects(one, OURS.excludedTo)) == {URIRef(iris.class_iri("2.3", "B01"))}
    assert set(made.objects(one, SKOS.broader)) == {URIRef(iris.class_iri("2.3", "A"))}
    assert [int(str(o)) for o in made.objects(one, OURS.urgency)] == [1]


def test_the_version_is_dated_by_its_data_and_knows_its_levels_in_order(small: Source) -> None:
    made, one = graph(small), URIRef(iris.scheme_iri("2.3"))
    levels = list(made.items(made.value(one, XKOS.levels)))

    assert str(made.value(one, DCTERMS.issued)) == "2026-11-27"
    assert [str(made.value(level, XKOS.depth)) for level in levels] == ["1", "2", "3"]


def test_associations_are_those_of_the_published_table(small: Source) -> None:
    made = graph(small)
    pairs = {
        (str(made.value(a, XKOS.sourceConcept)).rpartition(":")[2], str(made.value(a, XKOS.targetConcept)))
        for a in made.subjects(RDF.type, XKOS.ConceptAssociation)
    }

    assert pairs == {
        ("A01", "urn:x:other:t.one"), ("A021", "urn:x:other:t.one"), ("A022", "urn:x:other:two"),
        ("A022", "urn:x:other:three"), ("B01", "urn:x:other:two"),
    }  # fmt: skip
    assert [s for s in made.subjects() if "hidden" in str(s)] == []


def test_json_ld_needs_no_context_from_elsewhere(small: Source) -> None:
    document = json.loads(rdf.jsonld(graph(small)))

    assert {"skos", "xkos", "c"} <= set(document["@context"])


def test_the_same_data_give_the_same_bytes_in_another_process() -> None:
    written = [
        subprocess.run(
            [sys.executable, "-c", WRITE], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    ]

    assert len(written[0]) > 1_000_000
    assert written[0] == written[1]
