"""The classification's index as evidence: which classes' terms a text uses, and which it denies.

Source: notes on the classification, 5.3 (multilingual index-term match, longest match, negation guard).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cop.classification.coder.phrases import Matcher
from cop.classification.coder.text import normalise, tokens

_KEPT = {"en": 1, "fr": 2, "es": 2, "ru": 2, "ar": 1}
_LONG = 6


def loose(term: str, language: str) -> str:
    """An index term with the endings of its long words cut, so that inflected words are found as well."""
    cut = _KEPT.get(language, 0)
    whole = tokens(normalise(term))
    words = [w[: len(w) - cut] if cut and len(w) >= _LONG else w for w in whole]
    short = len(whole) == 1 and len(whole[0]) < _LONG and language != "zh"
    return " ".join(words) + ("." if short else "")


class Index:
    """Index terms of numbered classes, by language.

    Args:
        terms: per language, (term, number of its class) pairs.
    """

    def __init__(self, terms: Mapping[str, Sequence[tuple[str, int]]]) -> None:
        self._matchers = {
            language: Matcher(((loose(term, language), number) for term, number in entries), language)
            for language, entries in terms.items()
        }

    def evidence(self, normal: str, words: Sequence[str], language: str) -> dict[int, bool]:
        """Class numbers whose terms stand in the text: True where affirmed, False where every use is denied.

        Where one term covers another of the same class count, the longest match alone speaks.
        """
        matcher = self._matchers.get(language) or self._matchers.get("en")
        matches = matcher.find(normal, words) if matcher else []
        found: dict[int, bool] = {}
        for match in sorted(matches, key=lambda m: -m.length):
            found[match.entry] = found.get(match.entry, False) or not match.denied
        return found
