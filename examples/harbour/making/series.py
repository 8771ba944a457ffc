"""Official series of the fictional group: one SDMX-CSV, one SDMX-ML with its structure, one plain table of totals."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from pysdmx.io import write_sdmx
from pysdmx.io.format import Format
from pysdmx.io.pd import PandasDataset
from pysdmx.model import (
    Agency,
    Code,
    Codelist,
    Component,
    Components,
    Concept,
    ConceptScheme,
    DataStructureDefinition,
    DataType,
    Role,
)
from pysdmx.model.message import Header

YEARS = tuple(str(year) for year in range(2018, 2026))
NAMES = {"XAL": "Alvemere Isles", "XBR": "Brennovia", "XCO": "Corimara", "XDU": "Dunmarch"}
_URN = "urn:sdmx:org.sdmx.infomodel."
PREPARED = datetime(2026, 1, 15, 12, tzinfo=UTC)

# percent of children aged 9 to 17 who used the internet, and who have a phone of their own: first and last year
INTERNET = {"XAL": (84.2, 95.1), "XBR": (78.5, 92.7), "XCO": (61.0, 83.4), "XDU": (80.9, 94.0)}
PHONE = {"XAL": (58.3, 74.8), "XBR": (55.1, 71.9), "XCO": (39.7, 60.2), "XDU": (57.0, 73.3)}
# reports received in each country; 2024 and 2025 are the records of this example
TOTALS = {
    "XAL": (512, 548, 604, 655, 701, 748, 876, 924),
    "XBR": (371, 402, 466, 498, 570, 612, 699, 801),
    "XCO": (298, 310, 377, 421, 488, 540, 633, 667),
    "XDU": (402, 431, 480, 533, 579, 622, 681, 719),
}
POPULATION = {"XAL": 1_204_000, "XBR": 2_711_000, "XCO": 4_390_000, "XDU": 1_986_000}


def write(folder: Path) -> None:
    """Write the series below `folder`."""
    target = folder / "inputs" / "series"
    target.mkdir(parents=True, exist_ok=True)
    internet = _dsd("CHILD_INTERNET", "Children aged 9 to 17 who used the internet in the last three months")
    phone = _dsd("CHILD_PHONE", "Children aged 9 to 17 who have a smartphone of their own")
    _write(target / "child-internet.csv", Format.DATA_SDMX_CSV_2_0_0, [_dataset(internet, INTERNET)])
    _write(target / "child-internet-structure.xml", Format.STRUCTURE_SDMX_ML_3_0, _structures(internet))
    _write(target / "child-phone.xml", Format.DATA_SDMX_ML_3_0, [_dataset(phone, PHONE)])
    _write(target / "child-phone-structure.xml", Format.STRUCTURE_SDMX_ML_3_0, _structures(phone))
    _write_totals(target / "hotline-totals.csv")


def _write(path: Path, form: Format, what: object) -> None:
    extra = {} if "CSV" in form.name else {"header": Header(id=f"HG-{path.stem}".upper(), prepared=PREPARED, test=True)}
    text = write_sdmx(what, form, **extra)
    if text is None:
        raise RuntimeError(f"the SDMX writer returned nothing for {path.name}")
    path.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8", newline="\n")


def _series(ends: tuple[float, float]) -> list[float]:
    """A line that flattens towards its last year."""
    first, last = ends
    steps = len(YEARS) - 1
    return [round(first + (last - first) * (1 - (1 - i / steps) ** 1.6), 1) for i in range(steps + 1)]


def _dataset(dsd: DataStructureDefinition, values: dict[str, tuple[float, float]]) -> PandasDataset:
    rows = [
        {
            "FREQ": "A",
            "REF_AREA": area,
            "TIME_PERIOD": year,
            "OBS_VALUE": value,
            "UNIT_MEASURE": "PT",
            "OBS_STATUS": "E" if (area, year) == ("XCO", "2020") else "A",  # one estimate, to have one
        }
        for area, ends in values.items()
        for year, value in zip(YEARS, _series(ends), strict=True)
    ]
    schema = dsd.to_schema()
    return PandasDataset(structure=schema, data=pd.DataFrame(rows).astype(str))


def _lists() -> dict[str, Codelist]:
    def codelist(name: str, title: str, codes: dict[str, str]) -> Codelist:
        items = [Code(id=code, name=label) for code, label in codes.items()]
        return Codelist(
            id=name,
            name=title,
            agency="HG",
            version="1.0",
            items=items,
            urn=f"{_URN}codelist.Codelist=HG:{name}(1.0)",
        )

    return {
        "FREQ": codelist("CL_FREQ", "Frequency", {"A": "Annual"}),
        "REF_AREA": codelist("CL_AREA", "Countries of the group (fictional)", NAMES),
        "UNIT_MEASURE": codelist("CL_UNIT", "Unit of measure", {"PT": "Percent"}),
        "OBS_STATUS": codelist("CL_OBS_STATUS", "Observation status", {"A": "Normal value", "E": "Estimated value"}),
    }


_CONCEPTS = {
    "FREQ": ("Frequency", Role.DIMENSION, DataType.STRING),
    "REF_AREA": ("Country", Role.DIMENSION, DataType.STRING),
    "TIME_PERIOD": ("Time period", Role.DIMENSION, DataType.PERIOD),
    "OBS_VALUE": ("Observation value", Role.MEASURE, DataType.DOUBLE),
    "UNIT_MEASURE": ("Unit of measure", Role.ATTRIBUTE, DataType.STRING),
    "OBS_STATUS": ("Observation status", Role.ATTRIBUTE, DataType.STRING),
}


def _scheme() -> ConceptScheme:
    urn = f"{_URN}conceptscheme.Concept=HG:CS_HARBOUR(1.0)"
    items = [Concept(id=c, name=name, dtype=dtype, urn=f"{urn}.{c}") for c, (name, _, dtype) in _CONCEPTS.items()]
    return ConceptScheme(id="CS_HARBOUR", name="Concepts (fictional)", agency="HG", version="1.0", items=items)


def _dsd(name: str, title: str) -> DataStructureDefinition:
    lists = _lists()
    components = Components(
        [
            Component(
                id=concept.id,
                required=concept.id != "OBS_STATUS",
                role=_CONCEPTS[concept.id][1],
                concept=concept,
                local_dtype=_CONCEPTS[concept.id][2],
                local_codes=lists.get(concept.id),
                attachment_level="O" if _CONCEPTS[concept.id][1] is Role.ATTRIBUTE else None,
            )
            for concept in _scheme().concepts
        ]
    )
    agency = Agency(id="HG", name="Harbour Group (fictional)")
    return DataStructureDefinition(
        id=name, name=f"{title} (synthetic)", agency=agency.id, version="1.0", components=components
    )


def _structures(dsd: DataStructureDefinition) -> list[object]:
    return [*_lists().values(), _scheme(), dsd]


def _write_totals(path: Path) -> None:
    """One line a country, one column a year; large numbers with a comma, as such tables come."""
    lines = [",".join(["country", "iso3", "population", *YEARS])]
    for area, values in TOTALS.items():
        lines.append(f'{NAMES[area]},{area},"{POPULATION[area]:,}",' + ",".join(str(value) for value in values))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
