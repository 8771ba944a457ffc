"""Numbers of the group's documents: `WG-CP/1/11`, its revisions, addenda and corrigenda.

A number is GROUP/MEETING/SERIAL. A revision, addendum or corrigendum says so in brackets after it:
`WG-CP/1/4(Rev.1)`, `WG-CP/1/4(Add.2)`, `WG-CP/1/4(Corr.1)`. As in the documents of the first meeting, March 2010.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cop.kernel.errors import Refused

_NUMBER = re.compile(
    r"(?P<group>[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*)/(?P<meeting>[1-9]\d*)/(?P<serial>[1-9]\d*)"
    r"(?: ?\((?P<kind>Rev|Add|Corr)\.(?P<n>[1-9]\d*)\))?"
)


@dataclass(frozen=True, slots=True, order=True)
class DocumentNumber:
    """A document's number; `suffix` is empty or one of Rev, Add, Corr, numbered by `n`."""

    group: str
    meeting: int
    serial: int
    suffix: str = ""
    n: int = 0

    @classmethod
    def parse(cls, text: str) -> DocumentNumber:
        """Read a number as it is printed.

        Raises:
            Refused: it is not one.
        """
        found = _NUMBER.fullmatch(text.strip())
        if found is None:
            raise Refused.value(
                text, "is not a document number", expected="for instance WG-CP/1/11 or WG-CP/1/4(Rev.1)"
            )
        return cls(
            found["group"], int(found["meeting"]), int(found["serial"]), found["kind"] or "", int(found["n"] or 0)
        )

    def __str__(self) -> str:
        return f"{self.group}/{self.meeting}/{self.serial}" + (f"({self.suffix}.{self.n})" if self.suffix else "")
