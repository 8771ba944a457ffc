"""What a report speaks of, in words of any official language: money, threats, images, a classmate, a chatbot.

The list (`concepts.tsv`, written for this project) groups the words of six languages by meaning, so that what the coder
learns from English texts serves the other five, for which there are fewer. It says nothing about classes: which
concepts, alone or together, speak for which class is learnt.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cop.classification.coder.phrases import Matcher
from cop.kernel.errors import Refused, Where
from cop.kernel.hashing import file_sha256
from cop.kernel.languages import OFFICIAL

COLUMNS = ("en", "fr", "es", "ru", "ar", "zh")
"""The languages of the list, in the order of its columns."""

_LIST = Path(__file__).with_name("concepts.tsv")


@cache
def names() -> tuple[str, ...]:
    """The concepts in order of the list; a concept's number is its place here."""
    return tuple(name for name, _ in _rows())


@cache
def matcher(language: str) -> Matcher:
    """Finds concepts in texts of that language; a text of no official language is searched for English forms."""
    column = COLUMNS.index(language if language in OFFICIAL else "en")
    return Matcher(
        ((form, number) for number, (_, forms) in enumerate(_rows()) for form in forms[column] if form), language
    )


def _rows() -> Iterator[tuple[str, list[list[str]]]]:
    for number, line in enumerate(_LIST.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            continue
        name, *columns = line.split("\t")
        if len(columns) != len(COLUMNS):
            raise Refused(
                f"the line has {len(columns)} languages", where=Where(_LIST, number), expected=", ".join(COLUMNS)
            )
        yield name, [column.split(",") for column in columns]


def sha256() -> str:
    """Hex digest of the list, by which a model knows the one it was trained with."""
    return file_sha256(_LIST)
