"""Drift: a stable year raises nothing, each planted change raises its own measure, small months give no number."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.classification.coder.drift import MEASURES, Drift, Finding, as_table, drift
from cop.classification.coder.reviews import Answer, Review
from cop.classification.coder.tallies import Tally
from cop.kernel.errors import Refused

LANGUAGES = ("en", "fr", "es", "ar", "zh", "ru", "de")
CODES = ("A01", "B01", "B02", "C01", "D01", "F01")
MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")


def month(random: np.random.Generator, records: int, **change: Any) -> Tally:
    """Records of a month, from one mix but for what is changed."""
    languages = change.get("languages", (0.5, 0.2, 0.1, 0.08, 0.06, 0.05, 0.01))
    codes = change.get("codes", (0.1, 0.3, 0.2, 0.2, 0.1, 0.1))
    tally = Tally()
    for _ in range(records):
        probability = float(random.beta(*change.get("confidence", (4, 2))))
        tally.add(
            language=str(random.choice(LANGUAGES, p=languages)),
            code=str(random.choice(CODES, p=codes)),
            probability=probability,
            size=1 + int(probability < 0.7) + change.get("wider", 0),
            route="auto" if probability > 0.8 else "review",
            length=int(random.gamma(4, 60 * change.get("longer", 1))),
        )
    return tally


def audit(name: str, wrong: int, right: int, weight: float = 10.0) -> list[Review]:
    """Audit records of a month, so many of them wrong."""
    answer = Answer("B01", 0.7, ("B01",), "auto", "coder-1.0")
    year, number = map(int, name.split("-"))
    return [
        Review(
            id=f"{name}-{n}", text="", language="en", answer=answer, code="B02" if n < wrong else "B01",
            reviewer="9f86d081", date=date(year, number, 1 + n % 28), outcome="adjudicated", audit=True, weight=weight,
        )
        for n in range(wrong + right)
    ]  # fmt: skip


def report(records: int = 3000, audited: list[Review] | None = None, **change: Any) -> Drift:
    """Three months of reference and one that may differ."""
    random = np.random.default_rng(5)
    tallies = {name: month(random, 3000) for name in MONTHS[:3]}
    return drift({**tallies, MONTHS[3]: month(random, records, **change)}, audited or [])


def findings(found: Drift) -> dict[str, Finding]:
    return {f.measure: f for f in found.months[-1].findings}


def test_a_stable_month_is_stable_in_every_measure() -> None:
    found = report(audited=[r for m in MONTHS for r in audit(m, 20, 80)])

    assert (found.reference, found.records) == (MONTHS[:3], 9000)
    assert [f.measure for f in found.months[-1].findings] == [m.id for m in MEASURES]
    assert {f.flag for f in found.months[-1].findings} == {"stable"}
    assert found.flag == found.months[-1].flag == "stable"


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        ({"languages": (0.1, 0.6, 0.1, 0.08, 0.06, 0.05, 0.01)}, {"language_psi", "language_js"}),
        ({"languages": (0.42, 0.2, 0.1, 0.08, 0.06, 0.05, 0.09)}, {"outside_share", "language_psi", "language_js"}),
        ({"longer": 2}, {"length_psi", "length_js"}),
        ({"confidence": (2, 3)}, {"probability_mean", "probability_psi", "review_share"}),
        ({"wider": 1}, {"set_size"}),
        ({"codes": (0.6, 0.1, 0.1, 0.1, 0.05, 0.05)}, {"section_js", "code_js"}),
        ({"codes": (0.1, 0.03, 0.47, 0.2, 0.1, 0.1)}, {"code_js"}),
    ],
)
def test_each_change_raises_its_own_measures_and_no_other(change: dict[str, Any], moved: set[str]) -> None:
    found = report(**change)
    raised = {name for name, f in findings(found).items() if f.flag != "stable"}

    assert raised - {"set_size"} == moved - {"set_size"}
    assert found.flag == ("act" if any(f.flag == "act" for f in findings(found).values()) else "watch")


def test_a_small_month_says_too_few_and_no_number() -> None:
    found = report(records=20)

    assert {(f.value, f.flag, f.records) for f in found.months[-1].findings} == {(None, "too few", 20)}
    assert found.flag == "too few"
    assert "too few" in as_table(found)[2]


def test_a_month_of_middling_size_gives_what_it_can() -> None:
    flags = {name: f.flag for name, f in findings(report(records=250)).items()}

    assert (flags["language_psi"], flags["section_js"]) == ("stable", "stable")
    assert flags["review_share"] == "too few"


@pytest.mark.parametrize(
    ("wrong", "right", "flag"), [(20, 80, "stable"), (32, 68, "watch"), (50, 50, "act"), (5, 20, "too few")]
)
def test_the_error_rate_is_judged_by_the_lower_limit_of_its_interval(wrong: int, right: int, flag: str) -> None:
    audited = [*(r for m in MONTHS[:3] for r in audit(m, 20, 80)), *audit(MONTHS[3], wrong, right)]
    found = findings(report(audited=audited))["error_rate"]

    assert (found.flag, found.reference, found.records) == (flag, 0.2, wrong + right)
    assert found.value == (None if flag == "too few" else wrong / 100)
    assert (found.low is None) == (flag == "too few")


def test_the_error_rate_is_weighted_and_only_of_the_audit_sample() -> None:
    base = [r for m in MONTHS[:3] for r in audit(m, 20, 80)]
    heavy = [*audit(MONTHS[3], 40, 0, weight=30.0), *audit(MONTHS[3], 0, 80, weight=10.0)]
    desk = [Review(**{**{n: getattr(r, n) for n in Review.__slots__}, "audit": False, "weight": None}) for r in heavy]

    assert findings(report(audited=[*base, *heavy]))["error_rate"].value == 0.6
    assert "error_rate" not in findings(report(audited=desk))


def test_without_lengths_and_audit_there_is_no_word_of_them() -> None:
    random = np.random.default_rng(2)
    tallies = {name: month(random, 400) for name in MONTHS}
    for tally in tallies.values():
        tally.lengths.clear()
    left_out = {"length_psi", "length_js", "error_rate"}

    assert {f.measure for f in drift(tallies).months[0].findings} == {m.id for m in MEASURES} - left_out


def test_the_reference_may_be_chosen_and_must_leave_something_to_judge() -> None:
    random = np.random.default_rng(2)
    tallies = {name: month(random, 50) for name in MONTHS}
    found = drift(tallies, reference=("2026-02", "2026-03"))

    assert (found.reference, [m.month for m in found.months]) == (("2026-02", "2026-03"), ["2026-01", "2026-04"])
    with pytest.raises(
        Refused, match=r"the reference 2020-01/2020-02 has no record \(expected months of 2026-01/2026-04"
    ):
        drift(tallies, reference=("2020-01", "2020-02"))
    with pytest.raises(Refused, match="no month lies outside the reference 2026-01/2026-04"):
        drift(tallies, reference=("2026-01", "2026-04"))
    with pytest.raises(Refused, match="no month lies outside"):
        drift({name: tallies[name] for name in MONTHS[:3]})


@given(st.integers(300, 5000), st.integers(1, 5))
def test_a_month_that_equals_its_reference_has_not_moved(records: int, times: int) -> None:
    tally = Tally()
    facts = {"language": "en", "code": "B01", "probability": 0.7, "size": 2, "route": "review", "length": 100}
    for _ in range(3):
        tally.add(**facts)  # type: ignore[arg-type]
    for counter in (tally.languages, tally.codes, tally.probabilities, tally.sizes, tally.routes, tally.lengths):
        for key in counter:
            counter[key] = records
    tally.records = records
    found = drift(dict.fromkeys(MONTHS[: times if times > 3 else 4], tally))

    assert {f.flag for m in found.months for f in m.findings} == {"stable"}
    assert {f.value for f in found.months[0].findings} == {0.0, 0.7, 2.0, 1.0}


def test_the_report_says_its_limits() -> None:
    found = report(records=50)

    assert [limit["id"] for limit in found.as_json()["limits"]] == [m.id for m in MEASURES]
    assert found.as_json()["reference"] == {"months": list(MONTHS[:3]), "records": 9000}
    assert len(as_table(found)) == 2 + len(found.months[0].findings) + 1
