"""A survey's sufficient statistics: from them any figure, its variance and its covariance with any other.

A figure is a smooth function of totals. Its linear form, the gradient times the totals' contributions by leaf, gives
its Taylor variance; its value in each replicate gives the other. So two figures that know their forms can be compared,
whatever their domains and indicators are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from cop.kernel.errors import Refused, Where
from cop.measurement.survey.calibration import Margins, Regression, factors, regression
from cop.measurement.survey.cells import Cells
from cop.measurement.survey.description import Survey
from cop.measurement.survey.frame import Frame
from cop.measurement.survey.linear import Figure, Term
from cop.measurement.survey.sums import SIZE, SQUARE, Floats, Ints, summed
from cop.measurement.survey.variance import dropped, jackknife_factors, replicated, taylor

RAW = frozenset({"n", "in", "rows", "live"})
"""Sums of rows, which no weight changes."""


@dataclass(frozen=True)
class Cube:
    """The sums of a survey by leaf, calibration group and domain cell.

    Attributes:
        survey: its description.
        frame: its design.
        parts: the cells of each breakdown; the first is everybody.
        margins: the calibration, or None.
        ratios: for each indicator, whether it is y over x.
        columns: the names of the sums that were scanned.
        same: name of a sum -> name of the sum that it equals.
        kept: read from a file, without the microdata.
    """

    survey: Survey
    frame: Frame
    parts: tuple[Cells, ...]
    margins: Margins | None
    ratios: tuple[bool, ...]
    columns: tuple[str, ...] = ()
    same: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    kept: bool = False
    _made: dict[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)

    # --- what is where

    def part(self, names: Iterable[str]) -> int | None:
        """The number of the breakdown by these domains, in whatever order; None where it was not kept."""
        wanted = frozenset(names)
        return next((number for number, cells in enumerate(self.parts) if frozenset(cells.names) == wanted), None)

    def required(self, names: Iterable[str]) -> int:
        """The number of a breakdown.

        Raises:
            Refused: it was not kept.
        """
        wanted = tuple(names)
        part = self.part(wanted)
        if part is None:
            there = "; ".join(", ".join(cells.names) or "everybody" for cells in self.parts)
            raise Refused(f"no breakdown by {', '.join(wanted) or 'nothing'} was kept", where=Where(self.survey.path),
                          expected=f"one of {there}")  # fmt: skip
        return part

    def place(self, codes: Mapping[str, str]) -> tuple[int, int] | None:
        """The breakdown and the cell of a domain; None where it has no rows.

        Raises:
            Refused: its breakdown was not kept, or the domain has no such code.
        """
        part = self.required(codes)
        for name, code in codes.items():
            known = self.survey.domains[name].labels.values() or {c.codes[name] for c in self.parts[part].cells}
            if code not in known:
                raise Refused.value(code, f"is no code of {name}", file=self.survey.path,
                                    expected=f"one of {', '.join(sorted(set(known)))}")  # fmt: skip
        cell = self.parts[part].place(codes)
        return None if cell is None else (part, cell)

    # --- sums

    def column(self, part: int, name: str) -> Floats:
        """A sum by its name for each row of a breakdown, calibrated."""
        cells = self.parts[part]
        kind = name.partition("_")[0]
        if self.margins is None or kind in RAW:
            return cells.column(name)
        g = self.factors[cells.group]
        return cells.column(name) * (g * g if kind.startswith("q") or name == SQUARE else g)

    def total(self, part: int, cell: int, name: str) -> float:
        """A sum over a cell, calibrated."""
        return float(self.column(part, name)[self.parts[part].cells[cell].rows].sum())

    @property
    def factors(self) -> Floats:
        """(C,) the factor of each calibration group."""
        return cast("Floats", self._kept("factors", lambda: self._calibrated(self._size_by_group())))

    def _calibrated(self, size: Floats) -> Floats:
        if self.margins is None:
            return np.ones_like(size)
        return factors(self.margins, size, Where(self.survey.path, field="calibration"))

    def _size_by_group(self) -> Floats:
        whole = self.parts[0]
        groups = len(self.margins.members) if self.margins is not None else 1
        return summed(whole.group, whole.column(SIZE), groups)

    def _kept(self, name: str, make: Any) -> Any:  # noqa: ANN401 - whatever was made
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    # --- figures

    @property
    def by_replicates(self) -> bool:
        """Whether variances come from replicates, given or made by the jackknife."""
        return self.survey.design.variance != "taylor"

    def figure(self, indicator: int, part: int, cell: int) -> Figure | None:
        """The estimate of an indicator in a cell; None where there is nothing to estimate it from."""
        n = int(self.total(part, cell, f"n_{indicator}"))
        y = self.total(part, cell, f"y_{indicator}")
        if not self.ratios[indicator]:
            return self._of(y, {f"y_{indicator}": 1.0}, part, cell, n) if n else None
        x = self.total(part, cell, f"x_{indicator}")
        if n == 0 or x == 0:
            return None
        if not self.by_replicates:
            return self._of(y / x, {f"y_{indicator}": 1 / x, f"x_{indicator}": -y / x / x}, part, cell, n)
        with np.errstate(divide="ignore", invalid="ignore"):
            values = self._replicates(part, cell, f"y_{indicator}") / self._replicates(part, cell, f"x_{indicator}")
        return Figure(y / x, (), values, n)

    def weighted(self, column: str, part: int, cell: int) -> Figure:
        """The total of a column, `y_0` or `x_0`, over a cell."""
        n = int(self.total(part, cell, f"n_{column.partition('_')[2]}"))
        return self._of(self.total(part, cell, column), {column: 1.0}, part, cell, n)

    def size(self, part: int, cell: int) -> Figure:
        """The total of the weights in a cell."""
        return self._of(self.total(part, cell, SIZE), {SIZE: 1.0}, part, cell, int(self.total(part, cell, "live")))

    def _of(self, value: float, gradient: Mapping[str, float], part: int, cell: int, n: int) -> Figure:
        if self.by_replicates:
            values = sum(slope * self._replicates(part, cell, name) for name, slope in gradient.items())
            return Figure(value, (), cast("Floats", values), n)
        return Figure(value, tuple(Term(part, cell, name, slope) for name, slope in gradient.items()), None, n)

    # --- replicates

    def _replicates(self, part: int, cell: int, name: str) -> Floats:
        """(R,) a total over a cell in each replicate."""
        cells = self.parts[part]
        rows = cells.cells[cell].rows
        groups = len(self.margins.members) if self.margins is not None else 1
        if self.survey.design.replicates is not None:
            by_row = cast("Floats", self._kept(f"{part} {name}", lambda: self._stacked(cells, name)))[rows]
            if self.margins is None:
                return by_row.sum(axis=0)
            by_group = np.zeros((groups, by_row.shape[1]))
            np.add.at(by_group, cells.group[rows], by_row)
            return (by_group.T * self.replicate_factors).sum(axis=1)
        units = len(self.frame.stratum_of)
        cells_of = cells.leaf[rows] * groups + cells.group[rows]
        sums = summed(cells_of, cells.column(name)[rows], units * groups).reshape(units, groups)
        return (dropped(self.frame, sums) * self.replicate_factors).sum(axis=1)

    def _stacked(self, cells: Cells, name: str) -> Floats:
        count = len(self.replicate_weights)
        return np.column_stack([cells.load(f"{name}_r{number}") for number in range(count)])

    @property
    def replicate_weights(self) -> Floats:
        """(R,) what the squared deviation of each replicate is multiplied by."""
        given = self.survey.design.replicates
        made = np.array(given.factors) if given is not None else jackknife_factors(self.frame)
        return cast("Floats", self._kept("weights", lambda: made))

    @property
    def replicate_factors(self) -> Floats:
        """(R, C) the calibration factor of each replicate and group: each replicate is calibrated by itself."""

        def make() -> Floats:
            if self.margins is None:
                return np.ones((1, 1))
            whole, groups = self.parts[0], len(self.margins.members)
            if self.survey.design.replicates is not None:
                size = np.zeros((groups, len(self.replicate_weights)))
                np.add.at(size, whole.group, self._stacked(whole, SIZE))
                return self._calibrated(size.T)
            units = len(self.frame.stratum_of)
            sums = summed(whole.leaf * groups + whole.group, whole.column(SIZE), units * groups)
            return self._calibrated(dropped(self.frame, sums.reshape(units, groups)))

        return cast("Floats", self._kept("replicate factors", make))

    # --- covariance

    def covariance(self, figures: Sequence[Figure]) -> Floats:
        """The covariance of figures.

        Args:
            figures: of this cube; any indicators, any domains.

        Returns:
            (m, m) float64; nan where the design leaves nothing to estimate it from.

        Raises:
            Refused: a design without the PSUs or second-stage units that its policy needs; two indicators whose
                products were not kept, in a design whose rows are sampling units.
        """
        design = self.survey.design
        if not figures:
            return np.zeros((0, 0))
        if self.by_replicates:
            values = np.column_stack([cast("Floats", figure.replicates) for figure in figures])
            estimates = np.array([figure.value for figure in figures])
            given = design.replicates
            mse = given.mse if given is not None else False
            return replicated(values, estimates, self.replicate_weights, mse=mse)
        fits = self._fits(figures)
        z = np.column_stack([self._linear(figure, fit) for figure, fit in zip(figures, fits, strict=True)])
        squares = (lambda factor: self._squares(figures, fits, factor)) if design.elements else None
        try:
            return taylor(self.frame, z, design.lonely_psu, reached=self._reached(figures), squares=squares)
        except Refused as error:
            where = Where(self.survey.path, field="design.lonely_psu")
            raise Refused(error.problem, where=where, expected=error.expected) from error

    def variance(self, figure: Figure) -> float:
        """The variance of a figure."""
        return float(self.covariance([figure])[0, 0])

    def df(self, figures: Sequence[tuple[int, int, int]]) -> int:
        """Degrees of freedom of figures, each an indicator, a breakdown and a cell.

        By the policy of the design: of the whole, or first-stage units with rows in the domains, missing answers
        included, less their strata (R's `degf`).
        """
        if self.survey.design.df == "design":
            return self.frame.df
        inside = np.zeros(len(self.frame.unit_of))
        rows = 0
        for indicator, part, cell in figures:
            cells = self.parts[part]
            run = cells.cells[cell].rows
            counted = cells.column(f"in_{indicator}")[run]
            inside += summed(cells.leaf[run], counted, len(inside))
            rows += int(counted.sum())
        units = np.unique(self.frame.unit_of[inside > 0])
        strata = len(np.unique(self.frame.stratum_of[units]))
        return (len(units) if self.frame.clusters else rows) - strata

    def _reached(self, figures: Sequence[Figure]) -> Ints:
        if self.survey.design.lonely_psu != "average":
            return np.zeros(0, np.int64)
        places = {(term.part, term.cell) for figure in figures for term in figure.terms}
        leaves = [self.parts[part].leaf[self.parts[part].cells[cell].rows] for part, cell in sorted(places)]
        return np.unique(self.frame.stratum_of[self.frame.unit_of[np.concatenate(leaves)]])

    def _fits(self, figures: Sequence[Figure]) -> list[Floats | None]:
        """What the margins explain of each linear form, by group."""
        if self.margins is None:
            return [None] * len(figures)
        margins, size = self.margins, self._size_by_group()
        fit = cast("Regression", self._kept("regression", lambda: regression(margins, size)))
        found: list[Floats | None] = []
        for figure in figures:
            sums = np.zeros(len(size))
            for term in figure.terms:
                cells = self.parts[term.part]
                run = cells.cells[term.cell].rows
                sums += term.factor * summed(cells.group[run], cells.column(term.column)[run], len(size))
            found.append(fit.fitted(sums))
        return found

    def _linear(self, figure: Figure, fit: Floats | None) -> Floats:
        """(L,) the linear form summed by leaf; the residual's where the weights are calibrated."""
        count = len(self.frame.unit_of)
        z = np.zeros(count)
        for term in figure.terms:
            cells = self.parts[term.part]
            run = cells.cells[term.cell].rows
            z += term.factor * summed(cells.leaf[run], self.column(term.part, term.column)[run], count)
        if fit is not None:
            whole = self.parts[0]
            z -= summed(whole.leaf, self.column(0, SIZE) * fit[whole.group], count)
        return z

    # --- rows that are sampling units: the squares of linear forms

    def _squares(self, figures: Sequence[Figure], fits: Sequence[Floats | None], factor: Floats) -> Floats:
        found = np.zeros((len(figures), len(figures)))
        for i, one in enumerate(figures):
            for j in range(i, len(figures)):
                value = math.fsum(
                    a.factor * b.factor * self._product(a, b, factor) for a in one.terms for b in figures[j].terms
                )
                first, second = fits[i], fits[j]
                if first is not None and second is not None:
                    value -= math.fsum(a.factor * self._crossed(a, second, factor) for a in one.terms)
                    value -= math.fsum(b.factor * self._crossed(b, first, factor) for b in figures[j].terms)
                    whole = self.parts[0]
                    fitted = first[whole.group] * second[whole.group]
                    value += float((self.column(0, SQUARE) * fitted * factor[whole.leaf]).sum())
                found[i, j] = found[j, i] = value
        return found

    def _product(self, a: Term, b: Term, factor: Floats) -> float:
        """The sum of factor times the product of two terms over the rows that both have."""
        place = self._both(a, b)
        if place is None:
            return 0.0
        part, cell = place
        cells = self.parts[part]
        run = cells.cells[cell].rows
        try:
            products = self.column(part, _product_name(a.column, b.column))
        except KeyError:
            one, two = (self.survey.indicator[int(term.column.rpartition("_")[2])].code for term in (a, b))
            raise Refused(f"the products of {one} and {two} were not kept", where=Where(self.survey.path),
                          expected="a contrast between the two, where rows are sampling units") from None  # fmt: skip
        return float((products[run] * factor[cells.leaf[run]]).sum())

    def _crossed(self, a: Term, fit: Floats, factor: Floats) -> float:
        cells = self.parts[a.part]
        run = cells.cells[a.cell].rows
        name = SQUARE if a.column == SIZE else f"q{a.column}"
        return float((self.column(a.part, name)[run] * fit[cells.group[run]] * factor[cells.leaf[run]]).sum())

    def _both(self, a: Term, b: Term) -> tuple[int, int] | None:
        """The cell of the rows that two terms share; None where they share none."""
        if (a.part, a.cell) == (b.part, b.cell):
            return a.part, a.cell
        one, other = self.parts[a.part].cells[a.cell].codes, self.parts[b.part].cells[b.cell].codes
        if any(one[name] != other[name] for name in one.keys() & other.keys()):
            return None
        return self.place({**one, **other})


def _product_name(a: str, b: str) -> str:
    """The name of the sum of products of two columns, `y_0` and `x_0`: as `sums.plan` names it."""
    if a == b == SIZE:
        return SQUARE
    if SIZE in {a, b}:
        return f"q{b if a == SIZE else a}"
    (one, i), (two, j) = sorted((a.split("_"), b.split("_")), key=lambda pair: int(pair[1]))
    if i == j:
        return f"q{''.join(sorted((one, two)))}_{i}"
    return f"q{one}{two}_{i}_{j}"
