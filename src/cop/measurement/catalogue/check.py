"""The checks of a catalogue, one after the other: its files, what they say of one another, and what is made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cop.kernel import sdmxml
from cop.kernel.errors import CopError
from cop.kernel.resources import resource
from cop.measurement.catalogue.codes import Codelists, load_codelists
from cop.measurement.catalogue.indicators import Catalogue, load
from cop.measurement.catalogue.sdmx import structures

_CODED = (
    "dimension", "risk_class", "measure", "unit", "source_kind", "collection", "polarity", "periodicity",
    "availability",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, what it found to be in order, its faults; it holds where there are none."""

    name: str
    about: str
    faults: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.faults


def check(folder: Path | None = None) -> Iterator[Check]:
    """Every check in turn; what cannot be made because a source is refused is left out.

    Args:
        folder: of the indicators; the installed one where none is given. Codelists are the installed ones.
    """
    try:
        catalogue = load(folder or resource("catalogue/indicators"))
    except CopError as error:
        yield Check("indicators", "", (str(error),))
        return
    yield Check("indicators", f"{len(catalogue)} indicators, each in six languages")
    try:
        lists = load_codelists()
    except CopError as error:
        yield Check("lists of codes", "", (str(error),))
        return
    codes = sum(len(one.codes) for one in lists.lists.values())
    yield Check("lists of codes", f"{len(lists.lists)} lists, {codes} codes", tuple(code_faults(catalogue, lists)))
    message = structures(catalogue, lists)
    yield Check("SDMX-ML 3.0 schema", f"{len(message):,} bytes", tuple(sdmxml.faults(message)))


def code_faults(catalogue: Catalogue, lists: Codelists) -> Iterator[str]:
    """Codes that indicators use and no list has, and codes of indicators that do not begin as their dimension's do."""
    known = {name: {code.id for code in lists[name].codes} for name in (*_CODED, "disaggregation")}
    prefixes = {code.id: code.prefix for code in lists["dimension"].codes}
    for one in catalogue:
        for name in _CODED:
            value: str | None = getattr(one, name)
            if value is not None and value not in known[name]:
                yield f"{one.code}: {name} {value} is in no list"
        for name in one.disaggregations:
            if name not in known["disaggregation"]:
                yield f"{one.code}: disaggregation {name} is in no list"
        if one.code.partition(".")[0] != prefixes.get(one.dimension):
            yield f"{one.code}: the codes of dimension {one.dimension} begin with {prefixes.get(one.dimension)}"
