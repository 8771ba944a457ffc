"""Staggered starts: what is refused, weights of estimates, and alternatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cop.kernel.errors import Refused
from cop.measurement.impact import staggered
from cop.measurement.impact.description import Programme
from cop.measurement.impact.findings import Findings
from cop.measurement.impact.rules import load
from cop.measurement.impact.table import read_table

Described = Callable[..., Programme]
STAGGERED = {"method": "staggered", "first": "f"}


def run(programme: Programme) -> Findings:
    return staggered.estimate(programme, read_table(programme), load())


def panel(rng: np.random.Generator, effect: float = -2.0, never: bool = True) -> str:
    lines = ["u,t,f,y,s"]
    for unit in range(36):
        first = (2020, 2022, "" if never else 2023)[unit % 3]
        level, se = rng.normal(10, 2), rng.uniform(0.2, 2)
        for year in range(2017, 2024):
            treated = first != "" and year >= int(first)
            lines.append(f"{unit},{year},{first},{level + effect * treated + rng.normal(0, se):.5f},{se:.4f}")
    return "\n".join(lines) + "\n"


def test_the_effect_is_recovered_and_each_alternative_tried(described: Described) -> None:
    found = run(described(panel(np.random.default_rng(1)), STAGGERED, start="2020"))

    assert found.effect.low < -2 < found.effect.high and found.effect.excludes_zero
    assert {(a.kind, a.what) for a in found.alternatives} == {
        ("against", "not_yet_treated"), ("without_group", "2020"), ("without_group", "2022"),
    }  # fmt: skip
    assert found.checks[0].figures == {"treated": 24, "untreated": 12, "inference": "clustered"}


def test_estimates_weigh_by_the_inverse_of_their_variance(described: Described) -> None:
    text = panel(np.random.default_rng(2))
    plain = run(described(text, STAGGERED, start="2020"))
    weighted = run(described(text, STAGGERED, start="2020", outcome={"se": "s"}))

    changes: dict[str, list[tuple[float, float]]] = {"2020": [], "": []}
    rows = [line.split(",") for line in text.split()[1:]]
    for unit in {row[0] for row in rows}:
        own = {t: (f, float(y), float(s)) for u, t, f, y, s in rows if u == unit}
        if own["2020"][0] in changes:
            changes[own["2020"][0]].append((own["2020"][1] - own["2019"][1], 1 / own["2020"][2] ** 2))
    means = {
        first: np.average([c for c, _ in found], weights=[w for _, w in found]) for first, found in changes.items()
    }
    [cell] = [row for row in weighted.tables["att_gt"] if (row["group"], row["period"]) == ("2020", "2020")]
    assert cell["estimate"] == pytest.approx(means["2020"] - means[""])
    assert weighted.effect.low < -2 < weighted.effect.high
    assert weighted.checks[1].figures["tested"] == plain.checks[1].figures["tested"]


def test_with_units_that_all_start_in_the_end_those_not_yet_compare(described: Described) -> None:
    text = panel(np.random.default_rng(3), never=False)
    with pytest.raises(Refused, match=r"every unit has the programme in the end .expected \"not_yet_treated\""):
        run(described(text, STAGGERED, start="2020"))
    found = run(described(text, STAGGERED | {"against": "not_yet_treated"}, start="2020"))

    assert found.effect.low < -2 < found.effect.high


@pytest.mark.parametrize(
    ("change", "given", "message"),
    [
        (("2020", "2021"), {}, "field f: 0 has 2020 and 2021 (expected one first period a unit)"),
        (("2022", "2031"), {}, '"2031" is not a period of the data'),
        (("x", "y"), {"start": "2022"}, 'field start: "2022" is not when the first unit starts (expected 2020)'),
    ],
)
def test_what_does_not_fit_is_refused(
    change: tuple[str, str], given: dict[str, Any], message: str, described: Described
) -> None:
    lines = panel(np.random.default_rng(4)).splitlines()
    lines = [
        ",".join((u, t, f.replace(*change) if t in {"2018"} or change[0] == "2022" else f, *r))
        for u, t, f, *r in (line.split(",") for line in lines)
    ]
    text = "\n".join(lines) + "\n"
    with pytest.raises(Refused) as refusal:
        run(described(text, STAGGERED, **({"start": "2020"} | given)))

    assert message in str(refusal.value)


def test_effects_expected_early_are_neither_tested_as_a_trend_nor_counted(described: Described) -> None:
    rng = np.random.default_rng(5)
    lines = ["u,t,f,y"]
    for unit in range(40):
        first = 2021 if unit % 2 else ""
        level = rng.normal(10, 2)
        for year in range(2016, 2024):
            early = -3.0 if first and year >= 2020 else 0.0  # a year before the start
            lines.append(f"{unit},{year},{first},{level + early + rng.normal(0, 0.5):.5f}")
    text = "\n".join(lines) + "\n"
    late = run(described(text, STAGGERED, start="2021"))
    told = run(described(text, STAGGERED | {"anticipation": 1}, start="2021"))

    assert late.checks[1].passed is False and abs(late.effect.estimate) < 0.5
    assert told.checks[1].passed is True and told.effect.low < -3 < told.effect.high
    assert told.robustness is not None
    (_, low, high), (_, wider_low, wider_high) = told.robustness.rows[0], told.robustness.rows[2]
    assert (low, high) == pytest.approx((told.effect.low, told.effect.high), abs=0.05)
    # the largest step before, over the one early period and the three since: 1 + (1 + 2 + 3) / 3 steps
    before = [row["estimate"] for row in told.tables["by_time"] if row["time"] < -2] + [0.0]
    assert wider_high - high == pytest.approx(max(abs(np.diff(before))) * 3)
    assert low - wider_low == pytest.approx(wider_high - high)
