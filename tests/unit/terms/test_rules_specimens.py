"""The judged sentences and cells: verdicts by offsets and hash that still fit the documents they were given on."""

from __future__ import annotations

import csv
from pathlib import Path

from cop.terms.criteria import FINDINGS, criteria
from cop.terms.documents import read

FOLDER = Path(__file__).parents[2] / "specimens" / "terms"


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_judged_sentences_lie_in_the_documents_they_were_judged_in(shared: Path) -> None:
    judged = rows("judged.csv")
    documents = {name: read(shared / "data" / "terms" / "documents" / name) for name in {r["document"] for r in judged}}
    distinct: set[tuple[str, str]] = set()
    for row in judged:
        document = documents[row["document"]]
        passage = document.text[int(row["start"]) : int(row["end"])]
        assert row["sha256"] == document.sha256
        assert passage.strip()
        assert row["verdict"] in {"right", "near", "wrong"}
        assert row["criterion"] in criteria()
        distinct.add((row["criterion"], passage))
    assert len(distinct) >= 600


def test_one_sentence_of_one_provider_has_one_verdict_on_a_criterion(shared: Path) -> None:
    texts = {p.name: read(p).text for p in (shared / "data" / "terms" / "documents").glob("*.md")}
    verdicts: dict[tuple[str, str, str], set[str]] = {}
    for row in rows("judged.csv"):
        passage = texts[row["document"]][int(row["start"]) : int(row["end"])]
        key = (row["document"].split("__")[0], row["criterion"], passage)
        verdicts.setdefault(key, set()).add(row["verdict"])
    assert [key for key, given in verdicts.items() if len(given) > 1] == []


def test_sentences_judged_afresh_were_not_judged_before_and_lie_in_their_documents(shared: Path) -> None:
    texts = {p.name: read(p) for p in (shared / "data" / "terms" / "documents").glob("*.md")}
    fresh, before = rows("fresh.csv"), rows("judged.csv")
    earlier = {(r["sha256"], r["start"], r["end"], r["criterion"]): r["verdict"] for r in before}
    for row in fresh:
        document = texts[row["document"]]
        start, end = int(row["start"]), int(row["end"])
        assert row["sha256"] == document.sha256
        assert 0 <= start < end <= len(document.text)
        assert document.text[start:end].strip()
        assert {row["verdict"], row["second"] or row["verdict"]} <= {"right", "near", "wrong"}
        place = (row["sha256"], row["start"], row["end"], row["criterion"])
        if row["draw"] == "1":
            assert earlier[place] == row["verdict"]
            assert row["alike"] == ""
        else:
            assert row["draw"] == "2"
            assert row["alike"] in {"no", "judged", "draft", "cell", "sister"}
            assert not [
                r
                for r in before
                if (r["sha256"], r["criterion"]) == (row["sha256"], row["criterion"])
                and int(r["start"]) < end
                and start < int(r["end"])
            ]
    different = {
        (r["document"].split("__")[0], r["criterion"], texts[r["document"]].text[int(r["start"]) : int(r["end"])])
        for r in fresh
    }
    assert len(different) == len(fresh) >= 200


def test_every_cell_has_a_readers_finding() -> None:
    cells = rows("cells.csv")
    providers = {cell["provider"] for cell in cells}
    assert {(c["provider"], c["criterion"]) for c in cells} == {(p, code) for p in providers for code in criteria()}
    assert {cell["reader"] for cell in cells} <= set(FINDINGS)
    assert all((cell["verdict"] == "right") == (cell["finding"] == cell["reader"]) for cell in cells)
