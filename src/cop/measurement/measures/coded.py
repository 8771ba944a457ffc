"""Answers that people coded: scores from two coders, how far they agree, and the same for parents and their children.

Two coders code every element of every unit on their own; where they differ, a third code settles it and both stay on
record. Sources: Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20
(1960), and its large-sample error by Fleiss, Cohen and Everitt, Psychological Bulletin 72 (1969); the interval of the
raw agreement is Wilson's (1927).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import polars as pl
from scipy import stats

from cop.kernel.errors import Refused, Where, shown
from cop.measurement.measures.forms import Coded

SETTLED = "settled"
"""The coder whose code counts where the others differ."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two raters agree.

    Attributes:
        n: pairs of codes.
        agreed: the share that is equal, 0 to 1, with its `low` and `high` limits.
        kappa: Cohen's, beyond chance; None where both gave one and the same code throughout.
        kappa_se: its large-sample standard error.
    """

    n: int
    agreed: float
    low: float
    high: float
    kappa: float | None
    kappa_se: float | None


def agreement(first: Sequence[object], second: Sequence[object], *, level: float = 0.95) -> Agreement:
    """The agreement of two raters over the same units; pairs of which one is None are left out.

    Raises:
        Refused: the raters coded different numbers of units, or no unit has both codes.
    """
    if len(first) != len(second):
        raise Refused(f"{len(first)} codes against {len(second)}", expected="one of each for every unit")
    pairs = [(str(a), str(b)) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    if not pairs:
        raise Refused("no unit has both codes", expected="at least one pair")
    names = sorted({code for pair in pairs for code in pair})
    place = {name: number for number, name in enumerate(names)}
    table = np.zeros((len(names), len(names)))
    for a, b in pairs:
        table[place[a], place[b]] += 1
    n = len(pairs)
    p = table / n
    agreed = float(np.trace(p))
    rows, cols = p.sum(axis=1), p.sum(axis=0)
    chance = float(rows @ cols)
    low, high = _wilson(agreed, n, level)
    if math.isclose(chance, 1.0):
        return Agreement(n, agreed, low, high, None, None)
    kappa = (agreed - chance) / (1 - chance)
    spread = (
        rows[None, :] + cols[:, None]
    )  # of cell (i, j): how often the second row margin j and column margin i occur
    diagonal = float(np.sum(np.diag(p) * (1 - (rows + cols) * (1 - kappa)) ** 2))
    off = float((1 - kappa) ** 2 * np.sum((p - np.diag(np.diag(p))) * spread**2))
    rest = (kappa - chance * (1 - kappa)) ** 2
    variance = max(diagonal + off - rest, 0.0) / (n * (1 - chance) ** 2)
    return Agreement(n, agreed, low, high, kappa, math.sqrt(variance))


def scores(form: Coded, codes: pl.DataFrame) -> pl.DataFrame:
    """The score of each unit, or per element the share of units at the highest level.

    Args:
        form: the elements, the levels, how many coders, and what the score is.
        codes: one row a code with `unit`, `element`, `coder` and `value`; the coder "settled" gives the value that
            counts where others differ.

    Returns:
        For `sum` and `mean` one row a unit: `unit`, `estimate`, `differed` (elements on which the coders differed). For
        `share` one row an element, in the form's order: `element`, `estimate` (percent), `n` (units).

    Raises:
        Refused: a column is missing, an element or a level is none of the form's, a coder coded an element of a unit
            twice, fewer coders than the form asks for coded it, or they differ and nothing is settled. Names the row.
    """
    for name in ("unit", "element", "coder", "value"):
        if name not in codes.columns:
            raise Refused(
                f"column {shown(name)} is missing", where=Where("codes"), expected="unit, element, coder, value"
            )
    given: defaultdict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for number, row in enumerate(codes.iter_rows(named=True), 1):
        unit, element, coder, value = (row[name] for name in ("unit", "element", "coder", "value"))
        _known(form, element, value, number)
        if coder in given[unit, element]:
            raise Refused(
                f"{shown(coder)} coded {element} of {unit} twice", where=Where("codes", row=number), expected="one code"
            )
        given[unit, element][coder] = float(value)
    units = codes["unit"].unique(maintain_order=True).to_list()
    settled = {(unit, element): _settled(form, unit, element, given) for unit in units for element in form.elements}
    if form.score == "share":
        top = form.levels[-1]
        rows: list[dict[str, Any]] = []
        for element in form.elements:
            passed = sum(settled[unit, element][0] == top for unit in units)
            rows.append({"element": element, "estimate": 100 * passed / len(units), "n": len(units)})
        return pl.DataFrame(rows, schema={"element": pl.String, "estimate": pl.Float64, "n": pl.Int64})
    divisor = len(form.elements) if form.score == "mean" else 1
    found = [
        {
            "unit": unit,
            "estimate": sum(settled[unit, element][0] for element in form.elements) / divisor,
            "differed": sum(settled[unit, element][1] for element in form.elements),
        }
        for unit in units
    ]
    return pl.DataFrame(found, schema={"unit": codes.schema["unit"], "estimate": pl.Float64, "differed": pl.Int64})


def coders_agree(codes: pl.DataFrame, *, level: float = 0.95) -> Agreement:
    """The agreement of the first two coders, in order of their names, over all elements and units; settled codes apart.

    Raises:
        Refused: there are not two coders, or no element that both coded.
    """
    raters = sorted({str(coder) for coder in codes["coder"].to_list()} - {SETTLED})
    if len(raters) < 2:
        raise Refused(
            f"{len(raters)} coders", where=Where("codes", field="coder"), expected="two who coded on their own"
        )
    wide = codes.filter(pl.col("coder").is_in(raters[:2])).pivot(on="coder", index=["unit", "element"], values="value")
    return agreement(wide[raters[0]].to_list(), wide[raters[1]].to_list(), level=level)


def _known(form: Coded, element: object, value: object, row: int) -> None:
    if element not in form.elements:
        raise Refused.value(
            element, "is not an element", file="codes", row=row, field="element", expected=", ".join(form.elements)
        )
    if not isinstance(value, (int, float)) or float(value) not in form.levels:
        levels = ", ".join(f"{level:g}" for level in form.levels)
        raise Refused.value(value, "is not a level", file="codes", row=row, field="value", expected=levels)


def _settled(
    form: Coded, unit: str, element: str, given: dict[tuple[str, str], dict[str, float]]
) -> tuple[float, bool]:
    """The code that counts, and whether the coders differed."""
    codes = dict(given.get((unit, element), {}))
    final = codes.pop(SETTLED, None)
    if len(codes) < form.coders:
        raise Refused(
            f"{element} of {unit} has {len(codes)} codes",
            where=Where("codes"),
            expected=f"those of {form.coders} coders",
        )
    differ = len(set(codes.values())) > 1
    if not differ:
        value = next(iter(codes.values()))
        if final is not None and final != value:
            raise Refused(f"{element} of {unit} is settled against both coders", where=Where("codes"))
        return value, False
    if final is None:
        raise Refused(
            f"the coders differ on {element} of {unit}",
            where=Where("codes"),
            expected=f'a row with the coder "{SETTLED}"',
        )
    return final, True


def _wilson(share: float, n: int, level: float) -> tuple[float, float]:
    z = cast("float", stats.norm.ppf(0.5 + level / 2))
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(centre - half, 0.0), min(centre + half, 1.0)
