"""Figures of a rehearsal: agreement with quotes, precision on judged sentences, calibration."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cop.terms.ranking.examples import CODES, Example

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 of `n` positives."""

    precision: float
    recall: float
    f1: float
    n: int


def score(said: Flags, true: Flags) -> Score:
    """Of two arrays of flags, summed over everything."""
    both, claimed, there = int((said & true).sum()), int(said.sum()), int(true.sum())
    return Score(both / max(1, claimed), both / max(1, there), 2 * both / max(1, claimed + there), there)


def quoted(examples: Sequence[Example], completed: Path | None = None) -> tuple[NDArray[np.int64], Flags]:
    """Indices of the quotes and their labels (n, n_codes); LIC-2 and LIC-3 as marked again where `completed`.

    `completed` is a file of tosdr_point, sha256 (of the quote), LIC-2, LIC-3. A quote whose hash differs is ignored.
    """
    at = np.array([i for i, e in enumerate(examples) if e.source == "quotes"])
    labels = np.array([[examples[i].criterion == code for code in CODES] for i in at])
    if completed is None:
        return at, labels
    with completed.open(encoding="utf-8", newline="") as file:
        rows = {row["tosdr_point"]: row for row in csv.DictReader(file)}
    for k, i in enumerate(at):
        row = rows.get(examples[i].key)
        if row and row["sha256"] == hashlib.sha256(examples[i].text.encode()).hexdigest():
            for code in ("LIC-2", "LIC-3"):
                labels[k, CODES.index(code)] = row[code] == "1"
    return at, labels


def judged(examples: Sequence[Example], chances: NDArray[np.float64]) -> tuple[NDArray[np.float64], list[str], Flags]:
    """Chance, criterion and "right" of every judged sentence on which a rule holds, each sentence of a family once."""
    rows = [
        (chances[i, CODES.index(code)], code, verdict == "right")
        for i, e in enumerate(examples)
        for code, verdict in e.verdicts.items()
        if code in CODES and e.rules.get(code, 0) >= 0.4
    ]
    return np.array([r[0] for r in rows]), [r[1] for r in rows], np.array([r[2] for r in rows])


def calibration(sure: NDArray[np.float64], right: Flags) -> Mapping[str, tuple[int, float, float]]:
    """By band of confidence: how many proposals, their mean confidence, the share that is right."""
    edges = (0.0, 0.5, 0.7, 0.8, 0.9, 1.01)
    found: dict[str, tuple[int, float, float]] = {}
    for low, high in pairwise(edges):
        there = (sure >= low) & (sure < high)
        if there.any():
            found[f"{low:.1f} to {min(high, 1):.1f}"] = (
                int(there.sum()), round(float(sure[there].mean()), 3), round(float(right[there].mean()), 3),
            )  # fmt: skip
    return found
