"""General threats in posts and messages: hate, harassment, profanity and others, each apart from the others.

The coder reads *reports about* events; this head reads the posts themselves, for the classes that openly licensed data
name. Unknown is not negative: a row of `threat_text.parquet` says what its publisher annotated, and a label learns from
those rows alone. Two logistic regressions a label, over the sentence encoder and over n-grams, whose scores are added
and calibrated on rows that neither saw (Platt 1999).

Train: `python -m cop.classification.coder.general TABLE [--out models/general-1.0]`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit

from cop.classification.coder.calibration import Array, Flags
from cop.classification.coder.encoder import POOLED, WIDTH, Encoder, Floats, check_vocabulary, product, vocabulary
from cop.classification.coder.features import Batch, NGrams, learn_ngrams, readable
from cop.classification.coder.language import detect
from cop.classification.coder.ngrams import Matrix
from cop.kernel.errors import CopError, NotFound, Refused
from cop.kernel.hashing import canonical_json
from cop.kernel.progress import SILENT, Progress
from cop.kernel.tables import open_rows

LEAST = 50
"""Positive rows of the train split without which a label is not learnt."""

_TOWERS = (("words", 3), ("characters", 5))
_SENTENCES = 30.0
_GRAMS = 3.0
_STEPS = 100
_HELD = 5
_CHUNK = 512
_LARGEST = 127


@dataclass(frozen=True)
class Posts:
    """Rows of the table: `positive` and `annotated` are (n, n_labels)."""

    texts: tuple[str, ...]
    languages: tuple[str, ...]
    labels: tuple[str, ...]
    positive: Flags
    annotated: Flags
    sources: Mapping[str, str]

    def batch(self) -> Batch:
        """The texts with their languages."""
        return Batch(self.texts, self.languages)


@dataclass(frozen=True, eq=False)
class General:
    """Heads for general labels.

    `center` and `spread` standardise the encoder's outputs; `sentences` is (POOLED + WIDTH, n_labels), `grams` one
    (width, n_labels) array a tower; `slope` and `offset` turn the sum of scores into a probability.
    """

    name: str
    labels: tuple[str, ...]
    towers: tuple[NGrams, ...]
    center: Floats
    spread: Floats
    sentences: Floats
    grams: tuple[Floats, ...]
    slope: Floats
    offset: Floats

    def probabilities(self, texts: Sequence[str]) -> Array:
        """(n, n_labels): how likely each label is to hold of each text, whatever the others say."""
        found = [self._chunk(texts[start : start + _CHUNK]) for start in range(0, len(texts), _CHUNK)]
        return np.concatenate(found) if found else np.zeros((0, len(self.labels)))

    def _chunk(self, texts: Sequence[str]) -> Array:
        batch = Batch(tuple(texts), tuple(detect(text) for text in texts))
        total = product((_meaning(texts) - self.center) / self.spread, self.sentences)
        for tower, weights in zip(self.towers, self.grams, strict=True):
            total = total + tower.matrix(batch) @ weights
        return np.asarray(expit(total * self.slope + self.offset), np.float64)


def read_posts(path: Path, split: str, labels: Sequence[str] | None = None) -> Posts:
    """Rows of a split of the table.

    Args:
        path: columns text, labels, annotated, language, split, source, licence; labels joined by `|`.
        split: `train` or `dev`.
        labels: which, in order; those with `LEAST` positive rows when None.

    Raises:
        NotFound: there is no such table.
        Refused: it cannot be read, or the split has no row.
    """
    with open_rows(path) as rows:
        found = [{name: str(value or "") for name, value in row.values.items()} for row in rows]
    found = [row for row in found if row["split"] == split]
    if not found:
        raise Refused.value(split, "has no row", expected="train or dev", file=path, field="split")
    said = [set(row["labels"].split("|")) - {""} for row in found]
    known = [set(row["annotated"].split("|")) for row in found]
    if labels is None:
        every = sorted({label for row in said for label in row})
        labels = [label for label in every if sum(label in row for row in said) >= LEAST]
    return Posts(
        tuple(row["text"] for row in found),
        tuple(detect(row["text"]) for row in found),
        tuple(labels),
        np.array([[label in row for label in labels] for row in said]),
        np.array([[label in row for label in labels] for row in known]),
        {row["source"]: row["licence"] for row in found},
    )


def fit_general(posts: Posts, *, name: str, progress: Progress = SILENT) -> General:
    """Heads for the labels of these posts; every fifth row calibrates and is not learnt from.

    Args:
        posts: of the train split.
        name: what the model shall be called.
        progress: counts labels.
    """
    progress.total(len(posts.labels) + 1)
    meaning = _meaning(posts.texts)
    center, spread = meaning.mean(axis=0), (meaning.std(axis=0) + 1e-6) * np.float32(np.sqrt(POOLED + WIDTH))
    meaning = (meaning - center) / spread
    batch = posts.batch()
    towers = tuple(learn_ngrams(tower, batch, 1.0, least=least) for tower, least in _TOWERS)
    grams: Matrix = sparse.hstack([tower.matrix(batch) for tower in towers], format="csr")
    progress.advance()
    learns = np.arange(len(posts.texts)) % _HELD != 0
    columns: list[tuple[Floats, Floats, float, float]] = []
    for label in range(len(posts.labels)):
        known = posts.annotated[:, label]
        fit, held = known & learns, known & ~learns
        truth = posts.positive[:, label]
        first, second = _logistic(meaning[fit], truth[fit], _SENTENCES), _logistic(grams[fit], truth[fit], _GRAMS)
        # the constants go into the calibration, which has one of its own
        score = meaning[held] @ first + grams[held] @ second
        columns.append((first, second, *_platt(score, truth[held])))
        progress.advance()
    joint = np.stack([second for _, second, _, _ in columns], axis=1).astype(np.float32)
    ends = np.cumsum([tower.width for tower in towers])[:-1]
    return General(
        name,
        posts.labels,
        towers,
        center,
        spread,
        np.stack([first for first, _, _, _ in columns], axis=1).astype(np.float32),
        tuple(np.split(joint, ends)),
        np.array([slope for _, _, slope, _ in columns], np.float32),
        np.array([offset for _, _, _, offset in columns], np.float32),
    )


def average_precision(general: General, posts: Posts) -> dict[str, dict[str, Any]]:
    """Area under precision and recall of each label over the rows that annotate it, with how many are positive."""
    from sklearn.metrics import average_precision_score

    probability = general.probabilities(posts.texts)
    found: dict[str, dict[str, Any]] = {}
    for number, label in enumerate(general.labels):
        known = posts.annotated[:, number]
        truth = posts.positive[known, number]
        if truth.any():
            area = float(average_precision_score(truth, probability[known, number]))
            found[label] = {"auprc": round(area, 4), "positive": int(truth.sum()), "rows": int(known.sum())}
    return found


def _meaning(texts: Sequence[str]) -> Floats:
    """(n, POOLED + WIDTH) outputs of the encoder as its package has it: it was not tuned to reports."""
    encoder = Encoder(vocabulary().layers, vocabulary())
    found = [np.hstack(encoder.encode(readable(texts[at : at + _CHUNK]))) for at in range(0, len(texts), _CHUNK)]
    return np.concatenate(found) if found else np.zeros((0, POOLED + WIDTH), np.float32)


def _logistic(rows: Any, truth: Flags, strength: float) -> Floats:  # noqa: ANN401 - dense or sparse
    from sklearn.linear_model import LogisticRegression

    fitted: Any = LogisticRegression(C=strength, max_iter=_STEPS, tol=1e-3).fit(rows, truth)
    return np.asarray(fitted.coef_[0], np.float32)


def _platt(score: Array, truth: Flags) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    fitted: Any = LogisticRegression(C=1e3).fit(score[:, None], truth)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def write_general(general: General, folder: Path) -> None:
    """Write `general.json` and `general.npz`: same heads, same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[Any]] = {
        "center": general.center, "spread": general.spread, "sentences": general.sentences.astype(np.float16),
        "slope": general.slope, "offset": general.offset,
    }  # fmt: skip
    for tower, weights in zip(general.towers, general.grams, strict=True):
        steps = np.maximum(np.abs(weights).max(axis=0), 1e-12) / _LARGEST
        arrays |= {
            f"{tower.name}.kept": tower.kept.astype(np.int32), f"{tower.name}.idf": tower.idf.astype(np.float16),
            f"{tower.name}.weights": np.rint(weights / steps).astype(np.int8), f"{tower.name}.steps": steps,
        }  # fmt: skip
    np.savez_compressed(folder / "general.npz", allow_pickle=False, **arrays)
    facts = {
        "format": 1,
        "model": general.name,
        "labels": list(general.labels),
        "towers": [tower.name for tower in general.towers],
        "vocabulary_sha256": vocabulary().sha256,
    }
    (folder / "general.json").write_text(canonical_json(facts), encoding="utf-8")


def read_general(folder: Path) -> General:
    """The heads in that folder.

    Raises:
        NotFound: it has none.
        Refused: they were trained over other word pieces.
    """
    for name in ("general.json", "general.npz"):
        if not (folder / name).is_file():
            raise NotFound(f"{folder.name} lacks {name}", expected="a folder that training wrote")
    where = folder / "general.json"
    facts: dict[str, Any] = json.loads(where.read_text(encoding="utf-8"))
    check_vocabulary(facts["vocabulary_sha256"], where)
    with np.load(folder / "general.npz", allow_pickle=False) as arrays:
        names: list[str] = facts["towers"]
        return General(
            facts["model"],
            tuple(facts["labels"]),
            tuple(
                NGrams(n, arrays[f"{n}.kept"].astype(np.int64), arrays[f"{n}.idf"].astype(np.float64), 1.0)
                for n in names
            ),
            arrays["center"],
            arrays["spread"],
            arrays["sentences"].astype(np.float32),
            tuple(arrays[f"{n}.weights"].astype(np.float32) * arrays[f"{n}.steps"] for n in names),
            arrays["slope"],
            arrays["offset"],
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Train on the table's train split, measure on its dev split, write heads and card."""
    parser = argparse.ArgumentParser(prog="python -m cop.classification.coder.general", description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--out", type=Path, default=Path("models/general-1.0"))
    options = parser.parse_args(arguments)
    try:
        posts = read_posts(options.table, "train")
        general = fit_general(posts, name=options.out.name)
        measured = average_precision(general, read_posts(options.table, "dev", general.labels))
        write_general(general, options.out)
    except CopError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    card = {
        "model": general.name,
        "labels": list(general.labels),
        "rows": len(posts.texts),
        "measured_on_the_dev_split": measured,
        "attribution": [f"{source}: {licence}" for source, licence in sorted(posts.sources.items())],
        "limits": [
            "Posts and prompts, mostly in English and Chinese; not reports.",
            "Profanity is labelled with a bias against dialects.",
            "A label with few positive rows is a hint and not a measure.",
        ],
    }
    (options.out / "card.json").write_text(canonical_json(card), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
