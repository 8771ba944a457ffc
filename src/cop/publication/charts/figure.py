"""A figure: picture, finding, sentence, table. And the words for a value that is not there."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

from cop.publication.charts.render import render
from cop.publication.charts.theme import Theme
from cop.publication.language import N_, Language

SUPPRESSED = "Q"
MISSING = "M"

_ABSENT = {SUPPRESSED: N_("withheld"), MISSING: N_("not available")}


def absent(status: str | None, language: Language) -> str:
    """The word shown where a value is null: withheld for a suppressed one, not available otherwise; never 0."""
    return language.gettext(_ABSENT.get(status or MISSING, _ABSENT[MISSING]))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a figure's table: its name in the frame, its heading in words, and how its values are written."""

    name: str
    heading: str
    kind: Literal["text", "number", "percent"] = "text"
    decimals: int | None = None

    def shown(self, value: Any, status: str | None, language: Language) -> str:  # noqa: ANN401 - one cell of any column
        if self.kind == "text":
            return "" if value is None else str(value)
        if value is None:
            return absent(status, language)
        if self.kind == "percent":
            return language.percent(value, 1 if self.decimals is None else self.decimals)
        return language.number(value, self.decimals)


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with everything it must be shown with.

    Attributes:
        title: says the finding, computed from the data.
        alt: one or two sentences that say what the picture shows; the text alternative.
        table: the frame behind the picture; `status` holds the observation status of a row's values.
        columns: the columns of `table` to show, in order.
        note: how to read the picture, and what is withheld; may be empty.
        spec: Vega-Lite, in the stand-in colours of `theme`.
        language: the language of every word in it.
    """

    title: str
    alt: str
    table: pl.DataFrame
    columns: tuple[Column, ...]
    spec: Mapping[str, Any] = field(repr=False)
    language: Language = field(repr=False)
    note: str = ""

    def svg(self, theme: Theme = "site") -> str:
        """The picture as one `<svg>` element: CSS variables for the site, fixed colours for print."""
        return render(self.spec, alt=self.alt, theme=theme, symbols=self.language.vega_locale())

    def headings(self) -> list[str]:
        return [column.heading for column in self.columns]

    def rows(self) -> list[list[str]]:
        """The table in words, one list of cells per row, in the order of `columns`."""
        statuses = self.table["status"].to_list() if "status" in self.table.columns else [None] * self.table.height
        return [
            [column.shown(record[column.name], status, self.language) for column in self.columns]
            for record, status in zip(self.table.iter_rows(named=True), statuses, strict=True)
        ]

    def csv(self) -> str:
        """The table for machines: the frame's own names, plain numbers, an empty field where there is no value."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        names = [n for n in self.table.columns if not n.startswith("_")]
        writer.writerow(names)
        writer.writerows(self.table.select(names).iter_rows())
        return buffer.getvalue()
