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
    for sections and administrative codes.
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

    def as_json(self) -> dict[str, Any]:
        """The node as `metadata/classification.json` of an edition has it."""
        return {name: _plain(getattr(self, name)) for name in (f.name for f in fields(self))}


@dataclass(frozen=True, slots=True)
class Linearisation:
    """A list of lines that do not overlap and together hold every record: one line a `leaf`, or one a `section`.

    Source: the linearisations of a foundation component, as ICD-11 has them.
    """

    id: str
    name: Text
    definition: Text
    level: Literal["leaf", "section"]


@dataclass(frozen=True)
class Scheme:
    """A version of the classification; `nodes` are in its order, every parent before its children.

    `residuals` are the two digits that any section's letter may have before them: 98 (other specified) and 99 (not
    further specified); the nodes do not list them.
    """

    version: str
    title: Text
    unit: Text
    levels: tuple[Mapping[str, Any], ...]
    residuals: tuple[str, ...]
    linearisations: tuple[Linearisation, ...]
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

    def linearisation(self, name: str) -> Linearisation:
        """The linearisation of that id.

        Raises:
            NotFound: this version has no such list.
        """
        for found in self.linearisations:
            if found.id == name:
                return found
        raise NotFound(
            f"{name} is no linearisation of version {self.version} of the classification",
            expected=", ".join(x.id for x in self.linearisations),
        )

    def linearise(self, code: str, linearisation: str) -> str:
        """The line of a list that a record of that code stands in.

        `B032` and `B98` stand in the full list as they are and in the core list as `B`. A record coded above the
        leaves (`E03`: which of the two could not be told) is a line of its own in the full list, not a sum.

        Raises:
            NotFound: this version has no such code or no such list.
            Refused: a section alone, asked for in a list of leaves.
        """
        level = self.linearisation(linearisation).level
        residual = code[1:] in self.residuals and code[:1] in self.by_code
        section = code[:1] if residual else self.section(code)
        if level == "section":
            return section
        if code == section:
            raise Refused.value(
                code, f"is a section and no line of the list {linearisation}",
                expected=f"a class of the section, or {code}{self.residuals[-1]}", field="code",
            )  # fmt: skip
        return code

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
    frame = read_part(folder / "scheme.yaml", folder / "scheme.schema.json")
    nodes: list[Node] = []
    homes: dict[str, Path] = {}
    for letter in frame["section_order"]:
        path = folder / f"{letter}.yaml"
        document = read_part(path, folder / "section.schema.json")
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
    linearisations = tuple(Linearisation(**entry) for entry in frame["linearisations"])
    check_unique([entry.id for entry in linearisations], path=folder / "scheme.yaml", field="linearisations.id")
    _check_parents(nodes, homes)
    _check_exclusions(nodes, homes)
    _check_index(nodes, homes)
    return Scheme(
        version=frame["version"],
        title=frame["title"],
        unit=frame["unit"],
        levels=tuple(frame["levels"]),
        residuals=tuple(residual["suffix"] for residual in frame["codes"]["residuals"]),
        linearisations=linearisations,
        coding_rules=tuple(frame["coding_rules"]),
        nodes=tuple(nodes),
    )


def read_part(path: Path, schema: Path) -> dict[str, Any]:
    """A file of the classification against its schema.

    Raises:
        NotFound: one of the two is missing.
        Refused: as `read_document`.
    """
    for needed in (path, schema):
        if not needed.is_file():
            raise NotFound(f"{needed.name} is missing from the classification")
    return read_document(path, schema)


def check_unique(ids: Sequence[str], *, path: Path, field: str) -> None:
    """Refuse an id that stands twice in a list.

    Raises:
        Refused: names the file, the field and the first such id.
    """
    for place, one in enumerate(ids):
        if one in ids[:place]:
            raise Refused.value(one, "is used twice", expected="an id once", file=path, field=field)


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
