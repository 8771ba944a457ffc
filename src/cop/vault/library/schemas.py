"""The facts of a meeting as they come in: a JSON file, checked whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cop.kernel.errors import CopError, NotFound, Refused, Where
from cop.kernel.numbering import DocumentNumber
from cop.kernel.validation import refusal


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Group(_Part):
    """A working group."""

    code: str
    name: str
    parent: str = ""
    established_by: str = ""
    open_to: tuple[str, ...] = ()
    contact: str = ""


class Task(_Part):
    """A task elaborated from the terms of reference."""

    n: str
    task: str


class Officer(_Part):
    """A chair or vice-chair, of a country or of an organisation."""

    name: str
    country: str = ""
    organisation: str = ""


class MeetingFacts(_Part):
    """One meeting."""

    number: int = Field(ge=1)
    place: str
    start: str
    end: str
    delegates: int | None = None
    delegates_approximate: bool = False
    agenda: str = ""
    agenda_adopted: str = ""
    chair: Officer
    opening_remarks: tuple[str, ...] = ()
    contributions_recognised_from: tuple[str, ...] = ()
    vice_chairs: tuple[Officer, ...] = ()


class DocumentFacts(_Part):
    """A numbered document."""

    number: str
    kind: str
    source: str
    subject: str = ""
    presenter: str = ""

    @field_validator("number")
    @classmethod
    def _number(cls, value: str) -> str:
        try:
            return str(DocumentNumber.parse(value))
        except CopError as error:
            raise ValueError(str(error)) from error


class OutcomeFacts(_Part):
    """A decision, recommendation or proposal."""

    ref: str
    kind: str
    text: str


class NextMeeting(_Part):
    """What is known of the next meeting."""

    when: str
    note: str = ""


class MeetingFile(_Part):
    """A meeting file: the group, one meeting, its documents and outcomes."""

    about: str = ""
    group: Group
    terms_of_reference: tuple[str, ...] = ()
    elaborated_tasks: tuple[Task, ...] = ()
    meeting: MeetingFacts
    documents: tuple[DocumentFacts, ...] = ()
    outcomes: tuple[OutcomeFacts, ...] = ()
    next_meeting: NextMeeting | None = None
    report: dict[str, Any] = {}


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
        raise refusal(error, path) from error
    except (ValueError, RecursionError) as error:
        raise Refused("the file is not JSON", where=Where(path), expected="the facts of a meeting") from error
