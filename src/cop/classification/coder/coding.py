"""Codes for texts: the coder as everyone else uses it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from cop.classification.coder.calibration import Array, Flags
from cop.classification.coder.encoder import single_thread
from cop.classification.coder.features import Batch
from cop.classification.coder.language import UNKNOWN, detect
from cop.classification.coder.model import Model, read_model
from cop.classification.history import load_history
from cop.kernel.errors import NotFound, Refused
from cop.kernel.resources import resource

NOTHING_TO_CODE = "Z04"
"""The code of a text without a single letter: too little information, and always for a person to look at."""

_CHUNK = 512


@dataclass(frozen=True, slots=True)
class Coded:
    """What the coder says of one text.

    `class_set` holds the codes it may be (90 % of such sets hold the true one), likeliest first, `code` among them;
    `route` is `auto` where a person need not look; `scores` has every code's probability, or None when not asked for.
    """

    code: str
    section: str
    probability: float
    class_set: tuple[str, ...]
    route: Literal["auto", "review"]
    urgency: int | None
    language: str
    scheme: str
    model: str
    scores: Mapping[str, float] | None = None

    def as_json(self) -> dict[str, Any]:
        """The same facts for a program; scores only when they were asked for."""
        facts: dict[str, Any] = {
            "code": self.code,
            "section": self.section,
            "probability": self.probability,
            "class_set": list(self.class_set),
            "route": self.route,
            "urgency": self.urgency,
            "language": self.language,
            "scheme": self.scheme,
            "model": self.model,
        }
        return facts if self.scores is None else {**facts, "scores": dict(self.scores)}


class Coder:
    """Gives codes to texts. The same text gets the same answer, whatever stands beside it.

    Attributes:
        model: name and version of the model.
        scheme: version of the classification whose codes it gives.
        card: the model card: what it was trained on and what was measured.
        folder: where it was loaded from.
        fast: whether the fast tier answers where it may close a record; the whole model sees only the others then.
    """

    def __init__(
        self, model: Model, card: dict[str, Any], folder: Path, *, fast: bool = False, scheme: str | None = None
    ) -> None:
        self._model = model
        self.model = model.name
        self.scheme = scheme or model.scheme
        self.card = card
        self.folder = folder
        self.fast = fast

    @property
    def fitted(self) -> Model:
        """The model itself, for those who explain or compare it."""
        return self._model

    @classmethod
    def load(cls, folder: Path | None = None, *, fast: bool = False, scheme: str | None = None) -> Coder:
        """The coder in that folder, or the newest of the installation.

        Args:
            folder: of a model; None is the newest that the installation has.
            fast: let the fast tier answer first.
            scheme: version of the classification to answer in; None is the model's own.

        Raises:
            NotFound: there is no trained coder, or the classification has no such version.
            Refused: its files are not as this version needs them.
        """
        if folder is None:
            folder = newest(resource("models"))
            model = _installed(folder)
        else:
            model = read_model(folder)
        card = folder / "card.json"
        if not card.is_file():
            raise NotFound(f"{folder.name} lacks card.json", expected="a folder that training wrote")
        if scheme is not None:
            load_history().version(scheme)
        return cls(model, json.loads(card.read_text(encoding="utf-8")), folder, fast=fast, scheme=scheme)

    def code(self, texts: Sequence[str], *, all_scores: bool = False) -> list[Coded]:
        """One `Coded` per text, in order.

        A text without a letter gets Z04 for review. A text in none of the official languages is coded by what it
        shares with them, and goes to review.

        Args:
            texts: narratives; what stands beyond `TEXT_LIMIT` characters is not read.
            all_scores: give every code's probability as well.

        Raises:
            Refused: texts is one string and not a sequence of them.
        """
        if isinstance(texts, str):
            raise Refused("texts is one text", expected="a sequence of texts")
        from cop.classification.projection import to_scheme  # it knows `Coded`

        coded: list[Coded] = []
        with single_thread():
            for start in range(0, len(texts), _CHUNK):
                coded += self._chunk(texts[start : start + _CHUNK], all_scores)
        return coded if self.scheme == self._model.scheme else [to_scheme(c, self.scheme) for c in coded]

    def _chunk(self, texts: Sequence[str], all_scores: bool) -> list[Coded]:
        languages = tuple(detect(text) for text in texts)
        model = self._model
        probability = np.zeros((len(texts), len(model.codes)))
        members = np.zeros(probability.shape, bool)
        auto = np.zeros(len(texts), bool)
        if self.fast:
            probability, members, auto = model.fast.answers(texts, model.vocabulary, model.reserved)
            auto &= np.array([language != UNKNOWN for language in languages])
        rest = np.flatnonzero(~auto)
        if len(rest):
            batch = Batch(tuple(texts[int(i)] for i in rest), tuple(languages[int(i)] for i in rest))
            probability[rest] = model.probabilities(batch)
            members[rest] = model.calibration.sets(probability[rest])
            auto[rest] = model.calibration.rule.allows(probability[rest], members[rest], model.urgent)
        return [
            self._coded(probability[row], members[row], bool(auto[row]), language, text, all_scores)
            for row, (text, language) in enumerate(zip(texts, languages, strict=True))
        ]

    def _coded(
        self, probability: Array, members: Flags, auto: bool, language: str, text: str, all_scores: bool
    ) -> Coded:
        codes = self._model.codes
        empty = not any(c.isalpha() for c in text)
        top = codes.index(NOTHING_TO_CODE) if empty else int(probability.argmax())
        if empty:
            probability, members = np.eye(len(codes))[top], np.eye(len(codes), dtype=bool)[top]
        order = np.argsort(-probability, kind="stable")
        return Coded(
            code=codes[top],
            section=codes[top][0],
            probability=round(float(probability[top]), 6),
            class_set=tuple(codes[c] for c in order[members[order]].tolist()),
            route="auto" if auto and not empty and language != UNKNOWN else "review",
            urgency=self._model.urgency[top],
            language=language,
            scheme=self._model.scheme,
            model=self.model,
            scores={c: float(p) for c, p in zip(codes, probability, strict=True)} if all_scores else None,
        )


@cache
def _installed(folder: Path) -> Model:
    """A model of the installation, read once a process."""
    return read_model(folder)


def newest(models: Path) -> Path:
    """The folder `coder-<version>` with the highest version.

    Raises:
        NotFound: there is none.
    """
    found = {tuple(int(n) for n in p.name[6:].split(".")): p for p in models.glob("coder-*") if _numbered(p)}
    if not found:
        raise NotFound("there is no trained coder", expected="models/coder-<version>")
    return found[max(found)]


def _numbered(folder: Path) -> bool:
    return all(n.isdigit() for n in folder.name[6:].split("."))
