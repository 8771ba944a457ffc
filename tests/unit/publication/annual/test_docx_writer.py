"""The DOCX: real headings, table headers, sentences for pictures, direction, the same twice."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.kernel.fonts import xml_safe
from cop.publication.annual.docx_styles import table_style
from cop.publication.annual.docx_writer import docx
from cop.publication.annual.tree import Report, Section, paragraph

LOCALES = {"ar": "ar-SA", "en": "en-GB", "es": "es-ES", "fr": "fr-FR", "ru": "ru-RU", "zh": "zh-CN"}


def opened(report: Report) -> Any:
    return Document(io.BytesIO(docx(report)))


@pytest.mark.parametrize("language", list(LOCALES))
def test_headings_captions_and_properties_are_real(language: str, small: Callable[[str], Report]) -> None:
    report = small(language)
    title, sentence = report.title, report.subtitle

    document = opened(report)

    headings = [(p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert headings == [
        ("Heading 1", title), ("Heading 1", f"1  {title}"), ("Heading 2", f"1.1  {sentence}"),
        ("Heading 1", f"Annex A  {title}"),
    ]  # fmt: skip
    fields = [f.get(qn("w:instr")) for f in document.element.iter(qn("w:fldSimple"))]
    assert fields == [" SEQ Table \\* ARABIC ", " SEQ Figure \\* ARABIC "]
    core = document.core_properties
    assert (core.title, core.author, core.language) == (title, report.author, LOCALES[language])
    assert core.created == core.modified
    assert core.created.replace(tzinfo=None) == datetime(2026, 1, 15)  # noqa: DTZ001


def test_the_contents_lead_to_their_headings(small: Callable[[str], Report]) -> None:
    document = opened(small("en"))

    marks = {m.get(qn("w:name")) for m in document.element.iter(qn("w:bookmarkStart"))}
    links = [h.get(qn("w:anchor")) for h in document.element.iter(qn("w:hyperlink")) if h.get(qn("w:anchor"))]
    assert links == ["section_0", "section_1", "section_2", "section_3"]
    assert set(links) <= marks


def test_a_table_has_a_header_row_that_says_so_and_a_picture_its_sentence(small: Callable[[str], Report]) -> None:
    report = small("en")

    document = opened(report)

    first = document.tables[0]
    assert [c.text for c in first.rows[0].cells] == [report.title, "N"]
    flags = [bool(r._tr.findall(f".//{qn('w:tblHeader')}")) for r in first.rows]
    assert flags == [True, False, False]
    pictures = list(document.element.iter(qn("wp:docPr")))
    assert [p.get("descr") for p in pictures] == [report.subtitle]


def test_numbered_lists_begin_where_they_say(small: Callable[[str], Report]) -> None:
    document = opened(small("en"))

    [start] = [n.get(qn("w:val")) for n in document.part.numbering_part.element.iter(qn("w:startOverride"))]
    assert start == "3"
    assert [p.style.name for p in document.paragraphs if p._p.findall(f".//{qn('w:numId')}")] == ["List Number"] * 2


def test_arabic_runs_from_the_right_and_english_does_not(small: Callable[[str], Report]) -> None:
    arabic, english = opened(small("ar")), opened(small("en"))

    for paragraph_ in arabic.element.body.iter(qn("w:p")):
        properties = paragraph_.find(qn("w:pPr"))
        assert properties is not None
        assert len(properties.findall(qn("w:bidi"))) == 1
    texts = [r for r in arabic.element.body.iter(qn("w:r")) if r.findall(qn("w:t"))]
    assert texts
    assert all(r.find(qn("w:rPr")).find(qn("w:rtl")) is not None for r in texts)
    assert all(t._tbl.tblPr.find(qn("w:bidiVisual")) is not None for t in arabic.tables)
    faces = arabic.styles.element.find(f".//{qn('w:rPrDefault')}").find(f".//{qn('w:rFonts')}")
    assert faces.get(qn("w:cs")) == "Arial"
    assert list(english.element.iter(qn("w:bidi"))) == []
    assert list(english.element.iter(qn("w:rtl"))) == []


def test_properties_of_a_table_stand_in_the_order_of_the_standard() -> None:
    table = Document().add_table(rows=1, cols=2)

    table_style(table, [1, 2], 90, rtl=True, title="T")

    names = [e.tag.rpartition("}")[2] for e in table._tbl.tblPr]
    order = ["tblStyle", "bidiVisual", "tblW", "tblBorders", "tblLayout", "tblLook", "tblCaption"]
    assert [n for n in names if n in order] == [n for n in order if n in names]
    assert set(names) <= {*order, "jc"}


def test_the_same_report_is_the_same_bytes_and_every_part_has_one_date(small: Callable[[str], Report]) -> None:
    first = docx(small("fr"))

    assert first == docx(small("fr"))
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert {i.date_time for i in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_of_the_data_can_be_written_and_read_back(small: Callable[[str], Report], text: str) -> None:
    report = replace(small("en"), title=text, notice=text, sections=(Section("a", "A", 1, (paragraph(text),)),))

    assert opened(report).paragraphs[-1].text == xml_safe(text)
