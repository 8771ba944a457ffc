"""Published formulas of readability, each with its source, over counts of one text.

School grades:
    en  Flesch-Kincaid: Kincaid, Fishburne, Rogers and Chissom (1975), Navy Research Branch Report 8-75.
    en  ARI, the automated readability index: Smith and Senter (1967), AMRL-TR-66-220, as Kincaid et al. (1975) use it.
    de  first Wiener Sachtextformel: Bamberger and Vanecek (1984), Lesen-Verstehen-Lernen-Schreiben; 4 to 15.
Reading ease, 0 hard to 100 easy, all rescaled from Flesch (1948):
    en  Flesch (1948). fr  Kandel and Moles (1958). de  Amstad (1978). ru  Oborneva (2006).
    es  Fernández Huerta (1959), syllables a word and words a sentence; Szigriszt-Pazos (1993).
Any language that separates words and writes letters:
    LIX: Björnsson (1968), Läsbarhet. RIX: Anderson (1983), Journal of Reading 26(6).
None for Arabic: OSMAN (El-Haj and Rayson 2016) counts syllables by vowel marks, which terms are written without.
None for Chinese: no formula rests on what can be counted without a dictionary of words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """What the formulas take: all of one text.

    `letters` counts the characters of all words, `long` words of more than six, `many` words of three syllables or
    more, `single` words of one.
    """

    words: int
    sentences: int
    syllables: int
    letters: int
    long: int
    many: int
    single: int

    @property
    def by_sentence(self) -> float:
        return self.words / self.sentences

    @property
    def by_word(self) -> float:
        return self.syllables / self.words


def flesch_kincaid(words: float, sentences: float, syllables: float) -> float:
    """Grade level (United States)."""
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59


def ari(c: Counts) -> float:
    """Grade level by characters instead of syllables."""
    return 4.71 * c.letters / c.words + 0.5 * c.by_sentence - 21.43


def lix(c: Counts) -> float:
    """Above 50 hard."""
    return c.by_sentence + 100 * c.long / c.words


def rix(c: Counts) -> float:
    """Long words a sentence: above 7.2 college."""
    return c.long / c.sentences


def wiener(c: Counts) -> float:
    """School year (Austria), 4 very easy to 15 very hard."""
    share = 100 / c.words
    return (
        0.1935 * share * c.many + 0.1672 * c.by_sentence + 0.1297 * share * c.long - 0.0327 * share * c.single - 0.875
    )


EASE: Mapping[str, tuple[str, float, float, float]] = {
    "en": ("Flesch reading ease (1948)", 206.835, 1.015, 84.6),
    "fr": ("Kandel-Moles reading ease (1958)", 207.0, 1.015, 73.6),
    "es": ("Fernández Huerta reading ease (1959)", 206.84, 1.02, 60.0),
    "de": ("Amstad reading ease (1978)", 180.0, 1.0, 58.5),
    "ru": ("Oborneva reading ease (2006)", 206.835, 1.3, 60.1),
}
"""Name, constant, weight of words a sentence, weight of syllables a word."""

WITHOUT: Mapping[str, str] = {
    "ar": "OSMAN, the formula for Arabic, needs vowel marks, which terms are written without",
    "zh": "no formula for Chinese is applied: lengths of sentences are counted in characters",
}


def ease(language: str, c: Counts) -> float:
    """Reading ease of the language's own formula."""
    _, constant, by_sentence, by_word = EASE[language]
    return constant - by_sentence * c.by_sentence - by_word * c.by_word


def others(language: str, c: Counts) -> dict[str, float]:
    """Further published figures of the language, by name."""
    if language == "es":
        return {"Szigriszt-Pazos perspicuity (1993)": 206.835 - 62.3 * c.by_word - c.by_sentence}
    if language == "de":
        return {"Wiener Sachtextformel 1 (1984)": wiener(c)}
    return {}
