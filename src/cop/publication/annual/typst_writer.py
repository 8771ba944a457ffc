"""The report as PDF: the tree goes to the typesetter as JSON, the design is `report.typ`.

The file is PDF/UA-1 (ISO 14289-1) and PDF/A-2a (ISO 19005-2): tagged, with every font inside, so that it can be read
aloud and kept. The typesetter refuses what breaks either, for instance a picture without its sentence.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from cop.kernel.errors import Refused
from cop.kernel.fonts import MONOSPACE, families, files, legible
from cop.publication.annual import tree
from cop.publication.annual.pictures import joined, png, size

STANDARDS = ("ua-1", "a-2a")
TEXT_WIDTH = 680.0
"""The px of a figure that fill the width of the text: its letters then have the size of those in a table."""

_TEMPLATE = Path(__file__).with_name("report.typ")
_LONG = re.compile(r"[!-\u058f]{16,}")
_PIXELS = 4.0
_CHARACTERS = 120
"""Characters that fill a line of a table as wide as the text."""

_WHOLE = 20
"""Lines of the longest table that is kept on one page."""

_UNBROKEN = 32
"""Characters of the longest word of any language that is left whole."""
_JOINT = re.compile(r"([/_.\-?&=])(?=\S)")


@cache
def _fonts() -> Any:  # noqa: ANN401 - typst's handle on the fonts, read once in a process
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=sorted({str(p.parent) for p in files()})
    )


def pdf(report: tree.Report) -> bytes:
    """The report as a PDF; the same report is the same bytes.

    Raises:
        Refused: the typesetter finds something that the standards do not allow, a figure without alternative text
            for instance.
    """
    import typst

    day = date.fromisoformat(report.date)
    compiler = typst.Compiler(
        _TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        sys_inputs={"report": json.dumps(_report(report), ensure_ascii=False)},
    )
    try:
        made = compiler.compile(
            format="pdf", pdf_standards=list(STANDARDS), timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC)
        )
    except typst.TypstError as error:
        problem = str(error.message).strip().splitlines()[0]
        raise Refused(
            f"the report cannot be set: {problem}", expected=f"what {' and '.join(STANDARDS)} allow"
        ) from error
    if not isinstance(made, bytes):
        raise Refused("the typesetter gave no single file")
    return made


def _report(report: tree.Report) -> dict[str, Any]:
    day = date.fromisoformat(report.date)
    counted = tree.numbers(report.sections, report.words)
    return {
        "title": legible(report.title),
        "subtitle": legible(report.subtitle),
        "author": legible(report.author),
        "language": report.language,
        "direction": report.direction,
        "day": [day.year, day.month, day.day],
        "date_words": legible(report.date_words),
        "notice": legible(report.notice),
        "notice_short": legible(report.notice_short),
        "running": legible(report.running),
        "footer": legible(f"{report.author} · {report.date_words}"),
        "facts": [[legible(a), _broken(b)] for a, b in report.facts],
        "keywords": [legible(k) for k in report.keywords],
        "description": legible(report.description),
        "fonts": list(families(report.language)),
        "monospace": MONOSPACE,
        "words": {f: legible(getattr(report.words, f)) for f in ("contents", "table", "figure", "source", "page")},
        "sections": [
            {
                "label": f"section-{place}",
                "title": _broken(section.title),
                "level": section.level,
                "number": legible(number),
                "blocks": _blocks(section.blocks),
            }
            for place, (section, number) in enumerate(zip(report.sections, counted, strict=True))
        ],
    }


def _blocks(blocks: tuple[tree.Block, ...]) -> list[dict[str, Any]]:
    return [_block(b) for b in blocks]


def _block(block: tree.Block) -> dict[str, Any]:
    match block:
        case tree.Paragraph(runs, lead):
            made: dict[str, Any] = {"kind": "paragraph", "runs": _runs(runs), "lead": lead}
        case tree.BulletList(items):
            made = {"kind": "bullets", "items": [_blocks(i) for i in items]}
        case tree.NumberedList(items, start):
            made = {"kind": "numbered", "items": [_blocks(i) for i in items], "start": start}
        case tree.Table():
            made = _table(block)
        case tree.Figure():
            made = _figure(block)
        case tree.Quote(inner, source):
            made = {"kind": "quote", "blocks": _blocks(inner), "source": _broken(source)}
        case tree.Callout(title, inner):
            made = {"kind": "callout", "title": _broken(title), "blocks": _blocks(inner)}
        case tree.KeyFigures(items):
            made = {"kind": "figures", "items": [[_broken(a), _broken(b)] for a, b in items]}
    return made


def _table(table: tree.Table) -> dict[str, Any]:
    return {
        "kind": "table",
        "caption": _broken(table.caption),
        "columns": [{"heading": _broken(c.heading), "weight": c.weight, "number": c.number} for c in table.columns],
        "rows": [{"cells": [_runs(c) for c in r.cells], "strong": r.strong} for r in table.rows],
        "note": _broken(table.note),
        "whole": _lines(table) <= _WHOLE,
    }


def _lines(table: tree.Table) -> int:
    """About how many lines the table takes, from the lengths of its cells and the widths of its columns."""
    every = sum(c.weight for c in table.columns)
    wide = [max(4.0, _CHARACTERS * c.weight / every) for c in table.columns]
    return sum(
        max(
            sum(ceil((len(part) or 1) / w) for part in tree.plain(cell).split("\n"))
            for cell, w in zip(r.cells, wide, strict=True)
        )
        for r in table.rows
    )


def _figure(figure: tree.Figure) -> dict[str, Any]:
    width, _ = size(figure.svg)
    drawing = legible(figure.svg)
    pixels = list(png(drawing, _PIXELS)) if joined(drawing) else None
    return {
        "kind": "figure",
        "svg": drawing if pixels is None else "",
        "png": pixels,
        "title": _broken(figure.title),
        "alt": legible(figure.alt),
        "caption": _broken(figure.caption),
        "width": min(1.0, width / TEXT_WIDTH),
    }


def _runs(runs: tree.Inline) -> list[dict[str, Any]]:
    return [
        {"text": _broken(r.text), "strong": r.strong, "emphasis": r.emphasis, "code": r.code, "link": r.link}
        for r in runs
    ]


def _broken(text: str) -> str:
    """Legible text in which a long name or sum may break, at its joints, else anywhere (zero-width spaces)."""
    return _LONG.sub(_soften, legible(text))


def _soften(word: re.Match[str]) -> str:
    return "\u200b".join(
        part if len(part) <= _UNBROKEN else "\u200b".join(part[i : i + 16] for i in range(0, len(part), 16))
        for part in _JOINT.sub("\\1\u200b", word[0]).split("\u200b")
    )
