"""Corrected counts: the arithmetic, and how often the intervals hold in simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from cop.measurement.records import score
from cop.measurement.records.corrected import Sample, correct, grouped, tuned

Floats = NDArray[np.float64]


def drawn(audit: NDArray[np.int64], file: NDArray[np.int64]) -> Sample:
    """One stratum: tables of true class by coder's code, of the audit and of the file."""
    truth, coded = (np.repeat(axis.ravel(), audit.ravel()) for axis in np.indices(audit.shape))
    groups = grouped(np.zeros(len(audit), np.int64), audit.sum(axis=0))
    size = np.bincount(groups, weights=file.sum(axis=0)).astype(np.float64)
    return Sample(size, groups[coded], truth.astype(np.int64), np.ones(len(truth)), len(audit))


AUDIT = np.array([[18, 12], [2, 168]])
FILE = np.array([[180, 140], [20, 1660]])


def test_the_corrected_count_is_each_codes_records_times_what_they_turned_out_to_be() -> None:
    found = correct(drawn(AUDIT, FILE))

    # 200 records coded 0, of which 18 of 20 are; 1,800 coded 1, of which 12 of 180 are 0
    assert found.total == pytest.approx([200 * 18 / 20 + 1800 * 12 / 180, 200 * 2 / 20 + 1800 * 168 / 180])
    variance = 200**2 * 0.9 * 0.1 / 19 * 0.9 + 1800**2 * (1 / 15) * (14 / 15) / 179 * 0.9
    assert found.covariance == pytest.approx(np.array([[1, -1], [-1, 1]]) * variance)


def test_it_is_prediction_powered_inference_with_its_power_tuned() -> None:
    # PPI++ (arXiv 2311.01453), finite form: N [ lambda mean(f) + mean(y - lambda f in the sample) ], lambda = cov / var
    y = np.repeat([1.0, 0.0, 1.0, 0.0], AUDIT.T.ravel())
    f = np.repeat([1.0, 1.0, 0.0, 0.0], AUDIT.T.ravel())
    power = np.cov(y, f)[0, 1] / np.var(f, ddof=1)
    expected = 2000 * (power * 200 / 2000 + (y - power * f).mean())

    assert correct(drawn(AUDIT, FILE)).total[0] == pytest.approx(expected)


def test_classes_add_up_to_the_records_and_sections_to_their_classes() -> None:
    rng = np.random.default_rng(5)
    file = rng.integers(50, 900, (5, 5))
    audit = rng.multivariate_hypergeometric(file.ravel(), 400, method="marginals").reshape(5, 5)
    found = correct(drawn(audit, file))
    members = np.array([[1, 1, 0, 0, 0], [0, 0, 1, 1, 1], [1, 1, 1, 1, 1]], np.float64)
    total, se, low, high = found.sums(members)

    assert found.total.sum() == pytest.approx(file.sum())
    assert found.covariance.sum(axis=0) == pytest.approx(np.zeros(5), abs=1e-6)
    assert total == pytest.approx([found.total[:2].sum(), found.total[2:].sum(), file.sum()])
    assert se == pytest.approx([se[0], se[0], 0], abs=1e-5)
    assert (low[0] + high[1], high[0] + low[1]) == pytest.approx((file.sum(), file.sum()))


def test_when_all_was_audited_the_count_is_what_people_said() -> None:
    total, se, low, high = correct(drawn(FILE, FILE)).sums(np.eye(2))

    assert total == pytest.approx([320, 1680])
    assert se == pytest.approx([0, 0])
    assert low == pytest.approx([320, 1680])
    assert high == pytest.approx([320, 1680])


def test_strata_drawn_at_different_rates_count_at_their_size() -> None:
    # everything is coded 0; 50 of 100 audited in one stratum with 10 cases, 50 of 900 in the other with 40
    truth = np.repeat([1, 0, 1, 0], [10, 40, 40, 10])
    group = np.repeat([0, 1], 50)
    found = correct(Sample(np.array([100.0, 900.0]), group, truth, np.ones(100), 2))

    assert found.total[1] == pytest.approx(100 * 0.2 + 900 * 0.8)


def test_records_of_one_group_drawn_at_different_rates_count_by_their_weight() -> None:
    truth = np.repeat([1, 0, 1, 0], [10, 40, 40, 10])
    weight = np.repeat([2.0, 18.0], 50)
    found = correct(Sample(np.array([1000.0]), np.zeros(100, np.int64), truth, weight, 2))

    assert found.total[1] == pytest.approx(100 * 0.2 + 900 * 0.8)
    # Kish's effective number, not 100, carries the error
    assert found.covariance[1, 1] > 1000**2 * 0.74 * 0.26 / 99 * 0.9 * 1.5


def test_a_group_nobody_audited_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no audited one"):
        correct(Sample(np.array([10.0, 5.0]), np.zeros(4, np.int64), np.zeros(4, np.int64), np.ones(4), 2))


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12)), min_size=1, max_size=20))
def test_groups_have_audited_records_and_stay_within_their_stratum(parts: list[tuple[int, int]]) -> None:
    stratum, number = (np.array(part, np.int64) for part in zip(*parts, strict=True))
    group = grouped(stratum, number)
    within = np.bincount(group, weights=number)

    assert sorted(set(group.tolist())) == list(range(group.max() + 1))
    if number.sum():
        assert (within > 0).all()
    if number.sum() >= 5:
        assert (within >= 5).all()
    enough = {s for s in set(stratum.tolist()) if number[stratum == s].sum() >= 5}
    for g in range(group.max() + 1):
        inside = set(stratum[group == g].tolist())
        assert len(inside & enough) <= 1 or not inside - enough


# --- the coder's probabilities


def sure(rng: np.random.Generator, records: int) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Calibrated probabilities of three classes, the coder's codes and the truth."""
    probability = rng.dirichlet([0.35, 0.5, 0.9], records)
    truth = (rng.random((records, 1)) > probability.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    return probability, probability.argmax(axis=1), truth


def sampled(rng: np.random.Generator, probability: Floats, coded: NDArray[np.int64], truth: NDArray[np.int64], n: int,
            *, told: bool) -> Sample:  # fmt: skip
    picked = rng.choice(len(truth), n, replace=False)
    size = np.bincount(coded, minlength=3).astype(np.float64)
    mean = np.array([probability[coded == g].mean(axis=0) for g in range(3)])
    told_to = (probability[picked], mean) if told else (None, None)
    return Sample(size, coded[picked], truth[picked], np.ones(n), 3, *told_to)


def test_calibrated_probabilities_are_given_almost_full_power_and_narrow_the_interval() -> None:
    rng = np.random.default_rng(11)
    probability, coded, truth = sure(rng, 40_000)
    codes_alone = correct(sampled(np.random.default_rng(1), probability, coded, truth, 3000, told=False))
    with_them = correct(sampled(np.random.default_rng(1), probability, coded, truth, 3000, told=True))

    assert codes_alone.power == 0
    assert 0.9 <= with_them.power <= 1
    assert with_them.total.sum() == pytest.approx(40_000)
    assert (np.diag(with_them.covariance) < 0.93 * np.diag(codes_alone.covariance)).all()


def test_probabilities_that_say_nothing_get_no_power() -> None:
    rng = np.random.default_rng(2)
    probability, coded, truth = sure(rng, 20_000)
    noise = rng.permutation(probability)
    sample = sampled(rng, noise, coded, truth, 2000, told=True)

    assert tuned(sample) < 0.1
    plain = correct(Sample(sample.size, sample.group, sample.truth, sample.weight, 3))
    assert correct(sample, power=0.0).total == pytest.approx(plain.total)


def test_intervals_with_probabilities_hold_as_often_as_they_say() -> None:
    rng = np.random.default_rng(21)
    held = []
    for _ in range(300):
        probability, coded, truth = sure(rng, 5_000)
        _, _, low, high = correct(sampled(rng, probability, coded, truth, 600, told=True)).sums(np.eye(3))
        true = np.bincount(truth, minlength=3)
        held.append((low <= true) & (true <= high))

    # 900 intervals, of which three share a replicate: two standard errors are under 2 points
    assert 0.93 <= np.mean(held) <= 0.97


# --- the acceptance: intervals hold in 94 to 96 % where the raw count's almost never do


CLASSES, RECORDS, AUDITED = 6, 60_000, 2_000


def joint(share: float, accuracy: float) -> Floats:
    """True class by coder's code: the first class has the share, errors fall evenly."""
    sizes = np.array([share, *([(1 - share) / (CLASSES - 1)] * (CLASSES - 1))])
    told = np.full((CLASSES, CLASSES), (1 - accuracy) / (CLASSES - 1))
    np.fill_diagonal(told, accuracy)
    return sizes[:, None] * told


def test_intervals_hold_in_simulation_where_the_raw_counts_do_not() -> None:
    rng = np.random.default_rng(8)
    held, raw_held, widths, cases = [], [], [], []
    for share in (0.005, 0.05, 0.30):
        for accuracy in (0.60, 0.80, 0.95):
            cell = []
            for _ in range(90):
                file = rng.multinomial(RECORDS, joint(share, accuracy).ravel())
                audit = rng.multivariate_hypergeometric(file, AUDITED, method="marginals").reshape(CLASSES, CLASSES)
                file = file.reshape(CLASSES, CLASSES)
                true, raw = file[0].sum(), file[:, 0].sum()
                _, _, [low], [high] = correct(drawn(audit, file)).sums(np.eye(CLASSES)[:1])
                cell.append(low <= true <= high)
                raw_held.append(abs(raw - true) <= 1.96 * np.sqrt(raw * (1 - raw / RECORDS)))
                widths.append(high - low)
                cases.append([float(audit[0].sum())])
            # one cell in ten thousand would fall below this by chance
            assert sum(cell) >= stats.binom.ppf(1e-4, len(cell), 0.95), (share, accuracy)
            held.append(np.mean(cell))
    whole, part = np.array([float(RECORDS)]), np.array([float(AUDITED)])
    low, high = score.interval(whole, np.array(cases), part, 1 - part / whole, 0.95)

    # 810 replicates: two standard errors are 1.5 points
    assert 0.94 - 0.015 <= np.mean(held) <= 0.96 + 0.015
    assert np.mean(raw_held) < 0.05
    assert np.mean(widths) < 0.75 * np.mean(high - low)
