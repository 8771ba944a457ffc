"""The trained model: its files, and scores of texts.

Files of `models/coder-<version>/`: `weights.npz` (columns and 8-bit weights of each tower, the fast tier),
`encoder.npz` (the encoder's tuned layers in 16 bits), `model.json` (codes, index terms, calibration), `card.json` and
`card.md`. No pickle: NumPy reads the arrays with `allow_pickle=False`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cop.classification.coder import concepts
from cop.classification.coder.calibration import Array, Calibration, Flags
from cop.classification.coder.encoder import LAYERS, Encoder, Vocabulary, check_vocabulary, product
from cop.classification.coder.fast import FastTier
from cop.classification.coder.features import Batch, Concepts, NGrams, Sentences, Terms, Tower
from cop.kernel.errors import NotFound, Refused, Where
from cop.kernel.hashing import canonical_json

FORMAT = 3
FILES = ("model.json", "weights.npz", "encoder.npz")
_LARGEST = 127
Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Model:
    """Towers with their weights, and what turns scores into probabilities, sets and routes.

    `weights` are (width, n_codes) float32, one per tower; `urgency` is None for administrative codes; `fast` speaks
    beside the towers, its scores times `pieces`, and answers first where a caller asks for speed.
    """

    name: str
    scheme: str
    codes: tuple[str, ...]
    urgency: tuple[int | None, ...]
    towers: tuple[Tower, ...]
    weights: tuple[NDArray[np.float32], ...]
    calibration: Calibration
    fast: FastTier
    pieces: float

    @property
    def urgent(self) -> Flags:
        """(n_codes,) codes of urgency 1."""
        return np.array([urgency == 1 for urgency in self.urgency])

    @property
    def reserved(self) -> Flags:
        """(n_codes,) what the whole model alone says: urgency 1, and codes that take a record out of the counts."""
        return np.array([urgency in (None, 1) for urgency in self.urgency])

    @property
    def encoder(self) -> Encoder:
        """The encoder of the tower of sentences."""
        return next(tower.encoder for tower in self.towers if isinstance(tower, Sentences))

    @property
    def vocabulary(self) -> Vocabulary:
        """The word pieces."""
        return self.encoder.vocabulary

    def scores(self, batch: Batch) -> Array:
        """(n_texts, n_codes) scores before calibration."""
        total = self.pieces * self.fast.scores(batch.texts, self.vocabulary)
        for tower, weights in zip(self.towers, self.weights, strict=True):
            total += tower_scores(tower, weights, batch)
        return total

    def probabilities(self, batch: Batch) -> Array:
        """(n_texts, n_codes) calibrated probabilities; rows sum to 1."""
        return self.calibration.probabilities(self.scores(batch), batch.languages)


def tower_scores(tower: Tower, weights: NDArray[np.float32], batch: Batch) -> Array:
    """(n_texts, n_codes) what one tower says, the same for a text in any company."""
    matrix = tower.matrix(batch)
    return np.asarray(product(matrix, weights) if isinstance(tower, Sentences) else matrix @ weights, np.float64)


def write_model(model: Model, folder: Path) -> None:
    """Write the model's files: same model, same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[Any]] = {}
    towers: list[dict[str, Any]] = []
    for tower, weights in zip(model.towers, model.weights, strict=True):
        towers.append(_put(tower, arrays))
        _put_weights(tower.name, weights, arrays)
    used = np.flatnonzero(model.fast.columns >= 0)
    arrays["fast.used"] = used.astype(np.int32)
    arrays["fast.size"] = np.array(len(model.fast.columns), np.int64)
    arrays["fast.idf"] = model.fast.idf.astype(np.float16)
    _put_weights("fast", model.fast.weights, arrays)
    np.savez_compressed(folder / "weights.npz", allow_pickle=False, **arrays)
    layers = {name: model.encoder.layers[name].astype(np.float16) for name in LAYERS}
    np.savez_compressed(folder / "encoder.npz", allow_pickle=False, **layers)
    terms = next(tower for tower in model.towers if isinstance(tower, Terms))
    facts = {
        "format": FORMAT,
        "model": model.name,
        "scheme": model.scheme,
        "codes": list(model.codes),
        "urgency": list(model.urgency),
        "towers": towers,
        "classes": list(terms.classes),
        "terms": {language: [list(t) for t in entries] for language, entries in terms.terms.items()},
        "calibration": model.calibration.as_json(),
        "fast": model.fast.calibration.as_json(),
        "pieces": model.pieces,
        "concepts_sha256": concepts.sha256(),
        "vocabulary_sha256": model.vocabulary.sha256,
    }
    (folder / "model.json").write_text(canonical_json(facts), encoding="utf-8")


def read_model(folder: Path) -> Model:
    """The model in that folder.

    Raises:
        NotFound: the folder lacks a file of a model.
        Refused: the model is of another format, or was trained with another list of concepts or other word pieces.
    """
    for name in FILES:
        if not (folder / name).is_file():
            raise NotFound(f"{folder.name} lacks {name}", expected="a folder that training wrote")
    where = folder / "model.json"
    facts: dict[str, Any] = json.loads(where.read_text(encoding="utf-8"))
    if facts.get("format") != FORMAT:
        raise Refused.value(facts.get("format"), "is another format", expected=str(FORMAT), file=where, field="format")
    if facts["concepts_sha256"] != concepts.sha256():
        raise Refused(
            "the model was trained with another list of concepts",
            where=Where(where, field="concepts_sha256"),
            expected="training anew",
        )
    pieces = check_vocabulary(facts["vocabulary_sha256"], where)
    with np.load(folder / "encoder.npz", allow_pickle=False) as arrays:
        encoder = Encoder({name: arrays[name].astype(np.float32) for name in LAYERS}, pieces)
    with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
        towers = tuple(_get(entry, arrays, facts, encoder) for entry in facts["towers"])
        weights = tuple(_get_weights(tower.name, arrays) for tower in towers)
        columns = np.full(int(arrays["fast.size"]), -1, np.int32)
        columns[arrays["fast.used"]] = np.arange(len(arrays["fast.used"]), dtype=np.int32)
        fast = FastTier(
            columns,
            arrays["fast.idf"].astype(np.float32),
            _get_weights("fast", arrays),
            Calibration.from_json(facts["fast"]),
        )
    return Model(
        name=facts["model"],
        scheme=facts["scheme"],
        codes=tuple(facts["codes"]),
        urgency=tuple(facts["urgency"]),
        towers=towers,
        weights=weights,
        calibration=Calibration.from_json(facts["calibration"]),
        fast=fast,
        pieces=float(facts["pieces"]),
    )


def _put(tower: Tower, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    match tower:
        case NGrams():
            arrays[f"{tower.name}.kept"] = tower.kept.astype(np.int32)
            arrays[f"{tower.name}.idf"] = tower.idf.astype(np.float16)
            return {"name": tower.name, "kind": "ngrams", "scale": tower.scale}
        case Concepts():
            arrays[f"{tower.name}.idf"] = tower.idf.astype(np.float16)
            return {"name": tower.name, "kind": "concepts", "scale": tower.scale}
        case Terms():
            return {"name": tower.name, "kind": "terms", "scale": tower.scale}
        case _:
            return {"name": tower.name, "kind": "sentences"}


def _get(entry: Mapping[str, Any], arrays: Arrays, facts: Mapping[str, Any], encoder: Encoder) -> Tower:
    name = entry["name"]
    match entry["kind"]:
        case "ngrams":
            kept, idf = arrays[f"{name}.kept"].astype(np.int64), arrays[f"{name}.idf"].astype(np.float64)
            return NGrams(name, kept, idf, float(entry["scale"]))
        case "concepts":
            return Concepts(arrays[f"{name}.idf"].astype(np.float64), float(entry["scale"]))
        case "terms":
            terms = {lang: [(str(t), int(n)) for t, n in entries] for lang, entries in facts["terms"].items()}
            return Terms(tuple(facts["classes"]), terms, float(entry["scale"]))
        case _:
            return Sentences(encoder)


def _put_weights(name: str, weights: NDArray[np.float32], arrays: dict[str, NDArray[Any]]) -> None:
    """Sparse towers have many small weights: 8 bits each, and the size of a step per code."""
    if name == "sentences":
        arrays[f"{name}.weights"] = weights
        return
    steps = np.maximum(np.abs(weights).max(axis=0), 1e-12) / _LARGEST
    arrays[f"{name}.weights"] = np.rint(weights / steps).astype(np.int8)
    arrays[f"{name}.steps"] = steps.astype(np.float32)


def _get_weights(name: str, arrays: Arrays) -> NDArray[np.float32]:
    weights: NDArray[np.float32] = arrays[f"{name}.weights"].astype(np.float32)
    return weights if name == "sentences" else weights * arrays[f"{name}.steps"]
