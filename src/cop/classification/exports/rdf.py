"""A graph without blank nodes as Turtle 1.1 and JSON-LD 1.1, sorted, so that the same graph gives the same bytes.

rdflib's own writers follow the order of hashes in places; that is why these are here.
"""

from __future__ import annotations

import json
import warnings
from collections import defaultdict
from typing import Any, Literal

from rdflib import RDF, XSD, Graph, URIRef
from rdflib import Literal as Value
from rdflib.term import Node

_NATIVE = {str(XSD.integer), str(XSD.boolean)}


def turtle(graph: Graph) -> str:
    """The graph as Turtle: prefixes, then one block a subject, subjects and their statements in order of their text."""
    lines = [f"@prefix {prefix}: <{iri}> ." for prefix, iri in _prefixes(graph) if prefix]
    for subject, properties in _grouped(graph):
        lines += ["", f"{_n3(subject, graph)}"]
        named = [("a" if p == RDF.type else _n3(p, graph), objects) for p, objects in properties]
        for number, (name, objects) in enumerate(named):
            end = " ." if number == len(named) - 1 else " ;"
            lines.append(f"    {name} " + ", ".join(_n3(o, graph) for o in objects) + end)
    return "\n".join(lines) + "\n"


def jsonld(graph: Graph) -> str:
    """The graph as JSON-LD, flattened: a context of prefixes and one object a subject, in order."""
    nodes: list[dict[str, Any]] = []
    for subject, properties in _grouped(graph):
        node: dict[str, Any] = {"@id": _short(subject, graph)}
        for predicate, objects in properties:
            if predicate == RDF.type:
                node["@type"] = [_short(o, graph) for o in objects]
            else:
                node[_short(predicate, graph)] = [_value(o, graph) for o in objects]
        nodes.append(node)
    context = {prefix: {"@id": iri, "@prefix": True} for prefix, iri in _prefixes(graph) if prefix}
    return json.dumps({"@context": context, "@graph": nodes}, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


def read(text: str | bytes, *, form: Literal["turtle", "json-ld"]) -> Graph:
    """A graph from one of its writings."""
    with warnings.catch_warnings():
        # rdflib 7.6 reads JSON-LD with a class of its own that it calls deprecated
        warnings.filterwarnings("ignore", "ConjunctiveGraph is deprecated", DeprecationWarning)
        return Graph().parse(data=text, format=form)


def _prefixes(graph: Graph) -> list[tuple[str, str]]:
    return sorted((prefix, str(iri)) for prefix, iri in graph.namespaces())


def _grouped(graph: Graph) -> list[tuple[Node, list[tuple[Node, list[Node]]]]]:
    """Subjects with their properties with their objects, all sorted; the type of a subject comes first."""
    subjects: dict[Node, dict[Node, list[Node]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value in graph:
        subjects[subject][predicate].append(value)
    return [
        (
            subject,
            [
                (predicate, sorted(properties[predicate], key=_order))
                for predicate in sorted(properties, key=lambda p: (p != RDF.type, str(p)))
            ],
        )
        for subject, properties in sorted(subjects.items(), key=lambda item: str(item[0]))
    ]


def _order(value: Node) -> tuple[str, str, str]:
    language = value.language if isinstance(value, Value) else None
    return (str(language or ""), str(value), type(value).__name__)


def _n3(value: Node, graph: Graph) -> str:
    if isinstance(value, URIRef):
        short = _short(value, graph)
        local = short.partition(":")[2]
        # a local name of plain letters, digits, hyphens and underscores needs no escape in Turtle
        plain = short != str(value) and local.replace("-", "").replace("_", "").isalnum() and local.isascii()
        return short if plain else f"<{value}>"
    if isinstance(value, Value):
        text = json.dumps(str(value), ensure_ascii=False)
        if value.language:
            return f"{text}@{value.language}"
        datatype = value.datatype
        return f"{text}^^{_n3(datatype, graph)}" if datatype and datatype != XSD.string else text
    raise TypeError(f"a graph for export has no {type(value).__name__}")


def _short(value: Node, graph: Graph) -> str:
    """The IRI under the longest prefix that fits it, else whole."""
    iri = str(value)
    fitting = [(str(ns), prefix) for prefix, ns in graph.namespaces() if prefix and iri.startswith(str(ns))]
    if not fitting:
        return iri
    namespace, prefix = max(fitting, key=lambda pair: len(pair[0]))
    local = iri[len(namespace) :]
    return f"{prefix}:{local}" if local and not local.startswith("//") else iri


def _value(value: Node, graph: Graph) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, URIRef):
        return {"@id": _short(value, graph)}
    if not isinstance(value, Value):
        raise TypeError(f"a graph for export has no {type(value).__name__}")
    if value.language:
        return {"@value": str(value), "@language": value.language}
    datatype = str(value.datatype) if value.datatype else ""
    if datatype in _NATIVE:
        return value.toPython()
    if datatype and datatype != str(XSD.string):
        return {"@value": str(value), "@type": _short(URIRef(datatype), graph)}
    return str(value)
