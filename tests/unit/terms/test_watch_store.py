"""Declarations, the store of snapshots, and files taken into it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cop.kernel.errors import NotFound, Refused
from cop.terms.watch import store as store_module
from cop.terms.watch.declarations import read
from cop.terms.watch.ingestion import ingest, when
from cop.terms.watch.store import shelf

TERMS = "\n\n".join(
    f"In bay {i} you keep your content, and we may ask you to move boat {i} before the tide." for i in range(20)
)
GROWN = TERMS + "\n\nFrom now on we may share the names of boats with our partners in other harbours."

WHOLE = """
name = "Pebble"
family = "Harbour Group"
homepage = "https://pebble.example/"
regions = ["EU", "GBR"]
languages = ["en"]

[age]
minimum = 13
maximum = 17

[fetch]
enabled = false
contact = "watch@cop.example"

[[documents]]
kind = "tos"
address = "https://pebble.example/terms"
selector = "main > .terms"
remove = [".menu"]
region = "EU"
language = "en"
files = "files/tos-*"
"""


def declared(folder: Path, text: str = WHOLE, name: str = "pebble.toml") -> Path:
    path = folder / "providers" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_declaration_is_read_whole(tmp_path: Path) -> None:
    declaration = read(declared(tmp_path))
    [document] = declaration.documents
    assert (declaration.id, declaration.family, declaration.regions, document.id) == (
        "pebble",
        "Harbour Group",
        ("EU", "GBR"),
        "tos-eu-en",
    )
    assert declaration.age is not None
    assert (declaration.age.minimum, declaration.age.maximum) == (13, 17)
    assert document.passage.select is not None
    assert (document.passage.select.text, document.passage.remove[0].text) == ("main > .terms", ".menu")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('family = "Harbour Group"\n', "", "pebble.toml, field family: is missing"),
        ('kind = "tos"', 'kind = "imprint"', 'pebble.toml, field documents[0].kind: "imprint" will not do (expected '),
        ('selector = "main > .terms"', 'selector = "p:first-child"', 'field documents[0].selector: "p:first-child" is not a selector'),
        ('"https://pebble.example/terms"', '"file:///etc/passwd"', 'field documents[0].address: "file:///etc/passwd" is not an address'),
        ('"GBR"', '"Narnia"', 'field regions: "Narnia" is no region'),
        ("minimum = 13", "minimum = 19", "field age: maximum is below minimum"),
        ("minimum = 13", 'minimum = "13"', 'field age.minimum: "13" will not do'),
        ("enabled = false\ncontact = \"watch@cop.example\"", "enabled = true", "field fetch: fetching needs a contact"),
        ('contact = "watch@cop.example"', 'contact = "me"', '"me" is no contact'),
        ('files = "files/tos-*"', 'files = "../x/*"', '"../x/*" leads out of the folder'),
        ("[age]", "colour = 1\n[age]", "field colour: is not a field of a provider's declaration"),
        ("name =", "name", "is not TOML"),
        ("[[documents]]", '[[documents]]\nkind = "tos"\nregion = "EU"\nlanguage = "en"\n[[documents]]', 'two documents are called "tos-eu-en"'),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_refused_with_field_value_and_reason(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in WHOLE
    path = declared(tmp_path, WHOLE.replace(old, new, 1))
    with pytest.raises(Refused) as refused:
        read(path)
    assert message in str(refused.value)


def test_a_declaration_that_is_not_there_or_misnamed_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read(tmp_path / "none.toml")
    with pytest.raises(Refused, match="is no name for a declaration"):
        read(declared(tmp_path, name="A B.toml"))


def test_a_version_is_a_text_that_was_not_there_before(tmp_path: Path) -> None:
    texts = [TERMS, f"**{TERMS}**", GROWN, TERMS, "Log in. Forgot your password? Sign up.", GROWN]
    with shelf(tmp_path, "pebble", "tos") as place:
        taken = [place.take(t.encode(), name="terms.md", seen=f"2026-07-0{n + 1}") for n, t in enumerate(texts)]
        assert not place.take(TERMS.encode(), name="terms.md", seen="2026-07-01")
    assert all(taken)
    again = shelf(tmp_path, "pebble", "tos")
    assert [(s.version, s.change["change_class"]) for s in again.sightings] == [
        (1, "first"), (1, "format_or_link_only"), (2, "new_text"), (1, "reverts_to_earlier_text"), (None, "stub"), (2, "reverts_to_earlier_text"),
    ]  # fmt: skip
    assert again.versions == 2
    folder = tmp_path / "pebble" / "tos"
    assert sorted(p.name for p in (folder / "versions").iterdir()) == ["0001.md", "0002.md"]
    assert len(list((folder / "snapshots").iterdir())) == 4
    assert all(again.raw(s) for s in again.sightings)


def test_what_is_taken_in_two_goes_or_out_of_order_is_what_it_is_in_one(tmp_path: Path) -> None:
    texts = [TERMS, GROWN, TERMS, GROWN + " And at night.", "Sign in."]
    days = [f"2026-07-0{n + 1}" for n in range(len(texts))]
    for name, order in (("one", [[0, 1, 2, 3, 4]]), ("two", [[0, 1], [2, 3, 4]]), ("late", [[4, 2], [0, 3], [1]])):
        for batch in order:
            with shelf(tmp_path, name, "tos") as place:
                for n in batch:
                    place.take(texts[n].encode(), name="terms.md", seen=days[n])
    one, two, late = (shelf(tmp_path, name, "tos").sightings for name in ("one", "two", "late"))
    assert one == two == late
    assert [s.version for s in one] == [1, 2, 1, 3, None]


def test_a_change_of_extraction_is_no_change_of_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cop.terms.extraction import Passage
    from cop.terms.extraction.selectors import parse

    menu = "<div class=menu><p>Menu of the harbour and of the boats</p></div>"
    for n, text in enumerate([TERMS, TERMS + " One more word."]):
        with shelf(tmp_path, "pebble", "tos") as place:
            place.take(
                f"<html><body>{menu * (n + 1)}<div id=t><p>{text}</p></div></body></html>".encode(),
                name="t.html",
                seen=f"2026-07-0{n + 1}",
            )
    chosen = shelf(tmp_path, "pebble", "tos", Passage(select=parse("#t")))
    assert [s.change["change_class"] for s in chosen.sightings] == ["first", "tiny"]
    assert "Menu" not in (tmp_path / "pebble" / "tos" / "versions" / "0001.md").read_text()
    before = chosen.sightings
    monkeypatch.setattr(store_module, "EXTRACTION", 99)
    assert shelf(tmp_path, "pebble", "tos", Passage(select=parse("#t"))).sightings == before


def test_a_snapshot_that_was_tampered_with_and_a_damaged_history_are_refused(tmp_path: Path) -> None:
    with shelf(tmp_path, "pebble", "tos") as place:
        place.take(TERMS.encode(), name="terms.md", seen="2026-07-01")
    place = shelf(tmp_path, "pebble", "tos")
    [sighting] = place.sightings
    (tmp_path / "pebble" / "tos" / sighting.file).write_text("other")
    with pytest.raises(Refused, match="is not the file that was kept"):
        place.raw(sighting)
    (tmp_path / "pebble" / "tos" / "history.jsonl").write_text('{"made_by": [')
    with pytest.raises(Refused, match="is damaged"):
        shelf(tmp_path, "pebble", "tos")
    with pytest.raises(Refused, match="cannot name a folder"):
        shelf(tmp_path, "..", "tos")


def test_declared_files_are_taken_in_and_bad_ones_put_on_record(tmp_path: Path) -> None:
    declared(tmp_path, WHOLE.replace('selector = "main > .terms"\n', ""))
    files = tmp_path / "files"
    files.mkdir()
    (files / "tos-2026-07-01.md").write_text(TERMS)
    (files / "tos-2026-07-02.md").write_text(GROWN)
    (files / "tos-2026-07-03.pdf").write_bytes(b"%PDF-1.7 nothing")
    (files / "tos-someday.md").write_text(TERMS)
    done = ingest(tmp_path, tmp_path / "store")
    [taken] = done.documents
    assert (taken.provider, taken.document, taken.new, taken.versions) == ("pebble", "tos-eu-en", 2, 2)
    assert sorted(e.problem for e in done.rejects) == [
        "cannot be read as a PDF: PdfStreamError",
        "does not say when it was seen",
    ]
    assert shelf(tmp_path / "store", "pebble", "tos-eu-en").sightings[0].address == "https://pebble.example/terms"
    again = ingest(tmp_path, tmp_path / "store")
    assert (again.documents[0].new, again.documents[0].sightings) == (0, 2)


def test_a_tree_of_open_terms_archive_is_taken_in(tmp_path: Path) -> None:
    for name, text in {
        "Pebble Talk/Terms of Service/2026-07-01T10-20-30Z.md": TERMS,
        "Pebble Talk/Terms of Service/2026-07-02T10-20-30Z.md": GROWN,
        "Pebble Talk/Privacy Policy/2026-07-01T10-20-30Z.md": TERMS,
        "Pebble Talk/Imprint/2026-07-01T10-20-30Z.md": TERMS,
        "README.md": "About",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "declarations").mkdir()
    (tmp_path / "declarations" / "Pebble Talk.json").write_text(
        json.dumps(
            {
                "name": "Pebble Talk",
                "terms": {"Terms of Service": {"fetch": "https://pebble.example/t", "select": "main"}},
            }
        )
    )
    done = ingest(tmp_path, tmp_path / "store")
    assert [(t.provider, t.document, t.versions) for t in done.documents] == [
        ("pebble-talk", "privacy", 1),
        ("pebble-talk", "tos", 2),
    ]
    [first, second] = shelf(tmp_path / "store", "pebble-talk", "tos").sightings
    assert (first.seen, first.address) == ("2026-07-01T10:20:30Z", "https://pebble.example/t")
    assert second.change["change_class"] == "new_text"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("00_2022-02-13_38.md", "2022-02-13"), ("a__tos__2026-07-01.html", "2026-07-01"), ("2026-07-01T10-20-30Z.md", "2026-07-01T10:20:30Z"), ("x-2026-02-30.md", None), ("terms.md", None)],
)  # fmt: skip
def test_when_a_file_was_seen_stands_in_its_name(name: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(Refused, match="does not say when it was seen"):
            when(Path(name))
    else:
        assert when(Path(name)) == expected


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds nothing to take in"):
        ingest(tmp_path, tmp_path / "store")
    with pytest.raises(NotFound):
        ingest(tmp_path / "none", tmp_path / "store")
