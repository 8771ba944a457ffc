"""The classification as a MISP taxonomy, and the faults that the official schema lets through."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from cop.classification.exports import misp
from cop.classification.exports.files import Source, make

Document = dict[str, Any]


def test_the_taxonomy_is_sound(real: Source, small: Source) -> None:
    assert misp.faults(misp.machinetag(real.scheme)) == []
    assert misp.faults(misp.machinetag(small.scheme)) == []


def test_every_class_is_a_value_of_its_section_with_a_number_by_urgency(real: Source) -> None:
    document = misp.machinetag(real.scheme)
    entries = {(b["predicate"], e["value"]): e.get("numerical_value") for b in document["values"] for e in b["entry"]}

    assert entries == {
        (n.code[0], n.code): {1: 100, 2: 50, 3: 25, None: None}[n.urgency]
        for n in real.scheme.nodes
        if n.level != "section"
    }


def test_identifiers_are_those_of_the_code_in_every_version(small: Source) -> None:
    """Measured once: a change here would change the tags of others."""
    [entry] = [e for b in misp.machinetag(small.scheme)["values"] for e in b["entry"] if e["value"] == "B01"]

    assert entry["uuid"] == "80b96556-4723-5ce2-a8ce-0f3c3899c438"


def drop_value(d: Document) -> None:
    del d["values"][0]["entry"][0]["value"]


def dangle(d: Document) -> None:
    d["values"][0]["predicate"] = "Q"


def double(d: Document) -> None:
    d["values"][0]["entry"].append({**d["values"][0]["entry"][0], "expanded": "another"})


def double_elsewhere(d: Document) -> None:
    d["values"][1]["entry"].append({**d["values"][0]["entry"][0], "expanded": "another"})


def double_predicate(d: Document) -> None:
    d["predicates"].append({**d["predicates"][0], "expanded": "another"})


def bad_colour(d: Document) -> None:
    d["predicates"][0]["colour"] = "red"


def bad_version(d: Document) -> None:
    d["version"] = "1.0"


def unknown_field(d: Document) -> None:
    d["values"][0]["entry"][0]["color"] = "#000000"


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (drop_value, "values: an entry of A has no value"),
        (dangle, "values: the predicate Q does not exist"),
        (double, "value A01 is there 2 times"),
        (double_elsewhere, "value A01 is there 2 times"),
        (double_predicate, "predicate A is there 2 times"),
        (bad_colour, "predicates.0.colour: 'red' does not match"),
        (bad_version, "version: '1.0' is not of type 'integer'"),
        (unknown_field, "values.0.entry.0: Additional properties are not allowed"),
    ],
)
def test_a_planted_fault_is_named(small: Source, plant: Callable[[Document], None], said: str) -> None:
    document = copy.deepcopy(misp.machinetag(small.scheme))
    plant(document)

    assert any(fault.startswith(said) for fault in misp.faults(document)), misp.faults(document)


def test_versions_are_integers_that_rise() -> None:
    versions = ["1.0-draft", "1.0", "1.1-draft", "1.1", "2.0-draft", "2.0"]
    numbers = [misp.integer_version(v) for v in versions]

    assert numbers == sorted(set(numbers))
    with pytest.raises(ValueError, match="first is no version"):
        misp.integer_version("first")


def test_the_manifest_lists_the_taxonomy_under_its_folder(small: Source) -> None:
    files = make("misp", small)
    listed = json.loads(files["misp/MANIFEST.json"])
    taxonomy = json.loads(files["misp/online-threats-to-children/machinetag.json"])

    assert [(t["name"], t["version"]) for t in listed["taxonomies"]] == [(taxonomy["namespace"], taxonomy["version"])]
    assert listed["version"] == "20261127"
