"""Providers: the list, what their texts say on each criterion with the words quoted, and how readable they are.

Every sentence speaks of what a text says, never of what a provider is (WG-CP/1 report, 7.14).
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import polars as pl

from cop.publication.annual import say
from cop.publication.annual.tree import Block, Callout, Column, Inline, Run, Section, Table, paragraph, row
from cop.publication.facts import Facts
from cop.publication.providers import decided_quotes, share, tally
from cop.publication.words import FINDING, LISTED, said

QUOTED = 240
"""The most characters of a quotation that are printed; the data files hold it whole, with its place in the document."""


def chapter(facts: Facts) -> tuple[Section, ...]:
    """The chapter; nothing where no provider is watched."""
    _ = facts.language.gettext
    listed = facts.metadata_list("providers")
    if not listed:
        return ()
    criteria = list((facts.edition.metadata("criteria") or {}).get("criteria") or [])
    core = [c for c in criteria if c.get("core")]
    return (
        Section("providers", _("What providers promise"), 1, _opening(facts)),
        Section("providers-list", _("The list"), 2, _list(facts, listed, criteria)),
        Section("providers-criteria", _("Findings by criterion"), 2, _by_criterion(facts, listed, criteria)),
        Section("providers-texts", _("What the texts say"), 2, _quoting(facts)),
        *(_provider(facts, p, core) for p in listed),
        *_readability(facts, listed),
    )


def _opening(facts: Facts) -> tuple[Block, ...]:
    language = facts.language
    _ = language.gettext
    counted = tally(facts)
    lead = _(
        "The terms and policies of providers were read against criteria published before the reading began. A finding "
        "says what a text says, with the words it rests on. It does not say what a provider does."
    )
    status = _(
        "%(proposed)s findings of this edition are proposals made by program, on which nobody has decided "
        "yet; %(decided)s were decided by people. A provider nobody has reviewed is not thereby worse or "
        "better than another.",
        proposed=language.number(counted["proposed"]),
        decided=language.number(counted["decided"]),
    )
    return paragraph(lead, lead=True), Callout(_("Proposed and decided"), (paragraph(status),))


def _finding(provider: dict[str, Any], code: str) -> str:
    return str(((provider.get("findings") or {}).get(code) or {}).get("finding") or "not_reviewed")


def _finding_columns(facts: Facts) -> list[Column]:
    """A column per finding, as wide as the longest word of its heading needs."""
    headings = [say.first_capital(said("finding", f, facts.language)) for f in FINDING]
    return [Column(h, 0.6 + 0.11 * max(map(len, h.split())), number=True) for h in headings]


def _list(facts: Facts, listed: list[dict[str, Any]], criteria: list[dict[str, Any]]) -> tuple[Block, ...]:
    language = facts.language
    _ = language.gettext
    columns = [Column(_("Provider"), 2.6), Column(_("Status"), 2.2)]
    columns += _finding_columns(facts)
    order = {status: place for place, status in enumerate(LISTED)}
    rows: list[Any] = []
    for provider in sorted(
        listed, key=lambda p: (order.get(str(p.get("status")), len(order)), str(p["name"]).casefold())
    ):
        counted = Counter(_finding(provider, c["code"]) for c in criteria)
        numbers = [language.number(counted[f]) for f in FINDING]
        rows.append(
            row(str(provider["name"]), say.first_capital(said("listed", provider.get("status"), language)), *numbers)
        )
    note = _("Number of criteria by finding. In order of status, then of name; the order says nothing else.")
    blocks: list[Block] = [Table(_("Providers and findings"), tuple(columns), tuple(rows), note)]
    rule = (facts.edition.metadata("criteria") or {}).get("list_rule") or {}
    if rule:
        which = _("every core criterion") if rule.get("criteria") == "core" else _("every criterion")
        words = [f"“{said('finding', str(f), language)}”" for f in rule.get("acceptable") or []]
        text = _(
            "A provider is on the list where the finding on %(which)s is %(findings)s",
            which=which,
            findings=_either(words, facts),
        )
        text += _(", as decided by people.") if rule.get("decided") else "."
        blocks.insert(0, paragraph(f"{text} {share(facts)}".strip()))
    return tuple(blocks)


def _either(words: list[str], facts: Facts) -> str:
    _ = facts.language.gettext
    return _("%(first)s or %(last)s", first=", ".join(words[:-1]), last=words[-1]) if len(words) > 1 else "".join(words)


def _by_criterion(facts: Facts, listed: list[dict[str, Any]], criteria: list[dict[str, Any]]) -> tuple[Block, ...]:
    language = facts.language
    _ = language.gettext
    columns = [Column(_("Criterion"), 5.4), Column(_("Core"), 0.9)]
    columns += _finding_columns(facts)
    rows: list[Any] = []
    for criterion in criteria:
        counted = Counter(_finding(p, criterion["code"]) for p in listed)
        named: Inline = (
            Run(language.pick(criterion["name"]), strong=True),
            Run("\n" + language.pick(criterion["question"])),
        )
        rows.append(
            row(named, _("core") if criterion.get("core") else "", *(language.number(counted[f]) for f in FINDING))
        )
    return (Table(_("Number of providers by criterion and finding"), tuple(columns), tuple(rows)),)


def _quoting(facts: Facts) -> tuple[Block, ...]:
    _ = facts.language.gettext
    text = _(
        "Below are the findings on the core criteria, each with a sentence it rests on. Long quotations are cut, which "
        "an ellipsis shows. All criteria, every quotation in full and its place in the document are in the data files."
    )
    return (paragraph(text),)


def _provider(facts: Facts, provider: dict[str, Any], core: list[dict[str, Any]]) -> Section:
    language = facts.language
    _ = language.gettext
    text = _("Status: %(status)s.", status=said("listed", provider.get("status"), language))
    if silent := _silent(facts, provider["id"]):
        text += " " + _(
            "The text changed while its visible date did not: %(documents)s.", documents=language.listing(silent)
        )
    columns = (
        Column(_("Criterion"), 2.4),
        Column(_("Finding"), 1.4),
        Column(_("In the words of the text"), 5),
        Column(_("Document"), 1.9),
    )
    rows = tuple(_evidence_row(facts, provider, c) for c in core)
    table = Table(_("%(name)s: findings on the core criteria", name=provider["name"]), columns, rows)
    return Section(f"provider-{provider['id']}", str(provider["name"]), 3, (paragraph(text), table))


def _evidence_row(facts: Facts, provider: dict[str, Any], criterion: dict[str, Any]) -> Any:  # noqa: ANN401 - a Row
    language = facts.language
    code = criterion["code"]
    summary = (provider.get("findings") or {}).get(code) or {}
    found = facts.findings.filter(
        pl.col("provider") == provider["id"],
        pl.col("criterion") == code,
        pl.col("document") == str(summary.get("document") or ""),
    ).sort("version", descending=True)
    name, finding = language.pick(criterion["name"]), _finding(provider, code)
    words = say.first_capital(said("finding", finding, language))
    decided = decided_quotes(facts, provider["id"], code)
    shown = f"{words}\n({said('decision', summary.get('status') or 'proposed', language)})"
    if decided:
        first = decided[0]
        place = f"{_title(facts, first['document'])}\n{language.date(first['version'])}"
        return row(name, shown, language.gettext("“%(words)s”", words=cut(first["quote"])), place)
    if found.is_empty() or finding == "not_reviewed":
        return row(name, words, "", "")
    newest = found.row(0, named=True)
    quotes = [str(e["quote"]) for e in json.loads(newest["evidence"] or "[]")]
    quoted = language.gettext("“%(words)s”", words=cut(quotes[0])) if quotes else say.first_capital(newest["why"] or "")
    return row(name, shown, quoted, f"{_title(facts, newest['document'])}\n{language.date(newest['version'])}")


def cut(quote: str, most: int = QUOTED) -> str:
    """A quotation on one line, cut between words with an ellipsis where it is longer than `most` characters."""
    line = " ".join(quote.split())
    if len(line) <= most:
        return line
    head = line[:most]
    return (head.rsplit(" ", 1)[0] if " " in head[most // 2 :] else head).rstrip(" ,;:") + " …"


def _title(facts: Facts, document: str) -> str:
    found = facts.documents.filter(pl.col("document") == document).sort("version", descending=True)
    if found.is_empty():
        return document
    newest = found.row(0, named=True)
    return str(newest["title"] or said("document", newest["kind"], facts.language))


def _silent(facts: Facts, provider: str) -> list[str]:
    language = facts.language
    rows = facts.documents.filter(pl.col("provider") == provider, pl.col("silent")).sort("document", "version")
    return [
        language.gettext(
            "%(title)s (version of %(date)s)", title=_title(facts, r["document"]), date=language.date(r["version"])
        )
        for r in rows.iter_rows(named=True)
    ]


def _readability(facts: Facts, listed: list[dict[str, Any]]) -> tuple[Section, ...]:
    language = facts.language
    _ = language.gettext
    if facts.documents.is_empty():
        return ()
    names = {p["id"]: str(p["name"]) for p in listed}
    newest = facts.documents.sort("version").group_by("document", maintain_order=True).agg(
        pl.all().last(), pl.len().alias("held"), pl.col("silent").fill_null(value=False).sum().alias("silently")
    ).sort("provider", "document")  # fmt: skip
    columns = (
        Column(_("Provider"), 2), Column(_("Document"), 3), Column(_("Version"), 1.8),
        Column(_("Versions held"), 1.1, number=True),
        Column(_("Words"), 1.1, number=True), Column(_("Minutes to read"), 1.2, number=True),
        Column(_("School grade"), 1.1, number=True), Column(_("Long sentences"), 1.3, number=True),
    )  # fmt: skip
    rows = tuple(
        row(
            names.get(r["provider"]) or str(r["provider"]), str(r["title"] or said("document", r["kind"], language)),
            language.date(r["version"]),
            language.number(r["held"]), _maybe(facts, r["words"], 0), _maybe(facts, r["minutes"], 0),
            _maybe(facts, r["grade"], 1),
            language.percent(100 * r["long_sentences"], 0) if r["long_sentences"] is not None else "–",
        )
        for r in newest.iter_rows(named=True)
    )  # fmt: skip
    note = _(
        "School grade by Flesch and Kincaid, years of schooling a reader needs; – where the language has no such "
        "formula. Minutes at 200 words a minute. Long sentences have more than 25 words."
    )
    intro = paragraph(
        _("A child of thirteen has seven to eight years of schooling. The newest version of each document:")
    )
    table = Table(_("Length and readability of the documents"), columns, rows, note)
    return (Section("providers-readability", _("Can a child of thirteen read it?"), 2, (intro, table)),)


def _maybe(facts: Facts, value: float | None, decimals: int) -> str:
    return "–" if value is None else facts.language.number(value, decimals)
