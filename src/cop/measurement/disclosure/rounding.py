"""Random rounding to a base: unbiased, and the same wherever and whenever a cell is published.

A count is rounded up with the probability of its remainder, decided by a keyed hash of the cell's name and value: no
chance is drawn twice, and averaging over tables or releases finds nothing. Rounded tables do not add up exactly.
Source: ESSnet SDC, Handbook on Statistical Disclosure Control, version 1.2 (2010), chapter 5: unbiased random rounding.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256

import numpy as np
import polars as pl

from cop.kernel.errors import Refused

_RANGE = float(1 << 53)
SHORTEST = 16


def chance(secret: bytes, *parts: str) -> float:
    """A number in [0, 1) that who does not know the secret cannot tell from chance.

    Raises:
        Refused: the secret is shorter than 16 bytes.
    """
    if len(secret) < SHORTEST:
        raise Refused("the secret is too short", expected=f"{SHORTEST} bytes or more")
    digest = hmac.new(secret, "\x1f".join(parts).encode(), sha256).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / _RANGE


def rounded(cells: pl.DataFrame, keys: Sequence[str], *, base: int, secret: bytes) -> pl.DataFrame:
    """Counts rounded to multiples of the base; a multiple stays what it is, a null stays null.

    Args:
        cells: with `value` and the columns that name a cell.
        keys: those columns: the measure and every dimension of the release, so that linked tables agree.
        base: 2 or more.
        secret: of the office; who knows it can tell the chances.
    """
    values = cells["value"].to_list()
    found: list[int | None] = []
    for value, key in zip(values, cells.select(keys).iter_rows(), strict=True):
        if value is None:
            found.append(None)
            continue
        down, left = divmod(int(value), base)
        up = left > 0 and chance(secret, "rounding", str(base), str(int(value)), *key) < left / base
        found.append(base * (down + up))
    return cells.with_columns(pl.Series("value", found, dtype=pl.Int64))


def deviation(base: int) -> float:
    """The standard deviation of the error over counts of all remainders: the square root of (base^2 - 1) / 6."""
    return float(np.sqrt((base**2 - 1) / 6))
