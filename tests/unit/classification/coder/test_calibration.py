"""Probabilities, class sets and routes on scores whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.classification.coder import calibration as cal


@pytest.fixture
def drawn() -> tuple[cal.Array, cal.Labels]:
    """Scores from which the truth is drawn at temperature 2."""
    rng = np.random.default_rng(0)
    scores = rng.normal(scale=6, size=(4000, 6))
    chances = cal.probabilities(scores, np.full(4000, 2.0))
    return scores, np.array([rng.choice(6, p=p) for p in chances])


def test_the_temperature_of_the_draw_is_found(drawn: tuple[cal.Array, cal.Labels]) -> None:
    assert cal.temperature(*drawn) == pytest.approx(2.0, abs=0.1)


def test_calibrated_confidence_is_the_share_that_is_right(drawn: tuple[cal.Array, cal.Labels]) -> None:
    scores, truth = drawn
    right = scores.argmax(1) == truth
    calibrated = cal.probabilities(scores, np.full(len(truth), 2.0)).max(1)
    naive = cal.probabilities(scores, np.ones(len(truth))).max(1)

    assert cal.expected_calibration_error(calibrated, right) < 0.03
    assert cal.expected_calibration_error(naive, right) > 0.1


def test_sets_cover_new_draws_as_promised_and_each_urgent_class_by_itself(drawn: tuple[cal.Array, cal.Labels]) -> None:
    scores, truth = drawn
    probability = cal.probabilities(scores, np.full(len(truth), 2.0))
    own = np.array([True, False, False, False, False, False])
    thresholds = cal.set_thresholds(probability[:2000], truth[:2000], own)
    members = cal.class_sets(probability[2000:], thresholds)
    covered = members[np.arange(2000), truth[2000:]]

    assert covered.mean() == pytest.approx(0.9, abs=0.02)
    assert covered[truth[2000:] == 0].mean() == pytest.approx(0.9, abs=0.05)


def test_records_are_closed_only_at_the_promised_precision(drawn: tuple[cal.Array, cal.Labels]) -> None:
    scores, truth = drawn
    probability = cal.probabilities(scores, np.full(len(truth), 2.0))
    urgent = np.array([True, False, False, False, False, False])
    members = cal.class_sets(probability, cal.set_thresholds(probability, truth, urgent))
    rule = cal.rule(probability, members, truth, urgent)
    closed = rule.allows(probability, members, urgent)
    top = probability.argmax(1)

    assert 0.05 < closed.mean() < 0.9
    assert (top == truth)[closed].mean() >= 0.95
    assert not urgent[top[closed]].any()
    assert (members[closed].sum(1) == 1).all()


def test_a_stand_in_parts_from_the_whole_model_on_no_more_records_than_promised(
    drawn: tuple[cal.Array, cal.Labels],
) -> None:
    scores, truth = drawn
    urgent = np.array([True, False, False, False, False, False])
    whole = np.where(np.arange(len(truth)) % 20 == 0, (truth + 1) % 6, truth)  # right but for one in twenty
    alone = cal.calibrate(scores, truth, ["und"] * len(truth), urgent)
    found = cal.calibrate_stand_in(scores, truth, whole, urgent)
    known = found.probabilities(scores, ["und"] * len(truth))
    answered = found.rule.allows(known, found.sets(known), urgent)
    before = alone.rule.allows(known, alone.sets(known), urgent)
    parts = known.argmax(axis=1) != whole

    assert (before & parts).mean() > cal.PARTING
    assert 0 < (answered & parts).mean() <= cal.PARTING
    assert not (answered & ~before).any()
    assert cal.calibrate_stand_in(scores, truth, (known.argmax(axis=1) + 1) % 6, urgent).rule.least is not None
    assert cal.stand_in(cal.Rule(None), known, found.sets(known), whole, urgent) == cal.Rule(None)


def test_nothing_is_closed_when_nothing_is_sure() -> None:
    probability = np.full((100, 4), 0.25)
    flat = np.zeros(100, dtype=np.int64)
    members, urgent = np.eye(4, dtype=bool)[flat], np.zeros(4, bool)
    rule = cal.rule(probability, members, np.arange(100) % 4, urgent)

    assert rule == cal.Rule(None)
    assert not rule.allows(probability, members, urgent).any()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_a_set_holds_the_likeliest_class_whatever_the_threshold(values: list[float]) -> None:
    probability = np.array([values])
    assert cal.class_sets(probability, np.full(len(values), 2.0))[0, probability[0].argmax()]


def test_parts_are_weighed_by_what_they_know() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 2000)
    good, noise = np.eye(3)[truth] * 2 + rng.normal(size=(2000, 3)), rng.normal(size=(2000, 3))
    shares = cal.pool([good, noise], truth)

    assert shares[0] == pytest.approx(2.0, abs=0.3)
    assert shares[1] < 0.2
    assert cal.pooled([good, noise], (2.0, 0.0)) == pytest.approx(2 * good)


def test_what_a_server_names_is_given_weight_only_where_it_helps() -> None:
    rng = np.random.default_rng(1)
    scores, truth = rng.normal(size=(500, 3)), rng.integers(0, 3, 500)

    assert cal.boost(scores, np.eye(3)[truth], truth) > 1
    assert cal.boost(scores, np.eye(3)[(truth + 1) % 3], truth) == 0


def test_a_record_that_may_be_urgent_is_not_closed() -> None:
    urgent = np.array([True, False, False])
    probability = np.array([[0.02, 0.97, 0.01], [0.2, 0.79, 0.01]])
    members = np.array([[False, True, False]] * 2)

    assert cal.Rule(0.5, 0.05).allows(probability, members, urgent).tolist() == [True, False]


def test_a_calibration_reads_back_as_it_was_written(drawn: tuple[cal.Array, cal.Labels]) -> None:
    scores, truth = drawn
    urgent = np.array([True, False, False, False, False, False])
    found = cal.calibrate(scores, truth, ["en", "fr"] * 2000, urgent)
    back = cal.Calibration.from_json(found.as_json())

    assert back.as_json() == found.as_json()
    assert set(found.temperatures) == {"en", "fr", "und"}
    probability = found.probabilities(scores, ["en", "xx"] * 2000)
    assert probability.sum(axis=1) == pytest.approx(1.0)
    assert np.array_equal(back.sets(probability), found.sets(probability))
