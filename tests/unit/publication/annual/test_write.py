"""The two files: whole or not at all, the same twice, sized and tagged as promised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from cop.editions.read import Edition
from cop.kernel.errors import Refused
from cop.publication.annual import ReportSummary, write_report


def test_both_files_stand_in_their_folder_and_nothing_else(written: ReportSummary) -> None:
    assert sorted(p.name for p in written.pdf.parent.iterdir()) == ["annual-report.docx", "annual-report.pdf"]
    assert written.pages == len(PdfReader(written.pdf).pages)
    assert written.pages > 10


def test_the_same_edition_is_the_same_bytes(written: ReportSummary, edition: Edition, tmp_path: Path) -> None:
    again = write_report(edition, tmp_path / "new")

    assert again.pdf.read_bytes() == written.pdf.read_bytes()
    assert again.docx.read_bytes() == written.docx.read_bytes()


def test_the_running_header_says_synthetic_on_every_page_and_the_cover_too(written: ReportSummary) -> None:
    pages = [p.extract_text() for p in PdfReader(written.pdf).pages]

    assert ["Synthetic data" in p for p in pages] == [True] * len(pages)


def test_the_pdf_is_titled_dated_by_the_edition_and_bookmarked(written: ReportSummary) -> None:
    reader = PdfReader(written.pdf)

    assert reader.metadata is not None
    assert reader.metadata.title == "Annual report to the Council, Harbour Observatory"
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date().isoformat() == "2026-01-15"
    titles = [o.title for o in reader.outline if not isinstance(o, list)]
    assert titles[:4] == ["Contents", "Foreword", "The year in figures", "1 Activities of the group"]


def test_every_picture_has_its_sentence_in_both_files(written: ReportSummary) -> None:
    document: Any = Document(str(written.docx))

    described = [p.get("descr") for p in document.element.iter(qn("wp:docPr"))]
    assert len(described) == written.figures
    assert all(described)
    headers = [t.rows[0]._tr.findall(f".//{qn('w:tblHeader')}") for t in document.tables]
    assert sum(map(bool, headers)) == written.tables


def test_progress_counts_its_steps(edition: Edition, tmp_path: Path) -> None:
    steps: list[tuple[str, int]] = []

    class Listener:
        def total(self, units: int) -> None:
            steps.append(("total", units))

        def advance(self, units: int = 1) -> None:
            steps.append(("advance", units))

    write_report(edition, tmp_path, progress=Listener())

    assert steps == [("total", 3), ("advance", 1), ("advance", 1), ("advance", 1)]


def test_a_folder_that_cannot_be_is_refused(edition: Edition, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(Refused, match="cannot be written"):
        write_report(edition, tmp_path / "taken")
