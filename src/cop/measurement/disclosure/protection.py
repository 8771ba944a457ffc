"""Protect all tables of a release together, against everything in it and everything published before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from cop.kernel.progress import SILENT, Progress
from cop.measurement.disclosure.assemble import Assembled, Ratio, assemble
from cop.measurement.disclosure.cells import MEASURE, Cells, distinct
from cop.measurement.disclosure.complement import Pattern, complement
from cop.measurement.disclosure.hierarchy import Dimension
from cop.measurement.disclosure.rules import Rules
from cop.measurement.disclosure.space import link
from cop.measurement.disclosure.system import TINY


@dataclass(frozen=True, slots=True)
class Summary:
    """What was withheld from one table.

    `suppressed` counts confidential cells, of which `secondary` are marked D; `unreliable` cells withheld because they
    may not be published, whatever their size. `complementary` is whether the suppressed cells are protected against
    subtraction.
    """

    table: str
    cells: int
    suppressed: int
    unreliable: int
    threshold: int
    secondary: int = 0
    complementary: bool = False


@dataclass(frozen=True)
class Protected:
    """A release that may be published.

    Attributes:
        frame: the cells as given, with `value` null where withheld, `obs_status` and `conf_status`.
        dimensions: as given, with the wholes that turned out to have a rest.
        summaries: one per table, in order of name.
        primary, secondary: distinct cells marked C, and D.
        bound: no safe release withholds less than this beside the primary cells, at the declared cost.
        exact: whether the complements are the fewest possible.
        relaxed: cells of which more can be told whatever is withheld, from the statuses alone or earlier releases.
        fractional: ends of intervals that were shown by tables with fractions alone.
    """

    frame: pl.DataFrame
    dimensions: tuple[Dimension, ...]
    summaries: list[Summary]
    primary: int
    secondary: int
    bound: float
    exact: bool
    relaxed: list[str]
    fractional: int


def protect(
    frame: pl.DataFrame,
    dimensions: Sequence[Dimension],
    rules: Rules,
    *,
    past: Sequence[Cells] = (),
    ratios: Sequence[Ratio] = (),
    plain: bool = True,
    exact: bool | None = None,
    progress: Progress = SILENT,
) -> Protected:
    """Withhold primary cells and the fewest others, so that none is known more exactly than the rules say.

    Args:
        frame: `table`, `measure`, the dimensions (`_T` where a table does not have one), `value`, `counted`, and what
            `primary.mark` adds; `cost` where cells are not equally dear.
        dimensions: how codes add up. Wholes with a rest are found from the values.
        rules: as applied by `primary.mark`.
        past: earlier releases, oldest first.
        ratios: shares that are published with the number they are shares of.
        plain: no rule but the threshold of counts was applied.
        exact: find the fewest complements; by default on small releases.
        progress: told of each round.

    Raises:
        Refused: a cell has two values, or cells do not add up.
    """
    names = [d.name for d in dimensions]
    current = distinct(
        frame, names, release="this release", threshold=rules.counts.threshold, plain=plain,
        zeros=rules.counts.zeros == "withhold",
    )  # fmt: skip
    dimensions = tuple(opened(dimensions, current))
    revisions = rules.protection.revisions == "protect"
    assembled = assemble(dimensions, current, past, revisions=revisions, ratios=ratios)
    pattern = complement(assembled.system, exact=exact, progress=progress)
    shown = _shown(frame, names, current, assembled, pattern)
    system = assembled.system
    return Protected(
        frame=shown, dimensions=dimensions, summaries=summaries(shown, rules.counts.threshold, complementary=True),
        primary=int(current.withheld.sum()), secondary=int(pattern.complements.sum()), bound=pattern.bound,
        exact=pattern.exact, relaxed=[system.describe(int(n)) for n in pattern.relaxed], fractional=pattern.fractional,
    )  # fmt: skip


def opened(dimensions: Sequence[Dimension], cells: Cells) -> list[Dimension]:
    """The dimensions, each with the wholes that hold more than the parts shown."""
    found: list[Dimension] = []
    for place, dimension in enumerate(dimensions):
        if dimension.rest == "none" or not dimension.additive:
            found.append(dimension)
            continue
        there = np.flatnonzero(~(cells.value == 0) | cells.withheld)
        alone = [replace(d, additive=n == place) for n, d in enumerate(dimensions)]
        sums = link(cells.keys[there], [Dimension(MEASURE, additive=False), *alone], cells.covered)
        value = np.concatenate([cells.value[there], np.zeros(len(sums.hidden))])
        lacking = [whole for whole, parts in zip(sums.whole.tolist(), sums.parts, strict=True)
                   if value[whole] - value[parts].sum() > TINY]  # fmt: skip
        codes = cells.keys[there][dimension.name]
        found.append(replace(dimension, open=dimension.open | {codes[whole] for whole in lacking}))
    return found


def _shown(
    frame: pl.DataFrame, names: Sequence[str], current: Cells, assembled: Assembled, pattern: Pattern
) -> pl.DataFrame:
    """The cells with their statuses; a small sum of withheld parts is marked as secondary, see `several_parts`."""
    place = assembled.place
    there = place >= 0
    second = np.zeros(len(current), bool)
    second[there] = pattern.complements[place[there]]
    small = current.counted & (np.nan_to_num(current.value) < current.threshold)
    told = np.zeros(len(current), bool)
    told[there] = assembled.told[place[there]]
    told &= current.withheld & small & current.plain
    status = current.keys.with_columns(
        pl.Series("~q", current.withheld | second), pl.Series("~d", second | told)
    )  # fmt: skip
    marked = frame.join(status, on=[MEASURE, *names], how="left", maintain_order="left")
    return marked.with_columns(
        pl.when("~q").then(None).otherwise(pl.col("value")).alias("value"),
        pl.when("~q").then(pl.lit("Q")).when(pl.col("value").is_null()).then(pl.lit("M")).otherwise(pl.lit("A"))
        .alias("obs_status"),
        pl.when("~d").then(pl.lit("D")).when("~q").then(pl.lit("C")).otherwise(pl.lit("F")).alias("conf_status"),
    ).drop("~q", "~d")  # fmt: skip


def summaries(shown: pl.DataFrame, threshold: int, *, complementary: bool) -> list[Summary]:
    """One summary per table, in order of name."""
    secret, withheld = pl.col("conf_status").is_in(["C", "D"]), pl.col("obs_status") == "Q"
    found = shown.group_by("table").agg(
        pl.len().alias("cells"), secret.sum().alias("suppressed"), (withheld & ~secret).sum().alias("unreliable"),
        (pl.col("conf_status") == "D").sum().alias("secondary"),
    )  # fmt: skip
    return [
        Summary(
            row["table"], row["cells"], row["suppressed"], row["unreliable"], threshold, row["secondary"], complementary
        )
        for row in found.sort("table").iter_rows(named=True)
    ]


def unprotected(found: Sequence[Summary]) -> list[str]:
    """The tables with withheld cells that subtraction could still find."""
    return [s.table for s in found if s.suppressed and not s.complementary]
