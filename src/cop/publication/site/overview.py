"""The first page: what this is, how much there is, what changed, in figures and in sentences made from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from cop.editions.tables import TOTAL
from cop.publication.charts.bars import bars
from cop.publication.charts.figure import absent
from cop.publication.facts import Facts
from cop.publication.providers import tally
from cop.publication.site.indicators import area_figure, headline, indicator_path
from cop.publication.site.page import Page, Shown
from cop.publication.site.threats import node_path, section_panels
from cop.publication.warnings import Warnings

MOST = 10
"""Classes in the ranking of the first page."""


def _classes(facts: Facts) -> pl.DataFrame:
    """The published classes with their totals, largest first."""
    codes = [c for c, n in facts.nodes.items() if n["level"] == "class" and not c.startswith("Z")]
    rows = [
        {"code": c, "label": f"{c} {facts.node_name(c)}", **{k: t[k] for k in ("value", "status", "lineage")}}
        for c in codes
        if (t := facts.total(c)) is not None
    ]
    schema = {"code": pl.String, "label": pl.String, "value": pl.Int64, "status": pl.String, "lineage": pl.String}
    return pl.DataFrame(rows, schema=schema).sort("value", descending=True, nulls_last=True, maintain_order=True)


def _ranking(facts: Facts) -> Shown | None:
    frame = _classes(facts).filter(pl.col("value").is_not_null()).head(MOST)
    if frame.height < 2:
        return None
    language = facts.language
    total = facts.total(TOTAL)
    figure = bars(
        frame.drop("lineage"),
        what=language.gettext("reports, largest classes"),
        by=language.gettext("Class"),
        language=language,
        threshold=facts.threshold,
        total=total["value"] if total else None,
        width=400,
        label_width=330,
    )
    return Shown("classes", figure, language.gettext("The largest classes"), frame["lineage"][0])


def _movement(facts: Facts) -> dict[str, Any] | None:
    """The last twelve months against the twelve before, for all reports, where every month is published."""
    months = facts.months(TOTAL)
    values = months["value"].to_list() if months.height else []
    if len(values) < 24 or None in values[-24:] or not sum(values[-24:-12]):
        return None
    before, after = sum(values[-24:-12]), sum(values[-12:])
    change = 100 * (after - before) / before
    return {
        "before": facts.language.number(before),
        "after": facts.language.number(after),
        "up": change > 0,
        "share": facts.language.percent(abs(change), 0),
        "little": abs(change) < 2,
    }


def _lead_indicator(facts: Facts) -> dict[str, Any] | None:
    """The indicator shown first: cyberbullying where the edition has it, else the first threat with estimates."""
    have = set(facts.estimates.filter(pl.col("estimate").is_not_null())["indicator"])
    known = [i for i in facts.metadata_list("indicators") if i["code"] in have]
    ordered = sorted(known, key=lambda i: (i["code"] != "THR.CYBERBULLY_12M", i.get("dimension") != "threats"))
    return ordered[0] if ordered else None


def pages(facts: Facts) -> Iterator[Page]:
    """The first page."""
    language = facts.language
    sections = [c for c in facts.children.get(None, []) if facts.nodes[c]["level"] == "section" and c != "Z"]
    total = facts.total(TOTAL)
    classes = _classes(facts).filter(pl.col("value").is_not_null())
    lead = _lead_indicator(facts)
    shown = [
        section_panels(facts, sections, language.gettext("reports by section"), "sections"),
        _ranking(facts),
        area_figure(facts, lead) if lead else None,
    ]
    counted = tally(facts)
    found = Warnings(facts)
    numbers: list[tuple[str, str, str]] = []
    if total is not None:
        words = absent(total["status"], language) if total["value"] is None else language.number(total["value"])
        numbers.append((words, language.gettext("reports coded"), "threats/"))
    with_estimates = facts.surveyed["indicator"].n_unique()
    if with_estimates:
        numbers.append(
            (language.number(with_estimates), language.gettext("indicators estimated from surveys"), "indicators/")
        )
    providers = facts.metadata_list("providers")
    if providers:
        numbers.append(
            (language.number(len(providers)), language.gettext("providers whose terms are watched"), "providers/")
        )
    series = facts.metadata_list("series")
    if series:
        numbers.append((language.number(len(series)), language.gettext("official series"), "series/"))
    context = {
        "numbers": numbers,
        "total": total,
        "total_words": language.number(total["value"]) if total and total["value"] is not None else "",
        "movement": _movement(facts),
        "top": classes.head(3).select("code", "label", "value").to_dicts(),
        "node_path": node_path,
        "lead": {
            "name": language.pick(lead["name"]),
            "path": indicator_path(lead["code"]),
            "headline": headline(facts, lead["code"]),
        }
        if lead
        else None,
        "warnings": found.headline if found.all else "",
        "providers": len(providers),
        "proposed": counted.get("proposed", 0),
        "decided": counted.get("decided", 0),
        "sections_figure": shown[0],
        "ranking": shown[1],
        "lead_figure": shown[2],
        "areas": sorted(set(facts.about.get("areas", {}).values())),
    }
    yield Page(
        "",
        "overview.html",
        str(facts.observatory["title"]),
        language.gettext("Children's safety online: threats, indicators and providers, from one signed edition."),
        "",
        (),
        context,
        tuple(s for s in shown if s is not None),
    )
