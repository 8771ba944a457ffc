"""Indicators: every estimate with its interval, by area and by group, and how sure it is."""

from __future__ import annotations

from typing import Any

import polars as pl

from cop.editions.tables import TOTAL
from cop.publication.annual import say
from cop.publication.annual.tree import Block, Column, Row, Section, Table, paragraph, row
from cop.publication.charts.figure import absent
from cop.publication.charts.intervals import interval_words, intervals, measured, quality
from cop.publication.facts import Facts, domain_words
from cop.publication.words import said

MOST_AREAS = 4
"""The most areas whose estimates by group stand side by side; with more the data files have to do."""

CAUTION = "\u2020"


def chapter(facts: Facts) -> tuple[Section, ...]:
    """The chapter; nothing where the edition knows no indicator."""
    language = facts.language
    _ = language.gettext
    known = facts.metadata_list("indicators")
    have = set(facts.surveyed["indicator"])
    estimated = [i for i in known if i["code"] in have]
    if not known:
        return ()
    lead = _(
        "%(n)s indicators are estimated from surveys of children. Each estimate stands with its 95%% confidence "
        "interval: the range of values that the survey is compatible with.",
        n=language.number(len(estimated)),
    )
    reading = _(
        "Whether two estimates differ cannot be read from whether their intervals overlap. An estimate that rests "
        "on too few answers, or is too uncertain, is not published. Estimates marked %(mark)s are to be "
        "used with caution.",
        mark=CAUTION,
    )
    opening: list[Block] = [paragraph(lead, lead=True), paragraph(reading)] if estimated else []
    if others := [i for i in known if i["code"] not in have]:
        opening.append(_others(facts, others))
    sections = [Section("indicators", _("Indicators"), 1, tuple(opening))]
    for dimension in dict.fromkeys(str(i.get("dimension") or "") for i in estimated):
        sections.append(Section(f"indicators-{dimension}", said("dimension", dimension, language), 2))
        sections += [_section(facts, i) for i in estimated if str(i.get("dimension") or "") == dimension]
    return tuple(sections)


def _others(facts: Facts, indicators: list[dict[str, Any]]) -> Table:
    language = facts.language
    _ = language.gettext
    rows = tuple(
        row(
            language.pick(i["name"]),
            say.first_capital(said("source", i.get("source_kind"), language)),
            language.pick(i["definition"]),
        )
        for i in indicators
    )
    columns = (Column(_("Indicator"), 3), Column(_("Source"), 1.6), Column(_("Definition"), 5))
    return Table(_("Indicators that do not come from a survey"), columns, rows)


def _section(facts: Facts, indicator: dict[str, Any]) -> Section:
    language = facts.language
    frame = facts.estimates.filter(pl.col("indicator") == indicator["code"])
    whole = frame.filter(pl.col("domain") == TOTAL).sort("area", "period", "survey")
    name = language.pick(indicator["name"])
    blocks: list[Block] = [paragraph(language.pick(indicator["definition"]))]
    if whole.height >= 2:
        blocks.append(say.figure(intervals(_charted(facts, whole), what=name, unit=_unit(frame), language=language)))
    elif not whole.is_empty():
        blocks += _one_area(facts, frame, whole, name)
    blocks.append(_quality(facts, whole, name))
    blocks += _groups(facts, frame, name)
    return Section(f"indicator-{indicator['code']}", name, 3, tuple(blocks))


def _unit(frame: pl.DataFrame) -> str:
    return str(frame["unit"][0])


def _charted(facts: Facts, frame: pl.DataFrame, labels: list[tuple[str, str]] | None = None) -> pl.DataFrame:
    """The columns that a chart of intervals asks for."""
    several = frame["period"].n_unique() > 1
    named = labels or [
        ("", f"{facts.area(a)}, {p}" if several else facts.area(a))
        for a, p in frame.select("area", "period").iter_rows()
    ]
    return frame.select(
        pl.Series("group", [g for g, _ in named], dtype=pl.String),
        pl.Series("label", [w for _, w in named], dtype=pl.String),
        "estimate", "ci_low", "ci_high", "n",
        pl.col("flag").fill_null("ok"),
        pl.col("flag_reason").fill_null("").alias("reason"),
        pl.col("obs_status").alias("status"),
    )  # fmt: skip


def _one_area(facts: Facts, frame: pl.DataFrame, whole: pl.DataFrame, name: str) -> list[Block]:
    """A sentence with the estimate, and the groups of the one survey as a picture."""
    _ = facts.language.gettext
    first = whole.row(0, named=True)
    area = facts.area(first["area"])
    text = _(
        "%(area)s, %(period)s: %(words)s.",
        area=area,
        period=facts.language.period(first["period"]),
        words=_estimate(facts, first),
    )
    blocks: list[Block] = [paragraph(text)]
    groups = _simple(frame)
    if groups.height:
        labels = [domain_words(facts, s, d) for s, d in groups.select("survey", "domain").iter_rows()]
        reference = (
            (_("all of %(area)s", area=area), float(first["estimate"])) if first["estimate"] is not None else None
        )
        chart = intervals(
            _charted(facts, groups, labels),
            what=f"{name}, {area}",
            unit=_unit(frame),
            language=facts.language,
            reference=reference,
        )
        blocks.append(say.figure(chart))
    return blocks


def _simple(frame: pl.DataFrame) -> pl.DataFrame:
    """The groups by one characteristic, kept together by characteristic, codes that are numbers in order of number."""
    found = frame.filter(pl.col("domain") != TOTAL, ~pl.col("domain").str.contains(";"))
    parts = pl.col("domain").str.split_exact("=", 1)
    name, code = parts.struct.field("field_0"), parts.struct.field("field_1")
    return found.sort(name, code.cast(pl.Float64, strict=False), code, "area", "period", nulls_last=True)


def _estimate(facts: Facts, estimate: dict[str, Any]) -> str:
    """The estimate with its interval, or why it is not there; a dagger where caution is asked."""
    if estimate["estimate"] is None:
        return facts.language.gettext("not published")
    mark = "" if estimate["flag"] in {None, "ok"} else CAUTION
    if estimate["ci_low"] is None or estimate["ci_high"] is None:
        return measured(estimate["estimate"], estimate["unit"], facts.language) + mark
    return (
        interval_words(estimate["estimate"], estimate["ci_low"], estimate["ci_high"], estimate["unit"], facts.language)
        + mark
    )


def _quality(facts: Facts, whole: pl.DataFrame, name: str) -> Table:
    language = facts.language
    _ = language.gettext
    columns = (
        Column(_("Area"), 2), Column(_("Period"), 1), Column(_("Estimate (95% interval)"), 3.2, number=True),
        Column(_("Standard error"), 1.2, number=True), Column(_("Design effect"), 1.2, number=True),
        Column(_("Answers"), 1.1, number=True), Column(_("Quality"), 3.4),
    )  # fmt: skip
    rows = [
        row(
            facts.area(r["area"]), language.period(r["period"]), _estimate(facts, r),
            language.number(r["se"], 2) if r["se"] is not None else absent(r["obs_status"], language),
            language.number(r["deff"], 2) if r["deff"] is not None else absent(r["obs_status"], language),
            language.number(r["n"]) if r["n"] is not None else absent(r["obs_status"], language),
            quality(r["flag"], r["flag_reason"], language),
        )
        for r in whole.iter_rows(named=True)
    ]  # fmt: skip
    return Table(_("%(name)s, all children", name=name), columns, tuple(rows), _sources(facts, whole))


def _sources(facts: Facts, frame: pl.DataFrame) -> str:
    used = set(frame["survey"])
    titles = [facts.language.pick(s.get("title")) for s in facts.metadata_list("surveys") if s["id"] in used]
    return facts.language.gettext("Source: %(surveys)s.", surveys=facts.language.listing(titles)) if titles else ""


def _groups(facts: Facts, frame: pl.DataFrame, name: str) -> list[Block]:
    """A table of the estimates by group, an area a column."""
    language = facts.language
    _ = language.gettext
    groups = _simple(frame)
    if groups.is_empty():
        return []
    places = groups.select("area", "period").unique().sort("area", "period").rows()
    if len(places) > MOST_AREAS:
        return [
            paragraph(_("The estimates by group of %(n)s areas are in the data files.", n=language.number(len(places))))
        ]
    cells: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
    for r in groups.iter_rows(named=True):
        key = domain_words(facts, r["survey"], r["domain"])
        cells.setdefault(key, {})[(r["area"], r["period"])] = _estimate(facts, r)
    several = len({p for _, p in places}) > 1
    headings = [f"{facts.area(a)}, {language.period(p)}" if several else facts.area(a) for a, p in places]
    columns = (Column(_("Group"), 1.4), *(Column(h, 2.4, number=True) for h in headings))
    rows: list[Row] = []
    last = ""
    for (by, which), values in cells.items():
        if by != last:
            rows.append(row(by, *("" for _ in places), strong=True))
            last = by
        rows.append(row(which, *(values.get(p, _("not asked")) for p in places)))
    note = ""
    if deeper := frame.filter(pl.col("domain").str.contains(";")).height:
        note = language.ngettext(
            "%(n)s estimate by two or more characteristics is in the data files.",
            "%(n)s estimates by two or more characteristics are in the data files.",
            deeper,
        )
    return [Table(_("%(name)s, by group (95%% interval)", name=name), columns, tuple(rows), note)]
