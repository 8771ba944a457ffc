"""Figures of a coder on the audit sample: weights, the urgent, calibration, and what could be closed."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.classification.coder.calibration import expected_calibration_error
from cop.classification.coder.coding import Coded
from cop.classification.coder.figures import Judged, calibration_error, chance_calibration_error
from cop.classification.coder.reviews import Answer, Review
from cop.classification.scheme import Scheme, load_scheme
from cop.kernel.errors import Refused


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return load_scheme()


def review(code: str, weight: float = 1.0, **facts: Any) -> Review:
    known: dict[str, Any] = {
        "id": "r", "text": "", "language": "en", "answer": Answer("B01", 0.7, ("B01",), "auto", "coder-1.0"),
        "reviewer": "9f86d081", "date": date(2026, 3, 1), "outcome": "adjudicated", "audit": True,
    }  # fmt: skip
    return Review(**{**known, "code": code, "weight": weight, **facts})


def coded(code: str, scheme: Scheme, probability: float = 0.9, route: Any = "auto", size: int = 1) -> Coded:
    others = tuple(c for c in scheme.leaves if c != code)[: size - 1]
    urgency = scheme.urgency(code)
    return Coded(code, code[0], probability, (code, *others), route, urgency, "en", scheme.version, "coder-1.0")


def test_the_figures_are_weighted(scheme: Scheme) -> None:
    told = [review("C01", 3.0), review("C02", 1.0), review("D01", 4.0)]
    answers = [coded("C01", scheme), coded("C01", scheme, route="review"), coded("C01", scheme)]
    found = Judged.of(told, answers, scheme).figures()

    assert (found.accuracy, found.section_accuracy) == (0.375, 0.5)
    assert (found.auto_share, found.auto_precision) == (0.875, round(3 / 7, 4))
    assert found.calibration_error == 0.525
    assert found.urgency_recall is None


def test_recall_of_the_urgent_asks_for_an_urgent_code_not_for_the_right_one(scheme: Scheme) -> None:
    urgent = [code for code in scheme.leaves if scheme.urgency(code) == 1][:2]
    told = [review(urgent[0]), review(urgent[0]), review(urgent[0], 2.0), review("C01")]
    answers = [coded(code, scheme) for code in (urgent[0], urgent[1], "C01", urgent[0])]

    assert Judged.of(told, answers, scheme).figures().urgency_recall == 0.5


def test_what_could_be_closed_is_the_most_that_keeps_the_promised_precision(scheme: Scheme) -> None:
    urgent = next(code for code in scheme.leaves if scheme.urgency(code) == 1)
    told = [review("C01") for _ in range(24)]
    answers = [
        *(coded("C01", scheme, 0.9) for _ in range(19)),
        coded("C02", scheme, 0.8),  # 19 of 20 are right so far
        coded("C02", scheme, 0.7),
        coded("C01", scheme, 0.95, size=2),
        coded(urgent, scheme, 0.95),
        coded("C02", scheme, 0.6),
    ]

    assert Judged.of(told, answers, scheme).figures().auto_share_at_precision == round(20 / 24, 4)


def test_equally_likely_records_are_closed_together_or_not_at_all(scheme: Scheme) -> None:
    answers = [coded("C01", scheme, 0.9), coded("C01", scheme, 0.8), coded("C02", scheme, 0.8)]

    for order in ([0, 1, 2], [2, 1, 0]):
        found = Judged.of([review("C01")] * 3, [answers[n] for n in order], scheme).figures()
        assert found.auto_share_at_precision == round(1 / 3, 4)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_with_equal_weights_the_calibration_error_is_the_coders_own(drawn: list[tuple[float, bool]]) -> None:
    probability, right = np.array([p for p, _ in drawn]), np.array([r for _, r in drawn])

    assert calibration_error(probability, right, np.full(len(drawn), 7.0)) == pytest.approx(
        expected_calibration_error(probability, right)
    )


def test_chance_alone_gives_a_calibration_error_that_shrinks_with_the_sample(scheme: Scheme) -> None:
    def judged(n: int) -> Judged:
        return Judged.of([review("C01")] * n, [coded("C01", scheme, 0.05 + 0.9 * k / n) for k in range(n)], scheme)

    few, many = chance_calibration_error(judged(100)), chance_calibration_error(judged(2000))
    assert 0.1 < few < 0.2
    assert 0.02 < many < 0.05
    assert chance_calibration_error(judged(100)) == few


def test_what_is_no_audit_record_or_has_no_answer_is_refused(scheme: Scheme) -> None:
    desk = review("C01", audit=False, id="r7")

    with pytest.raises(Refused, match="record r7 is not of the audit sample"):
        Judged.of([desk], [coded("C01", scheme)], scheme)
    with pytest.raises(Refused, match="0 answers for 1 records"):
        Judged.of([review("C01")], [], scheme)
