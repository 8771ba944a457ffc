"""How hard a text is to read: counted line by line, because lists run together are misread by four to six grades.

`words` cuts words and counts syllables, `formulas` holds the published formulas with their sources, `measure` puts a
document's figures together, `thirteen` says whether a reader of thirteen could read it and what would have to change.
"""

from cop.terms.readability.measure import (
    LEAST_WORDS,
    LONG_SENTENCE,
    WORDS_A_MINUTE,
    Readability,
    Sentence,
    measure,
    prose,
    sentences,
)
from cop.terms.readability.thirteen import Reach, SectionWeight, SentenceChange, Way, readable_at
from cop.terms.readability.words import hard, syllables

__all__ = [
    "LEAST_WORDS",
    "LONG_SENTENCE",
    "WORDS_A_MINUTE",
    "Reach",
    "Readability",
    "SectionWeight",
    "Sentence",
    "SentenceChange",
    "Way",
    "hard",
    "measure",
    "prose",
    "readable_at",
    "sentences",
    "syllables",
]
