"""A batch of texts as numbers: the same code in training and in use.

A *tower* turns a batch into a matrix; the model adds what its towers say: the sentence encoder, word n-grams,
character n-grams, concepts, and the terms of the classification's index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cop.classification.coder import concepts, ngrams
from cop.classification.coder.encoder import POOLED, WIDTH, Encoder
from cop.classification.coder.index import Index
from cop.classification.coder.ngrams import Matrix
from cop.classification.coder.text import TEXT_LIMIT, masked, normalise, tokens


@dataclass(frozen=True)
class Batch:
    """Texts with their languages, read once for all towers."""

    texts: tuple[str, ...]
    languages: tuple[str, ...]

    @cached_property
    def normal(self) -> list[str]:
        """The normalised texts."""
        return [normalise(text) for text in self.texts]

    @cached_property
    def tokens(self) -> list[list[str]]:
        """Words and clause punctuation of each text."""
        return [tokens(text) for text in self.normal]

    @cached_property
    def plain(self) -> list[str]:
        """Words of each text between single spaces, punctuation left out."""
        return [" ".join(w for w in words if w[0].isalnum()) for words in self.tokens]


class Tower(Protocol):
    """One way to see a text: a name and a matrix of shape (texts, width)."""

    @property
    def name(self) -> str: ...

    @property
    def width(self) -> int: ...

    def matrix(self, batch: Batch) -> Matrix: ...


@dataclass(frozen=True)
class NGrams:
    """Word or character n-grams, weighted by log frequency and inverse document frequency, each row of length `scale`.

    `kept` are the hashes that have a column, sorted; `idf` their weights.
    """

    name: str
    kept: NDArray[np.int64]
    idf: NDArray[np.float64]
    scale: float

    @property
    def width(self) -> int:
        return len(self.kept)

    @cached_property
    def _columns(self) -> NDArray[np.int32]:
        columns = np.full(1 << ngrams.BITS, -1, np.int32)
        columns[self.kept] = np.arange(len(self.kept), dtype=np.int32)
        return columns

    def matrix(self, batch: Batch) -> Matrix:
        counts = ngrams.table(COUNTERS[self.name](batch.plain), len(batch.texts), self._columns, self.width)
        counts.data = (1.0 + np.log(counts.data)) * self.idf[counts.indices]
        return unit_rows(counts, self.scale)


COUNTERS: dict[str, Callable[[Sequence[str]], ngrams.Counts]] = {
    "words": ngrams.words,
    "characters": ngrams.characters,
}
"""What each tower of n-grams counts."""


def learn_ngrams(name: str, batch: Batch, scale: float, least: int = 2) -> NGrams:
    """The columns and weights of n-grams that at least `least` texts of the batch use."""
    owner, hashed = COUNTERS[name](batch.plain)
    pairs = np.unique(owner * (1 << ngrams.BITS) + hashed)
    used = np.bincount(pairs % (1 << ngrams.BITS), minlength=1 << ngrams.BITS)
    kept = np.flatnonzero(used >= least)
    idf = np.log((1 + len(batch.texts)) / (1 + used[kept])) + 1.0
    return NGrams(name, kept, idf.astype(np.float16).astype(np.float64), scale)


@dataclass(frozen=True)
class Concepts:
    """What a text speaks of: a column for each concept affirmed, one for each denied."""

    idf: NDArray[np.float64]
    scale: float
    name: str = "concepts"

    @property
    def width(self) -> int:
        return 2 * len(concepts.names())

    def matrix(self, batch: Batch) -> Matrix:
        rows: list[int] = []
        columns: list[int] = []
        known = len(concepts.names())
        for row, (normal, words, language) in enumerate(zip(batch.normal, batch.tokens, batch.languages, strict=True)):
            matches = concepts.matcher(language).find(normal, words)
            affirmed = {m.entry for m in matches if not m.denied}
            denied = {m.entry for m in matches if m.denied} - affirmed
            found = sorted(affirmed) + [known + entry for entry in sorted(denied)]
            rows += [row] * len(found)
            columns += found
        counts = sparse.csr_array((self.idf[columns], (rows, columns)), shape=(len(batch.texts), self.width))
        return unit_rows(counts, self.scale)


@dataclass(frozen=True)
class Terms:
    """Which classes' index terms a text uses: a column for each class that has terms, those denied left out.

    `terms` are, by language, (term, number of the class in `classes`).
    """

    classes: tuple[str, ...]
    terms: Mapping[str, Sequence[tuple[str, int]]]
    scale: float
    name: str = "terms"

    @property
    def width(self) -> int:
        return len(self.classes)

    @cached_property
    def _index(self) -> Index:
        return Index(self.terms)

    def matrix(self, batch: Batch) -> Matrix:
        rows: list[int] = []
        columns: list[int] = []
        for row, (normal, words, language) in enumerate(zip(batch.normal, batch.tokens, batch.languages, strict=True)):
            found = self._index.evidence(normal, words, language)
            used = sorted(number for number, affirmed in found.items() if affirmed)
            rows += [row] * len(used)
            columns += used
        counts = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(batch.texts), self.width))
        return unit_rows(counts, self.scale)


@dataclass(frozen=True)
class Sentences:
    """What a text means: the encoder's sums and direction, and a constant."""

    encoder: Encoder
    name: str = "sentences"

    @property
    def width(self) -> int:
        return POOLED + WIDTH + 1

    def matrix(self, batch: Batch) -> Matrix:
        sums, directions = self.encoder.encode(readable(batch.texts))
        return np.hstack([sums, directions, np.ones((len(sums), 1), np.float32)])


def readable(texts: Sequence[str]) -> list[str]:
    """Texts as the encoder reads them, in training and in use: addresses and handles masked."""
    return [masked(text[:TEXT_LIMIT]) for text in texts]


def unit_rows(matrix: Matrix, scale: float) -> Matrix:
    """The matrix with every row that is not empty brought to length `scale`."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    factors = scale / np.where(lengths > 0, lengths, 1.0)
    matrix.data = (matrix.data * np.repeat(factors, np.diff(matrix.indptr))).astype(np.float32)
    return matrix
