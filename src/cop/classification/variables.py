"""The disaggregating variables of a record: what is recorded of an event besides its class, with the codelists.

Source: the disaggregating variables of the ICCS (UNODC, 2015), by event, victim and perpetrator; coding rule 3 of the
classification: means are variables. They are data (`catalogue/threats/variables.yaml` against its JSON Schema); what a
schema cannot say is checked here: ids once, groups, codelists, roll-ups and targets that exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from cop.classification.scheme import check_unique, read_part
from cop.kernel.errors import NotFound, Refused
from cop.kernel.languages import Text
from cop.kernel.resources import resource

Kind = Literal["codelist", "integer", "number", "date", "code", "list"]


@dataclass(frozen=True, slots=True)
class Term:
    """Something with an id that is named and defined: a group, or a way in which a value is missing."""

    id: str
    name: Text
    definition: Text


@dataclass(frozen=True, slots=True)
class Target:
    """A list of others that items correspond to; `verified` when every value was compared with it."""

    id: str
    name: Text
    verified: bool
    note: Text


@dataclass(frozen=True, slots=True)
class Match:
    """A value of another list and how it covers the item: `=`, `c`, `>`, `<` or `r`, as between classes."""

    target: str
    predicate: str
    value: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Item:
    """A value of a codelist; `parent` is the item of the same list that it rolls up into."""

    id: str
    name: Text
    parent: str | None
    correspondences: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable; `codelist` names its list if it has one, `items` are the values of that list."""

    id: str
    group: str
    name: Text
    definition: Text
    kind: Kind
    repeatable: bool
    optional: bool
    codelist: str | None
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Variables:
    """The variables by group, and what may stand in an optional one instead of a value (`_N`, `_U`)."""

    title: Text
    missing: tuple[Term, ...]
    targets: tuple[Target, ...]
    groups: tuple[Term, ...]
    variables: tuple[Variable, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Variable]:
        """Every variable by its id."""
        return {variable.id: variable for variable in self.variables}

    def variable(self, name: str) -> Variable:
        """The variable of that id.

        Raises:
            NotFound: there is none.
        """
        if name not in self.by_id:
            raise NotFound(f"{name} is no variable of the classification")
        return self.by_id[name]

    def values(self, name: str) -> tuple[str, ...]:
        """What may stand in a variable with a codelist: its items and, where it is optional, `_N` and `_U`.

        Raises:
            NotFound: there is no such variable.
            Refused: the variable has no codelist.
        """
        variable = self.variable(name)
        if variable.codelist is None:
            raise Refused.value(name, "has no codelist", expected="a variable of the kind codelist")
        missing = tuple(term.id for term in self.missing) if variable.optional else ()
        return (*(item.id for item in variable.items), *missing)


def load_variables(folder: Path | None = None) -> Variables:
    """Read and check the variables.

    Args:
        folder: where `variables.yaml` and its JSON Schema are; the catalogue's when None.

    Raises:
        NotFound: a file is missing.
        Refused: the file does not fit its schema or itself; names the file and the field.
    """
    folder = folder or resource("catalogue/threats")
    path = folder / "variables.yaml"
    document = read_part(path, folder / "variables.schema.json")
    for part in ("missing", "targets", "groups", "variables", "codelists"):
        check_unique([entry["id"] for entry in document[part]], path=path, field=f"{part}.id")
    targets = tuple(Target(**entry) for entry in document["targets"])
    codelists = {entry["id"]: tuple(_item(i) for i in entry["items"]) for entry in document["codelists"]}
    for name, items in codelists.items():
        _check_items(name, items, {target.id for target in targets}, path)
    groups = tuple(Term(**entry) for entry in document["groups"])
    variables = tuple(_variable(entry, codelists, path) for entry in document["variables"])
    _check_uses(variables, groups, codelists, path)
    missing = tuple(Term(**entry) for entry in document["missing"])
    return Variables(document["title"], missing, targets, groups, variables)


def _item(entry: Mapping[str, Any]) -> Item:
    correspondences = tuple(Match(**one) for one in entry.get("correspondences", ()))
    return Item(entry["id"], entry["name"], entry.get("parent"), correspondences)


def _variable(entry: Mapping[str, Any], codelists: Mapping[str, tuple[Item, ...]], path: Path) -> Variable:
    codelist = entry.get("codelist")
    if codelist is not None and codelist not in codelists:
        raise Refused.value(
            codelist, "is no codelist", expected="the id of a codelist of the file", file=path,
            field=f"{entry['id']}.codelist",
        )  # fmt: skip
    return Variable(
        id=entry["id"],
        group=entry["group"],
        name=entry["name"],
        definition=entry["definition"],
        kind=entry["kind"],
        repeatable=entry["repeatable"],
        optional=entry["optional"],
        codelist=codelist,
        items=codelists[codelist] if codelist is not None else (),
    )


def _check_items(name: str, items: Sequence[Item], targets: set[str], path: Path) -> None:
    check_unique([item.id for item in items], path=path, field=f"{name}.items.id")
    tops = {item.id for item in items if item.parent is None}
    for item in items:
        if item.parent is not None and item.parent not in tops:
            raise Refused.value(
                item.parent, "is no item to roll up into", expected="an item of the list without a parent", file=path,
                field=f"{name}.{item.id}.parent",
            )  # fmt: skip
        for one in item.correspondences:
            if one.target not in targets:
                raise Refused.value(
                    one.target, "is no target", expected=", ".join(sorted(targets)), file=path,
                    field=f"{name}.{item.id}.correspondences",
                )  # fmt: skip


def _check_uses(
    variables: Sequence[Variable], groups: Sequence[Term], codelists: Mapping[str, tuple[Item, ...]], path: Path
) -> None:
    known = [group.id for group in groups]
    for variable in variables:
        if variable.group not in known:
            raise Refused.value(
                variable.group, "is no group", expected=", ".join(known), file=path, field=f"{variable.id}.group"
            )
    for unused in sorted(set(codelists) - {variable.codelist for variable in variables}):
        raise Refused.value(
            unused, "is a codelist of no variable", expected="a variable that uses it", file=path, field="codelists.id"
        )
