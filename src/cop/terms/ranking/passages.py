"""A document as rules and ranker read it together: hits with their chances, and passages that no rule holds on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cop.terms.clauses import Clause
from cop.terms.ranking.ranker import Ranker
from cop.terms.rules import Hit, readings
from cop.terms.surroundings import Place, places


@dataclass(frozen=True, eq=False)
class Passages:
    """What was found on every criterion.

    Attributes:
        places: the sentences, headings left out.
        hits: criterion to the rules that hold, heaviest first.
        chances: (n_places, n_codes) float32: that the sentence speaks of the criterion.
        ranker: whose chances these are.
    """

    places: Sequence[Place]
    hits: Mapping[str, Sequence[Hit]]
    chances: NDArray[np.float32]
    ranker: Ranker
    _at: Mapping[int, int]

    def chance(self, code: str, start: int) -> float:
        """That the sentence which begins at `start` speaks of the criterion."""
        return float(self.chances[self._at[start], self.ranker.codes.index(code)])

    def best(self, code: str, least: float) -> list[tuple[Place, float]]:
        """The sentences of at least that chance, likeliest first; of equal chance the earlier."""
        column = self.chances[:, self.ranker.codes.index(code)]
        order = np.argsort(-column, kind="stable")
        return [(self.places[i], float(column[i])) for i in order if column[i] >= least]


def passages(clauses: Sequence[Clause], ranker: Ranker) -> Passages:
    """Rules and ranker on the clauses of a document."""
    held = places(clauses)
    hits = {code: reading.hits(held) for code, reading in readings().items()}
    at = {place.clause.start: i for i, place in enumerate(held)}
    weights = np.zeros((len(held), len(ranker.codes)), np.float32)
    for j, code in enumerate(ranker.codes):
        for hit in hits[code]:
            row = at[hit.start]
            weights[row, j] = max(weights[row, j], hit.weight)
    return Passages(held, hits, _chances(held, weights, ranker), ranker, at)


def _chances(held: Sequence[Place], weights: NDArray[np.float32], ranker: Ranker) -> NDArray[np.float32]:
    if not held:
        return np.zeros((0, len(ranker.codes)), np.float32)
    sums = ranker.sums([place.clause.text for place in held])
    own = ranker.scores(sums)
    best = own
    if len(held) > 1:
        first = np.arange(len(held) - 1)
        pairs = ranker.window_scores(sums, first, first + 1)
        best = np.maximum(np.vstack([pairs, pairs[-1:]]), np.vstack([pairs[:1], pairs]))
    names = [place.clause.section[-1] if place.clause.section else "" for place in held]
    distinct = sorted(set(names))
    headings = ranker.scores(ranker.sums(distinct))
    above = np.clip(headings[[distinct.index(name) for name in names]], -1, 2)
    above[[not name for name in names]] = 0
    return ranker.chances(np.stack([own, best, above, weights], axis=2))
