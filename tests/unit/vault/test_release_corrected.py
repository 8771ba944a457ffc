"""Corrected shares in editions: by the audit sample alone, none of what is withheld, nothing where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from records import Given, add_records
from vaults import Vault


def shown(**counts: int | None) -> pl.DataFrame:
    """Published counts of sections over everything; None is withheld."""
    rows = [("class-language", code, "_T", value) for code, value in counts.items()]
    return pl.DataFrame(
        rows, schema={"table": pl.String, "code": pl.String, "language": pl.String, "value": pl.Int64}, orient="row"
    )


def work(vault: Vault, folder: Path, published: pl.DataFrame, *, judged: bool = True) -> dict[str, Any] | None:
    """Thirty records that the coder called C01, eight of them F01 in truth, and thirty F01; all audited."""
    from cop.classification.scheme import load_scheme
    from cop.vault.coding.operations import decide, draw_audit
    from cop.vault.coding.schemas import Choice
    from cop.vault.members.rules import program
    from cop.vault.release.corrected import corrected
    from cop.vault.release.counts import codes_above

    made = add_records(vault, [Given(), Given(code="F01", class_set=("F01",))] * 30)
    drawn = draw_audit(actor=program("work"), seed=b"s", reports=made, rate=1.0)
    assert list(drawn) == made
    for place, number in enumerate(made if judged else []):
        truth = "F01" if place % 2 or place % 8 == 0 else "C01"
        for version, who in enumerate(("analyst@alpha", "analyst2@alpha"), 1):
            decide(actor=vault.actor(who), report=number, version=version, choice=Choice("code", truth))
    found = corrected(codes_above(load_scheme()), published, threshold=5, scratch=folder)
    assert [p.name for p in folder.glob("*.parquet")] == [], "facts record by record are removed"
    return found


def test_sections_are_corrected_by_what_people_said_blind(sqlite_vault: Vault, tmp_path: Path) -> None:
    found = work(sqlite_vault, tmp_path, shown(C=30, F=30))
    assert found is not None
    assert (found["records"], found["audited"]) == (60, 60)
    assert {row["code"]: row["corrected"] for row in found["sections"]} == {"C": 22, "F": 38}
    assert all(row["ci_low"] <= row["corrected"] <= row["ci_high"] for row in found["sections"])


@pytest.mark.parametrize("published", [shown(C=None, F=30), shown(F=30), shown(C=30, F=None)])
def test_what_is_withheld_has_no_corrected_figure_nor_is_it_the_rest(
    sqlite_vault: Vault, tmp_path: Path, published: pl.DataFrame
) -> None:
    found = work(sqlite_vault, tmp_path, published)
    assert found is not None and found["sections"] == []


def test_without_an_audit_nothing_is_said(sqlite_vault: Vault, tmp_path: Path) -> None:
    assert work(sqlite_vault, tmp_path, shown(C=30, F=30), judged=False) is None
