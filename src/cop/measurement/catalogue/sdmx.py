"""The catalogue as SDMX-ML 3.0: indicator concepts, the concepts they are broken down by, and all their codelists.

Texts are in six languages. A concept is an indicator: its name, its definition, and as annotations what else its file
says. The codelist of indicators has the dimensions as parents. A disaggregation with values of its own is a concept
represented by their codelist. Agency and spelling of identifiers are those of the editions; an identifier of SDMX has
no dot (SDMX 3.0, section 2), so each keeps its own spelling in an annotation. The same catalogue gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from cop.editions.sdmx import AGENCY, sdmx_id
from cop.kernel.languages import Text
from cop.kernel.sdmxml import MODEL, Annotation, add, annotate, maintainable, message, say, sdmx_version, written
from cop.measurement.catalogue.codes import Code, Codelist, Codelists
from cop.measurement.catalogue.indicators import Catalogue, Indicator
from cop.measurement.measures.forms import as_facts

INDICATORS = "CL_COP_INDICATOR"
INDICATOR_CONCEPTS = "CS_COP_INDICATORS"
BREAKDOWN_CONCEPTS = "CS_COP_DISAGGREGATIONS"
_FACTS = (
    "dimension", "risk_class", "measure", "unit", "source_kind", "collection", "polarity", "periodicity",
    "availability", "reference", "version",
)  # fmt: skip


def codelist_id(name: str) -> str:
    """The identifier of a list: `age_band` is `CL_COP_AGE_BAND`."""
    return f"CL_COP_{name.upper()}"


def structures(catalogue: Catalogue, lists: Codelists) -> bytes:
    """The whole message."""
    root, within = message("COP_INDICATORS", lists.released, AGENCY)
    version = sdmx_version(lists.version)
    codelists = add(within, "Codelists")
    _indicators(codelists, catalogue, lists, version)
    for one in sorted(lists.lists.values(), key=lambda one: one.id):
        _codelist(codelists, one, version)
    schemes = add(within, "ConceptSchemes")
    _breakdowns(schemes, lists, version)
    _concepts(schemes, catalogue, lists, version)
    return written(root)


def _indicators(parent: etree._Element, catalogue: Catalogue, lists: Codelists, version: str) -> None:
    made = maintainable(parent, "Codelist", INDICATORS, agency=AGENCY, version=version, title=lists.title)
    for dimension in lists["dimension"].codes:
        _code(made, str(dimension.prefix), dimension.name)
    prefixes = {dimension.id: str(dimension.prefix) for dimension in lists["dimension"].codes}
    for one in catalogue:
        _code(made, one.code, one.name, about=one.definition, above=prefixes[one.dimension])


def _codelist(parent: etree._Element, one: Codelist, version: str) -> None:
    about = None if one.source is None else {"en": one.source}
    made = maintainable(
        parent, "Codelist", codelist_id(one.id), agency=AGENCY, version=version, title=one.name, about=about
    )
    for code in one.codes:
        _code(made, code.id, code.name)


def _code(
    parent: etree._Element, code: str, name: Text, *, about: Text | None = None, above: str | None = None
) -> None:
    made = add(parent, "Code", id=sdmx_id(code))
    annotate(made, _spelling(code))
    say(made, "Name", name)
    if about is not None:
        say(made, "Description", about)
    if above is not None:
        add(made, "Parent").text = above


def _spelling(code: str) -> Iterable[Annotation]:
    return [("CODE", None, code)] if sdmx_id(code) != code else []


def _breakdowns(parent: etree._Element, lists: Codelists, version: str) -> None:
    whole = lists["disaggregation"]
    made = maintainable(parent, "ConceptScheme", BREAKDOWN_CONCEPTS, agency=AGENCY, version=version, title=whole.name)
    for code in whole.codes:
        concept = _concept(made, code)
        if code.id in lists.lists:
            _represented(concept, codelist_id(code.id), version)


def _concept(parent: etree._Element, code: Code) -> etree._Element:
    made = add(parent, "Concept", id=sdmx_id(code.id).upper())
    annotate(made, [("CODE", None, code.id)])
    say(made, "Name", code.name)
    return made


def _represented(concept: etree._Element, codelist: str, version: str) -> None:
    urn = f"{MODEL}codelist.Codelist={AGENCY}:{codelist}({version})"
    add(add(concept, "CoreRepresentation"), "Enumeration").text = urn


def _concepts(parent: etree._Element, catalogue: Catalogue, lists: Codelists, version: str) -> None:
    made = maintainable(parent, "ConceptScheme", INDICATOR_CONCEPTS, agency=AGENCY, version=version, title=lists.title)
    for one in catalogue:
        concept = add(made, "Concept", id=sdmx_id(one.code))
        annotate(concept, _facts(one))
        say(concept, "Name", one.name)
        say(concept, "Description", one.definition)
        add(add(concept, "CoreRepresentation"), "TextFormat", textType="Double")


def _facts(one: Indicator) -> Iterable[Annotation]:
    yield "CODE", None, one.code
    for name in _FACTS:
        value: str | None = getattr(one, name)
        if value is not None:
            yield name.upper(), None, value
    yield "FORM", None, json.dumps(as_facts(one.form), sort_keys=True)
    for name in one.disaggregations:
        yield "DISAGGREGATION", None, name
    for name in ("population", "numerator", "denominator"):
        text: Text | None = getattr(one, name)
        if text is not None:
            yield name.upper(), text, None
