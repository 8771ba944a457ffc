"""`cop terms diff`, `history`, `ingest` and `fetch`, as they are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cop.cli import cop
from cop.kernel.errors import NotAllowed, NotFound

BASE = "# Terms of Pebble\n\nLast updated: 1 July 2025\n\n" + "\n\n".join(
    f"In bay {i} you keep your content, and we may ask you to move boat {i} before the tide." for i in range(20)
)
GROWN = BASE + "\n\nYou grant us a perpetual and irrevocable licence to use your content in any media."


def call(*arguments: object) -> Result:
    return CliRunner().invoke(cop, ["terms", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "versions"
    made.mkdir()
    for n, text in enumerate([BASE, GROWN, BASE]):
        (made / f"0{n}_terms.md").write_text(text)
    return made


def test_history_classes_each_file_in_order_of_name(folder: Path) -> None:
    done = call("history", folder, "--json")
    assert done.exit_code == 0
    rows = json.loads(done.stdout)
    assert [(r["file"], r["change_class"], r["silent"]) for r in rows] == [
        ("00_terms.md", "first", None),
        ("01_terms.md", "new_text", True),
        ("02_terms.md", "reverts_to_earlier_text", None),
    ]
    plain = call("history", folder).stdout.splitlines()
    assert plain[1] == "01_terms.md  new_text  +15 -0 words  silent"
    assert plain[2] == "02_terms.md  reverts_to_earlier_text  as in 00_terms.md"


def test_diff_names_the_clause_and_what_it_touches(folder: Path) -> None:
    done = call("diff", folder / "00_terms.md", folder / "01_terms.md", "--json")
    assert done.exit_code == 0
    row = json.loads(done.stdout)
    [clause] = row["clauses"]
    assert (row["change_class"], row["silent"], clause["kind"], clause["old"]) == ("new_text", True, "inserted", None)
    assert GROWN[clause["new"]["start"] : clause["new"]["end"]] == clause["new"]["text"]
    assert any(code.startswith("LIC-") for code in clause["criteria"])
    assert "+ [" in call("diff", folder / "00_terms.md", folder / "01_terms.md").stdout


def test_ingest_fills_the_store_and_tells_what_it_took(tmp_path: Path) -> None:
    tree = tmp_path / "Pebble" / "Terms of Service"
    tree.mkdir(parents=True)
    (tree / "2026-07-01T10-20-30Z.md").write_text(BASE)
    (tree / "2026-07-02T10-20-30Z.md").write_text(GROWN)
    done = call("ingest", tmp_path, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "documents": [
            {
                "provider": "pebble",
                "document": "tos",
                "sightings": 2,
                "new": 2,
                "versions": 2,
                "last_change": "new_text",
            }
        ],
        "rejects": [],
    }
    assert "0 new of 2 seen, 2 versions" in call("ingest", tmp_path).stdout


def test_fetch_wants_to_be_enabled(tmp_path: Path) -> None:
    path = tmp_path / "providers" / "pebble.toml"
    path.parent.mkdir()
    path.write_text(
        'name = "Pebble"\nfamily = "Harbour"\n[[documents]]\nkind = "tos"\naddress = "https://pebble.example/terms"\n'
    )
    done = call("fetch", path, "--json")
    assert isinstance(done.exception, NotAllowed)
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(("verb", "argument"), [("history", "none"), ("ingest", "none"), ("fetch", "none.toml")])
def test_what_is_not_there_is_said(tmp_path: Path, verb: str, argument: str) -> None:
    done = call(verb, tmp_path / argument)
    assert isinstance(done.exception, NotFound)
