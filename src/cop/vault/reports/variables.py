"""The variables of one report: what may be said of it, and the columns that counts are made of.

Variables go by the ids and items of `catalogue/threats/variables.yaml`. Absent is *not recorded* (nobody asked), `_U`
is *unknown* (asked, not known).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from cop.classification.variables import Variable, Variables, load_variables
from cop.kernel.areas import EXPECTED, Areas
from cop.kernel.errors import CopError, Refused, Where
from cop.kernel.periods import parse_date

UNKNOWN: Final = "_U"
NOT_RECORDED: Final = "_N"
Values = Mapping[str, str | int | Sequence[str]]

# they have columns, belong to the office's own work, or follow from the coding
_NOT_SAID: Final = frozenset(
    {"count_unit", "report_date", "duplicate_of", "duplicate_rule", "urgency", "campaign_id", "time_to_removal"}
)
_BANDS: Final = {
    "Y0T2": "0-2",
    "Y3T6": "3-6",
    "Y7T9": "7-9",
    "Y10T12": "10-12",
    "Y13T15": "13-15",
    "Y16T17": "16-17",
}
_COLUMNS: Final = {
    "platform": "platform_type",
    "age_band": "age_band",
    "sex": "sex",
    "channel": "channel_of_report",
    "reporter": "reporter",
}
_SAID_IN: Final = {**_COLUMNS, "area": "country_of_child"}
_MOST: Final = 20
_LARGEST: Final = 1_000_000
_PARTIAL_DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2]))?")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@cache
def catalogue() -> Variables:
    """The classification's variables, read once a process."""
    return load_variables()


@cache
def sayable() -> tuple[Variable, ...]:
    """The variables that somebody may say of a report: all but those of its coding and of the office's own work."""
    return tuple(v for v in catalogue().variables if v.group != "coding" and v.id not in _NOT_SAID)


def check_variables(values: Mapping[str, object], areas: Areas) -> dict[str, str | int | list[str]]:
    """The variables as they are stored: known ids, values of their lists, nothing that is not recorded.

    Raises:
        Refused: an id or a value is not one of the catalogue's; the variable is named, the value never quoted.
    """
    known = {v.id: v for v in sayable()}
    found: dict[str, str | int | list[str]] = {}
    for name, value in values.items():
        if name not in known:
            raise Refused("is no variable of a report", where=Where(field=_named(name)), expected=", ".join(known))
        try:
            kept = _value(known[name], value, areas)
        except Refused as error:
            raise Refused(error.problem, where=Where(field=f"variables.{name}"), expected=error.expected) from None
        if kept is not None:
            found[name] = kept
    return found


def columns(values: Mapping[str, object]) -> dict[str, str]:
    """What the columns of `Report` hold of these variables; of several values the first.

    An age band that only rolls up (0 to 12, 13 to 17) is none of the bands that counts know: there it is unknown.
    """
    found = {column: _column(column, _first(values.get(name))) for column, name in _COLUMNS.items()}
    area = _first(values.get("country_of_child"))
    return {**found, "area": "" if area in {None, UNKNOWN} else str(area)}


def assessed_columns(values: Mapping[str, object]) -> dict[str, str]:
    """Likewise of what the office established itself: only the columns that it says something of."""
    found = columns(values)
    return {column: found[column] for column, name in _SAID_IN.items() if name in values}


def of_columns(facts: Mapping[str, str]) -> dict[str, str | int | list[str]]:
    """The variables that a file's columns say: the other way round than `columns`."""
    found: dict[str, str | int | list[str]] = {}
    bands = {band: item for item, band in _BANDS.items()}
    for column, name in _COLUMNS.items():
        code = facts[column]
        if code == "not_recorded":
            continue
        item = UNKNOWN if code == "unknown" else bands[code] if column == "age_band" else code.upper()
        found[name] = [item] if catalogue().variable(name).repeatable else item
    if facts["area"]:
        found["country_of_child"] = [facts["area"]]
    return found


def _column(column: str, item: object) -> str:
    if item is None:
        return "not_recorded"
    if item == UNKNOWN:
        return "unknown"
    return _BANDS.get(str(item), "unknown") if column == "age_band" else str(item).lower()


def _first(value: object) -> object:
    return next(iter(value), None) if isinstance(value, list) else value


def _named(name: object) -> str:
    text = str(name)
    return f"variables.{text}" if re.fullmatch(r"[a-z_]{1,40}", text) else "variables"


def _value(variable: Variable, value: object, areas: Areas) -> str | int | list[str] | None:
    if value is None or value == NOT_RECORDED or value in ("", []):
        return None
    if not variable.repeatable:
        return _one(variable, value, areas)
    values = value if isinstance(value, list | tuple) else [value]
    if len(values) > _MOST:
        raise Refused("has too many values", expected=f"at most {_MOST}")
    kept = [str(_one(variable, one, areas)) for one in values if one != NOT_RECORDED]
    if UNKNOWN in kept and len(kept) > 1:
        raise Refused("is unknown and has a value as well", expected="one or the other")
    return kept or None


def _one(variable: Variable, value: object, areas: Areas) -> str | int:
    if value == UNKNOWN:
        return UNKNOWN
    if variable.kind == "integer":
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
            raise Refused("is no number of these", expected=f"a whole number from 0 to {_LARGEST:,}, or _U")
        return value
    if not isinstance(value, str):
        raise Refused("is no text", expected="a code of its list, or _U")
    if variable.codelist is not None:
        items = [item.id for item in variable.items]
        if value not in items:
            raise Refused("is not in the code list", expected=f"{', '.join(items)}, _U")
        return value
    return _free(variable, value, areas)


def _free(variable: Variable, value: str, areas: Areas) -> str:
    if variable.kind == "date":
        if not _PARTIAL_DATE.fullmatch(value):
            try:
                parse_date(value)
            except CopError:
                raise Refused("is not a date", expected="YYYY-MM-DD, YYYY-MM or YYYY, or _U") from None
        return value
    if variable.id == "country_of_child":
        if value not in areas:
            raise Refused("is no known country", expected=EXPECTED)
        return value
    if variable.id == "language":
        if not _LANGUAGE.fullmatch(value):
            raise Refused("is no language", expected="a code of ISO 639, such as fr")
        return value
    raise Refused("cannot be said of a report", expected="no value")
