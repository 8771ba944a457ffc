"""The readability of a document: its sentences, counted, and the figures of its language's formulas.

Sentences are those of at least five words, headings among them; shorter lines (menus, titles, fragments) are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from cop.terms.clauses import Clause
from cop.terms.readability import formulas
from cop.terms.readability.formulas import Counts
from cop.terms.readability.words import ENGLISH_WORD, HAN, WORD, hard, syllables

LONG_SENTENCE = 25
LEAST_WORDS = 5
WORDS_A_MINUTE = 200
"""As published: silent reading of plain adults' prose is quicker (Brysbaert 2019: 238)."""

WORDS_A_MINUTE_AT_THIRTEEN = 165
"""Median silent reading of 2,196 thirteen-year-olds on a passage of grade 10 to 11, which terms are.

National Assessment of Educational Progress, Report 02-R-09 (1972), as tabled by Sticht and others, Auding and Reading
(1974). English; other languages are given the same pace."""

CHARACTERS_A_MINUTE = 255
"""Chinese, adults reading aloud: Trauzettel-Klosinski and Dietz (2012), IOVS 53(9). No figure for thirteen is known."""

LONG_CHARACTERS = 50
"""Chinese sentences over this length count as long: twice the 25 words, a convention of ours, no limit of a finding."""

# Readability counts every full stop before a capital as an end, abbreviations too, as the reference counts do;
# clauses are cut with more care, because they are quoted.
_END = re.compile(r"(?<=[.!?…])[\"')]*\s+(?=[^\W\d_a-zß-öø-ÿ\"(]|[\"(])")
_PAUSE = re.compile(r"[，；：、,;:]")
_WITHOUT_WORDS = frozenset({"zh", "ja", "th"})
_WITHOUT_LETTERS = frozenset({"ar", "ko"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that counts: its words (Chinese: its characters) and the clause it is, or is part of."""

    words: list[str]
    clause: Clause


@dataclass(frozen=True, slots=True)
class Readability:
    """What was counted, and the figures of the language's own formulas.

    Attributes:
        formula: its name and year, None where the language has none here.
        grade: school grade (United States) of the formula, None where it gives none.
        ease: 0 hard to 100 easy, None where the formula gives none.
        lix: Björnsson's index; above 50 hard, None for languages it does not fit.
        sentences, words: counted in sentences of at least five words (Chinese: of five characters).
        words_a_sentence: their quotient.
        long_sentences: share of sentences of more than 25 words (Chinese: 50 characters), 0 to 1.
        minutes: reading time of these words at 200 words a minute, the published convention.
        reason: why `grade` is None, or None.
        unit: what `words` counts, words or characters.
        ari, rix: see `formulas`; None for languages they do not fit.
        hard_words: share of hard words, 0 to 1 (see `words`); English only.
        minutes_at_thirteen: reading time for a reader of thirteen, at 165 words a minute.
        words_a_clause: Chinese only: characters between marks of pause.
        others: further published figures of the language, by name.
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
    unit: Literal["words", "characters"] = "words"
    ari: float | None = None
    rix: float | None = None
    hard_words: float | None = None
    minutes_at_thirteen: int = 0
    words_a_clause: float | None = None
    others: dict[str, float] = field(default_factory=dict[str, float])

    def as_json(self) -> dict[str, object]:
        """The same for a program; `flesch_kincaid` repeats the grade under the name it is known by."""
        return {**asdict(self), "flesch_kincaid": self.grade}


def sentences(clauses: Sequence[Clause], language: str) -> list[Sentence]:
    """Every sentence that counts, in order: at least five words, headings that are whole sentences included."""
    find = (HAN if language == "zh" else ENGLISH_WORD if language == "en" else WORD).findall
    found: list[Sentence] = []
    for clause in clauses:
        text = clause.text
        if len(text) < LEAST_WORDS:
            continue
        for part in _END.split(text):
            words = find(part)
            if len(words) >= LEAST_WORDS:
                found.append(Sentence(words, clause))
    return found


def prose(clauses: Sequence[Clause], language: str) -> list[list[str]]:
    """The words of every sentence that counts."""
    return [sentence.words for sentence in sentences(clauses, language)]


def counted(lines: Sequence[Sequence[str]], language: str) -> tuple[Counts, Counter[str]]:
    """Counts of some sentences, and how often each word stands in them; at least one sentence."""
    frequency: Counter[str] = Counter()
    for words in lines:
        frequency.update(words)
    total = frequency.total()
    spoken = {w: syllables(w, language) for w in frequency} if language in formulas.EASE else {}
    counts = Counts(
        words=total,
        sentences=len(lines),
        syllables=sum(n * spoken.get(w, 0) for w, n in frequency.items()),
        letters=sum(n * len(w) for w, n in frequency.items()),
        long=sum(n for w, n in frequency.items() if len(w) > 6),
        many=sum(n for w, n in frequency.items() if spoken.get(w, 0) >= 3),
        single=sum(n for w, n in frequency.items() if spoken.get(w, 0) == 1),
    )
    return counts, frequency


def measure(clauses: Sequence[Clause], language: str) -> Readability | None:
    """The readability of a document, or None where it holds no sentence of five words.

    Args:
        clauses: all clauses of the document, in order.
        language: ISO 639-1.
    """
    return figures(sentences(clauses, language), language)


def figures(found: Sequence[Sentence], language: str) -> Readability | None:
    """The same of sentences already cut."""
    if not found:
        return None
    lines = [sentence.words for sentence in found]
    counts, frequency = counted(lines, language)
    n, s = counts.words, counts.sentences
    by_characters = language == "zh"
    longest = LONG_CHARACTERS if by_characters else LONG_SENTENCE
    lettered = language not in _WITHOUT_WORDS | _WITHOUT_LETTERS
    own = language in formulas.EASE
    english = language == "en"
    return Readability(
        language=language,
        formula="Flesch-Kincaid grade (1975)" if english else formulas.EASE[language][0] if own else None,
        grade=round(formulas.flesch_kincaid(n, s, counts.syllables), 2) if english else None,
        ease=round(formulas.ease(language, counts), 1) if own else None,
        lix=round(formulas.lix(counts), 1) if lettered else None,
        sentences=s,
        words=n,
        words_a_sentence=round(n / s, 2),
        long_sentences=round(sum(len(line) > longest for line in lines) / s, 4),
        minutes=max(1, round(n / (CHARACTERS_A_MINUTE if by_characters else WORDS_A_MINUTE))),
        reason=None if english else _reason(language),
        unit="characters" if by_characters else "words",
        minutes_at_thirteen=max(1, round(n / (CHARACTERS_A_MINUTE if by_characters else WORDS_A_MINUTE_AT_THIRTEEN))),
        ari=round(formulas.ari(counts), 2) if english else None,
        rix=round(formulas.rix(counts), 2) if lettered else None,
        hard_words=round(sum(k for w, k in frequency.items() if hard(w)) / n, 4) if english else None,
        words_a_clause=_by_clause(found) if by_characters else None,
        others={name: round(value, 2) for name, value in formulas.others(language, counts).items()} if own else {},
    )


def _reason(language: str) -> str:
    if language in formulas.EASE:
        return f"the formula for {language} gives reading ease, no school grade"
    return formulas.WITHOUT.get(language, f"no formula for {language} is implemented")


def _by_clause(found: Sequence[Sentence]) -> float:
    """Characters between marks of pause, of the Chinese sentences that count."""
    distinct = {sentence.clause.start: sentence.clause.text for sentence in found}
    parts = [len(HAN.findall(part)) for text in distinct.values() for part in _PAUSE.split(text)]
    parts = [part for part in parts if part]
    return round(sum(parts) / len(parts), 2)
