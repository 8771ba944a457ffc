"""Where a record stands in the queue: urgency, then how much a review is expected to tell, then age.

Source: notes on the classification, 5.3 (queue order = urgency, then expected information). The information is the
entropy of what the record may be: all of it is gained when a person says which class it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

_STEP = 1_000_000
_PER_BIT = 100_000
_MOST = 9.99


def information(probability: float, class_set: Sequence[str], scores: Mapping[str, float] | None = None) -> float:
    """Bits that a person's word on the class is expected to bring.

    Args:
        probability: of the likeliest class.
        class_set: the classes it may be.
        scores: the probability of every class, where known. Without them what the likeliest class leaves is spread
            evenly over the others of the set: the most it can be.
    """
    if scores is not None:
        shares = [p for p in scores.values() if p > 0]
    else:
        others = max(1, len(class_set) - 1)
        rest = (1 - probability) / others
        shares = [p for p in (probability, *[rest] * others) if p > 0]
    return round(max(0.0, -sum(p * math.log2(p) for p in shares)), 6)


def place(urgency: int | None, bits: float) -> int:
    """The number that the queue is sorted by, least first: 1, 2, 3, none; within each the most information first."""
    return (urgency or 4) * _STEP - round(min(bits, _MOST) * _PER_BIT)


def urgency_of(place: int) -> int | None:
    """The urgency in a place."""
    rank = -(-place // _STEP)
    return None if rank > 3 else rank
