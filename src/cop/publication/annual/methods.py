"""Methods and quality: the coder and its correction, what was accepted and refused, the surveys' designs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cop.publication.annual import say
from cop.publication.annual.tree import Block, Column, Section, Table, bullets, paragraph, row
from cop.publication.facts import Facts
from cop.publication.language import N_
from cop.publication.quality import Audit, audit, measures
from cop.publication.words import said

MOST_MEASURES = 60
DESIGN = {
    "strata": N_("Strata"), "psu": N_("Primary sampling units"), "weights": N_("Weights"),
    "weights_kind": N_("Kind of weights"), "lonely_psu": N_("Strata with a single unit"),
    "df": N_("Degrees of freedom"), "ci": N_("Confidence interval"),
}  # fmt: skip


def chapter(facts: Facts) -> tuple[Section, ...]:
    """The chapter."""
    _ = facts.language.gettext
    lead = _(
        "Every figure in this report opens to what it counts, how it was made and what it was made from; annex A "
        "names the inputs."
    )
    quality = facts.edition.metadata("quality") or {}
    sections = [Section("methods", _("Methods and quality"), 1, (paragraph(lead, lead=True), _made(facts)))]
    if records := quality.get("records"):
        sections.append(Section("methods-records", _("Records received"), 2, (_records(facts, records),)))
    if coder := quality.get("coder"):
        sections.append(Section("methods-coder", _("The coder"), 2, tuple(_coder(facts, coder))))
    if audited := audit(facts):
        title = _("Counts corrected for the coder's errors")
        sections.append(Section("methods-corrected", title, 2, tuple(_corrected(facts, audited))))
    if surveys := facts.metadata_list("surveys"):
        sections.append(Section("methods-surveys", _("The surveys"), 2, tuple(_surveys(facts, surveys))))
    return tuple(sections)


def _made(facts: Facts) -> Table:
    """Every way a figure of this edition was made, said once."""
    _ = facts.language.gettext
    seen: dict[tuple[str, str, str], None] = {}
    for fact in facts.lineage["facts"].values():
        kind = next((i["kind"] for i in (facts.lineage["inputs"].get(n) for n in fact.get("inputs") or []) if i), "")
        seen[(_kind(facts, kind), str(fact.get("method") or ""), str(fact.get("uncertainty") or ""))] = None
    rows = tuple(row(kind, say.first_capital(method), say.first_capital(sure)) for kind, method, sure in sorted(seen))
    columns = (Column(_("From"), 1.8), Column(_("How it is made"), 4), Column(_("How sure it is"), 4))
    return Table(_("How the figures are made"), columns, rows)


def _kind(facts: Facts, kind: str) -> str:
    return say.first_capital(said("input", kind, facts.language))


def _records(facts: Facts, records: list[dict[str, Any]]) -> Table:
    language = facts.language
    _ = language.gettext
    keys = ("accepted", "rejected", "auto", "review")
    rows = [
        row(language.pick(r.get("title")) or str(r["source"]), *(language.number(int(r.get(k) or 0)) for k in keys))
        for r in records
    ]
    sums = [language.number(sum(int(r.get(k) or 0) for r in records)) for k in keys]
    columns = (
        Column(_("Source"), 4), Column(_("Accepted"), 1.3, number=True), Column(_("Refused"), 1.3, number=True),
        Column(_("Coded by program"), 1.5, number=True), Column(_("Waiting for a person"), 1.6, number=True),
    )  # fmt: skip
    note = _("A refused record is kept with the reason, so that its sender can mend it.")
    return Table(_("Records accepted and refused"), columns, (*rows, row(_("All"), *sums, strong=True)), note)


def _coder(facts: Facts, coder: Mapping[str, Any]) -> Iterator[Block]:
    language = facts.language
    _ = language.gettext
    pairs = [
        (_("Model"), str(coder.get("model") or "")),
        (_("Classification"), str(coder.get("scheme") or "")),
        (_("Trained"), language.date(str(coder.get("trained") or ""))),
        (_("Languages"), language.listing([language.name(str(c)) for c in coder.get("languages") or []])),
    ]
    yield paragraph(
        _(
            "Reports are coded by a program that proposes a class with a probability. What it is unsure of waits "
            "for a person; until one has decided, the proposed class is counted."
        )
    )
    yield bullets(*say.labelled(pairs))
    measured = measures(coder, facts)
    if measured:
        note = ""
        columns = (Column(_("Measure"), 4), Column(_("Value"), 1.5, number=True))
        rows = tuple(row(name, value) for name, value in measured[:MOST_MEASURES])
        if len(measured) > MOST_MEASURES:
            note = (
                _("The first %(n)s measures; the edition's metadata hold all.", n=language.number(MOST_MEASURES))
                + " "
                + note
            )
        yield Table(_("Measured quality of the coder"), columns, rows, note)


def _corrected(facts: Facts, audited: Audit) -> Iterator[Block]:
    yield paragraph(" ".join(audited.reading))
    widths = (3.4, 1.3, 1.1, 1.3, 1.9, 1.3, 1.6)
    columns = tuple(
        Column(heading, width, number=0 < place < len(widths) - 1)
        for place, (heading, width) in enumerate(zip(audited.headings, widths, strict=True))
    )
    rows = tuple(row(*corrected.cells) for corrected in audited.sections.values())
    yield Table(facts.language.gettext("Corrected counts of sections"), columns, rows, audited.note)


def _surveys(facts: Facts, surveys: list[dict[str, Any]]) -> Iterator[Block]:
    language = facts.language
    _ = language.gettext
    columns = (
        Column(_("Survey"), 3.4), Column(_("Area"), 1.6), Column(_("Period"), 1), Column(_("Publisher"), 2),
        Column(_("Answers"), 1.1, number=True), Column(_("Licence"), 1.4),
    )  # fmt: skip
    rows = tuple(
        row(
            language.pick(s.get("title")), facts.area(str(s["area"])) if s.get("area") else "",
            language.period(str(s.get("period") or "")), language.pick(s.get("publisher")),
            language.number(s["rows"]) if s.get("rows") is not None else "", str(s.get("licence") or ""),
        )
        for s in surveys
    )  # fmt: skip
    yield Table(_("Surveys used"), columns, rows)
    named = [n for n in DESIGN if any((s.get("design") or {}).get(n) for s in surveys)]
    if named:
        columns = (Column(_("Survey"), 2.6), *(Column(_(DESIGN[n]), 1.4) for n in named))
        rows = tuple(
            row(language.pick(s.get("title")), *(_design(facts, (s.get("design") or {}).get(n)) for n in named))
            for s in surveys
        )
        yield Table(_("Designs of the surveys"), columns, rows)


def _design(facts: Facts, value: object) -> str:
    if isinstance(value, list | tuple):
        return facts.language.listing([str(v) for v in value])
    return "–" if value is None or value == "" else str(value).replace("_", " ")
