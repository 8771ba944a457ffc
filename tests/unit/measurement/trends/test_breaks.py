"""Change points: planted ones are found, none is found where nothing happens, a declared break is told apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from cop.kernel.errors import Refused
from cop.measurement.trends.breaks import change_points, dispersion

MONTHS = [f"{2020 + m // 12}-{m % 12 + 1:02d}" for m in range(60)]


def counts(*parts: tuple[int, float], phi: float = 1.0, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [rng.negative_binomial(m / (phi - 1), 1 / phi, n) if phi > 1 else rng.poisson(m, n) for n, m in parts]
    ).astype(float)


def test_a_planted_change_of_level_is_found_where_it_is() -> None:
    [found] = change_points(MONTHS, counts((36, 20), (24, 40)))

    assert found.period == "2023-01"
    assert found.ratio == pytest.approx(2, rel=0.15)
    assert (found.before, found.after) == (pytest.approx(20, rel=0.1), pytest.approx(40, rel=0.1))


def test_two_changes_are_found_and_the_declared_one_is_marked() -> None:
    found = change_points(MONTHS, counts((20, 30), (20, 90), (20, 45)), declared={"2021-09": "another coder"})

    assert [(c.period, c.declared) for c in found] == [("2021-09", "another coder"), ("2023-05", "")]


@pytest.mark.parametrize(("mean", "phi"), [(2.0, 1.0), (20.0, 1.0), (20.0, 3.0), (200.0, 2.0)])
def test_where_nothing_happens_hardly_a_change_is_found(mean: float, phi: float) -> None:
    found = [len(change_points(MONTHS, counts((60, mean), phi=phi, seed=seed))) > 0 for seed in range(60)]

    assert sum(found) <= 6  # a tenth


def test_a_steady_growth_is_no_change_and_a_jump_in_it_is() -> None:
    years = [str(1998 + y) for y in range(26)]
    noise = np.exp(np.random.default_rng(3).normal(0, 0.08, 26))
    steady = 1000 * np.exp(0.2 * np.arange(26)) * noise
    jump = steady * np.where(np.arange(26) >= 15, 4.0, 1.0)

    assert change_points(years, steady, form="growth") == []
    assert len(change_points(years, steady)) > 2  # levels are the wrong form for it
    [found] = change_points(years, jump, form="growth")
    assert (found.period, found.ratio) == ("2013", pytest.approx(4, rel=0.25))


def test_dispersion_is_not_moved_by_a_change_of_level() -> None:
    flat = [dispersion(counts((400, 50), phi=3, seed=s)) for s in range(20)]
    moved = [dispersion(counts((200, 50), (200, 150), phi=3, seed=s)) for s in range(20)]

    assert np.mean(flat) == pytest.approx(3, rel=0.1)
    assert np.mean(moved) == pytest.approx(3, rel=0.1)
    assert dispersion(np.zeros(10)) == 1


def test_reports_to_ncmec_jumped_in_2015(shared: Path) -> None:
    """1,106,071 reports in 2014, 4,403,657 in 2015 (NCMEC, CyberTipline by year): a change of who must report."""
    frame = pl.read_csv(shared / "data/statistics/admin/ocse-reports-per-year.csv").sort("year")
    years = [str(y) for y in frame["year"]]
    found = change_points(years, frame["reports"].to_list(), form="growth", declared={"2015": "coverage of providers"})
    jump = next(c for c in found if c.period == "2015")

    assert jump.declared == "coverage of providers"
    assert jump.ratio > 3


@pytest.mark.parametrize(
    ("values", "given", "message"),
    [
        ([1.0] * 5, {}, "5 periods are too few"),
        ([1.0] * 9 + [-1.0], {}, "a count will not do"),
        ([1.0] * 9 + [0.0], {"form": "growth"}, "a count will not do"),
        ([1.0] * 10, {"declared": {"1999": "x"}}, "is none of the periods"),
    ],
)
def test_what_cannot_be_segmented_is_refused(values: list[float], given: dict[str, object], message: str) -> None:
    with pytest.raises(Refused, match=message):
        change_points(MONTHS[: len(values)], values, **given)  # type: ignore[arg-type]
