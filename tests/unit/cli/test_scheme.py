"""`cop scheme`: look into the classification, convert counts, export it, check it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cop.classification.exports.files import FORMS
from cop.classification.scheme import load_scheme
from cop.cli.scheme import command

Cop = Callable[..., Any]

FILES = {
    "xkos/threats.ttl", "xkos/threats.jsonld", "sdmx/structures.xml", "sdmx/maps.xml", "misp/MANIFEST.json",
    "misp/online-threats-to-children/machinetag.json", "csv/threats.csv", "prompts/classification.md",
    "prompts/output.schema.json", *(f"prompts/section-{s}.md" for s in "ABCDEFGHZ"),
    *(
        f"sssom/{t}.sssom.tsv"
        for t in ("ailuminate", "core_4c", "dsa", "inhope", "insafe", "ncmec", "oecd", "ozone", "rsit", "uk_osa")
    ),
}  # fmt: skip


def counted(folder: Path, *rows: str) -> Path:
    path = folder / "counts.csv"
    path.write_text("\n".join(["code,count", *rows]) + "\n", encoding="utf-8")
    return path


# --- export


def test_every_form_is_written_and_named(cop: Cop, tmp_path: Path) -> None:
    done = cop("scheme", "export", "-o", tmp_path / "out", "--json")
    written = {
        p.relative_to(tmp_path / "out").as_posix(): p.stat().st_size
        for p in (tmp_path / "out").rglob("*.*")
        if p.is_file()
    }

    assert done.code == 0, done.err
    assert set(written) == FILES
    assert done.json["files"] == written
    assert (done.json["left_out"], done.json["version"]) == (["iccs"], load_scheme().version)


def test_one_form_is_written_alone_and_the_same_again(cop: Cop, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        done = cop("scheme", "export", "--format", "csv", "-o", folder, cwd=tmp_path)
        assert (
            done.out == f"{folder}/csv/threats.csv  {(tmp_path / folder / 'csv/threats.csv').stat().st_size:,} bytes\n"
        )

    assert [p.name for p in (tmp_path / "one").iterdir()] == ["csv"]
    assert (tmp_path / "one/csv/threats.csv").read_bytes() == (tmp_path / "two/csv/threats.csv").read_bytes()


def test_a_file_in_the_place_of_the_folder_is_refused(cop: Cop, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    done = cop("scheme", "export", "--format", "csv", "-o", "out", cwd=tmp_path)

    assert (done.code, done.refusal) == (2, "out is a file (expected a folder to write to)")
    assert (tmp_path / "out").read_text() == "mine"


def test_the_forms_that_the_verb_offers_are_those_there_are() -> None:
    [option] = [o for o in command.commands["export"].params if o.name == "form"]

    assert tuple(option.type.choices) == ("all", *FORMS)  # type: ignore[attr-defined]


# --- validate


def test_the_installed_classification_is_valid(cop: Cop) -> None:
    done = cop("scheme", "validate")
    lines = done.out.splitlines()

    assert done.code == 0, done.out
    assert [line for line in lines if not line.startswith("ok    ")] == []
    for name in (
        "classification",
        "correspondence to dsa",
        "shapes of the graph",
        "SDMX-ML 3.0 schema",
        "MISP taxonomy",
    ):
        assert any(name in line for line in lines), name


@pytest.fixture
def sources(tmp_path: Path, root: Path) -> Path:
    """A copy of the classification's files that a test may spoil."""
    return Path(shutil.copytree(root / "catalogue/threats", tmp_path / "threats"))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_fault_of_a_section_stops_all_and_is_named(cop: Cop, sources: Path) -> None:
    replace(sources / "B.yaml", "see: B02", "see: B77")
    done = cop("scheme", "validate", sources, "--json")

    assert (done.code, done.refusal) == (2, "1 of 1 checks failed: classification")
    assert done.json["valid"] is False
    assert done.json["checks"][0]["faults"] == [
        'B.yaml, field B01.excludes.see: "B77" is no other code of the classification (expected a code that takes the case)'
    ]


def test_a_fault_of_a_table_is_named_beside_those_that_hold(cop: Cop, sources: Path) -> None:
    replace(sources / "correspondences/rsit.yaml", 'object: "abusive-content.violence"', 'object: "spam"')
    done = cop("scheme", "validate", sources)
    failed = [line for line in done.out.splitlines() if not line.startswith("ok")]

    assert (done.code, failed) == (
        2,
        [
            'FAIL  correspondence to rsit: rsit.yaml, field mappings.0.object: "spam" is no declared term (expected an id under terms)'
        ],
    )
    assert "correspondence to rsit" in done.refusal


def test_a_fault_that_only_a_shape_sees_is_named(cop: Cop, sources: Path) -> None:
    """The files agree with their schemas; a code outside the pattern of its level does not agree with the shapes."""
    replace(sources / "scheme.yaml", '    pattern: "^[A-HZ][0-9]{2}$"', '    pattern: "^[A-GZ][0-9]{2}$"')
    done = cop("scheme", "validate", sources)

    assert done.code == 2
    assert "has a notation, H01, that is not of the pattern of its level (NotationPattern)" in done.out


def test_a_folder_that_is_not_there_is_refused(cop: Cop, tmp_path: Path) -> None:
    done = cop("scheme", "validate", tmp_path / "none")

    assert (done.code, done.refusal) == (2, f"there is no folder {tmp_path / 'none'}")


# --- search and show


def test_search_gives_the_class_and_the_text_that_matched(cop: Cop) -> None:
    done = cop("scheme", "search", "loot", "box")

    assert done.out.splitlines()[:2] == [
        "G02   0.85  Gambling and gambling-like mechanics",
        '      index (en): "loot box"',
    ]


def test_search_as_json_in_one_language(cop: Cop) -> None:
    done = cop("scheme", "search", "--language", "zh", "裸聊勒索", "--json")

    assert [(h["code"], h["text"], h["field"]) for h in done.json][:1] == [("B03", "裸聊勒索", "index")]


def test_search_for_nothing_and_in_vain(cop: Cop) -> None:
    assert cop("scheme", "search", "?!").refusal == 'field WORDS: "?!" holds no word (expected a code or words)'
    vain = cop("scheme", "search", "zxqv")
    assert (vain.code, vain.out, vain.err) == (0, "", "no class found\n")


def test_show_a_code_however_it_is_spelt_in_a_language(cop: Cop) -> None:
    done = cop("scheme", "show", "b03.2", "--language", "fr")
    node = load_scheme().node("B032")

    assert done.out.splitlines()[0] == f"B032  {node.name['fr']}"
    assert "urgency 1, refer to POLICE, HELPLINE, HOTLINE" in done.out
    assert "  dsa        broad   Grooming/sexual enticement of minors\n" in done.out
    assert "  iccs       related extortion/blackmail (not verified)\n" in done.out


def test_show_as_json_has_the_node_whole_and_its_terms(cop: Cop) -> None:
    found = cop("scheme", "show", "A01", "--json").json

    assert {k: found[k] for k in load_scheme().node("A01").as_json()} == load_scheme().node("A01").as_json()
    assert {(m["target"], m["predicate"], m["term"]) for m in found["matches"]} >= {
        ("dsa", "exact", "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL"), ("ozone", "exact", "reasonChildSafetyCSAM"),
    }  # fmt: skip


def test_a_code_that_is_none_is_refused(cop: Cop) -> None:
    done = cop("scheme", "show", "X01")

    assert (done.code, done.refusal) == (2, f"X01 is no code of version {load_scheme().version} of the classification")


# --- convert


def test_counts_are_converted_and_the_loss_is_said(cop: Cop, tmp_path: Path) -> None:
    done = cop("scheme", "convert", counted(tmp_path, "A01,10", "A03,1000", "B98,1", "F02,2.5"), "--to", "dsa")

    assert done.out.splitlines() == [
        "       1,010  KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL  Child sexual abuse material",
        "       1,010  converted",
        "        3.50  not converted",
        "    1,013.50  in all",
        "lost: B98 (1) is not converted, no term",
        "lost: F02 (2.50) is not converted, related terms only",
        "lost: A01, A03 cannot be told apart in KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL",
        "lost: KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL is a broad match of A03 (1,000)",
    ]


def test_converted_counts_as_json_balance(cop: Cop, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([("code", "count"), *((code, 7) for code in load_scheme().leaves)])
    found = cop("scheme", "convert", path, "--to", "insafe", "--json").json

    assert found["converted"] + found["unconverted"] == found["total"] == 7 * len(load_scheme().leaves)
    assert sum(found["terms"].values()) == found["converted"]
    assert found["verified"] is False
    json.dumps(found)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            ("A01,1", "X01,2"),
            'counts.csv row 2, field code: "X01" is no code of the classification (expected a code of version {v})',
        ),
        (("A01,ten",), 'counts.csv row 1, field count: "ten" is no count (expected a number of zero or more)'),
        (("A01,-1",), 'counts.csv row 1, field count: "-1" is no count (expected a number of zero or more)'),
        (
            ("A01,1e999999999",),
            'counts.csv row 1, field count: "1e999999999" is no count (expected a number of zero or more)',
        ),
        (("A01,1", "A01,2"), 'counts.csv row 2, field code: "A01" has a count already (expected a row a code)'),
        (("A01,",), "counts.csv row 1, field count: the field is missing or empty (expected columns code and count)"),
        (("A01,1,2",), "counts.csv row 1: the record has 3 fields (expected 2, as in the header)"),
        (
            ("A01,1", "A,2"),
            "counts.csv, field code: A01 is counted beside A, its section (expected sections, or codes within them, not both)",
        ),
        ((), "counts.csv: the file has no row (expected at least one)"),
    ],
)
def test_a_count_that_will_not_do_is_refused_in_its_place(
    cop: Cop, tmp_path: Path, rows: tuple[str, ...], said: str
) -> None:
    done = cop("scheme", "convert", counted(tmp_path, *rows), "--to", "dsa")

    assert (done.code, done.refusal) == (2, said.replace("{v}", load_scheme().version))


def test_a_target_that_is_none_is_refused(cop: Cop, tmp_path: Path) -> None:
    done = cop("scheme", "convert", counted(tmp_path, "A01,1"), "--to", "copine")

    assert done.code == 2
    assert done.refusal.startswith("there is no correspondence to copine (expected one of ailuminate, core_4c, dsa,")
