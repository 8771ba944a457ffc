"""The confusion-matrix adjustment beside corrected counts, at each level of a table.

One matrix is estimated from all audited records and used in every cell. Codes of a level that people gave to too few
audited records are put together and get no figure of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from cop.measurement.records import confusion
from cop.measurement.records.audit import CODED, TRUTH, WEIGHT
from cop.measurement.records.confusion import Confusion
from cop.measurement.records.counts import Level, Scheme

Limits = tuple[float | None, float | None, float | None]
NONE: Limits = (None, None, None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One level: the class that each code falls on, the codes of the classes ("" for the rest), the matrix."""

    place: Mapping[str, int]
    names: tuple[str, ...]
    matrix: Confusion

    def figures(self, parts: pl.DataFrame, level: float, *, whole: bool) -> dict[str, Limits]:
        """Adjusted counts and limits of a cell, by code of this level.

        Args:
            parts: the cell's records, with `code` and `n`.
            level: of the interval.
            whole: whether they are all records that the audit was drawn from.
        """
        counts = np.zeros(len(self.names))
        for code, number in parts.group_by(CODED).agg(pl.col("n").sum()).iter_rows():
            counts[self.place[code]] += number
        matrix = self.matrix if whole else Confusion(self.matrix.share, self.matrix.known, 1.0)
        estimate, _, low, high = confusion.adjust(counts, matrix, level=level)
        if np.isnan(estimate).any():
            return {}
        return {
            name: (float(estimate[n]), float(low[n]), float(high[n])) for n, name in enumerate(self.names) if name
        }  # fmt: skip


def compare(audited: pl.DataFrame, codes: tuple[str, ...], level: Level, scheme: Scheme, records: float) -> Comparison:
    """The matrix of a level.

    Args:
        audited: audited records with `code`, `_truth` and `_weight`.
        codes: in use.
        level: of the classes; leaves are codes as they were given.
        scheme: what lies above the codes.
        records: how many the audit was drawn from.
    """
    upper = {code: (code if level == "leaf" else scheme.at(code, level)) or "" for code in codes}
    seen = audited.group_by(pl.col(TRUTH).replace_strict(upper, return_dtype=pl.String)).len()
    known = {name for name, number in seen.iter_rows() if name and number >= confusion.LEAST_OF_CLASS}
    names = (*sorted(known), *([""] if set(upper.values()) - known else []))
    at = {name: n for n, name in enumerate(names)}
    place = {code: at[name if name in known else ""] for code, name in upper.items()}
    coded = np.array([place[code] for code in audited[CODED]], np.int64)
    truth = np.array([place[code] for code in audited[TRUTH]], np.int64)
    weight = audited[WEIGHT].to_numpy().astype(np.float64)
    unseen = max(0.0, 1 - audited.height / records)
    return Comparison(place, names, confusion.matrix(coded, truth, weight, len(names), unseen=unseen))
