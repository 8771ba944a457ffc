from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cop.kernel.errors import Refused
from cop.measurement.disclosure.primary import mark
from cop.measurement.disclosure.rules import CountRules, Rules, read_rules, standard_rules


def test_a_small_count_must_be_able_to_be_any_small_count() -> None:
    marked = mark(pl.DataFrame({"value": [0, 1, 4, 5, None]}), standard_rules())

    assert marked.select("primary", "need_low", "need_high").rows() == [
        (False, None, None), (True, 1.0, 4.0), (True, 1.0, 4.0), (False, None, None), (False, None, None),
    ]  # fmt: skip


def test_a_zero_is_withheld_where_the_rules_say_so() -> None:
    rules = Rules(id="z", source="s", counts=CountRules(threshold=3, zeros="withhold"))
    marked = mark(pl.DataFrame({"value": [0, 2, 3]}), rules)

    assert marked.select("primary", "need_low", "need_high").rows() == [
        (True, 0.0, 2.0), (True, 0.0, 2.0), (False, None, None),
    ]  # fmt: skip


def test_few_units_or_sampling_units_are_hidden_by_a_fifth_of_the_figure() -> None:
    cells = pl.DataFrame({"value": [50, 50, 50], "n": [20, 4, 20], "psu": [1, 5, 5]})
    marked = mark(cells, standard_rules(), units="n", psu="psu")

    assert marked.select("reason", "need_low", "need_high").rows() == [
        ("fewer than 2 primary sampling units", 40.0, 60.0), ("fewer than 5 units", 40.0, 60.0), (None, None, None),
    ]  # fmt: skip


def test_dominance_rules_give_the_levels_at_which_they_just_hold() -> None:
    """(2,85): 100/85 * 950 - 1000 = 117.65; p 15 %: 0.15 * 900 - (1000 - 900 - 50) = 85."""
    cells = pl.DataFrame({"value": [1000.0, 1000.0], "first": [900.0, 400.0], "second": [50.0, 300.0]})
    marked = mark(cells, standard_rules(), counted=False, largest=["first", "second"])
    level = 950 * 100 / 85 - 1000

    assert marked["primary"].to_list() == [True, False]
    assert marked["need_high"][0] == pytest.approx(1000 + level)
    assert marked["need_low"][0] == pytest.approx(1000 - level)
    only_p = standard_rules().model_copy(
        update={"dominance": standard_rules().dominance.model_copy(update={"n": None, "k": None})}
    )
    assert mark(cells, only_p, counted=False, largest=["first", "second"])["need_high"][0] == pytest.approx(1085)


def test_the_one_contributor_of_a_figure_knows_it() -> None:
    marked = mark(pl.DataFrame({"value": [9.0, 9.0], "n": [1, 2]}), standard_rules(), counted=False, units="n")

    assert marked["insider"].to_list() == [True, False]


def test_a_negative_value_is_refused() -> None:
    with pytest.raises(Refused, match="a value is negative"):
        mark(pl.DataFrame({"value": [1, -2]}), standard_rules())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('id = "x"', "source: is missing"),
        ('id = "x"\nsource = "s"\n[counts]\nthreshold = 0', "counts.threshold"),
        ('id = "x"\nsource = "s"\n[dominance]\nn = 2', "needs both n and k"),
        ('id = "x"\nsource = "s"\n[counts]\nzeroes = "publish"', "is not a field"),
        ("id = ", "cannot be read"),
    ],
)
def test_rules_that_cannot_be_understood_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "rules.toml").write_text(text)

    with pytest.raises(Refused, match=said):
        read_rules(tmp_path / "rules.toml")
