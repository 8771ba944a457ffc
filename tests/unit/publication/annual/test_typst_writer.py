"""The PDF: tagged, kept, the same twice, and true to its text."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from cop.kernel.errors import Refused
from cop.kernel.fonts import legible
from cop.publication.annual.tree import Column, Figure, Report, Run, Section, Table, paragraph, row
from cop.publication.annual.typst_writer import pdf


def structure(reader: PdfReader) -> list[DictionaryObject]:
    """Every element of the structure tree, in order."""

    def walk(node: Any) -> Iterator[DictionaryObject]:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, DictionaryObject):
            if "/S" in node:
                yield node
            if "/K" in node:
                yield from walk(node["/K"])
        elif isinstance(node, list):
            for child in node:
                yield from walk(child)

    root: Any = reader.trailer["/Root"]
    return list(walk(root["/StructTreeRoot"]))


@pytest.mark.parametrize("language", ["ar", "en", "es", "fr", "ru", "zh"])
def test_every_language_is_set_as_pdf_ua_1_and_pdf_a_2a(language: str, small: Callable[[str], Report]) -> None:
    report = small(language)

    reader = PdfReader(io.BytesIO(pdf(report)))

    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF boolean
    assert str(root["/Lang"]).split("-")[0] == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert reader.metadata is not None
    assert reader.metadata.title == f"{report.title}, {report.subtitle}"
    assert reader.metadata.author == report.author
    described = root["/Metadata"].get_data().decode()
    assert re.search(r"pdfuaid:part>1<", described)
    assert re.search(r"pdfaid:part>2<", described)
    assert re.search(r"pdfaid:conformance>A<", described)
    elements = structure(reader)
    kinds = [str(e["/S"]) for e in elements]
    assert [str(e["/Alt"]) for e in elements if e["/S"] == "/Figure"][-1] == report.subtitle
    assert all(e.get("/Alt") for e in elements if e["/S"] == "/Figure")
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/L", "/LI", "/Caption", "/Link", "/Title"} <= set(kinds)


def test_the_same_report_is_the_same_bytes(small: Callable[[str], Report]) -> None:
    assert pdf(small("en")) == pdf(small("en"))


def test_a_figure_without_a_sentence_is_refused() -> None:
    with pytest.raises(Refused, match="no sentence"):
        Figure("<svg/>", "t", " ")


def test_a_figure_without_a_size_is_refused(small: Callable[[str], Report]) -> None:
    report = replace(small("en"), sections=(Section("a", "A", 1, (Figure("<svg/>", "t", "alt"),)),))

    with pytest.raises(Refused, match="no size"):
        pdf(report)


def everywhere(report: Report, text: str) -> Report:
    """The report with `text` in every kind of place."""
    blocks = (paragraph(text), Table(text, (Column(text),), (row((Run(text, strong=True, code=True),)),), text))
    return replace(report, subtitle=text, notice=text, running=text, sections=(Section("a", text, 1, blocks),))


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_of_the_data_can_be_set(small: Callable[[str], Report], text: str) -> None:
    made = pdf(everywhere(small("en"), text))

    assert made.startswith(b"%PDF-1.7")


@pytest.mark.parametrize(
    "text",
    [
        '#let x = 1; #include "a" $a^2$ *b* _c_ `d` @e <f> \\g //h /*i*/ = j\n- k\n+ l ~ m -- n --- o "p" \'q\' [r] {s}',
        "#eval(\"1\") #image(\"x\") #sys.inputs",
        "http://example.org/a?b=c&d=e#f",
        "don't -- \"quote\" ... 1/2 -> =>",
    ],
)  # fmt: skip
def test_markup_in_the_data_is_text(text: str, small: Callable[[str], Report]) -> None:
    report = replace(small("en"), sections=(Section("a", "A", 1, (paragraph(text),)),))

    shown = PdfReader(io.BytesIO(pdf(report))).pages[-1].extract_text()

    assert squeezed(text) in squeezed(shown)


@settings(max_examples=40, deadline=None)
@given(
    st.text(
        alphabet=st.characters(min_codepoint=0x21, max_codepoint=0x4FF, categories=("L", "N", "P", "S")),
        min_size=1,
        max_size=40,
    )
)
def test_what_has_a_glyph_can_be_read_back(small: Callable[[str], Report], text: str) -> None:
    report = replace(small("en"), sections=(Section("a", "A", 1, (paragraph(text),)),))

    shown = PdfReader(io.BytesIO(pdf(report))).pages[-1].extract_text()

    assert squeezed(legible(text)) in squeezed(shown)


def squeezed(text: str) -> str:
    """Without spaces and the places where a long word may break."""
    return re.sub(r"[\s\u200b]", "", text)
