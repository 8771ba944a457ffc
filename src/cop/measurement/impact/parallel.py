"""Effects by time to the start: whether the groups moved in parallel before it, and what follows if they did not after.

Sources: Callaway and Sant'Anna, Journal of Econometrics 225(2), 2021 (Wald pre-test); Rambachan and Roth, Review of
Economic Studies 90(5), 2023 (relative magnitudes).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from cop.measurement.impact.findings import Check, Robustness
from cop.measurement.impact.rules import Rules
from cop.measurement.impact.table import Floats

GRID = (0.0, 0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True, slots=True)
class ByTime:
    """Effects before and after, against the last period before the start.

    Attributes:
        before: periods to the start, ascending, the reference left out; after: periods since it.
        beta: (n_before + n_after,). covariance: of it.
        df: infinite for normal theory.
        weights: (n_after,) what each effect after counts in the overall effect.
        lead: periods between the reference and the start beyond one, when effects may come early.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    beta: Floats
    covariance: Floats
    df: float
    weights: Floats
    lead: int = 0


def pretrend(beta: Floats, covariance: Floats, df: float, rules: Rules) -> Check:
    """A joint test of no effect before the start; not made where there is nothing to test."""
    if not len(beta):
        return Check("pretrend", None, {"periods": 0})
    wald = float(beta @ np.linalg.pinv(covariance, hermitian=True) @ beta)
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    p = float(stats.chi2.sf(wald, rank) if math.isinf(df) else stats.f.sf(wald / rank, rank, df))
    return Check("pretrend", p >= rules.thresholds.pretrend_p, {"p": p, "wald": wald, "tested": rank})


def robustness(effects: ByTime, rules: Rules) -> Robustness | None:
    """Intervals when each step of the drift after is at most M times the largest step before; None without one before.

    With the drift before taken as estimated, the largest bias of the weighted effect is M times that step times the sum
    of |weights still to come| at each step (a sum in closed form, equal to the linear programme of the paper). The
    interval is the identified set widened by the sampling error of the estimate; it does not add that of the step.
    """
    if not effects.before:
        return None
    n = len(effects.before)
    path = np.append(effects.beta[:n], 0.0)
    step = float(np.abs(np.diff(path)).max())
    steps = float(np.abs(np.cumsum(effects.weights[::-1])).sum())
    bias = step * (steps + effects.lead * abs(float(effects.weights.sum())))
    estimate = float(effects.weights @ effects.beta[n:])
    se = float(np.sqrt(effects.weights @ effects.covariance[n:, n:] @ effects.weights))
    reach = float(stats.t.ppf((1 + rules.level) / 2, effects.df)) * se
    rows = tuple((m, estimate - m * bias - reach, estimate + m * bias + reach) for m in GRID)
    room = abs(estimate) - reach
    if room <= 0:
        return Robustness(rows, 0.0)
    return Robustness(rows, room / bias if bias > 0 else None)
