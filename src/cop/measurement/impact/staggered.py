"""Staggered difference-in-differences: group-time effects of Callaway and Sant'Anna (2021), by diff-diff.

Units that started together are a group. Each group's change from its last period before is compared with that of units
never (or not yet) in the programme; the overall effect weighs every treated unit and period the same. Estimates with
standard errors weigh by the inverse of their mean variance.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from cop.kernel.errors import Refused, Where
from cop.kernel.progress import SILENT, Progress
from cop.measurement.impact.description import Programme, Staggered
from cop.measurement.impact.findings import Alternative, Check, Findings, detectable, normal_effect
from cop.measurement.impact.parallel import ByTime, pretrend, robustness
from cop.measurement.impact.rules import Rules
from cop.measurement.impact.table import Floats, Ints, Table

if TYPE_CHECKING:
    import pandas as pd

_NEVER = {"", "0", "NA"}


def estimate(programme: Programme, table: Table, rules: Rules, *, progress: Progress = SILENT) -> Findings:
    """Estimate a programme that units entered at different times.

    Raises:
        Refused: a unit has two first periods or one that is not in the data, none is treated or none is left to compare
            with, or the library cannot estimate from these rows.
    """
    comparison = programme.comparison
    assert isinstance(comparison, Staggered)  # noqa: S101 - the caller has dispatched on the method
    first = _first(programme, comparison, table)
    frame = _frame(programme, comparison, table, first)
    fitted = _fit(programme, comparison, frame, comparison.against, "varying")
    effect = normal_effect("difference", fitted.overall_att, fitted.overall_se, level=rules.level)
    beta, covariance = _before(fitted, comparison.anticipation)
    by_time, event_rows = _by_time(
        _fit(programme, comparison, frame, comparison.against, "universal"), comparison, rules
    )
    treated, never = int((first >= 0).sum()), int((first < 0).sum())
    few = min(treated, never if comparison.against == "never_treated" else len(first)) < rules.thresholds.units_per_arm
    return Findings(
        method="staggered",
        effect=effect,
        checks=(
            Check("units", not few, {"treated": treated, "untreated": never, "inference": "clustered"}),
            pretrend(beta, covariance, math.inf, rules),
        ),
        alternatives=tuple(_alternatives(programme, comparison, frame, first, table, rules, progress)),
        detectable=detectable(effect.se or math.nan, level=rules.level, power=rules.power),
        robustness=robustness(by_time, rules),
        tables={
            "att_gt": _cells(fitted, table, rules),
            "by_time": event_rows,
            "by_group": _groups(fitted, table, rules),
        },
        notes={"units": len(first), "rows": len(table.y), "left_out": table.left_out, "against": comparison.against,
               "estimation": comparison.estimation},
    )  # fmt: skip


def _first(programme: Programme, comparison: Staggered, table: Table) -> Ints:
    """(n_unit,) the number of each unit's first period with the programme; -1 for never."""
    when = {period: number for number, period in enumerate(table.periods)}
    told: dict[int, str] = {}
    for unit, text in zip(table.unit.tolist(), table.labels[comparison.first].tolist(), strict=True):
        if told.setdefault(unit, text) != text:
            raise Refused(f"{table.units[unit]} has {told[unit]} and {text}", expected="one first period a unit",
                          where=Where(programme.file, field=comparison.first))  # fmt: skip
        if text not in _NEVER and text not in when:
            raise Refused.value(text, "is not a period of the data", file=programme.file, field=comparison.first,
                                expected="one of them, or empty for never")  # fmt: skip
    first = np.array([-1 if told[u] in _NEVER else when[told[u]] for u in range(len(table.units))], dtype=np.int64)
    if not (first >= 0).any():
        raise Refused("no unit has the programme", where=Where(programme.file, field=comparison.first), expected="some")
    if comparison.against == "never_treated" and not (first < 0).any():
        raise Refused("every unit has the programme in the end", expected='"not_yet_treated"',
                      where=Where(programme.path, field="comparison.against"))  # fmt: skip
    if int(first[first >= 0].min()) != table.start:
        raise Refused.value(
            programme.start, "is not when the first unit starts", file=programme.path, field="start",
            expected=table.periods[int(first[first >= 0].min())],
        )  # fmt: skip
    return first


def _frame(programme: Programme, comparison: Staggered, table: Table, first: Ints) -> pd.DataFrame:
    """What the library takes: periods count from 1, and 0 is never."""
    import pandas as pd

    frame = pd.DataFrame(
        {"y": table.y, "unit": table.unit, "time": table.period + 1, "first": first[table.unit] + 1}
        | {name: table.numbers[name] for name in comparison.covariates}
    )
    if programme.outcome.se is not None:
        variance = pd.Series(table.numbers[programme.outcome.se] ** 2).groupby(table.unit).transform("mean")
        frame["weight"] = 1 / variance.to_numpy()
    return frame


def _fit(programme: Programme, comparison: Staggered, frame: pd.DataFrame, against: str, base: str) -> Any:  # noqa: ANN401 - the library's result
    from diff_diff import CallawaySantAnna, SurveyDesign

    model = CallawaySantAnna(
        control_group=against, estimation_method=comparison.estimation, anticipation=comparison.anticipation,
        base_period=base, rank_deficient_action="error",
    )  # fmt: skip
    design = SurveyDesign(weights="weight", weight_type="pweight") if "weight" in frame else None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return model.fit(
                frame, outcome="y", unit="unit", time="time", first_treat="first",
                covariates=list(comparison.covariates) or None, survey_design=design,
            )  # fmt: skip
    except (ValueError, np.linalg.LinAlgError) as error:
        said = " ".join(str(error).split())[:200]
        raise Refused(
            f"cannot be estimated: {said}", where=Where(programme.file), expected="a panel of units"
        ) from error


def _before(fitted: Any, early: int) -> tuple[Floats, Floats]:  # noqa: ANN401
    """Group-time effects before any are expected and their covariance, from the influence functions of the fit.

    Raises:
        RuntimeError: the influence functions do not give the standard errors the fit reports.
    """
    kit = fitted._aggregation_kit  # the library gives no covariance of group-time effects
    cells = [cell for cell in fitted.group_time_effects if cell[1] < cell[0] - early and cell in kit.influence]
    if not cells:
        return np.empty(0), np.empty((0, 0))
    influence = np.zeros((len(kit.bookkeeping["all_units"]), len(cells)))
    for place, cell in enumerate(cells):
        parts = kit.influence[cell]
        influence[parts["treated_idx"], place] += parts["treated_inf"]
        influence[parts["control_idx"], place] += parts["control_inf"]
    covariance = influence.T @ influence
    reported = np.array([fitted.group_time_effects[cell]["se"] for cell in cells])
    if not np.allclose(np.sqrt(np.diag(covariance)), reported, rtol=1e-6):
        raise RuntimeError("diff-diff's influence functions do not give its standard errors")
    return np.array([fitted.group_time_effects[cell]["effect"] for cell in cells]), covariance


def _by_time(fitted: Any, comparison: Staggered, rules: Rules) -> tuple[ByTime, list[dict[str, Any]]]:  # noqa: ANN401
    """Effects by time since the start against the last period before it, weighted by treated units and periods."""
    found = fitted.aggregate("event_study")
    listed = found.to_dataframe()
    listed = listed[~listed["is_reference"].astype(bool)]
    times = [int(t) for t in listed["event_time"]]
    cells = fitted.group_time_effects
    treated = {
        t: sum(c["n_treated"] for (g, p), c in cells.items() if p - g == t and math.isfinite(c["effect"]))
        for t in times
        if t >= 0
    }
    weights = np.array([treated[t] for t in times if t >= 0], dtype=np.float64)
    beta = listed["att"].to_numpy(dtype=np.float64)
    rows = [
        {"time": t, "estimate": e.estimate, "se": e.se, "low": e.low, "high": e.high}
        for t, e in (
            (t, normal_effect("difference", b, s, level=rules.level))
            for t, b, s in zip(times, beta, listed["se"].to_numpy(dtype=np.float64), strict=True)
        )
    ]
    kept = [place for place, t in enumerate(times) if t < -comparison.anticipation or t >= 0]
    before = tuple(times[place] for place in kept if times[place] < 0)
    after = tuple(times[place] for place in kept if times[place] >= 0)
    covariance = np.asarray(found.vcov)[np.ix_(kept, kept)]
    weights = weights / weights.sum()
    return ByTime(before, after, beta[kept], covariance, math.inf, weights, comparison.anticipation), rows


def _cells(fitted: Any, table: Table, rules: Rules) -> list[dict[str, Any]]:  # noqa: ANN401
    """Group-time effects; those without a unit to compare with are left out."""
    rows: list[dict[str, Any]] = []
    for (group, time), cell in fitted.group_time_effects.items():
        if not math.isfinite(cell["effect"]):
            continue
        effect = normal_effect("difference", cell["effect"], cell["se"], level=rules.level)
        rows.append({"group": table.periods[int(group) - 1], "period": table.periods[int(time) - 1],
                     "estimate": effect.estimate, "se": effect.se, "low": effect.low, "high": effect.high,
                     "treated": int(cell["n_treated"]), "untreated": int(cell["n_control"])})  # fmt: skip
    return rows


def _groups(fitted: Any, table: Table, rules: Rules) -> list[dict[str, Any]]:  # noqa: ANN401
    listed = fitted.aggregate("group").to_dataframe()
    rows: list[dict[str, Any]] = []
    for group, att, se in zip(listed["label"], listed["att"], listed["se"], strict=True):
        effect = normal_effect("difference", float(att), float(se), level=rules.level)
        rows.append({"group": table.periods[int(group) - 1], "estimate": effect.estimate, "se": effect.se,
                     "low": effect.low, "high": effect.high})  # fmt: skip
    return rows


def _alternatives(
    programme: Programme, comparison: Staggered, frame: pd.DataFrame, first: Ints, table: Table, rules: Rules,
    progress: Progress,
) -> Iterator[Alternative]:  # fmt: skip
    """The overall effect against other units, with another way of estimating, and without each group."""
    other = "not_yet_treated" if comparison.against == "never_treated" else "never_treated"
    tried: list[tuple[str, str, Staggered, pd.DataFrame, str]] = []
    if (first < 0).any():
        tried.append(("against", other, comparison, frame, other))
    if comparison.covariates:
        for way in ("reg", "dr", "ipw"):
            if way != comparison.estimation:
                asked = comparison.model_copy(update={"estimation": way})
                tried.append(("estimation", way, asked, frame, comparison.against))
        bare = comparison.model_copy(update={"covariates": ()})
        tried.append(("without_covariates", "", bare, frame, comparison.against))
    groups = [int(g) for g in np.unique(first[first >= 0])]
    if len(groups) > 1:
        for group in groups:
            rest = frame.loc[frame["first"] != group + 1]
            tried.append(("without_group", table.periods[group], comparison, rest, comparison.against))
    progress.total(len(tried))
    for kind, what, asked, rows, against in tried:
        fitted = _fit(programme, asked, rows, against, "varying")
        effect = normal_effect("difference", fitted.overall_att, fitted.overall_se, level=rules.level)
        yield Alternative(kind, what, effect.estimate, effect.low, effect.high)
        progress.advance()
