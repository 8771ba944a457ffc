"""The published criteria, one YAML file each in `catalogue/criteria`, and the rule by which a provider is listed.

Source: WG-CP/1 report, 7.14 (ownership, removal, marketing, plain language); each file names its own origin.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

import yaml
from jsonschema import Draft202012Validator

from cop.kernel.errors import Refused, Where
from cop.kernel.resources import resource

Group = Literal["ownership", "licence", "removal", "marketing", "children", "change", "language"]
DocumentKind = Literal["tos", "privacy"]
FindingName = Literal["met", "partly", "not_met", "not_addressed", "contradictory", "not_reviewed"]

FINDINGS: tuple[FindingName, ...] = get_args(FindingName)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question put to a provider's documents, and what each answer means.

    `findings` maps met, partly, not_met and not_addressed to their meaning by language (ISO 639-1).
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


@dataclass(frozen=True, slots=True)
class ListRule:
    """When a provider is listed: every criterion of `criteria` has an `acceptable` finding that a person decided."""

    version: int
    criteria: tuple[str, ...]
    acceptable: frozenset[FindingName]
    decided: bool


def _mapping(path: Path) -> dict[str, object]:
    try:
        loaded: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused(
            f"cannot be read as YAML: {str(error).splitlines()[0]}", where=Where(path), expected="YAML in UTF-8"
        ) from error
    if not isinstance(loaded, dict):
        raise Refused("holds no mapping", where=Where(path), expected="the fields of a criterion")
    return cast("dict[str, object]", loaded)


def load(folder: Path) -> dict[str, Criterion]:
    """Every criterion in a folder by its code, in order of code, each valid against `criterion.schema.json`.

    Raises:
        Refused: a file breaks the schema, or its name is not its code.
    """
    schema = json.loads((folder / "criterion.schema.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema)
    found: dict[str, Criterion] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == "list.yaml":
            continue
        fields = _mapping(path)
        for error in sorted(
            validator.iter_errors(cast("dict[str, Any]", fields)), key=lambda e: list(map(str, e.absolute_path))
        ):
            field = "/".join(map(str, error.absolute_path)) or None
            raise Refused(
                error.message, where=Where(path, field=field), expected="a criterion as in criterion.schema.json"
            )
        criterion = Criterion(**{**fields, "documents": tuple(cast("list[str]", fields["documents"]))})  # type: ignore[arg-type]  # the schema checked the fields
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
        Refused: `list.yaml` names a finding or a choice of criteria that does not exist.
    """
    path = resource("catalogue/criteria") / "list.yaml"
    fields = _mapping(path)
    if fields.get("criteria") != "core":
        raise Refused.value(
            fields.get("criteria"), "is not a choice of criteria", expected="core", file=path, field="criteria"
        )
    acceptable = cast("list[FindingName]", fields.get("acceptable", []))
    for name in acceptable:
        if name not in FINDINGS:
            raise Refused.value(name, "is not a finding", expected=", ".join(FINDINGS), file=path, field="acceptable")
    return ListRule(
        version=int(str(fields["version"])),
        criteria=tuple(code for code, criterion in criteria().items() if criterion.core),
        acceptable=frozenset(acceptable),
        decided=bool(fields.get("decided", True)),
    )
