"""The trained model: its files, and scores of texts.

Files of `models/coder-<version>/`: `weights.npz` (columns and 8-bit weights of each tower), `model.json` (codes, index
terms, calibration), `card.json` and `card.md`. No pickle: NumPy reads the arrays with `allow_pickle=False`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cop.classification.coder import concepts
from cop.classification.coder.calibration import Rule, per_row, probabilities
from cop.classification.coder.features import Batch, Concepts, NGrams, Tower, index_evidence
from cop.classification.coder.index import Index
from cop.kernel.errors import NotFound, Refused, Where
from cop.kernel.hashing import canonical_json

FORMAT = 1
_LARGEST = 127


@dataclass(frozen=True)
class Model:
    """Towers with their weights, and what turns scores into probabilities, sets and routes.

    `weights` are (width, n_codes) float32, one per tower; `classes` the codes that have index terms, `terms` these by
    language as (term, number of the class); `urgency` is None for administrative codes.
    """

    name: str
    scheme: str
    codes: tuple[str, ...]
    urgency: tuple[int | None, ...]
    towers: tuple[Tower, ...]
    weights: tuple[NDArray[np.float32], ...]
    classes: tuple[str, ...]
    terms: Mapping[str, Sequence[tuple[str, int]]]
    boost: float
    temperatures: Mapping[str, float]
    thresholds: NDArray[np.float64]
    rule: Rule

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", Index(self.terms))
        object.__setattr__(self, "_shares", shares(self.classes, self.codes))

    def scores(self, batch: Batch) -> NDArray[np.float64]:
        """(n_texts, n_codes) scores before calibration."""
        total = np.zeros((len(batch.texts), len(self.codes)))
        for tower, weights in zip(self.towers, self.weights, strict=True):
            total += tower.matrix(batch) @ weights
        index: Index = getattr(self, "_index")  # noqa: B009 - derived in __post_init__ of a frozen class
        return total + self.boost * index_evidence(index, batch, getattr(self, "_shares"))  # noqa: B009

    def probabilities(self, batch: Batch) -> NDArray[np.float64]:
        """(n_texts, n_codes) calibrated probabilities; rows sum to 1."""
        return probabilities(self.scores(batch), per_row(self.temperatures, batch.languages))


def shares(classes: Sequence[str], codes: Sequence[str]) -> NDArray[np.float64]:
    """(n_classes, n_codes): what a term of a class says for each code; a parent's is shared by its subclasses."""
    table = np.array(
        [[float(code == c or (len(code) > len(c) and code.startswith(c))) for code in codes] for c in classes]
    )
    return table / np.maximum(table.sum(axis=1, keepdims=True), 1.0)


def write_model(model: Model, folder: Path) -> None:
    """Write `weights.npz` and `model.json`: same model, same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[Any]] = {}
    towers: list[dict[str, Any]] = []
    for tower, weights in zip(model.towers, model.weights, strict=True):
        steps = np.maximum(np.abs(weights).max(axis=0), 1e-12) / _LARGEST
        arrays[f"{tower.name}.weights"] = np.rint(weights / steps).astype(np.int8)
        arrays[f"{tower.name}.steps"] = steps.astype(np.float32)
        if isinstance(tower, NGrams):
            arrays[f"{tower.name}.kept"] = tower.kept.astype(np.int32)
            arrays[f"{tower.name}.idf"] = tower.idf.astype(np.float16)
            towers.append({"name": tower.name, "kind": "ngrams", "scale": tower.scale})
        elif isinstance(tower, Concepts):
            arrays[f"{tower.name}.idf"] = tower.idf.astype(np.float16)
            towers.append({"name": tower.name, "kind": "concepts", "scale": tower.scale})
    np.savez_compressed(folder / "weights.npz", allow_pickle=False, **arrays)
    facts = {
        "format": FORMAT,
        "model": model.name,
        "scheme": model.scheme,
        "codes": list(model.codes),
        "urgency": list(model.urgency),
        "towers": towers,
        "classes": list(model.classes),
        "terms": {language: [list(t) for t in terms] for language, terms in model.terms.items()},
        "boost": model.boost,
        "temperatures": dict(model.temperatures),
        "thresholds": [round(float(t), 6) for t in model.thresholds],
        "auto_from": None if model.rule.least is None else round(model.rule.least, 6),
        "concepts_sha256": concepts.sha256(),
    }
    (folder / "model.json").write_text(canonical_json(facts), encoding="utf-8")


def read_model(folder: Path) -> Model:
    """The model in that folder.

    Raises:
        NotFound: the folder lacks a file of a model.
        Refused: the model is of another format, or was trained with another list of concepts.
    """
    for name in ("model.json", "weights.npz"):
        if not (folder / name).is_file():
            raise NotFound(f"{folder.name} lacks {name}", expected="a folder that training wrote")
    facts: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    where = folder / "model.json"
    if facts.get("format") != FORMAT:
        raise Refused.value(facts.get("format"), "is another format", expected=str(FORMAT), file=where, field="format")
    if facts["concepts_sha256"] != concepts.sha256():
        raise Refused(
            "the model was trained with another list of concepts",
            where=Where(where, field="concepts_sha256"),
            expected="training anew",
        )
    towers: list[Tower] = []
    weights: list[NDArray[np.float32]] = []
    with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
        for entry in facts["towers"]:
            name, scale = entry["name"], float(entry["scale"])
            idf = arrays[f"{name}.idf"].astype(np.float64)
            if entry["kind"] == "ngrams":
                towers.append(NGrams(name, arrays[f"{name}.kept"].astype(np.int64), idf, scale))
            else:
                towers.append(Concepts(idf, scale))
            weights.append(arrays[f"{name}.weights"].astype(np.float32) * arrays[f"{name}.steps"])
    return Model(
        name=facts["model"],
        scheme=facts["scheme"],
        codes=tuple(facts["codes"]),
        urgency=tuple(facts["urgency"]),
        towers=tuple(towers),
        weights=tuple(weights),
        classes=tuple(facts["classes"]),
        terms={language: [(str(t), int(n)) for t, n in terms] for language, terms in facts["terms"].items()},
        boost=float(facts["boost"]),
        temperatures=facts["temperatures"],
        thresholds=np.array(facts["thresholds"]),
        rule=Rule(facts["auto_from"]),
    )
