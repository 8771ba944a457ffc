"""Interrupted time series: whether a series left its path at the start, beyond trend, season and chance.

Source: Lopez Bernal, Cummins and Gasparrini, International Journal of Epidemiology 46(1), 2017. Counts are Poisson with
the population as offset, other values normal (weighted by the inverse variance where they are estimates); both by
statsmodels. Three standard errors are given: the model's (of estimates: from theirs), one that allows for the spread of
the residuals (quasi-Poisson), and one that allows for autocorrelation (Newey and West).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import numpy as np

from cop.kernel.errors import Refused, Where
from cop.kernel.progress import SILENT, Progress
from cop.measurement.impact.description import Interrupted, Programme
from cop.measurement.impact.findings import Alternative, Check, Effect, Findings, Scale, detectable, normal_effect
from cop.measurement.impact.rules import Rules
from cop.measurement.impact.table import Floats, Table


@dataclass(frozen=True, slots=True)
class Series:
    """The series in order of time.

    Attributes:
        time: (n,) periods from the first, from 1.
        y: (n,) the outcome. offset: (n,) log population, or 0. weight: (n,) inverse variance, or 1.
        start: the time of the first period with the programme.
    """

    time: Floats
    y: Floats
    offset: Floats
    weight: Floats
    start: float
    count: bool

    def only(self, rows: np.ndarray) -> Series:
        return Series(self.time[rows], self.y[rows], self.offset[rows], self.weight[rows], self.start, self.count)

    def starting(self, start: float) -> Series:
        return Series(self.time, self.y, self.offset, self.weight, start, self.count)


@dataclass(frozen=True, slots=True)
class _Fit:
    """The average effect after the start with three standard errors, and residuals."""

    estimate: float
    se: dict[str, float]
    dispersion: float
    residuals: Floats
    fitted: Floats
    expected: Floats


def estimate(programme: Programme, table: Table, rules: Rules, *, progress: Progress = SILENT) -> Findings:
    """Estimate a programme from one series.

    Raises:
        Refused: a period is missing in between, or there are too few for the model.
    """
    comparison = programme.comparison
    assert isinstance(comparison, Interrupted)  # noqa: S101 - the caller has dispatched on the method
    series = _series(programme, table)
    fit = _fit(programme, comparison, series)
    effect = _effect(comparison, series, fit, rules)
    before, after = int((series.time < series.start).sum()), int((series.time >= series.start).sum())
    alternatives = tuple(_alternatives(programme, comparison, series, rules, progress))
    return Findings(
        method="interrupted",
        effect=effect,
        checks=(
            Check("points_before", before >= rules.thresholds.points_before, {"points": before}),
            Check("points_after", after >= rules.thresholds.points_after, {"points": after}),
            _placebo_start(programme, comparison, series, table, rules),
        ),
        alternatives=alternatives,
        detectable=detectable(effect.se or math.nan, level=rules.level, power=rules.power),
        robustness=None,
        tables={
            "intervals": [
                {"inference": name, **_shown(normal_effect(_scale(series), fit.estimate, se, level=rules.level))}
                for name, se in fit.se.items()
            ],
            "series": [
                {"period": table.periods[place], "observed": float(series.y[place]), "fitted": float(fit.fitted[place]),
                 "expected": float(fit.expected[place])} for place in range(len(series.y))
            ],
        },
        notes={"rows": len(series.y), "left_out": table.left_out, "dispersion": fit.dispersion,
               "harmonics": comparison.harmonics, "inference": comparison.inference,
               **_autocorrelation(comparison, fit)},
    )  # fmt: skip


def _series(programme: Programme, table: Table) -> Series:
    order = np.argsort(table.period)
    places = [ordinal(period) for period in table.periods]
    gap = next((n for n in range(1, len(places)) if places[n] != places[n - 1] + 1), None)
    if gap is not None:
        raise Refused(f"nothing is given between {table.periods[gap - 1]} and {table.periods[gap]}",
                      where=Where(programme.file), expected="every period of the series")  # fmt: skip
    outcome = programme.outcome
    ones = np.ones(len(order))
    return Series(
        time=np.arange(1, len(order) + 1, dtype=np.float64),
        y=table.y[order],
        offset=np.log(table.numbers[outcome.population][order]) if outcome.population else ones * 0,
        weight=1 / table.numbers[outcome.se][order] ** 2 if outcome.se else ones,
        start=float(table.start + 1),
        count=outcome.kind == "count",
    )


def ordinal(period: str) -> int:
    """A number that grows by one from a period to the next of its kind."""
    year, rest = int(period[:4]), period[5:]
    if not rest:
        return year
    if rest[0] in "SQ":
        return year * (2 if rest[0] == "S" else 4) + int(rest[1:])
    if rest[0] == "W":
        return date.fromisocalendar(year, int(rest[1:]), 1).toordinal() // 7
    if len(rest) == 2:
        return year * 12 + int(rest)
    return date.fromisoformat(period).toordinal()


def _design(comparison: Interrupted, series: Series) -> tuple[Floats, Floats]:
    """The columns of the model, and the contrast that averages the effect over the periods after the start."""
    after = (series.time >= series.start).astype(np.float64)
    columns = [np.ones(len(series.time)), series.time, after]
    contrast = [0.0, 0.0, 1.0]
    if comparison.slope:
        since = (series.time - series.start) * after
        columns.append(since)
        contrast.append(float(since.sum() / after.sum()))
    for k in range(1, comparison.harmonics + 1):
        angle = 2 * math.pi * k * series.time / comparison.cycle
        columns.append(np.sin(angle))
        if 2 * k != comparison.cycle:
            columns.append(np.cos(angle))
    contrast += [0.0] * (len(columns) - len(contrast))
    return np.column_stack(columns), np.array(contrast)


def _fit(programme: Programme, comparison: Interrupted, series: Series) -> _Fit:
    import statsmodels.api as sm

    x, contrast = _design(comparison, series)
    after = series.time >= series.start
    spare = len(series.y) - x.shape[1]
    if spare < 2 or np.linalg.matrix_rank(x) < x.shape[1]:
        raise Refused(
            f"{len(series.y)} periods do not carry a model of {x.shape[1]} terms",
            where=Where(programme.file), expected="more periods, or fewer harmonics",
        )  # fmt: skip
    lags = comparison.lags if comparison.lags is not None else int(4 * (len(series.y) / 100) ** (2 / 9))
    newey_west: dict[str, Any] = {"cov_type": "HAC", "cov_kwds": {"maxlags": lags, "use_correction": True}}
    if series.count:
        model: Any = sm.GLM(series.y, x, family=sm.families.Poisson(), offset=series.offset)
        fitted: Any = model.fit()
        spread, own = model.fit(scale="X2"), fitted
    else:
        model = sm.WLS(series.y, x, weights=cast("Any", series.weight))
        fitted = spread = model.fit()
        known = programme.outcome.se is not None
        own = model.fit(cov_type="fixed scale", cov_kwds={"scale": 1.0}) if known else fitted
    variance = {
        name: float(contrast @ np.asarray(one.cov_params()) @ contrast)
        for name, one in (("model", own), ("quasi", spread), ("hac", model.fit(**newey_west)))
    }
    residuals = np.asarray(fitted.resid_pearson if series.count else fitted.wresid)
    effect_columns = np.where(np.arange(x.shape[1]) == 2, 1.0, 0.0)
    if comparison.slope:
        effect_columns[3] = 1.0
    without = x * (1 - effect_columns * after[:, None])
    linear = without @ fitted.params + series.offset
    return _Fit(
        estimate=float(contrast @ fitted.params),
        se={name: math.sqrt(value) for name, value in variance.items()},
        dispersion=float(residuals @ residuals / spare),
        residuals=residuals,
        fitted=np.asarray(fitted.fittedvalues),
        expected=np.exp(linear) if series.count else linear,
    )


def _scale(series: Series) -> Scale:
    return "ratio" if series.count else "difference"


def _effect(comparison: Interrupted, series: Series, fit: _Fit, rules: Rules) -> Effect:
    se = max(fit.se.values()) if comparison.inference == "widest" else fit.se[comparison.inference]
    return normal_effect(_scale(series), fit.estimate, se, level=rules.level)


def _placebo_start(programme: Programme, comparison: Interrupted, series: Series, table: Table, rules: Rules) -> Check:
    """The same model on the periods before alone, as if the programme had started half way."""
    before = series.only(series.time < series.start)
    half = float(len(before.y) // 2 + 1)
    try:
        pretended = before.starting(half)
        effect = _effect(comparison, pretended, _fit(programme, comparison, pretended), rules)
    except Refused:
        return Check("placebo_start", None, {"periods": len(before.y)})
    figures = {"start": table.periods[int(half) - 1], "p": effect.p, **_shown(effect)}
    return Check("placebo_start", not effect.excludes_zero, figures)


def _alternatives(
    programme: Programme, comparison: Interrupted, series: Series, rules: Rules, progress: Progress
) -> Iterator[Alternative]:
    """Other seasons, a change of trend, nearer periods only, without the first periods, without the strangest."""
    tried: list[tuple[str, str, Interrupted, Series]] = []
    for harmonics in range(4):
        if harmonics != comparison.harmonics and 2 * harmonics <= comparison.cycle:
            asked = comparison.model_copy(update={"harmonics": harmonics})
            tried.append(("harmonics", str(harmonics), asked, series))
    tried.append(
        (
            "slope",
            "no" if comparison.slope else "yes",
            comparison.model_copy(update={"slope": not comparison.slope}),
            series,
        )
    )
    before, after = series.start - 1, series.time[-1] - series.start + 1
    for share in (0.75, 0.5):
        near = (series.time > before * (1 - share)) & (series.time < series.start + max(after * share, 1))
        tried.append(("window", f"{share:.0%}", comparison, series.only(near)))
    for skipped in (1, 3):
        if after > skipped + 1:
            kept = (series.time < series.start) | (series.time >= series.start + skipped)
            tried.append(("skip", str(skipped), comparison, series.only(kept)))
    strangest = int(np.argmax(np.abs(_fit(programme, comparison, series).residuals)))
    kept = np.arange(len(series.y)) != strangest
    tried.append(("without_point", str(strangest), comparison, series.only(kept)))
    progress.total(len(tried))
    for kind, what, asked, rows in tried:
        try:
            effect = _effect(asked, rows, _fit(programme, asked, rows), rules)
        except Refused:
            continue  # the window is too short for the model; the others stand
        finally:
            progress.advance()
        yield Alternative(kind, what, effect.estimate, effect.low, effect.high)


def _autocorrelation(comparison: Interrupted, fit: _Fit) -> dict[str, float]:
    """Ljung and Box's test of the Pearson residuals, over a cycle or a fifth of the series."""
    from statsmodels.stats.diagnostic import acorr_ljungbox

    lags = max(1, min(comparison.cycle, len(fit.residuals) // 5))
    found: Any = acorr_ljungbox(fit.residuals, lags=[lags])
    return {"autocorrelation_p": float(found["lb_pvalue"].iloc[0]), "autocorrelation_lags": lags}


def _shown(effect: Effect) -> dict[str, float]:
    estimate, low, high = effect.shown()
    return {"estimate": estimate, "low": low, "high": high}
