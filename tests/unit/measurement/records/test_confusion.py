from __future__ import annotations

import numpy as np
import pytest

from cop.measurement.records.confusion import Confusion, adjust, matrix


def test_of_two_classes_it_is_rogan_and_gladens_estimator() -> None:
    # (apparent + specificity - 1) / (sensitivity + specificity - 1), American Journal of Epidemiology 107 (1978)
    sensitivity, specificity, apparent = 0.85, 0.93, 0.16
    share = np.array([[sensitivity, 1 - specificity], [1 - sensitivity, specificity]])
    estimate, se, _, _ = adjust(np.array([160.0, 840.0]), Confusion(share, np.array([200.0, 300.0]), 1.0))
    expected = (apparent + specificity - 1) / (sensitivity + specificity - 1)

    assert estimate[0] == pytest.approx(1000 * expected)
    # the delta method of the paper, with the apparent share known
    youden = sensitivity + specificity - 1
    variance = (expected**2 * sensitivity * (1 - sensitivity) / 200
                + (1 - expected) ** 2 * specificity * (1 - specificity) / 300) / youden**2  # fmt: skip
    assert se[0] == pytest.approx(1000 * np.sqrt(variance))


def test_classes_add_up_and_limits_are_counts() -> None:
    truth = np.repeat([0, 0, 1, 1, 2, 2], [45, 5, 60, 20, 30, 10])
    coded = np.repeat([0, 1, 1, 2, 2, 0], [45, 5, 60, 20, 30, 10])
    counts = np.array([5.0, 700.0, 300.0])
    estimate, _, low, high = adjust(counts, matrix(coded, truth, np.ones(len(truth)), 3))

    assert estimate.sum() == pytest.approx(1005)
    assert estimate[0] < 0  # what it may do, and counts may not
    assert (low >= 0).all() and (high <= 1005).all()


def test_weights_make_the_matrix_and_what_is_known_of_it() -> None:
    found = matrix(np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([3.0, 1.0, 2.0]), 2)

    assert found.share == pytest.approx(np.array([[0.75, 0.0], [0.25, 1.0]]))
    assert found.known == pytest.approx([16 / 10, 1])


@pytest.mark.parametrize("known", [[4.0, 100.0], [0.0, 100.0]])
def test_a_class_hardly_seen_gives_no_figure(known: list[float]) -> None:
    found = adjust(np.array([10.0, 90.0]), Confusion(np.eye(2), np.array(known), 1.0))

    assert all(np.isnan(part).all() for part in found)


def test_a_coder_that_tells_nothing_apart_gives_no_figure() -> None:
    found = adjust(np.array([10.0, 90.0]), Confusion(np.full((2, 2), 0.5), np.array([50.0, 50.0]), 1.0))

    assert all(np.isnan(part).all() for part in found)
