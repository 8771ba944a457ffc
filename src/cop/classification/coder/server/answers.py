"""From what the server said to scores over every code; whatever is not as asked is refused.

Stated probabilities and, where given, those of the tokens that spell the first code are each a distribution over the
codes; their mean is taken and its logarithm is the score, which calibration then corrects.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from cop.classification.coder.calibration import Array
from cop.classification.coder.server.faults import Fault
from cop.classification.coder.server.prompt import MOST_CODES
from cop.classification.coder.server.spelling import spelt

_FLOOR = 1e-4
_STEP = 1e-6


@dataclass(frozen=True, slots=True)
class Answer:
    """A valid answer: stated probability by code in the order stated, and that by tokens where the server gave them."""

    stated: tuple[tuple[str, float], ...]
    tokens: Mapping[str, float] | None


def read(content: bytes, codes: Sequence[str]) -> Answer:
    """The answer in a chat completion.

    Raises:
        Fault: it is not JSON, not of the protocol, declined, or not what was asked for.
    """
    choice = _choice(_json(content))
    message = choice.get("message")
    if not isinstance(message, dict):
        raise Fault("not of the protocol")
    said = cast("dict[str, Any]", message)
    if said.get("refusal") or choice.get("finish_reason") == "content_filter":
        raise Fault("declined by the model")
    if choice.get("finish_reason") == "length":
        raise Fault("cut off")
    text = said.get("content")
    if not isinstance(text, str) or not text.strip():
        raise Fault("empty answer")
    stated = _stated(_json(text), codes)
    return Answer(stated, spelt(choice.get("logprobs"), text, stated[0][0], codes))


def scores(answer: Answer, codes: Sequence[str]) -> Array:
    """(n_codes,) log probabilities before calibration; what is stated of no code is spread over all."""
    ranked = {code: p + _STEP * (MOST_CODES - n) for n, (code, p) in enumerate(answer.stated)}
    shares = _spread(ranked, codes)
    if answer.tokens is not None:
        shares = (shares + _spread(answer.tokens, codes)) / 2
    return np.log(shares + _FLOOR)


def _spread(given: Mapping[str, float], codes: Sequence[str]) -> Array:
    total = sum(given.values())
    shares = np.array([given.get(code, 0.0) for code in codes]) / max(total, 1.0)
    return shares + max(1.0 - total, 0.0) / len(codes)


def _json(content: bytes | str) -> Any:  # noqa: ANN401 - JSON
    """JSON without NaN, and without keys given twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise ValueError
        return dict(pairs)

    def never(_: str) -> None:
        raise ValueError

    try:
        return json.loads(content, object_pairs_hook=once, parse_constant=never)
    except (ValueError, RecursionError):
        raise Fault("not JSON") from None


def _choice(document: object) -> dict[str, Any]:
    choices = cast("dict[str, Any]", document).get("choices") if isinstance(document, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Fault("not of the protocol")
    return cast("dict[str, Any]", choices[0])


def _stated(document: object, codes: Sequence[str]) -> tuple[tuple[str, float], ...]:
    entries = cast("dict[str, Any]", document)["codes"] if _has(document, {"codes"}) else None
    if not isinstance(entries, list) or not 1 <= len(cast("list[object]", entries)) <= MOST_CODES:
        raise Fault("not the answer asked for")
    stated = [_entry(entry, codes) for entry in cast("list[object]", entries)]
    if len({code for code, _ in stated}) < len(stated):
        raise Fault("a code twice")
    if not any(p > 0 for _, p in stated):
        raise Fault("no code is probable")
    return tuple(sorted(stated, key=lambda entry: -entry[1]))


def _entry(entry: object, codes: Sequence[str]) -> tuple[str, float]:
    if not _has(entry, {"code", "probability"}):
        raise Fault("not the answer asked for")
    fields = cast("dict[str, Any]", entry)
    code, probability = fields["code"], fields["probability"]
    if code not in codes:
        raise Fault("unknown code")
    if isinstance(probability, bool) or not isinstance(probability, (int, float)):
        raise Fault("not the answer asked for")
    if not (0 <= probability <= 1 and math.isfinite(probability)):
        raise Fault("probability outside 0 to 1")
    return str(code), float(probability)


def _has(value: object, names: set[str]) -> bool:
    return isinstance(value, dict) and set(cast("dict[str, Any]", value)) == names
