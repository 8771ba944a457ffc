"""The classification as SDMX: the official schema accepts it; pysdmx and sdmx1 read back what was said."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
import sdmx as sdmx1
import sdmx.reader.xml.v30  # sdmx1's reader of 3.0 cannot be loaded after its reader of 2.1 has met a data message
from lxml import etree
from pysdmx.io import read_sdmx
from pysdmx.model import Codelist, Hierarchy, RepresentationMap

from cop.classification.conversion import route
from cop.classification.exports import sdmx as exported
from cop.classification.exports.files import Source, make


@pytest.fixture(scope="module")
def written(real: Source, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both messages of the real classification."""
    folder = tmp_path_factory.mktemp("sdmx")
    paths = {}
    for name, content in make("sdmx", real).items():
        paths[Path(name).stem] = folder / Path(name).name
        paths[Path(name).stem].write_bytes(content)
    return paths


def of(message: Any, kind: type) -> dict[str, Any]:
    return {found.id: found for found in message.structures if isinstance(found, kind)}


def tree(codes: Any) -> dict[str, Any]:
    return {code.id: tree(code.codes) for code in codes}


def wanted(source: Source, parent: str | None) -> dict[str, Any]:
    return {node.code: wanted(source, node.code) for node in source.scheme.nodes if node.parent == parent}


def test_the_official_schema_accepts_both_messages(real: Source, small: Source) -> None:
    for source in (real, small):
        assert {name: exported.faults(content) for name, content in make("sdmx", source).items()} == {
            "sdmx/structures.xml": [],
            "sdmx/maps.xml": [],
        }


def test_the_official_schema_is_asked(small: Source) -> None:
    [message] = [c for n, c in make("sdmx", small).items() if "structures" in n]

    assert exported.faults(message.replace(b'hasFormalLevels="true"', b"")) != []


def test_pysdmx_reads_every_code_and_the_tree(real: Source, written: dict[str, Path]) -> None:
    message = read_sdmx(written["structures"], validate=True)
    codes = of(message, Codelist)["CL_COTC"]
    [hierarchy] = of(message, Hierarchy).values()

    assert {c.id: c.name for c in codes} == {n.code: n.name["en"] for n in real.scheme.nodes}
    assert {c.id: c.description for c in codes} == {n.code: n.definition["en"] for n in real.scheme.nodes}
    assert tree(hierarchy.codes) == wanted(real, None)
    assert (hierarchy.level.id, hierarchy.level.level.id, hierarchy.level.level.level.id) == (
        "section",
        "class",
        "subclass",
    )


def test_sdmx1_reads_every_code_in_every_language_with_its_parent(real: Source, written: dict[str, Path]) -> None:
    message = sdmx1.read_sdmx(io.BytesIO(written["structures"].read_bytes()))  # a path it leaves open
    codes = message.codelist["CL_COTC"]

    assert {c.id: dict(c.name.localizations) for c in codes} == {n.code: dict(n.name) for n in real.scheme.nodes}
    assert {c.id: c.parent.id if hasattr(c.parent, "id") and c.parent is not codes else None for c in codes} == {
        n.code: n.parent for n in real.scheme.nodes
    }
    assert list(message.hierarchy["H_COTC"].codes) != []


def test_a_map_holds_what_would_be_converted_whole_and_its_codelists_are_written(
    real: Source, written: dict[str, Path]
) -> None:
    maps = of(read_sdmx(written["maps"], validate=True), RepresentationMap)
    lists = of(read_sdmx(written["structures"]), Codelist)

    for table in real.correspondences:
        name = f"RM_COTC_{table.target.upper()}"
        if not table.published:
            assert name not in maps
            continue
        ways = {n.code: route(n.code, table) for n in real.scheme.nodes}
        assert {m.source: m.target for m in maps[name].maps} == {
            code: exported.sdmx_id(way[0][0].term.id) for code, way in ways.items() if not isinstance(way, str)
        }
        assert {c.id for c in lists[f"CL_COTC_{table.target.upper()}"]} == {exported.sdmx_id(t.id) for t in table.terms}


def test_identifiers_hold_only_what_sdmx_allows_and_a_term_keeps_its_spelling(small: Source) -> None:
    content = make("sdmx", small)["sdmx/structures.xml"]
    root = etree.fromstring(content)
    ids = [e.get("id") for e in root.iter() if e.get("id")]

    assert [i for i in ids if not re.fullmatch(r"[A-Za-z0-9_@$-]+", i)] == []
    assert "t_one" in ids
    assert [e.text for e in root.iter(f"{exported.COM}AnnotationTitle") if e.text == "t.one"] == ["t.one"]


@pytest.mark.parametrize(
    ("version", "spelt"), [("1.0", "1.0.0"), ("1.0-draft", "1.0.0-draft"), ("2", "2.0.0"), ("1.2.3", "1.2.3")]
)
def test_versions_have_three_numbers(version: str, spelt: str) -> None:
    assert exported.sdmx_version(version) == spelt
