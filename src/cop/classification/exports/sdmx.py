"""The classification as SDMX-ML 3.0: a codelist with parents, a hierarchy with its levels, a map per target.

Written with lxml and not with pysdmx as `cop.editions.sdmx` is, because pysdmx keeps one language and no parent of a
code. Agency and the spelling of identifiers are those of the editions, so that both can lie in one registry. A map
holds what `cop.classification.conversion` would convert whole; an identifier of SDMX has no dot (section 2 of the
notes), so terms are respelt and keep their own spelling in an annotation.

Two messages: structures (codelists and hierarchy) and maps. They are apart because sdmx1 2.28, which reads the first,
stops at a representation map of 3.0; pysdmx reads both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from cop.classification.conversion import route
from cop.classification.correspondences import Correspondence
from cop.classification.exports import iris
from cop.classification.exports.xkos import excluded
from cop.classification.scheme import Node, Scheme
from cop.editions.sdmx import AGENCY, sdmx_id
from cop.kernel import sdmxml
from cop.kernel.languages import Text
from cop.kernel.sdmxml import COM, MODEL, Annotation, add, annotate, faults, say, sdmx_version

__all__ = ["AGENCY", "CODELIST", "COM", "HIERARCHY", "faults", "maps", "sdmx_id", "sdmx_version", "structures"]

CODELIST = f"CL_{iris.SHORT}"
HIERARCHY = f"H_{iris.SHORT}"


def structures(scheme: Scheme, correspondences: Sequence[Correspondence], released: date) -> bytes:
    """The message with the codelist, the hierarchy, and a codelist of terms for each published target."""
    root, within = sdmxml.message("COTC_STRUCTURES", released, AGENCY)
    version = sdmx_version(scheme.version)
    codelists = add(within, "Codelists")
    codelist = _maintainable(codelists, "Codelist", CODELIST, version, scheme.title, scheme.unit)
    for node in scheme.nodes:
        _code(codelist, node)
    for table in correspondences:
        if table.published:
            _terms(codelists, table, version)
    hierarchy = _maintainable(add(within, "Hierarchies"), "Hierarchy", HIERARCHY, version, scheme.title, None)
    hierarchy.set("hasFormalLevels", "true")
    _levels(hierarchy, scheme)
    for node in scheme.nodes:
        if node.parent is None:
            _hierarchical(hierarchy, node, scheme, version)
    return sdmxml.written(root)


def maps(scheme: Scheme, correspondences: Sequence[Correspondence], released: date) -> bytes:
    """The message with a representation map for each published target."""
    root, within = sdmxml.message("COTC_MAPS", released, AGENCY)
    made = add(within, "RepresentationMaps")
    for table in correspondences:
        if table.published:
            _map(made, table, scheme, sdmx_version(scheme.version))
    return sdmxml.written(root)


def _maintainable(
    parent: etree._Element, tag: str, name: str, version: str, title: Text, about: Text | None
) -> etree._Element:
    return sdmxml.maintainable(parent, tag, name, agency=AGENCY, version=version, title=title, about=about)


def _code(codelist: etree._Element, node: Node) -> None:
    code = add(codelist, "Code", id=sdmx_id(node.code))
    entries: list[Annotation] = []
    if node.urgency is not None:
        entries.append(("URGENCY", None, str(node.urgency)))
    entries += [("REFER", None, body) for body in node.refer]
    entries += [("INCLUDES", note, None) for note in node.includes]
    entries += [("EXCLUDES", excluded(note), None) for note in node.excludes]
    annotate(code, entries)
    say(code, "Name", node.name)
    say(code, "Description", node.definition)
    if node.parent is not None:
        add(code, "Parent").text = sdmx_id(node.parent)


def _levels(hierarchy: etree._Element, scheme: Scheme) -> None:
    """Levels stand within one another, the top one outermost."""
    within = hierarchy
    for level in sorted(scheme.levels, key=lambda level: level["depth"]):
        within = add(within, "Level", id=level["id"])
        say(within, "Name", level["name"])
        say(within, "Description", level["definition"])


def _hierarchical(parent: etree._Element, node: Node, scheme: Scheme, version: str) -> None:
    """A code with those under it. Its level is its depth, as formal levels say; naming it again stops sdmx1 2.28."""
    one = add(parent, "HierarchicalCode", id=sdmx_id(node.code))
    add(one, "Code").text = f"{MODEL}codelist.Code={AGENCY}:{CODELIST}({version}).{sdmx_id(node.code)}"
    for child in scheme.nodes:
        if child.parent == node.code:
            _hierarchical(one, child, scheme, version)


def _target_name(table: Correspondence) -> str:
    return f"{CODELIST}_{sdmx_id(table.target).upper()}"


def _terms(parent: etree._Element, table: Correspondence, version: str) -> None:
    codelist = _maintainable(parent, "Codelist", _target_name(table), version, table.title, None)
    for term in table.terms:
        code = add(codelist, "Code", id=sdmx_id(term.id))
        if sdmx_id(term.id) != term.id:
            annotate(code, [("TERM", None, term.id)])
        say(code, "Name", {"en": term.label or term.id})


def _map(parent: etree._Element, table: Correspondence, scheme: Scheme, version: str) -> None:
    title = {"en": f"{scheme.title['en']} to {table.title['en']}"}
    one = _maintainable(
        parent, "RepresentationMap", f"RM_{iris.SHORT}_{sdmx_id(table.target).upper()}", version, title, table.note
    )
    for tag, name in (("SourceCodelist", CODELIST), ("TargetCodelist", _target_name(table))):
        add(one, tag).text = f"{MODEL}codelist.Codelist={AGENCY}:{name}({version})"
    for node in scheme.nodes:
        way = route(node.code, table)
        if isinstance(way, str) or len(way) != 1:
            continue
        [(match, _)] = way
        mapping = add(one, "RepresentationMapping")
        annotate(mapping, [("MATCH", None, match.predicate)])
        add(mapping, "SourceValue").text = sdmx_id(node.code)
        add(mapping, "TargetValue").text = sdmx_id(match.term.id)
