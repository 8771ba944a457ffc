"""Indicators, read from `catalogue/indicators/*.yaml`, each checked against `indicator.schema.json` beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cop.kernel.documents import read_document
from cop.kernel.errors import NotFound, Refused, shown
from cop.kernel.resources import resource
from cop.measurement.measures.forms import Form, as_facts, read_form

UNDIVIDED = frozenset({"total", "count", "series", "difference_of_domains"})
"""Measures in which nothing is divided: they have no denominator."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. Texts are by language (ISO 639-1), in all six; `denominator` is None where nothing is divided.

    Attributes:
        risk_class: one of the four Cs (content, contact, conduct, contract), or None.
        measure: how the figure is computed: what a survey's description must name as its kind.
        form: the same in full, over items that are mapped per wave.
        collection: how the data is collected, a code of the list of that name.
        availability: whether it is measured anywhere now, a code of the list of that name.
    """

    code: str
    name: Mapping[str, str]
    dimension: str
    risk_class: str | None
    definition: Mapping[str, str]
    measure: str
    form: Form
    unit: str
    population: Mapping[str, str]
    numerator: Mapping[str, str]
    denominator: Mapping[str, str] | None
    disaggregations: tuple[str, ...]
    source_kind: str
    collection: str
    polarity: str
    periodicity: str
    availability: str
    reference: str
    version: str

    def as_json(self) -> dict[str, Any]:
        """The indicator as its file says it."""
        return {**asdict(self), "form": as_facts(self.form), "disaggregations": list(self.disaggregations)}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Indicators by code, in the order of their codes."""

    indicators: Mapping[str, Indicator]

    def __getitem__(self, code: str) -> Indicator:
        try:
            return self.indicators[code]
        except KeyError:
            raise NotFound(f"indicator {shown(code)} is not in the catalogue") from None

    def __contains__(self, code: object) -> bool:
        return code in self.indicators

    def __iter__(self) -> Iterator[Indicator]:
        return iter(self.indicators.values())

    def __len__(self) -> int:
        return len(self.indicators)


def read_indicator(path: Path, schema: Path) -> Indicator:
    """One indicator from its file.

    Raises:
        Refused: as `read_document`; or the file is not named after its code, the form is none or is measured in another
            way than said, or the denominator does not go with the measure.
    """
    facts = read_document(path, schema)
    if path.stem != facts["code"]:
        raise Refused.value(facts["code"], "is not the file's name", file=path, field="code", expected=f'"{path.stem}"')
    if (facts["denominator"] is None) != (facts["measure"] in UNDIVIDED):
        raise Refused.value(
            facts["measure"], "does not go with this denominator", file=path, field="denominator",
            expected=f"null for {', '.join(sorted(UNDIVIDED))}, a text for any other measure",
        )  # fmt: skip
    form = read_form(facts["form"], file=path)
    if form.measure != facts["measure"]:
        raise Refused.value(
            facts["measure"], f"is not how a {form.kind} is measured", file=path, field="measure", expected=form.measure
        )
    facts |= {"form": form, "disaggregations": tuple(facts["disaggregations"])}
    return Indicator(**facts)


def load(folder: Path | None = None) -> Catalogue:
    """Every indicator of a folder (`catalogue/indicators` where none is given).

    Raises:
        Refused: a file is not a valid indicator. NotFound: the folder holds none.
    """
    if folder is None:
        return _installed()
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise NotFound(f"{folder.name} holds no indicator", expected="files CODE.yaml")
    read = [read_indicator(path, folder / "indicator.schema.json") for path in files]
    return Catalogue({indicator.code: indicator for indicator in read})


@cache
def _installed() -> Catalogue:
    return load(resource("catalogue/indicators"))
