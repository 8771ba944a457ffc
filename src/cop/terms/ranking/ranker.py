"""The trained ranker as it is read from `models/terms-1.0`: arrays in, chances out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cop.kernel.errors import Refused
from cop.kernel.resources import resource
from cop.terms.criteria import FindingName
from cop.terms.ranking.features import WIDTH, WORD_BITS, grams

Floats = NDArray[np.float32]

FOLDER = "models/terms-1.0"
FORMAT = 1
FEATURES = ("sentence", "neighbours", "heading", "rule")
"""What a chance is computed from: the scores of the sentence, of the better of its two windows and of the heading above
it, and the weight of the rule that held (0 where none did)."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Weights of the n-grams of some texts, summed: windows of texts are scored from these without hashing anew.

    Attributes:
        words: (n, n_codes) sums over words and pairs of words; `characters` the same over runs of characters.
        counts: (n, 2) number of words and pairs, and of runs.
    """

    words: Floats
    characters: Floats
    counts: Floats


@dataclass(frozen=True, eq=False)
class Ranker:
    """One linear scorer for each criterion, and what its scores are worth.

    Attributes:
        codes: of the criteria, in the order of the arrays.
        weights: (WIDTH, n_codes) int8: weights of hashed n-grams in units of `scale`.
        scale: (n_codes,) float32.
        intercepts: (n_codes,) float32.
        heads: (n_codes, len(FEATURES) + 1) float32: from features to log odds, the constant last.
        sure: criterion to the constant and the slopes of a finding's confidence: of the log odds of the chance, of the
            rule's weight and of the rival's closeness.
        usual: criterion to the finding that is proposed where a passage is found that no rule decides.
    """

    codes: tuple[str, ...]
    weights: NDArray[np.int8]
    scale: Floats
    intercepts: Floats
    heads: Floats
    sure: Mapping[str, Sequence[float]]
    usual: Mapping[str, FindingName]

    def sums(self, texts: Sequence[str]) -> Sums:
        """Summed weights of each text."""
        found = grams(texts)
        shape = (found.texts, len(self.codes))
        parts: list[Floats] = []
        counts = np.zeros((found.texts, 2), np.float32)
        for i, part in enumerate((slice(None, found.words), slice(found.words, None))):
            rows, columns = found.rows[part], found.columns[part]
            order = np.argsort(rows, kind="stable") if i == 0 else slice(None)  # pairs stand after single words
            rows, columns = rows[order], columns[order]
            counts[:, i] = np.bincount(rows, minlength=found.texts)
            summed = np.zeros(shape, np.float32)
            if len(rows):
                starts = np.flatnonzero(np.diff(rows, prepend=-1))
                summed[rows[starts]] = np.add.reduceat(self.weights[columns], starts, axis=0, dtype=np.int32)
            parts.append(summed * self.scale)
        return Sums(parts[0], parts[1], counts)

    def scores(self, sums: Sums) -> Floats:
        """(n, n_codes) scores of the texts themselves: above 0 speaks for the criterion."""
        roots = np.sqrt(np.maximum(sums.counts, 1))
        found = sums.words / roots[:, :1] + sums.characters / roots[:, 1:] + self.intercepts
        return found.astype(np.float32, copy=False)

    def window_scores(self, sums: Sums, first: NDArray[np.int64], second: NDArray[np.int64]) -> Floats:
        """(n, n_codes) scores of pairs of texts read as one."""
        return self.scores(
            Sums(
                sums.words[first] + sums.words[second],
                sums.characters[first] + sums.characters[second],
                sums.counts[first] + sums.counts[second],
            )
        )

    def chances(self, features: NDArray[np.float32]) -> Floats:
        """(n, n_codes) chance that a sentence speaks of each criterion, from (n, n_codes, len(FEATURES)) features."""
        odds = np.einsum("ncf,cf->nc", features, self.heads[:, :-1]) + self.heads[:, -1]
        return (1 / (1 + np.exp(-np.clip(odds, -30, 30)))).astype(np.float32)

    def confidence(self, code: str, chance: float, weight: float, rival: float) -> float:
        """The share of right findings among proposals of this strength."""
        constant, *slopes = self.sure[code]
        odds = constant + sum(slope * x for slope, x in zip(slopes, strengths(chance, weight, rival), strict=True))
        return 1 / (1 + math.exp(-odds))


def strengths(chance: float, weight: float, rival: float) -> tuple[float, float, float]:
    """The strength of a proposal as confidence reads it: log odds of the chance, weight and rival as they are."""
    held = min(max(chance, 0.01), 0.99)
    return math.log(held / (1 - held)), weight, rival


def load(folder: Path) -> Ranker:
    """The ranker in a folder.

    Raises:
        Refused: the artefact is of another format or its arrays do not fit together.
    """
    head = json.loads((folder / "ranker.json").read_text(encoding="utf-8"))
    if head.get("format") != FORMAT or tuple(head.get("features", ())) != FEATURES:
        raise Refused.value(
            head.get("format"), "is not the format of this version", file=folder / "ranker.json", field="format",
            expected=str(FORMAT),
        )  # fmt: skip
    with np.load(folder / "ranker.npz", allow_pickle=False) as arrays:
        weights = np.zeros((WIDTH, len(head["codes"])), np.int8)
        weights[arrays["columns"]] = arrays["weights"]
        found = Ranker(
            tuple(head["codes"]), weights, arrays["scale"], arrays["intercepts"], arrays["heads"],
            head["sure"], head["usual"],
        )  # fmt: skip
    if found.heads.shape != (len(found.codes), len(FEATURES) + 1) or head["word_bits"] != WORD_BITS:
        raise Refused("has arrays of other sizes than its description says", expected="an artefact written by training")
    return found


@cache
def ranker() -> Ranker:
    """The ranker of this installation."""
    return load(resource(FOLDER))
