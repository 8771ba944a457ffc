"""Write the annual report of an edition: one tree, two files."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfReader

from cop.editions.read import Edition
from cop.kernel.errors import Refused
from cop.kernel.progress import SILENT, Progress
from cop.publication.annual.content import annual_report
from cop.publication.annual.docx_writer import docx
from cop.publication.annual.tree import Figure, Table, every_block
from cop.publication.annual.typst_writer import pdf

PDF, DOCX = "annual-report.pdf", "annual-report.docx"


@dataclass(frozen=True, slots=True)
class ReportSummary:
    """What was written.

    Attributes:
        pdf: the PDF (PDF/UA-1, PDF/A-2a).
        docx: the same report as DOCX.
        pages: of the PDF.
        sections: headings of any level.
        figures: pictures.
        tables: tables with a caption.
    """

    pdf: Path
    docx: Path
    pages: int
    sections: int
    figures: int
    tables: int


def write_report(edition: Edition, folder: Path, *, language: str = "en", progress: Progress = SILENT) -> ReportSummary:
    """Write `annual-report.pdf` and `annual-report.docx` into `folder`, each beside its place and then renamed.

    The same edition gives the same bytes: the only date is the edition's.

    Args:
        edition: what is reported; it is not verified here.
        folder: made if it is not there.
        language: of the report.
        progress: counts three steps: the tree, the PDF, the DOCX.

    Raises:
        Refused: the edition holds a value in a suppressed cell, or a section of the secretariat's cannot be set.
        NotFound: the window has no such language.
    """
    if folder.exists() and not folder.is_dir():
        raise Refused(f"the report cannot be written: {folder.name} is a file", expected="a folder, or a new name")
    progress.total(3)
    report = annual_report(edition, language=language)
    progress.advance()
    printed = pdf(report)
    progress.advance()
    written = docx(report)
    progress.advance()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in ((PDF, printed), (DOCX, written)):
            _place(folder / name, content)
    except OSError as error:
        raise Refused(
            f"the report cannot be written: {error.strerror}", expected="a folder that can be written"
        ) from error
    blocks = [b for s in report.sections for b in every_block(s.blocks)]
    return ReportSummary(
        pdf=folder / PDF,
        docx=folder / DOCX,
        pages=len(PdfReader(io.BytesIO(printed)).pages),
        sections=len(report.sections),
        figures=sum(isinstance(b, Figure) for b in blocks),
        tables=sum(isinstance(b, Table) and bool(b.caption) for b in blocks),
    )


def _place(path: Path, content: bytes) -> None:
    part = path.with_name(f".part-{os.getpid()}-{path.name}")
    try:
        with part.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
