"""The classification as a value: its sections, classes and subclasses, read from the catalogue and checked.

Source: WG-CP/1 report, 7.11. The wording is data (`catalogue/threats/*.yaml`, one file a section, each against its JSON
Schema); what a schema cannot say is checked here: codes used once, exclusions that point to a living code, no index
term that leads to two classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, cast

from cop.kernel.documents import read_document
from cop.kernel.errors import NotFound, Refused
from cop.kernel.languages import Text
from cop.kernel.resources import resource

Level = Literal["section", "class", "subclass"]


@dataclass(frozen=True, slots=True)
class Node:
    """A section, class or subclass.

    `excludes` have the class that takes the case under `see`; `urgency` is 1 (a child may be in danger now) to 3, None
    for sections and administrative codes; `correspondences` are strings as `= KEYWORD`, by scheme.
    """

    code: str
    level: Level
    parent: str | None
    name: Text
    definition: Text
    includes: tuple[Text, ...] = ()
    excludes: tuple[Text, ...] = ()
    examples: tuple[Text, ...] = ()
    index: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    urgency: int | None = None
    refer: tuple[str, ...] = ()
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    correspondences: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def as_json(self) -> dict[str, Any]:
        """The node as `metadata/classification.json` of an edition has it."""
        return {name: _plain(getattr(self, name)) for name in (f.name for f in fields(self))}


@dataclass(frozen=True)
class Scheme:
    """A version of the classification; `nodes` are in its order, every parent before its children."""

    version: str
    title: Text
    unit: Text
    levels: tuple[Mapping[str, Any], ...]
    coding_rules: tuple[Mapping[str, Any], ...]
    nodes: tuple[Node, ...]

    @cached_property
    def by_code(self) -> Mapping[str, Node]:
        """Every node by its code."""
        return {node.code: node for node in self.nodes}

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The codes that a record may get: classes without subclasses, subclasses, administrative codes."""
        parents = {node.parent for node in self.nodes}
        return tuple(n.code for n in self.nodes if n.level != "section" and n.code not in parents)

    def node(self, code: str) -> Node:
        """The node of that code.

        Raises:
            NotFound: this version has no such code.
        """
        if code not in self.by_code:
            raise NotFound(f"{code} is no code of version {self.version} of the classification")
        return self.by_code[code]

    def parents(self, code: str) -> tuple[str, ...]:
        """The codes above, nearest first: `B03, B` for `B032`.

        Raises:
            NotFound: this version has no such code.
        """
        parent = self.node(code).parent
        return () if parent is None else (parent, *self.parents(parent))

    def section(self, code: str) -> str:
        """The section a code belongs to; of a section, itself.

        Raises:
            NotFound: this version has no such code.
        """
        return (code, *self.parents(code))[-1]

    def urgency(self, code: str) -> int | None:
        """The urgency of a class; None for sections and administrative codes.

        Raises:
            NotFound: this version has no such code.
        """
        return self.node(code).urgency

    def as_json(self) -> dict[str, Any]:
        """The classification as an edition's metadata has it (docs/reference/edition.md)."""
        return {
            "version": self.version,
            "title": _plain(self.title),
            "unit_of_classification": _plain(self.unit),
            "levels": _plain(self.levels),
            "coding_rules": _plain(self.coding_rules),
            "nodes": [node.as_json() for node in self.nodes],
        }


def load_scheme(folder: Path | None = None) -> Scheme:
    """Read and check the classification.

    Args:
        folder: where `scheme.yaml`, a file a section and the two JSON Schemas are; the catalogue's when None.

    Raises:
        NotFound: a file is missing.
        Refused: a file does not fit its schema, or the files do not fit one another; names the file and the field.
    """
    folder = folder or resource("catalogue/threats")
    frame = _read(folder / "scheme.yaml", folder / "scheme.schema.json")
    nodes: list[Node] = []
    homes: dict[str, Path] = {}
    for letter in frame["section_order"]:
        path = folder / f"{letter}.yaml"
        document = _read(path, folder / "section.schema.json")
        if document["section"] != letter:
            raise Refused.value(
                document["section"], "is not the file's section", expected=letter, file=path, field="section"
            )
        for node in _section_nodes(document):
            if node.code in homes:
                raise Refused.value(node.code, "is used twice", expected="a code once", file=path, field="code")
            if not re.fullmatch(frame["codes"]["pattern"], node.code):
                raise Refused.value(
                    node.code, "is no code", expected=frame["codes"]["pattern"], file=path, field="code"
                )
            homes[node.code] = path
            nodes.append(node)
    _check_parents(nodes, homes)
    _check_exclusions(nodes, homes)
    _check_index(nodes, homes)
    return Scheme(
        version=frame["version"],
        title=frame["title"],
        unit=frame["unit"],
        levels=tuple(frame["levels"]),
        coding_rules=tuple(frame["coding_rules"]),
        nodes=tuple(nodes),
    )


def _read(path: Path, schema: Path) -> dict[str, Any]:
    for needed in (path, schema):
        if not needed.is_file():
            raise NotFound(f"{needed.name} is missing from the classification")
    return read_document(path, schema)


def _section_nodes(document: Mapping[str, Any]) -> Iterator[Node]:
    letter: str = document["section"]
    yield Node(letter, "section", None, document["name"], document["definition"])
    for entry in document["classes"]:
        code: str = entry["code"]
        subclass = len(code) > len("A01")
        yield Node(
            code=code,
            level="subclass" if subclass else "class",
            parent=code[:-1] if subclass else letter,
            name=entry["name"],
            definition=entry["definition"],
            includes=tuple(entry["includes"]),
            excludes=tuple(entry["excludes"]),
            examples=tuple(entry["examples"]),
            index=_tuples(entry["index"]),
            urgency=entry["urgency"],
            refer=tuple(entry["refer"]),
            attributes=_tuples(entry["attributes"]),
            correspondences=_tuples(entry["correspondences"]),
        )


def _check_parents(nodes: Sequence[Node], homes: Mapping[str, Path]) -> None:
    seen: set[str] = set()
    for node in nodes:
        if node.parent is not None and (node.parent not in seen or node.code[0] != homes[node.code].stem):
            raise Refused.value(
                node.code, "stands without its parent", expected=f"{node.parent} before it, in the file of its section",
                file=homes[node.code], field="code",
            )  # fmt: skip
        seen.add(node.code)


def _check_exclusions(nodes: Sequence[Node], homes: Mapping[str, Path]) -> None:
    for node in nodes:
        for exclusion in node.excludes:
            if exclusion["see"] not in homes or exclusion["see"] == node.code:
                raise Refused.value(
                    exclusion["see"], "is no other code of the classification", expected="a code that takes the case",
                    file=homes[node.code], field=f"{node.code}.excludes.see",
                )  # fmt: skip


def _check_index(nodes: Sequence[Node], homes: Mapping[str, Path]) -> None:
    taken: dict[tuple[str, str], str] = {}
    for node in nodes:
        for language, terms in node.index.items():
            for term in terms:
                other = taken.setdefault((language, " ".join(term.casefold().split())), node.code)
                if other != node.code:
                    raise Refused.value(
                        term, f"leads to {other} and to {node.code}", expected="a term in the index of one class",
                        file=homes[node.code], field=f"{node.code}.index.{language}",
                    )  # fmt: skip


def _tuples(entry: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in entry.items()}


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """Tuples as lists and mappings as dicts, all the way down."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in cast("Mapping[str, object]", value).items()}
    return [_plain(v) for v in cast("Sequence[object]", value)] if isinstance(value, (list, tuple)) else value
