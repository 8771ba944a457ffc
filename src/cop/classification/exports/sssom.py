"""A correspondence as SSSOM: a tab-separated table under a YAML head, one file a target.

Source: A Simple Standard for Sharing Ontological Mappings; its format "SSSOM/TSV" with embedded metadata, whose lines
begin with `#`. Checked in tests with the standard's own parser and validator.
"""

from __future__ import annotations

from typing import Any

import yaml

from cop.classification.correspondences import SKOS, Correspondence
from cop.classification.exports import iris
from cop.classification.scheme import Scheme

COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "author_label",
    "confidence",
    "comment",
)
PREFIX = "cotc"


def sssom(scheme: Scheme, table: Correspondence) -> str:
    """The table to one target, in the order of its classes and terms.

    Labels are English; a term whose label is not known has none. Weights, which the standard has no slot for, stand
    in the comment.
    """
    head = yaml.safe_dump(_head(scheme, table), allow_unicode=True, sort_keys=True, width=10_000)
    lines = [f"# {line}" for line in head.splitlines()]
    lines.append("\t".join(COLUMNS))
    for match in sorted(table.matches, key=lambda m: (m.code, m.term.id)):
        weight = f"Weight {float(match.weight):g}." if match.weight is not None else None
        comment = " ".join(part for part in (match.comment, weight) if part)
        row = (
            f"{PREFIX}:{match.code}",
            scheme.node(match.code).name["en"],
            f"skos:{SKOS[match.predicate]}",
            f"{table.prefix}:{match.term.id}",
            match.term.label or "",
            match.justification,
            iris.AUTHOR,
            f"{match.confidence:g}",
            comment,
        )
        lines.append("\t".join(" ".join(cell.split()) for cell in row))
    return "\n".join(lines) + "\n"


def _head(scheme: Scheme, table: Correspondence) -> dict[str, Any]:
    verified = "Terms compared with their source." if table.verified else "Terms NOT compared with their source."
    rights = f"Terms: {table.licence}; {table.attribution or 'no attribution asked'}." if table.licence else ""
    described = (table.note["en"], verified, f"Source: {table.source}.", f"Confidence: {table.confidence_rule['en']}")
    head: dict[str, Any] = {
        "mapping_set_id": iris.table_iri(scheme.version, table.target),
        "mapping_set_title": f"{scheme.title['en']} to {table.title['en']}",
        "mapping_set_description": " ".join(part for part in (*described, rights) if part),
        "mapping_set_version": scheme.version,
        "license": iris.LICENCE,
        "creator_label": [iris.AUTHOR],
        "mapping_date": table.date,
        "subject_source": f"{PREFIX}:",
        "subject_source_version": scheme.version,
        "object_source": f"{table.prefix}:",
        "curie_map": {
            PREFIX: iris.class_namespace(scheme.version),
            table.prefix: table.namespace,
            "semapv": "https://w3id.org/semapv/vocab/",
            "skos": "http://www.w3.org/2004/02/skos/core#",
        },
    }
    if table.version:
        head["object_source_version"] = table.version
    return head
