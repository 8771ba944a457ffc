"""The catalogs of the desk: current, complete in six languages, the same bytes whenever they are made."""

from __future__ import annotations

from pathlib import Path

import pytest

from cop.desk import language


@pytest.fixture(scope="module")
def template() -> language.Catalog:
    return language.extract()


def test_the_template_holds_every_message_of_the_pages(template: language.Catalog) -> None:
    remake = "run `python -m cop.desk.language`"
    assert language.TEMPLATE.read_bytes() == language.po_text(template), remake


@pytest.mark.parametrize("code", language.CATALOGS)
def test_a_catalog_and_what_django_reads_of_it_are_current(template: language.Catalog, code: str) -> None:
    path = language.po_path(code)

    assert path.read_bytes() == language.po_text(language.merged(template, code)), "run `python -m cop.desk.language`"
    assert path.with_suffix(".mo").read_bytes() == language.mo_bytes(language.read_catalog(code))


@pytest.mark.parametrize("code", language.CATALOGS)
def test_every_message_is_translated_with_its_places(code: str) -> None:
    assert list(language.faults(language.read_catalog(code))) == []


def test_messages_of_templates_and_modules_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "desk" / "templates").mkdir(parents=True)
    (tmp_path / "vault").mkdir()
    (tmp_path / "desk" / "templates" / "a.html").write_text(
        '<p title="it\'s">  {% translate "Quoted \'words\'" %}\n   {{ _("In an expression") }}</p>\n {% translate "Many" context "of reports" %}'
        "{% blocktranslate count n=n %}{{ n }} code{% plural %}{{ n }} codes{% endblocktranslate %}",
        encoding="utf-8",
    )
    (tmp_path / "desk" / "b.py").write_text('x = _("In a module")\ny = gettext_noop("Later")\nz = other("Not one")\n')
    monkeypatch.setattr(language, "PACKAGE", tmp_path)

    found = {(m.context, m.id) for m in language.extract() if m.id}

    assert found == {
        (None, "Quoted 'words'"),
        (None, "In an expression"),
        ("of reports", "Many"),
        (None, ("%(n)s code", "%(n)s codes")),
        (None, "In a module"),
        (None, "Later"),
    }


def test_a_translation_that_is_missing_or_loses_a_place_is_named() -> None:
    catalog = language.Catalog(locale="fr")
    catalog.add("Empty")
    catalog.add("Hello %(name)s", "Bonjour")
    catalog.add(("%(n)s code", "%(n)s codes"), ("%(n)s code", "%(n)s codes"))
    catalog.add("Doubtful", "Douteux", flags=["fuzzy"])

    assert list(language.faults(catalog)) == [
        "not translated: Empty",
        "places differ: Hello %(name)s: ['%(name)s']",
        "not translated: Doubtful",
    ]


def test_what_is_not_translated_stays_english_in_what_django_reads() -> None:
    import gettext
    import io

    catalog = language.Catalog(locale="fr")
    catalog.add("Yes", "Oui")
    catalog.add("No")
    catalog.add(("%(n)s code", "%(n)s codes"))
    read = gettext.GNUTranslations(io.BytesIO(language.mo_bytes(catalog)))

    assert read.gettext("Yes") == "Oui" and read.gettext("No") == "No"
    assert read.ngettext("%(n)s code", "%(n)s codes", 2) == "%(n)s codes"
    assert language.mo_bytes(catalog) == language.mo_bytes(catalog)
