"""Annexes: what the report was made from, and how to check and cite it."""

from __future__ import annotations

from typing import Any

from cop.publication.annual import say
from cop.publication.annual.tree import (
    Block,
    Callout,
    Column,
    NumberedList,
    Paragraph,
    Run,
    Section,
    Table,
    paragraph,
    row,
)
from cop.publication.facts import Facts
from cop.publication.words import said


def chapters(facts: Facts, digest: str) -> tuple[Section, ...]:
    """Lineage, then checking and citing.

    Args:
        facts: of the edition.
        digest: SHA-256 of the edition's `SHA256SUMS`.
    """
    _ = facts.language.gettext
    return (
        Section("lineage", _("From a figure to its making"), 1, (_code(facts),), "annex"),
        Section("lineage-facts", _("What is behind the figures"), 2, (_facts(facts),), "annex"),
        Section("lineage-inputs", _("Inputs and their sums"), 2, (_inputs(facts),), "annex"),
        Section("check", _("How to check and cite this report"), 1, tuple(_check(facts, digest)), "annex"),
    )


def _code(facts: Facts) -> Paragraph:
    _ = facts.language.gettext
    code = facts.lineage["code"] or facts.about.get("code", {})
    text = _(
        "Every figure was made by COP Observatory, version %(version)s, from the inputs below. Sum of the code:",
        version=code.get("version", ""),
    )
    return Paragraph((Run(text + " "), Run(str(code.get("sha256") or ""), code=True)))


def _facts(facts: Facts) -> Table:
    """What each kind of figure is; the kinds that say the same share a row."""
    language = facts.language
    _ = language.gettext
    seen: dict[tuple[str, str, str], list[str]] = {}
    for key, fact in facts.lineage["facts"].items():
        said_of_it = tuple(str(fact.get(k) or "") for k in ("definition", "numerator", "denominator"))
        seen.setdefault((said_of_it[0], said_of_it[1], said_of_it[2]), []).append(key)
    rows: list[Any] = []
    for (definition, numerator, denominator), keys in sorted(seen.items(), key=lambda kv: kv[1]):
        more = language.ngettext("and %(n)s more", "and %(n)s more", len(keys) - 3) if len(keys) > 3 else ""
        names = (*(Run(k + "\n", code=True) for k in keys[:3]), Run(more))
        rows.append(
            row(
                names,
                say.first_capital(definition),
                say.first_capital(numerator) or "–",
                say.first_capital(denominator) or "–",
            )
        )
    columns = (
        Column(_("Key"), 2.7),
        Column(_("Definition"), 5),
        Column(_("Numerator"), 3),
        Column(_("Denominator"), 3),
    )
    return Table(_("What the figures count"), columns, tuple(rows))


def _inputs(facts: Facts) -> Table:
    language = facts.language
    _ = language.gettext
    columns = (
        Column(_("Input"), 3.2), Column(_("Kind"), 1.6), Column(_("Rows"), 0.9, number=True),
        Column(_("Refused"), 0.9, number=True),
        Column(_("SHA-256"), 3.6),
    )  # fmt: skip
    rows = tuple(
        row(
            str(i.get("name") or i["id"]), say.first_capital(said("input", i.get("kind"), language)),
            language.number(i["rows"]) if i.get("rows") is not None else "–",
            language.number(i["rejected"]) if i.get("rejected") is not None else "–",
            (Run(str(i.get("sha256") or ""), code=True),),
        )
        for i in facts.lineage["inputs"].values()
    )  # fmt: skip
    note = _("The inputs themselves are confidential or belong to others. Who holds a file can compare its sum.")
    return Table(_("Inputs of this edition"), columns, rows, note)


def _check(facts: Facts, digest: str) -> list[Block]:
    language = facts.language
    _ = language.gettext
    name = language.pick(facts.observatory["title"])
    organisation = language.pick(facts.observatory.get("organisation")) or name
    to = language.pick((facts.edition.metadata("report") or {}).get("to"))
    title = _("Annual report to the %(body)s", body=to) if to else _("Annual report")
    cite = _(
        "%(organisation)s (%(year)s). %(name)s: %(title)s. Edition %(edition)s, %(date)s.",
        organisation=organisation, year=str(facts.about["date"])[:4], name=name, title=title, edition=facts.edition.id,
        date=language.date(str(facts.about["date"])),
    )  # fmt: skip
    steps: tuple[tuple[Block, ...], ...] = (
        (
            Paragraph(
                (
                    Run(_("Compare the sum of the edition's list of files with the one printed here:") + " "),
                    Run(digest, code=True),
                )
            ),
        ),
        (
            Paragraph(
                (Run(_("Check every file and the signature:") + " "), Run("cop edition verify EDITION", code=True))
            ),
        ),
        (
            Paragraph(
                (Run(_("See what changed against another edition:") + " "), Run("cop edition diff OLD NEW", code=True))
            ),
        ),
    )
    about = _(
        "This report was made from edition %(edition)s and from nothing else. The edition is a folder of tables and "
        "metadata with a signed list of its files. The same edition gives the same report, byte for byte.",
        edition=facts.edition.id,
    )
    return [paragraph(about), NumberedList(steps), Callout(_("How to cite"), (paragraph(cite),))]
