"""Counts over time: one line, or one small panel per series. A withheld period is a gap, shaded and named."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import polars as pl

from cop.publication.charts.figure import SUPPRESSED, Column, Figure
from cop.publication.charts.theme import MAIN, QUIET, SHADE, TEXT
from cop.publication.language import Language


def tick_periods(periods: Sequence[str], at_most: int) -> list[str]:
    """The periods to label: at even steps that begin a year, half-year or quarter where months allow it."""
    for step in (1, 2, 3, 6, 12, 24, 60):
        chosen = [
            p for i, p in enumerate(periods) if (int(p[5:7]) - 1 if len(p) == 7 and p[5] != "Q" else i) % step == 0
        ]
        if 0 < len(chosen) <= at_most:
            return chosen
    return [periods[0], periods[-1]]


def time_axis(periods: Sequence[str], language: Language, *, at_most: int) -> dict[str, Any]:
    """The x channel over ordered periods, labelled in the language."""
    labels = {p: language.period(p, short=True) for p in periods}
    lookup = "{" + ", ".join(f'"{p}": "{label}"' for p, label in labels.items()) + "}"
    axis = {
        "title": None,
        "grid": False,
        "labelAngle": 0,
        "values": tick_periods(periods, at_most),
        "ticks": True,
        "tickSize": 4,
        "tickColor": QUIET.stand_in,
        "labelExpr": f"({lookup})[datum.value]",
        "labelOverlap": False,
    }
    return {"field": "period", "type": "ordinal", "scale": {"domain": list(periods), "paddingOuter": 0.1}, "axis": axis}


def withheld_note(frame: pl.DataFrame, threshold: int, language: Language) -> str:
    """What the shading means, or nothing when no value is withheld."""
    count = frame.filter(pl.col("status") == SUPPRESSED).height
    if not count:
        return ""
    return language.ngettext(
        "The shaded period is withheld to protect confidentiality: fewer than %(threshold)s reports stand behind it, "
        "or it would reveal one that has as few. It is not zero.",
        "The %(n)s shaded periods are withheld to protect confidentiality: fewer than %(threshold)s reports stand "
        "behind each, or they would reveal one that has as few. They are not zero.",
        count,
        threshold=language.number(threshold),
    )


def _change(known: pl.DataFrame, whole: bool, language: Language) -> str:
    """The finding: the last twelve months against the twelve before where all are published, else the peak."""
    _ = language.gettext
    values: list[int] = known["value"].to_list()
    periods: list[str] = known["period"].to_list()
    if whole and len(values) >= 24 and len(periods[0]) == 7:
        before, after = sum(values[-24:-12]), sum(values[-12:])
        if before:
            change = 100 * (after - before) / before
            share = language.percent(abs(change), 0)
            if abs(change) < 5:
                return _(
                    "Little change: %(after)s in the last twelve months, %(before)s in the twelve before",
                    after=language.number(after),
                    before=language.number(before),
                )
            return (
                _(
                    "Up %(share)s: %(after)s in the last twelve months, %(before)s in the twelve before",
                    share=share,
                    after=language.number(after),
                    before=language.number(before),
                )
                if change > 0
                else _(
                    "Down %(share)s: %(after)s in the last twelve months, %(before)s in the twelve before",
                    share=share,
                    after=language.number(after),
                    before=language.number(before),
                )
            )
    top = max(range(len(values)), key=lambda i: values[i])
    return _("Most in %(period)s: %(value)s", period=language.period(periods[top]), value=language.number(values[top]))


def trend(
    frame: pl.DataFrame, *, what: str, language: Language, threshold: int, width: int = 680, height: int = 190
) -> Figure:
    """One line over time.

    Args:
        frame: columns period (SDMX, ordered), value (null where there is none), status (A, Q, M).
        what: the thing counted, as it stands in a sentence ("reports of sexual extortion").
        language: of every word.
        threshold: the smallest count that is published.
        width: of the plot, px.
        height: of the plot, px.
    """
    _ = language.gettext
    known = frame.filter(pl.col("value").is_not_null())
    hidden = frame.filter(pl.col("status") == SUPPRESSED).height
    span = language.period(f"{frame['period'][0]}/{frame['period'][-1]}")
    columns = (Column("period_words", _("Period")), Column("value", _("Reports"), "number", 0))
    table = frame.with_columns(
        pl.col("period").map_elements(language.period, return_dtype=pl.String).alias("period_words")
    ).select("period", "period_words", "value", "status")
    if known.is_empty():
        title = _("Every period is withheld or missing")
        alt = _("No value of %(what)s from %(span)s can be shown.", what=what, span=span)
    else:
        low = known.row(known["value"].arg_min() or 0, named=True)
        high = known.row(known["value"].arg_max() or 0, named=True)
        title = _change(known, known.height == frame.height, language)
        alt = _(
            "Line of %(what)s by period, %(span)s. "
            "Lowest published value %(low)s (%(low_period)s), "
            "highest %(high)s (%(high_period)s), last %(last)s (%(last_period)s).",
            what=what,
            span=span,
            low=language.number(low["value"]),
            low_period=language.period(low["period"]),
            high=language.number(high["value"]),
            high_period=language.period(high["period"]),
            last=language.number(known["value"][-1]),
            last_period=language.period(known["period"][-1]),
        )
    if hidden:
        alt += " " + language.ngettext("%(n)s period is withheld.", "%(n)s periods are withheld.", hidden)
    return Figure(
        title=title,
        alt=alt,
        table=table,
        columns=columns,
        language=language,
        note=withheld_note(frame, threshold, language),
        spec=_line_spec(frame, language, width, height),
    )


def _line_spec(frame: pl.DataFrame, language: Language, width: int, height: int) -> dict[str, Any]:
    x = time_axis(frame["period"].to_list(), language, at_most=max(2, width // 85))
    known = frame.filter(pl.col("value").is_not_null())
    ends: list[dict[str, Any]] = []
    if not known.is_empty():
        peak = known.row(known["value"].arg_max() or 0, named=True)
        last = known.row(-1, named=True)
        ends = [
            {"period": r["period"], "value": r["value"], "text": language.number(r["value"])}
            for r in {p["period"]: p for p in (peak, last)}.values()
        ]
    hidden = frame.filter(pl.col("status") == SUPPRESSED).select("period").to_dicts()
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": True, "nice": True},
        "axis": {"title": None, "tickCount": 4, "format": ",d", "tickMinStep": 1},
    }
    return {
        "width": width,
        "height": height,
        "layer": [
            {"data": {"values": hidden}, "mark": {"type": "rect", "color": SHADE.stand_in}, "encoding": {"x": x}},
            {
                "data": {"values": frame.select("period", "value").to_dicts()},
                "layer": [
                    {"mark": {"type": "line", "invalid": "break-paths-show-domains"}},
                    {"mark": {"type": "point", "size": 22, "invalid": "filter"}},
                ],
                "encoding": {"x": x, "y": y},
            },
            {
                "data": {"values": ends},
                "mark": {"type": "text", "dy": -11, "fontWeight": 600, "fontSize": 12, "color": TEXT.stand_in},
                "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}},
            },
        ],
    }


def panels(
    frame: pl.DataFrame,
    *,
    what: str,
    language: Language,
    threshold: int,
    columns: int = 3,
    width: int = 196,
    height: int = 78,
) -> Figure:
    """Small multiples: a panel per series, each with its own vertical scale, all with the same time.

    Args:
        frame: columns panel (in the order to show), period, value, status; every panel has every period.
        what: the thing counted, as it stands in a sentence.
        language: of every word.
        threshold: the smallest count that is published.
        columns: panels in a row.
        width: of a panel, px.
        height: of a panel, px.
    """
    _ = language.gettext
    names = frame["panel"].unique(maintain_order=True).to_list()
    periods = frame["period"].unique().sort().to_list()
    risen = _risen(frame, names)
    span = language.period(f"{periods[0]}/{periods[-1]}")
    whole = frame.group_by("panel", maintain_order=True).agg(
        pl.col("value").sum(),
        pl.col("value").is_not_null().any().alias("known"),
        (pl.col("status") == SUPPRESSED).any().alias("partial"),
    )
    if risen is not None:
        title = _(
            "%(name)s rose most: %(after)s in the last twelve months, %(before)s in the twelve before",
            name=risen[0],
            before=language.number(risen[1]),
            after=language.number(risen[2]),
        )
    else:
        title = _("%(what)s by month", what=what[:1].upper() + what[1:])
    sums = [
        _("%(name)s withheld", name=r["panel"])
        if r["partial"] and not r["known"]
        else _("%(name)s at least %(value)s", name=r["panel"], value=language.number(r["value"]))
        if r["partial"]
        else _("%(name)s %(value)s", name=r["panel"], value=language.number(r["value"]))
        for r in whole.iter_rows(named=True)
    ]
    alt = _(
        "%(what)s in %(count)s panels, %(span)s. Published values add up to: %(sums)s.",
        what=what[:1].upper() + what[1:],
        count=language.number(len(names)),
        span=span,
        sums=language.listing(sums),
    )
    note = " ".join(
        filter(None, [_("Each panel has its own vertical scale."), withheld_note(frame, threshold, language)])
    )
    table = frame.with_columns(
        pl.col("period").map_elements(language.period, return_dtype=pl.String).alias("period_words")
    )
    return Figure(
        title=title,
        alt=alt,
        note=note,
        language=language,
        spec=_panel_spec(frame, names, periods, language, columns, width, height),
        table=table.select("panel", "period", "period_words", "value", "status"),
        columns=(
            Column("panel", _("Series")),
            Column("period_words", _("Period")),
            Column("value", _("Reports"), "number", 0),
        ),
    )


def _risen(frame: pl.DataFrame, names: list[str]) -> tuple[str, int, int] | None:
    """The panel with the largest rise in number over the last twelve months, among those wholly published."""
    best: tuple[str, int, int] | None = None
    for name in names:
        values = frame.filter(pl.col("panel") == name).sort("period")["value"].to_list()
        if len(values) < 24 or None in values[-24:]:
            continue
        before, after = sum(values[-24:-12]), sum(values[-12:])
        if after > before and (best is None or after - before > best[2] - best[1]):
            best = (name, before, after)
    return best


def _panel_spec(
    frame: pl.DataFrame, names: list[str], periods: list[str], language: Language, columns: int, width: int, height: int
) -> dict[str, Any]:
    x = time_axis(periods, language, at_most=max(2, width // 75))
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": True, "nice": True},
        "axis": {"title": None, "tickCount": 2, "format": ",d", "tickMinStep": 1},
    }
    letters = (width + 18) // 7
    wrapped = {
        name: "\n".join(wrap(name, letters)[:2]) + ("…" if len(wrap(name, letters)) > 2 else "") for name in names
    }
    base = {
        "facet": {
            "field": "panel",
            "type": "nominal",
            "sort": [wrapped[name] for name in names],
            "title": None,
            "header": {
                "labelAnchor": "start",
                "labelLimit": 0,
                "labelExpr": "split(datum.label, '\\n')",
                "labelLineHeight": 15,
            },
        },
        "columns": columns,
        "spacing": {"row": 22, "column": 24},
        "resolve": {"scale": {"y": "independent"}, "axis": {"x": "independent"}},
        "data": {
            "values": frame.select("panel", "period", "value", "status")
            .with_columns(pl.col("panel").replace_strict(wrapped))
            .to_dicts()
        },
    }
    layers = [
        {
            "transform": [{"filter": f"datum.status === '{SUPPRESSED}'"}],
            "mark": {"type": "rect", "color": SHADE.stand_in},
            "encoding": {"x": x},
        },
        {
            "mark": {"type": "area", "opacity": 0.14, "color": MAIN.stand_in, "invalid": "break-paths-show-domains"},
            "encoding": {"x": x, "y": y},
        },
        {
            "mark": {"type": "line", "strokeWidth": 1.8, "invalid": "break-paths-show-domains"},
            "encoding": {"x": x, "y": y},
        },
        {"mark": {"type": "point", "size": 7, "invalid": "filter"}, "encoding": {"x": x, "y": y}},
    ]
    return {**base, "spec": {"width": width, "height": height, "layer": layers}}
