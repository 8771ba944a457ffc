"""Estimates: a point and its interval, always together; what is not published says so.

Uncertainty comes before the point: the range is the heavier mark, and the title names the interval. Whether two
estimates differ is not read from overlapping intervals, so no sentence here claims it.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cop.publication.charts.figure import Column, Figure
from cop.publication.charts.theme import GROUND, MAIN, QUIET, TEXT
from cop.publication.language import Language

PERCENT = ("percent", "%", "PT", "PC")
"""Unit codes shown with a per cent sign; the values are on the scale 0 to 100."""


def measured(value: float, unit: str, language: Language) -> str:
    """An estimate with one decimal and its unit."""
    return language.percent(value) if unit in PERCENT else language.number(value, 1)


def interval_words(estimate: float, low: float, high: float, unit: str, language: Language) -> str:
    """An estimate with its interval: `15.9% (14.8% to 17.1%)`."""
    return language.gettext(
        "%(estimate)s (%(low)s to %(high)s)",
        estimate=measured(estimate, unit, language),
        low=measured(low, unit, language),
        high=measured(high, unit, language),
    )


def intervals(
    frame: pl.DataFrame,
    *,
    what: str,
    unit: str,
    language: Language,
    reference: tuple[str, float] | None = None,
    width: int = 460,
) -> Figure:
    """A row per estimate, in groups.

    Args:
        frame: columns group (may be empty text), label, estimate, ci_low, ci_high, n, flag (ok or another word),
            reason, status; estimate and limits null where they are not published.
        what: the thing estimated, as it stands in a sentence.
        unit: unit code of the edition.
        language: of every word.
        reference: a label and a value to compare with (all children), drawn as a line.
        width: of the plot, px.
    """
    _ = language.gettext
    known = frame.drop_nulls(["estimate", "ci_low", "ci_high"])
    hidden = frame.height - known.height
    if known.is_empty():
        title = _("No estimate can be published")
        alt = _("No estimate of %(what)s can be published.", what=what)
    else:
        words = {
            name: interval_words(r["estimate"], r["ci_low"], r["ci_high"], unit, language)
            for name, r in (
                ("high", known.row(known["estimate"].arg_max() or 0, named=True)),
                ("low", known.row(known["estimate"].arg_min() or 0, named=True)),
            )
        }
        high = known.row(known["estimate"].arg_max() or 0, named=True)
        low = known.row(known["estimate"].arg_min() or 0, named=True)
        if known.height == 1:
            title = _("%(label)s: %(words)s", label=high["label"], words=words["high"])
        else:
            title = _("Highest estimate: %(label)s, %(words)s", label=_full(high), words=words["high"])
        alt = _(
            "Estimates of %(what)s with 95%% confidence intervals, %(count)s groups. "
            "Highest: %(high)s, %(high_words)s. Lowest: %(low)s, %(low_words)s.",
            what=what,
            count=language.number(known.height),
            high=_full(high),
            high_words=words["high"],
            low=_full(low),
            low_words=words["low"],
        )
        if reference is not None:
            alt += " " + _(
                "The dashed line is %(label)s, %(value)s.",
                label=reference[0],
                value=measured(reference[1], unit, language),
            )
    note = _("Dot: estimate. Bar: 95%% confidence interval.", n=0)
    if reference is not None and not known.is_empty():
        note += " " + _(
            "Dashed line: %(label)s, %(value)s.", label=reference[0], value=measured(reference[1], unit, language)
        )
    if known.filter(pl.col("flag") != "ok").height:
        note += " " + _("Hollow dot: to be used with caution, the table says why.")
    if hidden:
        more = language.ngettext(
            "%(n)s estimate is not published because it is too uncertain or rests on too few answers.",
            "%(n)s estimates are not published because they are too uncertain or rest on too few answers.",
            hidden,
        )
        alt, note = f"{alt} {more}", f"{note} {more}"
    kind = "percent" if unit in PERCENT else "number"
    columns = [
        Column("label", _("Group")),
        Column("estimate", _("Estimate"), kind, 1),
        Column("ci_low", _("95% interval from"), kind, 1),
        Column("ci_high", _("to"), kind, 1),
        Column("n", _("Answers"), "number", 0),
        Column("quality", _("Quality")),
    ]
    if frame["group"].n_unique() > 1:
        columns.insert(0, Column("group", _("By")))
    table = frame.with_columns(
        pl.struct("flag", "reason")
        .map_elements(lambda s: quality(s["flag"], s["reason"], language), return_dtype=pl.String)
        .alias("quality")
    )
    return Figure(
        title=title,
        alt=alt,
        note=note,
        table=table,
        columns=tuple(columns),
        language=language,
        spec=_spec(frame, unit, language, reference, width),
    )


def quality(flag: str | None, reason: str | None, language: Language) -> str:
    """A quality flag in words, with its reason."""
    words = {
        "ok": language.gettext("meets the publication standard"),
        "use with caution": language.gettext("use with caution"),
        "not published": language.gettext("not published"),
    }.get(flag or "ok", flag or "")
    return f"{words}: {reason}" if reason else words


def _full(row: dict[str, Any]) -> str:
    return f"{row['group']}: {row['label']}" if row["group"] and row["group"] != row["label"] else str(row["label"])


def _spec(
    frame: pl.DataFrame, unit: str, language: Language, reference: tuple[str, float] | None, width: int
) -> dict[str, Any]:
    sign = language.gettext("%") if unit in PERCENT else ""
    top = max([1.0, *(v for v in frame["ci_high"].to_list() if v is not None)])
    scale = {"domain": [0, min(100.0, top * 1.06) if unit in PERCENT else top * 1.06], "nice": True}
    axis = {"title": None, "tickCount": 5, "labelExpr": f"datum.label + '{sign}'", "orient": "bottom"}
    groups = frame["group"].unique(maintain_order=True).to_list()
    values = [
        {
            "group": r["group"],
            "label": r["label"],
            "estimate": r["estimate"],
            "low": r["ci_low"],
            "high": r["ci_high"],
            "sure": r["flag"] == "ok",
            "text": language.gettext("not published")
            if r["estimate"] is None
            else measured(r["estimate"], unit, language),
        }
        for r in frame.iter_rows(named=True)
    ]
    y = {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "axis": {
            "title": None,
            "labelColor": TEXT.stand_in,
            "labelLimit": 200,
            "labelPadding": 8,
            "grid": True,
            "gridDash": [1, 3],
        },
    }
    x = {"field": "low", "type": "quantitative", "scale": scale, "axis": axis}
    shown = [{"filter": "datum.estimate !== null"}]
    point = {"field": "estimate", "type": "quantitative", "scale": scale, "axis": axis}
    layers: list[dict[str, Any]] = [
        {
            "transform": shown,
            "mark": {"type": "rule", "strokeWidth": 6, "strokeCap": "round", "opacity": 0.32, "color": MAIN.stand_in},
            "encoding": {"y": y, "x": x, "x2": {"field": "high"}},
        },
        {
            "transform": [{"filter": "datum.estimate !== null && datum.sure"}],
            "mark": {"type": "point", "size": 62, "filled": True, "color": MAIN.stand_in},
            "encoding": {"y": y, "x": point},
        },
        {
            "transform": [{"filter": "datum.estimate !== null && !datum.sure"}],
            "mark": {
                "type": "point",
                "size": 58,
                "filled": True,
                "fill": GROUND.stand_in,
                "stroke": MAIN.stand_in,
                "strokeWidth": 2,
            },
            "encoding": {"y": y, "x": point},
        },
        {
            "transform": shown,
            "mark": {
                "type": "text",
                "align": "left",
                "dx": 9,
                "fontWeight": 600,
                "fontSize": 12,
                "color": TEXT.stand_in,
            },
            "encoding": {
                "y": y,
                "x": {"field": "high", "type": "quantitative", "scale": scale, "axis": axis},
                "text": {"field": "text"},
            },
        },
        {
            "transform": [{"filter": "datum.estimate === null"}],
            "mark": {
                "type": "text",
                "align": "left",
                "dx": 4,
                "fontStyle": "italic",
                "color": QUIET.stand_in,
                "fontSize": 12,
            },
            "encoding": {
                "y": y,
                "x": {"datum": 0, "type": "quantitative", "scale": scale, "axis": axis},
                "text": {"field": "text"},
            },
        },
    ]
    if reference is not None:
        layers.insert(
            0,
            {
                "mark": {"type": "rule", "strokeDash": [4, 3], "color": QUIET.stand_in, "strokeWidth": 1},
                "encoding": {"x": {"datum": reference[1], "type": "quantitative", "scale": scale, "axis": axis}},
            },
        )
    plot = {"width": width, "height": {"step": 26}, "layer": layers}
    if len(groups) == 1:
        return {**plot, "data": {"values": values}}
    header = {"title": None, "labelOrient": "top", "labelAnchor": "start", "labelAngle": 0, "labelPadding": 2}
    return {
        "data": {"values": values},
        "spacing": 14,
        "spec": plot,
        "facet": {"row": {"field": "group", "type": "nominal", "sort": groups, "header": header}},
        "resolve": {"scale": {"y": "independent"}},
    }
