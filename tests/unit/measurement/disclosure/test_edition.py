"""The tables of an edition under control: all counts together, the answers behind estimates, the editions before."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop.kernel.errors import Refused
from cop.measurement.disclosure import Summary, protect_counts, protect_estimates, unprotected
from cop.measurement.disclosure.edition import Guarded
from cop.measurement.disclosure.published import LISTS, Published, audit_edition

PARENTS = {"A": (), "B": (), "B01": ("B",), "B02": ("B",)}
EMPTY = pl.DataFrame(schema={"survey": pl.String, "domain": pl.String, "indicator": pl.String, "n": pl.Int64})


def counts(table: str, cells: dict[tuple[str, str], int], *, area: str = "_T") -> pl.DataFrame:
    """Counts by code and period."""
    frame = pl.DataFrame(
        {"table": table, "measure": "reports", "code": [c for c, _ in cells], "period": [p for _, p in cells],
         "value": list(cells.values())}
    )  # fmt: skip
    return frame.with_columns(pl.lit(area if name == "area" else "_T").alias(name) for name in LISTS)


def monthly(b02: tuple[int, ...], *, b01: int = 40, a: int = 30) -> pl.DataFrame:
    """A year by class and month, months from 2025-01 on."""
    months = [f"2025-{n:02d}" for n in range(1, len(b02) + 1)]
    leaf = {("B01", m): b01 for m in months} | {("A", m): a for m in months}
    leaf |= {("B02", m): n for m, n in zip(months, b02, strict=True)}
    leaf |= {("B", m): leaf["B01", m] + leaf["B02", m] for m in months}
    leaf |= {("_T", m): leaf["A", m] + leaf["B", m] for m in months}
    years = {(c, "_T"): sum(leaf[c, m] for m in months) for c in ("_T", "A", "B", "B01", "B02")}
    return counts("class-month", leaf | years)


def as_published(found: Guarded, name: str) -> Published:
    return Published(name, found.counts, EMPTY, 5, PARENTS, found.open)


def test_a_small_count_takes_company_and_no_zero_with_it() -> None:
    found = protect_counts(monthly((0, 3, 20, 30)), PARENTS, threshold=5)
    shown = {(c, p): (v, o, s) for c, p, v, o, s in found.counts.select(
        "code", "period", "value", "obs_status", "conf_status").iter_rows()}  # fmt: skip

    assert shown["B02", "2025-02"] == (None, "Q", "C")
    assert shown["B02", "2025-01"] == (0, "A", "F")
    assert shown["_T", "_T"][1] == "A"  # large counts are spared
    assert sum(s == "D" for *_, s in shown.values()) >= 3
    [summary] = found.summaries
    assert (summary.table, summary.complementary, summary.suppressed) == ("class-month", True, 4)
    assert unprotected(found.summaries) == []
    assert audit_edition(as_published(found, "e"))["counts"].safe


def test_the_next_edition_does_not_give_away_what_came_between() -> None:
    """The trap of differencing: totals over three months and over four, and no table by month."""
    first = monthly((20, 20, 20)).filter(pl.col("period") == "_T")
    wider = monthly((20, 20, 20, 2)).filter(pl.col("period") == "_T")
    month = counts("months", {("_T", f"2025-{n:02d}"): v for n, v in ((1, 90), (2, 90), (3, 90), (4, 72))})
    before = protect_counts(pl.concat([first, month.head(3)]), PARENTS, threshold=5)
    alone = protect_counts(pl.concat([wider, month]), PARENTS, threshold=5)
    after = protect_counts(pl.concat([wider, month]), PARENTS, threshold=5, past=[as_published(before, "1")])
    given_away = audit_edition(as_published(alone, "2"), [as_published(before, "1")])["counts"]

    assert alone.counts.filter(pl.col("obs_status") == "Q").is_empty()
    assert (2.0, 2.0) in {(f.low, f.high) for f in given_away.findings}
    assert audit_edition(as_published(after, "2"), [as_published(before, "1")])["counts"].safe


@pytest.mark.parametrize("values", [[1, -2], [7, -1]])
def test_a_count_that_is_none_is_refused(values: list[int]) -> None:
    frame = counts("t", {("A", "_T"): values[0], ("B", "_T"): values[1]})
    with pytest.raises(Refused, match="negative"):
        protect_counts(frame, PARENTS, threshold=5)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.integers(2, 8))
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_no_published_count_lies_between_zero_and_the_threshold(values: list[int], threshold: int) -> None:
    found = protect_counts(monthly(tuple(values)), PARENTS, threshold=threshold).counts
    published = found["value"].drop_nulls().to_list()

    assert all(value == 0 or value >= threshold for value in published)
    assert found["value"].is_null().to_list() == [status == "Q" for status in found["obs_status"]]


def estimates(domains: dict[str, int], **columns: list[str]) -> pl.DataFrame:
    figures = {name: [1.5] * len(domains) for name in ("estimate", "se", "ci_low", "ci_high", "cv", "deff", "df")}
    flags = {"flag": ["ok"] * len(domains), "flag_reason": [""] * len(domains)} | columns
    return pl.DataFrame(
        {"indicator": "I1", "survey": "s", "domain": list(domains), **figures, "n": list(domains.values()), **flags}
    )


def test_a_survey_cell_loses_its_figures_by_size_by_company_and_by_quality() -> None:
    """Four girls of grade 9: their n is told by the other grade, and that by the boys' and the totals."""
    domains = {"_T": 164, "sex=F": 64, "sex=M": 100, "sex=F;grade=9": 4, "sex=F;grade=10": 60,
               "sex=M;grade=9": 40, "sex=M;grade=10": 60, "grade=9": 44, "grade=10": 120}  # fmt: skip
    flags = ["ok", "use with caution", "not published", *["ok"] * 6]
    frame = estimates(domains, flag=flags, flag_reason=["", "s", "r", *[""] * 6])
    marked, [summary] = protect_estimates(frame, table="s", threshold=5)
    shown = {
        d: row
        for d, *row in marked.select("domain", "estimate", "n", "flag_reason", "obs_status", "conf_status").rows()
    }

    assert shown["sex=F;grade=9"] == [None, None, "fewer than 5 answers", "Q", "C"]
    second = [d for d, row in shown.items() if row[4] == "D"]
    assert len(second) == 3
    assert shown[second[0]][:3] == [None, None, "withheld to protect another cell"]
    if "sex=M" not in second:
        assert shown["sex=M"] == [None, 100, "r", "Q", "F"]
    assert summary == Summary("s", 9, 4, summary.unreliable, 5, 3, complementary=True)
    asked = Published("e", counts("t", {}), marked, 5, {}, ())
    assert audit_edition(asked)["s"].safe


def test_a_domain_without_answers_is_missing_and_not_withheld() -> None:
    marked, _ = protect_estimates(estimates({"_T": 90, "sex=F": 90, "sex=M": 0}), table="s", threshold=5)

    assert marked.select("domain", "obs_status", "conf_status").rows()[2] == ("sex=M", "M", "F")
