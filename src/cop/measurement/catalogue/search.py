"""Find indicators by words, in any of the six languages, with the text that matched."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass
from typing import Any

from cop.kernel.errors import Refused
from cop.kernel.languages import OFFICIAL
from cop.measurement.catalogue.indicators import Catalogue, Indicator

_COMPOUND = 5
"""From this length on a word is also found within another: *acoso* in *ciberacoso*."""
_WEIGHTS = {"code": 1.0, "name": 0.9, "definition": 0.6, "population": 0.4, "numerator": 0.4, "denominator": 0.4}


@dataclass(frozen=True, slots=True)
class Hit:
    """An indicator found: its score (0 to 1), and the text that matched best, of which field and language."""

    code: str
    score: float
    field: str
    language: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """The hit as JSON has it."""
        return asdict(self)


def search(catalogue: Catalogue, words: str, *, language: str | None = None, limit: int = 20) -> tuple[Hit, ...]:
    """The indicators in which all words stand, best first, in the catalogue's order where two are as good.

    Args:
        catalogue: where to look.
        words: beginnings of words count, and of long words any part, whatever their case and accents.
        language: look in this language only; in all where none is given.
        limit: the most indicators to give.

    Raises:
        Refused: no words, or not one of the six languages.
    """
    wanted = spelling(words).split()
    if not wanted:
        raise Refused("there are no words to look for", expected="a word of a name or definition, or a code")
    if language is not None and language not in OFFICIAL:
        raise Refused.value(language, "is not one of the languages", expected=", ".join(OFFICIAL), field="language")
    hits = [hit for one in catalogue if (hit := _best(one, wanted, language)) is not None]
    return tuple(sorted(hits, key=lambda hit: -hit.score)[:limit])


def spelling(text: str) -> str:
    """A text in small letters without accents, as words are compared."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def _best(one: Indicator, wanted: list[str], language: str | None) -> Hit | None:
    best: Hit | None = None
    for field, weight in _WEIGHTS.items():
        texts = {"": one.code} if field == "code" else getattr(one, field) or {}
        for tongue, text in texts.items():
            if tongue and language not in {None, tongue}:
                continue
            if best is not None and best.score >= weight:
                continue
            spelt = spelling(text)
            if all(_stands(word, spelt) for word in wanted):
                best = Hit(one.code, weight, field, tongue, text)
    return best


def _stands(word: str, text: str) -> bool:
    """Chinese has no spaces to begin after."""
    if len(word) >= _COMPOUND or not word.isascii():
        return word in text
    return re.search(rf"\b{re.escape(word)}", text) is not None
