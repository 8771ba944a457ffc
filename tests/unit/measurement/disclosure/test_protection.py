from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from adversary import Adversary, cube, given_away
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop.kernel.errors import Refused
from cop.measurement.disclosure.hierarchy import Dimension
from cop.measurement.disclosure.primary import mark
from cop.measurement.disclosure.protection import Protected, protect
from cop.measurement.disclosure.rules import standard_rules


def lists(*names: str) -> list[Dimension]:
    return [Dimension(name) for name in names]


def protected(frame: pl.DataFrame, *names: str, threshold: int = 5) -> Protected:
    rules = standard_rules().at(threshold)
    return protect(mark(frame, rules), lists(*names), rules)


def truth(frame: pl.DataFrame, *names: str) -> dict[tuple[str, ...], int]:
    return {tuple(key): value for *key, value in frame.select(*names, "value").iter_rows()}


def attack(found: Protected, *names: str, threshold: int) -> Adversary:
    tables = found.frame.partition_by("table", maintain_order=True)
    return Adversary(tables, names, threshold)


tables = st.tuples(
    st.integers(0, 2**32), st.tuples(*[st.integers(2, 3)] * 3), st.sampled_from([2, 5, 10]), st.integers(3, 6)
)


def random_counts(seed: int, shape: tuple[int, ...], mean: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    counts = chance.poisson(mean * chance.gamma(1, 1, shape))
    counts[chance.random(shape) < 0.15] = 0
    return counts


@given(tables)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
def test_an_adversary_learns_nothing_of_a_three_way_table_but_that_cells_are_small(
    drawn: tuple[int, tuple[int, int, int], int, int],
) -> None:
    seed, shape, mean, threshold = drawn
    frame = cube(random_counts(seed, shape, mean), "abc")
    found = protected(frame, *"abc", threshold=threshold)

    assert given_away(attack(found, *"abc", threshold=threshold), truth(frame, *"abc"), threshold) == []


def linked(seed: int, shape: tuple[int, int, int], mean: int) -> pl.DataFrame:
    """a x b x c, and a x b x d of the same units."""
    counts = random_counts(seed, shape, mean)
    chance = np.random.default_rng(seed + 1)
    other = np.array([[chance.multinomial(n, [0.6, 0.4]) for n in row] for row in counts.sum(axis=2)])
    first = cube(counts, "abc", table="abc", all_names="abcd")
    return pl.concat([first, cube(other, "abd", table="abd", all_names="abcd")])


@given(tables)
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_nor_of_tables_that_are_linked(drawn: tuple[int, tuple[int, int, int], int, int]) -> None:
    seed, shape, mean, threshold = drawn
    frame = linked(seed, shape, mean)
    found = protected(frame, *"abcd", threshold=threshold)

    assert given_away(attack(found, *"abcd", threshold=threshold), truth(frame, *"abcd"), threshold) == []


def test_tables_protected_one_at_a_time_are_unsafe_together() -> None:
    """The trap of linked tables: each pattern is safe, and the margin one hides the other shows."""
    unsafe = 0
    for seed in range(4):
        frame = linked(seed, (3, 3, 2), 5)
        alone = [protected(part, *"abcd").frame for part in frame.partition_by("table", maintain_order=True)]
        unsafe += bool(given_away(Adversary(alone, tuple("abcd"), 5), truth(frame, *"abcd"), 5))
        together = protected(frame, *"abcd")
        assert given_away(attack(together, *"abcd", threshold=5), truth(frame, *"abcd"), 5) == []
    assert unsafe > 2


def test_statuses_are_those_of_sdmx_and_a_withheld_value_is_empty() -> None:
    frame = cube(np.array([[3, 20, 30], [40, 50, 0], [60, 70, 80]]), "ab")
    found = protected(frame, *"ab")
    shown = found.frame

    assert shown.filter(pl.col("value").is_null()).select("obs_status").unique().rows() == [("Q",)]
    assert set(shown.filter(pl.col("obs_status") == "A")["conf_status"]) == {"F"}
    assert shown.filter(pl.col("conf_status") == "C").select("a", "b").rows() == [("a0", "b0")]
    assert shown.filter(pl.col("conf_status") == "D").height == found.secondary == 3
    assert found.exact
    assert shown.filter(pl.col("a") == "a1", pl.col("b") == "b2").select("value", "obs_status").rows() == [(0, "A")]


def test_a_missing_value_is_no_suppressed_one() -> None:
    frame = cube(np.array([[3, 20], [40, 50]]), "ab").with_columns(
        pl.when((pl.col("a") == "a1") & (pl.col("b") == "b1")).then(None).otherwise(pl.col("value")).alias("value")
    )
    shown = protected(frame, *"ab").frame

    assert shown.filter(pl.col("obs_status") == "M").select("a", "b", "value", "conf_status").rows() == [
        ("a1", "b1", None, "F")
    ]


def test_a_small_sum_of_small_parts_is_marked_secondary_so_that_the_statuses_do_not_tell_it() -> None:
    """Four parts marked C under a whole marked C, all below 5, could only be 1 each."""
    frame = cube(np.array([1, 1, 1, 1]), "a").vstack(cube(np.array([90]), "a", table="u").filter(pl.col("a") == "x"))
    shown = protected(frame, "a").frame

    assert shown.filter(pl.col("a") == "_T").select("obs_status", "conf_status").rows() == [("Q", "D")]
    assert set(shown.filter(pl.col("a") != "_T")["conf_status"]) == {"C"}
    assert attack(protected(frame, "a"), "a", threshold=5).bounds(("a0",)) == (1, 4)


def test_two_small_cells_whose_sum_is_published_need_a_third() -> None:
    """3 + 1 under a row that shows its total: each could be told from the other's limits."""
    frame = cube(np.array([[3, 1, 60], [40, 50, 70], [30, 20, 10]]), "ab")
    found = protected(frame, *"ab")

    row = found.frame.filter(pl.col("a") == "a0")
    assert row.filter(pl.col("obs_status") == "Q").height >= 3


def test_the_same_cells_are_withheld_whatever_the_order_of_the_rows() -> None:
    frame = linked(5, (3, 2, 2), 4)
    keys = ["table", *"abcd"]
    one = protected(frame, *"abcd").frame.sort(keys)
    other = protected(frame.sample(fraction=1, shuffle=True, seed=1), *"abcd").frame.sort(keys)

    assert one.equals(other)


def test_withholding_costs_what_the_cells_are_worth() -> None:
    frame = cube(np.array([[3, 900, 6], [800, 700, 7], [8, 9, 500]]), "ab")
    rules = standard_rules()
    dear = mark(frame, rules).with_columns(pl.col("value").cast(pl.Float64).alias("cost"))
    found = protect(dear, lists(*"ab"), rules)
    second = truth(frame.join(found.frame.filter(pl.col("conf_status") == "D").select(*"ab"), on=list("ab")), *"ab")

    assert found.exact
    assert sorted(second.values()) == [6, 8, 500]


def test_the_one_contributor_of_a_cell_cannot_find_another() -> None:
    """A singleton knows its own cell: beside it in a line a second withheld cell hides nothing."""
    values = np.array([[10.0, 900.0, 800.0], [40.0, 700.0, 600.0], [500.0, 300.0, 200.0]])
    frame = magnitudes(values, units=[[1, 40, 30], [3, 50, 60], [70, 80, 90]])
    rules = standard_rules()
    marked = mark(frame, rules, counted=False, units="n")
    found = protect(marked, lists(*"ab"), rules, plain=False)
    without = protect(marked.with_columns(insider=pl.lit(value=False)), lists(*"ab"), rules, plain=False)
    column = found.frame.filter(pl.col("b") == "b0", pl.col("a") != "_T")

    assert (
        column.filter(pl.col("obs_status") == "Q").height > 2
        or found.frame.filter(pl.col("b") == "b0", pl.col("a") == "_T", pl.col("obs_status") == "Q").height
    )
    assert found.secondary > without.secondary


def magnitudes(values: np.ndarray, units: list[list[int]]) -> pl.DataFrame:
    frame = cube(values.astype(int), "ab").with_columns(pl.col("value").cast(pl.Float64), counted=pl.lit(value=False))
    behind = cube(np.array(units), "ab")["value"]
    return frame.with_columns(behind.alias("n"), pl.lit("turnover").alias("measure"))


def test_cells_that_do_not_add_up_are_refused_with_the_cell_and_both_sums() -> None:
    frame = cube(np.array([[30, 20], [40, 50]]), "ab").with_columns(
        pl.when((pl.col("a") == "_T") & (pl.col("b") == "b1")).then(71).otherwise(pl.col("value")).alias("value")
    )
    with pytest.raises(Refused, match=r"the cell measure=reports, b=b1 is 71, its parts along a add up to 70"):
        protected(frame, *"ab")


def test_a_cell_with_two_values_is_refused() -> None:
    frame = cube(np.array([30, 20]), "a")
    other = frame.with_columns(pl.lit("u").alias("table"), pl.col("value") + (pl.col("a") == "a0").cast(pl.Int64))

    with pytest.raises(Refused, match="the cell measure=reports, a=a0 has two values, 30 in t and 31 in u"):
        protected(pl.concat([frame, other]), "a")


def test_units_coded_no_further_are_a_part_of_their_own_and_hidden_when_few() -> None:
    """B holds 100, its classes 97: the three that were coded to B alone could be told by subtraction."""
    frame = pl.DataFrame({"code": ["B", "B1", "B2", "_T", "A"], "value": [100, 57, 40, 180, 80]}).with_columns(
        table=pl.lit("t"), measure=pl.lit("reports"), counted=pl.lit(value=True)
    )
    tree = Dimension("code", "tree", parents={"B1": "B", "B2": "B"}, rest="hidden")
    rules = standard_rules()
    found = protect(mark(frame, rules), [tree], rules)

    assert found.dimensions[0].open == {"B"}
    assert found.primary == 0
    assert found.secondary == 1
