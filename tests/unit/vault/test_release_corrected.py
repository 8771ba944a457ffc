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


def audit(vault: Vault, folder: Path, published: pl.DataFrame, *said: tuple[int, str, str]) -> dict[str, Any]:
    """All records audited: how many the coder called what, and what they were in truth."""
    from cop.classification.scheme import load_scheme
    from cop.vault.coding.operations import decide, draw_audit
    from cop.vault.coding.schemas import Choice
    from cop.vault.members.rules import program
    from cop.vault.release.corrected import corrected
    from cop.vault.release.counts import codes_above

    cases = [(code, truth) for number, code, truth in said for _ in range(number)]
    made = add_records(vault, [Given(code=code, class_set=(code,)) for code, _ in cases])
    draw_audit(actor=program("work"), seed=b"s", reports=made, rate=1.0)
    for number, (_, truth) in zip(made, cases, strict=True):
        for version, who in enumerate(("analyst@alpha", "analyst2@alpha"), 1):
            decide(actor=vault.actor(who), report=number, version=version, choice=Choice("code", truth))
    found = corrected(codes_above(load_scheme()), published, threshold=5, scratch=folder)
    assert found is not None
    return found


def test_what_is_withheld_is_not_left_over_where_only_a_part_of_it_was_audited(
    sqlite_vault: Vault, tmp_path: Path
) -> None:
    """B (2) and D (50, so that B is not the rest) are withheld; of D no record had a lot.

    With C and F as in the counts, 42 records less C and F would leave the 2 of B.
    """
    right = ((2, "B01", "B01"), (20, "C01", "C01"), (20, "F01", "F01"))
    found = audit(sqlite_vault, tmp_path, shown(B=None, C=20, D=None, F=20, _T=92), *right)

    assert found["records"] == 42
    assert found["sections"] == []


def test_what_is_withheld_together_in_the_counts_hides_each_other_here_too(sqlite_vault: Vault, tmp_path: Path) -> None:
    right = ((2, "B01", "B01"), (6, "D01", "D01"), (20, "C01", "C01"), (20, "F01", "F01"))
    found = audit(sqlite_vault, tmp_path, shown(B=None, C=20, D=None, F=20, _T=48), *right)

    assert {row["code"]: row["corrected"] for row in found["sections"]} == {"C": 20, "F": 20}


def test_an_exact_figure_does_not_count_the_few_records_that_had_no_lot(sqlite_vault: Vault, tmp_path: Path) -> None:
    right = ((10, "B01", "B01"), (20, "C01", "C01"), (20, "F01", "F01"))
    found = audit(sqlite_vault, tmp_path, shown(B=20, C=23, F=50, _T=93), *right)

    assert [row["code"] for row in found["sections"]] == ["F"], "C would say that three were left out, B hides it"


def test_a_small_figure_is_not_left_over_beside_a_section_that_turned_out_empty(
    sqlite_vault: Vault, tmp_path: Path
) -> None:
    told = ((3, "B01", "B01"), (1, "D01", "C01"), (20, "C01", "C01"), (20, "F01", "F01"))
    found = audit(sqlite_vault, tmp_path, shown(B=13, C=41, D=0, F=40, _T=94), *told)

    assert [row["code"] for row in found["sections"]] == ["C"], "F hides B, because D holds nothing"


def test_without_an_audit_nothing_is_said(sqlite_vault: Vault, tmp_path: Path) -> None:
    assert work(sqlite_vault, tmp_path, shown(C=30, F=30), judged=False) is None


@pytest.mark.parametrize("corrected", [False, True])
def test_the_lineage_of_counts_says_what_holds(sqlite_vault: Vault, corrected: bool) -> None:
    from cop.classification.coder import Coder
    from cop.editions.tables import ESTIMATES
    from cop.vault.release.lineage import lineage

    estimates = pl.DataFrame(schema=dict.fromkeys(ESTIMATES.names, pl.String))
    said = lineage({}, [], coder=Coder.load(fast=True), estimates=estimates, series=[], corrected=corrected)
    sure = said["facts"]["counts"]["uncertainty"]

    assert ("uncorrected for its errors" in sure) is not corrected
    assert ("counts of sections corrected for the coder's errors by an audit sample" in sure) is corrected
