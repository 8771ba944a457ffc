"""Official series over time: lines with their names at the end, or a panel each when they are many.

With an interval (columns low and high) the band is drawn behind the line. With two periods the same picture is a slope
chart.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cop.publication.charts.figure import Column, Figure
from cop.publication.charts.theme import SERIES, TEXT
from cop.publication.charts.trend import time_axis
from cop.publication.language import Language

TOGETHER = len(SERIES)
"""The most lines that are drawn in one plot; beyond it each series gets a panel."""


def lines(
    frame: pl.DataFrame,
    *,
    what: str,
    unit: str,
    language: Language,
    decimals: int = 1,
    width: int = 470,
    height: int = 230,
) -> Figure:
    """Series over time.

    Args:
        frame: columns series (in the order to show), period, value (null where there is none), status; optionally
            low and high, the limits of an interval.
        what: the thing shown, as it stands in a sentence.
        unit: in words, the heading of the values.
        language: of every word.
        decimals: of the values.
        width: of the plot, px.
        height: of the plot, px.
    """
    _ = language.gettext
    names: list[str] = frame["series"].unique(maintain_order=True).to_list()
    periods: list[str] = frame["period"].unique().sort().to_list()
    known = frame.filter(pl.col("value").is_not_null())
    span = language.period(f"{periods[0]}/{periods[-1]}") if len(periods) > 1 else language.period(periods[0])
    if known.is_empty():
        title, alt = _("No value is published"), _("No value of %(what)s is published.", what=what)
    else:
        latest = known.sort("period").group_by("series", maintain_order=True).last()
        top = latest.row(latest["value"].arg_max() or 0, named=True)
        title = _(
            "Highest at the end: %(name)s, %(value)s in %(period)s",
            name=top["series"],
            value=language.number(top["value"], decimals),
            period=language.period(top["period"]),
        )
        ends = [
            f"{r['series']} {language.number(r['value'], decimals)} ({language.period(r['period'], short=True)})"
            for r in latest.head(8).iter_rows(named=True)
        ]
        alt = _(
            "%(what)s, %(span)s. Last published values: %(ends)s.",
            what=what[:1].upper() + what[1:],
            span=span,
            ends=language.listing(ends),
        )
    table = frame.with_columns(
        pl.col("period").map_elements(language.period, return_dtype=pl.String).alias("period_words")
    )
    columns = (
        Column("series", _("Series")),
        Column("period_words", _("Period")),
        Column("value", unit, "number", decimals),
    )
    note = _("Each panel has its own vertical scale.") if len(names) > TOGETHER else ""
    values = frame.select([c for c in ("series", "period", "value", "low", "high") if c in frame.columns]).to_dicts()
    spec = (
        _panels(values, names, periods, language)
        if len(names) > TOGETHER
        else _together(values, names, periods, language, width, height)
    )
    return Figure(title=title, alt=alt, note=note, table=table, columns=columns, language=language, spec=spec)


def _y(ticks: int) -> dict[str, Any]:
    return {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": True, "nice": True},
        "axis": {"title": None, "tickCount": ticks},
    }


def _together(
    values: list[dict[str, Any]], names: list[str], periods: list[str], language: Language, width: int, height: int
) -> dict[str, Any]:
    x = time_axis(periods, language, at_most=max(2, width // 70))
    inks = {
        "field": "series",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": names, "range": [i.stand_in for i in SERIES[: len(names)]]},
    }
    last: dict[str, dict[str, Any]] = {}
    for value in values:
        if value["value"] is not None and (
            value["series"] not in last or last[value["series"]]["period"] <= value["period"]
        ):
            last[value["series"]] = value
    labels = _spread([{**v, "text": v["series"]} for v in last.values()], height)
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "line", "invalid": "break-paths-show-domains"},
            "encoding": {"x": x, "y": _y(5), "color": inks},
        },
        {"mark": {"type": "point", "size": 30, "invalid": "filter"}, "encoding": {"x": x, "y": _y(5), "color": inks}},
    ]
    if any("low" in v for v in values):
        band = {
            "mark": {"type": "area", "opacity": 0.16},
            "encoding": {"x": x, "y": {**_y(5), "field": "low"}, "y2": {"field": "high"}, "color": inks},
        }
        layers.insert(0, band)
    ends = {
        "data": {"values": labels},
        "mark": {"type": "text", "align": "left", "dx": 8, "fontWeight": 600, "fontSize": 12, "limit": 180},
        "encoding": {
            "x": {"value": width - width / max(1, 2 * len(periods))},
            "y": {**_y(5), "field": "at"},
            "text": {"field": "text"},
            "color": inks,
        },
    }
    return {"width": width, "height": height, "layer": [{"data": {"values": values}, "layer": layers}, ends]}


def _spread(labels: list[dict[str, Any]], height: int) -> list[dict[str, Any]]:
    """Move labels apart so that no two stand closer than a line of text."""
    top = max([0.0, *(float(v["value"]) for v in labels)]) or 1.0
    gap = 15 * top / height
    at = -gap
    spread: list[dict[str, Any]] = []
    for label in sorted(labels, key=lambda v: float(v["value"])):
        at = max(float(label["value"]), at + gap)
        spread.append({"series": label["series"], "text": label["text"], "at": at})
    return spread


def _panels(values: list[dict[str, Any]], names: list[str], periods: list[str], language: Language) -> dict[str, Any]:
    x = time_axis(periods, language, at_most=2)
    return {
        "data": {"values": values},
        "columns": 4,
        "spacing": {"row": 20, "column": 22},
        "facet": {
            "field": "series",
            "type": "nominal",
            "sort": names,
            "title": None,
            "header": {"labelAnchor": "start", "labelLimit": 150},
        },
        "resolve": {"scale": {"y": "independent"}, "axis": {"x": "independent"}},
        "spec": {
            "width": 136,
            "height": 70,
            "layer": [
                {
                    "mark": {"type": "line", "strokeWidth": 1.8, "invalid": "break-paths-show-domains"},
                    "encoding": {"x": x, "y": _y(2)},
                },
                {
                    "mark": {"type": "point", "size": 10, "invalid": "filter", "color": TEXT.stand_in},
                    "encoding": {"x": x, "y": _y(2)},
                },
            ],
        },
    }
