"""The indicator catalogue: what each figure means, read from `catalogue/indicators/*.yaml`.

Source: WG-CP/1 report, 7.13 (a list of indicators collected nationally and internationally). Each file is checked
against `indicator.schema.json` beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cop.kernel.documents import read_document
from cop.kernel.errors import NotFound, Refused, shown
from cop.kernel.resources import resource


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. Texts are by language (ISO 639-1); `denominator` is None where nothing is divided."""

    code: str
    name: Mapping[str, str]
    dimension: str
    definition: Mapping[str, str]
    measure: str
    unit: str
    population: Mapping[str, str]
    numerator: Mapping[str, str]
    denominator: Mapping[str, str] | None
    disaggregations: tuple[str, ...]
    source_kind: str
    polarity: str
    periodicity: str
    reference: str
    version: str


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
        Refused: as `read_document`, or the file is not named after its code.
    """
    facts = read_document(path, schema)
    if path.stem != facts["code"]:
        raise Refused.value(facts["code"], "is not the file's name", file=path, field="code", expected=f'"{path.stem}"')
    if (facts["denominator"] is None) != (facts["measure"] in {"total", "count", "series"}):
        raise Refused.value(
            facts["measure"], "does not go with this denominator", file=path, field="denominator",
            expected="null for total, count and series, a text for proportion, mean and ratio",
        )  # fmt: skip
    facts["disaggregations"] = tuple(facts["disaggregations"])
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
