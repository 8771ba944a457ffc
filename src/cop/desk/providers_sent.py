"""What a form of the provider room sends: the accepted words, at places that the texts of the vault confirm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.http import QueryDict

from cop.kernel.errors import Refused
from cop.vault.providers.course import Cell, Quote
from cop.vault.providers.grounds import Texts, quoted

WORDS = 3
"""How many passages of one's own a form has room for, besides those that are offered."""
_PARTS = 4


def cell_of(provider: str, criterion: str, given: QueryDict) -> Cell:
    """The cell that an address names."""
    return Cell(provider, criterion, given.get("region", ""), given.get("ages", ""))


def whole(given: QueryDict, field: str) -> int:
    """A number that a form carries.

    Raises:
        Refused: it is none.
    """
    text = given.get(field, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused.value(text, "is no number", field=field, expected="the number that the page holds")
    return int(text)


def quotes(given: QueryDict, texts: Texts) -> list[Quote]:
    """The accepted passages: those that were ticked, and the words that were written or selected.

    Raises:
        Refused: words do not stand where it is said. NotFound: no such document or version is held.
    """
    return list(dict.fromkeys([*_ticked(given, texts), *_written(given, texts)]))


def _ticked(given: QueryDict, texts: Texts) -> Iterator[Quote]:
    for value in given.getlist("passage"):
        parts = value.split(" ", _PARTS - 1)
        try:
            start, end, version = int(parts[0]), int(parts[1]), date.fromisoformat(parts[2])
            document = parts[3]
        except (ValueError, IndexError) as error:
            raise Refused.value(value, "is no passage", field="passage", expected="one that the page offers") from error
        yield _at(texts, document, version, start, end)


def _written(given: QueryDict, texts: Texts) -> Iterator[Quote]:
    """Words that were written out, or, where a selection left its place, the characters there."""
    for number in range(1, WORDS + 1):
        words, document = given.get(f"words{number}", "").strip(), given.get(f"document{number}", "")
        place = given.get(f"place{number}", "")
        if not words:
            continue
        name, _, version = document.rpartition("@")
        try:
            held = texts.at(name, date.fromisoformat(version), day=date.max)
        except ValueError as error:
            raise Refused.value(
                document, "is no document", field=f"document{number}", expected="one that the page offers"
            ) from error
        start, _, end = place.partition(" ")
        if start.isdigit() and end.isdigit():
            taken = held.content.text[int(start) : int(end)]
            if taken.split() == words.split():
                first = int(start) + len(taken) - len(taken.lstrip())
                yield _at(texts, held.document, held.version, first, first + len(taken.strip()))
                continue
        yield quoted(held, words)


def _at(texts: Texts, document: str, version: date, start: int, end: int) -> Quote:
    held = texts.at(document, version, day=date.max)
    text = held.content.text
    if not 0 <= start < end <= len(text):
        raise Refused.value(f"{start} {end}", "is no place", field="passage", expected=f"0 to {len(text)}")
    return Quote(held.document, held.version, held.content.sha256, text[start:end], start, end)
