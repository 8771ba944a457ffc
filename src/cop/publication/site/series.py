"""Official series: figures published by others, kept as they were received, each on a page of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

from cop.publication.charts.figure import Column
from cop.publication.charts.lines import lines
from cop.publication.facts import Facts, first_lineage
from cop.publication.site.page import Page, Shown, slug
from cop.publication.words import said

MOST_ROWS = 600
"""Rows of a series that its page shows; the download holds all."""


def series_path(dataset: str) -> str:
    """The permanent address of an official series."""
    return f"series/{slug(dataset)}/"


def _page(facts: Facts, about: dict[str, Any]) -> Page:
    language, identity = facts.language, about["id"]
    frame = facts.series.filter(pl.col("dataset") == identity).sort("key", "area", "period")
    several = frame.group_by("area").agg(pl.col("key").n_unique().alias("n"))["n"].max() or 0
    names = [
        facts.area(a) if a and several == 1 else f"{facts.area(a)} ({k})" if a else k
        for a, k in frame.select("area", "key").iter_rows()
    ]
    rows = frame.select(
        pl.Series("series", names, dtype=pl.String),
        "area",
        "key",
        "period",
        "value",
        "unit",
        pl.col("obs_status").alias("status"),
    )
    largest = (
        rows.drop_nulls("value")
        .sort("period")
        .group_by("series", maintain_order=True)
        .last()
        .sort("value", "series", descending=[True, False])
        .head(12)["series"]
        .to_list()
    )
    decimals = 0 if all(v is None or float(v).is_integer() for v in rows["value"]) else 1
    unit = said("unit", about.get("unit"), language) or language.gettext("Value")
    figures: tuple[Shown, ...] = ()
    if largest and rows["period"].n_unique() > 1:
        shown = pl.concat(rows.filter(pl.col("series") == s) for s in largest)
        figure = lines(
            shown,
            what=language.pick(about["title"]),
            unit=unit[:1].upper() + unit[1:],
            language=language,
            decimals=decimals,
        )
        figures = (
            Shown(
                "series",
                figure,
                language.gettext("The %(n)s largest at the end", n=len(largest))
                if rows["series"].n_unique() > 12
                else "",
                first_lineage(frame),
            ),
        )
    columns = (
        Column("series", language.gettext("Series")),
        Column("period", language.gettext("Period")),
        Column("value", unit[:1].upper() + unit[1:], "number", decimals),
    )
    context = {
        "described": about,
        "figure": figures[0] if figures else None,
        "lineage": first_lineage(frame),
        "count": frame.height,
        "shown": min(frame.height, MOST_ROWS),
        "headings": [c.heading for c in columns],
        "rows": [
            [c.shown(r[c.name], r["status"], language) for c in columns]
            for r in rows.head(MOST_ROWS).iter_rows(named=True)
        ],
        "dimensions": sorted({name for text in frame["dims"].unique().to_list() for name in json.loads(text or "{}")}),
        "flows": sorted(set(frame["flow"].drop_nulls())),
    }
    description = language.gettext(
        "Official series as received from %(source)s.", source=language.pick(about.get("source")) or "?"
    )
    return Page(
        series_path(identity),
        "series.html",
        language.pick(about["title"]),
        description,
        "series",
        ((language.gettext("Official series"), "series/"),),
        context,
        figures,
    )


def pages(facts: Facts) -> Iterator[Page]:
    """The index of series, then a page each."""
    language = facts.language
    described = facts.metadata_list("series")
    listed = [
        {
            **about,
            "path": series_path(about["id"]),
            "title": language.pick(about["title"]),
            "areas": facts.series.filter(pl.col("dataset") == about["id"])["area"].drop_nulls().n_unique(),
            "span": _span(facts, about["id"]),
        }
        for about in described
    ]
    yield Page(
        "series/",
        "series_index.html",
        language.gettext("Official series"),
        language.gettext("Figures published by others, kept as they were received."),
        "series",
        (),
        {"series": listed},
    )
    for about in described:
        yield _page(facts, about)


def _span(facts: Facts, dataset: str) -> str:
    periods = facts.series.filter(pl.col("dataset") == dataset)["period"].drop_nulls()
    if periods.is_empty():
        return ""
    first, last = str(periods.min()), str(periods.max())
    return facts.language.period(first) if first == last else facts.language.period(f"{first}/{last}")
