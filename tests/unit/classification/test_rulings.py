"""The register of rulings: what it holds, and how a broken one is refused."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from cop.classification.rulings import Rulings, load_rulings
from cop.classification.scheme import Scheme, load_scheme
from cop.kernel.errors import NotFound, Refused
from cop.kernel.resources import resource


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return load_scheme()


@pytest.fixture(scope="module")
def register() -> Rulings:
    return load_rulings()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalogue that a test may break."""
    return Path(shutil.copytree(resource("catalogue/threats"), tmp_path / "threats"))


def broken(folder: Path, old: str, new: str) -> str:
    """The refusal after one change to the register."""
    path = folder / "rulings.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        load_rulings(folder)
    return str(refused.value)


def test_a_ruling_has_its_number_date_codes_and_basis(register: Rulings) -> None:
    first = register.ruling("R001")

    assert (first.date, first.codes, first.principal, first.basis, first.noted_in, first.status, first.superseded_by) == (
        date(2026, 11, 27), ("A01", "A05"), ("A01", "A05"), "note", ("A01", "A05"), "in force", None,
    )  # fmt: skip


def test_numbers_run_without_a_gap(register: Rulings) -> None:
    assert [r.number for r in register.rulings] == [f"R{n:03}" for n in range(1, len(register.rulings) + 1)]


def test_every_row_of_the_feedback_on_the_draft_has_its_ruling(register: Rulings, shared: Path) -> None:
    lines = (shared / "knowledge" / "threat-classification-feedback.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("|") and not line.startswith(("| codes", "|---"))]

    assert len(rows) == 46
    assert [r.date for r in register.rulings[:46]] == [date(2026, 11, 27)] * 46
    named = [set(re.findall(r"[A-HZ](?:[0-9]{2,3})?\b", row.split("|")[1].replace("x99", ""))) for row in rows]
    assert [r.number for r, codes in zip(register.rulings, named, strict=False) if not codes <= set(r.codes)] == []


def test_every_ruling_of_the_register_is_carried_by_a_note(register: Rulings) -> None:
    assert [r.number for r in register.rulings if not r.noted_in and r.number <= "R090"] == []


def test_every_code_between_which_there_was_a_doubt_has_it_among_its_rulings(register: Rulings) -> None:
    assert [r.number for r in register.about("B05")] == ["R012", "R013", "R056", "R058"]
    assert [r.number for r in register.about("E02") if r.codes != ("D01", "D03", "E02")] == ["R037", "R085"]


def test_a_superseded_ruling_binds_no_longer_and_names_its_successor(folder: Path) -> None:
    path = folder / "rulings.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('    status: "in force"\n', "    status: superseded\n    superseded_by: R002\n", 1),
        encoding="utf-8",
    )
    register = load_rulings(folder)

    assert register.ruling("R001").superseded_by == "R002"
    assert register.in_force == register.rulings[1:]
    assert register.ruling("R001") not in register.about("A05")


def test_a_number_that_is_not_there_is_not_found(register: Rulings) -> None:
    with pytest.raises(NotFound) as missing:
        register.ruling("R999")

    assert str(missing.value) == "R999 is no ruling of the register"


def test_a_missing_register_is_named(folder: Path) -> None:
    (folder / "rulings.yaml").unlink()
    with pytest.raises(NotFound) as missing:
        load_rulings(folder)

    assert str(missing.value) == "rulings.yaml is missing from the classification"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "number: R002", "number: R001",
            'rulings.yaml, field rulings.number: "R001" is out of sequence (expected R002)',
        ),
        (
            "number: R002", "number: R003",
            'rulings.yaml, field rulings.number: "R003" is out of sequence (expected R002)',
        ),
        (
            'date: "2026-11-27"', 'date: "2026-02-30"',
            'rulings.yaml, field R001.date: "2026-02-30" is no day (expected a date as 2026-11-27)',
        ),
        (
            "codes: [A01, A05]", "codes: [A01, A77]",
            'rulings.yaml, field R001.codes: "A77" is no code of the classification (expected a code of version 1.0-draft)',
        ),
        (
            "noted_in: [A01, A05]", "noted_in: [A01, A77]",
            'rulings.yaml, field R001.noted_in: "A77" is no code of the classification (expected a code of version 1.0-draft)',
        ),
        (
            "principal: [A01, A05]", "principal: [A01, A77]",
            'rulings.yaml, field R001.principal: "A77" is no code of the classification (expected a code of version 1.0-draft)',
        ),
        (
            "principal: [A01, A05]", "principal: [A01, B01]",
            'rulings.yaml, field R001.principal: "B01" is not among the codes in doubt (expected A01, A05)',
        ),
        (
            'status: "in force"', "status: superseded\n    superseded_by: R001",
            'rulings.yaml, field R001.superseded_by: "R001" is no later ruling (expected a number further down the register)',
        ),
        (
            'status: "in force"', "status: superseded\n    superseded_by: R999",
            'rulings.yaml, field R001.superseded_by: "R999" is no later ruling (expected a number further down the register)',
        ),
        (
            'status: "in force"', "status: superseded",
            "rulings.yaml, field rulings.0: 'superseded_by' is a required property (expected what rulings.schema.json says)",
        ),
        (
            "basis: note", "basis: habit",
            "rulings.yaml, field rulings.0.basis: 'habit' is not one of ['note', 'precedence', 'threshold', 'definition'] (expected what rulings.schema.json says)",
        ),
    ],
)  # fmt: skip
def test_a_broken_register_names_the_field(old: str, new: str, message: str, folder: Path, scheme: Scheme) -> None:
    assert broken(folder, old, new) == message.replace("1.0-draft", scheme.version)
