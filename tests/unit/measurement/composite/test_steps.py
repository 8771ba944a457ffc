"""The steps of an index, by hand and by property."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cop.kernel.errors import Refused
from cop.measurement.composite import steps
from cop.measurement.composite.build import build
from cop.measurement.composite.description import Index, Normalisation, Treatment
from cop.measurement.composite.tree import Tree, aggregate
from cop.measurement.composite.values import read_values

Described = Callable[..., Index]
PLAIN = "unit,a,b\nx,1,10\ny,2,20\nz,4,10\n"
RULE = Treatment(method="winsorise_log")


def test_winsorising_moves_the_extreme_and_its_ties_to_the_next(described: Described) -> None:
    x = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 500, 500])
    out = steps.winsorised(x, Treatment(method="winsorise", skew=1.0, kurtosis=1.0))

    assert out.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 12, 12]


def test_low_outliers_are_moved_up() -> None:
    out = steps.winsorised(-np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 500]), RULE)

    assert out.min() == -12


def test_log_is_of_the_original_where_winsorising_is_not_enough(described: Described) -> None:
    x = np.exp(np.linspace(0, 12, 40) ** 1.3)
    [out] = steps.treat(
        x[None], "winsorise_log", Treatment(method="winsorise_log", points=1), [described(PLAIN).indicator[0]]
    )

    np.testing.assert_allclose(out, np.log(x - x.min() + 0.01 * (x.max() - x.min())))


@given(st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=40, unique=True))
def test_treatment_keeps_the_order(x: list[float]) -> None:
    values = np.array(x)
    out = steps.winsorised(values, RULE)

    order = np.argsort(values)
    assert (np.diff(out[order]) >= 0).all()
    assert (out != values).sum() <= RULE.points
    assert steps.passes(out, RULE) or (out != values).sum() >= 1


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("minmax", [0.0, 100 / 3, 100.0]),
        ("rank", [0.0, 50.0, 100.0]),
        ("zscore", [50 + 10 * (v - 7 / 3) / np.std([1, 2, 4], ddof=1) for v in (1, 2, 4)]),
        ("goalposts", [25.0, 50.0, 100.0]),
    ],
)
def test_normalisation_by_hand(method: Any, expected: list[float], described: Described) -> None:
    index = described(PLAIN)
    posts = index.indicator[0].model_copy(update={"goalposts": (0.0, 4.0)})
    index = index.model_copy(update={"indicator": (posts,)})
    x = np.array([[1.0, 2, 4]])
    up = steps.normalise(x, Normalisation(method=method), index)
    down = index.model_copy(update={"indicator": (posts.model_copy(update={"direction": "lower_better"}),)})

    np.testing.assert_allclose(up[0], expected)
    np.testing.assert_allclose(steps.normalise(x, Normalisation(method=method), down)[0], [100 - v for v in expected])


def test_goalposts_keep_what_lies_beyond_at_the_end(described: Described) -> None:
    index = described(PLAIN)
    index = index.model_copy(update={"indicator": (index.indicator[0].model_copy(update={"goalposts": (2.0, 3.0)}),)})

    assert steps.normalise(np.array([[1.0, 2.5, 9]]), Normalisation(method="goalposts"), index)[0].tolist() == [
        0,
        50,
        100,
    ]


def test_an_indicator_that_tells_nothing_apart_is_refused(described: Described) -> None:
    with pytest.raises(Refused, match="field b: is the same for every unit"):
        build(described("unit,a,b\nx,1,7\ny,2,7\nz,4,7\n"))


GAPPY = "unit,group,a,b\nw,1,1,10\nx,1,,20\ny,2,4,30\nz,2,8,\n"


@pytest.mark.parametrize(
    ("method", "a", "b"),
    [("mean", 13 / 3, 20), ("median", 4, 20), ("group_mean", 1, 30), ("group_median", 1, 30)],
)
def test_imputation_by_hand(method: str, a: float, b: float, described: Described) -> None:
    index = described(GAPPY, missing={"method": method, "minimum_share": 0.5, "group": "group"})
    made = build(index)

    assert made.steps.imputed[0].tolist() == pytest.approx([1, a, 4, 8])
    assert made.steps.imputed[1].tolist() == pytest.approx([10, 20, 30, b])


def test_missing_values_are_refused_where_the_policy_says_so(described: Described) -> None:
    with pytest.raises(
        Refused, match=r"field a: 1 of 4 values are missing \(expected none \(missing.method is refuse\)\)"
    ):
        build(described(GAPPY, missing={"method": "refuse", "minimum_share": 0.5}))


def test_a_group_without_any_value_is_refused(described: Described) -> None:
    text = "unit,group,a,b\nw,1,,10\nx,1,,20\ny,2,4,30\nz,2,8,40\n"
    with pytest.raises(Refused, match="no value is there among the units of group 1"):
        build(described(text, missing={"method": "group_mean", "minimum_share": 0.5, "group": "group"}))


def test_a_unit_with_too_few_indicators_is_refused_or_left_out_and_named(described: Described) -> None:
    policy = {"method": "available", "minimum_share": 0.9}
    with pytest.raises(Refused, match="x has 50% of its indicators"):
        build(described(GAPPY, missing=policy))
    text = GAPPY + "v,2,3,35\n"
    made = build(described(text, missing=policy | {"below": "exclude"}))

    assert made.excluded == ("x", "z")
    assert made.values.units == ("w", "y", "v")


def test_what_is_available_counts_with_its_weights_rescaled(described: Described) -> None:
    index = described(
        "unit,a,b,c,d\nx,0,0,0,0\ny,10,,10,10\nz,5,10,,\n", missing={"method": "available", "minimum_share": 0.4}
    )
    made = build(index)

    p, q, total = (made.scores[made.tree.at[code]] for code in ("P", "Q", "I"))
    assert p.tolist() == [0, 100, 75]
    assert np.isnan(q[2]) and q[1] == 100
    assert total.tolist() == [0, 100, 75], "the pillar that is missing leaves its weight to the other"


def test_schemes_of_weights(described: Described) -> None:
    nodes = [
        {"code": "I", "name": "I"},
        {"code": "P", "name": "P", "parent": "I", "weight": 3.0},
        {"code": "Q", "name": "Q", "parent": "I"},
    ]
    tree = Tree(described("unit,a,b,c\nx,1,1,1\ny,2,2,2\nz,3,3,3\n", node=nodes))
    at = [tree.at[code] for code in ("a", "b", "c", "P", "Q", "I")]

    assert tree.effective(tree.weights("given"))[at].tolist() == [0.375, 0.375, 0.25, 0.75, 0.25, 1]
    assert tree.effective(tree.weights("hierarchical"))[at].tolist() == [0.25, 0.25, 0.5, 0.5, 0.5, 1]
    assert tree.effective(tree.weights("equal"))[at] == pytest.approx([1 / 3, 1 / 3, 1 / 3, 2 / 3, 1 / 3, 1])


def test_a_geometric_mean_by_hand_with_its_floor(described: Described) -> None:
    index = described(
        "unit,a,b,c,d\nx,0,1,1,1\ny,4,2,2,2\nz,9,3,3,3\n", aggregation={"method": "geometric", "floor": 1.0}
    )
    tree = Tree(index)
    leaves = np.array([[0.0, 50, 100], [20.0, 30, 100], [10.0, 40, 100], [10.0, 90, 100]])
    scores = aggregate(tree, leaves, np.ones((7, 1)))[:, 0]

    assert scores[tree.at["P"]] == pytest.approx([math.sqrt(20), math.sqrt(1500), 100])
    assert scores[tree.at["I"]] == pytest.approx([math.sqrt(math.sqrt(20) * 10), math.sqrt(math.sqrt(1500) * 60), 100])


@given(st.lists(st.lists(st.floats(0.1, 100), min_size=4, max_size=4), min_size=4, max_size=4), st.floats(0.5, 2))
def test_weights_matter_only_relative_to_each_other(leaves: list[list[float]], factor: float) -> None:
    import tempfile
    from pathlib import Path

    from cop.measurement.composite.description import describe

    index = describe({
        "id": "t", "title": "t", "period": "2025", "file": "f.csv", "unit": "u",
        "missing": {"method": "refuse", "minimum_share": 1.0}, "treatment": {"method": "none"},
        "normalisation": {"method": "minmax"}, "aggregation": {"method": "arithmetic", "floor": 0.5},
        "uncertainty": {"seed": 1, "weights": 0.1}, "node": [{"code": "I", "name": "I"}],
        "indicator": [{"code": c, "name": c, "parent": "I", "direction": "higher_better"} for c in "abcd"],
    }, Path(tempfile.gettempdir()) / "t.toml")  # fmt: skip
    tree, x = Tree(index), np.array(leaves)
    weights = np.array([[1.0], [2], [3], [4], [1]])
    arithmetic = aggregate(tree, x, weights)[-1, 0]
    geometric = aggregate(tree, x, weights, "geometric")[-1, 0]

    np.testing.assert_allclose(aggregate(tree, x, weights * factor)[-1, 0], arithmetic)
    assert (geometric <= np.maximum(arithmetic, 0.5) + 1e-9).all() or (x < 0.5).any()
    np.testing.assert_allclose(geometric, stats.gmean(np.maximum(x, 0.5), weights=weights[:4] * np.ones(4), axis=0))


def test_denominators_divide_and_scale(described: Described) -> None:
    text = "unit,a,b,den\nx,1,10,2\ny,2,20,4\nz,4,10,5\n"
    index = described(text)
    first = index.indicator[0].model_copy(update={"denominator": "den", "per": 100.0})
    made = build(index.model_copy(update={"indicator": (first, *index.indicator[1:])}))

    assert made.steps.denominated[0].tolist() == [50, 50, 80]
    assert made.steps.raw[0].tolist() == [1, 2, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unit,a\nx,1\ny,2\nz,3\n", "index.csv, field b: is not a column (expected as index.toml)"),
        (PLAIN.replace("y,2", "y,two"), 'index.csv row 2, field a: "two" is not a number (expected a number, or one of missing.texts)'),
        (PLAIN.replace("y,2", "y,nan"), 'index.csv row 2, field a: "nan" is not a number (expected a number, or one of missing.texts)'),
        (PLAIN.replace("y,2", "x,2"), 'index.csv row 2, field unit: "x" is a unit that an earlier row has (expected each unit once)'),
        ("unit,a,b\nx,1,2\ny,2,3\n", "index.csv: has 2 units (expected three or more to compare)"),
    ],
)  # fmt: skip
def test_a_value_that_will_not_do_is_named(text: str, message: str, described: Described) -> None:
    index = described(PLAIN)
    index.data.write_text(text)
    with pytest.raises(Refused) as refusal:
        read_values(index)

    assert str(refusal.value) == message


def test_a_denominator_of_zero_is_refused(described: Described) -> None:
    index = described("unit,a,b,den\nx,1,10,2\ny,2,20,0\nz,4,10,5\n")
    first = index.indicator[0].model_copy(update={"denominator": "den"})
    with pytest.raises(Refused, match=r'row 2, field den: "0" cannot be divided by'):
        read_values(index.model_copy(update={"indicator": (first,)}))
