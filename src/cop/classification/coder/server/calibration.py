"""The server's scores made to mean what they say, on a labelled sample: the same method as the local coder's.

A server names a few codes and says nothing of the others, which get one low score. How low is learnt first, as the
weight of an index term is by the local coder; else a temperature that tempers the codes named would raise the rest.

A calibration belongs to a model, a classification and a prompt. With another of these it is refused: its numbers would
be about somebody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cop.classification.coder import calibration as cal
from cop.classification.coder.language import UNKNOWN
from cop.kernel.errors import NotFound, Refused, Where
from cop.kernel.hashing import canonical_json
from cop.kernel.validation import refusal

LEAST_TEXTS = 100
"""Answered texts without which nothing is calibrated."""

_LEAST_OF_A_LANGUAGE = 30
_STRIDE = 16.0
_Threshold = Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)]  # above 1: only as the likeliest
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Temperature = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Origin(BaseModel):
    """What was calibrated.

    `prompt_sha256` is of the whole request without a report; `logprobs` whether the scores hold token probabilities.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    model: str
    scheme: str
    prompt_sha256: str
    codes: tuple[str, ...]
    logprobs: bool


class Calibration(BaseModel):
    """What a named code has above the others, temperatures by language, the threshold of each code.

    From `temperatures` on these are the facts of `cop.classification.coder.calibration.Calibration`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal[1] = 1
    origin: Origin
    texts: int
    gap: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    temperatures: dict[str, _Temperature]
    thresholds: tuple[_Threshold, ...]
    auto_from: _Share | None
    danger: _Share

    @model_validator(mode="after")
    def _whole(self) -> Calibration:
        if len(self.thresholds) != len(self.origin.codes):
            raise ValueError(f"{len(self.thresholds)} thresholds are given for {len(self.origin.codes)} codes")
        if UNKNOWN not in self.temperatures:
            raise ValueError(f"the temperature of {UNKNOWN} is missing")
        return self

    @property
    def learnt(self) -> cal.Calibration:
        """What turns scores, the gap added, into probabilities, class sets and routes."""
        return cal.Calibration.from_json(self.model_dump())

    def probabilities(self, scores: cal.Array, languages: Sequence[str]) -> cal.Array:
        """(n, n_codes) calibrated; rows sum to 1."""
        return self.learnt.probabilities(scores + self.gap * named(scores), languages)

    def save(self, path: Path) -> None:
        """Write it as JSON: same calibration, same bytes."""
        path.write_text(canonical_json(self.model_dump(mode="json")), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """The calibration in that file.

        Raises:
            NotFound: there is none.
            Refused: it is not one; names the field.
        """
        if not path.is_file():
            raise NotFound(f"{path} is not there", expected="a calibration: python -m cop.classification.coder.server")
        try:
            return cls.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise refusal(error, path, what="a server's calibration") from None

    def check(self, present: Origin, path: Path | None = None) -> None:
        """Refuse a calibration of something else. Token probabilities are judged record by record, not here.

        Raises:
            Refused: names what differs.
        """
        for field in ("model", "scheme", "codes", "prompt_sha256"):
            if getattr(self.origin, field) != getattr(present, field):
                raise Refused(
                    "the calibration is of something else",
                    where=Where(path, field=f"origin.{field}"),
                    expected="a calibration of this model with this classification and prompt",
                )


def named(scores: cal.Array) -> cal.Array:
    """(n, n_codes) 1 where a code has more than the score that all codes have of which nothing was said."""
    return (scores > scores.min(axis=1, keepdims=True)).astype(np.float64)


def calibrate(
    server_scores: cal.Array, truth: cal.Labels, languages: Sequence[str], urgent: cal.Flags, *, origin: Origin
) -> Calibration:
    """Learn a calibration from a labelled sample that the server answered.

    Args:
        server_scores: (n, n_codes) as `answers.scores` gives them.
        truth: (n,) numbers of the true codes.
        languages: (n,) ISO 639-1 or `und`; one with few texts is calibrated with the whole.
        urgent: (n_codes,) classes of urgency 1.
        origin: what the scores are of.

    Raises:
        Refused: the sample is smaller than `LEAST_TEXTS`, or the parts do not fit one another.
    """
    if not len(server_scores) == len(truth) == len(languages) or server_scores.shape[1:] != urgent.shape:
        raise Refused("scores, truth, languages and codes differ in number", expected="one of each per text and code")
    if len(truth) < LEAST_TEXTS:
        raise Refused(f"the sample has {len(truth)} answered texts", expected=f"at least {LEAST_TEXTS}")
    spoken = Counter(languages)
    known = [lang if spoken[lang] >= _LEAST_OF_A_LANGUAGE else UNKNOWN for lang in languages]
    gap = _STRIDE * cal.boost(server_scores, _STRIDE * named(server_scores), truth)
    learnt = cal.calibrate(server_scores + gap * named(server_scores), truth, known, urgent)
    return Calibration(
        origin=origin,
        texts=len(truth),
        gap=gap,
        temperatures=dict(learnt.temperatures),
        thresholds=tuple(learnt.thresholds.tolist()),
        auto_from=learnt.rule.least,
        danger=learnt.rule.danger,
    )
