"""The shapes that a graph of the classification must fit (`shapes.ttl`), applied with pySHACL."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from rdflib import RDF, SH, Graph
from rdflib.term import Node

SHAPES = Path(__file__).with_name("shapes.ttl")


@cache
def _shapes() -> Graph:
    return Graph().parse(SHAPES, format="turtle")


def faults(graph: Graph) -> list[tuple[str, str, str]]:
    """What does not fit: (shape, what is wrong there, its message), sorted; empty when the graph conforms.

    Args:
        graph: as `cop.classification.exports.xkos.graph` makes it; it is not changed.
    """
    from pyshacl import validate

    _, report, _ = validate(graph, shacl_graph=_shapes(), inference="none", allow_warnings=False)
    if not isinstance(report, Graph):
        raise TypeError("pySHACL gave no report")
    found: set[tuple[str, str, str]] = set()
    for result in report.subjects(RDF.type, SH.ValidationResult):
        source = report.value(result, SH.sourceShape)
        name = next((str(s) for s in _owners(source)), "")
        message = str(report.value(result, SH.resultMessage))
        found.add((name.rpartition(":")[2], str(report.value(result, SH.focusNode)), message))
    return sorted(found)


def _owners(shape: Node | None) -> list[Node | None]:
    """The named shape that a property shape stands in, or the shape itself."""
    return list(_shapes().subjects(SH.property, shape)) or [shape]
