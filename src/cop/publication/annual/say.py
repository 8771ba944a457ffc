"""Cells and sums of the edition in words, as every chapter writes them."""

from __future__ import annotations

from collections.abc import Iterable

from cop.publication.annual.tree import Figure, Inline, Run
from cop.publication.charts.figure import MISSING, SUPPRESSED, absent
from cop.publication.charts.figure import Figure as Chart
from cop.publication.facts import Facts
from cop.publication.language import Language


def count(value: int | None, status: str | None, language: Language) -> str:
    """A count, or the word for its absence; never 0 for what is withheld."""
    return absent(status, language) if value is None else language.number(value)


def total(facts: Facts, code: str) -> str:
    """The published total of a code, or the word for its absence."""
    cell = facts.total(code)
    return absent(MISSING, facts.language) if cell is None else count(cell["value"], cell["status"], facts.language)


def twelve(facts: Facts, code: str) -> tuple[int | None, int | None, str]:
    """The sums of the last twelve months and of the twelve before, of published months only.

    Returns:
        Both sums and "A"; or nothing and the status that stands in the way: one month withheld or missing is enough.
    """
    months = facts.months(code)
    if months.height < 24:
        return None, None, MISSING
    recent = months.tail(24)
    if recent["value"].null_count():
        return None, None, SUPPRESSED if SUPPRESSED in recent["status"].to_list() else MISSING
    values: list[int] = recent["value"].to_list()
    return sum(values[12:]), sum(values[:12]), "A"


def change(after: int | None, before: int | None, language: Language) -> str:
    """The change in per cent with its sign; nothing where there is nothing to compare with."""
    if after is None or not before:
        return ""
    share = 100 * (after - before) / before
    sign = "+" if share > 0 else "\u2212" if share < 0 else "±"
    return sign + language.percent(abs(share), 0)


def figure(chart: Chart) -> Figure:
    """A chart as a figure of the report, in the colours of paper."""
    return Figure(chart.svg("print"), chart.title, chart.alt, chart.note)


def labelled(pairs: Iterable[tuple[str, str]]) -> tuple[Inline, ...]:
    """Items of a list that begin with a word in bold: `Period: 2024 to 2025`."""
    return tuple((Run(f"{what}: ", strong=True), Run(value)) for what, value in pairs if value)


def first_capital(text: str) -> str:
    """The text with a capital where a sentence or a heading begins."""
    return text[:1].upper() + text[1:]
