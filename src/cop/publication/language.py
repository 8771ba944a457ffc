"""Words, numbers, dates and direction of the window in one language, through gettext and Babel (CLDR).

Message ids are the English text, so English needs no catalog; every other language has
`locale/<lang>/LC_MESSAGES/window.po`. The template `locale/window.pot` is extracted from the templates and modules of
this room by `python -m cop.publication.language`; a test holds it current.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.numbers import format_decimal, format_percent, get_decimal_symbol, get_group_symbol
from babel.support import Translations

from cop.kernel.errors import NotFound

ROOM = Path(__file__).resolve().parent
LOCALE = ROOM / "locale"
TEMPLATE = LOCALE / "window.pot"
SOURCE = "en"

_CODE = re.compile(r"[a-z]{2,3}")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")


def N_(message: str) -> str:  # noqa: N802 - gettext's name for "extract, do not translate yet"
    """Mark a message for extraction where it cannot be translated yet (tables of words in modules)."""
    return message


def pick(text: Mapping[str, str] | str | None, lang: str) -> str:
    """The words of a multilingual text in `lang`, else in English, else in the first language it has, else nothing."""
    if text is None or isinstance(text, str):
        return text or ""
    return text.get(lang) or text.get(SOURCE) or next(iter(text.values()), "")


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the window. `read_language` makes it.

    Attributes:
        code: ISO 639-1 code.
        locale: CLDR's rules for numbers, dates and plurals.
        translations: the catalog; English has none.
    """

    code: str
    locale: Locale
    translations: NullTranslations

    @property
    def direction(self) -> str:
        """`rtl` or `ltr`, the value of the `dir` attribute."""
        return str(self.locale.text_direction)

    @property
    def autonym(self) -> str:
        """The language's own name for itself."""
        return self.name(self.code, within=self.code)

    def name(self, code: str, *, within: str | None = None) -> str:
        """The name of another language, in this one (or in `within`); an unknown code is its own name.

        `und`, a language that could not be told, has a name of its own in CLDR.
        """
        return str(Locale.parse(within or self.code).languages.get(code, code))

    def gettext(self, message: str, /, **values: object) -> str:
        """The message in this language; `%(name)s` places are filled when values are given."""
        said = self.translations.gettext(message)
        return said % values if values else said

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        """The message with the plural form for `count`, which is also the value `%(n)s`, formatted."""
        return self.translations.ngettext(one, many, count) % {"n": self.number(count), **values}

    def pick(self, text: Mapping[str, str] | str | None) -> str:
        """The words of a multilingual metadata text, see `pick`."""
        return pick(text, self.code)

    def number(self, value: float, decimals: int | None = None) -> str:
        """A number with the language's separators; with `decimals`, exactly so many."""
        form = None if decimals is None else "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(value, format=form, locale=self.locale)

    def percent(self, value: float, decimals: int = 1) -> str:
        """A percentage given on the scale 0 to 100."""
        pattern = self.locale.percent_formats[None].pattern.split(";")[0]
        return format_percent(
            value / 100,
            format=pattern.replace("#,##0", "#,##0" + ("." + "0" * decimals if decimals else "")),
            locale=self.locale,
            decimal_quantization=True,
        )

    def date(self, day: str) -> str:
        """An ISO date in words; what is not an ISO date is given back as it is."""
        try:
            return format_date(date.fromisoformat(day[:10]), format="long", locale=self.locale)
        except ValueError:
            return day

    def period(self, period: str, *, short: bool = False) -> str:
        """An SDMX time period in words: `2024-03` is March 2024, `2024-01/2025-12` a span, a year itself."""
        if "/" in period:
            start, _, end = period.partition("/")
            return self.gettext(
                "%(start)s to %(end)s", start=self.period(start, short=short), end=self.period(end, short=short)
            )
        if match := _MONTH.fullmatch(period):
            first = datetime(int(match[1]), int(match[2]), 1, tzinfo=UTC)
            return format_skeleton("yMMM" if short else "yMMMM", first, locale=self.locale)
        if match := _QUARTER.fullmatch(period):
            return self.gettext("quarter %(quarter)s of %(year)s", quarter=match[2], year=match[1])
        return self.date(period) if len(period) == 10 else period

    def listing(self, words: list[str]) -> str:
        """Words joined as the language lists things."""
        return format_list(words, style="standard", locale=self.locale) if words else ""

    def vega_locale(self) -> dict[str, object]:
        """Number symbols as Vega's `formatLocale`."""
        return {
            "decimal": get_decimal_symbol(self.locale),
            "thousands": get_group_symbol(self.locale),
            "grouping": [3],
            "currency": ["", ""],
        }


@cache
def read_language(code: str) -> Language:
    """The language of that code.

    Raises:
        NotFound: there is no catalog for it.
    """
    if code == SOURCE:
        return Language(code, Locale.parse("en_GB"), NullTranslations())
    path = LOCALE / code / "LC_MESSAGES" / "window.po"
    if not _CODE.fullmatch(code) or not path.is_file():
        known = sorted([SOURCE, *(p.parent.parent.name for p in LOCALE.glob("*/LC_MESSAGES/window.po"))])
        raise NotFound(f"the window has no language {code}", expected=f"one of {', '.join(known)}")
    with path.open("rb") as handle:
        catalog = read_po(handle, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Language(code, Locale.parse(code), Translations(compiled))


def extract() -> Catalog:
    """Every message of this room's modules and templates, in order of message."""
    catalog = Catalog(project="cop-observatory", charset="utf-8", fuzzy=False)
    for file, _, message, comments, context in _messages():
        catalog.add(message, locations=[(file, 1)], auto_comments=comments, context=context)
    return catalog


def _messages() -> Iterator[tuple[str, int, Any, list[str], str | None]]:
    """Messages with the file they stand in; line numbers are left out so that the template changes only with words."""
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext.babel_extract")]
    options = {"**/templates/**.html": {"silent": "false", "trimmed": "true"}}
    keywords = {**DEFAULT_KEYWORDS}
    found = extract_from_dir(ROOM, methods, options, keywords=keywords, comment_tags=("Translators:",))
    yield from sorted(found, key=lambda m: (str(m[0]), m[1]))


def template_text(catalog: Catalog) -> str:
    """The catalog as the text of a `.pot`, without dates, so that equal messages are equal bytes."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, omit_header=True, sort_output=True, width=110, include_lineno=False)
    return buffer.getvalue().decode()


if __name__ == "__main__":
    TEMPLATE.write_text(template_text(extract()), encoding="utf-8")
