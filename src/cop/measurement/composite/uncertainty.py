"""How much a rank depends on the choices: Monte-Carlo runs over the alternatives, and variance-based indices.

Source: Saisana, Saltelli and Tarantola, Uncertainty and sensitivity analysis techniques as tools for the quality
assessment of composite indicators, JRSS A 168(2), 2005. Each choice is a factor drawn from [0, 1); runs follow a
scrambled Sobol sequence; first-order and total indices are Saltelli and others' (2010), by `scipy.stats.sobol_indices`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeVar

import numpy as np
from scipy import stats

from cop.kernel.errors import Refused, Where
from cop.kernel.progress import SILENT, Progress
from cop.measurement.composite import steps
from cop.measurement.composite.description import Imputation, Index, Mean, Outliers, Scale, Weighting
from cop.measurement.composite.tree import Tree, aggregate
from cop.measurement.composite.values import Floats, Values

Factor = Literal["imputation", "treatment", "normalisation", "weighting", "aggregation", "weights", "left out"]
T = TypeVar("T")

_CHUNK = 256
_RESAMPLES = 200


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from, the choice described first; `left_out` counts indicators that may be missing."""

    imputation: tuple[Imputation, ...]
    treatment: tuple[Outliers, ...]
    normalisation: tuple[Scale, ...]
    weighting: tuple[Weighting, ...]
    aggregation: tuple[Mean | None, ...]
    left_out: int
    weights: float

    @property
    def factors(self) -> tuple[Factor, ...]:
        """Those that vary."""
        named: tuple[tuple[Factor, int], ...] = (
            ("imputation", len(self.imputation)), ("treatment", len(self.treatment)),
            ("normalisation", len(self.normalisation)), ("weighting", len(self.weighting)),
            ("aggregation", len(self.aggregation)), ("weights", 2 if self.weights else 1),
            ("left out", self.left_out + 1),
        )  # fmt: skip
        return tuple(name for name, size in named if size > 1)


@dataclass(frozen=True, slots=True)
class Decided:
    """How much of a variance each factor decides: first-order and total index, by factor; None where nothing varies."""

    first: dict[Factor, float] | None
    total: dict[Factor, float] | None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What the runs say.

    Attributes:
        runs: how many ranks each interval is made of.
        level: of the intervals.
        low, median, high: (n_code, n_unit) ranks, in the order of `Tree.codes`; indicators keep NaN.
        by_unit: for the rank of each unit in the index, what decides it.
        shift: mean over runs of the average number of places a unit moves from the rank described.
        decided: for that average, what decides it.
        margin: factor -> half width of the 95 % bootstrap interval of its first-order and total index for `shift`.
    """

    runs: int
    level: float
    factors: tuple[Factor, ...]
    low: Floats
    median: Floats
    high: Floats
    by_unit: tuple[Decided, ...]
    shift: float
    decided: Decided
    margin: dict[Factor, tuple[float, float]]


def ranks_of(scores: Floats) -> Floats:
    """Ranks along the last axis, 1 for the highest score; ties share the better rank, NaN has none."""
    last = np.where(np.isnan(scores), np.inf, -scores)
    return np.where(np.isnan(scores), np.nan, stats.rankdata(last, method="min", axis=-1))


def choices(index: Index, *, gaps: bool) -> Choices:
    """The alternatives of an index. Without `gaps` there is nothing to fill in, so its way does not vary."""
    asked = index.uncertainty
    fills = (index.missing.method, *asked.imputations) if gaps else (index.missing.method,)
    own = any(node.aggregation not in {None, index.aggregation.method} for node in index.node)
    means: tuple[Mean, ...] = tuple(mean for mean in asked.aggregations if own or mean != index.aggregation.method)
    return Choices(
        imputation=_once(fills),
        treatment=_once((index.treatment.method, *asked.treatments)),
        normalisation=_once((index.normalisation.method, *asked.normalisations)),
        weighting=_once((index.weighting, *asked.weightings)),
        aggregation=(None, *_once(means)),
        left_out=len(index.indicator) if asked.leave_one_out else 0,
        weights=asked.weights,
    )


def _once(items: Sequence[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))


def sensitivity(tree: Tree, values: Values, described: Floats, *, progress: Progress = SILENT) -> Sensitivity:
    """Run the index over its alternatives.

    Args:
        tree: the index's.
        values: of its units.
        described: (n_unit,) ranks in the index as described, from which shifts are counted.
        progress: told of runs: `sample` times two more than there are factors.

    Raises:
        Refused: nothing varies, or an alternative cannot be computed from these values.
    """
    index = tree.index
    known = choices(index, gaps=bool(np.isnan(steps.denominate(index, values)).any()))
    if not known.factors:
        raise Refused(
            "no choice has an alternative, so no rank has an interval", where=Where(index.path, field="uncertainty"),
            expected="weights above 0, leave_one_out, or an alternative that differs from the choice described",
        )  # fmt: skip
    n, d = index.uncertainty.sample, len(known.factors)
    evaluate = _evaluator(tree, values, known, progress)
    progress.total(n * (d + 2))
    points = stats.qmc.Sobol(2 * d, rng=np.random.default_rng(index.uncertainty.seed)).random(n)
    a, b = points[:, :d], points[:, d:]
    ranks = np.concatenate([evaluate(a), evaluate(b)], axis=1)
    mixed = [evaluate(np.where(np.arange(d) == j, b, a))[-1:] for j in range(d)]
    tail = (1 - index.uncertainty.level) / 2
    # a rank is a whole number: an interval from rank to rank, never between two
    low, median, high = _quantiles(ranks, (tail, 0.5, 1 - tail))
    by_unit, shift, decided, margin = _indices(ranks[-1], [one[0] for one in mixed], described, known.factors, n)
    missing = np.full((len(tree.leaves), len(values.units)), np.nan)
    return Sensitivity(
        runs=2 * n, level=index.uncertainty.level, factors=known.factors,
        low=np.vstack([missing, low]), median=np.vstack([missing, median]), high=np.vstack([missing, high]),
        by_unit=by_unit, shift=shift, decided=decided, margin=margin,
    )  # fmt: skip


def _quantiles(ranks: Floats, at: Sequence[float]) -> Floats:
    """Quantiles over runs; NaN where a unit never has a rank."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice encountered", RuntimeWarning)
        return np.asarray(np.nanquantile(ranks, at, axis=1, method="inverted_cdf"))


def _evaluator(tree: Tree, values: Values, known: Choices, progress: Progress) -> Callable[[Floats], Floats]:
    """A function from points (n, n_factor) to the ranks of every node, (n_node, n, n_unit)."""
    index = tree.index
    denominated = steps.denominate(index, values)
    draws = _perturbed(tree, known, index.uncertainty.sample, index.uncertainty.seed)

    @cache
    def scaled(fill: Imputation, outliers: Outliers, scale: Scale) -> Floats:
        x = steps.impute(denominated, fill, values.groups, index)
        x = steps.treat(x, outliers, index.treatment, index.indicator)
        return steps.normalise(x, index.normalisation.model_copy(update={"method": scale}), index)

    def evaluate(points: Floats) -> Floats:
        sizes = {"imputation": len(known.imputation), "treatment": len(known.treatment),
                 "normalisation": len(known.normalisation), "weighting": len(known.weighting),
                 "aggregation": len(known.aggregation), "weights": draws.shape[1],
                 "left out": known.left_out + 1}  # fmt: skip
        chosen = {name: np.zeros(len(points), dtype=np.int64) for name in sizes}
        for place, name in enumerate(known.factors):
            chosen[name] = np.minimum((points[:, place] * sizes[name]).astype(np.int64), sizes[name] - 1)
        out = np.empty((len(tree.nodes), len(points), len(values.units)))
        schemes = np.stack([tree.weights(scheme) for scheme in known.weighting])
        keys = np.stack([chosen[k] for k in ("imputation", "treatment", "normalisation", "aggregation")], axis=1)
        for key in np.unique(keys, axis=0):
            runs = np.flatnonzero((keys == key).all(axis=1))
            leaves = scaled(known.imputation[key[0]], known.treatment[key[1]], known.normalisation[key[2]])
            for start in range(0, len(runs), _CHUNK):
                part = runs[start : start + _CHUNK]
                weights = schemes[chosen["weighting"][part]].T * draws[:, chosen["weights"][part]]
                out_of = chosen["left out"][part]
                gone = np.flatnonzero(out_of)
                weights[out_of[gone] - 1, gone] = 0.0
                scores = aggregate(tree, leaves, weights, known.aggregation[key[3]])
                out[:, part] = ranks_of(scores[len(tree.leaves) :])
                progress.advance(len(part))
        return out

    return evaluate


def _perturbed(tree: Tree, known: Choices, sample: int, seed: int) -> Floats:
    """(n_code, n_draw) factors of the weights, each within the share allowed; one column of ones where none is."""
    if not known.weights:
        return np.ones((len(tree.codes), 1))
    rng = np.random.default_rng([seed, 1])
    return rng.uniform(1 - known.weights, 1 + known.weights, size=(len(tree.codes), sample))


def _indices(
    ranks: Floats, mixed: Sequence[Floats], described: Floats, factors: tuple[Factor, ...], n: int
) -> tuple[tuple[Decided, ...], float, Decided, dict[Factor, tuple[float, float]]]:
    """Indices of each unit's rank and of the average shift; arrays are (2n, n_unit) and (n, n_unit)."""
    shifts = np.nanmean(np.abs(ranks - described), axis=1)
    moved = [np.nanmean(np.abs(one - described), axis=1) for one in mixed]
    f_ab = np.stack([np.vstack([one.T, shift]) for one, shift in zip(mixed, moved, strict=True)])
    outputs = np.vstack([ranks.T, shifts])
    first, total = _sobol(outputs[:, :n], outputs[:, n:], f_ab)
    varies = np.ptp(outputs, axis=1) > 0
    decided = tuple(
        Decided(_named(factors, first[s]), _named(factors, total[s]))
        if varies[s] else Decided(None, None)
        for s in range(len(outputs))
    )  # fmt: skip
    margin = _margin(outputs[-1], f_ab[:, -1], factors) if varies[-1] else {}
    return decided[:-1], float(shifts.mean()), decided[-1], margin


def _margin(output: Floats, f_ab: Floats, factors: tuple[Factor, ...]) -> dict[Factor, tuple[float, float]]:
    """Half widths of 95 % percentile bootstrap intervals; the resamples are the same on every run."""
    n = len(output) // 2
    # twice, because SciPy stumbles over a single output of a single factor
    output, f_ab = np.stack([output, output]), np.stack([f_ab, f_ab], axis=1)
    rng = np.random.default_rng(0)
    resampled: list[tuple[Floats, Floats]] = []
    for _ in range(_RESAMPLES):
        at = rng.integers(n, size=n)
        resampled.append(_sobol(output[:, at], output[:, n + at], f_ab[:, :, at]))
    widths = np.ptp(np.quantile(np.array(resampled), [0.025, 0.975], axis=0), axis=0) / 2
    return {name: (float(widths[0, 0, j]), float(widths[1, 0, j])) for j, name in enumerate(factors)}


def _sobol(f_a: Floats, f_b: Floats, f_ab: Floats) -> tuple[Floats, Floats]:
    """First-order and total indices, (n_output, n_factor) each."""
    found = stats.sobol_indices(func={"f_A": f_a, "f_B": f_b, "f_AB": f_ab}, n=f_a.shape[1])
    shape = (len(f_a), len(f_ab))
    return np.reshape(found.first_order, shape), np.reshape(found.total_order, shape)


def _named(factors: tuple[Factor, ...], values: Floats) -> dict[Factor, float]:
    return {name: float(value) for name, value in zip(factors, np.ravel(values), strict=True)}
