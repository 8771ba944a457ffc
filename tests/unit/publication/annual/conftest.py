"""The report of the synthetic edition, written once, and a small tree with every kind of block in six languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cop.editions.read import Edition
from cop.publication.annual import ReportSummary, write_report
from cop.publication.annual.tree import (
    BulletList,
    Callout,
    Column,
    Figure,
    KeyFigures,
    NumberedList,
    Paragraph,
    Quote,
    Report,
    Run,
    Section,
    Table,
    paragraph,
    row,
)

SENTENCES = {
    "ar": ("التقرير السنوي", "للأطفال الحق في الأمان على الإنترنت، والفئة العمرية 13–15 سنة."),
    "en": ("Annual report", "Children have a right to be safe online."),
    "es": ("Informe anual", "Los niños tienen derecho a la seguridad en línea."),
    "fr": ("Rapport annuel", "Les enfants ont le droit d’être en sécurité en ligne, à l’école aussi."),
    "ru": ("Годовой доклад", "Дети имеют право на безопасность в интернете."),
    "zh": ("年度报告", "儿童有权在网上获得安全。"),
}

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 60" width="300" height="60" '
    'font-family="Noto Sans, sans-serif"><rect width="200" height="20" fill="#00696b"/><text x="0" y="50">{}</text></svg>'
)


def small_report(language: str) -> Report:
    """A report with every kind of block, its words in `language`."""
    title, sentence = SENTENCES[language]
    text = paragraph(sentence)
    linked = Paragraph((Run(sentence, strong=True), Run("x_1", code=True), Run(title, link="https://example.org/")))
    blocks = (
        paragraph(sentence, lead=True),
        BulletList(((text,), (linked, BulletList(((text,),))))),
        NumberedList(((text,), (text,)), start=3),
        Table(
            title,
            (Column(title), Column("N", 1, number=True)),
            (row(title, "1"), row(title, "2", strong=True)),
            sentence,
        ),
        Figure(SVG.format(title), title, sentence, sentence),
        Quote((text,), title),
        Callout(title, (text,)),
        KeyFigures((("6,000", title), ("12%", sentence))),
    )
    sections = (
        Section("a", title, 1, (text,), "none"),
        Section("b", title, 1, blocks),
        Section("c", sentence, 2, (text,)),
        Section("d", title, 1, (text,), "annex"),
    )
    return Report(
        title=title, subtitle=sentence, author=title, language=language, date="2026-01-15", date_words="2026",
        direction="rtl" if language == "ar" else "ltr", notice=sentence, notice_short=title, running=title,
        facts=((title, sentence),), keywords=("a", title), description=sentence, sections=sections,
    )  # fmt: skip


@pytest.fixture(scope="session")
def small() -> Callable[[str], Report]:
    return small_report


@pytest.fixture(scope="session")
def written(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> ReportSummary:
    folder: Path = tmp_path_factory.mktemp("report")
    return write_report(edition, folder)
