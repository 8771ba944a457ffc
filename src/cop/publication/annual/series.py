"""Official series: figures published by others, as they were received."""

from __future__ import annotations

from typing import Any

import polars as pl

from cop.editions.tables import TOTAL
from cop.publication.annual import say
from cop.publication.annual.tree import Block, Column, Section, Table, bullets, paragraph, row
from cop.publication.charts.figure import Column as Shown
from cop.publication.charts.lines import lines
from cop.publication.facts import Facts
from cop.publication.words import said

MOST = 12
"""The most series of a dataset that are drawn and listed; the data files hold all."""


def chapter(facts: Facts) -> tuple[Section, ...]:
    """The chapter; nothing where the edition received no series."""
    _ = facts.language.gettext
    described = facts.metadata_list("series")
    if not described:
        return ()
    lead = _("These figures are their publishers' own. They were read and kept, not recomputed.")
    opening = Section("series", _("Official series"), 1, (paragraph(lead, lead=True),))
    return opening, *(_section(facts, about) for about in described)


def _section(facts: Facts, about: dict[str, Any]) -> Section:
    language = facts.language
    _ = language.gettext
    title = language.pick(about["title"])
    frame = _named(facts, facts.series.filter(pl.col("dataset") == about["id"]), title)
    periods = sorted(set(frame["period"].drop_nulls()))
    span = (
        language.period(f"{periods[0]}/{periods[-1]}")
        if len(periods) > 1
        else language.period(periods[0])
        if periods
        else ""
    )
    pairs = [
        (_("Source"), language.pick(about.get("source"))),
        (_("Period"), span),
        (_("Observations"), language.number(frame.height)),
        (_("Unit"), said("unit", about.get("unit"), language)),
        (_("Licence"), language.pick(about.get("licence"))),
    ]
    blocks: list[Block] = [bullets(*say.labelled(pairs))]
    latest = frame.drop_nulls("value").sort("period").group_by("series", maintain_order=True).last()
    largest = latest.sort("value", "series", descending=[True, False]).head(MOST)
    if not largest.is_empty():
        blocks += _shown(facts, about, frame, largest, latest.height)
    return Section(f"series-{about['id']}", title, 2, tuple(blocks))


def _named(facts: Facts, frame: pl.DataFrame, title: str) -> pl.DataFrame:
    """Every series with a name: its area where that tells it, else its key too; without an area the title."""
    several = (frame.group_by("area").agg(pl.col("key").n_unique().alias("n"))["n"].max() or 0) != 1

    def name(area: str | None, key: str | None) -> str:
        place = "" if area in {None, "", TOTAL} else facts.area(str(area))
        return (f"{place} ({key})" if place else str(key)) if several else place or title

    names = [name(a, k) for a, k in frame.select("area", "key").iter_rows()]
    return frame.with_columns(pl.Series("series", names, dtype=pl.String)).sort("series", "period")


def _shown(facts: Facts, about: dict[str, Any], frame: pl.DataFrame, largest: pl.DataFrame, count: int) -> list[Block]:
    language = facts.language
    _ = language.gettext
    whole = all(float(v).is_integer() for v in frame["value"].drop_nulls())
    decimals = 0 if whole else 1 if (largest["value"][0] or 0) >= 10 else 3
    unit = say.first_capital(said("unit", about.get("unit"), language)) or _("Value")
    title = language.pick(about["title"])
    blocks: list[Block] = []
    if frame["period"].n_unique() > 1:
        drawn = pl.concat(frame.filter(pl.col("series") == s) for s in largest["series"])
        chart = lines(
            drawn.select("series", "period", "value", pl.col("obs_status").alias("status")),
            what=title, unit=unit, language=language, decimals=decimals,
        )  # fmt: skip
        blocks.append(say.figure(chart))
    shown = Shown("value", unit, "number", decimals)
    rows = tuple(
        row(r["series"], language.period(r["period"], short=True), shown.shown(r["value"], r["obs_status"], language))
        for r in largest.iter_rows(named=True)
    )
    note = ""
    if count > largest.height:
        note = _(
            "The %(shown)s largest of %(count)s series; the data files hold all.",
            shown=language.number(largest.height),
            count=language.number(count),
        )
    columns = (Column(_("Series"), 5), Column(_("Period"), 1.6), Column(unit, 1.6, number=True))
    blocks.append(Table(_("%(title)s: last published values", title=title), columns, rows, note))
    return blocks
