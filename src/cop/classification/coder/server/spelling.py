"""What the probabilities of tokens say about codes.

A code is spelt in one token or several. At each, the alternatives the server lists lead to other codes, or to several
that begin so; each gets its part of the probability that the spelling had reached this token.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

_FIRST = re.compile(r'"code"\s*:\s*"')


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    share: float
    others: tuple[tuple[str, float], ...]


def spelt(logprobs: object, content: str, code: str, codes: Sequence[str]) -> dict[str, float] | None:
    """Probability by code, from the tokens that spell the first code of an answer.

    Args:
        logprobs: the member `logprobs` of a choice, whatever it holds.
        content: the text of the answer.
        code: the likeliest code stated.
        codes: all codes.

    Returns:
        Probabilities that sum to at most 1; None where the server gave none that can be read, or spelt another code
        first.
    """
    tokens = _tokens(logprobs)
    start = _FIRST.search(content)
    joined = "".join(token.text for token in tokens or ())
    base = joined.rfind(content)
    if not tokens or start is None or base < 0 or not content.startswith(f'{code}"', start.end()):
        return None
    place, end = 0, base + start.end()
    found: dict[str, float] = {}
    mass = 1.0
    for token in tokens:
        done = joined[end : max(place, end)]
        lead = token.text[: max(end - place, 0)]
        place += len(token.text)
        if place <= end:
            continue
        for text, share in token.others:
            if text != token.text and text.startswith(lead):
                _share_out(found, done + text[len(lead) :], mass * share, codes)
        mass *= token.share
        if place > end + len(code):
            break
    found[code] = found.get(code, 0.0) + mass
    total = sum(found.values())
    return {c: p / max(total, 1.0) for c, p in found.items()}


def _share_out(found: dict[str, float], beginning: str, share: float, codes: Sequence[str]) -> None:
    part, quote, _ = beginning.partition('"')
    fits = [c for c in codes if (c == part if quote else c.startswith(part))]
    for c in fits:
        found[c] = found.get(c, 0.0) + share / len(fits)


def _tokens(logprobs: object) -> list[_Token] | None:
    listed = cast("dict[str, Any]", logprobs).get("content") if isinstance(logprobs, dict) else None
    if not isinstance(listed, list):
        return None
    tokens: list[_Token] = []
    for entry in cast("list[object]", listed):
        own = _pair(entry)
        others = cast("dict[str, Any]", entry).get("top_logprobs") if own else None
        if own is None:
            return None
        pairs = [_pair(other) for other in cast("list[object]", others)] if isinstance(others, list) else []
        tokens.append(_Token(*own, tuple(pair for pair in pairs if pair is not None)))
    return tokens


def _pair(entry: object) -> tuple[str, float] | None:
    """A token and its probability."""
    if not isinstance(entry, dict):
        return None
    fields = cast("dict[str, Any]", entry)
    text, value = fields.get("token"), fields.get("logprob")
    if not isinstance(text, str) or isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return text, math.exp(max(min(value, 0), -1000))
