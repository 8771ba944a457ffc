"""The disaggregating variables of a record: shown as they are known, asked for, and read back.

Not recorded (nobody asked) is told apart from unknown (asked, not known).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from cop.desk.record_words import GROUPS
from cop.kernel.languages import pick
from cop.vault.coding.schemas import NOT_RECORDED, UNKNOWN, asked_variables
from cop.vault.reports.variables import catalogue

PREFIX = "v-"


@dataclass(frozen=True, slots=True)
class Asked:
    """A variable as the form asks for it: `items` are value and name; none where a value is typed."""

    id: str
    name: str
    hint: str
    value: str
    items: tuple[tuple[str, str], ...]
    kind: str
    said: str  # what the report itself says, "" where it says nothing


def shown(own: Mapping[str, Any], recorded: Mapping[str, str], language: str) -> list[tuple[str, list[Asked]]]:
    """The variables by group; `own` are the report's, `recorded` those of the desk, which go before."""
    known = catalogue()
    groups: dict[str, list[Asked]] = {}
    for name in asked_variables():
        variable = known.variable(name)
        items = tuple((i.id, pick(i.name, language)) for i in variable.items)
        asked = Asked(
            id=name,
            name=pick(variable.name, language),
            hint=pick(variable.definition, language),
            value=recorded.get(name, NOT_RECORDED),
            items=items,
            kind=variable.kind,
            said=_said(own.get(name), dict(items)),
        )
        groups.setdefault(variable.group, []).append(asked)
    return [(str(GROUPS[group]), asked) for group, asked in groups.items()]


def read(posted: QueryDict, recorded: Mapping[str, str]) -> dict[str, str | None]:
    """The variables that the form changes: name -> value, None where it is not recorded any more."""
    changes: dict[str, str | None] = {}
    for name in asked_variables():
        if PREFIX + name not in posted:
            continue
        text = posted.get(PREFIX + name, "").strip()
        value = None if text in ("", NOT_RECORDED) else text
        if value != recorded.get(name):
            changes[name] = value
    return changes


def facts(own: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """What the report says of itself, in words."""
    known = catalogue()
    found: list[tuple[str, str]] = []
    for name, value in own.items():
        if name in known.by_id:
            variable = known.variable(name)
            names = {i.id: pick(i.name, language) for i in variable.items}
            found.append((pick(variable.name, language), _said(value, names)))
    return found


def _said(value: object, names: Mapping[str, str]) -> str:
    if value is None:
        return ""
    values = value if isinstance(value, list) else [value]
    return ", ".join(_("unknown") if v == UNKNOWN else names.get(str(v), str(v)) for v in values)
