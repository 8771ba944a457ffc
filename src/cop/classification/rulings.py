"""The register of rulings: which class takes a case that the notes leave in doubt.

Coding rule 5 of the classification: rulings carry a number and a date, are published, and bind later coding until the
notes of the next version take them in. The register is data (`catalogue/threats/rulings.yaml` against its JSON
Schema); what a schema cannot say is checked here: numbers in sequence, codes that exist, successors that exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from cop.classification.scheme import Scheme, load_scheme, read_part
from cop.kernel.errors import NotFound, Refused
from cop.kernel.languages import Text
from cop.kernel.periods import parse_date
from cop.kernel.resources import resource

Basis = Literal["note", "precedence", "threshold", "definition"]
Status = Literal["in force", "superseded"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """A case, and the class that takes it.

    Attributes:
        number: `R001` and on, never used twice.
        codes: the classes between which there was a doubt; a section stands for all its classes.
        principal: the codes it decides for, in the order in which the ruling names them.
        noted_in: the classes whose notes carry it.
        superseded_by: the number of the ruling that took its place; None while in force.
    """

    number: str
    date: date
    codes: tuple[str, ...]
    question: Text
    ruling: Text
    principal: tuple[str, ...]
    basis: Basis
    noted_in: tuple[str, ...]
    status: Status
    superseded_by: str | None


@dataclass(frozen=True)
class Rulings:
    """The register, in the order of its numbers."""

    title: Text
    rulings: tuple[Ruling, ...]

    @cached_property
    def in_force(self) -> tuple[Ruling, ...]:
        """The rulings that bind."""
        return tuple(ruling for ruling in self.rulings if ruling.status == "in force")

    def ruling(self, number: str) -> Ruling:
        """The ruling of that number, in force or not.

        Raises:
            NotFound: there is none.
        """
        for ruling in self.rulings:
            if ruling.number == number:
                return ruling
        raise NotFound(f"{number} is no ruling of the register")

    def about(self, code: str) -> tuple[Ruling, ...]:
        """The rulings in force that name a code or its section among those in doubt."""
        return tuple(ruling for ruling in self.in_force if {code, code[:1]} & set(ruling.codes))


def load_rulings(folder: Path | None = None) -> Rulings:
    """Read and check the register against the classification beside it.

    Args:
        folder: where `rulings.yaml`, its JSON Schema and the classification are; the catalogue's when None.

    Raises:
        NotFound: a file is missing.
        Refused: the file does not fit its schema, itself or the classification; names the file and the field.
    """
    folder = folder or resource("catalogue/threats")
    scheme = load_scheme(folder)
    path = folder / "rulings.yaml"
    document = read_part(path, folder / "rulings.schema.json")
    rulings = tuple(_ruling(entry, path) for entry in document["rulings"])
    _check_numbers(rulings, path)
    _check_codes(rulings, scheme, path)
    return Rulings(document["title"], rulings)


def _ruling(entry: dict[str, Any], path: Path) -> Ruling:
    try:
        day = parse_date(entry["date"])
    except Refused as error:
        raise Refused.value(
            entry["date"], "is no day", expected="a date as 2026-11-27", file=path, field=f"{entry['number']}.date"
        ) from error
    return Ruling(
        number=entry["number"],
        date=day,
        codes=tuple(entry["codes"]),
        question=entry["question"],
        ruling=entry["ruling"],
        principal=tuple(entry["principal"]),
        basis=entry["basis"],
        noted_in=tuple(entry["noted_in"]),
        status=entry["status"],
        superseded_by=entry.get("superseded_by"),
    )


def _check_numbers(rulings: Sequence[Ruling], path: Path) -> None:
    numbers = [ruling.number for ruling in rulings]
    for place, ruling in enumerate(rulings, 1):
        if ruling.number != f"R{place:03}":
            raise Refused.value(
                ruling.number, "is out of sequence", expected=f"R{place:03}", file=path, field="rulings.number"
            )
        later = numbers[place:]
        if ruling.superseded_by is not None and ruling.superseded_by not in later:
            raise Refused.value(
                ruling.superseded_by, "is no later ruling", expected="a number further down the register",
                file=path, field=f"{ruling.number}.superseded_by",
            )  # fmt: skip


def _check_codes(rulings: Sequence[Ruling], scheme: Scheme, path: Path) -> None:
    for ruling in rulings:
        for name, codes in (("codes", ruling.codes), ("principal", ruling.principal), ("noted_in", ruling.noted_in)):
            for code in codes:
                if code not in scheme.by_code:
                    raise Refused.value(
                        code, "is no code of the classification", expected=f"a code of version {scheme.version}",
                        file=path, field=f"{ruling.number}.{name}",
                    )  # fmt: skip
        for code in ruling.principal:
            if code not in ruling.codes:
                raise Refused.value(
                    code, "is not among the codes in doubt", expected=", ".join(ruling.codes), file=path,
                    field=f"{ruling.number}.principal",
                )  # fmt: skip
