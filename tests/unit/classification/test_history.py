"""The history in the catalogue: what it promises of version 0.1 and 1.0, and how a broken file is refused."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from cop.classification.history import load_history, load_proposals
from cop.classification.rulings import load_rulings
from cop.classification.scheme import load_scheme
from cop.classification.versions import MOVING, History
from cop.kernel.errors import NotFound, Refused
from cop.kernel.resources import resource

VERSION = "(?m)^version: .*$"


@pytest.fixture(scope="module")
def history() -> History:
    return load_history()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalogue that a test may break."""
    return Path(shutil.copytree(resource("catalogue/threats"), tmp_path / "threats"))


def refused(folder: Path, name: str, old: str, new: str) -> str:
    """The refusal after one change to one file; `old` is a regular expression where it begins with `(?m)`."""
    path = folder / name
    pattern = old if old.startswith("(?m)") else re.escape(old)
    text, changed = re.subn(pattern, lambda _: new, path.read_text(encoding="utf-8"), count=1)
    assert changed
    path.write_text(text, encoding="utf-8")
    with pytest.raises((Refused, NotFound)) as error:
        load_proposals(load_history(folder), folder)
    return str(error.value)


# --- what the catalogue says


def test_version_0_1_is_the_draft_as_it_was(history: History, shared: Path) -> None:
    draft = json.loads((shared / "knowledge" / "threat-classification-draft.json").read_text(encoding="utf-8"))
    listed = [*draft["sections"], *draft["classes"], *draft["administrative"]]

    assert {e.code: (e.name, e.urgency) for e in history.version("0.1").entries} == {
        item["code"]: (item["name"], item.get("urgency")) for item in listed
    }


def test_the_newest_version_is_the_classification_with_its_residual_codes(history: History) -> None:
    scheme = load_scheme()
    residuals = {section + digits for section in "ABCDEFGHZ" for digits in scheme.residuals}
    newest = history.versions[-1]

    assert set(newest.by_code) == set(scheme.by_code) | residuals
    assert newest is history.version(scheme.version)
    assert newest.by_code["B99"].name == "Sexual solicitation and exploitation of a child, not further specified"


def test_every_code_of_the_draft_keeps_its_meaning(history: History) -> None:
    forward, back = history.route("0.1", "1.0")[0], history.route("1.0", "0.1")[0]

    assert {c.kind for c in forward.changes if c.kind in MOVING} == {"new"}
    assert all(way.codes == (code,) for code, way in forward.ways.items())
    assert {code for code, way in back.ways.items() if way.codes != (code,)} == {
        section + digits for section in "ABCDEFGHZ" for digits in ("98", "99")
    }


def test_every_ruling_that_the_notes_took_in_is_cited_where_they_did(history: History) -> None:
    cited = {
        (number, code) for c in history.route("0.1", "1.0")[0].changes for number in c.rulings for code in c.before
    }

    assert cited == {(ruling.number, code) for ruling in load_rulings().rulings for code in ruling.noted_in}


def test_every_proposal_would_be_a_whole_set_of_changes(history: History) -> None:
    proposals = load_proposals(history)
    first, second = proposals[:2]

    assert [p.id for p in proposals] == ["P001", "P002"]
    assert first.changes.ways["B06"].codes == ("B07", "G06")
    assert first.changes.ways["B"].codes == ("B", "G06")
    assert "B06" not in first.changes.new.by_code
    assert second.changes.ways["D03"].codes == ("D031", "D032")
    assert "D03" in second.changes.new.by_code


def test_a_proposal_describes_changes_by_the_schema_of_changes() -> None:
    folder = resource("catalogue/threats")
    changes, proposal = (
        json.loads((folder / name).read_text(encoding="utf-8"))["$defs"]
        for name in ("changes/changes.schema.json", "proposals/proposal.schema.json")
    )

    assert {name: proposal[name] for name in changes if name in proposal and name != "version"} == {
        name: definition for name, definition in changes.items() if name != "version"
    }


# --- what must be mended


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    [
        ("versions/0.1.yaml", 'version: "0.1"', 'version: "0.2"', '0.1.yaml, field version: "0.2" is not the file\'s version (expected 0.1)'),
        ("versions/0.1.yaml", "{code: A02,", "{code: A01,", '0.1.yaml, field codes.code: "A01" is used twice (expected a code once)'),
        ("versions/0.1.yaml", "code: A041, level: subclass, parent: A04", "code: A041, level: subclass, parent: A05", '0.1.yaml, field codes.parent: "A041" has no place (expected a subclass after its parent A04)'),
        ("versions/0.1.yaml", "Sexual grooming", "Grooming", '1.0.yaml, field changes: "B01" has another name and is in no change of kind rename (expected the kind rename where the name differs)'),
        ("versions/0.1.yaml", 'name: "Sexual grooming", urgency: 1', 'name: "Sexual grooming", urgency: 2', '1.0.yaml, field changes: "B01" has another urgency and is in no change of kind urgency (expected the kind urgency where the urgency differs)'),
        ("changes/1.0.yaml", "[A98, A99]", "[A98]", '1.0.yaml, field changes: "A99" of version 1.0 is not accounted for (expected a change of kind split, merge, move or new)'),
        ("changes/1.0.yaml", "[A98, A99]", "[A98, A99, A97]", '1.0.yaml, field changes.0.to: "A97" is no code of its version (expected a code of version 1.0)'),
        ("changes/1.0.yaml", 'to: "1.0"', 'to: "1.1"', '1.0.yaml, field to: "1.1" is not the version here (expected 1.0)'),
        ("changes/1.0.yaml", 'from: "0.1"', 'from: "0.7"', "0.7.yaml is missing from the classification"),
        ("changes/1.0.yaml", "R001", "R999", '1.0.yaml, field changes.10.rulings: "R999" is no ruling of the register (expected a number in rulings.yaml)'),
        ("proposals/P001.yaml", "id: P001", "id: P003", 'P001.yaml, field id: "P003" is not the file\'s number (expected P001)'),
        ("proposals/P001.yaml", "2026-11-27", "2026-02-30", 'P001.yaml, field date: "2026-02-30" is no day (expected a date as 2026-11-27)'),
        ("proposals/P001.yaml", 'version: "1.0"', 'version: "3.0"', 'P001.yaml, field version: "3.0" is no version (expected one of 0.1, 1.0)'),
        ("proposals/P001.yaml", "to: [B07, G06]", "to: [B07, G07]", 'P001.yaml, field changes.0.to: "G07" is no code of its version (expected a code of version 1.0 with P001)'),
        ("proposals/P001.yaml", "status: open", "status: accepted", "P001.yaml: 'decision' is a required property (expected what proposal.schema.json says)"),
        ("scheme.yaml", VERSION, 'version: "1.1-draft"', "1.0.yaml is missing from the classification"),
    ],
)  # fmt: skip
def test_a_broken_file_is_one_line(folder: Path, name: str, old: str, new: str, line: str) -> None:
    assert refused(folder, name, old, new) == line


def test_a_split_needs_weights_or_says_that_they_are_unknown(folder: Path) -> None:
    line = refused(folder, "proposals/P001.yaml", "    weights: unknown\n", "")

    assert line.startswith("P001.yaml, field changes.0: 'weights' is a required property")


def frozen(folder: Path) -> None:
    """Freeze the present version."""
    newest = load_history(folder).versions[-1]
    codes = [
        {"code": e.code, "level": e.level, "parent": e.parent, "name": e.name, "urgency": e.urgency}
        for e in sorted(newest.entries, key=lambda entry: entry.code)
    ]
    document = {"version": newest.name, "title": {"en": "t"}, "source": {"en": "s"}, "codes": codes}
    (folder / "versions" / f"{newest.name}.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")


def test_a_frozen_version_may_not_change_any_more(folder: Path) -> None:
    frozen(folder)
    load_history(folder)

    assert refused(folder, "B.yaml", r"(?m)^      en: \W?Sexual grooming\W?$", "      en: Grooming") == (
        '1.0.yaml, field codes: "B01" is not as it was frozen (expected a new version where a code changes)'
    )


def later(folder: Path, version: str, before: str, change: dict[str, object], without: str | None) -> None:
    """One more version, with the codes of 1.0 but one, and the change that led to it."""
    document = yaml.safe_load((folder / "versions" / "1.0.yaml").read_text(encoding="utf-8"))
    codes = [entry for entry in document["codes"] if entry["code"] != without]
    changes = {"from": before, "to": version, "note": {"en": "n"}, "changes": [{"reason": {"en": "r"}, **change}]}
    for kind, written in (("versions", {**document, "version": version, "codes": codes}), ("changes", changes)):
        (folder / kind / f"{version}.yaml").write_text(yaml.safe_dump(written), encoding="utf-8")


def test_a_code_that_was_given_up_never_comes_back(folder: Path) -> None:
    frozen(folder)
    later(folder, "1.1", "1.0", {"kind": "retired", "from": ["Z05"], "to": []}, "Z05")
    later(folder, "1.2", "1.1", {"kind": "new", "from": [], "to": ["Z05"]}, None)

    assert refused(folder, "scheme.yaml", VERSION, 'version: "1.2"') == (
        '1.2.yaml, field changes.to: "Z05" was a code of version 0.1 (expected a code that was never used)'
    )


def test_without_the_changes_that_led_to_it_a_version_has_no_history(folder: Path) -> None:
    (folder / "changes" / "1.0.yaml").unlink()
    history = load_history(folder)

    assert ([version.name for version in history.versions], history.changes) == (["1.0"], ())
