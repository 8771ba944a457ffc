"""The trend of a proportion over waves: a logistic regression on orthogonal polynomials, from the waves' cubes alone.

Answers with the same codes of the adjusting domains share their covariates, so the likelihood and its linearised
variance need no more than the sums of w and w*y by PSU and cell. Waves are independent samples: their strata stand side
by side. Equal to R's `svyglm(family = quasibinomial)` on the stacked waves with `contr.poly` of that degree.

Source: Binder, On the variances of asymptotically normal estimators from complex surveys, International Statistical
Review 51 (1983); CDC, Conducting Trend Analyses of YRBS Data (2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cop.kernel.errors import Refused, Where
from cop.measurement.survey.cube import Cube
from cop.measurement.survey.description import indicator_of
from cop.measurement.survey.linear import Figure, Term
from cop.measurement.survey.sums import Floats, summed

_ROUNDS = 60
_STILL = 1e-13


@dataclass(frozen=True, slots=True)
class Fitted:
    """The coefficients of the polynomial's degrees 1 to d on the log-odds scale, and their standard errors.

    `df` is that of the waves together, plus 1, less the parameters fitted (R's `df.residual`).
    """

    coefficients: tuple[float, ...]
    errors: tuple[float, ...]
    df: int


def trend(waves: Sequence[Cube], code: str, *, adjust: Sequence[str] = (), degree: int = 1) -> Fitted:
    """Fit the trend of a proportion.

    Args:
        waves: oldest first; each has the indicator and the breakdown by `adjust`.
        code: the indicator.
        adjust: domains that are held constant, each with a coefficient for every code but the first.
        degree: the highest power.

    Raises:
        Refused: a wave without the breakdown or whose variance is not linearised, or a fit that does not come to rest.
    """
    powers = _powers(len(waves), degree)
    cells: list[tuple[int, int, dict[str, str]]] = []
    for number, cube in enumerate(waves):
        if cube.by_replicates:
            raise Refused("a trend needs linearised variances", where=Where(cube.survey.path, field="design.variance"),
                          expected='variance = "taylor"')  # fmt: skip
        part = cube.part(adjust)
        if part is None:
            raise Refused(f"has no breakdown by {', '.join(adjust)}", where=Where(cube.survey.path, field="breakdowns"),
                          expected="the breakdown that the trend is adjusted by")  # fmt: skip
        place = indicator_of(cube.survey, code)[0]
        counted = [cell for cell in range(len(cube.parts[part].cells)) if cube.total(part, cell, f"n_{place}")]
        cells += [(number, cell, dict(cube.parts[part].cells[cell].codes)) for cell in counted]
    x = _covariates(cells, powers, adjust)
    weight, yes = np.zeros(len(cells)), np.zeros(len(cells))
    for row, (number, cell, _) in enumerate(cells):
        cube = waves[number]
        part, place = cube.part(adjust) or 0, indicator_of(cube.survey, code)[0]
        weight[row], yes[row] = cube.total(part, cell, f"x_{place}"), cube.total(part, cell, f"y_{place}")
    beta, p = _fit(x, weight, yes, waves[-1])
    inverse = np.linalg.inv((x * (weight * p * (1 - p))[:, None]).T @ x)
    influence = x @ inverse
    covariance = np.zeros((degree, degree))
    df = 1 - x.shape[1]
    for number, cube in enumerate(waves):
        part, place = cube.part(adjust) or 0, indicator_of(cube.survey, code)[0]
        own = [(row, cell) for row, (wave, cell, _) in enumerate(cells) if wave == number]
        scores = [_score(place, part, own, influence[:, power], p) for power in range(1, degree + 1)]
        covariance += cube.covariance(scores)
        df += _reached(cube, place, part, [cell for _, cell in own])
    errors = np.sqrt(np.maximum(covariance.diagonal(), 0.0))
    return Fitted(tuple(beta[1 : degree + 1].tolist()), tuple(errors.tolist()), df)


def _powers(waves: int, degree: int) -> Floats:
    """(waves, degree) orthonormal polynomials of the numbers of the waves, as R's `contr.poly`."""
    centred = np.arange(waves) - (waves - 1) / 2
    q, r = np.linalg.qr(np.vander(centred, degree + 1, increasing=True))
    return (q * np.sign(r.diagonal()))[:, 1:]


def _covariates(cells: Sequence[tuple[int, int, dict[str, str]]], powers: Floats, adjust: Sequence[str]) -> Floats:
    columns = [np.ones(len(cells)), *(powers[[wave for wave, _, _ in cells], k] for k in range(powers.shape[1]))]
    for name in adjust:
        order = list(dict.fromkeys(codes[name] for _, _, codes in cells))
        columns += [np.array([float(codes[name] == code) for _, _, codes in cells]) for code in order[1:]]
    return np.column_stack(columns)


def _fit(x: Floats, weight: Floats, yes: Floats, cube: Cube) -> tuple[Floats, Floats]:
    beta = np.zeros(x.shape[1])
    for _ in range(_ROUNDS):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -500, 500)))
        try:
            step = np.linalg.solve((x * (weight * p * (1 - p))[:, None]).T @ x, x.T @ (yes - weight * p))
        except np.linalg.LinAlgError:
            break
        beta = beta + step
        if abs(step).max() < _STILL * max(abs(beta).max(), 1):
            return beta, 1 / (1 + np.exp(-np.clip(x @ beta, -500, 500)))
    raise Refused("the trend's fit does not come to rest", where=Where(cube.survey.path, field="trend"),
                  expected="yes and no among the answers of each code, in every wave")  # fmt: skip


def _score(place: int, part: int, own: Sequence[tuple[int, int]], influence: Floats, p: Floats) -> Figure:
    """The linear form of a coefficient in one wave: the sum of influence times w (y - p)."""
    terms = [
        term
        for row, cell in own
        for term in (Term(part, cell, f"y_{place}", float(influence[row])),
                     Term(part, cell, f"x_{place}", float(-influence[row] * p[row])))
    ]  # fmt: skip
    return Figure(0.0, tuple(terms), None, 0)


def _reached(cube: Cube, place: int, part: int, cells: Sequence[int]) -> int:
    """First-stage units with an answer that is fitted, less their strata."""
    answered = np.zeros(len(cube.frame.unit_of))
    rows = 0
    column = cube.parts[part].column(f"n_{place}")
    for cell in cells:
        run = cube.parts[part].cells[cell].rows
        answered += summed(cube.parts[part].leaf[run], column[run], len(answered))
        rows += int(column[run].sum())
    units = np.unique(cube.frame.unit_of[answered > 0])
    return (len(units) if cube.frame.clusters else rows) - len(np.unique(cube.frame.stratum_of[units]))
