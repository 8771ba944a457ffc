"""How long things last that have not all ended: Kaplan-Meier quantiles and shares, with intervals.

Time to removal is measured from the notice; content still online when the data was drawn is censored, not left out:
leaving it out makes removal look faster than it is. Sources: Kaplan and Meier, JASA 53 (1958); Greenwood's variance;
intervals by the log(-log) transformation, for quantiles as Brookmeyer and Crowley, Biometrics 38 (1982). Estimated by
statsmodels' `SurvfuncRight`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from cop.kernel.errors import Refused, Where, shown
from cop.measurement.measures.forms import SurvivalQuantile, SurvivalShare

Floats = npt.NDArray[np.float64]
Scale = Literal["log-log", "log"]


@dataclass(frozen=True, slots=True)
class Curve:
    """A survival function: at each time at which something ended, the share that lasts longer.

    Attributes:
        times: (n_time,) ascending.
        lasting: (n_time,) 0 to 1.
        se: (n_time,) Greenwood's standard error; 0 where nothing lasts.
        last: the greatest duration, ended or not.
        n: durations.
        ended: how many of them ended.
    """

    times: Floats
    lasting: Floats
    se: Floats
    last: float
    n: int
    ended: int

    def at(self, time: float) -> tuple[float, float]:
        """The share that lasts beyond a time, and its standard error."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        return (1.0, 0.0) if place < 0 else (float(self.lasting[place]), float(self.se[place]))

    def quantile(self, p: float) -> float | None:
        """The time by which the share p has ended; None where it never does in the data.

        Where the curve lies exactly on 1 - p, the middle of that step, as R's `survfit` has it.
        """
        return _crossing(self.times, self.lasting, 1 - p)

    def quantile_interval(self, p: float, level: float, scale: Scale = "log-log") -> tuple[float | None, float | None]:
        """The interval of a quantile: the times at which the limits of the curve cross 1 - p."""
        low, high = self.limits(level, scale)
        return _crossing(self.times, low, 1 - p), _crossing(self.times, high, 1 - p)

    def limits(self, level: float, scale: Scale = "log-log") -> tuple[Floats, Floats]:
        """Pointwise limits of the curve, each (n_time,); where nothing lasts any more, 0 and not a number, as in R."""
        from scipy import stats

        z = float(stats.norm.ppf(0.5 + level / 2))
        s, se = self.lasting, self.se
        inside = (s > 0) & (s < 1)
        safe = np.where(inside, s, 0.5)
        if scale == "log":
            reach = np.exp(z * se / safe)
            low, high = safe / reach, np.minimum(safe * reach, 1.0)
        else:
            reach = np.exp(z * se / (safe * -np.log(safe)))
            low, high = safe**reach, safe ** (1 / reach)
        return np.where(inside, low, s), np.where(inside, high, np.where(s > 0, s, np.nan))


def curve(durations: Sequence[float] | Floats, ended: Sequence[bool] | npt.NDArray[np.bool_]) -> Curve:
    """The Kaplan-Meier curve of durations of which some have not ended.

    Raises:
        Refused: there is none, one is negative or not a number, or as many ends as durations are not given.
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    time, status = np.asarray(durations, float), np.asarray(ended, bool)
    if len(time) == 0 or len(time) != len(status):
        raise Refused(
            f"{len(time)} durations and {len(status)} ends", expected="as many of one as of the other, and at least one"
        )
    bad = np.flatnonzero(~(np.isfinite(time) & (time >= 0)))
    if len(bad):
        raise Refused.value(float(time[bad[0]]), "is not a duration", row=int(bad[0]) + 1, expected="zero or more")
    if not status.any():
        empty = np.zeros(0)
        return Curve(empty, empty, empty, float(time.max()), len(time), 0)
    fitted: Any = SurvfuncRight(time, status.astype(int))
    lasting = np.asarray(fitted.surv_prob, float)
    se = np.where(lasting > 0, np.nan_to_num(np.asarray(fitted.surv_prob_se, float)), 0.0)
    return Curve(np.asarray(fitted.surv_times, float), lasting, se, float(time.max()), len(time), int(status.sum()))


def survival(
    form: SurvivalQuantile | SurvivalShare,
    records: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    level: float = 0.95,
    scale: Scale = "log-log",
) -> pl.DataFrame:
    """The quantiles, or the share ended by a time, of each group.

    Args:
        form: names the columns: a duration (a number, in hours for times to removal), and whether it has ended.
        records: one row a notice; a duration that has not ended is how long it has been watched.
        by: columns to group by.
        level: of the intervals.
        scale: on which the limits of the curve are made; "log" is R's default.

    Returns:
        One row per group and `p` (or `at`), groups in order: `by`, `p` or `at`, `estimate` (in the unit of the
        duration, or percent for a share), `ci_low`, `ci_high`, `n`, `ended`, `reason`. A quantile that the data does
        not reach is null, with the reason; so is a share at a time beyond the longest duration watched.

    Raises:
        Refused: a column is missing, a duration or an end is none. Names the row.
    """
    for name in (form.duration, form.ended, *by):
        if name not in records.columns:
            raise Refused(f"column {shown(name)} is missing", where=Where("records"), expected=", ".join(form.asked()))
    _complete(records, form)
    groups = records.partition_by(list(by), as_dict=True, maintain_order=True) if by else {(): records}
    asked = form.p if isinstance(form, SurvivalQuantile) else (form.at,)
    named = "p" if isinstance(form, SurvivalQuantile) else "at"
    rows: list[dict[str, Any]] = []
    for key, group in groups.items():
        found = curve(group[form.duration].to_numpy(), group[form.ended].to_numpy())
        for value in asked:
            figures = _quantile(found, value, level, scale) if named == "p" else _share(found, value, level, scale)
            rows.append(
                {**dict(zip(by, key, strict=True)), named: value, **figures, "n": found.n, "ended": found.ended}
            )
    schema: dict[str, Any] = {name: records.schema[name] for name in by}
    schema |= dict.fromkeys((named, "estimate", "ci_low", "ci_high"), pl.Float64())
    table = pl.DataFrame(rows, schema=schema | {"n": pl.Int64(), "ended": pl.Int64(), "reason": pl.String()})
    return table.sort(list(by), maintain_order=True) if by else table


def _quantile(found: Curve, p: float, level: float, scale: Scale) -> dict[str, Any]:
    estimate = found.quantile(p)
    low, high = found.quantile_interval(p, level, scale)
    reason = None if estimate is not None else f"fewer than {p:.0%} had ended when watching stopped"
    return {"estimate": estimate, "ci_low": low, "ci_high": high, "reason": reason}


def _share(found: Curve, at: float, level: float, scale: Scale) -> dict[str, Any]:
    lasting, _ = found.at(at)
    if at > found.last and lasting > 0:
        return {"estimate": None, "ci_low": None, "ci_high": None, "reason": f"none was watched as long as {at:g}"}
    place = int(np.searchsorted(found.times, at, side="right")) - 1
    if place < 0:
        return {"estimate": 0.0, "ci_low": None, "ci_high": None, "reason": None}
    low, high = found.limits(level, scale)
    inside = 0 < lasting < 1
    return {
        "estimate": 100 * (1 - lasting),
        "ci_low": 100 * (1 - float(high[place])) if inside else None,
        "ci_high": 100 * (1 - float(low[place])) if inside else None,
        "reason": None,
    }


def _complete(records: pl.DataFrame, form: SurvivalQuantile | SurvivalShare) -> None:
    if records.schema[form.ended] != pl.Boolean:
        raise Refused(
            f"column {shown(form.ended)} is {records.schema[form.ended]}", where=Where("records"),
            expected="true where it ended, false where it was still so",
        )  # fmt: skip
    for name in form.asked():
        gaps = records[name].is_null().arg_true()
        if len(gaps):
            raise Refused("is missing", where=Where("records", row=gaps[0] + 1, field=name), expected="a value a row")


def _crossing(times: Floats, values: Floats, level: float) -> float | None:
    """The first time at which a falling step function is at or below a level; midway if it lies on it."""
    below = np.flatnonzero(values <= level + 1e-12)
    if len(below) == 0:
        return None
    place = int(below[0])
    on = math.isclose(float(values[place]), level, rel_tol=0, abs_tol=1e-12)
    if on and place + 1 < len(times):
        return float(times[place] + times[place + 1]) / 2
    return float(times[place])
