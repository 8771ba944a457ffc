"""The six official languages, and text that exists in several of them."""

from __future__ import annotations

from collections.abc import Mapping

OFFICIAL = ("ar", "zh", "en", "fr", "ru", "es")
"""ISO 639-1 codes of the official languages, in the order of the United Nations' English alphabet names."""

RIGHT_TO_LEFT = frozenset({"ar"})

Text = Mapping[str, str]
"""The same text by language; English is always there."""


def direction(language: str) -> str:
    """`rtl` or `ltr`, as HTML's dir attribute wants it."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def pick(text: Text, language: str) -> str:
    """The text in that language, else in English."""
    return text.get(language) or text["en"]
