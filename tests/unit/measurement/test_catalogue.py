"""Lists of codes, search and the forms the catalogue is exported in."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from cop.kernel.errors import Conflict, NotFound, Refused
from cop.kernel.languages import OFFICIAL
from cop.measurement.catalogue import load
from cop.measurement.catalogue.check import check
from cop.measurement.catalogue.codes import load_codelists
from cop.measurement.catalogue.files import export
from cop.measurement.catalogue.search import search


def test_codes_have_names_in_six_languages() -> None:
    lists = load_codelists()

    assert {"sex", "age_band", "urban_rural", "wealth", "disability", "migrant_status", "device", "school_type"} <= set(
        lists.lists
    )
    for one in lists.lists.values():
        for text in (one.name, *(code.name for code in one.codes)):
            assert set(text) == set(OFFICIAL), one.id
    assert [code.id for code in lists["age_band"].codes] == ["_T", "Y9T11", "Y12T14", "Y15T17", "_U"]
    assert lists["dimension"]["harm"].prefix == "HRM"


def test_what_is_in_no_list_is_not_found() -> None:
    with pytest.raises(NotFound, match='there is no list of codes "colour"'):
        load_codelists()["colour"]
    with pytest.raises(NotFound, match=r'"X" is not a code of sex \(expected _T, F, M, _U\)'):
        load_codelists()["sex"]["X"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("      - id: Q2\n", "      - id: Q1\n", 'field lists: "wealth" is given twice, or has a code twice'),
        ("\n  - id: wealth\n", "\n  - id: sex\n", 'field lists: "sex" is given twice, or has a code twice'),
        ('released: "2026-11-27"', 'released: "2026-13-27"', '"2026-13-27" is not a date'),
        ('          zh: "女孩"\n', "", "'zh' is a required property"),
    ],
)
def test_lists_that_say_two_things_are_refused(old: str, new: str, message: str, root: Path, tmp_path: Path) -> None:
    folder = root / "catalogue/codelists"
    text = (folder / "indicators.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "codelists.schema.json").write_text((folder / "codelists.schema.json").read_text())
    (tmp_path / "indicators.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(Refused) as refusal:
        load_codelists(tmp_path / "indicators.yaml")

    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("words", "language", "first"),
    [
        ("sexual extortion", None, "THR.SEXTORTION"),
        ("THR.AI", None, "THR.AI_FAKE"),
        ("EXTORSION", "fr", "THR.SEXTORTION"),
        ("ciberacoso", "es", "THR.CYBERBULLY_12M"),
        ("срок удаления", "ru", "RSP.TAKEDOWN_MEDIAN"),
        ("الابتزاز الجنسي", "ar", "THR.SEXTORTION"),
        ("移除时长", "zh", "RSP.TAKEDOWN_MEDIAN"),
    ],
)
def test_an_indicator_is_found_in_any_language(words: str, language: str | None, first: str) -> None:
    hits = search(load(), words, language=language)

    assert first in {hit.code for hit in hits if hit.score == hits[0].score}
    assert all(language in {None, hit.language} or hit.field == "code" for hit in hits)


def test_a_name_comes_before_a_definition_and_no_word_is_refused() -> None:
    hits = search(load(), "removal", limit=2)

    assert (hits[0].code, hits[0].field, hits[0].language, len(hits)) == ("RSP.TAKEDOWN_MEDIAN", "name", "en", 2)
    assert hits[1].score < hits[0].score
    assert search(load(), "nothing of that kind") == ()
    with pytest.raises(Refused):
        search(load(), "  ")
    with pytest.raises(Refused):
        search(load(), "age", language="de")


def test_every_form_is_written_and_the_same_twice(tmp_path: Path) -> None:
    forms = ("sdmx", "json", "csv")
    sizes = export(forms, load(), load_codelists(), folder=tmp_path / "one")
    export(forms, load(), load_codelists(), folder=tmp_path / "two")

    assert set(sizes) == {"indicators.xml", "indicators.json", "indicators.csv"}
    for name, size in sizes.items():
        content = (tmp_path / "one" / name).read_bytes()
        assert len(content) == size
        assert content == (tmp_path / "two" / name).read_bytes()
    told = json.loads((tmp_path / "one/indicators.json").read_text(encoding="utf-8"))
    assert told["indicators"] == [one.as_json() for one in load()]
    rows = list(csv.DictReader(io.StringIO((tmp_path / "one/indicators.csv").read_text(encoding="utf-8"))))
    assert [(row["code"], row["language"]) for row in rows] == [(one.code, lang) for one in load() for lang in one.name]
    assert {row["definition"] for row in rows if row["code"] == "HRM.SADNESS_GAP"} == set(
        load()["HRM.SADNESS_GAP"].definition.values()
    )


def test_an_export_goes_into_a_folder_and_has_a_form(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(Conflict):
        export(("csv",), load(), load_codelists(), folder=tmp_path / "taken")
    with pytest.raises(Refused, match='"odt" is no form'):
        export(("odt",), load(), load_codelists(), folder=tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_installed_catalogue_holds(tmp_path: Path) -> None:
    assert [(one.name, one.holds) for one in check()] == [
        ("indicators", True),
        ("lists of codes", True),
        ("SDMX-ML 3.0 schema", True),
    ]
    [alone] = check(tmp_path)
    assert (alone.holds, alone.faults[0].endswith("holds no indicator (expected files CODE.yaml)")) == (False, True)
