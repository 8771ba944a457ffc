"""The lists of codes that indicators use, with their names in six languages: `catalogue/codelists/indicators.yaml`.

A list named as a disaggregation (`sex`, `age_band`) holds its values; a disaggregation without one takes them from
elsewhere: the classification of threats, ISO 3166-1, national lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from cop.kernel.documents import read_document
from cop.kernel.errors import NotFound, Refused, shown
from cop.kernel.languages import Text
from cop.kernel.resources import resource


@dataclass(frozen=True, slots=True)
class Code:
    """One code; `prefix`, of a dimension, is what the codes of its indicators begin with."""

    id: str
    name: Text
    prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Codelist:
    """Codes in the order of the file. `source` says where they come from, if not from this project."""

    id: str
    name: Text
    codes: tuple[Code, ...]
    source: str | None = None

    def __getitem__(self, code: str) -> Code:
        for one in self.codes:
            if one.id == code:
                return one
        raise NotFound(f"{shown(code)} is not a code of {self.id}", expected=", ".join(one.id for one in self.codes))


@dataclass(frozen=True, slots=True)
class Codelists:
    """All lists by id, and the version and date they carry."""

    version: str
    released: date
    title: Text
    lists: Mapping[str, Codelist]

    def __getitem__(self, name: str) -> Codelist:
        try:
            return self.lists[name]
        except KeyError:
            raise NotFound(f"there is no list of codes {shown(name)}", expected=", ".join(self.lists)) from None


def read_codelists(path: Path) -> Codelists:
    """The lists of a file.

    Raises:
        Refused: as `read_document`, or a list or a code is given twice, or the date is none.
    """
    facts = read_document(path, path.parent / "codelists.schema.json")
    lists: dict[str, Codelist] = {}
    for entry in facts["lists"]:
        name: str = entry["id"]
        codes = tuple(Code(**code) for code in entry["codes"])
        if name in lists or len({code.id for code in codes}) != len(codes):
            raise Refused.value(
                name, "is given twice, or has a code twice", file=path, field="lists", expected="each once"
            )
        lists[name] = Codelist(name, entry["name"], codes, entry.get("source"))
    try:
        released = date.fromisoformat(facts["released"])
    except ValueError as error:
        raise Refused.value(
            facts["released"], "is not a date", file=path, field="released", expected="YYYY-MM-DD"
        ) from error
    return Codelists(facts["version"], released, facts["title"], lists)


def load_codelists(path: Path | None = None) -> Codelists:
    """The lists of a file, the installed ones where none is given; errors as those of `read_codelists`."""
    return _installed() if path is None else read_codelists(path)


@cache
def _installed() -> Codelists:
    return read_codelists(resource("catalogue/codelists/indicators.yaml"))
