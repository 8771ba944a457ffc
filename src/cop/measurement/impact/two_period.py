"""Two-period difference-in-differences: the change of the treated units beyond that of the others.

A panel is weighted by the inverse variance of its estimates where they have standard errors. With several units a side
the interval is cluster-robust by unit (statsmodels, t with units - 1 degrees of freedom); with few, of estimates that
have standard errors, it rests on those, widened where the values vary by more. Microdata is weighted and linearised by
its design. In all three the effects by period come from the same rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from cop.kernel.errors import Refused, Where
from cop.kernel.progress import SILENT, Progress
from cop.measurement.impact.description import Programme, TwoPeriod
from cop.measurement.impact.findings import Alternative, Check, Effect, Findings, detectable, normal_effect
from cop.measurement.impact.parallel import ByTime, pretrend, robustness
from cop.measurement.impact.rules import Rules
from cop.measurement.impact.table import Floats, Table

_MOST = 60
"""Units left out one at a time; of more, those whose own change is furthest from their group's."""


@dataclass(frozen=True, slots=True)
class _Fit:
    beta: Floats
    covariance: Floats
    df: float


def estimate(programme: Programme, table: Table, rules: Rules, *, progress: Progress = SILENT) -> Findings:
    """Estimate a programme by two-period difference-in-differences.

    Raises:
        Refused: a unit named is not in the data, a side has no rows before or after, the design has a stratum with one
            PSU.
    """
    comparison = programme.comparison
    assert isinstance(comparison, TwoPeriod)  # noqa: S101 - the caller has dispatched on the method
    treated, table = _sides(programme, comparison, table)
    units = _units(table, treated)
    inference = _inference(programme, units, rules)
    effect = _effect(programme, table, treated, inference, rules)
    by_time = _by_time(programme, table, treated, inference)
    alternatives = list(_alternatives(programme, table, treated, inference, rules, progress))
    few = min(units) < rules.thresholds.units_per_arm and inference == "clustered"
    n = len(by_time.before)
    return Findings(
        method="two-period",
        effect=effect,
        checks=(
            Check("units", not few, {"treated": units[0], "untreated": units[1], "inference": inference}),
            pretrend(by_time.beta[:n], by_time.covariance[:n, :n], by_time.df, rules),
        ),
        alternatives=tuple(alternatives),
        detectable=detectable(effect.se or math.nan, level=rules.level, power=rules.power, df=effect.df),
        robustness=robustness(by_time, rules),
        tables={"by_time": _rows(table, by_time, rules), "means": _means(programme, table, treated)},
        notes={"units": sum(units), "rows": len(table.y), "left_out": table.left_out, "inference": inference},
    )


def _sides(programme: Programme, comparison: TwoPeriod, table: Table) -> tuple[np.ndarray, Table]:
    """(n_unit,) whether a unit is treated, and the rows of both sides."""
    named = {"treated": comparison.treated, "untreated": comparison.untreated}
    for field, codes in named.items():
        for code in codes:
            if code not in table.units:
                raise Refused.value(code, "is not a unit of the data", file=programme.path, field=f"comparison.{field}",
                                    expected=f"one of {', '.join(table.units[:4])}, ...")  # fmt: skip
    treated = np.array([unit in comparison.treated for unit in table.units])
    if comparison.untreated:
        used = treated | np.array([unit in comparison.untreated for unit in table.units])
        table = table.only(used[table.unit])
    for is_treated, side in ((True, "treated"), (False, "untreated")):
        for after in (False, True):
            if not ((treated[table.unit] == is_treated) & (table.after == after)).any():
                when = "after" if after else "before"
                raise Refused(f"no {side} unit has a value {when} {programme.start}", where=Where(programme.file),
                              expected="both sides before and after")  # fmt: skip
    return treated, table


def _units(table: Table, treated: np.ndarray) -> tuple[int, int]:
    seen = np.unique(table.unit)
    return int(treated[seen].sum()), int((~treated[seen]).sum())


def _inference(programme: Programme, units: tuple[int, int], rules: Rules) -> str:
    """`design` for microdata; `sampling` for few estimates with standard errors; else `clustered`."""
    if programme.data.kind == "microdata":
        return "design"
    few = min(units) < rules.thresholds.units_per_arm
    return "sampling" if few and programme.outcome.se is not None else "clustered"


def _effect(programme: Programme, table: Table, treated: np.ndarray, inference: str, rules: Rules) -> Effect:
    fit = _fit(programme, table, treated, inference, [table.after])
    return normal_effect("difference", fit.beta[0], math.sqrt(fit.covariance[0, 0]), level=rules.level, df=fit.df)


def _by_time(programme: Programme, table: Table, treated: np.ndarray, inference: str) -> ByTime:
    reference = table.start - 1
    present = [int(p) for p in np.unique(table.period) if p != reference]
    fit = _fit(programme, table, treated, inference, [table.period == p for p in present])
    after = tuple(p - reference for p in present if p >= table.start)
    return ByTime(
        tuple(p - reference - 1 for p in present if p < table.start), tuple(e - 1 for e in after),
        fit.beta, fit.covariance, fit.df, np.full(len(after), 1 / len(after)),
    )  # fmt: skip


def _fit(programme: Programme, table: Table, treated: np.ndarray, inference: str, times: Sequence[np.ndarray]) -> _Fit:
    """Coefficients of treated x time, for each of the times, beside unit (or side) and period effects."""
    side = treated[table.unit]
    columns = [(side & time).astype(np.float64) for time in times]
    if inference == "design":
        return _designed(programme, table, side, columns)
    import statsmodels.api as sm

    x = np.column_stack([*columns, *_dummies(table.unit), *_dummies(table.period, leave=1)])
    weights = _weights(programme, table.numbers, len(table.y))
    k = len(columns)
    model: Any = sm.WLS(table.y, x, weights=cast("Any", weights))
    if inference == "sampling":
        fitted: Any = model.fit(cov_type="fixed scale", cov_kwds={"scale": 1.0})
        spare = len(table.y) - np.linalg.matrix_rank(x)
        # values that vary by more than their standard errors say widen the interval, as in a meta-analysis
        more = max(1.0, float(np.sum(weights * fitted.resid**2)) / spare) if spare > 0 else 1.0
        return _Fit(fitted.params[:k], fitted.cov_params()[:k, :k] * more, math.inf)
    clusters = len(np.unique(table.unit))
    fitted = model.fit(cov_type="cluster", cov_kwds={"groups": table.unit}, use_t=True)
    return _Fit(fitted.params[:k], fitted.cov_params()[:k, :k], float(clusters - 1))


def _designed(programme: Programme, table: Table, side: np.ndarray, columns: Sequence[Floats]) -> _Fit:
    """Weighted least squares with the linearised variance of the sampling design (Binder, 1983; R's `svyglm`).

    Raises:
        Refused: a stratum has one PSU, from which no variance can be estimated.
    """
    data = programme.data
    weights = table.numbers[str(data.weights)]
    x = np.column_stack([*columns, side.astype(np.float64), *_dummies(table.period)])
    bread = np.linalg.pinv(x.T @ (x * weights[:, None]), hermitian=True)
    beta = bread @ (x.T @ (weights * table.y))
    scores = (x * (weights * (table.y - x @ beta))[:, None]) @ bread
    rows = len(table.y)
    strata = table.labels[data.strata] if data.strata else np.full(rows, "")
    psu = table.labels[data.psu] if data.psu else np.arange(rows).astype(np.str_)
    _, first, of_row = np.unique(np.char.add(np.char.add(strata, "\0"), psu), return_index=True, return_inverse=True)
    totals = np.zeros((len(first), x.shape[1]))
    np.add.at(totals, of_row, scores)
    stratum_of = strata[first]
    covariance = np.zeros((x.shape[1], x.shape[1]))
    for stratum in np.unique(stratum_of):
        inside = totals[stratum_of == stratum]
        if len(inside) < 2:
            raise Refused(f"stratum {stratum} has one PSU", where=Where(programme.file, field=data.psu or data.strata),
                          expected="two or more in every stratum, or strata joined")  # fmt: skip
        covariance += np.cov(inside, rowvar=False) * len(inside)
    k = len(columns)
    return _Fit(beta[:k], covariance[:k, :k], float(len(first) - len(np.unique(stratum_of))))


def _dummies(codes: np.ndarray, *, leave: int = 0) -> Iterator[Floats]:
    for code in np.unique(codes)[leave:]:
        yield (codes == code).astype(np.float64)


def _alternatives(
    programme: Programme, table: Table, treated: np.ndarray, inference: str, rules: Rules, progress: Progress
) -> Iterator[Alternative]:
    """The same effect without one unit, with other periods before, without the first period, without weights."""
    kept = _leave_out(table, treated)
    progress.total(len(kept))
    for unit in kept:
        yield _alternative(
            "without", table.units[unit], programme, table.only(table.unit != unit), treated, inference, rules
        )
        progress.advance()
    for first in range(1, table.start):
        rest = table.only(table.period >= first)
        yield _alternative("since", table.periods[first], programme, rest, treated, inference, rules)
    if len(table.periods) - table.start > 1:
        rest = table.only(table.period != table.start)
        yield _alternative("without_period", table.periods[table.start], programme, rest, treated, inference, rules)


def _leave_out(table: Table, treated: np.ndarray) -> list[int]:
    """Units whose side has others, at most `_MOST`, the most unusual changes first."""
    seen = np.unique(table.unit)
    change: dict[int, float] = {}
    for unit in seen:
        rows = table.unit == unit
        if table.after[rows].any() and (~table.after[rows]).any():
            change[int(unit)] = float(table.y[rows & table.after].mean() - table.y[rows & ~table.after].mean())
    kept: dict[int, float] = {}
    for side in (True, False):
        those = [unit for unit in change if treated[unit] == side]
        middle = float(np.median([change[unit] for unit in those])) if those else 0.0
        if len(those) > 1:
            kept |= {unit: abs(change[unit] - middle) for unit in those}
    return sorted(kept, key=lambda unit: -kept[unit])[:_MOST]


def _alternative(
    kind: str, what: str, programme: Programme, table: Table, treated: np.ndarray, inference: str, rules: Rules
) -> Alternative:
    effect = _effect(programme, table, treated, inference, rules)
    return Alternative(kind, what, effect.estimate, effect.low, effect.high)


def _rows(table: Table, by_time: ByTime, rules: Rules) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    se = np.sqrt(np.diag(by_time.covariance))
    for place, when in enumerate((*by_time.before, *by_time.after)):
        effect = normal_effect("difference", by_time.beta[place], se[place], level=rules.level, df=by_time.df)
        period = table.periods[table.start + when]
        rows.append({"period": period, "time": when, "estimate": effect.estimate, "se": effect.se,
                     "low": effect.low, "high": effect.high})  # fmt: skip
    return rows


def _means(programme: Programme, table: Table, treated: np.ndarray) -> list[dict[str, Any]]:
    """Weighted means by side and period: what a reader draws first."""
    weights = _weights(programme, table.numbers, len(table.y))
    rows: list[dict[str, Any]] = []
    for side in (True, False):
        for number in np.unique(table.period):
            at = (treated[table.unit] == side) & (table.period == number)
            if at.any():
                mean = float(np.average(table.y[at], weights=weights[at]))
                rows.append({"side": "treated" if side else "untreated", "period": table.periods[number], "mean": mean})
    return rows


def _weights(programme: Programme, numbers: Mapping[str, Floats], size: int) -> Floats:
    if programme.data.weights is not None:
        return numbers[programme.data.weights]
    return 1 / numbers[programme.outcome.se] ** 2 if programme.outcome.se else np.ones(size)
