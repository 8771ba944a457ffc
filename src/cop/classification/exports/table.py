"""The classification as one CSV table (RFC 4180, UTF-8): a row a code, a column a field and language."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from cop.classification.exports.xkos import excluded
from cop.classification.scheme import Node, Scheme
from cop.kernel.languages import Text

SEPARATOR = " | "
"""Between the notes or terms that share a cell; no note or term holds it."""


def table(scheme: Scheme) -> str:
    """The whole scheme, in its order.

    Columns: code, level, parent, urgency, refer; then name, definition, includes, excludes, examples and index, each
    once a language of the scheme (`name_en`). A cell of a language the scheme has not written yet is empty.
    """
    languages = sorted(scheme.title)
    fields = ("name", "definition", "includes", "excludes", "examples", "index")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["code", "level", "parent", "urgency", "refer", *(f"{f}_{language}" for f in fields for language in languages)]
    )
    for node in scheme.nodes:
        writer.writerow(
            [
                node.code,
                node.level,
                node.parent or "",
                "" if node.urgency is None else node.urgency,
                SEPARATOR.join(node.refer),
                *(_cell(node, field, language) for field in fields for language in languages),
            ]
        )
    return out.getvalue()


def _cell(node: Node, field: str, language: str) -> str:
    match field:
        case "name":
            return node.name.get(language, "")
        case "definition":
            return node.definition.get(language, "")
        case "index":
            return SEPARATOR.join(node.index.get(language, ()))
        case "excludes":
            return _joined((excluded(note) for note in node.excludes), language)
        case "includes":
            return _joined(node.includes, language)
        case _:
            return _joined(node.examples, language)


def _joined(notes: Iterable[Text], language: str) -> str:
    return SEPARATOR.join(note[language] for note in notes if language in note)
