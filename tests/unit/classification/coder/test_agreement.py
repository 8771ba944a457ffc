"""Krippendorff's alpha: the published figures, and what must hold whatever the data.

The three worked examples are those of K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011): section A
(binary, two observers: .095), B (nominal, two observers: .692), C (any number of observers, missing data: .743).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cop.classification.coder.agreement import (
    Alpha,
    Judgement,
    agreement,
    as_table,
    nominal_alpha,
    read_judgements,
)
from cop.classification.scheme import Scheme, load_scheme
from cop.kernel.errors import Refused

BINARY = ["0100000010", "1110010000"]
NOMINAL = ["aabbdcccedda", "babbbccceddd"]
MISSING = ["123321412   ", "1233224125 3", " 3332342251 ", "12332441251 "]


def counts(rows: list[str]) -> np.ndarray:
    values = sorted({v for row in rows for v in row} - {" "})
    return np.array([[sum(row[u] == v for row in rows) for v in values] for u in range(len(rows[0]))], np.float64)


@pytest.mark.parametrize(("rows", "alpha"), [(BINARY, 0.095), (NOMINAL, 0.692), (MISSING, 0.743)])
def test_the_published_examples_are_reproduced(rows: list[str], alpha: float) -> None:
    assert {len(row) for row in rows} == {len(rows[0])}
    found = nominal_alpha(counts(rows))

    assert found is not None
    assert round(found, 3) == alpha


TABLES = st.integers(2, 4).flatmap(
    lambda coders: st.lists(
        st.lists(st.sampled_from(["A01", "A02", "A041", "B01", "B031", "B032", None]), min_size=coders, max_size=coders),
        min_size=1,
        max_size=12,
    )
)  # fmt: skip


def judgements(table: list[list[str | None]]) -> list[Judgement]:
    return [Judgement(f"u{u}", f"c{c}", code) for u, row in enumerate(table) for c, code in enumerate(row)]


def plain_alpha(table: list[list[str | None]]) -> float | None:
    """Alpha from its definition: every pair of values within units, against every pair of values."""
    units = [[v for v in row if v is not None] for row in table]
    units = [row for row in units if len(row) > 1]
    values = [v for row in units for v in row]
    n = len(values)
    observed = sum(
        sum(a != b for i, a in enumerate(row) for j, b in enumerate(row) if i != j) / (len(row) - 1) for row in units
    )
    expected = sum(a != b for i, a in enumerate(values) for j, b in enumerate(values) if i != j)
    return None if not expected else 1 - (n - 1) * observed / expected


@given(TABLES)
def test_alpha_is_what_its_definition_says(table: list[list[str | None]]) -> None:
    found, expected = agreement(judgements(table), draws=2)[0].alpha, plain_alpha(table)

    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        assert found == pytest.approx(expected, abs=1e-4)


@given(st.lists(st.sampled_from(["A01", "A02", "B01"]), min_size=2, max_size=40), st.integers(2, 4))
def test_alpha_of_identical_coders_is_1(codes: list[str], coders: int) -> None:
    assume(len(set(codes)) > 1)
    found = agreement(judgements([[code] * coders for code in codes]), draws=50)

    assert {a.alpha for a in found} <= {1.0, None}
    assert found[0].alpha == 1.0
    assert (found[0].low, found[0].high) == ((1.0, 1.0) if len(codes) >= 20 else (None, None))


@given(TABLES, st.randoms())
def test_the_order_and_names_of_units_and_coders_do_not_matter(table: list[list[str | None]], random: Any) -> None:
    told = judgements(table)
    renamed = [Judgement(f"{j.unit[::-1]}x", j.coder[::-1], j.code) for j in told]

    assert agreement(random.sample(renamed, len(renamed)), draws=20) == agreement(told, draws=20)


def test_levels_forgive_what_lies_below_them() -> None:
    table = [["B031", "B032"], ["B031", "B031"], ["A01", "A02"], ["A01", "A01"], ["A01", "B01"]]
    found = {(a.section, a.level): a for a in agreement(judgements(table), draws=2)}

    leaf, group, section = (found[None, level].alpha or 0.0 for level in ("leaf", "class", "section"))
    assert leaf < group < section < 1
    assert found["B", "class"] == Alpha(
        "class", "B", 2, 4, None, None, None
    )  # both units are B03: nothing to tell apart
    assert found["B", "section"].units == 5


def test_one_value_or_one_coder_says_nothing() -> None:
    assert agreement(judgements([["A01", "A01"]] * 30), draws=2)[0] == Alpha("leaf", None, 30, 60, None, None, None)
    assert agreement(judgements([["A01", None], ["A02", None]]), draws=2)[0] == Alpha(
        "leaf", None, 0, 0, None, None, None
    )
    assert [a.alpha for a in agreement([])] == [None, None, None]


def test_the_interval_is_seeded_holds_alpha_and_narrows_with_more_units() -> None:
    random = np.random.default_rng(1)
    codes = np.array(["A01", "A02", "B01", "C01"])

    def drawn(n: int) -> list[list[str | None]]:
        truth = random.integers(0, 4, n)
        return [[str(codes[t]), str(codes[t if random.random() < 0.78 else random.integers(0, 4)])] for t in truth]

    few, many = agreement(judgements(drawn(60)), seed=3), agreement(judgements(drawn(600)), seed=3)
    for a in (few[0], many[0]):
        assert a.low is not None and a.high is not None and a.alpha is not None
        assert a.low < a.alpha < a.high
    assert few[0].high - few[0].low > 2 * (many[0].high - many[0].low)  # type: ignore[operator]
    assert many[0].reading == "tentative"
    again = judgements(drawn(60))
    assert agreement(again, seed=3) == agreement(again, seed=3) != agreement(again, seed=4)


def test_a_table_of_judgements_is_read_or_refused(tmp_path: Path) -> None:
    scheme: Scheme = load_scheme()
    path = tmp_path / "judgements.csv"
    path.write_text("unit,coder,code\n1,x,B01\n1,y,\n", encoding="utf-8")

    assert read_judgements(path, scheme) == (Judgement("1", "x", "B01"), Judgement("1", "y", None))
    for rows, line in (
        ("1,x,B01\n1,x,B02\n", "judgements.csv row 2, field coder: the coder judged the unit before"),
        ("1,x,B\n", 'judgements.csv row 1, field code: "B" is no code of a record'),
        (",x,B01\n", "judgements.csv row 1, field unit: is empty"),
        (
            "1,x,a long story of a child\n",
            "judgements.csv row 1, field code: a text of 23 characters is no code of a record",
        ),
    ):
        path.write_text(f"unit,coder,code\n{rows}", encoding="utf-8")
        with pytest.raises(Refused) as refused:
            read_judgements(path, scheme)
        assert str(refused.value).startswith(line)


def test_the_table_has_a_line_for_each() -> None:
    found = agreement(judgements([["A01", "A02"], ["B01", "B01"]]), draws=2)
    lines = as_table(found)

    assert len(lines) == 1 + len(found) == 10
    assert lines[1].split() == ["all", "leaf", "2", "4", "0.400", "-", "unknown"]
