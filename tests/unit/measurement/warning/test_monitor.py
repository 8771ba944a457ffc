"""The monitor: what is watched, what raises a warning, and that no warning says more than the published counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.kernel.errors import Refused
from cop.measurement.warning.monitor import Published, Watched, watch
from cop.measurement.warning.settings import load, load_ewma

from .conftest import NAMES, PARENTS, cells, small_withheld

MONTHLY, SHORT = load("monthly"), load_ewma("ewma-monthly")
Make = Callable[..., Any]


def look(published: Published, **given: Any) -> Watched:
    facts: dict[str, Any] = {"tables": ("class-month", "section-month-area"), "settings": MONTHLY, "short": SHORT}
    return watch(published, **{**facts, "last": 1, **given})


def test_a_count_beyond_its_past_raises_a_warning_with_series_threshold_and_size(published: Make, steady: Make) -> None:
    found = look(
        published(cells("class-month", steady(20, 60), code="B"), cells("class-month", steady(20, 21), code="A"))
    )
    [warning] = found.warnings

    assert (warning.key, warning.title, warning.period) == ({"code": "B"}, "B Solicitation", "2024-12")
    assert (warning.observed, warning.size, warning.method) == (60, "60", "monthly")
    assert 30 < warning.upperbound < 60
    assert warning.times == pytest.approx(60 / warning.expected)
    assert warning.sentence == (
        f"B Solicitation, 2024-12: 60 reports where the past leads to expect {warning.expected} "
        f"(threshold {warning.upperbound}), {warning.times:.1f} times that"
    )
    assert (found.series, dict(found.assessed), dict(found.left_out)) == (2, {"monthly": 2}, {})
    assert found.expected_false == pytest.approx(2 * MONTHLY.false_alarms["rate"])


def test_what_to_look_at_names_what_lies_below_and_where_it_comes_from(published: Make, steady: Make) -> None:
    found = look(
        published(
            cells("class-month", steady(20, 60), code="B"),
            cells("class-month", steady(8, 45), code="B03"),
            cells("section-month-area", steady(9, 12), code="B", area="XAL"),
            cells("section-month-area", steady(9, 48), code="B", area="XBR"),
            changed=("the coder changed since the last look",),
        )
    )
    whole = next(w for w in found.warnings if w.key == {"code": "B"})
    area = next(w for w in found.warnings if "area" in w.key)

    assert whole.look_at[:3] == (
        "B03 Sexual extortion rose in the same period",
        "where most of them come from: Brennovia and Alvemere",
        "the coder changed since the last look: the rise may come of that",
    )
    assert area.title == "B Solicitation, Brennovia"
    assert not any("come from" in line for line in area.look_at)


def test_the_latest_periods_are_looked_at_and_a_series_of_two_tables_once(published: Make, steady: Make) -> None:
    counts = [*steady(20, 60)[:-2], 70.0, 65.0]
    edition = published(cells("class-month", counts, code="B"), cells("section-month-area", counts, code="B"))

    assert [w.period for w in look(edition).warnings] == ["2024-12"]
    assert sorted(w.period for w in look(edition, last=2).warnings) == ["2024-11", "2024-12"]
    assert {w.table for w in look(edition, last=2).warnings} == {"class-month"}
    assert len({w.id for w in look(edition, last=2).warnings}) == 2


def test_a_short_series_is_watched_by_a_moving_average_or_left_out(published: Make, steady: Make) -> None:
    edition = published(cells("class-month", steady(20, 60, months=20), code="B"))
    [warning] = look(edition).warnings

    assert (warning.method, warning.pvalue) == ("ewma-monthly", None)
    assert look(edition, short=None).left_out == {"too short": 1}
    first_year = published(cells("class-month", steady(20, 60, months=12), code="B"))
    assert look(first_year).left_out == {"too short": 1}


def test_settings_for_weeks_are_refused_for_months(published: Make, steady: Make) -> None:
    with pytest.raises(Refused, match="noufaily is not for months, which class-month has"):
        look(published(cells("class-month", steady(20, 60), code="B")), settings=load("noufaily"))


def test_a_series_that_is_mostly_withheld_is_not_watched(published: Make) -> None:
    edition = published(cells("class-month", [3.0] * 59 + [40.0], code="B"))

    assert look(edition).left_out == {"mostly withheld": 1}
    assert not look(edition).warnings


def test_a_withheld_present_count_is_never_said(published: Make) -> None:
    counts = [0.0] * 57 + [0.0, 0.0, 4.0]
    lenient = replace(MONTHLY, minimum_cases=0, threshold="nbPlugin")
    [warning] = look(published(cells("class-month", counts, code="B")), settings=lenient).warnings

    assert (warning.observed, warning.at_least, warning.times) == (None, None, None)
    assert warning.size == "fewer than 5"
    assert "fewer than 5 reports where" in warning.sentence
    assert "times" not in warning.sentence
    # with the minimum of five cases it does not even raise one: it may be one report
    assert not look(published(cells("class-month", counts, code="B"))).warnings


def test_a_withheld_past_raises_no_alarm_that_its_largest_values_would_explain(published: Make) -> None:
    # every third month 1 to 4: beside a past of ones a count of 6 stands out, beside one of fours it does not
    one, four = ([float(most if month % 3 == 2 else 0) for month in range(59)] + [6.0] for most in (1, 4))
    exact = [look(Published("x", _as_known(counts), 5, NAMES, PARENTS, False)) for counts in (one, four)]

    assert [len(e.warnings) for e in exact] == [1, 0]
    assert not look(published(cells("class-month", one, code="B"))).warnings


def _as_known(counts: list[float]) -> pl.DataFrame:
    frame = pl.DataFrame(cells("class-month", counts, code="B"))
    return frame.with_columns(obs_status=pl.lit("A"), conf_status=pl.lit("F"))


def test_counts_withheld_to_protect_others_are_unknown(published: Make, steady: Make) -> None:
    edition = published(cells("class-month", steady(20, 60), code="B"))
    hidden = pl.col("period").is_in(["2024-12"])
    counts = edition.counts.with_columns(
        value=pl.when(hidden).then(None).otherwise(pl.col("value")),
        conf_status=pl.when(hidden).then(pl.lit("D")).otherwise(pl.col("conf_status")),
    )
    found = look(replace(edition, counts=counts))

    assert found.assessed == {"monthly": 0}
    assert not found.warnings


def test_figures_from_a_draft_leave_as_ranges(published: Make, steady: Make) -> None:
    [warning] = look(published(cells("class-month", steady(20, 63), code="B"), draft=True)).warnings

    assert (warning.observed, warning.at_least, warning.size) == (None, 60, "60 to 64")
    assert (warning.score, warning.pvalue) == (None, None)
    assert warning.sentence.endswith(f"at least {60 / warning.expected:.1f} times that")
    assert warning.upperbound == float(f"{warning.upperbound:.2g}")


@settings(max_examples=30)
@given(
    st.lists(st.integers(0, 12), min_size=50, max_size=50),
    st.lists(st.integers(1, 4), min_size=51, max_size=51),
    st.integers(0, 40),
    st.booleans(),
)
def test_two_pasts_that_are_published_alike_are_warned_of_alike(
    past: list[int], other: list[int], last: int, draft: bool
) -> None:
    """What is withheld has no way out: change every withheld count, and not a letter of any warning changes."""
    truth = [*past, last]
    twin = [changed if 0 < count < 5 else count for count, changed in zip(truth, other, strict=True)]
    said: list[str] = []
    for counts in (truth, twin):
        shown = small_withheld(pl.DataFrame(cells("class-month", counts, code="B")))
        found = look(Published("2025-01", shown, 5, NAMES, PARENTS, draft), last=2)
        said.append(json.dumps([asdict(w) for w in found.warnings]))

    assert said[0] == said[1]
    assert all(w["observed"] is None or not 0 < w["observed"] < 5 for w in json.loads(said[0]))
