"""Trains the ranker: `python -m cop.terms.ranking.train [--data ../shared/data/terms] [--output models/terms-1.0]`.

Deterministic, a few minutes on one core. It needs the quotes and documents of the data folder; what it writes holds
weights of hashed n-grams and no text of them.
"""

from __future__ import annotations

import argparse
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cop.kernel.progress import SILENT, Progress
from cop.terms.ranking import confidence
from cop.terms.ranking.card import card
from cop.terms.ranking.examples import (
    CODES,
    FOLDS,
    Example,
    documents,
    judgements,
    ours,
    quotes,
    sentences,
    without_near_duplicates,
)
from cop.terms.ranking.features import WORD_BITS
from cop.terms.ranking.fitting import cross_fitted, example_weights, heads, marks, matrix, scorer
from cop.terms.ranking.ranker import FEATURES, FORMAT, Ranker

ROOT = Path(__file__).resolve().parents[4]


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """Everything cross-fitted over families: what the figures of the card and the benchmark are computed from.

    Attributes:
        examples: all of them.
        features: (n, n_codes, len(FEATURES)).
        chances: (n, n_codes), from heads that did not see the family.
        cases: proposals with a known answer; `sure` (n_cases,) their confidence.
    """

    examples: Sequence[Example]
    features: NDArray[np.float32]
    chances: NDArray[np.float64]
    cases: Sequence[confidence.Case]
    sure: NDArray[np.float64]


def gather(data: Path, root: Path = ROOT) -> list[Example]:
    """All examples: quotes, sentences of CLAUDETTE, whole documents with verdicts, sentences of our own."""
    judged = judgements(root / "tests" / "specimens" / "terms" / "judged.csv")
    return without_near_duplicates(
        [
            *quotes(data / "clauses_tosdr_dev.csv.gz"),
            *sentences(data / "clauses_claudette50_dev.csv.gz"),
            *documents(data / "documents", judged, data / "gold_findings_dev.csv"),
            *ours(root / "corpus" / "terms" / "clauses.jsonl"),
        ]
    )


def rehearse(data: Path, examples: Sequence[Example], progress: Progress = SILENT) -> Rehearsal:
    """Chances and confidences of everything, each from models that did not see the family of providers."""
    found = cross_fitted(examples, progress)
    known, weight = marks(examples), example_weights(examples)
    folds = np.array([e.fold for e in examples])
    chances = np.zeros(known.shape)
    for part in range(FOLDS):
        head = heads(found, known, weight, folds != part)
        there = folds == part
        odds = np.einsum("ncf,cf->nc", found[there], head[:, :-1]) + head[:, -1]
        chances[there] = 1 / (1 + np.exp(-odds))
    by_quote = {e.key: chances[i] for i, e in enumerate(examples) if e.source == "quotes"}
    by_text = {
        (e.family, e.low): chances[i] for i, e in enumerate(examples) if e.source in ("documents", "judged")
    }  # fmt: skip

    def chance(family: str, low: str, code: str) -> float | None:
        row = by_text.get((family, low))
        return None if row is None else float(row[CODES.index(code)])

    cases = [
        *confidence.quoted(data / "clauses_tosdr_dev.csv.gz", by_quote),
        *confidence.celled(ROOT / "tests" / "specimens" / "terms" / "cells.csv", data / "documents", chance),
        *confidence.drafted(data / "gold_findings_dev.csv", data / "documents", chance),
    ]
    return Rehearsal(examples, found, chances, cases, confidence.cross_fitted(cases))


def final(rehearsal: Rehearsal, progress: Progress = SILENT) -> Ranker:
    """The ranker that ships: scorers on every example, heads and confidence on the cross-fitted ones."""
    known, weight = marks(rehearsal.examples), example_weights(rehearsal.examples)
    model = scorer(matrix([e.text for e in rehearsal.examples]), known, weight, progress)
    everything = np.ones(len(known), np.bool_)
    return replace(
        model, heads=heads(rehearsal.features, known, weight, everything), sure=confidence.fit(rehearsal.cases),
        usual=confidence.usual(rehearsal.cases),
    )  # fmt: skip


def write(model: Ranker, rehearsal: Rehearsal, folder: Path) -> None:
    """The artefact and its card; the same model gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = np.flatnonzero(model.weights.any(axis=1)).astype(np.int32)
    arrays = {
        "columns": columns, "weights": model.weights[columns], "scale": model.scale, "intercepts": model.intercepts,
        "heads": model.heads,
    }  # fmt: skip
    with zipfile.ZipFile(folder / "ranker.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue(), zipfile.ZIP_DEFLATED, 9)
    head = {
        "format": FORMAT, "codes": list(model.codes), "features": list(FEATURES), "word_bits": WORD_BITS,
        "sure": {code: list(values) for code, values in model.sure.items()}, "usual": dict(model.usual),
    }  # fmt: skip
    (folder / "ranker.json").write_text(json.dumps(head, indent=1) + "\n", encoding="utf-8")
    (folder / "card.md").write_text(card(rehearsal), encoding="utf-8")


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "terms")
    parser.add_argument("--output", type=Path, default=ROOT / "models" / "terms-1.0")
    args = parser.parse_args()
    rehearsal = rehearse(args.data, gather(args.data))
    write(final(rehearsal), rehearsal, args.output)


if __name__ == "__main__":
    main()
