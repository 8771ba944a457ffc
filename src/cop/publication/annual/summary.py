"""The year in figures: a page for who reads one page."""

from __future__ import annotations

from collections import Counter

import polars as pl

from cop.editions.tables import TOTAL
from cop.publication.annual import say
from cop.publication.annual.tree import Block, Callout, KeyFigures, Section, bullets, paragraph
from cop.publication.charts.intervals import interval_words
from cop.publication.facts import Facts

MOST_INDICATORS = 3


def chapter(facts: Facts) -> Section:
    """The section without a number that stands before the chapters."""
    _ = facts.language.gettext
    sentences = [s for s in (_movement(facts), _largest(facts), *_indicators(facts), _providers(facts)) if s]
    blocks: list[Block] = []
    if figures := _figures(facts):
        blocks.append(KeyFigures(figures))
    blocks.append(bullets(*sentences) if sentences else paragraph(_("This edition holds no figures.")))
    reading = _(
        "A report received is not a harm suffered: most children never report, and a campaign or a simpler form raises "
        "the number of reports without any change in what children live through. Survey estimates stand with their 95% "
        "confidence interval. A count that could point to a child is withheld, and withheld does not mean none."
    )
    blocks.append(Callout(_("How to read the figures"), (paragraph(reading),)))
    return Section("summary", _("The year in figures"), 1, tuple(blocks), "none")


def _figures(facts: Facts) -> tuple[tuple[str, str], ...]:
    language = facts.language
    _ = language.gettext
    found: list[tuple[str, str]] = []
    if facts.total(TOTAL) is not None:
        found.append((say.total(facts, TOTAL), _("reports coded, %(period)s", period=_span(facts))))
    estimated = facts.surveyed.filter(pl.col("estimate").is_not_null())["indicator"].n_unique()
    if estimated:
        words = language.ngettext("indicator estimated from surveys", "indicators estimated from surveys", estimated)
        found.append((language.number(estimated), words))
    if watched := len(facts.metadata_list("providers")):
        words = language.ngettext("provider whose terms were read", "providers whose terms were read", watched)
        found.append((language.number(watched), words))
    if received := len(facts.metadata_list("series")):
        words = language.ngettext("official series received", "official series received", received)
        found.append((language.number(received), words))
    return tuple(found)


def _span(facts: Facts) -> str:
    """The period of the total: the whole reference period, or the latest year where only years are published."""
    cell = facts.total(TOTAL)
    whole = cell is None or cell["period"] == TOTAL
    return facts.language.period(str(facts.about["period"] if whole and cell else cell["period"] if cell else ""))


def _movement(facts: Facts) -> str:
    _ = facts.language.gettext
    after, before, _status = say.twelve(facts, TOTAL)
    if after is None or not before:
        return ""
    share = facts.language.percent(abs(100 * (after - before) / before), 0)
    number = facts.language.number
    if abs(after - before) / before < 0.02:
        text = _("Reports stayed level: %(after)s in the last twelve months, %(before)s in the twelve before.",
                 after=number(after), before=number(before))  # fmt: skip
    elif after > before:
        text = _("Reports rose by %(share)s: %(after)s in the last twelve months, %(before)s in the twelve before.",
                 share=share, after=number(after), before=number(before))  # fmt: skip
    else:
        text = _("Reports fell by %(share)s: %(after)s in the last twelve months, %(before)s in the twelve before.",
                 share=share, after=number(after), before=number(before))  # fmt: skip
    return text


def _largest(facts: Facts) -> str:
    _ = facts.language.gettext
    known = [
        (cell["value"], code)
        for code, node in facts.nodes.items()
        if node["level"] == "class" and not code.startswith("Z") and (cell := facts.total(code)) and cell["value"]
    ]
    top = sorted(known, key=lambda pair: (-pair[0], pair[1]))[:3]
    if not top:
        return ""
    named = [f"{facts.node_name(c)} ({c}, {facts.language.number(v)})" for v, c in top]
    return _("The classes with most reports: %(classes)s.", classes=facts.language.listing(named))


def _indicators(facts: Facts) -> list[str]:
    """A sentence for the first indicators on threats: every area's estimate with its interval."""
    _ = facts.language.gettext
    found: list[str] = []
    whole = facts.estimates.filter(pl.col("domain") == TOTAL, pl.col("ci_low").is_not_null()).sort("area", "period")
    known = [i for i in facts.metadata_list("indicators") if i.get("dimension") == "threats"]
    for indicator in sorted(known, key=lambda i: i["code"] != "THR.CYBERBULLY_12M"):
        rows = whole.filter(pl.col("indicator") == indicator["code"])
        if rows.is_empty():
            continue
        parts = [
            _("%(area)s %(words)s", area=facts.area(r["area"]),
              words=interval_words(r["estimate"], r["ci_low"], r["ci_high"], r["unit"], facts.language))
            for r in rows.head(6).iter_rows(named=True)
        ]  # fmt: skip
        name = facts.language.pick(indicator["name"])
        found.append(_("%(name)s: %(areas)s.", name=name, areas=facts.language.listing(parts)))
        if len(found) == MOST_INDICATORS:
            break
    return found


def _providers(facts: Facts) -> str:
    """Proposals before decisions: what people have not decided says nothing final."""
    listed = facts.metadata_list("providers")
    if not listed:
        return ""
    language = facts.language
    counted = Counter(str(p.get("status")) for p in listed)
    undecided = len(listed) - counted["listed"] - counted["not listed"]
    return language.gettext(
        "The terms of %(n)s providers were read against published criteria: %(listed)s on the list, %(not_listed)s not "
        "on the list, %(open)s not decided yet.",
        n=language.number(len(listed)),
        listed=language.number(counted["listed"]),
        not_listed=language.number(counted["not listed"]),
        open=language.number(undecided),
    )
