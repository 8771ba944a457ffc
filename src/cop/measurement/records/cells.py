"""From grouped records and audited ones to the counts of one cell of a table, in one version of the classification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from cop.measurement.records import backcast, corrected
from cop.measurement.records.audit import CODED, PROBABILITY, STRATUM, TRUTH, WEIGHT
from cop.measurement.records.backcast import Carried, Correspondence
from cop.measurement.records.corrected import Corrected, Sample
from cop.measurement.records.counts import CountTable, Scheme
from cop.measurement.records.score import Floats

MOST_BLIND = 0.05
"""The share of a cell in strata without an audited record, above which the cell is not corrected."""


@dataclass(frozen=True, slots=True)
class Version:
    """The codes of one version of the classification, and what belongs to all cells of it.

    Attributes:
        codes: those in use, by the coder or by people, in order.
        power: lambda, tuned on all audited records of the version.
        others: (n_code, n_code) where the coder's remaining probability is put: on the other codes as the coder uses
            them; None without probabilities.
        table: carries the counts to the present version; None for the present one.
    """

    codes: tuple[str, ...]
    power: float = 0.0
    others: Floats | None = None
    table: Correspondence | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """The counts of one cell by the codes of the present version.

    `raw` is what the coder said, `raw_covariance` the error of carrying it (zeros where nothing was carried).
    `estimate` is None where nothing could be corrected, and `reason` says why.
    """

    raw: Floats
    raw_covariance: Floats
    estimate: Corrected | Carried | None
    audited: int
    reason: str


def version(parts: pl.DataFrame, audited: pl.DataFrame, table: Correspondence | None = None) -> Version:
    """The version that these records are of.

    Args:
        parts: grouped records with `_stratum`, `code`, `n` and, where the coder said how sure it was, `p`, the sum of
            its probabilities.
        audited: audited records, as `audit.joined` and `audit.weighed` return them.
        table: to the present version.
    """
    codes = tuple(sorted({*parts[CODED].unique(), *audited[TRUTH].unique()}))
    if "p" not in parts.columns or audited.is_empty():
        return Version(codes, table=table)
    used = _by_code(codes, parts, "n")
    others = np.tile(used, (len(codes), 1))
    np.fill_diagonal(others, 0.0)
    sums = others.sum(axis=1, keepdims=True)
    plain = Version(codes, 0.0, np.divide(others, sums, out=np.zeros_like(others), where=sums > 0), table)
    return Version(codes, corrected.tuned(sample(plain, parts, audited)), plain.others, table)


def sample(version: Version, parts: pl.DataFrame, audited: pl.DataFrame) -> Sample:
    """The records of a cell as the estimator takes them; there are audited ones among them."""
    keys = [STRATUM, CODED]
    figures = [pl.col("n").sum(), *([pl.col("p").sum()] if version.others is not None else [])]
    finest = parts.group_by(keys, maintain_order=True).agg(figures).sort(keys).with_row_index("_part")
    drawn = audited.join(finest.select(*keys, "_part"), on=keys, how="left", maintain_order="left")
    part = drawn["_part"].to_numpy().astype(np.int64)
    stratum = np.unique(finest[STRATUM].to_numpy(), return_inverse=True)[1].astype(np.int64)
    group = corrected.grouped(stratum, np.bincount(part, minlength=finest.height))
    number = finest["n"].to_numpy().astype(np.float64)
    size = np.bincount(group, weights=number).astype(np.float64)
    place = {code: n for n, code in enumerate(version.codes)}
    truth = np.array([place[code] for code in audited[TRUTH]], np.int64)
    weight = audited[WEIGHT].to_numpy().astype(np.float64)
    if version.others is None:
        return Sample(size, group[part], truth, weight, len(place))
    coded = np.array([place[code] for code in finest[CODED]], np.int64)
    sure = finest["p"].to_numpy()
    mean = np.zeros((len(size), len(place)))
    np.add.at(mean, group, _spread(sure, number, coded, version.others) / size[group][:, None])
    probability = audited[PROBABILITY].to_numpy().astype(np.float64)
    predicted = _spread(probability, np.ones(len(probability)), coded[part], version.others)
    return Sample(size, group[part], truth, weight, len(place), predicted, mean)


def _spread(sure: Floats, number: Floats, coded: corrected.Ints, others: Floats) -> Floats:
    """Probabilities of every code, summed over `number` records of one code that are `sure` of it in sum."""
    predicted = (number - sure)[:, None] * others[coded]
    predicted[np.arange(len(coded)), coded] += sure
    return predicted


def cell(
    versions: Sequence[Version], parts: Sequence[pl.DataFrame], audited: Sequence[pl.DataFrame],
    codes: Sequence[str], *, least: int,
) -> Cell:  # fmt: skip
    """Count one cell.

    Args:
        versions: of the classification, the present one first.
        parts: the records of the cell, by version.
        audited: the audited records of the cell, by version.
        codes: of the present version.
        least: audited records of a version below which its counts are not corrected.
    """
    raw, covariance = np.zeros(len(codes)), np.zeros((len(codes), len(codes)))
    found: list[Corrected | Carried] = []
    reasons: list[str] = []
    for one, records, judged in zip(versions, parts, audited, strict=True):
        if records.is_empty():
            continue
        counts = _by_code(one.codes, records, "n")
        uncertain = np.zeros((len(one.codes), len(one.codes)))
        came = _carried(one, counts, uncertain)
        raw, covariance = _added(codes, raw, covariance, came)
        if judged.height < least:
            reasons.append(f"{judged.height} audited records, fewer than {least}")
            continue
        if (blind := _blind(records, judged)) > MOST_BLIND:
            reasons.append(f"{blind:.0%} of the records are of strata without an audited record here")
            continue
        estimate = corrected.correct(sample(one, records, judged), power=one.power)
        found.append(estimate if one.table is None else _carried(one, estimate.total, estimate.covariance))
    number = sum(judged.height for judged in audited)
    if reasons:
        return Cell(raw, covariance, None, number, "; ".join(reasons))
    if len(found) == 1 and isinstance(found[0], Corrected):
        return Cell(raw, covariance, _embedded(found[0], versions[0].codes, codes), number, "")
    total, spread = np.zeros(len(codes)), np.zeros((len(codes), len(codes)))
    for estimate in found:
        if isinstance(estimate, Corrected):
            estimate = Carried(versions[0].codes, estimate.total, estimate.covariance)  # noqa: PLW2901
        total, spread = _added(codes, total, spread, estimate)
    return Cell(raw, covariance, Carried(tuple(codes), total, spread), number, "")


def _blind(records: pl.DataFrame, judged: pl.DataFrame) -> float:
    """The share of the cell's records in strata of which no record of the cell was audited."""
    unseen = records.filter(~pl.col(STRATUM).is_in(judged[STRATUM].unique().to_list()))
    return float(unseen["n"].sum()) / float(records["n"].sum())


def _carried(version: Version, total: Floats, covariance: Floats) -> Carried:
    if version.table is None:
        return Carried(version.codes, total, covariance)
    return backcast.carry(version.codes, total, covariance, version.table)


def _added(codes: Sequence[str], total: Floats, covariance: Floats, more: Carried) -> tuple[Floats, Floats]:
    ways = _ways(codes, more.codes)
    return total + ways @ more.total, covariance + ways @ more.covariance @ ways.T


def _embedded(estimate: Corrected, own: Sequence[str], codes: Sequence[str]) -> Corrected:
    return estimate if tuple(own) == tuple(codes) else estimate.among(_ways(codes, own))


def _ways(codes: Sequence[str], own: Sequence[str]) -> Floats:
    place = {code: n for n, code in enumerate(codes)}
    ways = np.zeros((len(codes), len(own)))
    for column, code in enumerate(own):
        ways[place[code], column] = 1.0
    return ways


def _by_code(codes: Sequence[str], parts: pl.DataFrame, column: str) -> Floats:
    sums = dict(parts.group_by(CODED).agg(pl.col(column).sum()).iter_rows())
    return np.array([float(sums.get(code, 0)) for code in codes])


def unions(codes: Sequence[str], table: CountTable, scheme: Scheme) -> tuple[tuple[str, ...], Floats]:
    """The codes that a table shows, and which codes each holds.

    Args:
        codes: (n,) in use.
        table: whose levels are shown.
        scheme: what lies above them.

    Returns:
        (n_shown,) codes, and (n_shown, n) members.
    """
    if "code" not in table.dimensions:
        return ("_T",), np.ones((1, len(codes)))
    shown: dict[str, Floats] = {}
    for level in table.levels:
        for place, code in enumerate(codes):
            if level == "leaf":
                uppers = [upper for upper in (*scheme.parents[code], code) if upper in codes]
            else:
                upper = scheme.at(code, level)
                uppers = [] if upper is None else [upper]
            for upper in uppers:
                # a code that is leaf and class at once is one cell
                shown.setdefault(upper, np.zeros(len(codes)))[place] = 1.0
    names = tuple(sorted(shown))
    return names, np.array([shown[name] for name in names]).reshape(len(names), len(codes))
