"""Decisions as files: what a secretariat that works with files did on a provider, in TOML or as a table.

TOML holds `[[acts]]`, each with its quotes; a table holds an act a row, and a row without `act` adds a quote to the one
above. A row that was taken in stays as it is: who changes a decision adds a row.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cop.kernel.errors import CopError, Refused, Where, shown
from cop.kernel.periods import parse_date
from cop.kernel.tables.readers import open_rows
from cop.kernel.validation import refusal
from cop.terms.criteria import FindingName
from cop.vault.members.rules import Actor
from cop.vault.providers.course import FILE, QUOTED, Act, Basis, Cell, Kind
from cop.vault.providers.grounds import Texts, quoted
from cop.vault.providers.rules import named

Done = Literal["decide", "withdraw", "adjudicate", "answer", "new_text", "contest", "declare"]
COLUMNS = (
    "date", "criterion", "region", "ages", "act", "by", "finding", "text", "filed", "document", "version", "quote",
)  # fmt: skip
_ACT = ("date", "criterion", "region", "ages", "by", "finding", "text", "filed")

Place = Annotated[str, Field(max_length=80)]
Ages = Annotated[str, Field(max_length=40)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class QuoteLine(_Part):
    """Words of a document; without a version those of the newest on the day of the act."""

    document: str
    quote: Annotated[str, Field(min_length=1)]
    version: date | None = None


class ActLine(_Part):
    """`[[acts]]`: one act; `documents` are those that were read, by default all."""

    date: date
    criterion: str
    act: Done
    by: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(min_length=1)]
    finding: FindingName | None = None
    region: Place = ""
    ages: Ages = ""
    documents: tuple[str, ...] = Field(default=(), strict=False)
    quotes: tuple[QuoteLine, ...] = Field(default=(), strict=False)
    filed: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An act that a file holds, in its row (1-based)."""

    row: int
    cell: Cell
    act: Act
    actor: Actor


@dataclass(frozen=True, slots=True)
class _Line:
    row: int
    said: ActLine
    rows: tuple[int, ...]  # of each quote


def read_entries(path: Path, *, provider: str, texts: Texts) -> list[Entry]:
    """The acts of a file on a provider, each with its place in the texts that are held.

    Raises:
        Refused: names file, row, field, the value and what was expected.
    """
    lines = _toml(path) if path.suffix.lower() == ".toml" else _table(path)
    return [_entry(line, path, provider, texts) for line in lines]


def _entry(line: _Line, path: Path, provider: str, texts: Texts) -> Entry:
    said = line.said
    row = line.row
    try:
        quotes = []
        for quote, row in zip(said.quotes, line.rows, strict=True):  # noqa: B007 - the row that an error names
            quotes.append(quoted(texts.at(quote.document, quote.version, day=said.date), quote.quote))
        row = line.row
        read = [texts.at(name, None, day=said.date).basis for name in said.documents]
        read = read or [held.basis for held in texts.newest(said.date)]
        in_quotes = {q.document: Basis(q.document, q.version, q.sha256) for q in quotes}
        basis = {**{b.document: b for b in read}, **in_quotes}
    except CopError as error:
        raise _at(error, path, row, "document") from error
    kind: Kind = said.act
    reviews = kind in ("decide", "adjudicate")
    if said.quotes and not reviews:
        raise Refused("quotes the text", where=Where(path, row, "quote"), expected="quotes on decide and adjudicate")
    if reviews and said.finding in QUOTED and not said.quotes:
        raise Refused("is empty", where=Where(path, row, "quote"), expected=f"the words that {said.finding} rests on")
    act = Act(
        kind, said.by, said.date, said.text, said.finding, tuple(basis.values()) if reviews else (), tuple(quotes),
        said.filed, FILE,
    )  # fmt: skip
    return Entry(line.row, Cell(provider, said.criterion, said.region, said.ages), act, named(said.by))


def _at(error: CopError, path: Path, row: int, field: str) -> CopError:
    named = (error.where.field if error.where else None) or field
    return Refused(error.problem, where=Where(path, row, named), expected=error.expected)


def _toml(path: Path) -> Iterator[_Line]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"the file is not TOML: {error}", where=Where(path), expected="UTF-8 TOML") from error
    acts = raw.pop("acts", None)
    if raw or not isinstance(acts, list):
        name = next(iter(raw), "acts")
        raise Refused(f"{shown(name)} will not do", where=Where(path, field=name), expected="[[acts]] and nothing else")
    for row, facts in enumerate(acts, 1):
        said = _checked(facts, path, row)
        yield _Line(row, said, tuple(row for _ in said.quotes))


def _table(path: Path) -> Iterator[_Line]:
    facts: dict[str, Any] = {}
    rows: list[int] = []
    first = 0
    if path.suffix.lower() not in (".csv", ".tsv"):
        raise Refused.value(path.name, "is no file of decisions", expected="TOML or CSV", file=path)
    with open_rows(path) as table:
        if unknown := set(table.columns or ()) - set(COLUMNS):
            raise Refused.value(
                min(unknown), "is not a column of decisions", expected=", ".join(COLUMNS), file=path, field="columns"
            )
        for number, row in enumerate(table, 1):
            if row.fault is not None:
                raise row.fault
            cells = {name: str(row.values.get(name) or "").strip() for name in COLUMNS}
            if cells["act"]:
                if facts:
                    yield _Line(first, _checked(facts, path, first), tuple(rows))
                facts, rows, first = _act(cells, path, number), [], number
            elif not facts or any(cells[name] for name in _ACT) or not cells["quote"]:
                raise Refused("is empty", where=Where(path, number, "act"), expected=", ".join(get_args(Done)))
            if cells["quote"] or cells["document"]:
                facts["quotes"].append(_quote(cells, path, number))
                rows.append(number)
    if facts:
        yield _Line(first, _checked(facts, path, first), tuple(rows))


def _act(cells: dict[str, str], path: Path, row: int) -> dict[str, Any]:
    kept: dict[str, Any] = {name: cells[name] for name in (*_ACT, "act") if cells[name]}
    if "date" in kept:
        kept["date"] = _day(cells["date"], path, row, "date")
    return {**kept, "quotes": []}


def _quote(cells: dict[str, str], path: Path, row: int) -> dict[str, Any]:
    version = _day(cells["version"], path, row, "version") if cells["version"] else None
    return {"document": cells["document"], "quote": cells["quote"], "version": version}


def _day(text: str, path: Path, row: int, field: str) -> date:
    try:
        return parse_date(text)
    except Refused as error:
        raise Refused(error.problem, where=Where(path, row, field), expected=error.expected) from error


def _checked(facts: object, path: Path, row: int) -> ActLine:
    try:
        return ActLine.model_validate(facts)
    except ValidationError as error:
        raise _refusal(error, path, row) from error


def _refusal(error: ValidationError, path: Path, row: int) -> Refused:
    whole = refusal(error, path, what="an act")
    field = whole.where.field if whole.where else None
    return Refused(whole.problem, where=Where(path, row, field), expected=whole.expected, note=whole.note)
