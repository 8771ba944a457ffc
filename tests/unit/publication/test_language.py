"""The window's words: gettext, numbers, dates, direction."""

from __future__ import annotations

from pathlib import Path

import pytest

from cop.kernel.errors import NotFound
from cop.publication import language as module
from cop.publication.language import Language, extract, pick, read_language, template_text


def test_the_committed_template_holds_every_message_of_the_room() -> None:
    text = template_text(extract())

    assert 'msgid "Skip to the content"' in text, "templates are extracted"
    assert 'msgid "withheld"' in text, "marked words of modules are extracted"
    assert module.TEMPLATE.read_text(encoding="utf-8") == text, "run: python -m cop.publication.language"


def test_english_needs_no_catalog_and_formats_as_cldr_says(english: Language) -> None:
    assert english.direction == "ltr"
    assert english.number(1234567.891, 1) == "1,234,567.9"
    assert english.percent(15.94) == "15.9%"
    assert english.percent(36.25, 0) == "36%"
    assert english.date("2026-01-15") == "15 January 2026"
    assert english.period("2024-01/2025-12") == "January 2024 to December 2025"
    assert english.period("2025-Q3") == "quarter 3 of 2025"
    assert english.period("2025") == "2025"
    assert english.listing(["a", "b", "c"]) == "a, b and c"


def test_plural_forms_follow_the_count(english: Language) -> None:
    assert english.ngettext("%(n)s row", "%(n)s rows", 1) == "1 row"
    assert english.ngettext("%(n)s row", "%(n)s rows", 1200) == "1,200 rows"


def test_a_language_without_a_catalog_is_not_found() -> None:
    with pytest.raises(NotFound, match="no language xx"):
        read_language("xx")
    with pytest.raises(NotFound):
        read_language("../en")


def test_a_catalog_translates_and_its_script_gives_the_direction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "window.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Data"\nmsgstr "بيانات"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(module, "LOCALE", tmp_path)
    read_language.cache_clear()
    try:
        arabic = read_language("ar")
    finally:
        read_language.cache_clear()

    assert arabic.direction == "rtl"
    assert arabic.gettext("Data") == "بيانات"
    assert arabic.gettext("Methods") == "Methods"


def test_pick_prefers_the_language_then_english_then_anything() -> None:
    assert pick({"en": "threat", "fr": "menace"}, "fr") == "menace"
    assert pick({"en": "threat", "fr": "menace"}, "ru") == "threat"
    assert pick({"fr": "menace"}, "ru") == "menace"
    assert pick("plain", "ru") == "plain"
    assert pick(None, "ru") == ""


@pytest.mark.parametrize(
    ("code", "name"), [("und", "Unknown language"), ("ar", "Arabic"), ("en", "English"), ("qqx", "qqx")]
)
def test_a_language_that_could_not_be_told_is_not_called_english(code: str, name: str) -> None:
    assert module.read_language("en").name(code) == name
