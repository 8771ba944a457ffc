"""Synthetic control of Abadie, Diamond and Hainmueller (2010), by diff-diff, with placebos in space and in time.

The treated unit is compared with the mixture of other units that was most like it before the start. Its p-value is the
rank of its ratio of errors after and before among those of all units, each treated in turn as if it had the programme;
the interval holds every constant effect that this test does not reject (Firpo and Possebom, 2018).
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from cop.kernel.errors import Refused, Where
from cop.kernel.progress import SILENT, Progress
from cop.measurement.impact.description import Programme, Synthetic
from cop.measurement.impact.findings import Alternative, Check, Effect, Findings
from cop.measurement.impact.rules import Rules
from cop.measurement.impact.table import Floats, Table

_STEPS = 400
"""Twentieths of the estimate that are walked in search of the interval's end."""

if TYPE_CHECKING:
    import pandas as pd


def estimate(programme: Programme, table: Table, rules: Rules, *, progress: Progress = SILENT) -> Findings:
    """Estimate a programme of one unit by a synthetic control.

    Args:
        programme: its description.
        table: a balanced panel.
        rules: level, power and thresholds.
        progress: told of the four parts: fit, placebos, leave-one-out, placebo in time. Each other unit is fitted once
            as a placebo, so this can take minutes.

    Raises:
        Refused: the treated unit is not in the data, a unit lacks a period, a predictor has no value in its periods, or
            the fit does not converge.
    """
    comparison = programme.comparison
    assert isinstance(comparison, Synthetic)  # noqa: S101 - the caller has dispatched on the method
    _check(programme, comparison, table)
    progress.total(4)
    fitted = _fit(programme, comparison, table)
    progress.advance()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they say is in the status of each refit
        placebos = fitted.in_space_placebo()
        progress.advance()
        left_out = fitted.leave_one_out()
        progress.advance()
        backdated = fitted.in_time_placebo(placebo_periods=[_earlier(table)])
        progress.advance()
        effect = _effect(fitted, rules)
    kept = [row for row in left_out.itertuples() if row.status == "loo"]
    return Findings(
        method="synthetic",
        effect=effect,
        checks=(
            Check("periods_before", table.start >= rules.thresholds.periods_before, {"periods": table.start}),
            _prefit(fitted, comparison, table, rules),
            _placebos(fitted, placebos, rules),
            _backdated(backdated, effect, table, rules),
        ),
        alternatives=tuple(Alternative("without", table.units[int(row.dropped_unit)], float(row.att)) for row in kept),
        detectable=_detectable(fitted, rules),
        robustness=None,
        tables=_tables(fitted, placebos, table),
        notes={"units": len(table.units), "rows": len(table.y), "left_out": table.left_out,
               "starts": comparison.starts, "tolerance": comparison.tolerance,
               "leave_one_out_failed": len(left_out) - 1 - len(kept)},
    )  # fmt: skip


def _prefit(fitted: Any, comparison: Synthetic, table: Table, rules: Rules) -> Check:  # noqa: ANN401
    """The error before the start beside that of predicting nothing."""
    own = table.y[(table.unit == table.units.index(comparison.treated)) & ~table.after]
    error, limit = float(fitted.pre_rmspe), rules.thresholds.prefit_ratio
    index = error / float(np.sqrt(np.mean(own**2)))
    return Check("prefit", index <= limit, {"index": index, "mspe": error**2, "limit": limit})


def _placebos(fitted: Any, found: pd.DataFrame, rules: Rules) -> Check:  # noqa: ANN401
    made = int(fitted.n_placebos or 0)
    smallest = 1 / (made + 1)
    rank = 1 + int((found.loc[~found["is_treated"], "rmspe_ratio"] >= float(fitted.rmspe_ratio)).sum())
    figures = {"placebos": made, "failed": len(found) - 1 - made, "smallest_p": smallest, "rank": rank}
    return Check("placebos", smallest <= rules.alpha if made else None, figures)


def _tables(fitted: Any, placebos: Any, table: Table) -> dict[str, list[dict[str, Any]]]:  # noqa: ANN401
    weights = sorted(fitted.donor_weights.items(), key=lambda one: -one[1])
    return {
        "weights": [{"unit": table.units[int(unit)], "weight": float(weight)} for unit, weight in weights],
        "placebos": [
            {"unit": table.units[int(row.unit)], "mspe_before": float(row.pre_mspe), "mspe_after": float(row.post_mspe),
             "ratio": float(row.rmspe_ratio) ** 2, "treated": bool(row.is_treated), "status": str(row.status)}
            for row in placebos.itertuples()
        ],
        "gaps": [{"period": table.periods[int(time)], "gap": float(gap)} for time, gap in fitted.gap_path.items()],
    }  # fmt: skip


def _check(programme: Programme, comparison: Synthetic, table: Table) -> None:
    if comparison.treated not in table.units:
        known = f"one of {', '.join(table.units[:4])}, ..."
        raise Refused.value(comparison.treated, "is not a unit of the data", file=programme.path,
                            field="comparison.treated", expected=known)  # fmt: skip
    counts = np.bincount(table.unit, minlength=len(table.units))
    short = int(np.argmin(counts))
    if counts[short] < len(table.periods):
        lacking = len(table.periods) - counts[short]
        raise Refused(f"{table.units[short]} lacks {lacking} of {len(table.periods)} periods",
                      where=Where(programme.file), expected="every unit in every period")  # fmt: skip
    if len(table.units) < 3:
        raise Refused(
            "has fewer than two units to compare with", where=Where(programme.file), expected="a pool of them"
        )
    for place, one in enumerate(comparison.predictor):
        for field, period in (("since", one.since), ("until", one.until)):
            if period not in table.periods[: table.start]:
                raise Refused.value(
                    period, "is not a period before the start", file=programme.path,
                    field=f"comparison.predictor[{place}].{field}", expected=f"up to {table.periods[table.start - 1]}",
                )  # fmt: skip


def _fit(programme: Programme, comparison: Synthetic, table: Table) -> Any:  # noqa: ANN401 - the library's result
    from diff_diff import SyntheticControl

    frame = _frame(programme, comparison, table)
    special = [
        (f"x{place}", list(range(table.periods.index(one.since), table.periods.index(one.until) + 1)), "mean")
        for place, one in enumerate(comparison.predictor)
    ]
    model = SyntheticControl(
        n_starts=comparison.starts, seed=comparison.seed,
        optimizer_options={"xatol": comparison.tolerance, "fatol": comparison.tolerance},
    )  # fmt: skip
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted: Any = model.fit(
                frame, outcome="y", treatment="treated", unit="unit", time="time",
                post_periods=list(range(table.start, len(table.periods))),
                treated_unit=table.units.index(comparison.treated), special_predictors=special or None,
            )  # fmt: skip
    except (ValueError, np.linalg.LinAlgError) as error:
        said = " ".join(str(error).split())[:200]
        raise Refused(f"cannot be fitted: {said}", where=Where(programme.file), expected="a balanced panel") from error
    return fitted


def _frame(programme: Programme, comparison: Synthetic, table: Table) -> pd.DataFrame:
    import pandas as pd

    treated = table.units.index(comparison.treated)
    columns: dict[str, Any] = {
        "y": table.y, "unit": table.unit, "time": table.period,
        "treated": ((table.unit == treated) & table.after).astype(np.int64),
    }  # fmt: skip
    for place, one in enumerate(comparison.predictor):
        columns[f"x{place}"] = table.y if one.column == programme.outcome.column else table.numbers[one.column]
    return pd.DataFrame(columns)


def _earlier(table: Table) -> int:
    """Two thirds of the way to the start: the date of the placebo in time."""
    return min(max(2, 2 * table.start // 3), table.start - 1)


def _effect(fitted: Any, rules: Rules) -> Effect:  # noqa: ANN401
    """The effect with the constant effects around it that are not rejected.

    Far from the estimate the test may accept again, where another unit follows its own mixture more closely than the
    treated one does; such effects are not part of the interval. It is open where nothing is rejected, and where no
    constant effect fits the treated unit's course.
    """
    p = float(fitted.placebo_p_value)
    if math.isnan(p):
        return Effect("difference", float(fitted.att), -math.inf, math.inf, None, 1.0, rules.level)
    ends = [_reach(fitted, rules, way) for way in (-1.0, 1.0)]
    return Effect("difference", float(fitted.att), ends[0], ends[1], None, p, rules.level)


def _reach(fitted: Any, rules: Rules, way: float) -> float:  # noqa: ANN401
    """How far from the estimate the test first rejects, in one direction."""

    def accepted(effect: float) -> bool:
        return float(fitted.test_sharp_null(effect)["p_value"]) > rules.alpha

    estimate = float(fitted.att)
    if not accepted(estimate):
        return way * math.inf
    step = max(abs(estimate), float(fitted.pre_rmspe)) / 20
    inside, outside = estimate, estimate + way * step
    for _ in range(_STEPS):
        if not accepted(outside):
            break
        inside, outside = outside, outside + way * step
    else:
        return way * math.inf
    for _ in range(40):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if accepted(middle) else (inside, middle)
    return inside


def _detectable(fitted: Any, rules: Rules) -> float | None:  # noqa: ANN401
    """The smallest constant effect that would be found, with the treated unit's fit, in a share `power` of courses.

    The courses are those of the placebos after the start, in units of their own error before it.
    """
    paths: dict[Any, Any] = fitted._placebo_gaps  # the library's tables hold their mean squares only
    if not paths:
        return None
    placebos = fitted.get_placebo_df().set_index("unit")
    error = np.sqrt([float(placebos.loc[unit, "pre_mspe"]) for unit in paths])[:, None]
    gaps = np.array([[float(path[time]) for time in fitted.post_periods] for path in paths.values()]) / error
    mean, square = gaps.mean(axis=1), np.mean(gaps**2, axis=1)
    critical = float(np.quantile(square, rules.level, method="higher"))
    # the mean of (gap + d)^2 reaches the critical ratio: solved for d >= 0
    needed: Floats = np.maximum(-mean + np.sqrt(np.maximum(mean**2 - square + critical, 0.0)), 0.0)
    return float(np.quantile(needed, rules.power, method="higher")) * float(fitted.pre_rmspe)


def _backdated(found: pd.DataFrame, effect: Effect, table: Table, rules: Rules) -> Check:
    """The placebo in time: what is found between an earlier start and the true one."""
    row = found.iloc[0]
    start = table.periods[int(row["placebo_period"])]
    if row["status"] != "ran" or effect.estimate == 0:
        return Check("backdated", None, {"start": start})
    share = abs(float(row["placebo_att"]) / effect.estimate)
    return Check("backdated", share <= rules.thresholds.backdated_share,
                 {"start": start, "estimate": float(row["placebo_att"]), "share": share})  # fmt: skip
