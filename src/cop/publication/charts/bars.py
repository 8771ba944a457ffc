"""Ranked bars: counts by category, largest first, each with its number; what is withheld says so and has no bar."""

from __future__ import annotations

from typing import Any

import polars as pl

from cop.publication.charts.figure import SUPPRESSED, Column, Figure, absent
from cop.publication.charts.theme import MAIN, QUIET, TEXT
from cop.publication.language import Language


def bars(
    frame: pl.DataFrame,
    *,
    what: str,
    by: str,
    language: Language,
    threshold: int,
    total: int | None = None,
    ranked: bool = True,
    width: int = 240,
    label_width: int = 170,
) -> Figure:
    """One bar per category.

    Args:
        frame: columns label, value (null where there is none), status (A, Q, M).
        what: the thing counted, as it stands in a sentence.
        by: the heading of the category ("Age").
        language: of every word.
        threshold: the smallest count that is published.
        total: the published total, for shares; None where it is not published.
        ranked: largest first; otherwise in the order given (ages).
        width: of the bars, px.
        label_width: the most room a label may take, px; a longer one is cut with an ellipsis.
    """
    _ = language.gettext
    ordered = frame.sort("value", descending=True, nulls_last=True, maintain_order=True) if ranked else frame
    known = ordered.filter(pl.col("value").is_not_null())
    hidden = ordered.filter(pl.col("status") == SUPPRESSED).height
    if known.is_empty() or not known["value"].max():
        title = _("No published value above zero")
        alt = _("No value of %(what)s can be shown by this category.", what=what)
    else:
        top = known.row(known["value"].arg_max() or 0, named=True)
        share = f" ({language.percent(100 * top['value'] / total, 0)})" if total else ""
        title = _(
            "Most: %(label)s, %(value)s%(share)s", label=top["label"], value=language.number(top["value"]), share=share
        )
        listed = [f"{r['label']} {language.number(r['value'])}" for r in known.head(8).iter_rows(named=True)]
        alt = _("Bars of %(what)s by category: %(values)s.", what=what, values=language.listing(listed))
        if known.height > 8:
            alt += " " + language.ngettext(
                "%(n)s more category is in the table.", "%(n)s more categories are in the table.", known.height - 8
            )
    note = ""
    if hidden:
        alt += " " + language.ngettext("%(n)s category is withheld.", "%(n)s categories are withheld.", hidden)
        note = language.ngettext(
            "The category marked withheld has fewer than %(threshold)s reports, "
            "or would reveal one that has; it is not zero.",
            "The %(n)s categories marked withheld have fewer than %(threshold)s reports, "
            "or would reveal one that has; they are not zero.",
            hidden,
            threshold=language.number(threshold),
        )
    return Figure(
        title=title,
        alt=alt,
        note=note,
        table=ordered,
        language=language,
        spec=_spec(ordered, language, width, label_width),
        columns=(Column("label", by), Column("value", _("Reports"), "number", 0)),
    )


def _spec(frame: pl.DataFrame, language: Language, width: int, label_width: int) -> dict[str, Any]:
    largest = max([0, *(v for v in frame["value"].to_list() if v is not None)])
    values = [
        {
            "label": r["label"],
            "value": r["value"],
            "text": absent(r["status"], language) if r["value"] is None else language.number(r["value"]),
        }
        for r in frame.iter_rows(named=True)
    ]
    y = {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "labelColor": TEXT.stand_in, "labelLimit": label_width, "labelPadding": 8},
    }
    x = {"field": "value", "type": "quantitative", "scale": {"domain": [0, max(1, largest) * 1.12]}, "axis": None}
    text = {"type": "text", "align": "left", "dx": 6, "fontSize": 12}
    return {
        "width": width,
        "height": {"step": 26},
        "data": {"values": values},
        "encoding": {"y": y},
        "layer": [
            {
                "mark": {"type": "bar", "height": 15, "color": MAIN.stand_in},
                "encoding": {"x": x},
                "transform": [{"filter": "datum.value !== null"}],
            },
            {
                "mark": {**text, "color": TEXT.stand_in, "fontWeight": 500},
                "encoding": {"x": x, "text": {"field": "text"}},
                "transform": [{"filter": "datum.value !== null"}],
            },
            {
                "mark": {**text, "color": QUIET.stand_in, "fontStyle": "italic"},
                "encoding": {"x": {"datum": 0}, "text": {"field": "text"}},
                "transform": [{"filter": "datum.value === null"}],
            },
        ],
    }
