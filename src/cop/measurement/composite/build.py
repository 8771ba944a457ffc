"""An index from its description: every step kept, scores and ranks of every node, and how sure each rank is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cop.kernel.progress import SILENT, Progress
from cop.measurement.composite import steps
from cop.measurement.composite.description import Index
from cop.measurement.composite.tree import Tree, aggregate
from cop.measurement.composite.uncertainty import Sensitivity, ranks_of, sensitivity
from cop.measurement.composite.values import Floats, Values, read_values


@dataclass(frozen=True, slots=True)
class Steps:
    """The indicators after each step, (n_indicator, n_unit) each."""

    raw: Floats
    denominated: Floats
    imputed: Floats
    treated: Floats
    normalised: Floats


@dataclass(frozen=True, slots=True)
class Composite:
    """An index as it comes out.

    Attributes:
        values: of the units that are in it.
        excluded: units left out for want of indicators.
        scores: (n_code, n_unit) in the order of `tree.codes`; indicators have their normalised value.
        ranks: (n_code, n_unit), 1 the best, ties share the better rank; NaN where there is no score.
        shares: (n_code,) effective weight in the index.
        sensitivity: of the ranks to the choices made.
    """

    index: Index
    tree: Tree
    values: Values
    excluded: tuple[str, ...]
    steps: Steps
    scores: Floats
    ranks: Floats
    shares: Floats
    sensitivity: Sensitivity


def build(index: Index, *, progress: Progress = SILENT) -> Composite:
    """Make an index.

    Args:
        index: the description, as `description.read` returns it.
        progress: told of runs of the sensitivity analysis.

    Raises:
        NotFound: its file is not there. Refused: the values do not fit the description.
    """
    everything = read_values(index)
    kept = steps.screened(index, everything, steps.denominate(index, everything))
    values = everything.only(kept)
    done = run(index, values)
    tree = Tree(index)
    weights = tree.weights(index.weighting)
    scores = aggregate(tree, done.normalised, weights[:, None])[:, 0]
    ranks = ranks_of(scores)
    return Composite(
        index=index,
        tree=tree,
        values=values,
        excluded=tuple(unit for unit, stays in zip(everything.units, kept, strict=True) if not stays),
        steps=done,
        scores=scores,
        ranks=ranks,
        shares=tree.effective(weights),
        sensitivity=sensitivity(tree, values, ranks[-1], progress=progress),
    )


def run(index: Index, values: Values) -> Steps:
    """The steps as described."""
    denominated = steps.denominate(index, values)
    imputed = steps.impute(denominated, index.missing.method, values.groups, index)
    treated = steps.treat(imputed, index.treatment.method, index.treatment, index.indicator)
    normalised = steps.normalise(treated, index.normalisation, index)
    return Steps(np.array(values.raw), denominated, imputed, treated, normalised)
