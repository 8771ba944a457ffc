"""`cop monitor` from inputs to warnings: what is new is taken in, and nothing that is published changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cop.editions.read import open_edition
from cop.kernel.hashing import tree_sha256

Cop = Callable[..., Any]

SEXTORTION = "They said they would send my photos to everyone unless I paid 200 euros in gift cards."
BULLYING = "Classmates made a group chat to insult my daughter and post mean comments about her every day."


def reports(last: int) -> str:
    """Two years of a steady stream of insults, and one month with many more reports of extortion."""
    rows = ["id,date,narrative"]
    rows += [f"b{m}-{n},{2024 + m // 12}-{m % 12 + 1:02d}-{n + 1:02d},{BULLYING}" for m in range(24) for n in range(8)]
    rows += [f"s{m}-{n},{2024 + m // 12}-{m % 12 + 1:02d}-20,{SEXTORTION}" for m in range(23) for n in range(6)]
    rows += [f"x{n},2025-12-{n + 1:02d},{SEXTORTION} No {n}." for n in range(last)]
    return "\n".join(rows) + "\n"


@pytest.fixture
def folder(reports_observatory: Callable[..., Path]) -> Path:
    return reports_observatory({"inputs/reports.csv": reports(6)})


def test_new_reports_raise_a_warning_and_the_published_edition_stays(cop: Cop, folder: Path) -> None:
    assert cop("build", folder, "--release", "2025-12").code == 0
    public = [p for part in ("site", "report", "editions") for p in (folder / part).rglob("*") if p.is_file()]
    before = tree_sha256(folder, public)
    first = cop("monitor", folder, "--json")
    (folder / "inputs/reports.csv").write_text(reports(28), encoding="utf-8")
    second = cop("monitor", folder, "--json")
    third = cop("monitor", folder, "--json")

    assert (first.code, first.json["new"]) == (0, [])
    assert second.json["edition"].startswith("draft-")
    assert [w["period"] for w in second.json["new"] if w["key"] == {}] == ["2025-12"]
    assert all(w["observed"] is None for w in second.json["new"])
    assert third.json["new"] == []
    assert tree_sha256(folder, public) == before
    assert [
        p for part in ("site", "editions") for p in (folder / part).rglob("*") if p.is_file() and p not in public
    ] == []
    drafts = [p for p in (folder / "monitor" / "editions").iterdir() if p.is_dir()]
    assert [p.name for p in drafts] == [second.json["edition"]]
    # a build after it makes its own edition of what the monitor took in
    built = cop("build", folder, "--json")
    assert built.code == 0
    assert built.json["stages"] == ["edition", "report", "site"]
    # and an edition has the warnings of its own counts, exact as those are
    edition = open_edition(Path(built.json["edition"]))
    warnings = edition.table("warnings").to_dicts()
    told = {(w["code"], w["period"]): w for w in warnings if w["area"] == "_T"}
    whole = edition.table("counts").filter(
        pl.col("table") == "class-month", pl.col("code") == "_T", pl.col("period") == "2025-12"
    )
    assert told["_T", "2025-12"]["observed"] == whole["value"].item() == 36
    assert {w["id"] for w in second.json["new"]} == {w["warning"] for w in warnings}
    assert edition.metadata("warnings")["assessed"].keys() == {"ewma-monthly"}
    assert told["_T", "2025-12"]["warning"] in (folder / "site" / "warnings" / "index.html").read_text(encoding="utf-8")
