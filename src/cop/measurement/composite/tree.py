"""The tree of an index: weights by scheme, and scores from the leaves up to the index."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cop.measurement.composite.description import Index, Mean, Measured, Node, Weighting
from cop.measurement.composite.values import Floats


@dataclass(frozen=True)
class Tree:
    """Codes in order: indicators as described, then nodes, children before parents; the index comes last."""

    index: Index

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        return tuple(one.code for one in self.index.indicator)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Children before parents."""
        return tuple(sorted(self.index.node, key=lambda node: -self.depth(node.code)))

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return (*self.leaves, *(node.code for node in self.nodes))

    @cached_property
    def at(self) -> dict[str, int]:
        """The place of each code in `codes`."""
        return {code: place for place, code in enumerate(self.codes)}

    @cached_property
    def parts(self) -> dict[str, Measured | Node]:
        return {one.code: one for one in (*self.index.indicator, *self.index.node)}

    def depth(self, code: str) -> int:
        """Steps below the index, which has 0."""
        steps = 0
        parent = self.parts[code].parent
        while parent is not None:
            steps, parent = steps + 1, self.parts[parent].parent
        return steps

    def children(self, code: str) -> list[str]:
        return [one for one in self.codes if self.parts[one].parent == code]

    def under(self, code: str) -> list[str]:
        """The indicators below a code; an indicator's own."""
        if code in self.leaves:
            return [code]
        return [leaf for child in self.children(code) for leaf in self.under(child)]

    def weights(self, scheme: Weighting) -> Floats:
        """(n_code,) the weight of each in its parent, not yet scaled; the index has 1.

        `given` takes them as described, `hierarchical` gives each child of a node the same, `equal` each indicator the
        same in the index, so that a node weighs as many as hang below it.
        """
        if scheme == "given":
            return np.array([self.parts[code].weight for code in self.codes])
        if scheme == "hierarchical":
            return np.ones(len(self.codes))
        return np.array([float(len(self.under(code))) for code in self.codes])

    def effective(self, weights: Floats) -> Floats:
        """(n_code,) what each counts in the index, 1 in all on every level where nothing is missing."""
        shares = np.ones(len(self.codes))
        for node in reversed(self.nodes):
            below = [self.at[child] for child in self.children(node.code)]
            shares[below] = shares[self.at[node.code]] * weights[below] / weights[below].sum()
        return shares


def aggregate(tree: Tree, leaves: Floats, weights: Floats, method: Mean | None = None) -> Floats:
    """Scores of every code.

    Args:
        tree: the index's.
        leaves: (n_indicator, n_unit) normalised values.
        weights: (n_code, n_run); a weight of 0 leaves the code out.
        method: for all nodes; as described where it is None.

    Returns:
        (n_code, n_run, n_unit). What is missing counts for nothing and the other weights are rescaled; a node without
        any value is NaN.
    """
    floor = tree.index.aggregation.floor or np.nan
    runs = weights.shape[1]
    scores = np.empty((len(tree.codes), runs, leaves.shape[1]))
    scores[: len(leaves)] = leaves[:, None, :]
    for node in tree.nodes:
        geometric = (method or node.aggregation or tree.index.aggregation.method) == "geometric"
        total = np.zeros(scores.shape[1:])
        weight = np.zeros(scores.shape[1:])
        for child in tree.children(node.code):
            x = scores[tree.at[child]]
            there = ~np.isnan(x)
            w = np.where(there, weights[tree.at[child]][:, None], 0.0)
            if geometric:
                x = np.log(np.maximum(x, floor))
            total += w * np.where(there, x, 0.0)
            weight += w
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = total / weight
        scores[tree.at[node.code]] = np.exp(mean) if geometric else mean
    return scores
