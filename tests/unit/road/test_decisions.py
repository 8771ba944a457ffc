"""Decisions as files: read with the provider, refused with file, row and field, and the same in any vault."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cop.kernel.errors import CopError
from cop.terms.documents import from_bytes
from cop.vault.providers.grounds import Held, Texts
from cop.vault.providers.schemas import read_entries

Make = Callable[..., Path]
Inside = Callable[..., Any]

HEAD = '[[providers]]\nid = "p"\nname = "P"\nfolder = "terms"\ndecisions = "{}"\n'
PAD = "# Terms of Service\n\n" + "You agree to these terms of service when you use the service. " * 30
TERMS = PAD + "\n\nYou own what you make. This licence ends when you delete the content.\n"
LATER = PAD + "\n\nYou own what you make. This licence ends when you close the account.\n"
ACT = """[[acts]]
date = 2025-02-01
act = "decide"
criterion = "LIC-2"
by = "A"
finding = "met"
text = "It ends."
quotes = [{ document = "p/tos", quote = "This licence ends when you delete the content." }]
"""
TABLE = """date,criterion,act,by,finding,text,document,version,quote
2025-02-01,LIC-2,decide,A,met,It ends.,p/tos,,This licence ends when you delete the content.
,,,,,,p/tos,2025-01-01,You own what you make.
2025-02-02,LIC-2,contest,P,,No.,,,
"""


def taken(observatory: Any, times: int = 1) -> Any:
    from cop.config.observatory import read_observatory
    from cop.kernel.errors import CopError
    from cop.kernel.progress import SILENT
    from cop.road.build import Road
    from cop.vault.providers.queries import all_courses, provider_history, provider_list
    from cop.vault.registers.queries import all_files

    try:
        for _ in range(times):
            [stage] = [s for s in Road(read_observatory(observatory.folder)).stages if s.id == "provider:p"]
            stage.work(stage.key, SILENT)
    except CopError as error:
        return str(error)
    return {
        "acts": [[a.kind, a.by, len(a.quotes), a.source] for c in all_courses().values() for a in c.acts],
        "history": provider_history(),
        "list": provider_list(),
        "files": [f[2] for f in all_files()],
    }


def make(observatory: Make, content: str, *, name: str = "d.toml") -> Path:
    inputs = {"terms/p__tos__2025-01-01.md": TERMS, name: content}
    return observatory(inputs, toml=HEAD.format(name), name=name.replace(".", "-"))


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts([Held("p/tos", date(2025, 1, 1), from_bytes(TERMS.encode(), name="p__tos__2025-01-01.md"))])


def refused(path: Path, content: str, texts: Texts) -> str:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CopError) as error:
        read_entries(path, provider="p", texts=texts)
    return str(error.value)


def test_toml_and_a_table_say_the_same_and_are_taken_in_once(observatory: Make, inside: Inside) -> None:
    toml = ACT.replace(" }]", ' }, { document = "p/tos", version = 2025-01-01, quote = "You own what you make." }]')
    toml += '[[acts]]\ndate = 2025-02-02\nact = "contest"\ncriterion = "LIC-2"\nby = "P"\ntext = "No."\n'
    one = inside(make(observatory, toml), taken, 2)
    two = inside(make(observatory, TABLE, name="d.csv"), taken, 1)

    assert one["acts"] == [["decide", "A", 2, "file"], ["contest", "P", 0, "file"]]
    assert (one["history"], one["list"]) == (two["history"], two["list"])
    assert one["files"] == ["d.toml", "terms/p__tos__2025-01-01.md"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('"met"', '"good"', 'd.toml row 1, field finding: "good" will not do (expected'),
        ("2025-02-01", '"soon"', 'd.toml row 1, field date: "soon" will not do (expected'),
        ('text = "It ends."', "", "d.toml row 1, field text: is missing"),
        ('by = "A"', 'by = "A"\nage = 3', "d.toml row 1, field age: is not a field of an act"),
        ("p/tos", "p/rules", 'd.toml row 1, field document: there is no document "p/rules" (expected p/tos)'),
        (
            "licence ends",
            "licence stops",
            'd.toml row 1, field quote: "This licence stops when you delete the content." ',
        ),
        ("2025-02-01", "2024-02-01", "d.toml row 1, field document: no version of p/tos was seen by 2024-02-01"),
        ("quotes = [", "more = [", "d.toml row 1, field more: is not a field of an act"),
        ('"decide"', '"stale"', 'd.toml row 1, field act: "stale" will not do (expected'),
        ("[[acts]]", "[[deeds]]", 'd.toml, field deeds: "deeds" will not do (expected [[acts]] and nothing else)'),
    ],
)
def test_what_a_file_says_wrong_is_refused_with_its_place(
    tmp_path: Path, texts: Texts, old: str, new: str, line: str
) -> None:
    assert refused(tmp_path / "d.toml", ACT.replace(old, new), texts).startswith(line)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("2025-02-02", "2.2.2025", 'd.csv row 3, field date: "2.2.2025" is not a date (expected YYYY-MM-DD)'),
        ("You own what", "You owe what", 'd.csv row 2, field quote: "You owe what you make." does not stand in p/tos'),
        ("date,criterion", "day,criterion", 'd.csv, field columns: "day" is not a column of decisions (expected date,'),
        (",,,,,,p/tos", ",,,,,more,p/tos", "d.csv row 2, field act: is empty (expected decide, withdraw, adjudicate"),
    ],
)
def test_a_table_names_the_row_that_is_wrong(tmp_path: Path, texts: Texts, old: str, new: str, line: str) -> None:
    assert refused(tmp_path / "d.csv", TABLE.replace(old, new), texts).startswith(line)


def test_what_does_not_follow_and_what_was_taken_in_and_changed_is_refused(observatory: Make, inside: Inside) -> None:
    def work(observatory: Any, contents: list[str]) -> Any:
        from cop.kernel.errors import CopError
        from cop.kernel.progress import SILENT
        from cop.road.build import Road
        from cop.vault.providers.models import Act

        said: list[str] = []
        for content in contents:
            (observatory.folder / "d.toml").write_text(content, encoding="utf-8")
            [stage] = [s for s in Road(observatory).stages if s.id == "provider:p"]
            try:
                stage.work(stage.key, SILENT)
                said.append("taken in")
            except CopError as error:
                said.append(str(error))
        return [said, Act.objects.count()]

    contents = [
        ACT.replace("LIC-2", "LIC-9"), ACT.replace("decide", "adjudicate"), ACT, ACT.replace("It ends.", "It does."),
        "acts = []", ACT + ACT.replace("2025-02-01", "2025-01-31"),
    ]  # fmt: skip
    said, count = inside(make(observatory, ACT), work, contents)

    assert said[0].startswith('d.toml row 1, field criterion: there is no criterion "LIC-9" (expected AGE-1')
    assert said[1] == "d.toml row 1, field act: there is nothing to adjudicate (expected two reviews that differ)"
    assert said[2] == "taken in"
    assert said[3] == (
        'd.toml row 1, field text: "It does." is not what was taken in '
        "(expected It ends., and a further act to change it)"
    )
    assert said[4] == (
        "d.toml row 1: the act of 2025-02-01 on LIC-2 was taken in and is gone "
        "(expected every row that was there, and new ones after them)"
    )
    assert said[5].startswith('d.toml row 2, field date: "2025-01-31" comes before the last act on it')
    assert count == 1


def test_a_vault_that_saw_every_version_come_and_a_new_one_say_the_same(observatory: Make, inside: Inside) -> None:
    folder = make(observatory, ACT)
    inside(folder, taken)
    (folder / "terms" / "p__tos__2025-03-01.md").write_text(LATER, encoding="utf-8")
    inside(folder, taken)
    (folder / "terms" / "p__tos__2025-04-01.md").write_text(TERMS, encoding="utf-8")
    (folder / "d.toml").write_text(ACT + ACT.replace("2025-02-01", "2025-05-01"), encoding="utf-8")
    seen = inside(folder, taken)
    shutil.rmtree(folder / "vault")
    anew = inside(folder, taken)

    assert [a[0] for a in seen["acts"]] == ["decide", "stale", "decide"]
    assert (seen["history"], seen["list"]) == (anew["history"], anew["list"])
    assert [[h["event"], h["date"]] for h in anew["history"]] == [
        ["decided", "2025-02-01"], ["stale", "2025-03-01"], ["decided", "2025-05-01"],
    ]  # fmt: skip


def test_young_users_name_their_source(observatory: Make) -> None:
    from cop.config.observatory import read_observatory

    toml = HEAD.format("d.toml") + "young_users = { number = 5 }\n"
    with pytest.raises(CopError, match=r"young_users\.source: is missing"):
        read_observatory(observatory({"d.toml": ""}, toml=toml))


def test_the_example_lists_one_and_publishes_neither_reviewers_nor_open_reviews(
    root: Path, tmp_path: Path, inside: Inside
) -> None:
    def work(observatory: Any) -> Any:
        from cop.kernel.progress import SILENT
        from cop.road.build import Road
        from cop.vault.providers import queries

        for stage in Road(observatory).stages:
            if stage.id.startswith("provider:"):
                stage.work(stage.key, SILENT)
        rows = [*queries.provider_list(), *queries.provider_history(), *queries.findings(), *queries.providers()]
        shares = {r["domain"]: [r["estimate"], r["n"]] for r in queries.estimates(period="2026-01-15")}
        contested = [[r["provider"], r["criterion"]] for r in queries.provider_list() if r["contested"]]
        return [{p["id"]: p["status"] for p in queries.providers()}, contested, shares, str(rows)]

    harbour = root / "examples" / "harbour"
    shutil.copytree(harbour / "inputs" / "providers", tmp_path / "inputs" / "providers")
    parts = (harbour / "observatory.toml").read_text(encoding="utf-8").split("\n[[")
    kept = [parts[0], *(p for p in parts if p.startswith(("providers]]", "providers.documents]]")))]
    (tmp_path / "observatory.toml").write_text("\n[[".join(kept), encoding="utf-8")
    status, contested, shares, published = inside(tmp_path, work)

    assert status == {"kelpnest": "listed", "brinecast": "not_listed", "moorlight": "proposed"}
    assert contested == [["brinecast", "OWN-1"]]
    assert (shares["_T"], shares["weight=young_users"][1]) == ([50.0, 2], 2)
    assert shares["weight=young_users"][0] == pytest.approx(100 * 310_000 / 1_760_000)
    assert "Confirmed on the text" in published
    assert [w for w in ("Reviewer A", "Adjudicator C", "for ever.", "Passing on is named") if w in published] == []
