"""The words of the desk in six languages: gettext catalogs, kept by `python -m cop.desk.language`.

Message ids are the English text, so English needs no catalog. The template `locale/desk.pot` is extracted from the
templates and modules of the desk and the vault; every other language has `locale/<name>/LC_MESSAGES/django.po`, where
new messages are added without a translation and old ones go, and `django.mo`, which Django reads. Equal messages are
equal bytes: no dates, no line numbers. A test holds all of them current and complete.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE: Final = Path(__file__).resolve().parents[1]
LOCALE: Final = PACKAGE / "desk" / "locale"
TEMPLATE: Final = LOCALE / "desk.pot"
CATALOGS: Final = {"ar": "ar", "zh": "zh_Hans", "fr": "fr", "ru": "ru", "es": "es"}
"""The folder of each language, as Django names it."""

_KEYWORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(("_", "_later", "N_", "gettext", "gettext_lazy", "gettext_noop"), (1,)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
_NEVER: Final = datetime(2026, 1, 1, tzinfo=UTC)
_PLACE: Final = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")


def extract() -> Catalog:
    """Every message of the desk's and the vault's modules and templates."""
    catalog = _catalog(None)
    for file, message, comments, context in _messages():
        catalog.add(message, locations=[(file, 1)], auto_comments=comments, context=context)
    return catalog


def merged(template: Catalog, language: str) -> Catalog:
    """The language's catalog with the template's messages: translations kept, new ones empty, old ones gone."""
    kept = read_catalog(language)
    catalog = _catalog(language)
    for message in filter(_is_message, template):
        known = kept.get(message.id, message.context)
        string = known.string if known is not None and not known.fuzzy else None
        catalog.add(message.id, string, locations=message.locations, context=message.context)
    return catalog


def read_catalog(language: str) -> Catalog:
    """The language's catalog as it is kept; an empty one where there is none yet."""
    path = po_path(language)
    if not path.exists():
        return _catalog(language)
    with path.open("rb") as handle:
        return read_po(handle, locale=CATALOGS[language])


def po_path(language: str) -> Path:
    """Where a language's catalog lies."""
    return LOCALE / CATALOGS[language] / "LC_MESSAGES" / "django.po"


def po_text(catalog: Catalog) -> bytes:
    """A catalog as a `.po` or `.pot` file, in order of message."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, omit_header=True, sort_output=True, width=110, include_lineno=False)
    plural = f'"Plural-Forms: {catalog.plural_forms}\\n"\n' if catalog.locale else ""
    head = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n{plural}\n'
    return head.encode() + buffer.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    """A catalog as Django reads it: what is not translated is left out, so that English stands there."""
    fresh = _catalog(str(catalog.locale))
    for message in filter(_is_message, catalog):
        if not message.fuzzy and all(_forms(message)):
            fresh.add(message.id, message.string, context=message.context)
    buffer = io.BytesIO()
    write_mo(buffer, fresh)
    return buffer.getvalue()


def faults(catalog: Catalog) -> Iterator[str]:
    """What a catalog lacks: messages without a translation, and translations that drop or invent a place."""
    for message in filter(_is_message, catalog):
        forms = _forms(message)
        if message.fuzzy or not all(forms):
            yield f"not translated: {message.id}"
            continue
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        wanted = {m.group() for text in ids for m in _PLACE.finditer(text)}
        found = {m.group() for text in forms for m in _PLACE.finditer(text)}
        if wanted != found:
            yield f"places differ: {message.id}: {sorted(wanted ^ found)}"


def _catalog(language: str | None) -> Catalog:
    return Catalog(
        locale=CATALOGS.get(language or "", language), project="cop-observatory", version="1", charset="utf-8",
        fuzzy=False,
        creation_date=_NEVER, revision_date=_NEVER, last_translator="", language_team="",
    )  # fmt: skip


def _forms(message: Message) -> tuple[str, ...]:
    given = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return tuple(form or "" for form in given)


def _is_message(message: Message) -> bool:
    return bool(message.id)


def _messages() -> Iterator[tuple[str, Any, list[str], str | None]]:
    for room in ("desk", "vault"):
        for path in sorted((PACKAGE / room).rglob("*")):
            if path.suffix not in {".py", ".html", ".txt"} or "migrations" in path.parts:
                continue
            text = path.read_text(encoding="utf-8")
            if path.suffix != ".py":
                # only calls are left of a template; its indentation means nothing to Python
                text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
            name = path.relative_to(PACKAGE).as_posix()
            extracted: Iterator[Any] = extract_python(
                io.BytesIO(text.encode()), cast("Any", list(_KEYWORDS)), ["Translators:"], {"encoding": "utf-8"}
            )
            for _, function, found, comments in extracted:
                yield from _message(name, function, found, comments)


def _message(
    name: str, function: str, found: str | tuple[str | None, ...], comments: list[str]
) -> Iterator[tuple[str, Any, list[str], str | None]]:
    words = found if isinstance(found, tuple) else (found,)
    spec = _KEYWORDS[function]
    context = words[0] if isinstance(spec[0], tuple) else None
    picked = [words[n - 1] for n in spec if isinstance(n, int) and n <= len(words)]
    if picked and all(isinstance(word, str) and word for word in picked):
        yield name, tuple(picked) if len(picked) > 1 else picked[0], comments, context


def main() -> None:
    """Bring the template, the catalogs and what Django reads of them up to date."""
    template = extract()
    LOCALE.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(po_text(template))
    for language in CATALOGS:
        catalog = merged(template, language)
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po_text(catalog))
        path.with_suffix(".mo").write_bytes(mo_bytes(catalog))


if __name__ == "__main__":
    main()
