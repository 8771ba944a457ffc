"""Settings of the detectors as data: `catalogue/warning/*.yaml`, each with its source and its false-alarm rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cop.kernel.documents import read_document
from cop.kernel.errors import NotFound, Refused, Where, shown
from cop.kernel.resources import resource

Threshold = Literal["delta", "nbPlugin", "muan"]
Power = Literal["none", "1/2", "2/3"]
PER_YEAR = {"week": 52, "month": 12}


@dataclass(frozen=True, slots=True)
class Settings:
    """Of the Farrington algorithm.

    Attributes:
        id: the file's name.
        source: where the values come from.
        frequency: periods a year: 52 or 12.
        years: of the past that are used.
        half_window: periods either side of the same season that are its window.
        seasonal_groups: groups of periods a year, 1 for the windows alone.
        past_excluded: latest periods before the present one that are left out.
        trend: whether a trend is tried at all.
        trend_p: the p-value it must be under; 1 keeps it always.
        reweight: whether high past counts get less weight.
        weights_threshold: the Anscombe residual above which they do.
        mean_variance: the dispersion behind the uncertainty of the fitted mean: `model`, or `working` as the R package
            surveillance computes it after reweighting.
        power: on whose scale the prediction interval is normal; read by the threshold "delta" only.
        threshold: how the upper bound is found.
        alpha: one-sided level of the bound.
        minimum_cases: fewer cases than this in the latest `minimum_periods` raise no alarm.
        minimum_periods: see there; the present period is one of them.
        false_alarms: what simulation said of these settings; empty where it was not asked.
    """

    id: str
    source: str
    frequency: int
    years: int
    half_window: int
    seasonal_groups: int
    past_excluded: int
    trend: bool
    trend_p: float
    reweight: bool
    weights_threshold: float
    mean_variance: Literal["model", "working"]
    power: Power
    threshold: Threshold
    alpha: float
    minimum_cases: int
    minimum_periods: int
    false_alarms: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EwmaSettings:
    """Of the exponentially weighted moving average.

    Attributes:
        id: the file's name.
        source: where the values come from.
        weight: of the newest count, above 0 and at most 1.
        in_control_periods: periods before the watched ones from which the mean and dispersion are taken.
        dispersion_confidence: one-sided confidence of the upper limit that is taken for the dispersion: a few periods
            know it badly, and too small a one cries wolf.
        average_run_length: periods between false alarms while nothing changes, by which the limit is set.
        minimum_cases: as in `Settings`.
        minimum_periods: as in `Settings`.
        false_alarms: as in `Settings`.
    """

    id: str
    source: str
    weight: float
    in_control_periods: int
    dispersion_confidence: float
    average_run_length: float
    minimum_cases: int
    minimum_periods: int
    false_alarms: Mapping[str, Any]


def load(name: str) -> Settings:
    """The Farrington settings of that name in `catalogue/warning`, or in the YAML file of that path.

    Raises:
        NotFound: there is neither. Refused: the file does not fit the schema, or its values one another.
    """
    facts, path = _facts(name, "farrington")
    settings = Settings(**facts)
    where = Where(path, field="seasonal_groups")
    window = 2 * settings.half_window + 1
    if settings.frequency not in PER_YEAR.values():
        raise Refused.value(settings.frequency, "is no frequency", file=path, field="frequency", expected="52 or 12")
    if window > settings.frequency:
        raise Refused("the window is longer than a year", where=Where(path, field="half_window"), expected="a shorter")
    if settings.seasonal_groups > 1 and settings.frequency - window < settings.seasonal_groups - 1:
        raise Refused("there are more groups than periods to put in them", where=where, expected="fewer")
    return settings


def load_ewma(name: str) -> EwmaSettings:
    """The moving average's settings of that name; as `load`."""
    facts, _ = _facts(name, "ewma")
    return EwmaSettings(**facts)


def names(detector: Literal["farrington", "ewma"] = "farrington") -> list[str]:
    """The settings of a detector that the catalogue has."""
    folder = resource("catalogue/warning")
    return [p.stem for p in sorted(folder.glob("*.yaml")) if _read(p)["detector"] == detector]


def _facts(name: str, detector: str) -> tuple[dict[str, Any], Path]:
    folder = resource("catalogue/warning")
    path = folder / f"{name}.yaml"
    if Path(name).name != name or not path.is_file():
        path = Path(name)
    if not path.is_file():
        known = ", ".join(p.stem for p in sorted(folder.glob("*.yaml")))
        raise NotFound(f"there are no settings {shown(name)}", expected=f"{known}, or a YAML file")
    facts = dict(_read(path))
    if facts.pop("detector") != detector:
        raise Refused(f"the settings are not of {detector}", where=Where(path, field="detector"), expected=detector)
    if path.stem != facts["id"]:
        raise Refused.value(facts["id"], "is not the file's name", file=path, field="id", expected=f'"{path.stem}"')
    facts.setdefault("false_alarms", {})
    return facts, path


def _read(path: Path) -> dict[str, Any]:
    return read_document(path, resource("catalogue/warning") / "warning.schema.json")
