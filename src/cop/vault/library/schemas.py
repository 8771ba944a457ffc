"""The facts of a meeting as they come in: a JSON file, checked whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from cop.kernel.errors import CopError, NotFound, Refused, Where, shown
from cop.kernel.numbering import DocumentNumber
from cop.kernel.validation import refusal


def _storable(value: str) -> str:
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise ValueError("holds a character that is no text (expected Unicode without NUL)")
    return value


Text = Annotated[str, AfterValidator(_storable)]
Line = Annotated[str, Field(max_length=300), AfterValidator(_storable)]
Name = Annotated[str, Field(max_length=200), AfterValidator(_storable)]
Word = Annotated[str, Field(max_length=40), AfterValidator(_storable)]
Code = Annotated[str, Field(max_length=20), AfterValidator(_storable)]
Day = Annotated[str, Field(max_length=16), AfterValidator(_storable)]

_LARGEST = 99_999
"""The largest number of a meeting or a document."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Group(_Part):
    """A working group."""

    code: Code
    name: Text
    parent: Text = ""
    established_by: Text = ""
    open_to: tuple[Text, ...] = ()
    contact: Text = ""


class Task(_Part):
    """A task elaborated from the terms of reference."""

    n: Text
    task: Text


class Officer(_Part):
    """A chair or vice-chair, of a country or of an organisation."""

    name: Text
    country: Text = ""
    organisation: Text = ""


class MeetingFacts(_Part):
    """One meeting."""

    number: int = Field(ge=1, le=_LARGEST)
    place: Name
    start: Day
    end: Day
    delegates: int | None = None
    delegates_approximate: bool = False
    agenda: Text = ""
    agenda_adopted: Text = ""
    chair: Officer
    opening_remarks: tuple[Text, ...] = ()
    contributions_recognised_from: tuple[Text, ...] = ()
    vice_chairs: tuple[Officer, ...] = ()


class DocumentFacts(_Part):
    """A numbered document."""

    number: Word
    kind: Word
    source: Line
    subject: Line = ""
    presenter: Name = ""

    @field_validator("number")
    @classmethod
    def _number(cls, value: str) -> str:
        try:
            number = DocumentNumber.parse(value)
        except CopError as error:
            raise ValueError(str(error)) from error
        if max(number.meeting, number.serial, number.n) > _LARGEST:
            raise ValueError(f"{shown(value)} is no document number (expected numbers up to {_LARGEST:,})")
        return str(number)


class OutcomeFacts(_Part):
    """A decision, recommendation or proposal."""

    ref: Code
    kind: Word
    text: Text


class NextMeeting(_Part):
    """What is known of the next meeting."""

    when: Text
    note: Text = ""


class MeetingFile(_Part):
    """A meeting file: the group, one meeting, its documents and outcomes."""

    about: Text = ""
    group: Group
    terms_of_reference: tuple[Text, ...] = ()
    elaborated_tasks: tuple[Task, ...] = ()
    meeting: MeetingFacts
    documents: tuple[DocumentFacts, ...] = ()
    outcomes: tuple[OutcomeFacts, ...] = ()
    next_meeting: NextMeeting | None = None
    report: dict[str, Any] = {}

    @field_validator("documents")
    @classmethod
    def _once(cls, value: tuple[DocumentFacts, ...]) -> tuple[DocumentFacts, ...]:
        numbers = [d.number for d in value]
        if double := next((n for n in numbers if numbers.count(n) > 1), None):
            raise ValueError(f"document {double} is listed twice (expected each number once)")
        return value


def read_meeting(path: Path) -> MeetingFile:
    """Read and check a meeting file.

    Raises:
        NotFound: there is no such file.
        Refused: it is not JSON, or a fact is missing, unknown or not what is expected.
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return MeetingFile.model_validate(raw)
    except ValidationError as error:
        raise refusal(error, path, what="a meeting file") from error
    except (ValueError, RecursionError) as error:
        raise Refused("the file is not JSON", where=Where(path), expected="the facts of a meeting") from error
