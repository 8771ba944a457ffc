"""The design of the DOCX: styles by name, page, running header and footer, the ruling of tables."""

from __future__ import annotations

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from cop.kernel.fonts import xml_safe
from cop.publication.annual.tree import Report

INK = RGBColor(0x14, 0x21, 0x2B)
QUIET = RGBColor(0x52, 0x62, 0x6C)
ACCENT = RGBColor(0x00, 0x69, 0x6B)
CAUTION = RGBColor(0x8A, 0x43, 0x00)
SHADE = "EEF3F3"
HAIR = "C6D0D4"

LOCALES = {"ar": "ar-SA", "en": "en-GB", "es": "es-ES", "fr": "fr-FR", "ru": "ru-RU", "zh": "zh-CN"}
"""The locale Word checks spelling in."""

_TABLE = (
    "tblStyle", "tblpPr", "tblOverlap", "bidiVisual", "tblStyleRowBandSize", "tblStyleColBandSize", "tblW", "jc",
    "tblCellSpacing", "tblInd", "tblBorders", "shd", "tblLayout", "tblCellMar", "tblLook", "tblCaption",
    "tblDescription",
)  # fmt: skip
"""The order in which the standard wants a table's properties (17.4.59, CT_TblPr)."""

_FACES = {"ascii": "Calibri", "hAnsi": "Calibri", "cs": "Arial", "eastAsia": "Microsoft YaHei"}
"""By script; a reader that lacks one has a metric equal for it."""


def prepare(document: Any, report: Report) -> None:  # noqa: ANN401 - python-docx has no public type for a document
    """Page, styles, language, running header and footer."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(24)
    section.top_margin, section.bottom_margin = Mm(28), Mm(24)
    _base(document, report)
    _styles(document)
    section.different_first_page_header_footer = True
    if report.direction == "rtl":
        section._sectPr.insert_element_before(OxmlElement("w:bidi"), "w:rtlGutter", "w:docGrid", "w:printerSettings")
    _running(section.header.paragraphs[0], [(report.running, QUIET), (report.notice_short, CAUTION)], report)
    foot = section.footer.paragraphs[0]
    _running(foot, [(f"{report.author} · {report.date_words}", QUIET)], report)
    foot.add_run("\t\t")
    _field(foot, "PAGE")


def _base(document: Any, report: Report) -> None:  # noqa: ANN401
    """Faces by script, size, and language of all text, in the defaults from which every style descends."""
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for child in list(defaults):
        defaults.remove(child)
    faces, tongue = OxmlElement("w:rFonts"), OxmlElement("w:lang")
    for script, face in _FACES.items():
        faces.set(qn(f"w:{script}"), face)
    locale = LOCALES.get(report.language, report.language)
    tongue.set(qn("w:val"), "en-GB" if report.language in {"ar", "zh"} else locale)
    tongue.set(qn("w:eastAsia"), "zh-CN")
    tongue.set(qn("w:bidi"), "ar-SA")
    colour = OxmlElement("w:color")
    colour.set(qn("w:val"), str(INK))
    defaults.append(faces)
    defaults.append(colour)
    for name in ("w:sz", "w:szCs"):
        size = OxmlElement(name)
        size.set(qn("w:val"), "21")
        defaults.append(size)
    defaults.append(tongue)
    normal = document.styles["Normal"].element.find(qn("w:rPr"))
    if normal is not None:
        document.styles["Normal"].element.remove(normal)


def _style(
    document: Any,  # noqa: ANN401
    name: str,
    *,
    size: float,
    colour: RGBColor = INK,
    bold: bool = False,
    before: float = 0,
    after: float = 6,
    based: str = "Normal",
) -> Any:  # noqa: ANN401
    styles = document.styles
    style = (
        styles[name]
        if name in styles
        else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name.startswith("toc"))
    )
    if name != "Normal":
        style.base_style = styles[based]
    properties = style.element.find(qn("w:rPr"))
    if properties is not None:
        style.element.remove(properties)
    style.font.size, style.font.bold, style.font.italic, style.font.color.rgb = Pt(size), bold, False, colour
    tall = OxmlElement("w:szCs")
    tall.set(qn("w:val"), str(round(size * 2)))
    style.element.get_or_add_rPr().append(tall)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    return style


def _styles(document: Any) -> None:  # noqa: ANN401
    _style(document, "Body Text", size=10.5, after=7).paragraph_format.line_spacing = 1.2
    _style(document, "Lead", size=12.5, after=10).paragraph_format.line_spacing = 1.2
    _style(document, "Title", size=34, before=0, after=8)
    _style(document, "Subtitle", size=13, colour=ACCENT, after=4)
    _style(document, "Cover", size=9.5, after=3)
    for level, (size, before, after) in {1: (22, 0, 16), 2: (14, 18, 6), 3: (11.5, 14, 4), 4: (10.5, 10, 4)}.items():
        style = _style(document, f"Heading {level}", size=size, bold=level > 1, before=before, after=after)
        style.paragraph_format.keep_with_next = True
        style.paragraph_format.page_break_before = level == 1
    _style(document, "TOC Heading", size=22, after=16)
    _style(document, "toc 1", size=10.5, bold=True, before=8, after=2)
    _style(document, "toc 2", size=9.5, after=1).paragraph_format.left_indent = Mm(6)
    _style(document, "Caption", size=10.5, bold=True, before=12, after=5).paragraph_format.keep_with_next = True
    _style(document, "Figure", size=10, after=3).paragraph_format.keep_with_next = True
    _style(document, "Note", size=8.5, colour=QUIET, before=3, after=10)
    _style(document, "Table Text", size=9, before=2, after=2)
    _style(document, "Table Heading", size=8.5, colour=QUIET, bold=True, before=2, after=2)
    _style(document, "Key Figure", size=22, before=4, after=0)
    quote = _style(document, "Quote", size=10.5, after=6)
    quote.paragraph_format.left_indent = Mm(8)
    for name, colour in (("Callout", ACCENT), ("Notice", CAUTION)):
        style = _style(document, name, size=10.5, after=6)
        style.paragraph_format.left_indent = style.paragraph_format.right_indent = Mm(4)
        _edge(style, str(colour), SHADE if name == "Callout" else "FDF1E4")
    for name in ("List Bullet", "List Number", "List Continue"):
        style = document.styles[name]
        style.paragraph_format.space_after, style.paragraph_format.line_spacing = Pt(4), 1.15
    code = document.styles.add_style("Code", WD_STYLE_TYPE.CHARACTER)
    code.font.name, code.font.size = "Consolas", Pt(7.5)


def _edge(style: Any, colour: str, ground: str) -> None:  # noqa: ANN401
    """A bar at the side and a ground for a paragraph style; both sides, so that direction does not matter."""
    properties = style.element.get_or_add_pPr()
    borders = OxmlElement("w:pBdr")
    for side in ("left", "right"):
        bar = OxmlElement(f"w:{side}")
        for name, value in (
            ("val", "single"),
            ("sz", "12" if side == "left" else "2"),
            ("space", "8"),
            ("color", colour),
        ):
            bar.set(qn(f"w:{name}"), value)
        if side == "left":
            borders.append(bar)
    shading = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", ground)):
        shading.set(qn(f"w:{name}"), value)
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl")
    properties.insert_element_before(shading, "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl")


def _running(paragraph: Any, parts: list[tuple[str, RGBColor]], report: Report) -> None:  # noqa: ANN401
    for place, (text, colour) in enumerate([p for p in parts if p[0]]):
        run = paragraph.add_run(("\t\t" if place else "") + xml_safe(text))
        run.font.size, run.font.color.rgb, run.bold = Pt(8), colour, bool(place)
        if report.direction == "rtl":
            run._r.get_or_add_rPr().append(OxmlElement("w:rtl"))
    if report.direction == "rtl":
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))


def _field(paragraph: Any, instruction: str) -> None:  # noqa: ANN401
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run = paragraph.add_run("1")
    run.font.size, run.font.color.rgb = Pt(8), QUIET
    paragraph._p.append(field)
    field.append(run._r)


def table_style(
    table: Any,  # noqa: ANN401
    weights: list[float],
    width: float,
    *,
    rtl: bool,
    title: str,
    lines: bool = True,
) -> None:
    """Widths of columns, hairlines between rows, direction, and the table's title for those who hear it."""
    table.autofit = False
    properties = table._tbl.tblPr
    if rtl:
        properties.append(OxmlElement("w:bidiVisual"))
    if lines:
        borders = OxmlElement("w:tblBorders")
        for side in ("top", "bottom", "insideH"):
            line = OxmlElement(f"w:{side}")
            for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", HAIR)):
                line.set(qn(f"w:{name}"), value)
            borders.append(line)
        properties.append(borders)
    if title:
        caption = OxmlElement("w:tblCaption")
        caption.set(qn("w:val"), title)
        properties.append(caption)
    for child in sorted(properties, key=lambda e: _TABLE.index(e.tag.rpartition("}")[2])):
        properties.append(child)
    whole = sum(weights)
    for column, weight in zip(table.columns, weights, strict=True):
        column.width = Mm(width * weight / whole)
