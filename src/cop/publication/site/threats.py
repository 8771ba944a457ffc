"""The classification and its counts: an index, and a page for every section, class and subclass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from cop.editions.tables import TOTAL
from cop.publication.charts.bars import bars
from cop.publication.charts.figure import absent
from cop.publication.charts.spark import spark
from cop.publication.charts.trend import panels, trend
from cop.publication.facts import Facts, first_lineage
from cop.publication.quality import Audit, audit
from cop.publication.site.page import Page, Shown
from cop.publication.warnings import Warned, Warnings
from cop.publication.words import (
    AGE,
    LISTS,
    SCHEME,
    URGENCY,
    URGENCY_SHORT,
    core4c,
    correspondence,
    said,
)


def node_path(code: str) -> str:
    """The permanent address of a node."""
    return f"threats/{code}/"


def total_words(facts: Facts, code: str) -> str:
    """The published number of reports of a code over the whole period, or the word for its absence."""
    total = facts.total(code)
    if total is None:
        return facts.language.gettext("none published")
    return absent(total["status"], facts.language) if total["value"] is None else facts.language.number(total["value"])


def summary(facts: Facts, code: str) -> dict[str, Any]:
    """What a list says of a node: its names, number, shape of the months, urgency."""
    node = facts.nodes[code]
    months = facts.months(code)
    return {
        "code": code,
        "name": facts.node_name(code),
        "path": node_path(code),
        "level": node["level"],
        "total": total_words(facts, code),
        "known": (facts.total(code) or {}).get("value") is not None,
        "spark": spark(months["value"].to_list()) if months.height else "",
        "urgency": facts.language.gettext(URGENCY_SHORT[node["urgency"]])
        if node.get("urgency") in URGENCY_SHORT
        else "",
        "children": [summary(facts, c) for c in facts.children.get(code, [])],
    }


def month_figure(facts: Facts, code: str, what: str) -> Shown | None:
    """The counts of a code by month, or nothing when fewer than two months are in the edition."""
    months = facts.months(code)
    if months.height < 2:
        return None
    figure = trend(
        months.select("period", "value", "status"), what=what, language=facts.language, threshold=facts.threshold
    )
    return Shown("by-month", figure, facts.language.gettext("By month"), first_lineage(months))


def section_panels(facts: Facts, codes: list[str], what: str, id_: str) -> Shown | None:
    """Small multiples of the months of several codes, for codes of which the edition has them."""
    frames = {c: facts.months(c) for c in codes}
    shown = {c: f for c, f in frames.items() if f.height >= 2}
    if len(shown) < 2:
        return None
    periods = pl.DataFrame({"period": sorted({p for f in shown.values() for p in f["period"]})})
    whole = pl.concat(
        periods.join(f.select("period", "value", "status"), on="period", how="left").with_columns(
            pl.lit(f"{c}  {facts.node_name(c)}").alias("panel"), pl.col("status").fill_null("M")
        )
        for c, f in shown.items()
    )
    figure = panels(whole, what=what, language=facts.language, threshold=facts.threshold)
    return Shown(id_, figure, facts.language.gettext("By month"), first_lineage(next(iter(shown.values()))))


def breakdown(facts: Facts, code: str, dimension: str, what: str) -> Shown | None:
    """Ranked bars of a code by one dimension (ages in their own order), or nothing when there are no such cells."""
    cells = facts.cells(code, dimension)
    if cells.is_empty():
        return None
    language = facts.language
    headings = {
        "area": language.gettext("Area"),
        "platform": language.gettext("Kind of service"),
        "age_band": language.gettext("Age of the child"),
        "sex": language.gettext("Sex of the child"),
        "language": language.gettext("Language of the report"),
    }
    if dimension == "age_band":
        order = list(AGE)
        cells = cells.sort(
            pl.col(dimension).map_elements(lambda c: order.index(c) if c in order else 99, return_dtype=pl.Int64)
        )
    labels = [label(facts, dimension, c) for c in cells[dimension]]
    frame = cells.select(pl.col(dimension), pl.Series("label", labels, dtype=pl.String), "period", "value", "status")
    total = facts.total(code)
    period = str(cells["period"][0])
    same = total is not None and total["period"] == period
    figure = bars(
        frame,
        what=what,
        by=headings[dimension],
        language=language,
        threshold=facts.threshold,
        ranked=dimension != "age_band",
        total=total["value"] if total and same else None,
    )
    subject = headings[dimension] if period == TOTAL else f"{headings[dimension]}, {language.period(period)}"
    return Shown(f"by-{dimension.replace('_', '-')}", figure, subject, first_lineage(cells))


def label(facts: Facts, dimension: str, code: str) -> str:
    """A category in words."""
    if dimension == "area":
        return facts.area(code)
    if dimension == "language":
        return facts.language.name(code)
    return said(dimension, code, facts.language) if dimension in LISTS else code


def small_table(facts: Facts, code: str, dimension: str) -> dict[str, Any] | None:
    """A breakdown too small for a picture: heading and rows of words."""
    cells = facts.cells(code, dimension)
    if cells.is_empty():
        return None
    headings = {
        "sex": facts.language.gettext("Sex of the child"),
        "language": facts.language.gettext("Language of the report"),
    }
    ordered = cells.sort("value", descending=True, nulls_last=True, maintain_order=True)
    rows = [
        (
            label(facts, dimension, r[dimension]),
            absent(r["status"], facts.language) if r["value"] is None else facts.language.number(r["value"]),
            r["value"] is None,
        )
        for r in ordered.iter_rows(named=True)
    ]
    return {"id": f"by-{dimension}", "heading": headings[dimension], "rows": rows, "withheld": any(r[2] for r in rows)}


def _node_page(facts: Facts, code: str, warned: tuple[Warned, ...], audited: Audit | None) -> Page:
    language, node = facts.language, facts.nodes[code]
    name = facts.node_name(code)
    what = language.gettext("reports of %(code)s %(name)s", code=code, name=name)
    figures = [month_figure(facts, code, what)]
    kids = facts.children.get(code, [])
    if node["level"] == "section" and kids:
        figures.append(section_panels(facts, kids, language.gettext("reports by class"), "classes"))
    figures += [breakdown(facts, code, d, what) for d in ("area", "age_band", "platform")]
    shown = tuple(f for f in figures if f is not None)
    parents: list[str] = []
    parent = node.get("parent")
    while parent:
        parents.insert(0, parent)
        parent = facts.nodes[parent].get("parent")
    order = list(facts.nodes)
    position = order.index(code)
    context = {
        "node": node,
        "code": code,
        "name": name,
        "total": total_words(facts, code),
        "level": said("level", node["level"], language),
        "urgency": language.gettext(URGENCY[node["urgency"]]) if node.get("urgency") in URGENCY else "",
        "urgency_level": node.get("urgency"),
        "refer": [said("refer", r, language) for r in node.get("refer") or []],
        "other_names": [
            (tongue, text)
            for tongue, text in (node["name"].items() if isinstance(node["name"], dict) else [])
            if tongue != language.code
        ],
        "index": [
            (tongue, language.name(tongue), terms) for tongue, terms in sorted((node.get("index") or {}).items())
        ],
        "fourc": [core4c(c, language) for c in (node.get("attributes") or {}).get("core4c", [])],
        "correspondences": [
            (said("scheme", scheme, language), [correspondence(v, language) for v in values])
            for scheme, values in sorted(
                (node.get("correspondences") or {}).items(), key=lambda kv: (kv[0] not in SCHEME, kv[0])
            )
            if values
        ],
        "children": [summary(facts, c) for c in kids],
        "small": [t for t in (small_table(facts, code, "sex"), small_table(facts, code, "language")) if t],
        "trend": next((f for f in shown if f.id == "by-month"), None),
        "classes": next((f for f in shown if f.id == "classes"), None),
        "breakdowns": [f for f in shown if f.id not in {"by-month", "classes"}],
        "before": order[position - 1] if position else None,
        "after": order[position + 1] if position + 1 < len(order) else None,
        "excludes": [(e, e.get("see")) for e in node.get("excludes") or []],
        "nodes": facts.nodes,
        "warned": warned,
        "corrected": audited.sections.get(code) if audited else None,
    }
    crumbs = (language.gettext("Threats"), "threats/"), *((f"{p} {facts.node_name(p)}", node_path(p)) for p in parents)
    return Page(
        node_path(code),
        "node.html",
        f"{code} {name}",
        language.pick(node["definition"]),
        "threats",
        crumbs,
        context,
        shown,
    )


def pages(facts: Facts) -> Iterator[Page]:
    """The index, then every node in the order of the classification."""
    language = facts.language
    roots = [c for c in facts.children.get(None, []) if c in facts.nodes]
    classification = facts.edition.metadata("classification")
    audited = audit(facts)
    context = {
        "corrected": audited.sections if audited else {},
        "sections": [{**summary(facts, c), "definition": language.pick(facts.nodes[c]["definition"])} for c in roots],
        "scheme": classification,
        "levels": classification.get("levels", []),
        "rules": classification.get("coding_rules", []),
        "classes": sum(n["level"] == "class" for n in facts.nodes.values()),
        "subclasses": sum(n["level"] == "subclass" for n in facts.nodes.values()),
    }
    yield Page(
        "threats/",
        "threats.html",
        language.gettext("Threats"),
        language.gettext(
            "The classification of online threats to children, with the number of reports of every class."
        ),
        "threats",
        (),
        context,
    )
    found = Warnings(facts)
    for code in facts.nodes:
        yield _node_page(facts, code, found.of(code), audited)
