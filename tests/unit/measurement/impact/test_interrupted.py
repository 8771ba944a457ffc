"""Interrupted series: recovered effects, the calendar, what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.errors import Refused
from cop.measurement.impact import interrupted
from cop.measurement.impact.description import Programme
from cop.measurement.impact.findings import Findings
from cop.measurement.impact.rules import load
from cop.measurement.impact.table import read_table

Described = Callable[..., Programme]
ITS = {"method": "interrupted"}


def run(programme: Programme) -> Findings:
    return interrupted.estimate(programme, read_table(programme), load())


def months(n: int) -> list[str]:
    return [f"{2018 + m // 12}-{m % 12 + 1:02d}" for m in range(n)]


def counts(rng: np.random.Generator, ratio: float, n: int = 72, slope: float = 0.0) -> str:
    lines = ["t,y,p"]
    for m, month in enumerate(months(n)):
        after = m >= 48
        rate = 4e-4 * math.exp(
            0.003 * m + 0.2 * math.sin(2 * math.pi * m / 12) + after * (math.log(ratio) + slope * (m - 48))
        )
        lines.append(f"{month},{rng.poisson(500_000 * rate)},500000")
    return "\n".join(lines) + "\n"


COUNT = {"kind": "count", "population": "p", "matters": 5.0}


def test_a_known_ratio_is_recovered_with_its_season(described: Described) -> None:
    programme = described(counts(np.random.default_rng(1), 0.8), ITS | {"harmonics": 1}, start="2022-01", outcome=COUNT)
    found = run(programme)

    assert found.effect.low < math.log(0.8) < found.effect.high
    assert found.notes["dispersion"] == pytest.approx(1, abs=0.4)
    assert all(check.passed for check in found.checks)
    season = [a for a in found.alternatives if a.kind == "harmonics" and a.what == "0"]
    assert len(season) == 1, "the season left out is one of the alternatives"


def test_with_a_change_of_trend_the_average_after_counts(described: Described) -> None:
    text = counts(np.random.default_rng(2), 1.0, slope=-0.02)
    found = run(described(text, ITS | {"harmonics": 1, "slope": True}, start="2022-01", outcome=COUNT))

    true = -0.02 * np.mean(range(24))
    assert found.effect.low < true < found.effect.high
    expected = [row["expected"] for row in found.tables["series"]]
    fitted = [row["fitted"] for row in found.tables["series"]]
    assert expected[:48] == pytest.approx(fitted[:48])
    assert math.log(np.prod(np.array(fitted[48:]) / np.array(expected[48:])) ** (1 / 24)) == pytest.approx(
        found.effect.estimate
    )


def test_values_are_weighted_by_their_standard_errors(described: Described) -> None:
    rng = np.random.default_rng(3)
    lines = ["t,y,s"]
    for m, month in enumerate(months(48)):
        se = 0.2 if m % 2 else 5.0
        lines.append(f"{month},{10 - 2 * (m >= 24) + rng.normal(0, se):.4f},{se}")
    text = "\n".join(lines) + "\n"
    plain = run(described(text, ITS, start="2020-01"))
    weighted = run(described(text, ITS, start="2020-01", outcome={"se": "s"}))

    assert weighted.effect.scale == "difference"
    assert weighted.effect.low < -2 < weighted.effect.high
    assert (weighted.effect.se or 1) < 0.3 * (plain.effect.se or 0)


def test_a_break_before_the_start_fails_the_placebo(described: Described) -> None:
    rng = np.random.default_rng(4)
    lines = ["t,y"] + [f"{month},{10 - 4 * (m >= 24) + rng.normal(0, 0.5):.4f}" for m, month in enumerate(months(72))]
    found = run(described("\n".join(lines) + "\n", ITS, start="2022-01"))
    [placebo] = [check for check in found.checks if check.name == "placebo_start"]

    assert placebo.passed is False and placebo.figures["start"] == "2020-01"


@given(st.integers(2000, 2030), st.integers(1, 12))
def test_ordinals_grow_by_one(year: int, month: int) -> None:
    following = (year, month + 1) if month < 12 else (year + 1, 1)

    assert interrupted.ordinal(f"{following[0]}-{following[1]:02d}") == interrupted.ordinal(f"{year}-{month:02d}") + 1
    assert interrupted.ordinal(f"{year + 1}") == interrupted.ordinal(f"{year}") + 1
    assert interrupted.ordinal(f"{year + 1}-Q1") == interrupted.ordinal(f"{year}-Q4") + 1
    assert interrupted.ordinal("2021-W01") == interrupted.ordinal("2020-W53") + 1
    assert interrupted.ordinal("2024-03-01") == interrupted.ordinal("2024-02-29") + 1


@pytest.mark.parametrize(
    ("text", "outcome", "message"),
    [
        (counts(np.random.default_rng(5), 1.0).replace("2019-05,", "2030-05,"), COUNT, "p.csv: nothing is given between 2019-04 and 2019-06"),
        ("t,y,p\n2021-12,5,10\n2022-01,5,10\n2022-02,5,10\n", COUNT, "3 periods do not carry a model of 3 terms"),
        (counts(np.random.default_rng(5), 1.0).replace("2019-05,", "2019-05,0.5"), COUNT, "is no count (expected a whole number of 0 or more)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(text: str, outcome: dict[str, Any], message: str, described: Described) -> None:
    with pytest.raises(Refused) as refusal:
        run(described(text, ITS, start="2022-01", outcome=outcome))

    assert message in str(refusal.value)
