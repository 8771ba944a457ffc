"""The cell-key method: noise by a table of probabilities, drawn by the records that stand in a cell.

Each record has a key; the keys of a cell's records add up to the cell's key, which looks up the noise. So the same
records get the same noise in every table and every release, and only who holds the records can tell it. Sources:
Thompson, Broadfoot and Elazar, "Methodology for the automatic confidentialisation of statistical outputs from remote
servers at the Australian Bureau of Statistics" (UNECE 2013); Giessing, "Computational issues in the design of
transition probabilities and disclosure risk estimation for additive noise" (PSD 2016): tables of maximal entropy.
"""

from __future__ import annotations

import hmac
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import root

from cop.kernel.errors import Refused, Where
from cop.kernel.resources import resource
from cop.measurement.disclosure.hierarchy import TOTAL
from cop.measurement.disclosure.rounding import SHORTEST

Keys = NDArray[np.uint64]
KEY = "cell_key"


@dataclass(frozen=True)
class Perturbation:
    """A table of noise.

    Attributes:
        id, source: what it is called and where it comes from.
        variance: of the noise of every count from 1 on.
        maximum: no count changes by more.
        rows: for counts 0, 1, ... the probabilities of noise from -maximum to maximum; the last row serves all higher
            counts.
    """

    id: str
    source: str
    variance: float
    maximum: int
    rows: tuple[tuple[float, ...], ...]

    def noise(self, counts: NDArray[np.int64], keys: Keys) -> NDArray[np.int64]:
        """The noise of each count by its cell's key."""
        share = (keys >> np.uint64(11)).astype(np.float64) / float(1 << 53)
        row = np.minimum(counts, len(self.rows) - 1)
        limits = np.cumsum(np.array(self.rows), axis=1)[row]
        place = (share[:, None] >= limits - 1e-15).sum(axis=1)
        return np.minimum(place, 2 * self.maximum) - self.maximum


def entropic(maximum: int, variance: float, *, id_: str, source: str) -> Perturbation:
    """The table of largest entropy with zero mean and the given variance; counts never turn negative, zeros stay zero.

    Raises:
        Refused: no such table exists.
    """
    noise = np.arange(-maximum, maximum + 1)
    rows: list[tuple[float, ...]] = [tuple((noise == 0).astype(float).tolist())]
    for count in range(1, maximum + 1):
        support = noise[noise >= -count].astype(float)

        def off(weights: NDArray[np.float64], support: NDArray[np.float64] = support) -> NDArray[np.float64]:
            power = np.exp(weights[0] * support + weights[1] * support**2)
            power /= power.sum()
            return np.array([(power * support).sum(), (power * support**2).sum() - variance])

        found = root(off, np.array([0.0, -0.5 / variance]), tol=1e-12)
        if not found.success or np.abs(off(found.x)).max() > 1e-9:
            raise Refused(f"no noise of at most {maximum} has the variance {variance:g} at a count of {count}",
                          expected="a smaller variance or a larger maximum")  # fmt: skip
        power = np.exp(found.x[0] * support + found.x[1] * support**2)
        rows.append(tuple([0.0] * (len(noise) - len(support)) + (power / power.sum()).tolist()))
    return Perturbation(id_, source, variance, maximum, tuple(rows))


def read_perturbation(path: Path) -> Perturbation:
    """A table of noise from TOML: `id`, `source`, `variance`, `maximum`, `rows`.

    Raises:
        Refused: it is none, or a row is biased, has another variance than stated, or lets a count turn negative.
    """
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
        table = Perturbation(
            str(facts["id"]), str(facts["source"]), float(facts["variance"]), int(facts["maximum"]),
            tuple(tuple(float(p) for p in row) for row in facts["rows"]),
        )  # fmt: skip
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, KeyError, TypeError, ValueError) as error:
        raise Refused(f"is no table of noise: {error}", where=Where(path),
                      expected="id, source, variance, maximum and rows of probabilities") from error  # fmt: skip
    noise = np.arange(-table.maximum, table.maximum + 1)
    for count, row in enumerate(table.rows):
        where = Where(path, field=f"rows[{count}]")
        odds = np.array(row)
        if len(row) != len(noise) or (odds < 0).any() or abs(odds.sum() - 1) > 1e-9:
            raise Refused(
                "the row is no distribution", where=where, expected=f"{len(noise)} probabilities that add to 1"
            )
        if odds[noise < -count].any():
            raise Refused("the row lets a count turn negative", where=where, expected=f"no noise below {-count}")
        mean, spread = float((odds * noise).sum()), float((odds * noise**2).sum())
        if abs(mean) > 1e-6 or abs(spread - (table.variance if count else 0.0)) > 1e-6:
            raise Refused(f"the row has mean {mean:g} and variance {spread:g}", where=where,
                          expected=f"mean 0 and variance {table.variance if count else 0:g}")  # fmt: skip
    return table


@cache
def standard_perturbation() -> Perturbation:
    """The table of `catalogue/disclosure/cell-key.toml`."""
    return read_perturbation(resource("catalogue/disclosure") / "cell-key.toml")


def record_keys(ids: Iterable[str], secret: bytes) -> Keys:
    """A key for each record, by a keyed hash of what names it for good.

    Raises:
        Refused: the secret is shorter than 16 bytes.
    """
    if len(secret) < SHORTEST:
        raise Refused("the secret is too short", expected=f"{SHORTEST} bytes or more")
    digests = (hmac.new(secret, f"record\x1f{id_}".encode(), sha256).digest() for id_ in ids)
    return np.array([int.from_bytes(d[:8], "big") for d in digests], np.uint64)


def counted(records: pl.DataFrame, dimensions: Sequence[str], keys: Keys) -> pl.DataFrame:
    """Records counted over all combinations of dimensions and their totals, each cell with its key.

    Returns:
        The dimensions (`_T` for all), `value`, `cell_key`.
    """
    parts: list[pl.DataFrame] = []
    for kept in product((True, False), repeat=len(dimensions)):
        frame = records.select(
            (pl.col(n).cast(pl.String) if keep else pl.lit(TOTAL)).alias(n)
            for n, keep in zip(dimensions, kept, strict=True)
        )
        if frame.height != records.height:  # literals alone make one row
            frame = pl.concat([frame] * records.height) if records.height else frame.clear()
        cells = frame.with_row_index("at").group_by(dimensions, maintain_order=True).agg(pl.col("at"))
        with np.errstate(over="ignore"):  # keys add up modulo 2^64
            totals = [int(np.add.reduce(keys[np.array(at, np.int64)])) for at in cells["at"].to_list()]
        parts.append(cells.select(
            *dimensions, pl.col("at").list.len().cast(pl.Int64).alias("value"),
            pl.Series(KEY, totals, dtype=pl.UInt64),
        ))  # fmt: skip
    return pl.concat(parts)


def perturbed(cells: pl.DataFrame, table: Perturbation, *, key: str = KEY) -> pl.DataFrame:
    """Counts with the noise their cells' keys look up; a null stays null."""
    known = cells["value"].is_not_null()
    counts = cells["value"].fill_null(0).cast(pl.Int64).to_numpy()
    noisy = counts + table.noise(counts, cells[key].fill_null(0).cast(pl.UInt64).to_numpy())
    return cells.with_columns(pl.when(known).then(pl.Series(noisy)).otherwise(None).cast(pl.Int64).alias("value"))
