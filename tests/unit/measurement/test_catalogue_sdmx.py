"""The catalogue as SDMX: the official schema accepts it; pysdmx and sdmx1 read back what was said."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
import sdmx as sdmx1
import sdmx.reader.xml.v30  # sdmx1's reader of 3.0 cannot be loaded after its reader of 2.1 has met a data message
from lxml import etree
from pysdmx.io import read_sdmx
from pysdmx.model import Codelist, ConceptScheme

from cop.editions.sdmx import sdmx_id
from cop.kernel.sdmxml import COM, faults, sdmx_version
from cop.measurement.catalogue import load
from cop.measurement.catalogue.codes import load_codelists
from cop.measurement.catalogue.sdmx import codelist_id, structures
from cop.measurement.measures.forms import as_facts


@pytest.fixture(scope="module")
def content() -> bytes:
    return structures(load(), load_codelists())


@pytest.fixture(scope="module")
def message(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("sdmx") / "indicators.xml"
    path.write_bytes(content)
    return read_sdmx(path, validate=True)


def of(message: Any, kind: type) -> dict[str, Any]:
    return {found.id: found for found in message.structures if isinstance(found, kind)}


def test_the_official_schema_accepts_the_message_and_is_asked(content: bytes) -> None:
    assert faults(content) == []
    assert faults(content.replace(b'textType="Double"', b'textType="Banana"')) != []
    assert content == structures(load(), load_codelists())


def test_pysdmx_reads_every_indicator_as_a_concept(message: Any) -> None:
    concepts = of(message, ConceptScheme)["CS_COP_INDICATORS"]

    assert {c.id: (c.name, c.description) for c in concepts} == {
        sdmx_id(one.code): (one.name["en"], one.definition["en"]) for one in load()
    }
    told = {a.type: a.title for a in concepts["RSP_TAKEDOWN_24H"].annotations}
    one = load()["RSP.TAKEDOWN_24H"]
    assert (told["CODE"], told["UNIT"], told["POLARITY"], told["DIMENSION"]) == (
        one.code,
        "percent",
        "higher_better",
        "response",
    )
    assert json.loads(told["FORM"]) == as_facts(one.form)


def test_pysdmx_reads_every_list_of_codes(message: Any) -> None:
    lists, found = load_codelists(), of(message, Codelist)

    assert set(found) == {"CL_COP_INDICATOR", *(codelist_id(name) for name in lists.lists)}
    for one in lists.lists.values():
        assert {c.id: c.name for c in found[codelist_id(one.id)]} == {sdmx_id(c.id): c.name["en"] for c in one.codes}
    assert {c.id for c in found["CL_COP_INDICATOR"]} == {sdmx_id(i.code) for i in load()} | {
        str(dimension.prefix) for dimension in lists["dimension"].codes
    }


def test_a_disaggregation_with_values_is_represented_by_their_list(message: Any) -> None:
    lists = load_codelists()
    concepts = {c.id: c for c in of(message, ConceptScheme)["CS_COP_DISAGGREGATIONS"]}

    assert set(concepts) == {code.id.upper() for code in lists["disaggregation"].codes}
    assert {name: concept.codes.id for name, concept in concepts.items() if concept.codes is not None} == {
        code.id.upper(): codelist_id(code.id) for code in lists["disaggregation"].codes if code.id in lists.lists
    }


def test_sdmx1_reads_every_text_in_every_language_and_the_dimension_above(content: bytes) -> None:
    message = sdmx1.read_sdmx(io.BytesIO(content))
    concepts, codes = message.concept_scheme["CS_COP_INDICATORS"], message.codelist["CL_COP_INDICATOR"]
    prefixes = {code.id: code.prefix for code in load_codelists()["dimension"].codes}

    for one in load():
        assert dict(concepts[sdmx_id(one.code)].name.localizations) == dict(one.name)
        assert dict(concepts[sdmx_id(one.code)].description.localizations) == dict(one.definition)
        assert codes[sdmx_id(one.code)].parent.id == prefixes[one.dimension]
    for one in load_codelists().lists.values():
        for code in one.codes:
            read = message.codelist[codelist_id(one.id)][sdmx_id(code.id)]
            assert dict(read.name.localizations) == dict(code.name)


def test_populations_and_terms_are_annotations_in_six_languages(content: bytes) -> None:
    root = etree.fromstring(content)
    [concept] = [e for e in root.iter() if e.tag.endswith("}Concept") and e.get("id") == "ACC_USE_3M"]
    texts = {
        one.findtext(f"{COM}AnnotationType"): {
            text.get("{http://www.w3.org/XML/1998/namespace}lang"): text.text
            for text in one.iter(f"{COM}AnnotationText")
        }
        for one in concept.iter(f"{COM}Annotation")
    }

    indicator = load()["ACC.USE_3M"]
    assert texts["POPULATION"] == dict(indicator.population)
    assert texts["DENOMINATOR"] == dict(indicator.denominator or {})


def test_identifiers_hold_only_what_sdmx_allows_and_a_code_keeps_its_spelling(content: bytes) -> None:
    root = etree.fromstring(content)
    ids = [e.get("id") for e in root.iter() if e.get("id")]

    assert [i for i in ids if not re.fullmatch(r"[A-Za-z0-9_@$-]+", i)] == []
    assert "per 100,000 children" in [e.text for e in root.iter(f"{COM}AnnotationTitle")]
    assert root.find(".//{*}Prepared").text == f"{load_codelists().released.isoformat()}T00:00:00Z"
    assert sdmx_version(load_codelists().version) in content.decode()
