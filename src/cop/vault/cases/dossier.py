"""One case as it is passed to another office: everything that the export of it may say, put together once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cop.vault.cases.queries import CaseFacts


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is passed on of a case.

    Attributes:
        observatory: its id.
        office, office_name: number and name of the organisation that passes the case on.
        body: the name of the body that receives it.
        case: the facts; the people of the office that are in them are not passed on.
        received: when the report came.
        variables: what was recorded, by the ids of the catalogue's variables.
        narrative, address: None unless an analyst chose to pass them on, and held the key.
    """

    observatory: str
    office: str
    office_name: str
    body: str
    case: CaseFacts
    received: datetime
    variables: Mapping[str, object]
    narrative: str | None = None
    address: str | None = None
