"""What partner organisations send to the service and what they get back, as its OpenAPI description shows it.

Shapes are strict: an unknown field, a number in quotes or a code that is not in its list is refused. The variables
follow the catalogue, so that a new one there is a new field here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pycountry
from django.conf import settings
from ninja import Schema
from pydantic import ConfigDict, Field, create_model

from cop.classification.variables import Variable
from cop.kernel.languages import pick
from cop.vault.reports.schemas import COUNT_UNITS, NARRATIVE_LIMIT, STATUSES
from cop.vault.reports.submission import ADDRESS_LIMIT, REF_LIMIT
from cop.vault.reports.variables import UNKNOWN, sayable

_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$"
_DAY = r"^(199[0-9]|20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_PARTIAL = r"^((199[0-9]|20[0-9]{2})(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?|_U)$"
_LARGEST = 1_000_000
_MOST = 20


class Strict(Schema):
    """Nothing but what is named."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _areas() -> list[str]:
    own = settings.OBSERVATORY.areas if settings.OBSERVATORY else {}
    return sorted({*(c.alpha_3 for c in pycountry.countries), *own})


def _type(variable: Variable) -> Any:  # noqa: ANN401 - a type made of data
    if variable.codelist is not None:
        one: Any = Literal[(*(item.id for item in variable.items), UNKNOWN)]
    elif variable.kind == "integer":
        one = Annotated[int, Field(ge=0, le=_LARGEST)] | Literal["_U"]
    elif variable.kind == "date":
        one = Annotated[str, Field(pattern=_PARTIAL)]
    elif variable.id == "country_of_child":
        one = Literal[(*_areas(), UNKNOWN)]
    else:
        one = Annotated[str, Field(pattern=r"^([a-z]{2,3}|_U)$")]
    if not variable.repeatable:
        return one
    item: Any = list[one]
    return Annotated[item, Field(min_length=1, max_length=_MOST)]


def _field(variable: Variable) -> tuple[Any, Any]:
    told = f"{pick(variable.definition, 'en')} Absent: not recorded. _U: unknown."
    return _type(variable) | None, Field(default=None, title=pick(variable.name, "en"), description=told)


_FIELDS: dict[str, Any] = {variable.id: _field(variable) for variable in sayable()}
Variables = create_model("Variables", __base__=Strict, __doc__="What is recorded of the event.", **_FIELDS)


class NewReport(Strict):
    """A report that a partner organisation received."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "narrative": "A girl of 12 tells that somebody she met in a game asks her for pictures.",
                    "date": "2026-01-15",
                    "count_unit": "REPORT",
                    "ref": "H-2026-0117",
                    "variables": {"age_band": ["Y10T12"], "platform_type": ["ONLINE_GAME"], "relation": ["_U"]},
                }
            ]
        },
    )

    narrative: str = Field(
        min_length=1,
        max_length=NARRATIVE_LIMIT,
        pattern=_TEXT,
        description="What happened, as text. It is coded and sealed in memory; nobody but the office's key holders can "
        "read it again. Refused: encoded files, `data:` addresses, characters that turn the writing around, a text "
        "that begins like a spreadsheet formula.",
    )
    date: str = Field(pattern=_DAY, description="The day on which your organisation received the report: YYYY-MM-DD.")
    count_unit: Literal[COUNT_UNITS] = Field(description="What one record stands for. Units are never added up.")  # type: ignore[valid-type]
    ref: str = Field(
        default="", max_length=REF_LIMIT, description="Your own number of the report: no name, no address."
    )
    address: str = Field(
        default="",
        max_length=ADDRESS_LIMIT,
        description="Of what was seen, beginning with http:// or https://. Sealed with the narrative.",
    )
    variables: Variables = Field(default_factory=Variables)  # type: ignore[valid-type]


class Receipt(Schema):
    """A report was taken in, or had been before under the same key."""

    id: int = Field(description="The report's number here.")
    receipt: str = Field(description="16 digits with which the reporter can return. Shown in this answer alone.")
    repeated: bool = Field(description="The same key and content came before: nothing was changed.")


class Standing(Schema):
    """What became of a report that you sent."""

    id: int
    status: Literal[STATUSES]  # type: ignore[valid-type]
    received: str = Field(description="When it was taken in, ISO 8601 in UTC.")
    ref: str
    asked: bool = Field(description="The office has an open question; the reporter sees it with the receipt.")


class Problem(Schema):
    """What is wrong (RFC 9457). What you sent is never repeated."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    field: str | None = None
    expected: str | None = None


class BulkRow(Schema):
    """What became of one line: 201 taken in, 200 known already, else refused with its problem."""

    row: int = Field(description="Number of the line, from 1; empty lines are counted and skipped.")
    status: int
    id: int | None = None
    receipt: str | None = None
    problem: Problem | None = None
