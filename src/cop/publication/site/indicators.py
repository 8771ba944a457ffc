"""Indicators: an index by dimension and a page each, estimates always with their interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from cop.editions.tables import TOTAL
from cop.publication.charts.figure import absent
from cop.publication.charts.intervals import interval_words, intervals, measured, quality
from cop.publication.facts import Facts, domain_words, first_lineage
from cop.publication.site.page import Page, Shown, slug
from cop.publication.words import said


def indicator_path(code: str) -> str:
    """The permanent address of an indicator."""
    return f"indicators/{slug(code)}/"


def _rows(facts: Facts, frame: pl.DataFrame, *, by_area: bool) -> pl.DataFrame:
    words = [domain_words(facts, s, d) for s, d in frame.select("survey", "domain").iter_rows()]
    several = frame["period"].n_unique() > 1
    areas = [
        f"{facts.area(a)}, {p}" if several else facts.area(a) for a, p in frame.select("area", "period").iter_rows()
    ]
    return pl.DataFrame(
        {
            "area": frame["area"],
            "period": frame["period"],
            "survey": frame["survey"],
            "domain": frame["domain"],
            "group": pl.Series([""] * frame.height if by_area else [w[0] for w in words], dtype=pl.String),
            "label": pl.Series(areas if by_area else [w[1] for w in words], dtype=pl.String),
            "estimate": frame["estimate"],
            "se": frame["se"],
            "ci_low": frame["ci_low"],
            "ci_high": frame["ci_high"],
            "cv": frame["cv"],
            "n": frame["n"],
            "deff": frame["deff"],
            "flag": frame["flag"].fill_null("ok"),
            "reason": frame["flag_reason"].fill_null(""),
            "status": frame["obs_status"],
        }
    )


def area_figure(facts: Facts, indicator: dict[str, Any]) -> Shown | None:
    """The estimates for all children by area."""
    frame = facts.estimates.filter(pl.col("indicator") == indicator["code"], pl.col("domain") == TOTAL).sort(
        "area", "period"
    )
    if frame.is_empty():
        return None
    figure = intervals(
        _rows(facts, frame, by_area=True),
        what=facts.language.pick(indicator["name"]),
        unit=str(frame["unit"][0]),
        language=facts.language,
    )
    return Shown("by-area", figure, facts.language.pick(indicator["name"]), first_lineage(frame))


def domain_figures(facts: Facts, indicator: dict[str, Any]) -> Iterator[Shown]:
    """Per survey, the estimates by its domains, with the survey's own total as a line."""
    frame = facts.estimates.filter(pl.col("indicator") == indicator["code"])
    for (survey, period), part in sorted(frame.group_by("survey", "period"), key=lambda kv: kv[0]):
        ordered = part.filter(pl.col("domain") != TOTAL).sort(pl.col("domain").str.count_matches("="), "domain")
        if ordered.is_empty():
            continue
        whole = part.filter(pl.col("domain") == TOTAL, pl.col("estimate").is_not_null())
        area = facts.area(str(part["area"][0]))
        reference = (
            (facts.language.gettext("all of %(area)s", area=area), float(whole["estimate"][0]))
            if whole.height
            else None
        )
        rows = _rows(facts, ordered, by_area=False)
        rows = rows.with_columns(rows["group"].rank("dense").alias("_order"))
        groups = rows["group"].unique(maintain_order=True).to_list()
        rows = pl.concat(rows.filter(pl.col("group") == g) for g in groups).drop("_order")
        figure = intervals(
            rows,
            what=f"{facts.language.pick(indicator['name'])}, {area}",
            unit=str(part["unit"][0]),
            language=facts.language,
            reference=reference,
        )
        yield Shown(
            f"domains-{slug(str(survey))}-{slug(str(period))}",
            figure,
            f"{area}, {facts.language.period(str(period))}",
            str(part["lineage"][0]),
        )


def headline(facts: Facts, code: str) -> list[dict[str, str]]:
    """The estimates for all children, one per area, in words."""
    frame = facts.estimates.filter(pl.col("indicator") == code, pl.col("domain") == TOTAL).sort("area", "period")
    found: list[dict[str, str]] = []
    for row in frame.iter_rows(named=True):
        shown = row["estimate"] is not None
        found.append(
            {
                "area": facts.area(row["area"]),
                "period": facts.language.period(row["period"]),
                "value": measured(row["estimate"], row["unit"], facts.language)
                if shown
                else facts.language.gettext("not published"),
                "words": interval_words(row["estimate"], row["ci_low"], row["ci_high"], row["unit"], facts.language)
                if shown and row["ci_low"] is not None
                else "",
                "quality": ""
                if row["flag"] in (None, "ok")
                else quality(row["flag"], row["flag_reason"], facts.language),
            }
        )
    return found


def _uncertainty(facts: Facts, indicator: str) -> dict[str, Any]:
    """Every estimate with its standard error, coefficient of variation and design effect, in words."""
    frame = facts.estimates.filter(pl.col("indicator") == indicator).sort(
        "area", "period", pl.col("domain") != TOTAL, "domain"
    )
    language = facts.language
    rows: list[list[str]] = []
    for row in frame.iter_rows(named=True):
        by, which = domain_words(facts, row["survey"], row["domain"])
        status = row["obs_status"] if row["estimate"] is None else "A"
        numbers = [
            language.number(row[c], d) if row[c] is not None else absent(status, language)
            for c, d in (("se", 2), ("cv", 1), ("deff", 2), ("df", 0))
        ]
        rows.append(
            [
                facts.area(row["area"]),
                f"{by}: {which}" if by else which,
                *numbers,
                quality(row["flag"], row["flag_reason"], language),
            ]
        )
    _ = language.gettext
    headings = [
        _("Area"),
        _("Group"),
        _("Standard error"),
        _("Coefficient of variation, %%", n=0),
        _("Design effect"),
        _("Degrees of freedom"),
        _("Quality"),
    ]
    return {"headings": headings, "rows": rows}


def _page(facts: Facts, indicator: dict[str, Any]) -> Page:
    language = facts.language
    code, name = indicator["code"], language.pick(indicator["name"])
    area = area_figure(facts, indicator)
    domains = list(domain_figures(facts, indicator))
    figures = tuple(f for f in (area, *domains) if f is not None)
    used = sorted(set(facts.estimates.filter(pl.col("indicator") == code)["survey"]))
    context = {
        "indicator": indicator,
        "headline": headline(facts, code),
        "area": area,
        "domains": domains,
        "uncertainty": _uncertainty(facts, code) if figures else None,
        "surveys": [s for s in facts.metadata_list("surveys") if s["id"] in used],
        "facts": [
            (language.gettext("Dimension"), said("dimension", indicator.get("dimension"), language)),
            (language.gettext("Unit"), said("unit", indicator.get("unit"), language)),
            (language.gettext("Source"), said("source", indicator.get("source_kind"), language)),
            (language.gettext("Direction"), said("polarity", indicator.get("polarity"), language)),
            (language.gettext("How often"), indicator.get("periodicity") or ""),
            (language.gettext("Reference"), indicator.get("reference") or ""),
            (language.gettext("Version of the definition"), str(indicator.get("version") or "")),
        ],
    }
    return Page(
        indicator_path(code),
        "indicator.html",
        name,
        language.pick(indicator["definition"]),
        "indicators",
        ((language.gettext("Indicators"), "indicators/"),),
        context,
        figures,
    )


def pages(facts: Facts) -> Iterator[Page]:
    """The index of indicators, then a page each."""
    language = facts.language
    known = facts.metadata_list("indicators")
    dimensions = list(dict.fromkeys(str(i.get("dimension")) for i in known))
    groups = [
        (
            said("dimension", d, language),
            [
                {
                    "code": i["code"],
                    "name": language.pick(i["name"]),
                    "definition": language.pick(i["definition"]),
                    "path": indicator_path(i["code"]),
                    "source": said("source", i.get("source_kind"), language),
                    "headline": headline(facts, i["code"]),
                }
                for i in known
                if str(i.get("dimension")) == d
            ],
        )
        for d in dimensions
    ]
    yield Page(
        "indicators/",
        "indicators.html",
        language.gettext("Indicators"),
        language.gettext("Survey estimates of children's lives online, each with its uncertainty."),
        "indicators",
        (),
        {"groups": groups, "count": len(known)},
    )
    for indicator in known:
        yield _page(facts, indicator)
