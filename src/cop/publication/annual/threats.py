"""Threats: reports by section and class, how they moved, where and whom they concern, and what is withheld."""

from __future__ import annotations

import polars as pl

from cop.editions.tables import TOTAL, UNKNOWN
from cop.publication.annual import say
from cop.publication.annual.tree import Block, Callout, Column, Row, Section, Table, paragraph, row
from cop.publication.charts.bars import bars
from cop.publication.charts.figure import MISSING
from cop.publication.charts.trend import panels, trend
from cop.publication.facts import Facts
from cop.publication.language import N_
from cop.publication.warnings import Warnings
from cop.publication.words import AGE, LISTS, said

BREAKDOWNS = {
    "area": (N_("Where the reports come from"), N_("Area")),
    "age_band": (N_("Whom they concern"), N_("Age of the child")),
    "sex": ("", N_("Sex of the child")),
    "platform": (N_("Where it happened"), N_("Kind of service")),
    "language": (N_("In which languages"), N_("Language of the report")),
}
"""Per dimension the heading of its section (none: it joins the one before) and of its table."""

MOST_WARNINGS = 20


def chapter(facts: Facts) -> tuple[Section, ...]:
    """The chapter; nothing where the edition has no counts."""
    if facts.total(TOTAL) is None and not facts.count_codes():
        return ()
    _ = facts.language.gettext
    return (
        Section("threats", _("Threats to children online"), 1, tuple(_opening(facts))),
        Section("threats-trend", _("How reports moved"), 2, tuple(_movement(facts))),
        *_warnings(facts),
        Section("threats-classes", _("Reports by section and class"), 2, _classes(facts)),
        *_breakdowns(facts),
        Section("threats-withheld", _("What is withheld"), 2, tuple(_withheld(facts))),
    )


def _opening(facts: Facts) -> list[Block]:
    language = facts.language
    _ = language.gettext
    scheme = facts.edition.metadata("classification")
    cell = facts.total(TOTAL)
    period = facts.about["period"] if cell is None or cell["period"] == TOTAL else cell["period"]
    lead = _(
        "%(reports)s reports of %(period)s were coded to the %(scheme)s, version %(version)s.",
        reports=say.total(facts, TOTAL),
        period=language.period(str(period)),
        scheme=language.pick(scheme.get("title")),
        version=scheme.get("version", ""),
    )
    blocks: list[Block] = [paragraph(lead, lead=True)]
    records = (facts.edition.metadata("quality") or {}).get("records") or []
    auto, review = (sum(int(r.get(k) or 0) for r in records) for k in ("auto", "review"))
    if auto + review:
        blocks.append(
            paragraph(
                _(
                    "Of these, %(auto)s were coded by program with enough confidence, and %(review)s (%(share)s) are "
                    "set aside for a person to look at; they are counted under the code proposed for them.",
                    auto=language.number(auto),
                    review=language.number(review),
                    share=language.percent(100 * review / (auto + review), 0),
                )
            )
        )
    known = cell and facts.lineage["facts"].get(cell["lineage"])
    if known:
        said_of_it = " ".join(
            say.first_capital(str(known[k])).rstrip(".") + "." for k in ("definition", "uncertainty") if known.get(k)
        )
        blocks.append(Callout(_("What is counted, and how sure it is"), (paragraph(said_of_it),)))
    return blocks


def _movement(facts: Facts) -> list[Block]:
    language = facts.language
    _ = language.gettext
    blocks: list[Block] = []
    months = facts.months(TOTAL)
    if months.height >= 2:
        chart = trend(
            months.select("period", "value", "status"),
            what=_("reports"),
            language=language,
            threshold=facts.threshold,
            width=560,
            height=140,
        )
        blocks.append(say.figure(chart))
    sections = [c for c in facts.children.get(None, []) if facts.nodes[c]["level"] == "section"]
    frames = {c: f for c in sections if (f := facts.months(c)).height >= 2}
    if len(frames) >= 2:
        periods = pl.DataFrame({"period": sorted({p for f in frames.values() for p in f["period"]})})
        joined = pl.concat(
            periods.join(f.select("period", "value", "status"), on="period", how="left").with_columns(
                pl.lit(f"{c}  {facts.node_name(c)}").alias("panel"), pl.col("status").fill_null(MISSING)
            )
            for c, f in frames.items()
        )
        chart = panels(
            joined, what=_("reports by section"), language=language, threshold=facts.threshold, width=176, height=62
        )
        blocks.append(say.figure(chart))
    return blocks or [paragraph(_("This edition has no counts by month."))]


def _warnings(facts: Facts) -> tuple[Section, ...]:
    """Counts that are higher than their past explains; nothing where none was watched."""
    _ = facts.language.gettext
    found = Warnings(facts)
    if not found.watched:
        return ()
    reading = _(
        "A warning says that a count is higher than its own past explains, not why: there may be more harm, one "
        "campaign that made many reports, a new source, or reports that came in late."
    )
    blocks: list[Block] = [paragraph(found.headline), paragraph(" ".join((reading, *found.scope)))]
    if found.all:
        columns = (
            Column(_("Series"), 3), Column(_("Period"), 1.6), Column(_("Reports"), 1.1, number=True),
            Column(_("Expected"), 1.2, number=True), Column(_("Threshold"), 1.2, number=True),
            Column(_("What to look at"), 4),
        )  # fmt: skip
        rows = tuple(
            row(w.series, w.period, w.size, w.expected, w.threshold, "; ".join(w.look_at))
            for w in found.all[:MOST_WARNINGS]
        )
        note = "; ".join(
            _(
                "%(method)s: false alarms in %(share)s of simulated counts in which nothing happens",
                method=say.first_capital(m.detector),
                share=m.false_alarms,
            )
            for m in found.methods
        )
        more = len(found.all) - MOST_WARNINGS
        left = _("%(n)s more are in the edition.", n=facts.language.number(more)) if more > 0 else ""
        blocks.append(Table(_("Early warnings, the most unusual first"), columns, rows, f"{note}. {left}".strip()))
    return (Section("threats-warnings", _("Early warnings"), 2, tuple(blocks)),)


def _classes(facts: Facts) -> tuple[Block, ...]:
    language = facts.language
    _ = language.gettext
    compared = facts.months(TOTAL).height >= 24
    columns = [Column(_("Code"), 1), Column(_("Threat"), 6), Column(_("Reports"), 1.4, number=True)]
    if compared:
        columns += [
            Column(_("Twelve months before"), 1.9, number=True),
            Column(_("Last twelve months"), 1.9, number=True),
            Column(_("Change"), 1.2, number=True),
        ]
    rows = [_class_row(facts, code, compared=compared) for code in facts.nodes if facts.total(code) is not None]
    rows.append(_class_row(facts, TOTAL, compared=compared))
    note = _(
        "Withheld: fewer than %(threshold)s reports, or a number that would reveal one.",
        threshold=language.number(facts.threshold),
    )
    if compared:
        note += " " + _("The sum of twelve months is given only where every month of the two years is published.")
    return (Table(_("Reports by section and class"), tuple(columns), tuple(rows), note),)


def _class_row(facts: Facts, code: str, *, compared: bool) -> Row:
    language = facts.language
    whole = code == TOTAL
    name = language.gettext("All reports") if whole else facts.node_name(code)
    cells = ["" if whole else code, name, say.total(facts, code)]
    if compared:
        after, before, status = say.twelve(facts, code)
        cells += [
            say.count(before, status, language),
            say.count(after, status, language),
            say.change(after, before, language),
        ]
    return row(*cells, strong=whole or facts.nodes[code]["level"] == "section")


def _breakdowns(facts: Facts) -> list[Section]:
    language = facts.language
    _ = language.gettext
    found: list[Section] = []
    for dimension, (title, heading) in BREAKDOWNS.items():
        cells = facts.cells(TOTAL, dimension)
        if cells.is_empty():
            continue
        if dimension == "age_band":
            order = {c: i for i, c in enumerate(AGE)}
            cells = cells.sort(pl.col(dimension).replace_strict(order, default=99, return_dtype=pl.Int64), dimension)
        labels = [_label(facts, dimension, c) for c in cells[dimension]]
        frame = cells.select(pl.Series("label", labels, dtype=pl.String), "value", "status")
        period, whole = str(cells["period"][0]), facts.total(TOTAL)
        share_of = whole["value"] if whole and whole["period"] == period else None
        if cells.height == 1:
            only = frame.row(0, named=True)
            number = say.count(only["value"], only["status"], language)
            made: Block = paragraph(
                _("All are in one category, %(label)s: %(value)s.", label=only["label"], value=number)
            )
        else:
            chart = bars(
                frame,
                what=_("reports"),
                by=_(heading),
                language=language,
                threshold=facts.threshold,
                total=share_of,
                ranked=dimension != "age_band",
                width=400,
            )
            made = say.figure(chart)
        if title or not found:
            found.append(Section(f"threats-{dimension}", _(title or heading), 2, (made,)))
        else:
            last = found[-1]
            found[-1] = Section(last.id, last.title, 2, (*last.blocks, made))
    return found


def _label(facts: Facts, dimension: str, code: str) -> str:
    if code in {UNKNOWN, "not_recorded"}:
        return facts.language.gettext("Not recorded")
    if dimension == "area":
        return facts.area(code)
    if dimension == "language":
        return say.first_capital(facts.language.name(code))
    return said(dimension, code, facts.language) if dimension in LISTS else code


def _withheld(facts: Facts) -> list[Block]:
    """Where numbers are missing on purpose, by table, and what the edition does not do yet."""
    language = facts.language
    _ = language.gettext
    tables = (facts.edition.metadata("disclosure") or {}).get("tables") or []
    blocks: list[Block] = [
        paragraph(
            _(
                "A count from 1 to %(most)s is withheld, because it could point to a child. Nothing is rounded and "
                "nothing withheld is counted as zero.",
                most=language.number(max(1, facts.threshold - 1)),
            )
        )
    ]
    if tables:
        columns = (
            Column(_("Table"), 4), Column(_("Cells"), 1.2, number=True), Column(_("Withheld"), 1.2, number=True),
            Column(_("Share"), 1.2, number=True), Column(_("Protection against subtraction"), 3),
        )  # fmt: skip
        rows = tuple(
            row(
                str(t["table"]), language.number(t["cells"]), language.number(t["suppressed"]),
                language.percent(100 * t["suppressed"] / t["cells"]) if t["cells"] else "",
                _("applied") if t.get("complementary") else _("not yet applied"),
            )
            for t in tables
        )  # fmt: skip
        blocks.append(Table(_("Cells withheld, by published table"), columns, rows))
    lacking = [str(t["table"]) for t in tables if not t.get("complementary")]
    if lacking:
        text = _(
            "Complementary suppression is lacking in %(tables)s: a withheld number can in some cases be found there by "
            "subtracting what is published from its total.",
            tables=language.listing(lacking),
        )
        blocks.append(Callout(_("A limit of this edition"), (paragraph(text),)))
    return blocks
