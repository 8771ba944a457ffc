"""The published criteria, one YAML file each in `catalogue/criteria`, and the rule by which a provider is listed.

Source: WG-CP/1 report, 7.14 (ownership, removal, marketing, plain language); each file names its own origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from cop.kernel.documents import read_document
from cop.kernel.errors import Refused
from cop.kernel.resources import resource

Group = Literal["ownership", "licence", "removal", "marketing", "children", "change", "language"]
DocumentKind = Literal["tos", "privacy"]
FindingName = Literal["met", "partly", "not_met", "not_addressed", "contradictory", "not_reviewed"]

FINDINGS: tuple[FindingName, ...] = get_args(FindingName)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question put to a provider's documents, and what each answer means.

    `findings` maps met, partly, not_met and not_addressed to their meaning by language (ISO 639-1). `example` is a
    neutral sentence that would be found met, by language: it shows what is asked, and is no one's wording.
    """

    code: str
    name: Mapping[str, str]
    question: Mapping[str, str]
    core: bool
    group: Group
    documents: tuple[DocumentKind, ...]
    findings: Mapping[str, Mapping[str, str]]
    evidence: Mapping[str, str]
    origin: str
    version: int
    example: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ListRule:
    """When a provider is listed: every criterion of `criteria` has an `acceptable` finding that a person decided."""

    version: int
    criteria: tuple[str, ...]
    acceptable: frozenset[FindingName]
    decided: bool


def load(folder: Path) -> dict[str, Criterion]:
    """Every criterion in a folder by its code, in order of code, each valid against `criterion.schema.json`.

    Raises:
        Refused: a file breaks the schema, or its name is not its code.
    """
    found: dict[str, Criterion] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == "list.yaml":
            continue
        fields = read_document(path, folder / "criterion.schema.json")
        criterion = Criterion(**{**fields, "documents": tuple(fields["documents"])})  # pyright: ignore[reportArgumentType] - the schema says it
        if criterion.code != path.stem:
            raise Refused.value(criterion.code, "is not the file's name", expected=path.stem, file=path, field="code")
        found[criterion.code] = criterion
    return found


@cache
def criteria() -> Mapping[str, Criterion]:
    """The criteria of this installation by code, in order of code."""
    return load(resource("catalogue/criteria"))


@cache
def list_rule() -> ListRule:
    """The rule of this installation by which a provider is listed.

    Raises:
        Refused: `list.yaml` breaks `list.schema.json`.
    """
    folder = resource("catalogue/criteria")
    fields = read_document(folder / "list.yaml", folder / "list.schema.json")
    return ListRule(
        version=fields["version"],
        criteria=tuple(code for code, criterion in criteria().items() if criterion.core),
        acceptable=frozenset(fields["acceptable"]),
        decided=fields["decided"],
    )
