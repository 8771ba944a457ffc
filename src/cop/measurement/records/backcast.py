"""Counts carried to another version of the classification by a correspondence table, with what that adds to the error.

A code that became several has allocation weights w, estimated on n records coded in both versions. Of a count N the
part M_j is Dirichlet-multinomial with parameters n w, so that it holds the sampling of the weights and the chance with
which N records fall on the parts; where N is itself an estimate with mean m and variance v,

    E M_j = m w_j,   Cov(M_i, M_j) = w_i w_j v + (w_i [i=j] - w_i w_j) (v + m^2 + n m) / (n + 1).

A table without n takes the weights as certain: the last factor is then m. Weights of different codes are independent.
Totals are kept exactly, and parts that fall together again have no error left.

Sources: Mosimann, Biometrika 49 (1962), on the compound multinomial; UN Statistics Division, guidelines on
classifications (conversion coefficients); Eurostat, Handbook on back-casting (2013), on conversion at micro and macro
level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import special, stats

from cop.kernel.errors import Refused, Where
from cop.measurement.records.score import Floats

TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Allocation:
    """Where the records of one code go: shares that sum to 1, and the records they were estimated on.

    `sample` is None where the shares are certain, as for a code that only changed its name.
    """

    shares: Mapping[str, float]
    sample: float | None = None


@dataclass(frozen=True, slots=True)
class Correspondence:
    """From the codes of one version to those of another."""

    of: Mapping[str, Allocation]

    @property
    def targets(self) -> tuple[str, ...]:
        """The codes of the other version, in order."""
        return tuple(sorted({code for allocation in self.of.values() for code in allocation.shares}))


@dataclass(frozen=True, slots=True)
class Carried:
    """Counts in the other version: `total` (n_code,) by `codes`, with their covariance (n_code, n_code)."""

    codes: tuple[str, ...]
    total: Floats
    covariance: Floats

    def sums(self, members: Floats, level: float = 0.95) -> tuple[Floats, Floats, Floats, Floats]:
        """Counts of unions of codes: estimate, standard error, lower and upper limit, as `Corrected.sums`."""
        total = members @ self.total
        se = np.sqrt(np.maximum(np.einsum("rk,kl,rl->r", members, self.covariance, members), 0.0))
        low, high = logit(total, se, float(self.total.sum()), level)
        return total, se, low, high


def read(table: pl.DataFrame, *, name: str = "correspondence") -> Correspondence:
    """A correspondence from a table: a row a pair, with `old`, `new`, `weight` and `sample`.

    `weight` may be left out, or empty, for a code that became one; `sample` may be left out or empty.

    Raises:
        Refused: a column or a weight is missing, a weight is not a share, the weights of a code do not sum to 1, a
            pair is there twice, or the samples of one code differ. Names the row.
    """
    for column in ("old", "new"):
        if column not in table.columns:
            raise Refused.value(column, "is missing", file=name, expected="columns old, new, weight and sample")
    parts: dict[str, dict[str, float | None]] = {}
    samples: dict[str, float | None] = {}
    for number, row in enumerate(table.iter_rows(named=True), start=1):
        old, new = str(row["old"] or ""), str(row["new"] or "")
        if not old or not new:
            raise Refused("a code is missing", where=Where(name, number, "old" if not old else "new"), expected="both")
        if new in parts.setdefault(old, {}):
            raise Refused.value(f"{old} {new}", "is there twice", file=name, row=number, expected="each pair once")
        parts[old][new] = _number(row.get("weight"), "weight", name, number, most=1.0)
        sample = _number(row.get("sample"), "sample", name, number)
        if samples.setdefault(old, sample) != sample:
            raise Refused.value(
                row["sample"], f"is another sample than {old} has above", file=name, row=number, field="sample",
                expected="the same in every row of a code",
            )  # fmt: skip
    return Correspondence({old: _allocation(old, new, samples[old], name) for old, new in parts.items()})


def _number(value: object, field: str, name: str, row: int, most: float = np.inf) -> float | None:
    if value is None or value == "":
        return None
    try:
        number = float(str(value))
    except ValueError:
        number = np.nan
    if not 0 < number <= most or number == np.inf:
        raise Refused.value(
            value, f"is no {field}", file=name, row=row, field=field,
            expected="above 0" if most == np.inf else "above 0 and at most 1",
        )  # fmt: skip
    return number


def _allocation(old: str, parts: Mapping[str, float | None], sample: float | None, name: str) -> Allocation:
    shares = {new: weight for new, weight in parts.items() if weight is not None}
    if len(parts) == 1 and not shares:
        shares = dict.fromkeys(parts, 1.0)
    if len(shares) < len(parts):
        raise Refused.value(
            old, "became several codes and not all have a weight", file=name, field="weight",
            expected="weights estimated on records coded in both versions; a count is not split by guess",
        )  # fmt: skip
    total = sum(shares.values())
    if abs(total - 1) > TOLERANCE:
        raise Refused.value(old, f"has weights that sum to {total:g}", file=name, field="weight", expected="1")
    return Allocation({new: share / total for new, share in shares.items()}, sample)


def carry(codes: Sequence[str], total: Floats, covariance: Floats, table: Correspondence) -> Carried:
    """Carry counts to the other version.

    Args:
        codes: of the counts, of the version the table begins at.
        total: (n,) counts, corrected or not.
        covariance: (n, n) of their errors; zeros for counts that are certain.
        table: the correspondence.

    Raises:
        Refused: a code with a count is not in the table.
    """
    for code, count in zip(codes, total, strict=True):
        if code not in table.of and count != 0:
            raise Refused.value(code, "has no entry in the correspondence", field="old", expected="every code in use")
    targets = table.targets
    place = {code: n for n, code in enumerate(targets)}
    ways = np.zeros((len(targets), len(codes)))
    for column, code in enumerate(codes):
        for new, share in table.of[code].shares.items() if code in table.of else ():
            ways[place[new], column] = share
    found = ways @ covariance @ ways.T
    for column, code in enumerate(codes):
        allocation = table.of.get(code)
        if allocation is None or len(allocation.shares) == 1:
            continue
        mean, variance, n = max(float(total[column]), 0.0), float(covariance[column, column]), allocation.sample
        factor = mean if n is None else (variance + mean**2 + n * mean) / (n + 1)
        share = ways[:, column]
        found += factor * (np.diag(share) - np.outer(share, share))
    return Carried(targets, ways @ total, found)


def logit(total: Floats, se: Floats, whole: float, level: float) -> tuple[Floats, Floats]:
    """Limits on the log-odds scale of a count out of `whole`; the count itself where it has no error.

    At 0 and at the whole the scale ends: the limits there are the plain ones, cut to the range.
    """
    z = float(stats.norm.ppf(0.5 + level / 2))
    share = total / whole if whole > 0 else np.zeros_like(total)
    inside = (share > 0) & (share < 1)
    safe = np.where(inside, share, 0.5)
    half = z * (se / whole if whole > 0 else se) / (safe * (1 - safe))
    low = np.where(inside, special.expit(special.logit(safe) - half) * whole, np.clip(total - z * se, 0, None))
    high = np.where(inside, special.expit(special.logit(safe) + half) * whole, np.clip(total + z * se, None, whole))
    return low, high
