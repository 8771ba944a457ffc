"""The classification as a MISP taxonomy: `machinetag.json` and `MANIFEST.json`.

A section is a predicate, a class or subclass a value: `online-threats-to-children:B="B032"`. `numerical_value` is 100,
50 or 25 for urgency 1, 2 or 3, so that the more urgent has the higher number, as MISP scores do; values without urgency
have none. Source: the machine-tag field list of MISP/misp-taxonomies. Its official schema is weak (measured in the
notes, 1.4), so `faults` adds to a stricter schema of ours the three checks that it misses.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from jsonschema import Draft202012Validator

from cop.classification.exports import iris
from cop.classification.scheme import Node, Scheme

NAMESPACE = "online-threats-to-children"
SCHEMA = Path(__file__).with_name("misp.schema.json")

_NUMBERS = {1: 100, 2: 50, 3: 25}
_COLOURS = {
    "A": "#7f0000", "B": "#b30000", "C": "#d7301f", "D": "#6a3d9a", "E": "#e6550d", "F": "#08519c", "G": "#006d2c",
    "H": "#54278f", "Z": "#737373",
}  # fmt: skip


def integer_version(version: str) -> int:
    """A version as the integer MISP wants, rising with it: `1.0-draft` is 1000, `1.0` is 1009, `1.1` is 1019."""
    found = re.fullmatch(r"(\d+)\.(\d+)(?:\.(\d+))?(-.*)?", version)
    if not found:
        raise ValueError(f"{version} is no version")
    major, minor = int(found[1]), int(found[2])
    return major * 1000 + minor * 10 + (0 if found[4] else 9)


def machinetag(scheme: Scheme) -> dict[str, Any]:
    """The taxonomy."""
    sections = [node for node in scheme.nodes if node.level == "section"]
    return {
        "namespace": NAMESPACE,
        "expanded": scheme.title["en"],
        "description": scheme.unit["en"],
        "version": integer_version(scheme.version),
        "refs": [iris.scheme_iri(scheme.version), iris.LICENCE],
        "type": ["event"],
        "exclusive": False,
        "predicates": [
            {
                "value": node.code,
                "expanded": node.name["en"],
                "description": node.definition["en"],
                "colour": _COLOURS.get(node.code, "#737373"),
                "uuid": _uuid(node.code),
            }
            for node in sections
        ],
        "values": [
            {
                "predicate": section.code,
                "entry": [
                    _entry(node)
                    for node in scheme.nodes
                    if node.level != "section" and scheme.section(node.code) == section.code
                ],
            }
            for section in sections
        ],
    }


def manifest(scheme: Scheme, released: date) -> dict[str, Any]:
    """The list of taxonomies of a folder that holds this one alone."""
    return {
        "description": scheme.title["en"],
        "license": iris.LICENCE,
        "path": "machinetag.json",
        "taxonomies": [
            {
                "description": scheme.title["en"],
                "name": NAMESPACE,
                "version": integer_version(scheme.version),
            }
        ],
        "url": iris.scheme_iri(scheme.version),
        "version": f"{released:%Y%m%d}",
    }


def text(document: Mapping[str, Any]) -> str:
    """A document as it is written."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def faults(document: Mapping[str, Any]) -> list[str]:
    """What is wrong with a taxonomy, one line each; empty when it is sound.

    Our schema says which fields are needed; then: no entry without a value, no values under a predicate that does not
    exist, no value twice.
    """
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    found = [
        f"{'.'.join(str(part) for part in fault.absolute_path)}: {fault.message}"
        for fault in Draft202012Validator(schema).iter_errors(document)
    ]
    predicates = [p.get("value") for p in document.get("predicates", [])]
    for block in document.get("values", []):
        if block.get("predicate") not in predicates:
            found.append(f"values: the predicate {block.get('predicate')} does not exist")
        entries = [entry.get("value") for entry in block.get("entry", [])]
        found += [f"values: an entry of {block.get('predicate')} has no value" for entry in entries if not entry]
    values = [e.get("value") for b in document.get("values", []) for e in b.get("entry", []) if e.get("value")]
    for what, names in (("predicate", predicates), ("value", values)):
        found += [f"{what} {name} is there {n} times" for name, n in Counter(names).items() if n > 1]
    return sorted(found)


def _entry(node: Node) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "value": node.code,
        "expanded": node.name["en"],
        "description": node.definition["en"],
        "uuid": _uuid(node.code),
    }
    if node.urgency is not None:
        entry["numerical_value"] = _NUMBERS[node.urgency]
    return entry


def _uuid(code: str) -> str:
    """The same for a code in every version: codes are never used again for something else."""
    family: UUID = uuid5(NAMESPACE_URL, iris.FAMILY)
    return str(uuid5(family, code))
