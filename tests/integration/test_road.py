"""The road, stage by stage: what is done again after a change, and that the vault never holds anything else than the inputs."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cop.editions.read import open_edition
from cop.editions.verify import known_signers, verify

Cop = Callable[..., Any]
Make = Callable[..., Path]

FIRST = "reports:hotline-xal:inputs/reports/xal-2024.csv"
SECOND = "reports:hotline-xal:inputs/reports/xal-2025.csv"
TAKEN = [
    FIRST,
    SECOND,
    "survey:children-online-xal",
    "series:reports-received",
    "provider:moorlight",
    "meeting:inputs/meetings/hg-cp-1.json",
]
OUT = ["edition", "report", "site"]
ALL = ["reconcile", *TAKEN, *OUT]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, harbour_in_small: Make, cop: Cop) -> tuple[Path, dict[str, Any]]:
    """A small observatory with one of every input, built, and what the build said."""
    folder = harbour_in_small(tmp_path_factory.mktemp("road"))
    done = cop("build", folder, "--json")
    assert done.code == 0, done.err
    return folder, done.json


@pytest.fixture
def copy(built: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    shutil.copytree(built[0], tmp_path / "o")
    return tmp_path / "o"


def newest(folder: Path) -> Path:
    """The edition that the last build made."""
    return folder / "editions" / (folder / "editions" / "newest").read_text().strip()


def total(folder: Path) -> int:
    """Every report in the newest edition."""
    counts = open_edition(newest(folder)).table("counts")
    whole = counts.filter((pl.col("table") == "class-month") & (pl.col("code") == "_T") & (pl.col("period") == "_T"))
    return int(whole["value"].item())


def change(path: Path, old: str, new: str) -> None:
    """Change a text file in one place."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def one_row_less(path: Path) -> None:
    """Leave the last record out."""
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")


# --- the whole road


def test_the_first_build_does_every_stage_in_order(built: tuple[Path, dict[str, Any]]) -> None:
    folder, said = built

    assert said["stages"] == ALL
    assert said["edition"] == str(newest(folder))
    assert (folder / "site" / "index.html").is_file()
    assert sorted(p.name for p in (folder / "report").iterdir()) == ["annual-report.docx", "annual-report.pdf"]


def test_its_edition_is_whole_and_by_a_known_signer(built: tuple[Path, dict[str, Any]]) -> None:
    found = verify(newest(built[0]), known=known_signers(built[0] / "keys" / "known"))

    assert (found.whole, found.known, found.signer) == (True, True, "harbour")


def test_every_record_is_counted_once(built: tuple[Path, dict[str, Any]]) -> None:
    rows = 0
    for name in ("xal-2024.csv", "xal-2025.csv"):
        with (built[0] / "inputs" / "reports" / name).open(encoding="utf-8") as handle:
            rows += len(list(csv.DictReader(handle)))

    assert rows > 200
    assert total(built[0]) == rows


def test_its_metadata_holds_what_the_reference_page_names(built: tuple[Path, dict[str, Any]], root: Path) -> None:
    page = (root / "docs" / "reference" / "edition.md").read_text(encoding="utf-8")
    unnamed = []
    for path in (newest(built[0]) / "metadata").glob("*.json"):
        [entry] = [line for line in page.splitlines() if line.startswith(f"- `{path.stem}`: ")]
        document = json.loads(path.read_text(encoding="utf-8"))
        listed = [document] if isinstance(document, list) else [v for v in document.values() if isinstance(v, list)]
        records = [record for items in listed for record in items if isinstance(record, dict)]
        keys = {key for record in [*records, document] if isinstance(record, dict) for key in record}
        unnamed += [(path.stem, key) for key in sorted(keys) if not re.search(rf"\b{re.escape(key)}\b", entry)]

    assert unnamed == []


def test_nothing_half_written_is_left(built: tuple[Path, dict[str, Any]]) -> None:
    assert [p for p in built[0].rglob("*") if ".part" in p.name] == []


def test_a_second_build_does_no_stage_and_says_so(built: tuple[Path, dict[str, Any]], cop: Cop) -> None:
    before = {p: p.stat().st_mtime_ns for p in built[0].rglob("*")}
    answer, words = cop("build", built[0], "--json"), cop("build", built[0])

    assert (answer.code, answer.json["stages"], answer.json["edition"]) == (0, [], built[1]["edition"])
    assert words.out.startswith("Nothing changed: no stage was done (")
    assert (words.code, words.err) == (0, "")
    assert {p: p.stat().st_mtime_ns for p in built[0].rglob("*")} == before


def test_a_dry_run_does_nothing_and_says_what_would_be_done(copy: Path, cop: Cop) -> None:
    one_row_less(copy / "inputs/reports/xal-2025.csv")
    before = {p: p.stat().st_mtime_ns for p in copy.rglob("*")}
    done = cop("build", copy, "--dry-run")

    assert (done.code, done.err) == (0, "")
    assert done.out == "".join(f"{line}\n" for line in ["To do:", *(f"  {s}" for s in [SECOND, *OUT])])
    assert {p: p.stat().st_mtime_ns for p in copy.rglob("*")} == before


# --- what depends on what


def _touch(folder: Path) -> None:
    for path in (folder / "inputs").rglob("*"):
        path.touch()


CHANGES: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "nothing but the time of the files": (_touch, []),
    "a file of reports": (lambda o: one_row_less(o / "inputs/reports/xal-2024.csv"), [FIRST, *OUT]),
    "a survey's microdata": (
        lambda o: one_row_less(o / "inputs/surveys/xal.csv"), ["survey:children-online-xal", *OUT],
    ),
    "a survey's description": (
        lambda o: change(o / "inputs/surveys/xal.toml", 'ci = "logit"', 'ci = "beta"'),
        ["survey:children-online-xal", *OUT],
    ),
    "an official series": (
        lambda o: one_row_less(o / "inputs/series/hotline-totals.csv"), ["series:reports-received", *OUT],
    ),
    "a provider's document": (
        lambda o: change(o / "inputs/providers/moorlight__tos__2025-06-02.md", "Moorlight", "Moorlicht"),
        ["provider:moorlight", *OUT],
    ),
    "a provider's name": (
        lambda o: change(o / "observatory.toml", 'name = "Moorlight"', 'name = "Moor Light"'),
        ["provider:moorlight", *OUT],
    ),
    "a meeting": (
        lambda o: change(o / "inputs/meetings/hg-cp-1.json", '"place": "', '"place": "New '),
        ["meeting:inputs/meetings/hg-cp-1.json", *OUT],
    ),
    "how reports are read": (
        lambda o: change(o / "observatory.toml", 'channel = "hotline"', 'channel = "helpline"'), [FIRST, SECOND, *OUT],
    ),
    "the title of a source": (
        lambda o: change(o / "observatory.toml", "Alvemere Isles: national hotline", "The hotline"), OUT,
    ),
    "the threshold": (lambda o: change(o / "observatory.toml", "threshold = 5", "threshold = 10"), OUT),
    "the secretariat's words": (
        lambda o: change(o / "inputs/report/foreword.md", "\n", "\n\nA new sentence.\n"), OUT,
    ),
    "a new section of the secretariat's": (lambda o: (o / "inputs/report/z.md").write_text("# Z\n\nZ.\n"), OUT),
    "a file of reports that is gone": (
        lambda o: change(o / "observatory.toml", ', "inputs/reports/xal-2025.csv"', ""), ["reconcile", *OUT],
    ),
    "the site deleted": (lambda o: shutil.rmtree(o / "site"), ["site"]),
    "the report deleted": (lambda o: (o / "report" / "annual-report.pdf").unlink(), ["report"]),
    "the edition deleted": (lambda o: shutil.rmtree(newest(o)), ["edition"]),
    "a survey's estimates deleted": (
        lambda o: [p.unlink() for p in o.glob("work/surveys/*/estimates.parquet")], ["survey:children-online-xal"],
    ),
    "the vault deleted": (lambda o: shutil.rmtree(o / "vault"), TAKEN),
    "the markers deleted": (lambda o: shutil.rmtree(o / "work" / "done"), ALL),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_after_a_change_only_what_depends_on_it_is_to_be_done(copy: Path, cop: Cop, what: str) -> None:
    alter, expected = CHANGES[what]
    alter(copy)

    assert cop("build", copy, "--dry-run", "--json").json["stages"] == expected


def test_a_vault_that_was_deleted_is_filled_again_and_gives_the_same_edition(copy: Path, cop: Cop) -> None:
    before = newest(copy)
    shutil.rmtree(copy / "vault")
    shutil.rmtree(before)
    done = cop("build", copy, "--json", cold=True)

    assert (done.code, done.json["stages"]) == (0, [*TAKEN, "edition"]), done.err
    assert newest(copy) == before
    assert verify(before).whole


def test_a_release_holds_what_was_changed_and_never_changes_again(copy: Path, cop: Cop) -> None:
    before, count = newest(copy), total(copy)
    one_row_less(copy / "inputs/reports/xal-2025.csv")
    done = cop("build", copy, "--release", "2026-01", "--json")

    assert (done.code, done.json["stages"]) == (0, [SECOND, *OUT]), done.err
    assert (newest(copy).name, total(copy)) == ("2026-01", count - 1)
    assert cop("edition", "diff", before, newest(copy), "--json").json["tables"]["counts"]["changed"] > 0
    assert verify(before).whole

    sums, site = (newest(copy) / "SHA256SUMS").read_bytes(), (copy / "site" / "index.html").read_bytes()
    one_row_less(copy / "inputs/reports/xal-2025.csv")
    again = cop("build", copy, "--release", "2026-01")

    assert again.code == 2
    assert again.refusal == (
        "2026-01: an edition of that id exists with other content, and editions are immutable "
        "(expected another --release id)"
    )
    assert newest(copy).name == "2026-01"
    assert (newest(copy) / "SHA256SUMS").read_bytes() == sums
    assert (copy / "site" / "index.html").read_bytes() == site
    assert not list((copy / "editions").glob(".part*"))


def test_a_vault_that_was_filled_again_protects_against_what_was_released_before(
    copy: Path, cop: Cop, tmp_path: Path
) -> None:
    assert cop("build", copy, "--release", "2026-01").code == 0
    one_row_less(copy / "inputs/reports/xal-2025.csv")
    forgetful = Path(shutil.copytree(copy, tmp_path / "forgetful"))
    shutil.rmtree(forgetful / "vault")
    made = [cop("build", folder, "--json") for folder in (copy, forgetful)]

    assert [done.code for done in made] == [0, 0], [done.err for done in made]
    assert newest(forgetful).name == newest(copy).name
    # and an edition that is gone cannot be protected against
    shutil.rmtree(copy / "editions" / "2026-01")
    one_row_less(copy / "inputs/reports/xal-2025.csv")
    refused = cop("build", copy)
    assert refused.code == 2
    assert "edition 2026-01 was released and is not in" in refused.refusal


# --- the vault holds what the inputs say, and nothing else


def up_to_the_edition(observatory: Any) -> Any:
    """Take in what is to be taken in and write the edition, without report and site: the reports it counts."""
    import polars as pl

    from cop.editions.read import open_edition
    from cop.kernel.errors import CopError
    from cop.kernel.progress import SILENT
    from cop.road.build import Road
    from cop.road.stages import run

    class Listener:
        def begin(self, stage: Any) -> Any:
            return SILENT

        def end(self, stage: Any) -> None: ...

    road = Road(observatory)
    waiting = [s for s in road.to_do() if s.id not in {"report", "site"}]
    try:
        did = run(waiting, road.markers, Listener())
    except CopError as error:
        return {"refused": str(error)}
    counts = open_edition(road.edition_path()).table("counts")
    whole = counts.filter((pl.col("table") == "class-month") & (pl.col("code") == "_T") & (pl.col("period") == "_T"))
    return {"did": [s.id for s in did], "edition": road.edition_path().name, "reports": whole["value"].to_list()}


GOOD = "narrative,date\n" + "".join(
    f"A child of 12 was insulted in a class chat {n} times.,2025-03-02\n" for n in range(9)
)
MORE = "narrative,date\n" + "".join(f"An account was taken over {n} times.,2025-04-02\n" for n in range(7))


def test_coded_records_that_a_killed_build_left_are_removed(reports_observatory: Make, inside: Cop) -> None:
    folder = reports_observatory({"inputs/a.csv": GOOD})
    (folder / "work" / "scratch").mkdir(parents=True)
    (folder / "work" / "scratch" / "records.parquet").write_bytes(b"half of it")

    assert inside(folder, up_to_the_edition)["reports"] == [9]
    assert sorted(p.name for p in (folder / "work").iterdir()) == ["done"]


def test_a_file_that_was_refused_and_put_back_is_taken_in_again(reports_observatory: Make, inside: Cop) -> None:
    folder = reports_observatory({"inputs/a.csv": GOOD, "inputs/b.csv": MORE})
    first = inside(folder, up_to_the_edition)
    (folder / "inputs" / "b.csv").write_text(MORE + "x,never\n")
    refused = inside(folder, up_to_the_edition)
    (folder / "inputs" / "b.csv").write_text(MORE)
    again = inside(folder, up_to_the_edition)

    assert first["reports"] == [16]
    assert refused == {
        "refused": 'b.csv row 8, field date: "never" is not a date (expected YYYY-MM-DD); '
        "the file is refused, 1 row of 8 in the rejects table"
    }
    assert again == {"did": ["reports:hotline:inputs/b.csv"], "edition": first["edition"], "reports": [16]}


def test_a_file_that_left_and_came_back_is_taken_in_again(reports_observatory: Make, inside: Cop) -> None:
    folder = reports_observatory({"inputs/a.csv": GOOD, "inputs/b.csv": MORE})
    found = [inside(folder, up_to_the_edition)]
    for name in ("b.away", "b.csv"):
        (folder / "inputs" / ("b.csv" if name == "b.away" else "b.away")).rename(folder / "inputs" / name)
        found.append(inside(folder, up_to_the_edition))

    assert [f["reports"] for f in found] == [[16], [9], [16]]
    assert [f["did"] for f in found[1:]] == [
        ["reconcile", "edition"],
        ["reconcile", "reports:hotline:inputs/b.csv", "edition"],
    ]
    assert found[0]["edition"] == found[2]["edition"]


def test_a_renamed_file_or_source_is_not_counted_twice(reports_observatory: Make, inside: Cop) -> None:
    folder = reports_observatory({"inputs/a.csv": GOOD})
    found = [inside(folder, up_to_the_edition)["reports"]]
    (folder / "inputs" / "a.csv").rename(folder / "inputs" / "b.csv")
    found.append(inside(folder, up_to_the_edition)["reports"])
    change(folder / "observatory.toml", 'id = "hotline"', 'id = "helpline"')
    found.append(inside(folder, up_to_the_edition)["reports"])

    assert found == [[9], [9], [9]]


def test_a_renamed_file_of_a_meeting_does_not_stand_in_its_own_way(observatory: Make, inside: Cop, root: Path) -> None:
    facts = (root / "examples/harbour/inputs/meetings/hg-cp-1.json").read_bytes()
    folder = observatory({"a.json": facts}, toml='[[meetings]]\nfile = "a.json"\n')
    first = inside(folder, up_to_the_edition)
    (folder / "a.json").rename(folder / "b.json")
    change(folder / "observatory.toml", "a.json", "b.json")
    second = inside(folder, up_to_the_edition)

    assert first["did"] == ["reconcile", "meeting:a.json", "edition"]
    assert second["did"] == ["reconcile", "meeting:b.json", "edition"]
    library = json.loads((folder / "editions" / second["edition"] / "metadata" / "library.json").read_text())
    assert [m["number"] for m in library["meetings"]] == [1]


def test_what_the_description_names_no_more_is_gone_from_the_edition(copy: Path, inside: Cop) -> None:
    for part in ("[[surveys]]", "[[series]]", "[[meetings]]"):
        text = (copy / "observatory.toml").read_text(encoding="utf-8")
        before, _, rest = text.partition(part)
        _, sign, after = rest.partition("\n[[")
        (copy / "observatory.toml").write_text(before + sign.lstrip("\n") + after, encoding="utf-8")
    text = (copy / "observatory.toml").read_text(encoding="utf-8")
    (copy / "observatory.toml").write_text(text.partition("[[providers]]")[0], encoding="utf-8")
    said = inside(copy, up_to_the_edition)
    edition = open_edition(copy / "editions" / said["edition"])

    assert said["did"] == ["reconcile", "edition"]
    assert {n: edition.table(n).height for n in ("estimates", "series", "documents", "findings")} == {
        "estimates": 0, "series": 0, "documents": 0, "findings": 0,
    }  # fmt: skip
    assert (edition.metadata("library"), edition.metadata("providers"), edition.metadata("surveys")) == ({}, [], [])
    assert {i["kind"] for i in edition.metadata("lineage")["inputs"]} == {"reports"}


def test_another_database_is_filled_from_the_inputs(reports_observatory: Make, inside: Cop) -> None:
    folder = reports_observatory({"inputs/a.csv": GOOD}, database="vault/one.sqlite3")
    first = inside(folder, up_to_the_edition)
    change(folder / "observatory.toml", "one.sqlite3", "two.sqlite3")
    second = inside(folder, up_to_the_edition)

    assert second["did"] == ["reconcile", "reports:hotline:inputs/a.csv", "edition"]
    assert (second["edition"], second["reports"]) == (first["edition"], [9])


def test_an_older_backup_of_the_vault_is_brought_up_to_date(reports_observatory: Make, inside: Cop, cop: Cop) -> None:
    folder = reports_observatory({"inputs/a.csv": GOOD, "inputs/c.csv": GOOD})
    inside(folder, up_to_the_edition)
    backup = (folder / "vault" / "vault.sqlite3").read_bytes()
    (folder / "inputs" / "c.csv").rename(folder / "inputs" / "b.csv")
    (folder / "inputs" / "b.csv").write_text(MORE)
    inside(folder, up_to_the_edition)
    for path in (folder / "vault").iterdir():
        path.unlink()
    (folder / "vault" / "vault.sqlite3").write_bytes(backup)
    (folder / "inputs" / "report").mkdir()
    (folder / "inputs" / "report" / "a.md").write_text(
        "# A\n\n<b>Refused</b>: the edition is all that is wanted here.\n"
    )
    done = cop("build", folder)
    ended = re.findall(r"^(.+): done in", done.err, re.MULTILINE)

    assert (done.code, ended) == (
        2, ["Forgetting what is no longer there", "Reports: b.csv", "Through the door: the edition"],
    ), done.err  # fmt: skip
    assert total(folder) == 16
