"""The report as DOCX (ECMA-376), for those who must go on writing: real headings, lists, captions and table headers.

From the same tree as the PDF. Word's own automatisms are kept where they help (captions count themselves, headings make
the navigation) and the contents are links. The same report is the same bytes: dates in the package are fixed.
"""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt

from cop.kernel.fonts import xml_safe
from cop.publication.annual import tree
from cop.publication.annual.docx_styles import ACCENT, LOCALES, QUIET, SHADE, prepare, table_style
from cop.publication.annual.pictures import png, size

TEXT_WIDTH_MM = 162
_PX = 914400 / 96
_PIXELS = 2.0
"""Pixels of a picture for each px of its figure: sharp in print at the width of a page."""


def docx(report: tree.Report) -> bytes:
    """The report as a DOCX file; the same report is the same bytes."""
    return _Writer(report).write()


class _Writer:
    """Sets one report."""

    def __init__(self, report: tree.Report) -> None:
        self._report = report
        self._rtl = report.direction == "rtl"
        self._document = Document()
        self._ids = self._tables = self._figures = 0
        self._lists = _Lists(self._document)
        prepare(self._document, report)
        # known by name once: python-docx reads all styles again for every paragraph
        self._styles = {style.name: style.style_id for style in self._document.styles}

    def write(self) -> bytes:
        self._cover()
        self._contents()
        counted = tree.numbers(self._report.sections, self._report.words)
        for place, (section, number) in enumerate(zip(self._report.sections, counted, strict=True)):
            heading = self._paragraph(f"Heading {section.level}")
            if number:
                self._text(heading, f"{number}  ").font.color.rgb = ACCENT
            self._text(heading, section.title)
            self._bookmark(heading, f"section_{place}")
            self._blocks(section.blocks)
        self._properties()
        return _repacked(self._document)

    # --- front

    def _cover(self) -> None:
        report = self._report
        self._text(self._paragraph("Subtitle"), report.subtitle).bold = True
        self._text(self._paragraph("Cover"), report.author)
        title = self._paragraph("Title")
        title.paragraph_format.space_before = Pt(120)
        self._text(title, report.title)
        self._text(self._paragraph("Subtitle"), report.date_words)
        if report.notice:
            gap = self._paragraph("Cover")
            gap.paragraph_format.space_after = Pt(90)
            if report.notice_short:
                self._text(self._paragraph("Notice"), report.notice_short).bold = True
            self._text(self._paragraph("Notice"), report.notice)
        for what, value in report.facts:
            line = self._paragraph("Cover")
            self._text(line, f"{what}: ").font.color.rgb = QUIET
            self._text(line, value)

    def _contents(self) -> None:
        heading = self._paragraph("TOC Heading")
        heading.paragraph_format.page_break_before = True
        self._text(heading, self._report.words.contents)
        counted = tree.numbers(self._report.sections, self._report.words)
        for place, (section, number) in enumerate(zip(self._report.sections, counted, strict=True)):
            if section.level <= 2:
                line = self._paragraph(f"toc {section.level}")
                link = OxmlElement("w:hyperlink")
                link.set(qn("w:anchor"), f"section_{place}")
                link.set(qn("w:history"), "1")
                line._p.append(link)
                run = self._text(line, f"{number}  {section.title}" if number else section.title)
                link.append(run._r)

    def _properties(self) -> None:
        report, day = self._report, date.fromisoformat(self._report.date)
        core = self._document.core_properties
        core.title, core.author, core.language = (
            xml_safe(report.title)[:255],
            xml_safe(report.author)[:255],
            LOCALES.get(report.language, report.language),
        )
        core.subject, core.keywords = xml_safe(report.subtitle)[:255], xml_safe(", ".join(report.keywords))[:255]
        core.comments, core.last_modified_by, core.revision = xml_safe(report.description)[:255], "", 1
        core.created = core.modified = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - python-docx writes it as UTC

    # --- runs and paragraphs

    def _paragraph(self, style: str) -> Any:  # noqa: ANN401 - python-docx has no public type for it
        made: Any = self._document.add_paragraph()
        made._p.style = self._styles[style]
        if self._rtl:
            made._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
        return made

    def _text(self, paragraph: Any, text: str) -> Any:  # noqa: ANN401
        run = paragraph.add_run()
        for place, line in enumerate(xml_safe(text).split("\n")):
            if place:
                run.add_break(WD_BREAK.LINE)
            run.add_text(line)
        if self._rtl:
            run._r.get_or_add_rPr().append(OxmlElement("w:rtl"))
        return run

    def _inline(self, paragraph: Any, runs: tree.Inline, *, strong: bool = False) -> None:  # noqa: ANN401
        for it in runs:
            run = self._text(paragraph, it.text)
            if it.strong or strong:
                run.bold = run.font.cs_bold = True
            if it.emphasis:
                run.italic = run.font.cs_italic = True
            if it.code:
                run.style = self._document.styles["Code"]
            if it.link:
                run.font.underline, run.font.color.rgb = True, ACCENT
                link = OxmlElement("w:hyperlink")
                kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
                link.set(qn("r:id"), self._document.part.relate_to(it.link, kind, is_external=True))
                paragraph._p.append(link)
                link.append(run._r)

    def _bookmark(self, paragraph: Any, name: str) -> None:  # noqa: ANN401
        self._ids += 1
        for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
            mark = OxmlElement(tag)
            mark.set(qn("w:id"), str(self._ids))
            if tag == "w:bookmarkStart":
                mark.set(qn("w:name"), name)
            paragraph._p.append(mark)

    def _caption(self, word: str, sequence: str, number: int, text: str) -> None:
        line = self._paragraph("Caption")
        self._text(line, f"{word} ").font.color.rgb = ACCENT
        count = OxmlElement("w:fldSimple")
        count.set(qn("w:instr"), f" SEQ {sequence} \\* ARABIC ")
        run = self._text(line, str(number))
        run.font.color.rgb = ACCENT
        line._p.append(count)
        count.append(run._r)
        self._text(line, f"  {text}")

    # --- blocks

    def _blocks(self, blocks: tuple[tree.Block, ...], style: str = "Body Text") -> None:
        for block in blocks:
            self._block(block, style)

    def _block(self, block: tree.Block, style: str) -> None:
        match block:
            case tree.Paragraph(runs, lead):
                self._inline(self._paragraph("Lead" if lead else style), runs)
            case tree.BulletList(items):
                self._list(items, "List Bullet", None)
            case tree.NumberedList(items, start):
                self._list(items, "List Number", self._lists.counted(start))
            case tree.Table():
                self._table(block)
            case tree.Figure():
                self._figure(block)
            case tree.Quote(inner, source):
                self._blocks(inner, "Quote")
                if source:
                    self._text(self._paragraph("Note"), f"{self._report.words.source}: {source}")
            case tree.Callout(title, inner):
                heading = self._text(self._paragraph("Callout"), title)
                heading.bold, heading.font.color.rgb = True, ACCENT
                self._blocks(inner, "Callout")
            case tree.KeyFigures(items):
                self._key_figures(items)

    def _list(self, items: tuple[tuple[tree.Block, ...], ...], style: str, number: int | None) -> None:
        for item in items:
            for place, block in enumerate(item):
                if place == 0 and isinstance(block, tree.Paragraph):
                    line = self._paragraph(style)
                    if number is not None:
                        self._lists.join(line, number)
                    self._inline(line, block.runs)
                else:
                    self._block(block, "List Continue")

    def _table(self, table: tree.Table) -> None:
        if table.caption:
            self._tables += 1
            self._caption(self._report.words.table, "Table", self._tables, table.caption)
        made = self._document.add_table(rows=0, cols=len(table.columns))
        table_style(
            made, [c.weight for c in table.columns], TEXT_WIDTH_MM, rtl=self._rtl, title=xml_safe(table.caption)
        )
        header = made.add_row()
        _flag(header, "w:tblHeader")
        for cell, column in zip(header.cells, table.columns, strict=True):
            self._cell(cell, tree.say(column.heading, strong=True), number=column.number, style="Table Heading")
        for row in table.rows:
            line = made.add_row()
            _flag(line, "w:cantSplit")
            for cell, column, runs in zip(line.cells, table.columns, row.cells, strict=True):
                self._cell(cell, runs, number=column.number, strong=row.strong)
                if row.strong:
                    _shade(cell, SHADE)
        self._text(self._paragraph("Note"), table.note)

    def _cell(
        self,
        cell: Any,  # noqa: ANN401
        runs: tree.Inline,
        *,
        number: bool,
        strong: bool = False,
        style: str = "Table Text",
    ) -> None:
        paragraph = cell.paragraphs[0]
        paragraph._p.style = self._styles[style]
        properties = paragraph._p.get_or_add_pPr()
        if self._rtl:
            properties.append(OxmlElement("w:bidi"))
        if number:
            # `end` is the side where a line ends, so that it needs no thought of direction
            side = OxmlElement("w:jc")
            side.set(qn("w:val"), "end")
            properties.append(side)
        self._inline(paragraph, runs, strong=strong)

    def _figure(self, figure: tree.Figure) -> None:
        self._figures += 1
        self._caption(self._report.words.figure, "Figure", self._figures, figure.title)
        width, height = size(figure.svg)
        scale = min(1.0, Mm(TEXT_WIDTH_MM) / (width * _PX))
        line = self._paragraph("Figure")
        picture = line.add_run().add_picture(
            io.BytesIO(png(figure.svg, _PIXELS)), Emu(round(width * _PX * scale)), Emu(round(height * _PX * scale))
        )
        about = picture._inline.docPr
        about.set("descr", xml_safe(figure.alt))
        about.set("title", xml_safe(figure.title))
        about.set("name", f"Figure {self._figures}")
        if figure.caption:
            self._text(self._paragraph("Note"), figure.caption)

    def _key_figures(self, items: tuple[tuple[str, str], ...]) -> None:
        columns = min(4, len(items))
        made = self._document.add_table(rows=0, cols=columns)
        table_style(made, [1.0] * columns, TEXT_WIDTH_MM, rtl=self._rtl, title="", lines=False)
        for start in range(0, len(items), columns):
            cells = made.add_row().cells
            for cell, (value, what) in zip(cells, items[start : start + columns], strict=False):
                self._cell(cell, tree.say(value), number=False, style="Key Figure")
                below: Any = cell.add_paragraph()
                below._p.style = self._styles["Note"]
                if self._rtl:
                    below._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
                self._text(below, what)
        self._paragraph("Note")


class _Lists:
    """Numbered lists that each begin anew: Word counts through a whole document unless told otherwise."""

    def __init__(self, document: Any) -> None:  # noqa: ANN401
        self._root = document.part.numbering_part.element
        style = document.styles["List Number"].element
        number = style.find(f".//{qn('w:numId')}").get(qn("w:val"))
        self._abstract = next(
            n.find(qn("w:abstractNumId")).get(qn("w:val"))
            for n in self._root.findall(qn("w:num"))
            if n.get(qn("w:numId")) == number
        )

    def counted(self, start: int) -> int:
        """A new list of the same form that begins at `start`; its id."""
        made = self._root.add_num(int(self._abstract))
        made.add_lvlOverride(ilvl=0).add_startOverride(start)
        return int(made.numId)

    def join(self, paragraph: Any, number: int) -> None:  # noqa: ANN401
        """Make a paragraph an item of that list."""
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_numId().val = number
        properties.get_or_add_ilvl().val = 0


def _flag(row: Any, name: str) -> None:  # noqa: ANN401
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _shade(cell: Any, colour: str) -> None:  # noqa: ANN401
    fill = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        fill.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(fill)


def _repacked(document: Any) -> bytes:  # noqa: ANN401
    """The package with one fixed date on every part."""
    first, second = io.BytesIO(), io.BytesIO()
    document.save(first)
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            target.writestr(part, source.read(name))
    return second.getvalue()
