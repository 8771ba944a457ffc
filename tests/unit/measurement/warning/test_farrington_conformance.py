"""Every figure and alarm of `farringtonFlexible`, R package surveillance 1.20.3, on weekly counts of Salmonella Agona.

The reference files and their settings are in ../shared/data/statistics/early_warning (described in the README above it).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm

from cop.measurement.warning import farrington, glm
from cop.measurement.warning.baseline import baseline
from cop.measurement.warning.settings import load
from cop.measurement.warning.simulation import Scenario, simulate


@pytest.mark.parametrize(("name", "alarms"), [("noufaily", 5), ("original", 8)])
def test_every_figure_and_alarm_of_r_is_reproduced(name: str, alarms: int, shared: Path) -> None:
    stem = shared / "data/statistics/early_warning" / f"salmonella_agona_{name}"
    counts = pl.read_csv(f"{stem}_counts.csv")["observed"].cast(pl.Float64).to_numpy()[None, :]
    reference = pl.read_csv(f"{stem}_farrington_flexible.csv", null_values="NA")
    places = reference["index"].to_list()
    found = farrington.assess(counts, load(name), periods=range(places[0] - 1, places[-1]))

    assert len(places) == 75
    # R gives neither figure where there are fewer cases than `minimum_cases`
    enough = reference["upperbound"].is_not_null().to_numpy()
    assert found.enough[0].tolist() == enough.tolist()
    for column in ("expected", "upperbound", "score"):
        wanted = reference[column].to_numpy()
        known = ~np.isnan(wanted)
        got = getattr(found, column)[0]
        assert known.sum() == (75 if column == "score" else enough.sum())
        assert got[known] == pytest.approx(wanted[known], rel=1e-4)
    assert found.pvalue[0] == pytest.approx(reference["pvalue"].to_numpy(), rel=1e-3)
    assert found.trend[0].tolist() == [bool(value) for value in reference["trend"]]
    assert found.alarm[0].tolist() == [bool(value) for value in reference["alarm"]]
    assert found.alarm.sum() == alarms


def test_the_regression_is_that_of_statsmodels_weights_and_leverage_included() -> None:
    settings = load("noufaily")
    counts = simulate(Scenario(4, 2, 0.5, 0.1), series=6, periods=230, frequency=52, seed=3)
    past = baseline(229, settings)
    design, _ = past.design(trend=True)
    weights = np.random.default_rng(4).uniform(0.2, 1.5, (6, len(past.rows)))
    fitted = glm.fit(design, counts[:, past.rows], weights)

    assert fitted.converged.all()
    for place in range(6):
        model = sm.GLM(counts[place, past.rows], design, family=sm.families.Poisson(), var_weights=weights[place])
        other = model.fit(tol=1e-12, scale="X2")
        assert fitted.coefficients[place] == pytest.approx(other.params, abs=1e-6)
        assert fitted.dispersion[place] == pytest.approx(other.scale, rel=1e-6)
        se = np.sqrt(fitted.dispersion[place] * np.diag(fitted.inverse[place]))
        assert se == pytest.approx(other.bse, rel=1e-4)
        assert fitted.leverage[place] == pytest.approx(other.get_hat_matrix_diag(), rel=1e-4)
    plain = sm.GLM(counts[0, past.rows], design, family=sm.families.Poisson()).fit(tol=1e-12)
    ours = glm.fit(design, counts[:1, past.rows], np.ones((1, len(past.rows))))
    # statsmodels leaves leverage out and writes Anscombe's residual with a factor of its own
    raw = glm.anscombe(counts[:1, past.rows], ours, np.ones(1))[0] * np.sqrt(1 - ours.leverage[0])
    assert raw == pytest.approx(plain.resid_anscombe_unscaled, rel=1e-5, abs=1e-6)
