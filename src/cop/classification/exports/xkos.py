"""The classification as linked data: SKOS with XKOS 1.2, the DDI Alliance's extension for statistical classifications.

A concept scheme per version with its levels; classes with notations, names in every language, definitions and notes; a
correspondence per target, made of concept associations. Index terms are hidden labels: they are how people say it, for
finding and not for showing. An exclusion note ends with the code that takes the case, in brackets. Urgency, referral
and the strength of a match are properties of our own. No blank nodes, so that two writings of it can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef

from cop.classification.correspondences import SKOS as MATCH
from cop.classification.correspondences import Correspondence
from cop.classification.exports import iris
from cop.classification.rulings import Ruling
from cop.classification.scheme import Node, Scheme
from cop.kernel.languages import Text

XKOS = Namespace("http://rdf-vocabulary.ddialliance.org/xkos#")
OURS = Namespace(iris.VOCABULARY)

_PROPERTIES = {
    "urgency": "Urgency of a class: 1 (a child may be in danger now) to 3",
    "refer": "Body a report of the class is referred to",
    "excludedTo": "Class that takes a case excluded here",
    "matchType": "Strength of an association, as a SKOS mapping property",
    "confidence": "Confidence in an association, 0 to 1, by the rule its correspondence states",
    "weight": "Share of the counts of the class that goes to the term",
    "confidenceRule": "Rule by which confidence is set",
    "verified": "Whether the term was compared with its source",
    "complete": "Whether all terms of the other scheme are listed",
}


def graph(
    scheme: Scheme,
    correspondences: Sequence[Correspondence],
    released: date,
    rulings: Sequence[Ruling] = (),
) -> Graph:
    """The classification and its published correspondences as one graph.

    Args:
        scheme: a version of the classification.
        correspondences: tables of that version; those not to be published are left out.
        released: the date the scheme carries.
        rulings: those in force are case law of the classes they decide for, and additional content of them as long as
            no note carries them.
    """
    made = Graph(bind_namespaces="none")
    spaces = {
        "skos": SKOS, "xkos": XKOS, "dct": DCTERMS, "rdf": RDF, "rdfs": RDFS, "owl": OWL, "xsd": XSD, "cot": OURS,
        "c": iris.class_namespace(scheme.version),
    }  # fmt: skip
    for prefix, space in spaces.items():
        made.bind(prefix, Namespace(str(space)))
    _vocabulary(made)
    _scheme(made, scheme, released)
    _levels(made, scheme)
    for node in scheme.nodes:
        _node(made, scheme, node)
    for ruling in rulings:
        if ruling.status == "in force":
            _ruling(made, scheme, ruling)
    for table in correspondences:
        if table.published:
            _target(made, table)
            _table(made, scheme, table)
    return made


def _say(made: Graph, subject: URIRef, predicate: URIRef, text: Text) -> None:
    for language, words in text.items():
        made.add((subject, predicate, Literal(words, lang=language)))


def _vocabulary(made: Graph) -> None:
    made.add((OURS.Entry, RDF.type, RDFS.Class))
    made.add((OURS.Entry, RDFS.subClassOf, SKOS.Concept))
    made.add((OURS.Entry, RDFS.label, Literal("Section, class or subclass of the classification", lang="en")))
    for name, label in _PROPERTIES.items():
        made.add((OURS[name], RDF.type, RDF.Property))
        made.add((OURS[name], RDFS.label, Literal(label, lang="en")))


def _scheme(made: Graph, scheme: Scheme, released: date) -> None:
    one, family = URIRef(iris.scheme_iri(scheme.version)), URIRef(iris.FAMILY)
    made.add((family, RDF.type, SKOS.Concept))
    made.add((family, SKOS.prefLabel, Literal(iris.SHORT, lang="en")))
    made.add((one, RDF.type, SKOS.ConceptScheme))
    made.add((one, XKOS.belongsTo, family))
    made.add((one, SKOS.notation, Literal(iris.SHORT)))
    made.add((one, OWL.versionInfo, Literal(scheme.version)))
    made.add((one, DCTERMS.issued, Literal(released.isoformat(), datatype=XSD.date)))
    made.add((one, DCTERMS.license, URIRef(iris.LICENCE)))
    made.add((one, DCTERMS.publisher, Literal(iris.AUTHOR)))
    made.add((one, XKOS.numberOfLevels, Literal(len(scheme.levels))))
    _say(made, one, SKOS.prefLabel, scheme.title)
    _say(made, one, DCTERMS.description, scheme.unit)
    for language in scheme.title:
        made.add((one, DCTERMS.language, Literal(language)))


def _levels(made: Graph, scheme: Scheme) -> None:
    """The levels, and the ordered list of them under names of its own."""
    one = URIRef(iris.scheme_iri(scheme.version))
    levels = sorted(scheme.levels, key=lambda level: level["depth"])
    lists = [URIRef(f"{iris.scheme_iri(scheme.version)}:levels:{level['depth']}") for level in levels]
    made.add((one, XKOS.levels, lists[0]))
    for level, here, rest in zip(levels, lists, [*lists[1:], RDF.nil], strict=True):
        iri = URIRef(iris.level_iri(scheme.version, level["id"]))
        made.add((here, RDF.first, iri))
        made.add((here, RDF.rest, rest))
        made.add((iri, RDF.type, XKOS.ClassificationLevel))
        made.add((iri, XKOS.depth, Literal(level["depth"])))
        made.add((iri, XKOS.notationPattern, Literal(level["pattern"])))
        _say(made, iri, SKOS.prefLabel, level["name"])
        _say(made, iri, SKOS.definition, level["definition"])
    for node in scheme.nodes:
        level = URIRef(iris.level_iri(scheme.version, node.level))
        made.add((level, SKOS.member, URIRef(iris.class_iri(scheme.version, node.code))))


def _node(made: Graph, scheme: Scheme, node: Node) -> None:
    one, whole = URIRef(iris.class_iri(scheme.version, node.code)), URIRef(iris.scheme_iri(scheme.version))
    made.add((one, RDF.type, SKOS.Concept))
    made.add((one, RDF.type, OURS.Entry))
    made.add((one, SKOS.inScheme, whole))
    made.add((one, SKOS.notation, Literal(node.code)))
    if node.parent is None:
        made.add((one, SKOS.topConceptOf, whole))
        made.add((whole, SKOS.hasTopConcept, one))
    else:
        above = URIRef(iris.class_iri(scheme.version, node.parent))
        made.add((one, SKOS.broader, above))
        made.add((above, SKOS.narrower, one))
    _say(made, one, SKOS.prefLabel, node.name)
    _say(made, one, SKOS.definition, node.definition)
    _notes(made, scheme, node, one)
    for language, terms in node.index.items():
        for term in terms:
            if term != node.name.get(language):
                made.add((one, SKOS.hiddenLabel, Literal(term, lang=language)))
    if node.urgency is not None:
        made.add((one, OURS.urgency, Literal(node.urgency)))
    for body in node.refer:
        made.add((one, OURS.refer, Literal(body)))


def _notes(made: Graph, scheme: Scheme, node: Node, one: URIRef) -> None:
    for note in node.includes:
        _say(made, one, XKOS.coreContentNote, note)
    for note in node.excludes:
        _say(made, one, XKOS.exclusionNote, excluded(note))
        made.add((one, OURS.excludedTo, URIRef(iris.class_iri(scheme.version, note["see"]))))
    for example in node.examples:
        _say(made, one, SKOS.example, example)


def _ruling(made: Graph, scheme: Scheme, ruling: Ruling) -> None:
    decided = {
        language: f"{ruling.number}: {ruling.question[language]} {ruling.ruling[language]}"
        for language in ruling.ruling
        if language in ruling.question
    }
    for code in ruling.principal:
        one = URIRef(iris.class_iri(scheme.version, code))
        _say(made, one, XKOS.caseLaw, decided)
        if not ruling.noted_in:
            _say(made, one, XKOS.additionalContentNote, ruling.ruling)


def excluded(note: Text) -> Mapping[str, str]:
    """An exclusion in every language it has, with the code that takes the case in brackets at its end."""
    return {language: f"{words} ({note['see']})" for language, words in note.items() if language != "see"}


def _target(made: Graph, table: Correspondence) -> None:
    one = URIRef(iris.target_iri(table))
    made.add((one, RDF.type, SKOS.ConceptScheme))
    made.add((one, DCTERMS.source, Literal(table.source)))
    made.add((one, OURS.complete, Literal(table.complete)))
    _say(made, one, SKOS.prefLabel, table.title)
    if table.version:
        made.add((one, OWL.versionInfo, Literal(table.version)))
    if table.licence:
        made.add((one, DCTERMS.rights, Literal(f"{table.licence}; {table.attribution or ''}".rstrip("; "))))
    for term in table.terms:
        iri = URIRef(iris.term_iri(table, term.id))
        made.add((iri, RDF.type, SKOS.Concept))
        made.add((iri, SKOS.inScheme, one))
        made.add((iri, SKOS.notation, Literal(term.id)))
        made.add((iri, OURS.verified, Literal(term.verified)))
        made.add((iri, SKOS.prefLabel, Literal(term.label or term.id, lang="en")))


def _table(made: Graph, scheme: Scheme, table: Correspondence) -> None:
    one = URIRef(iris.table_iri(scheme.version, table.target))
    made.add((one, RDF.type, XKOS.Correspondence))
    made.add((one, XKOS.compares, URIRef(iris.scheme_iri(scheme.version))))
    made.add((one, XKOS.compares, URIRef(iris.target_iri(table))))
    made.add((one, DCTERMS.issued, Literal(table.date.isoformat(), datatype=XSD.date)))
    _say(made, one, SKOS.note, table.note)
    _say(made, one, OURS.confidenceRule, table.confidence_rule)
    for match in table.matches:
        iri = URIRef(iris.match_iri(scheme.version, table.target, match))
        code = URIRef(iris.class_iri(scheme.version, match.code))
        term, predicate = URIRef(iris.term_iri(table, match.term.id)), SKOS[MATCH[match.predicate]]
        made.add((one, XKOS.madeOf, iri))
        made.add((iri, RDF.type, XKOS.ConceptAssociation))
        made.add((iri, XKOS.sourceConcept, code))
        made.add((iri, XKOS.targetConcept, term))
        made.add((iri, OURS.matchType, predicate))
        made.add((iri, OURS.confidence, Literal(str(match.confidence), datatype=XSD.decimal)))
        made.add((code, predicate, term))
        if match.weight is not None:
            made.add((iri, OURS.weight, Literal(str(float(match.weight)), datatype=XSD.decimal)))
        if match.comment:
            made.add((iri, SKOS.note, Literal(match.comment, lang="en")))
