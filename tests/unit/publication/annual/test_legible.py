"""The six languages of a report, as its typefaces can show them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cop.kernel.fonts import legible, xml_safe
from cop.publication.annual.tree import Report


@pytest.mark.parametrize("language", ["ar", "en", "es", "fr", "ru", "zh"])
def test_the_six_languages_stand_as_they_are(language: str, small: Callable[[str], Report]) -> None:
    text = small(language).subtitle

    assert legible(text) == text
    assert xml_safe(text) == text
