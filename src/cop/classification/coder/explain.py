"""Why a text got its code, for the person who reviews it: its index terms, its words that spoke most, a ruling.

Words are those of the narrative, so an explanation is as confidential as the narrative: it is for the desk and never
crosses the door.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cop.classification.coder.coding import Coded, Coder
from cop.classification.coder.encoder import Floats
from cop.classification.coder.features import COUNTERS, Batch, NGrams, Terms, readable
from cop.classification.coder.language import detect
from cop.classification.coder.model import Model
from cop.classification.coder.text import BANDS, SPANS
from cop.classification.rulings import Ruling, Rulings
from cop.kernel.languages import pick

_WORDS = 5


@dataclass(frozen=True, slots=True)
class Explanation:
    """What spoke for a text's code.

    Attributes:
        terms: classes whose index terms the text uses and does not deny, in order of code.
        words: words that spoke most for the code against the other codes, strongest first, each with its share of the
            score.
        ruling: number of the ruling nearest in meaning among those about the codes of the class set; None where there
            is none about two of them.
        nearness: cosine of the angle between the text and that ruling's question, -1 to 1.
    """

    terms: tuple[str, ...]
    words: tuple[tuple[str, float], ...]
    ruling: str | None
    nearness: float | None

    def as_json(self) -> dict[str, Any]:
        """The same facts for a program."""
        return asdict(self)


def readable_word(word: str) -> str:
    """A word of a normalised text as people read it: a number stands there as its band."""
    return SPANS[BANDS.index(word)] if word in BANDS and len(word) == 1 else word


class Explainer:
    """Explains what one coder says.

    Args:
        coder: whose codes are explained.
        rulings: the register.
    """

    def __init__(self, coder: Coder, rulings: Rulings) -> None:
        self._model: Model = coder.fitted
        self._rulings = rulings
        self._questions: dict[str, Floats] = {}

    def explain(self, text: str, coded: Coded) -> Explanation:
        """Why the coder said this of the text."""
        batch = Batch((text,), (detect(text),))
        ruling, nearness = self._nearest(text, batch.languages[0], coded)
        return Explanation(self._terms(batch), self._words(batch, coded.code), ruling, nearness)

    def _terms(self, batch: Batch) -> tuple[str, ...]:
        tower = next(t for t in self._model.towers if isinstance(t, Terms))
        return tuple(tower.classes[int(n)] for n in np.unique(tower.matrix(batch).indices))

    def _words(self, batch: Batch, code: str) -> tuple[tuple[str, float], ...]:
        """Single words; what pairs of words and the meaning of the whole add is not theirs."""
        number = next(n for n, t in enumerate(self._model.towers) if t.name == "words")
        tower, weights = self._model.towers[number], self._model.weights[number]
        if not isinstance(tower, NGrams):
            return ()
        words = sorted(set(batch.plain[0].split()))
        owner, hashed = COUNTERS["words"](words)
        place = np.searchsorted(tower.kept, hashed)
        known = (place < len(tower.kept)) & (tower.kept[np.minimum(place, len(tower.kept) - 1)] == hashed)
        column = self._model.codes.index(code)
        spoken = weights[place[known]]
        gain = tower.idf[place[known]] * (spoken[:, column] - spoken.mean(axis=1))
        order = np.argsort(-gain, kind="stable")[:_WORDS]
        total = max(float(gain[gain > 0].sum()), 1e-12)
        owners = owner[known]
        return tuple(
            (readable_word(words[int(owners[n])]), round(float(gain[n]) / total, 3)) for n in order if gain[n] > 0
        )

    def _nearest(self, text: str, language: str, coded: Coded) -> tuple[str | None, float | None]:
        codes = set(coded.class_set)
        about = [r for r in self._rulings.about(coded.code) if len(codes & set(r.codes)) > 1]
        if not about:
            return None, None
        _, direction = self._model.encoder.encode(readable([text]))
        nearness = self._directions(about, language) @ direction[0]
        best = int(nearness.argmax())
        return about[best].number, round(float(nearness[best]), 3)

    def _directions(self, about: Sequence[Ruling], language: str) -> Floats:
        keys = [f"{ruling.number} {language}" for ruling in about]
        missing = [(key, ruling) for key, ruling in zip(keys, about, strict=True) if key not in self._questions]
        if missing:
            texts = [pick(ruling.question, language) for _, ruling in missing]
            _, directions = self._model.encoder.encode(texts)
            self._questions |= {key: row for (key, _), row in zip(missing, directions, strict=True)}
        return np.stack([self._questions[key] for key in keys])
