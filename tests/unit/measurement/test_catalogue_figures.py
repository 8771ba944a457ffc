"""Rates, durations, coded answers, differences and scales: each held against a published figure or a hand calculation.

Sources: Freireich et al., Blood 21 (1963), remission of 21 patients on 6-mercaptopurine and 21 on placebo, as in Cox and
Oakes, Analysis of Survival Data (1984), with R's `survfit` for the intervals; Garwood's limits as in Ulm, American
Journal of Epidemiology 131 (1990); Fleiss, Statistical Methods for Rates and Proportions (1981), table 13.1, for kappa;
NCMEC and providers' disclosures as collected for arXiv 2402.14625.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.kernel.errors import Refused
from cop.measurement.catalogue import load
from cop.measurement.measures.coded import SETTLED, agreement, coders_agree, scores
from cop.measurement.measures.differences import differences
from cop.measurement.measures.forms import Coded, Count, Difference, Rate, Scale, SurvivalQuantile, SurvivalShare
from cop.measurement.measures.rates import garwood, rates
from cop.measurement.measures.scales import reliability
from cop.measurement.measures.survival import curve, survival

# --- rates

PER = Rate(events="cases", population="children", per=100_000)
CASES = pl.DataFrame({"area": ["XAA", "XBB", "XCC"], "cases": [10, 0, 250]})
CHILDREN = pl.DataFrame({"area": ["XCC", "XAA", "XBB"], "children": [1_000_000, 200_000, 50_000]})


@pytest.mark.parametrize(
    ("events", "low", "high"), [(0, 0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39), (100, 81.36, 121.63)]
)
def test_the_interval_of_a_count_is_garwoods(events: int, low: float, high: float) -> None:
    assert garwood(events) == pytest.approx((low, high), abs=6e-3)


def test_a_rate_is_events_per_so_many_of_the_population_of_the_cell() -> None:
    found = rates(PER, CASES, CHILDREN, by=["area"])

    assert found["area"].to_list() == ["XAA", "XBB", "XCC"]
    assert found["rate"].to_list() == pytest.approx([5, 0, 25])
    assert found["ci_low"].to_list() == pytest.approx(
        [limit * 0.5 for limit in (garwood(10)[0],)] + [0, garwood(250)[0] / 10]
    )
    assert found["ci_high"].to_list() == pytest.approx([garwood(10)[1] / 2, garwood(0)[1] * 2, garwood(250)[1] / 10])
    assert found["interval"].to_list() == ["exact"] * 3


def test_an_estimated_numerator_and_population_widen_the_interval() -> None:
    one = CASES.filter(pl.col("cases") == 250)
    plain = rates(PER, one.with_columns(se=pl.lit(250**0.5)), CHILDREN, by=["area"])
    wide = rates(
        PER, one.with_columns(se=pl.lit(250**0.5)), CHILDREN.with_columns(se=pl.col("children") * 0.1), by=["area"]
    )
    expected = 25 * np.exp(np.array([-1, 1]) * 1.959964 * np.hypot(1 / 250**0.5, 0.1))

    assert plain["interval"].to_list() == ["log"]
    assert plain["se"].item() == pytest.approx(25 / 250**0.5)
    assert [wide["ci_low"].item(), wide["ci_high"].item()] == pytest.approx(expected.tolist(), rel=1e-6)


def test_a_rate_of_none_that_was_estimated_has_no_interval() -> None:
    found = rates(PER, pl.DataFrame({"area": ["XBB"], "cases": [0.0], "se": [1.0]}), CHILDREN, by=["area"]).to_dicts()[
        0
    ]

    assert (found["rate"], found["se"], found["ci_low"], found["interval"]) == (0.0, None, None, None)


@pytest.mark.parametrize(
    ("events", "populations", "message"),
    [
        (CASES.with_columns(area=pl.lit("XAA")), CHILDREN, '"XAA" is given twice'),
        (CASES, pl.concat([CHILDREN, CHILDREN]), "is given twice"),
        (CASES, CHILDREN.filter(pl.col("area") != "XBB"), 'row 2, field cases: no children for "XBB"'),
        (CASES, CHILDREN.with_columns(children=pl.lit(0)), "is not a population"),
        (CASES.with_columns(cases=-pl.col("cases")), CHILDREN, "is not a number of events"),
        (CASES.with_columns(cases=pl.lit(None, pl.Int64)), CHILDREN, "is not a number of events"),
        (CASES.with_columns(cases=pl.col("cases") + 0.5), CHILDREN, "is not a whole number"),
        (CASES.drop("cases"), CHILDREN, 'column "cases" is missing'),
        (CASES, CHILDREN.drop("children"), 'column "children" is missing'),
    ],
)
def test_a_rate_that_cannot_be_said_is_refused(events: pl.DataFrame, populations: pl.DataFrame, message: str) -> None:
    with pytest.raises(Refused) as refusal:
        rates(PER, events, populations, by=["area"])

    assert message in str(refusal.value)


# --- durations

MERCAPTOPURINE = [(6, 1), (6, 1), (6, 1), (6, 0), (7, 1), (9, 0), (10, 1), (10, 0), (11, 0), (13, 1), (16, 1), (17, 0), (19, 0), (20, 0), (22, 1), (23, 1), (25, 0), (32, 0), (32, 0), (34, 0), (35, 0)]  # fmt: skip
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
REMOVAL = SurvivalQuantile(duration="hours", ended="removed", p=(0.5, 0.9))
DAY = SurvivalShare(duration="hours", ended="removed", at=10.0)


def notices() -> pl.DataFrame:
    rows = [("6-MP", time, bool(ended)) for time, ended in MERCAPTOPURINE] + [
        ("placebo", time, True) for time in PLACEBO
    ]
    return pl.DataFrame(rows, schema={"arm": pl.String, "hours": pl.Int64, "removed": pl.Boolean}, orient="row")


def test_the_curve_is_the_published_one() -> None:
    found = curve([t for t, _ in MERCAPTOPURINE], [bool(e) for _, e in MERCAPTOPURINE])

    assert found.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert found.lasting.round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert found.se.round(4).tolist() == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert (found.n, found.ended, found.last) == (21, 9, 35)


def test_medians_and_their_limits_are_those_of_survfit() -> None:
    found = {
        (row["arm"], row["p"]): row
        for row in survival(REMOVAL, notices(), by=["arm"], scale="log").iter_rows(named=True)
    }

    assert [found["6-MP", 0.5][name] for name in ("estimate", "ci_low", "ci_high", "n", "ended")] == [
        23,
        16,
        None,
        21,
        9,
    ]
    assert [found["placebo", 0.5][name] for name in ("estimate", "ci_low", "ci_high")] == [8, 4, 12]
    assert found["6-MP", 0.9]["estimate"] is None
    assert found["6-MP", 0.9]["reason"] == "fewer than 90% had ended when watching stopped"
    assert found["placebo", 0.9]["ci_high"] is None


def test_leaving_out_what_has_not_ended_makes_it_look_quicker() -> None:
    only = notices().filter((pl.col("arm") == "6-MP") & pl.col("removed"))

    assert survival(REMOVAL, only)["estimate"][0] < survival(REMOVAL, notices(), by=["arm"])["estimate"][0]


def test_a_share_by_a_time_is_one_less_the_curve_there() -> None:
    found = {row["arm"]: row for row in survival(DAY, notices(), by=["arm"]).iter_rows(named=True)}

    assert found["6-MP"]["estimate"] == pytest.approx(100 * (1 - 0.7529), abs=0.01)
    # survfit(conf.type = "log-log") gives 0.503 to 0.889 at 10 weeks
    assert [found["6-MP"]["ci_low"], found["6-MP"]["ci_high"]] == pytest.approx([100 - 88.9, 100 - 50.3], abs=0.06)
    assert found["placebo"]["estimate"] == pytest.approx(100 * 13 / 21)


def test_before_the_first_end_nothing_has_ended_and_beyond_the_last_watch_nothing_is_said() -> None:
    early = survival(SurvivalShare(duration="hours", ended="removed", at=0.5), notices(), by=["arm"])
    late = survival(SurvivalShare(duration="hours", ended="removed", at=36.0), notices(), by=["arm"])

    assert early["estimate"].to_list() == [0, 0]
    assert late.select("estimate", "reason").rows() == [(None, "none was watched as long as 36"), (100.0, None)]


def test_where_nothing_ended_no_quantile_is_given() -> None:
    found = survival(REMOVAL, pl.DataFrame({"hours": [5.0, 9.0], "removed": [False, False]}))

    assert found["estimate"].to_list() == [None, None]
    assert found["ended"].to_list() == [0, 0]


@settings(max_examples=40)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=40), st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]))
def test_without_censoring_a_quantile_is_that_of_the_data(times: list[int], p: float) -> None:
    found = survival(
        SurvivalQuantile(duration="t", ended="e", p=(p,)), pl.DataFrame({"t": times, "e": [True] * len(times)})
    )
    ordered = sorted(times)
    low = next(t for t in ordered if sum(x <= t for x in ordered) / len(ordered) >= p - 1e-12)
    share = sum(x <= low for x in ordered) / len(ordered)
    higher = [t for t in ordered if t > low]

    assert found["estimate"].item() == (low if abs(share - p) > 1e-12 or not higher else (low + higher[0]) / 2)


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (pl.DataFrame({"hours": [1.0, -1.0], "removed": [True, True]}), "is not a duration"),
        (pl.DataFrame({"hours": [1.0, None], "removed": [True, True]}), "row 2, field hours: is missing"),
        (pl.DataFrame({"hours": [1.0, 2.0], "removed": [True, None]}), "row 2, field removed: is missing"),
        (pl.DataFrame({"hours": [1.0], "removed": [1]}), 'column "removed" is Int64'),
        (pl.DataFrame({"hours": [1.0]}), 'column "removed" is missing'),
    ],
)
def test_durations_that_are_none_are_refused(records: pl.DataFrame, message: str) -> None:
    with pytest.raises(Refused) as refusal:
        survival(REMOVAL, records)

    assert message in str(refusal.value)


# --- coded answers

LAW = Coded(elements=("a", "b"), levels=(0.0, 0.5, 1.0), score="mean")


def codes(*rows: tuple[str, str, str, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"unit": pl.String, "element": pl.String, "coder": pl.String, "value": pl.Float64}, orient="row")  # fmt: skip


AGREED = codes(
    ("X", "a", "one", 1), ("X", "a", "two", 1), ("X", "b", "one", 0.5), ("X", "b", "two", 0), ("X", "b", SETTLED, 0.5)
)


def test_the_score_is_of_what_both_coders_or_the_third_said() -> None:
    found = scores(LAW, AGREED)

    assert found.rows() == [("X", 0.75, 1)]
    assert scores(LAW.model_copy(update={"score": "sum"}), AGREED).rows() == [("X", 1.5, 1)]


def test_a_share_is_of_units_at_the_highest_level_per_element() -> None:
    rows = [(unit, element, coder, value) for unit, value in (("X", 1.0), ("Y", 0.0), ("Z", 1.0), ("W", 0.0)) for element in ("a", "b") for coder in ("one", "two")]  # fmt: skip

    assert scores(LAW.model_copy(update={"score": "share", "levels": (0.0, 1.0)}), codes(*rows)).rows() == [
        ("a", 50.0, 4),
        ("b", 50.0, 4),
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (AGREED.head(4), "the coders differ on b of X"),
        (AGREED.head(3), "b of X has 1 codes (expected those of 2 coders)"),
        (pl.concat([AGREED, AGREED.head(1)]), 'row 6: "one" coded a of X twice'),
        (AGREED.with_columns(element=pl.lit("c")), '"c" is not an element'),
        (AGREED.with_columns(value=pl.lit(0.25)), "is not a level (expected 0, 0.5, 1)"),
        (pl.concat([AGREED, codes(("X", "a", SETTLED, 0))]), "a of X is settled against both coders"),
        (AGREED.drop("coder"), 'column "coder" is missing'),
    ],
)
def test_codes_that_do_not_settle_a_score_are_refused(rows: pl.DataFrame, message: str) -> None:
    with pytest.raises(Refused) as refusal:
        scores(LAW, rows)

    assert message in str(refusal.value)


def test_kappa_is_that_of_fleiss_table() -> None:
    """Two raters, 100 patients: psychosis, neurosis, organic; kappa .676 with a standard error of .088."""
    table = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
    pairs = [(i, j) for i in range(3) for j in range(3) for _ in range(table[i][j])]
    found = agreement([i for i, _ in pairs], [j for _, j in pairs])

    assert (found.n, found.agreed) == (100, pytest.approx(0.89))
    assert found.kappa == pytest.approx(0.676, abs=5e-4)
    assert found.kappa_se == pytest.approx(0.088, abs=5e-4)
    assert (found.low, found.high) == pytest.approx((0.8138, 0.9375), abs=5e-4)


def test_agreement_leaves_out_pairs_without_both_codes() -> None:
    found = agreement(["y", "n", None, "y"], ["y", "n", "y", None])

    assert (found.n, found.agreed, found.kappa) == (2, 1.0, 1.0)
    assert agreement(["y", "y"], ["y", "y"]).kappa is None
    with pytest.raises(Refused):
        agreement([None], ["y"])
    with pytest.raises(Refused):
        agreement(["y"], ["y", "n"])


def test_the_settled_code_is_no_coder() -> None:
    found = coders_agree(AGREED)

    assert (found.n, found.agreed) == (2, 0.5)
    with pytest.raises(Refused, match="1 coders"):
        coders_agree(AGREED.filter(pl.col("coder") != "two"))


# --- differences and scales


def test_discrepancies_are_those_published(shared: Path) -> None:
    """Of the provider-years to 2022, 14 of 22 within 1 %; Aylo 2020 -68 %, Discord 2022 -66 %."""
    table = pl.read_csv(shared / "data/statistics/admin/comparable-reports.csv").pivot(
        on="observer", index="id", values="count"
    )
    table = table.rename({"ServiceProvider": "reports_sent", "NCMEC": "reports_received"})
    form = load()["RSP.PROVIDER_DISCREPANCY"].form
    assert isinstance(form, Difference)
    found = dict(differences(form, table).select("id", "estimate").iter_rows())
    signed = dict(differences(form.model_copy(update={"absolute": False}), table).select("id", "estimate").iter_rows())

    assert (len(found), sum(value <= 1 for value in found.values())) == (22, 14)
    assert (round(signed["Aylo2020"]), round(signed["Discord2022"])) == (-68, -66)
    assert found == {name: abs(value) for name, value in signed.items()}


def test_a_difference_of_what_was_not_disclosed_is_none() -> None:
    form = Difference(first=Count(events="a"), second=Count(events="b"), relative=True)
    table = pl.DataFrame({"a": [110, None, 5, 0], "b": [100, 3, 0, 0]})

    assert differences(form, table)["estimate"].to_list() == [pytest.approx(10.0), None, None, 0.0]
    assert differences(form.model_copy(update={"relative": False}), table)["estimate"].to_list() == [
        10.0,
        None,
        5.0,
        0.0,
    ]
    with pytest.raises(Refused, match="is below zero"):
        differences(form, pl.DataFrame({"a": [-1], "b": [2]}))
    with pytest.raises(Refused, match="is missing"):
        differences(form, pl.DataFrame({"a": [1]}))
    with pytest.raises(Refused, match="cannot be taken from a table of counts"):
        differences(Difference(first=PER, second=Count(events="b")), table)


FIVE = Scale(items=("a", "b", "c"), score="mean", answers=(1.0, 5.0), min_answered=1, reversed=("c",))


def test_alpha_is_one_for_items_that_say_the_same_and_as_by_hand_otherwise() -> None:
    same = pl.DataFrame({"a": [1, 2, 5], "b": [1, 2, 5], "c": [5, 4, 1]})
    mixed = pl.DataFrame({"a": [1, 2, 4, 5], "b": [2, 1, 5, 4], "c": [4, 5, 2, 1]})
    matrix = np.array([[1, 2, 4, 5], [2, 1, 5, 4], [2, 1, 4, 5]], float)
    by_hand = 3 / 2 * (1 - matrix.var(axis=1).sum() / matrix.sum(axis=0).var())

    assert reliability(FIVE, same) == (pytest.approx(1.0), 3)
    assert reliability(FIVE, mixed) == (pytest.approx(by_hand), 4)


def test_alpha_weighs_units_and_leaves_out_those_with_a_gap() -> None:
    rows: dict[str, list[Any]] = {
        "a": [1, 2, 4, 5, 9],
        "b": [2, 1, 5, 4, 3],
        "c": [4, 5, 2, 1, None],
        "w": [2, 1, 1, 3, 1],
    }
    table = pl.DataFrame(rows)
    twice = pl.concat([table.slice(0, 1)] * 2 + [table.slice(1, 2)] + [table.slice(3, 1)] * 3)

    assert reliability(FIVE, table, weight="w")[0] == pytest.approx(reliability(FIVE, twice)[0])
    assert reliability(FIVE, table)[1] == 4
    assert reliability(FIVE, table.head(1)) == (None, 1)
    with pytest.raises(Refused, match="is not a weight"):
        reliability(FIVE, table.with_columns(w=-pl.col("w")), weight="w")
