from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.errors import Refused
from cop.measurement.disclosure import Summary, suppress, suppress_estimates, unprotected


def test_a_small_count_is_withheld_and_a_zero_is_not() -> None:
    counts = pl.DataFrame({"table": ["t"] * 5, "value": [0, 1, 4, 5, 60]})
    marked, summaries = suppress(counts, threshold=5)

    assert marked.select("value", "obs_status", "conf_status").rows() == [
        (0, "A", "F"), (None, "Q", "C"), (None, "Q", "C"), (5, "A", "F"), (60, "A", "F"),
    ]  # fmt: skip
    assert summaries == [Summary("t", cells=5, suppressed=2, unreliable=0, threshold=5, complementary=False)]


def test_tables_that_subtraction_opens_are_named() -> None:
    counts = pl.DataFrame({"table": ["b", "a", "a"], "value": [3, 9, 12]})

    assert unprotected(suppress(counts)[1]) == ["b"]


def test_a_survey_cell_loses_its_figures_by_size_and_by_quality() -> None:
    figures = {name: [1.5] * 5 for name in ("estimate", "se", "ci_low", "ci_high", "cv", "deff", "df")}
    estimates = pl.DataFrame(
        {
            **figures, "n": [4, 20, 40, 90, 0],
            "flag": ["not published", "not published", "use with caution", "ok", "not published"],
            "flag_reason": ["r", "fewer than 30 answers", "s", "", "no valid answers"],
        }
    )  # fmt: skip
    marked, [summary] = suppress_estimates(estimates, table="survey")

    assert marked.select("estimate", "n", "flag_reason", "obs_status", "conf_status").rows() == [
        (None, None, "fewer than 5 answers", "Q", "C"), (None, 20, "fewer than 30 answers", "Q", "F"),
        (1.5, 40, "s", "U", "F"), (1.5, 90, "", "A", "F"), (None, 0, "no valid answers", "M", "F"),
    ]  # fmt: skip
    assert (summary.suppressed, summary.unreliable, summary.complementary) == (1, 1, False)


@pytest.mark.parametrize("values", [[1, None], [1, -2]])
def test_a_count_that_is_none_is_refused(values: list[int | None]) -> None:
    with pytest.raises(Refused, match="missing or negative"):
        suppress(pl.DataFrame({"table": ["t", "t"], "value": values}))


@given(st.lists(st.integers(0, 30), min_size=1), st.integers(1, 12))
def test_no_published_count_lies_between_zero_and_the_threshold(values: list[int], threshold: int) -> None:
    marked, _ = suppress(pl.DataFrame({"table": "t", "value": values}), threshold=threshold)
    published = marked["value"].drop_nulls().to_list()

    assert published == [v for v in values if v == 0 or v >= threshold]
    assert marked["value"].is_null().to_list() == [s == "Q" for s in marked["obs_status"]]
