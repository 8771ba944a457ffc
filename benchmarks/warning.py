"""Early warning: false alarms by simulation for every settings file, and pace beside a loop over statsmodels.

Run from the project's root: `.venv/bin/python benchmarks/warning.py [--series N] [--seed N] [--yaml]` (two CPU minutes
with 100 series a scenario). `--yaml` prints the `false_alarms` that each file of `catalogue/warning` keeps.
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import statsmodels.api as sm
import yaml

from cop.measurement.warning import farrington
from cop.measurement.warning.baseline import baseline, first_period
from cop.measurement.warning.settings import EwmaSettings, Settings, load, load_ewma, names
from cop.measurement.warning.simulation import Rate, Scenario, as_data, false_alarms, simulate

PACE_SERIES = 500
PACE_PERIODS = 4


def told(settings: Settings | EwmaSettings, rates: list[Rate], seconds: float, *, periods: int) -> None:
    """The rate overall and by what it depends on."""
    rate = np.mean([r.rate for r in rates])
    se = np.sqrt(np.sum([r.se**2 for r in rates])) / len(rates)
    aim = settings.alpha if isinstance(settings, Settings) else 1 / settings.average_run_length
    print(f"{settings.id}: {100 * rate:.2f} % of periods (se {100 * se:.2f}), {100 * aim:.2f} % asked for, "
          f"{len(rates)} scenarios x {periods} periods, {seconds:.0f} CPU s")  # fmt: skip
    for name in ("mean", "dispersion", "season", "growth"):
        values = sorted({getattr(r.scenario, name) for r in rates})
        parts = (
            f"{value:g}: {100 * np.mean([r.rate for r in rates if getattr(r.scenario, name) == value]):.2f}"
            for value in values
        )
        print(f"  by {name:<10} {'   '.join(parts)}")


def rates_of(name: str, *, ewma: bool, series: int, seed: int, as_yaml: bool) -> None:
    settings = load_ewma(name) if ewma else load(name)
    periods = settings.frequency if isinstance(settings, Settings) else 12
    began = time.process_time()
    rates = false_alarms(settings, series=series, periods=periods, seed=seed)
    told(settings, rates, time.process_time() - began, periods=periods)
    if as_yaml:
        block = {"false_alarms": as_data(rates, series=series, periods=periods, seed=seed)}
        print(yaml.safe_dump(block, sort_keys=False, width=110, default_flow_style=None))


def pace() -> None:
    """Fits a second: all series over one design at once, and one statsmodels GLM after another."""
    settings = load("noufaily")
    periods = first_period(settings) + PACE_PERIODS
    counts = simulate(Scenario(5, 1.5, 0.5, 0.1), series=PACE_SERIES, periods=periods, frequency=52, seed=1)
    began = time.process_time()
    farrington.assess(counts, settings)
    ours = PACE_SERIES * PACE_PERIODS / (time.process_time() - began)

    past = baseline(periods - 1, settings)
    design, _ = past.design(trend=True)
    began = time.process_time()
    few = 50
    for series in counts[:few, past.rows]:
        first = sm.GLM(series, design, family=sm.families.Poisson()).fit()
        weights = np.where(first.resid_anscombe > settings.weights_threshold, first.resid_anscombe**-2.0, 1.0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sm.GLM(series, design, family=sm.families.Poisson(), freq_weights=weights).fit()
    loop = few / (time.process_time() - began)
    print(f"pace: {ours:,.0f} assessments a CPU second; a loop over statsmodels {loop:,.0f}; ratio {ours / loop:.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=100, help="of each scenario")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--yaml", action="store_true")
    parser.add_argument("--only", choices=[*names(), *names("ewma"), "pace"])
    given = parser.parse_args()
    for ewma, found in ((False, names()), (True, names("ewma"))):
        for name in found:
            if given.only in {None, name}:
                rates_of(name, ewma=ewma, series=given.series, seed=given.seed, as_yaml=given.yaml)
    if given.only in {None, "pace"}:
        pace()


if __name__ == "__main__":
    main()
